//! The invented API over a socket: other keys, headers, operators, costs and customers, partly known reports, and hostile names.

mod common;

use std::collections::BTreeMap;

use common::{TOKEN, assert_hidden, json_of, start};
use harbour_api::jiff::{Timestamp as Instant, civil::date, tz::offset};
use harbour_api::{
    AnyApi, ApiClient, Berths, Client, ClientBuilder, Customers, Error, Filter, JsonRow, MODEL, Quays, Registry, Tides,
    berths::*, find_report, object, quays,
};
use placewise_model::Model;
use placewise_simulator::{Permits, Server, Simulator};
use serde_json::{Value, json};

fn model() -> Model {
    serde_json::from_str(MODEL).expect("a model")
}

fn builder(server: &Server) -> ClientBuilder<Client> {
    Client::builder().base_url(server.url()).token(TOKEN).customers(Customers::all())
}

fn client(server: &Server) -> Client {
    builder(server).build().expect("a client")
}

/// Berths that differ from the documented one, in values that the spec lists and in such that it does not.
fn berths() -> Vec<Value> {
    let model = model();
    let examples = &model.report("berths").expect("a report").examples;
    let example = examples.iter().find_map(|example| example.response.as_ref()).expect("an example")["lines"][0].clone();
    let kinds = [
        json!("dry"),
        json!("wet"),
        json!("unlisted"),
        json!("self"),
        json!("15-19"),
        json!("*/"),
        json!("floating"),
        Value::Null,
    ];
    let flags = [json!("no"), json!("dk"), json!("se"), Value::Null, json!("NO")];
    let texts = [json!("Ann's"), json!(""), json!("two\nlines \"quoted\" \\ \u{1f6a2}"), Value::Null];
    let tags = [json!([]), json!(["a"]), json!(["a", "b"]), json!(["b", "c"])];
    let row = |index: usize| {
        let mut row = example.clone();
        row["id"] = (index + 1).into();
        // A whole number would come back as 3.0, which JSON's own equality takes for another.
        row["crane"]["reach"] = json!(3.5);
        row["harbour"] = (1 + index % 3).into();
        row["length"] = if index % 5 == 4 { Value::Null } else { json!(10.0 + 2.5 * (index as f64)) };
        row["name"] = texts[index % 4].clone();
        row["covered"] = [json!(true), json!(false), Value::Null][index % 3].clone();
        row["built_at"] = format!("2020-{:02}-02T03:04:05", 1 + index % 12).into();
        row["inspected"] = format!("2020-01-{:02}", 1 + index).into();
        row["kind"] = kinds[index % 8].clone();
        row["flag"] = flags[index % 5].clone();
        row["weather"] = ["fog", "sun"][index % 2].into();
        row["tags"] = tags[index % 4].clone();
        if index % 2 == 1 {
            row["maybe"] = index.into();
        }
        row
    };
    (0..16).map(row).collect()
}

fn harbour() -> Simulator {
    Simulator::new(model()).data("berths", berths()).customers([1, 2, 3])
}

async fn rows(client: &Client) -> Vec<Row> {
    client.collect_all(Berths::records()).await.expect("rows")
}

