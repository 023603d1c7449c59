//! One request and response over a socket, between a client and a scripted server.

use placewise_runtime::machinery::{DecodeContext, Value};
use placewise_runtime::{
    Customers, FromObject, Query, Records, Report, StaticApi, TimeRange, Timeseries, blocking::ApiClient, jiff,
};
use serde_json::Value as Json;

#[path = "wire.rs"]
mod wire;
use wire::{Stub, reply};

/// What a test returns.
pub type Outcome = Result<(), Box<dyn std::error::Error>>;

/// The request that the client sends is this one, key for key; a key that is null in an example is one left out.
pub fn request<A: StaticApi, Q: Query<A>>(query: &Q, expected: &str) {
    assert_eq!(sent::<A, Q>(query), without_nulls(parse(expected)));
}

/// The same for an example that is cut: the request holds at least this.
pub fn request_contains<A: StaticApi, Q: Query<A>>(query: &Q, expected: &str) {
    let sent = sent::<A, Q>(query);
    let Json::Object(expected) = without_nulls(parse(expected)) else { panic!("a request is an object") };
    for (key, value) in expected {
        assert_eq!(sent.get(&key), Some(&value), "{key} in {sent}");
    }
}

/// The client reads this page of rows, models all of it, and writes it back as it came.
pub fn rows<R: Report, Row: FromObject + serde::Serialize>(response: &str) {
    let format = &<R::Api as StaticApi>::SPEC.records;
    let url = serve(response).url;
    let page = client::<R::Api>(&url).fetch(Records::<R, Row>::of_report()).expect("a page");
    let expected = parse(response);
    assert_eq!(wire(&page.rows), expected[format.rows_key]);
    assert_eq!(page.next.cursor(), expected[format.pagination_key][format.next_key].as_str());
    assert!(page.unknown_keys().is_empty(), "{:?}", page.unknown_keys());
    table(page.rows.iter().map(|row| (row, row.flat())));
}

/// The client reads this chart and writes it back as it came.
pub fn chart<R: Report, Label: FromObject + serde::Serialize>(response: &str) {
    let url = serve(response).url;
    let from = jiff::Timestamp::UNIX_EPOCH;
    let range = TimeRange::new(from, from + jiff::SignedDuration::from_hours(1));
    let chart = client::<R::Api>(&url).fetch(Timeseries::<R, Label>::of_report(range)).expect("a chart");
    assert_eq!(serde_json::to_value(&chart).expect("a chart serializes"), parse(response));
    table(chart.points().map(|point| (point, point.flat())));
}

/// Every flat row goes into CSV, with one width for all; so does a row without lists and objects as it is.
fn table<Row: serde::Serialize>(rows: impl Iterator<Item = (Row, impl serde::Serialize)>) {
    let (mut flat, mut plain) = (csv::Writer::from_writer(Vec::new()), csv::Writer::from_writer(Vec::new()));
    for (row, columns) in rows {
        flat.serialize(columns).expect("a flat row goes into CSV");
        let cells = serde_json::to_value(&row).expect("a row serializes");
        if cells.as_object().expect("a struct").values().all(|cell| !cell.is_array() && !cell.is_object()) {
            plain.serialize(row).expect("a row of single values goes into CSV");
        }
    }
}

/// This value of a field is read and written back as it came.
pub fn value<T: Value>(json: &str) {
    let compact = parse(json).to_string();
    let value = T::read(&compact, &mut DecodeContext::default()).expect("a value");
    assert_eq!(serde_json::to_value(value.value_ref().wire()).expect("a value serializes"), parse(json));
}

/// The rows as the server sends them.
fn wire(rows: &[impl FromObject]) -> Json {
    let rows: Vec<_> = rows.iter().map(FromObject::wire).collect();
    serde_json::to_value(rows).expect("rows serialize")
}

fn parse(json: &str) -> Json {
    serde_json::from_str(json).expect("JSON")
}

fn without_nulls(json: Json) -> Json {
    match json {
        Json::Object(object) => object.into_iter().filter(|(_, value)| !value.is_null()).collect(),
        other => other,
    }
}

fn client<A: StaticApi>(url: &str) -> ApiClient<A> {
    // Examples are of some year; the clock must not make their ranges too old.
    let first_day = || jiff::Timestamp::UNIX_EPOCH;
    let builder =
        ApiClient::builder().base_url(url).token("t0ken").customers(Customers::id(1)).product_name("tests").clock(first_day);
    builder.build().expect("a client")
}

/// The body that went over the wire.
fn sent<A: StaticApi, Q: Query<A>>(query: &Q) -> Json {
    let server = serve("{}");
    // The answer is no answer; what was asked is what counts. What is refused before it is sent never gets to the server.
    if let Err(error) = client::<A>(&server.url).fetch(query.clone()) {
        assert!(!error.is_configuration() && !error.is_range(), "nothing was sent: {error}");
    }
    server.seen().first().expect("a request").body.clone()
}

fn serve(body: &str) -> Stub {
    Stub::start(vec![reply(200, &["content-type: application/json"], body)])
}
