//! Reports by name: what is known of them, and queries and filters that are checked like the typed ones.

mod stub;

use harbour_api::{
    Adds, AnyApi, ApiClient, ApiSpec, Berths, Comparison, Coverage, Customers, Filterability, Format, Json, MODEL, Moment,
    Provenance, Registry, ReportInfo, StaticApi, TimeRange, Traffic, berths, blocking, find_report, interval, report, traffic,
};
use serde_json::json;
use stub::{Stub, TOKEN, page};

fn info(name: &str) -> &'static ReportInfo {
    find_report(name).unwrap()
}

fn day() -> TimeRange {
    let at = |text: &str| text.parse::<Moment>().unwrap();
    (at("2024-06-01T00:00:00Z")..at("2024-06-02T00:00:00Z")).into()
}

#[test]
fn the_registry_says_what_is_known_of_a_report() {
    let berths = report("berths").unwrap();
    assert_eq!((berths.group, berths.format, berths.coverage), ("port", Format::Records, Coverage::Whole));
    assert_eq!((berths.permit, berths.cost), (Some(Berths::PERMIT), Some(Berths::COST)));
    assert!(berths.description.unwrap().starts_with("Every construct of the language."));
    assert_eq!(berths.field("visits").unwrap().ty, "map[string]array[object]");
    assert_eq!(berths.field("harbour").unwrap().filterable, Filterability::Header("X-Harbour"));
    let (id, maybe, kind) = (berths.field("id").unwrap(), berths.field("maybe").unwrap(), berths.field("kind").unwrap());
    assert_eq!((id.nullable, id.optional, maybe.nullable, maybe.optional), (false, false, true, true));
    let wet = kind.values[1];
    assert_eq!((wet.value, wet.description), ("wet", Some("Floats, <i>mostly</i>.")));
    let by_kind = berths.aggregation("kind").unwrap();
    assert_eq!((by_kind.description, by_kind.fields[1].name), (Some("One row per kind."), "berths"));
    assert!(!berths.more_aggregations && berths.intervals.is_empty());
    let traffic = report("traffic").unwrap();
    let lengths: Vec<_> = traffic.intervals.iter().map(|interval| (interval.name, interval.bucket_length.to_string())).collect();
    assert_eq!(lengths, [("10m", "10 minutes".to_owned()), ("1h", "1 hour".to_owned()), ("1d", "1 day".to_owned())]);
    let lag = traffic.data_lag.unwrap();
    assert_eq!((lag.to_string().as_str(), lag.provenance), ("~15 minutes", Provenance::Documented));
    let adds = traffic.adds.unwrap();
    assert!(adds.customers && adds.time && adds.labels);
    let swell = report("swell").unwrap();
    assert_eq!((swell.adds, swell.data_lag.unwrap().approximate), (Some(Adds::NEVER.known_as(Provenance::Inferred)), false));
    assert_eq!((report("fog").unwrap().adds, report("fog").unwrap().data_lag), (None, None));
    assert_eq!(berths.field("length").unwrap().adds, Some(Adds::NEVER.over_customers().over_labels()));
    assert_eq!((berths.field("id").unwrap().adds, by_kind.fields[2].adds), (None, Some(Adds::NEVER)));
    assert_eq!(report("fog").unwrap().intervals.len(), 6);
    assert_eq!(report("berth"), None);
}

#[test]
fn an_unknown_name_names_the_nearest() {
    let berths = info("berths");
    let long = "x".repeat(1_000_000);
    for (error, expected) in [
        (find_report("berth").unwrap_err(), "report: there is no report `berth`; did you mean `berths`?"),
        (berths.find_field("lenght").unwrap_err(), "field: report berths: there is no field `lenght`; did you mean `length`?"),
        (
            berths.records().unwrap().aggregated_by("kinds").unwrap_err(),
            "aggregation: report berths: there is no aggregation `kinds`; did you mean `kind`?",
        ),
        (
            "=>".parse::<Comparison>().unwrap_err(),
            "filter: there is no comparison `=>`; use one of eq, ne, gt, ge, lt, le, one_of, none_of",
        ),
        (info("access").find_field("id").unwrap_err(), "field: report access: there is no field `id`; none are known"),
    ] {
        assert_eq!(error.to_string(), expected);
        assert!(error.is_configuration());
    }
    assert!(find_report(&long).unwrap_err().to_string().len() < 1000);
    // The spec says that there may be other aggregations than it lists.
    let _ = info("traffic").series(day()).unwrap().aggregated_by("new").unwrap();
}

