//! A scripted server, and replies of the invented API to script.
#![allow(dead_code, unused_imports, reason = "each test uses a part of it")]

mod script;
#[path = "../../../tests/support/wire.rs"]
mod wire;
use harbour_api::{Client, ClientBuilder, Customers, Error, Moment, RetryPolicy, TimeRange};
pub use script::{Log, Step, ok, page_body, refused, scripted};
use serde_json::{Value, json};
pub use wire::{Stub, reply};

pub const TOKEN: &str = "s3cr3t-token";

/// The time of all tests.
pub const NOW: &str = "2024-06-15T12:00:00Z";

/// A day that every interval but the finest retains.
pub fn range() -> TimeRange {
    let at = |text: &str| text.parse::<Moment>().expect("a moment");
    TimeRange { from: at("2024-06-01T00:00:00.000Z"), to: at("2024-06-02T00:00:00.000Z") }
}

/// A client of the address, at the time of all tests. It sends a request once: a script has one reply for each.
pub fn builder(url: &str) -> ClientBuilder<Client> {
    let builder = Client::builder().base_url(url).token(TOKEN).customers(Customers::all()).retry(RetryPolicy::none());
    builder.clock(|| NOW.parse().expect("a time"))
}

/// A client of a server that sends one reply.
pub fn client_of(reply: String) -> Client {
    builder(&Stub::start(vec![reply]).url).build().expect("a client")
}

/// A page of rows `{"berths": n}`, as the aggregation by kind has them.
pub fn page(counts: &[i64], next: Option<&str>) -> String {
    let rows: Vec<_> = counts.iter().map(|count| json!({"berths": count})).collect();
    let body = json!({"lines": rows, "more": {"at": next}, "kind": "lines"});
    reply(200, &["x-bucket: b", "x-remaining: 97", "x-cost: 4"], &body.to_string())
}

/// The last page, with these rows.
pub fn rows(rows: &Value) -> String {
    reply(200, &[], &json!({"lines": rows, "more": {"at": null}, "kind": "lines"}).to_string())
}

/// A chart without buckets.
pub fn empty_chart() -> String {
    reply(200, &[], &json!({"step": "1d", "clock": "UTC", "marks": [], "lines": []}).to_string())
}

/// The ids of the assumptions behind an error.
pub fn ids(error: &Error) -> Vec<&'static str> {
    error.assumptions().iter().map(|assumption| assumption.id).collect()
}
