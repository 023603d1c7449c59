//! Overridden assumptions against a strict server, which rejects unknown keys, alone and in pairs.
//!
//! With the override on both sides everything passes. With it on the server alone, errors name the assumption, and following their advice
//! ends with everything passing. The list comes from the model, so a new assumption fails here until it has an alternative value.

mod common;

use std::collections::BTreeSet;
use std::sync::OnceLock;

use common::{CUSTOMERS, TOKEN, simulator};
use placewise_model::{Model, Scope};
use placewise_reporting::endpoints::*;
use placewise_reporting::jiff::Timestamp;
use placewise_reporting::{
    Chart, Client, Customers, Error, Filter, FromObject, JsonRow, JsonStatistics, MODEL, MemberBalance, Moment, Query,
    ReportingApi, Sendings, SendingsStats, TimeRange, find_report, interval, sendings,
};
use placewise_simulator::{Server, Simulator};
use serde_json::{Value, json};

/// Another value for every assumption of the spec.
fn other(id: &str) -> Value {
    match id {
        "cursor-key" => json!("after"),
        "page-size-key" => json!("per_page"),
        "aggregation-key" => json!("group_by"),
        "null-cursor-ends" | "empty-cursor-ends" => json!(false),
        "comparison-cost" => json!(2),
        "time-points" => json!("buckets"),
        "statistics-report-key" | "metadata-report-key" | "field-metadata-report-key" => json!("name"),
        "statistics-filter-key" => json!("where"),
        "statistics-aggregation-key" => json!("group_by"),
        "statistics-from-key" => json!("since"),
        "statistics-to-key" => json!("until"),
        "field-metadata-field-key" => json!("column"),
        "export-body" => json!(false),
        "aggregation-cost" => json!(4),
        "several-ids-prefixed" => json!(false),
        "bucket-of-one-customer" => json!("one"),
        "bucket-of-several-customers" => json!("several"),
        "unknown-cost" => json!(5),
        "show-place-path" => json!("/turned/places/{id}"),
        path if path.ends_with("-path") => json!(format!("/turned/{path}")),
        "both-permits" | "limit-headers-on-every-response" => json!(false),
        "bucket-capacity" => json!(2_000_000),
        "bucket-refill" => json!(1000),
        "default-page-size" => json!(13),
        "most-page-size" => json!(500),
        "zoneless-timestamps-in" => json!("America/Denver"),
        "beyond-retention" => json!("empty"),
        "never-null" => json!([]),
        unknown => panic!("the assumption `{unknown}` has no other value here; give it one"),
    }
}

/// Paths that are not known must be something for anything to be asked.
fn base(id: &str) -> Option<Value> {
    match id {
        "timeseries-path" => None,
        "show-place-path" => Some(json!("/base/places/{id}")),
        path if path.ends_with("-path") => Some(json!(format!("/base/{path}"))),
        _ => None,
    }
}

fn model() -> &'static Model {
    static PARSED: OnceLock<Model> = OnceLock::new();
    PARSED.get_or_init(|| serde_json::from_str(MODEL).expect("a model"))
}

fn assumptions() -> impl Iterator<Item = (&'static str, Scope)> {
    model().assumptions.iter().map(|known| (known.id.as_str(), known.scope))
}

fn server(turned: &[&str]) -> Server {
    let mut server = common::stocked(Simulator::new(model().clone())).rows(60).strict_keys(true);
    for name in ["find_locations_coordinates", "list_places", "show_place", "metadata", "field_metadata", "query_statistics"]
        .into_iter()
        .chain(["query_records_export", "query_timeseries_export"])
        .chain(["tenants_query_records_export", "tenants_query_timeseries_export"])
    {
        server = server.reply(name, json!({ "from": name }));
    }
    for (id, _) in assumptions() {
        let value = if turned.contains(&id) { Some(other(id)) } else { base(id) };
        server = value.into_iter().fold(server, |server, value| server.assume(id, value));
    }
    server.start().expect("started")
}