#[test]
fn a_report_of_another_group_names_the_feature() {
    static SMALL: Registry = Registry::new(harbour_api::ReportingApi::SPEC, MODEL, &["sea"]);
    assert!(SMALL.reports().iter().all(|report| report.group == "sea") && SMALL.report("berths").is_none());
    let error = SMALL.find_report("berths").unwrap_err().to_string();
    assert_eq!(error, "report: `berths` is not compiled in; enable the cargo feature `port`");
    assert!(SMALL.find_report("berth").unwrap_err().to_string().ends_with("did you mean `berths`?"));
}

#[test]
fn a_query_by_name_has_the_body_and_cost_of_the_typed_one() {
    let known = info("berths");
    let compare = |field, comparison: &str, value: Json| known.filter(field, comparison.parse().unwrap(), value).unwrap();
    let named = compare("id", "ge", json!(5)) & compare("name", "one_of", json!(["a", "b"]))
        | compare("length", "lt", json!(2.5))
        | compare("built_at", "gt", json!("2024-01-01T00:00:00Z"))
        | compare("inspected", "le", json!("2024-02-29"))
        | compare("kind", "ne", json!("wet"))
        | compare("tags", "none_of", json!(["x"]))
        | compare("covered", "eq", json!(true))
        | compare("tags", "eq", json!(null));
    let built: harbour_api::Timestamp = "2024-01-01T00:00:00Z".parse().unwrap();
    let typed = berths::ID.ge(5) & berths::NAME.one_of(["a", "b"])
        | berths::LENGTH.lt(2.5)
        | berths::BUILT_AT.gt(built)
        | berths::INSPECTED.le("2024-02-29".parse::<harbour_api::Date>().unwrap())
        | berths::KIND.ne(berths::Kind::Wet)
        | berths::TAGS.none_of(["x"])
        | berths::COVERED.eq(true)
        | berths::TAGS.is_null();
    let (named, typed) = (known.records().unwrap().filter(named).page_size(5), Berths::records().filter(typed).page_size(5));
    assert_eq!((named.body(), named.cost()), (typed.body(), typed.cost()));
    let (named, typed) = (known.records().unwrap().aggregated_by("kind").unwrap(), Berths::by_kind());
    assert_eq!((named.body(), named.cost(), named.report_name()), (typed.body(), typed.cost(), "berths"));
    let week = TimeRange::new(day().from, "2024-06-08T00:00:00Z".parse::<Moment>().unwrap());
    let named = info("traffic").series(week).unwrap().interval("1h");
    let typed = Traffic::series(week).interval(interval::Hour);
    assert_eq!((named.body(), named.cost()), (typed.body(), typed.cost()));
}

#[test]
fn a_filter_that_makes_no_sense_says_why() {
    use Comparison::{Equal, GreaterThan, OneOf};
    let berths = info("berths");
    for (field, comparison, value, problem) in [
        ("harbour", Equal, json!(1), "is filtered by the client's customers: set them with `ClientBuilder::customers`"),
        ("secret", Equal, json!("x"), "cannot be filtered by the server: fetch the rows and filter them in your code"),
        (
            "name",
            GreaterThan,
            json!("x"),
            "has the type `string`, which has no order; use `eq`, `ne` or `one_of` instead of `gt`",
        ),
        ("tags", Equal, json!("x"), "is a list and cannot equal one value; use `one_of`"),
        ("id", OneOf, json!(1), "takes a list of values with `one_of`, not 1"),
        ("id", OneOf, json!([1, "2"]), "has the type `integer`, so its values are a whole number, not \"2\""),
        ("id", Equal, json!("1"), "has the type `integer`, so its values are a whole number, not \"1\""),
        ("id", Equal, json!(1.5), "has the type `integer`, so its values are a whole number, not 1.5"),
        ("id", GreaterThan, json!(null), "has the type `integer`, so its values are a whole number, not null"),
        ("length", Equal, json!("1.5"), "has the type `number`, so its values are a number, not \"1.5\""),
        ("kind", Equal, json!(1), "has the type `enum`, so its values are text, not 1"),
        ("covered", Equal, json!("true"), "has the type `boolean`, so its values are true or false, not \"true\""),
        ("built_at", Equal, json!("2024-01-01"), "so its values are text such as \"2025-01-31T08:00:00Z\", not \"2024-01-01\""),
        ("inspected", Equal, json!(20240101), "so its values are text such as \"2025-01-31\", not 20240101"),
    ] {
        let error = berths.filter(field, comparison, value).unwrap_err().to_string();
        assert!(error.starts_with(&format!("filter: report berths: the field `{field}` ")) && error.contains(problem), "{error}");
    }
}