#[tokio::test]
async fn hostile_names_and_unlisted_values_round_trip() {
    let server = start(harbour());
    let client = client(&server);
    let page = client.fetch(Berths::records().page_size(50)).await.expect("a page");
    assert_eq!(Value::from(json_of(&page.rows)), Value::from(berths()));
    assert!(page.unknown_keys().is_empty());
    let row = &page.rows[6];
    assert_eq!(
        (row.fn_main, row.na_ve_n, row._1st, row.a_b, row.self_, row.fields),
        (Some(4), Some(5), Some(1), Some(2), Some(1), Some(3))
    );
    assert_eq!((row.r#type.as_deref(), &row.row), (Some("t"), &Some(RowValue::A)));
    assert_eq!(row.kind, Some(Kind::from("floating")));
    assert_eq!((&page.rows[2].kind, &page.rows[5].kind), (&Some(Kind::Unlisted_), &Some(Kind::Unnamed)));
    assert_eq!((&page.rows[2].flag, &page.rows[4].flag), (&Some(Flag::from("se")), &Some(Flag::from("NO"))));
    assert_eq!(row.name.as_deref(), Some("two\nlines \"quoted\" \\ \u{1f6a2}"));
    let ship = &row.visits.as_ref().expect("visits")["may"][0];
    assert_eq!(ship.at.map(|at| at.to_string()).as_deref(), Some("2020-05-02T03:04:05.000Z"));
    // The server's own page size is 7; the rows are the same.
    assert_eq!(rows(&client).await, page.rows);
    assert_eq!(server.requests().iter().map(|asked| asked.cost).collect::<Vec<_>>(), [3; 4]);
}

#[tokio::test]
async fn generated_rows_decode() {
    for with in [false, true] {
        let server = start(Simulator::new(model()).rows(120).seed(5).with_optional(with));
        let page = client(&server).fetch(Berths::records().page_size(50)).await.expect("a page");
        assert_eq!((page.rows.len(), page.unknown_keys().len()), (50, 0));
        assert_eq!(page.rows.iter().any(|row| row.maybe.is_some()), with);
        assert_eq!(rows(&client(&server)).await.len(), 120);
    }
}

type Holds = fn(&Row) -> bool;

/// Filters over the types that the other API lacks, with their cost here: 1 for each comparison, 2 for `&`, 5 for `|`.
fn filters() -> Vec<(Filter<Berths>, u32, Holds)> {
    // In winter 03:04:05 in Oslo is an hour less in UTC, in summer two.
    let winter: Instant = "2020-02-02T02:04:05Z".parse().expect("an instant");
    let summer: Instant = "2020-07-02T01:04:05Z".parse().expect("an instant");
    vec![
        (LENGTH.gt(15.0), 1, |row| row.length.is_some_and(|length| length > 15.0)),
        (LENGTH.ge(15), 1, |row| row.length.is_some_and(|length| length >= 15.0)),
        (LENGTH.one_of([10.0, 12.5]), 1, |row| matches!(row.length, Some(10.0 | 12.5))),
        (LENGTH.is_null(), 1, |row| row.length.is_none()),
        (NAME.eq("Ann's"), 1, |row| row.name.as_deref() == Some("Ann's")),
        (NAME.ne(""), 1, |row| row.name.as_ref().is_some_and(|name| !name.is_empty())),
        (NAME.one_of(["two\nlines \"quoted\" \\ \u{1f6a2}", "-"]), 1, |row| {
            row.name.as_ref().is_some_and(|name| name.starts_with("two"))
        }),
        (COVERED.eq(true), 1, |row| row.covered == Some(true)),
        (COVERED.ne(true), 1, |row| row.covered == Some(false)),
        (COVERED.none_of([true]), 1, |row| row.covered == Some(false)),
        (BUILT_AT.ge(winter), 1, |row| row.built_at.civil().month() >= 2),
        (BUILT_AT.gt(winter), 1, |row| row.built_at.civil().month() > 2),
        (BUILT_AT.le(summer), 1, |row| row.built_at.civil().month() <= 7),
        (BUILT_AT.eq(date(2020, 7, 2).at(3, 4, 5, 0)), 1, |row| row.built_at.civil().month() == 7),
        (INSPECTED.lt(date(2020, 1, 5)), 1, |row| row.inspected.is_some_and(|day| day.day() < 5)),
        (INSPECTED.one_of([date(2020, 1, 5), date(1999, 1, 5)]), 1, |row| row.inspected.is_some_and(|day| day.day() == 5)),
        (KIND.eq(Kind::_15_19), 1, |row| row.kind == Some(Kind::_15_19)),
        (KIND.eq(Kind::from("floating")), 1, |row| matches!(&row.kind, Some(Kind::Unlisted(_)))),
        (KIND.none_of([Kind::Unnamed, Kind::Unlisted_]), 1, |row| {
            row.kind.as_ref().is_some_and(|kind| !matches!(kind, Kind::Unnamed | Kind::Unlisted_))
        }),
        (FLAG.ne(Flag::No), 1, |row| row.flag.as_ref().is_some_and(|flag| *flag != Flag::No)),
        (WEATHER.eq(Weather::from("fog")), 1, |row| row.weather.as_str() == "fog"),
        (TAGS.one_of(["a", "z"]), 1, |row| row.tags.iter().any(|tag| tag == "a")),
        (TAGS.none_of(["a"]), 1, |row| !row.tags.iter().any(|tag| tag == "a")),
        (MAYBE.is_null(), 1, |row| row.maybe.is_none()),
        (MAYBE.ge(7), 1, |row| row.maybe.is_some_and(|maybe| maybe >= 7)),
        (TYPE.eq("t") & SELF.eq(1) & ROW.eq(RowValue::A) & ID.le(3), 6, |row| row.id <= 3),
        ((COVERED.eq(true) | KIND.is_null()) & (ID.lt(9) | ID.gt(12)), 16, |row| {
            (row.covered == Some(true) || row.kind.is_none()) && !(9..=12).contains(&row.id)
        }),
    ]
}

#[tokio::test]
async fn filters_return_the_matching_rows_at_their_cost() {
    let server = start(harbour());
    let client = client(&server);
    let all = rows(&client).await;
    for (filter, cost, holds) in filters() {
        let (query, before) = (Berths::records().filter(filter.clone()).page_size(50), server.spent());
        let page = client.fetch(query.clone()).await.expect("a page");
        let expected: Vec<_> = all.iter().filter(|row| holds(row)).collect();
        assert!(!expected.is_empty() && expected.len() < all.len(), "a test that tells nothing: {filter:?}");
        assert_eq!(page.rows.iter().collect::<Vec<_>>(), expected, "{filter:?}");
        assert_eq!((filter.cost(), client.cost(&query)), (cost, Some(3 + cost)), "{filter:?}");
        assert_eq!(page.rate.and_then(|rate| rate.cost), Some(i64::from(3 + cost)), "{filter:?}");
        assert_eq!(server.spent() - before, u64::from(3 + cost), "{filter:?}");
    }
    let sent = server.requests().pop().and_then(|asked| asked.body).expect("a body");
    assert_eq!(
        sent["where"]["of"][1],
        json!({"op": "any", "of": [{"op": "under", "name": "id", "to": 9}, {"op": "over", "name": "id", "to": 12}]})
    );
    // What JSON cannot hold is not sent.
    let asked = server.requests().len();
    let error = client.fetch(Berths::records().filter(LENGTH.lt(f64::INFINITY))).await.expect_err("refused");
    assert!(error.is_configuration() && server.requests().len() == asked, "{error:?}");
}

#[tokio::test]
async fn assumptions_of_this_api_can_be_overridden() {
    let server = start(harbour().assume("any-cost", 9).assume("cursor-key", "next"));
    let query = Berths::records().filter(COVERED.eq(true) | ID.gt(0)).page_size(5);
    let told = builder(&server).assume("any-cost", 9).assume("cursor-key", "next").build().expect("a client");
    assert_eq!(told.collect_all(query.clone()).await.expect("rows"), rows(&client(&start(harbour()))).await);
    assert_eq!((told.cost(&query), client(&server).cost(&query)), (Some(14), Some(10)));
    assert!(server.requests().iter().all(|asked| asked.cost == 14));
    let partial = client(&server).collect_all(query).await.expect_err("a loop");
    assert!(matches!(partial.error, Error::RepeatedCursor { report: "berths", .. }) && partial.rows.len() == 10);
}

#[tokio::test]
async fn aggregations_compute_what_the_spec_says() {
    let server = start(harbour());
    let client = client(&server);
    let all = rows(&client).await;
    let mut groups = BTreeMap::<_, Vec<&Row>>::new();
    for row in &all {
        groups.entry(row.kind.as_ref().map(Kind::as_str)).or_default().push(row);
    }
    let by_kind = client.collect_all(Berths::by_kind().page_size(3)).await.expect("groups");
    assert_eq!(by_kind.len(), groups.len());
    assert_eq!(by_kind.iter().map(|group| group.berths).sum::<i64>(), 16);
    for group in &by_kind {
        let rows = &groups[&group.kind.as_ref().map(Kind::as_str)];
        let lengths = || rows.iter().filter_map(|row| row.length);
        let mut names: Vec<_> = rows.iter().filter_map(|row| row.name.clone()).collect();
        names.sort_unstable();
        assert_eq!(group.berths, rows.len() as i64);
        assert_eq!((group.longest, group.total), (lengths().reduce(f64::max), Some(lengths().sum())));
        // Rows print Oslo's time without a zone; the spec says no such thing of the groups, so there it has one.
        let first = rows.iter().map(|row| row.built_at.civil()).min().expect("a row");
        let summer = (4..=10).contains(&first.month());
        assert_eq!(group.first.and_then(|at| at.instant()), offset(if summer { 2 } else { 1 }).to_timestamp(first).ok());
        assert_eq!(group.names.as_ref(), Some(&names));
        let same = rows.iter().all(|row| row.covered == rows[0].covered);
        assert_eq!((group.covered, &group.mood), (rows[0].covered.filter(|_| same), &None));
    }
    for group in client.collect_all(Berths::by_two()).await.expect("groups") {
        let rows = all.iter().filter(|row| (&row.kind, &row.flag) == (&group.kind, &group.flag));
        let known: Vec<_> = rows.filter_map(|row| row.maybe).collect();
        assert_eq!(group.maybe, (!known.is_empty()).then(|| known.iter().sum()), "{group:?}");
    }
}

#[tokio::test]
async fn customers_are_written_in_this_apis_grammar() {
    let server = start(harbour());
    let all_of = client(&server);
    let all = rows(&all_of).await;
    for (customers, harbours, header) in [
        (Customers::id(2), &[2][..], "h=2"),
        (Customers::ids([1, 3]), &[1, 3], "h=1,3"),
        (Customers::filter("sea", "north").and("size", "large").into(), &[1, 2, 3], "sea=north&size=large"),
        (Customers::all(), &[1, 2, 3], "h=*"),
    ] {
        let some = rows(&all_of.with_customers(customers).expect("a client")).await;
        assert_eq!(some, all.iter().filter(|row| harbours.contains(&row.harbour)).cloned().collect::<Vec<_>>(), "{header}");
        assert_eq!(server.requests().pop().expect("a request").headers["X-Harbour"], header);
    }
    assert!(all_of.with_customers(Customers::ids([1, 2, 3])).is_ok());
    assert!(all_of.with_customers(Customers::ids([1, 2, 3, 4])).is_err_and(|error| error.is_configuration()));
}

#[tokio::test]
async fn rows_of_a_partial_report_keep_unknown_keys() {
    let lines = [
        json!({"id": 1, "only_seen": "here", "depth": 3.25, "chain": {"links": [1, null, {"of": "steel"}]}}),
        json!({"id": 2, "only_seen": null, "depth": 9_007_199_254_740_993_i64, "*/": true}),
        json!({"id": 3, "only_seen": "there"}),
    ];
    let server = start(harbour().data("quays", lines.clone()));
    let client = client(&server);
    let query = Quays::records();
    let page = client.fetch(query.clone()).await.expect("a page");
    assert_eq!(page.rows[0].other["chain"], lines[0]["chain"]);
    assert_eq!((page.rows[1].other.len(), page.rows[2].other.len()), (2, 0));
    assert_eq!(Value::from(json_of(&page.rows)), Value::from(lines.to_vec()));
    assert_eq!(page.unknown_keys(), &BTreeMap::from([("*/".into(), 1), ("chain".into(), 1), ("depth".into(), 2)]));
    // Its cost is not known, so none is named before; the answer tells it.
    assert_eq!((client.cost(&query), page.rate.and_then(|rate| rate.cost)), (None, Some(1)));
    let one = client.collect_all(Quays::records().filter(quays::ID.gt(1) & quays::ONLY_SEEN.is_not_null())).await.expect("rows");
    assert_eq!(one, page.rows[2..]);
}

#[tokio::test]
async fn rows_of_a_name_only_report_are_json() {
    let lines = [json!({"height": 1.5, "at": "06:00"}), json!({"height": -0.25, "of": ["moon", null]}), json!({})];
    let server = start(harbour().data("tides", lines.clone()));
    let client = client(&server);
    let typed: Vec<JsonRow> = client.collect_all(Tides::records().page_size(2)).await.expect("rows");
    assert_eq!(Value::from(json_of(&typed)), Value::from(lines.to_vec()));
    let tides = find_report("tides").and_then(|info| info.records()).expect("a query");
    let page = client.fetch(tides.clone()).await.expect("a page");
    assert_eq!((&page.rows, page.unknown_keys().len()), (&typed, 0));
    let error = client.fetch(tides.filter(Filter::raw(json!({"op": "is", "name": "height", "to": 1.5})))).await;
    let error = error.expect_err("no field is known");
    let told: Vec<_> = error.invalid().expect("a tree").iter().map(|(path, error)| (path, error.error.clone())).collect();
    assert_eq!(told, [("where.name".to_owned(), "inclusion".to_owned())]);
    assert_eq!(error.reply().and_then(|reply| reply.message.as_deref()), Some("wrong"));
}

/// A row of one's own, of the few fields that are needed.
#[derive(Clone)]
struct Short {
    naïve: Option<i64>,
    weather: i64,
}
object! { Short: naïve = "naïve\"\\n", weather }

#[tokio::test]
async fn user_defined_rows_decode_or_say_what_does_not_fit() {
    let server = start(harbour().token(TOKEN, Permits::of(["Harbour:Query", "Harbour:Berths"])));
    let client = client(&server);
    let error = client.fetch(Berths::records().rows_as::<Short>()).await.expect_err("weather is no number");
    let Error::Decode(fault) = &error else { panic!("{error:?}") };
    assert_eq!((fault.report, fault.row, fault.field.as_deref()), ("berths", Some(0), Some("weather")));
    assert!(error.to_string().contains("expected an integer, found \"fog\""), "{error}");
    // What could not be read is quoted, but for the token.
    let mut lines = berths();
    lines[0]["weather"] = format!("fog over {TOKEN}").into();
    let server = start(Simulator::new(model()).data("berths", lines));
    let error = self::client(&server).fetch(Berths::records().rows_as::<Short>()).await.expect_err("no number");
    assert!(error.to_string().contains("fog over (hidden)"), "{error}");
    assert_hidden(&[format!("{error} {error:?} {client:?}")]);
}

#[tokio::test]
async fn permits_and_headers_are_those_of_this_api() {
    let server = start(harbour().token(TOKEN, Permits::of(["Harbour:Query"])));
    assert!(matches!(client(&server).fetch(Berths::records()).await, Err(Error::Forbidden(_))));
    assert!(client(&server).fetch(Quays::records()).await.is_ok(), "no permit of its own is known");
    let named = builder(&server).product_name("port authority").locale("nb-NO").build().expect("a client");
    assert!(named.fetch(Quays::records()).await.is_ok());
    let asked = server.requests().pop().expect("a request");
    assert_eq!(
        (asked.path.as_str(), asked.headers["X-Product"].as_str(), asked.headers["X-Locale"].as_str()),
        ("/ask", "port authority", "nb-NO")
    );
    assert_eq!(asked.headers["X-Agent"], "harbour-api/0.0.0");
}

#[tokio::test]
async fn a_client_made_from_the_model_at_run_time_queries_the_server() {
    let server = start(harbour());
    let registry = Registry::from_model(MODEL).expect("a registry");
    let builder = ApiClient::<AnyApi>::builder_for(registry.spec()).base_url(server.url()).token(TOKEN);
    let any = builder.customers(Customers::all()).build().expect("a client");
    let info = registry.find_report("berths").expect("a report");
    let covered = info.filter("covered", "eq".parse().expect("a comparison"), true).expect("a filter");
    let rows = any.collect_all(info.records().expect("a query").filter(covered)).await.expect("rows");
    let typed = client(&server).collect_all(Berths::records().filter(COVERED.eq(true))).await.expect("rows");
    let ids: Vec<_> = rows.iter().filter_map(|row| row["id"].as_i64()).collect();
    assert!(!ids.is_empty());
    assert_eq!(ids, typed.iter().map(|row| row.id).collect::<Vec<_>>());
    let kinds = info.records().and_then(|query| query.aggregated_by("kind")).expect("a query");
    assert!(!any.fetch(kinds).await.expect("a page").rows.is_empty());
}