/// A client that was told of those assumptions.
fn client(server: &Server, told: &[&str]) -> Client {
    let mut client = common::builder(server);
    for (id, scope) in assumptions() {
        let value = if told.contains(&id) { Some(other(id)) } else { base(id) };
        if scope == Scope::Client {
            client = value.into_iter().fold(client, |client, value| client.assume(id, value));
        }
    }
    client.build().expect("a client")
}

/// What one thing that people do comes to: its result in words, or which assumptions it was told of and how.
type Outcome = Result<String, (BTreeSet<String>, String)>;

fn told(error: &Error) -> (BTreeSet<String>, String) {
    (error.assumptions().into_iter().map(|known| known.id.to_owned()).collect(), error.to_string())
}

fn doubted(warnings: &[placewise_reporting::Warning]) -> Result<(), (BTreeSet<String>, String)> {
    let ids: BTreeSet<String> = warnings.iter().filter_map(|warning| Some(warning.assumption?.id.to_owned())).collect();
    if ids.is_empty() { Ok(()) } else { Err((ids, warnings.iter().map(|warning| warning.evidence.clone()).collect())) }
}

async fn rows(client: &Client) -> Outcome {
    let (mut rows, mut count, mut delivered) = (client.stream(Sendings::records().page_size(7)), 0, 0);
    while let Some(row) = rows.try_next().await.map_err(|error| told(&error))? {
        (count, delivered) = (count + 1, delivered + row.delivered_count);
    }
    doubted(rows.warnings())?;
    Ok(format!("{count} rows, {delivered} delivered"))
}

async fn groups(client: &Client) -> Outcome {
    let page = client.fetch(Sendings::by_campaign_id()).await.map_err(|error| told(&error))?;
    doubted(page.warnings())?;
    let groups = client.collect_all(Sendings::by_campaign_id()).await.map_err(|partial| told(&partial.error))?;
    Ok(format!("{} groups, {} delivered", groups.len(), groups.iter().map(|group| group.delivered_count).sum::<i64>()))
}

async fn cost(client: &Client) -> Outcome {
    let filter = sendings::ID.gt(0) & sendings::MEMBERS_COUNT.ge(0);
    let page = client.fetch(Sendings::records().page_size(3).filter(filter)).await.map_err(|error| told(&error))?;
    doubted(page.warnings())?;
    Ok(format!("{} rows", page.rows.len()))
}

/// Several customers by their ids.
async fn customers(client: &Client) -> Outcome {
    let client = client.with_customers(Customers::ids([CUSTOMERS[0], CUSTOMERS[2]])).map_err(|error| told(&error))?;
    let page = client.fetch(Sendings::records()).await.map_err(|error| told(&error))?;
    Ok(format!("{} clubs", page.rows.iter().map(|row| row.loyalty_club_id).collect::<BTreeSet<_>>().len()))
}

/// The most days that a chart may have, over the end of summer time.
async fn chart(client: &Client) -> Outcome {
    let range = TimeRange::new(at("2025-08-01T00:00:00.000+02:00"), at("2025-12-29T00:00:00.000+01:00"));
    let query = |range| MemberBalance::series(range).interval(interval::Day);
    match client.fetch(query(range)).await {
        Ok(chart) => Ok(total(&chart)),
        // A client that counts otherwise does not ask; a history works either way.
        Err(Error::Range(_)) => {
            let history = client.history(query(range)).fetch().await.map_err(|partial| told(&partial.error))?;
            Ok(total(&history.chart().map_err(|error| told(&error))?))
        }
        Err(error) => Err(told(&error)),
    }
}

fn total<Label: FromObject>(chart: &Chart<Label>) -> String {
    assert!(chart.complete);
    // The bucket of the range's end is in the answer; days from the 29th on are not compared.
    let buckets = chart.buckets.instants().expect("one zone");
    let end: Timestamp = "2025-12-28T23:00:00Z".parse().expect("a time");
    let values = chart.series.iter().flat_map(|series| series.values.iter().zip(&buckets));
    values
        .filter(|(_, bucket)| **bucket < end)
        .filter_map(|(value, _)| value.map(|value| value.as_f64()))
        .sum::<f64>()
        .to_string()
}

