//! A simulator over fixed customers, clients for it, and reproducible pseudorandom numbers, shared by the protocol tests.
#![allow(dead_code, unused_imports, reason = "every test file uses its own part")]

use placewise_reporting::jiff::Timestamp;
use placewise_reporting::{Client, ClientBuilder, Customers, MODEL, Sendings, sendings::Row};
use placewise_simulator::{Server, Simulator};
use serde_json::Value;

#[path = "../support/random.rs"]
mod random;
#[path = "../support/wire.rs"]
mod wire;

pub use random::Random;

/// A token that may stand in nothing that is printed.
pub const TOKEN: &str = "s3cr3t-t0ken";
/// The customers that there are.
pub const CUSTOMERS: [i64; 3] = [1_000_941, 1_000_942, 1_000_943];
/// More rows than a page may have is not wanted: tests ask for all at once.
pub const WHOLE: u32 = 1000;

/// What time servers and clients take it to be: made-up rows reach up to it, and are the same in every run.
pub fn now() -> Timestamp {
    "2026-01-15T12:00:00Z".parse().expect("a time")
}

/// A simulator with enough tokens for any test, so that no test depends on how fast buckets refill.
pub fn simulator() -> Simulator {
    stocked(Simulator::from_json(MODEL).expect("a model"))
}

/// The same of a model at hand.
pub fn stocked(simulator: Simulator) -> Simulator {
    simulator.clock(now).seed(11).rows(240).customers(CUSTOMERS).assume("bucket-capacity", 1_000_000)
}

pub fn start(simulator: Simulator) -> Server {
    simulator.start().expect("started")
}

pub fn builder(server: &Server) -> ClientBuilder<Client> {
    Client::builder().base_url(server.url()).token(TOKEN).customers(Customers::all()).product_name("tests").clock(now)
}

pub fn client(server: &Server) -> Client {
    builder(server).build().expect("a client")
}

/// All rows of `sendings`, in one page and without a filter.
pub async fn rows(client: &Client) -> Vec<Row> {
    let page = client.fetch(Sendings::records().page_size(WHOLE)).await.expect("a page");
    assert_eq!(page.next.cursor(), None);
    page.rows
}

/// Fails where the token shows in any of the texts.
pub fn assert_hidden(texts: &[String]) {
    for text in texts {
        assert!(!text.contains(TOKEN), "{text}");
    }
}

/// Answers one request after the other with these bodies, for answers that no simulator gives. Out comes the address.
pub fn serve(bodies: Vec<Value>) -> String {
    wire::Stub::start(bodies.iter().map(|body| wire::reply(200, &[], &body.to_string())).collect()).url
}

/// The rows as the server sent them.
pub fn json_of(rows: &[impl placewise_reporting::FromObject]) -> Vec<serde_json::Value> {
    rows.iter().map(|row| serde_json::to_value(row.wire()).expect("JSON")).collect()
}