#[test]
fn what_a_user_types_becomes_a_value_of_the_field() {
    let berths = info("berths");
    let typed = |field: &str, text: &str| berths.find_field(field).unwrap().parse(text);
    assert_eq!((typed("id", "5").unwrap(), typed("name", "5").unwrap()), (json!(5), json!("5")));
    assert_eq!((typed("covered", "true").unwrap(), typed("tags", "a").unwrap()), (json!(true), json!("a")));
    let error = typed("id", "five").unwrap_err().to_string();
    assert!(error.ends_with("the field `id` has the type `integer`, so its values are a whole number, not \"five\""), "{error}");
    assert_eq!(
        (">=".parse::<Comparison>().unwrap(), "one_of".parse::<Comparison>().unwrap()),
        (Comparison::GreaterOrEqual, Comparison::OneOf)
    );
}

#[test]
fn a_query_of_another_format_names_the_method() {
    let error = info("traffic").records().unwrap_err().to_string();
    assert_eq!(error, "format: report traffic is a timeseries report; call `series(range)` instead of `records()`");
    assert!(info("berths").series(day()).is_err() && info("berths").statistics().is_err());
}

#[tokio::test]
async fn filters_and_queries_of_other_reports_and_apis_are_not_sent() {
    let client = stub::builder("http://127.0.0.1:9").build().unwrap();
    let of_traffic = info("traffic").filter(traffic::NAME.name(), Comparison::Equal, json!("x")).unwrap();
    let query = info("quays").records().unwrap().filter(of_traffic);
    let error = client.fetch(query).await.unwrap_err().to_string();
    assert_eq!(error, "filter: `name` is a field of the report `traffic`, not of `quays`");
    let other = Registry::from_model(&MODEL.replace("Harbour Office", "Harbor Office")).unwrap();
    let query = other.find_report("berths").unwrap().records().unwrap();
    let error = client.fetch(query.clone()).await.unwrap_err().to_string();
    assert_eq!(error, "query: report berths belongs to the API `Harbor Office`, the client to `Harbour Office`");
    let copy = Registry::from_model(MODEL).unwrap().find_report("berths").unwrap();
    let error = client.collect_all(copy.records().unwrap()).await.unwrap_err().error.to_string();
    assert!(error.contains("another copy of the spec of `Harbour Office`"), "{error}");
}

#[test]
fn a_client_of_an_api_known_only_at_run_time_sends_queries_by_name() {
    let stub = Stub::start(vec![page(&[1], None), page(&[2], None)]);
    let registry = Registry::from_model(MODEL).unwrap();
    let builder = blocking::ApiClient::<AnyApi>::builder_for(registry.spec()).base_url(&stub.url).token(TOKEN);
    let client = builder.customers(Customers::all()).assume("page-size-key", "size").build().unwrap();
    let query = registry.find_report("berths").unwrap().records().unwrap().page_size(3);
    assert_eq!(client.fetch(query.clone()).unwrap().rows[0]["berths"], 1);
    let typed = client.fetch(query.rows_as::<Own>()).unwrap().rows;
    assert_eq!(typed[0].berths, 2);
}

/// A row type of the user's own.
#[derive(Clone)]
struct Own {
    berths: i64,
}
harbour_api::object! { Own: berths }

/// Reads a changed model, and does with it what a program does.
fn use_all(model: &Json, path: &str) -> Result<(), harbour_api::Error> {
    let registry = Registry::from_model(&model.to_string())?;
    // Building a client is slow, and needs little of the model.
    if ["/api/headers/customer", "/api/customers", "/assumptions/0"].iter().any(|part| path.starts_with(part)) {
        let builder = ApiClient::<AnyApi>::builder_for(registry.spec()).base_url("http://127.0.0.1:9").token("t");
        drop(builder.customers(Customers::ids([1, 2])).product_name("p").assume("time-points", "length").build());
    }
    for report in registry.reports() {
        let rows = report.records().map(|query| query.page_size(1));
        let chart = report.series(day());
        let bodies = (rows.as_ref().map(|query| query.body()), chart.as_ref().map(|query| (query.body(), query.cost())));
        let filters: Vec<_> = report.fields.iter().map(|field| report.filter(field.name, Comparison::Equal, json!(1))).collect();
        drop((bodies, filters));
    }
    Ok(())
}