async fn call<Q: Query<ReportingApi, Answer = placewise_reporting::Response<JsonRow>>>(client: &Client, query: Q) -> Outcome {
    let response = client.fetch(query).await.map_err(|error| told(&error))?;
    Ok(response.json().map_err(|error| told(&error))?.to_string())
}

fn at(text: &str) -> Moment {
    Moment::parse(text).expect("a time")
}

fn day() -> TimeRange {
    TimeRange::new(at("2026-01-13T00:00:00Z"), at("2026-01-14T00:00:00Z"))
}

/// Everything, by name.
async fn everything(client: &Client, export: bool) -> Vec<(&'static str, Outcome)> {
    let records = Sendings::records().page_size(9);
    let series = MemberBalance::series(day()).interval(interval::Hour);
    // Told that an export does not take the query, the body is the caller's own: here it has nothing to say.
    macro_rules! export {
        ($call:expr) => {
            if export { call(client, $call).await } else { call(client, $call.body(json!({}))).await }
        };
    }
    vec![
        ("rows", rows(client).await),
        ("groups", groups(client).await),
        ("cost", cost(client).await),
        ("customers", customers(client).await),
        ("chart", chart(client).await),
        ("statistics", call(client, SendingsStats::statistics()).await),
        ("statistics of a range", call(client, SendingsStats::statistics().range(day())).await),
        ("statistics by campaign", call(client, SendingsStats::aggregated_by("campaign_id")).await),
        ("statistics filtered", call(client, stats().filter(Filter::raw(json!(null)))).await),
        ("metadata", call(client, Metadata.of(Sendings)).await),
        ("field metadata", call(client, FieldMetadata.of(sendings::LANGUAGE)).await),
        ("records export", export!(QueryRecordsExport.of(&records))),
        ("timeseries export", export!(QueryTimeseriesExport.of(&series))),
        ("tenants records export", export!(TenantsQueryRecordsExport.of(&records))),
        ("tenants timeseries export", export!(TenantsQueryTimeseriesExport.of(&series))),
        ("find locations", call(client, FindLocationsCoordinates.with(json!({ "name": "Oslo" }))).await),
        ("list places", call(client, ListPlaces.with(json!({}))).await),
        ("show place", call(client, ShowPlace.with(json!({ "id": 7 }))).await),
    ]
}

fn stats() -> JsonStatistics {
    find_report("sendings_stats").and_then(|info| info.statistics()).expect("a query")
}

/// Every result is fine, and is what an unturned server gives.
fn assert_fine(turned: &[&str], results: &[(&str, Outcome)], usual: &[(&str, Outcome)], exact: bool) {
    for ((name, result), (_, usual)) in results.iter().zip(usual) {
        match result {
            Ok(_) if !exact => {}
            Ok(_) => assert_eq!(result, usual, "{name} with {turned:?}"),
            Err((ids, words)) => panic!("{name} with {turned:?}: {ids:?}: {words}"),
        }
    }
}

/// Every failure names an assumption that was turned, and together they name all of those expected. Out come all that were named.
fn assert_told(turned: &[&str], expected: &[&str], results: &[(&str, Outcome)]) -> BTreeSet<String> {
    let mut named = BTreeSet::new();
    for (name, result) in results {
        let Err((ids, words)) = result else { continue };
        assert!(turned.iter().any(|id| ids.contains(*id)), "{name} with {turned:?} tells of {ids:?}: {words}");
        assert!(!words.contains(TOKEN));
        named.extend(ids.iter().cloned());
    }
    for id in expected {
        assert!(named.contains(*id), "nothing tells of {id} with {turned:?}: {results:?}");
    }
    named
}

fn concerns_client(id: &str) -> bool {
    assumptions().any(|(known, scope)| known == id && scope == Scope::Client)
}

