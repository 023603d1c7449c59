//! Decodes 10,000 rows of `sendings` with all fields, beside the types that progenitor writes for such a report, in one process.
//!
//! `cargo bench -p placewise-decode-bench` prints medians of 21 rounds, in which all take turns. Heap and allocations are those that the decoded
//! value still holds, divided by the number of rows; the rows themselves stand in one list, which counts too.

mod progenitor;

use std::fmt::Write as _;
use std::future::ready;
use std::hint::black_box;
use std::time::{Duration, Instant};

use placewise_reporting::{Client, Customers, HttpRequest, HttpResponse, Sending, Sendings, Transport, sendings};
use serde::Deserialize;

const ROWS: usize = 10_000;
const ROUNDS: usize = 21;

/// A page for serde, with our rows.
#[derive(Deserialize)]
struct Page {
    records: Vec<sendings::Row>,
}

/// Answers every request with the page.
struct Canned(Vec<u8>);

impl Transport for Canned {
    fn send(&self, _: HttpRequest) -> Sending {
        let response = HttpResponse::new(200).header("content-type", "application/json").body(self.0.clone());
        Box::pin(ready(Ok(response)))
    }
}

fn main() {
    let page = page();
    let bytes = page.as_bytes();
    let client = Client::builder()
        .base_url("http://localhost")
        .token("bench")
        .customers(Customers::id(1))
        .product_name("bench")
        .transport(Canned(bytes.to_vec()))
        .build()
        .expect("a client");
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().expect("a runtime");
    let theirs = || serde_json::from_slice::<progenitor::Report0Page>(bytes).expect("a page").records;
    let ours = || serde_json::from_slice::<Page>(bytes).expect("a page").records;
    let fetched = || runtime.block_on(async { client.fetch(Sendings::records()).await }).expect("a page").rows;

    let mut times = [const { Vec::new() }; 3];
    for _ in 0..ROUNDS {
        times[0].push(time(theirs));
        times[1].push(time(ours));
        times[2].push(time(fetched));
    }
    let medians = times.map(|mut times: Vec<Duration>| {
        times.sort();
        times[ROUNDS / 2].as_secs_f64()
    });
    println!(
        "{ROWS} rows, {:.1} MB; a row of ours is {} bytes, of theirs {}\n",
        bytes.len() as f64 / 1e6,
        size_of::<sendings::Row>(),
        size_of::<progenitor::Report0Record>()
    );
    println!("| | MB/s | times progenitor | heap a row | allocations a row |\n|---|--:|--:|--:|--:|");
    let held = [held(theirs), held(ours), held(fetched)];
    for ((name, seconds), (heap, allocations)) in
        ["progenitor, serde_json", "ours, serde_json", "ours, client"].iter().zip(medians).zip(held)
    {
        let rate = bytes.len() as f64 / 1e6 / seconds;
        println!("| {name} | {rate:.0} | {:.2} | {heap:.0} B | {allocations:.1} |", medians[0] / seconds);
    }
}

fn time<T>(decode: impl Fn() -> Vec<T>) -> Duration {
    let start = Instant::now();
    let rows = black_box(decode());
    let took = start.elapsed();
    assert_eq!(rows.len(), ROWS);
    took
}

/// Bytes and allocations that a row holds.
fn held<T>(decode: impl Fn() -> Vec<T>) -> (f64, f64) {
    let mut rows = None;
    let held = allocation_counter::measure(|| rows = Some(decode()));
    let of = |all: i64| all as f64 / ROWS as f64;
    (of(held.bytes_current), of(held.count_current))
}

/// A page with a value in every field that both readers take.
fn page() -> String {
    let mut page = String::from("{\"records\":[");
    for row in 0..ROWS {
        let comma = if row == 0 { "" } else { "," };
        let (n, day, hour) = (row as i64 * 37 % 9973, row % 28 + 1, row % 24);
        let channel = ["sms", "email", "push"][row % 3];
        let source_app = ["the-big-project", "messages_api"][row % 2];
        let source_type = ["campaigns", "triggers", "other"][row % 3];
        let from = |interval: &str| {
            format!(
                "\"{interval}\":{{\"from\":\"2025-04-{day:02}T{hour:02}:00:00.000000Z\",\"to\":\"2025-05-{day:02}T{hour:02}:29:09.359381Z\"}}"
            )
        };
        let ranges = ["1h", "1d", "1w", "1mo"].map(from).join(",");
        let _ = write!(
            page,
            "{comma}{{\"id\":{id},\"loyalty_club_id\":1000941,\"language\":\"nb-NO\",\"channel\":\"{channel}\",\"service_type\":\"rewards_notifications\",\
             \"reporting_id\":{n},\"source_app\":\"{source_app}\",\"source_type\":\"{source_type}\",\"source_id\":{n},\"audience_id\":null,\"campaign_id\":{n},\
             \"dispatches_count\":{n},\"members_count\":{n},\"new_count\":0,\"transiently_failed_count\":12,\"transmitted_count\":{n},\"failed_count\":3,\
             \"delivered_count\":{n},\"delivery_errored_count\":7,\"clicked_count\":41,\"opened_count\":{n},\"opened_events_count\":{n},\
             \"computed_counts\":{{\"sent\":{n},\"failed_to_send\":3,\"en_route\":0,\"delivered\":{n},\"errored\":10,\"open_rate\":37.25}},\
             \"created_at\":\"2025-04-{day:02}T{hour:02}:29:09.359381Z\",\"timeseries_time_ranges\":{{{ranges}}}}}",
            id = 1_000_000 + row,
        );
    }
    page.push_str("],\"pagination\":{\"next_page_info\":null},\"result_type\":\"records\"}");
    page
}