/// Calls `change` with every path of keys and indexes.
fn paths(json: &Json, at: &str, found: &mut Vec<String>) {
    let children: Vec<(String, &Json)> = match json {
        Json::Object(object) => object.iter().map(|(key, json)| (key.replace('~', "~0").replace('/', "~1"), json)).collect(),
        // The elements of a list are alike.
        Json::Array(list) => list.iter().take(2).enumerate().map(|(index, json)| (index.to_string(), json)).collect(),
        _ => Vec::new(),
    };
    for (key, json) in children {
        let path = format!("{at}/{key}");
        paths(json, &path, found);
        found.push(path);
    }
}

#[test]
fn a_model_with_anything_missing_or_wrong_is_an_error_or_harmless() {
    let mut model: Json = serde_json::from_str(MODEL).unwrap();
    // Enough to see every key that is read.
    let keep = ["berths", "traffic", "ask", "ask_series", "harbour", "kind", "visits", "name"];
    for list in ["/reports", "/endpoints", "/reports/1/fields", "/reports/0/fields", "/reports/0/aggregations"] {
        model.pointer_mut(list).unwrap().as_array_mut().unwrap().retain(|of| keep.contains(&of["name"].as_str().unwrap()));
    }
    for (of, unread) in
        [("/api", "notes"), ("/api/error_body", "symbols"), ("/reports/0", "examples"), ("/reports/1", "examples")]
    {
        model.pointer_mut(of).unwrap().as_object_mut().unwrap().remove(unread);
    }
    use_all(&model, "/assumptions").unwrap();
    let mut found = Vec::new();
    paths(&model, "", &mut found);
    let unread = ["/source", "/provenance", "/required", "/example", "/coverage", "/printed", "/column", "/compute"];
    found.retain(|path| !unread.iter().any(|key| path.contains(key)));
    let (mut refused, mut harmless) = (0, 0);
    for path in &found {
        let (parent, key) = path.rsplit_once('/').unwrap();
        let key = key.replace("~1", "/").replace("~0", "~");
        let mut changed = vec![model.clone()];
        match changed[0].pointer_mut(parent).unwrap() {
            Json::Object(object) => drop(object.remove(&key)),
            Json::Array(list) => drop(list.remove(key.parse().unwrap())),
            _ => unreachable!(),
        }
        for wrong in [json!(4_294_967_295_u32), json!(""), json!([[]])] {
            let mut model = model.clone();
            *model.pointer_mut(path).unwrap() = wrong;
            changed.push(model);
        }
        for model in changed {
            match use_all(&model, path) {
                Ok(()) => harmless += 1,
                Err(error) => {
                    assert!(error.is_configuration() && error.to_string().starts_with("model: `"), "{path}: {error}");
                    refused += 1;
                }
            }
        }
    }
    assert!(refused > 500 && harmless > 500, "{refused} refused, {harmless} harmless");
}

#[test]
fn a_model_that_cannot_be_read_names_the_place() {
    let with = |path: &str, value: Json| {
        let mut model: Json = serde_json::from_str(MODEL).unwrap();
        *model.pointer_mut(path).unwrap() = value;
        Registry::from_model(&model.to_string()).unwrap_err().to_string()
    };
    assert_eq!(with("/reports/1/fields/0/name", json!(7)), "model: `reports[1].fields[0].name` must be text, not 7");
    assert_eq!(
        with("/timeseries/intervals/0/bucket_length", json!("5 moons")),
        "model: `timeseries.intervals[0].bucket_length` must be a length of time such as `5 minutes`, not \"5 moons\""
    );
    assert_eq!(with("/api/headers/token", json!({})), "model: `api.headers.token.name` is missing");
    assert!(with("/endpoints/0/path", json!("//{evil}")).starts_with("model: `endpoints[0].path` must be a path"));
    assert!(ApiSpec::from_model("{").unwrap_err().to_string().starts_with("model: not JSON: "));
    static BROKEN: Registry = Registry::new(harbour_api::ReportingApi::SPEC, "{}", &["port"]);
    assert!(BROKEN.reports().is_empty());
    assert_eq!(BROKEN.find_report("berths").unwrap_err().to_string(), "model: `reports` is missing");
}