/// Whether the simulator, and with it the rows, stay as they were.
fn exact(turned: &[&str]) -> bool {
    !turned.contains(&"zoneless-timestamps-in")
}

/// Told, everything passes. Untold, the errors lead there: each round tells the client of what they named, until everything passes.
async fn told_and_untold(turned: &[&str], usual: &[(&str, Outcome)]) {
    let server = server(turned);
    let spec_side = turned.contains(&"never-null");
    let as_usual = |results: &[(&str, Outcome)]| {
        if spec_side {
            // Types cannot be turned when the client is built; what to do is told.
            assert_told(turned, &["never-null"], results);
        } else {
            assert_fine(turned, results, usual, exact(turned));
        }
    };
    as_usual(&everything(&client(&server, turned), !turned.contains(&"export-body")).await);
    let (mut known, mut rounds) = (BTreeSet::new(), 0);
    // What a request cost is told by headers alone: where they do not come, nothing can speak against the client's reckoning.
    // An unknown cost contradicts nothing: the limiter reserves what answers name.
    let silent = |id: &str| match id {
        "comparison-cost" | "aggregation-cost" => turned.contains(&"limit-headers-on-every-response"),
        id => id == "unknown-cost",
    };
    let wanted = turned.iter().copied().filter(|id| concerns_client(id) && !silent(id));
    let wanted: Vec<&str> = wanted.collect();
    while known.len() < wanted.len() {
        let told: Vec<&str> = known.iter().copied().collect();
        let results = everything(&client(&server, &told), !told.contains(&"export-body")).await;
        let named = assert_told(turned, &[], &results);
        let before = known.len();
        known.extend(wanted.iter().copied().filter(|id| named.contains(*id)));
        rounds += 1;
        // Nulls in every page of rows hide what else is wrong with pages.
        if known.len() == before && spec_side {
            return;
        }
        assert!(known.len() > before, "with {turned:?}, told of {told:?}: nothing tells of the rest: {results:?}");
    }
    assert!(rounds <= wanted.len());
    if wanted.is_empty() {
        as_usual(&everything(&client(&server, &[]), true).await);
    }
}

#[tokio::test]
async fn each_assumption_can_be_overridden_alone() {
    let usual = everything(&client(&server(&[]), &[]), true).await;
    assert_fine(&[], &usual, &usual, true);
    for (id, _) in assumptions() {
        told_and_untold(&[id], &usual).await;
    }
}

/// Pairs in two halves, for two cores.
async fn pairs(half: usize) {
    let usual = everything(&client(&server(&[]), &[]), true).await;
    let all: Vec<_> = assumptions().collect();
    for (index, (first, _)) in all.iter().enumerate() {
        for (second, _) in all.iter().skip(index + 1).filter(|(second, _)| (index + second.len()) % 2 == half) {
            told_and_untold(&[first, second], &usual).await;
        }
    }
}

#[tokio::test]
async fn every_pair_of_assumptions_can_be_overridden_first_half() {
    pairs(0).await;
}

#[tokio::test]
async fn every_pair_of_assumptions_can_be_overridden_second_half() {
    pairs(1).await;
}

/// What has no path at all says so, and names the setting.
#[tokio::test]
async fn an_unknown_path_is_an_error_that_names_its_assumption() {
    let server = common::start(simulator());
    let untouched = common::client(&server);
    let mut unknown: BTreeSet<String> =
        model().assumptions.iter().filter(|known| known.value.is_null()).map(|known| known.id.clone()).collect();
    assert!(!unknown.is_empty());
    for (name, result) in everything(&untouched, true).await {
        let Err((ids, words)) = result else { continue };
        assert_eq!(ids.len(), 1, "{name}: {ids:?}");
        for id in ids {
            assert!(words.contains(&format!(".assume(\"{id}\"")) && !words.contains(TOKEN), "{words}");
            unknown.remove(&id);
        }
    }
    assert!(unknown.is_empty(), "{unknown:?}");
    assert!(server.requests().iter().all(|asked| asked.path == "/v1/reporting/query"), "nothing else was sent");
}
