//! Backfill: sums a long range that one query cannot cover.
//!
//! ```console
//! $ cargo placewise simulate --port 8080
//! $ export PLACEWISE_URL=http://127.0.0.1:8080 PLACEWISE_TOKEN=demo PLACEWISE_CUSTOMERS=1000941
//! $ cargo run --example backfill -- 2026-01-01 2026-09-30    # both days included
//! ```
//!
//! The API limits the time points of one query: a year of days is more than it allows. `history` asks for the range in parts that start with
//! a bucket, so no day is counted twice and none is missed. A backfill may take a while. If the network fails for longer than the client
//! retries, the error has the days so far and the ranges that are missing.

use std::error::Error;

use placewise_reporting::jiff::tz::TimeZone;
use placewise_reporting::member_balance::{Label, Type};
use placewise_reporting::{Chart, Client, Customers, Date, MemberBalance, interval};

/// The zone in which the clubs' days start.
const ZONE: &str = "Europe/Oslo";

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [first, last] = arguments.as_slice() else { return Err("usage: backfill FIRST-DAY LAST-DAY".into()) };
    let zone = TimeZone::get(ZONE)?;
    let from = day(first)?.to_zoned_datetime(zone.clone())?;
    // The server includes the bucket in which a range ends, so this range ends within the last day, not at the start of the next one.
    let to = day(last)?.at(23, 59, 59, 999_000_000).to_zoned_datetime(zone.clone())?;

    let query = MemberBalance::series(from..to).interval(interval::Day);
    // Days older than the API retains are left out, and named below. Without the zone, one more request would ask for it.
    let history = client()?.history(query).zone(zone).clip_to_retention().fetch().await?;
    if let Some(clipped) = history.clipped {
        println!("no longer retained: {clipped}");
    }
    println!("{} requests, {} tokens", history.requests, history.tokens().unwrap_or_default());
    for one in &history.charts {
        if !one.chart.complete {
            return Err(format!("the server left out data points, so the sums would be too low: {:?}", one.incomplete).into());
        }
        // More clubs than one request may name come in several charts, unless their figures are known to add.
        let (joined, left) = (sum(&one.chart, &Type::In), sum(&one.chart, &Type::Out));
        println!(
            "{first} to {last}: {joined} joined, {left} left, on {} days in {}",
            one.chart.buckets.len(),
            one.chart.range_zone
        );
    }
    Ok(())
}

fn sum(chart: &Chart<Label>, kind: &Type) -> i64 {
    chart.points().filter(|point| point.label.r#type.as_ref() == Some(kind)).filter_map(|point| point.value?.as_i64()).sum()
}

fn day(text: &str) -> Result<Date, Box<dyn Error>> {
    text.parse().map_err(|_| format!("`{text}` is not a day; write it like `2026-01-31`").into())
}

fn client() -> Result<Client, Box<dyn Error>> {
    let text = setting("PLACEWISE_CUSTOMERS")?;
    let ids: Result<Vec<i64>, _> = text.split(',').map(|id| id.trim().parse()).collect();
    let ids = ids.map_err(|_| format!("PLACEWISE_CUSTOMERS is `{text}`; write ids like `1000941,1000942`"))?;
    Ok(Client::builder()
        .base_url(setting("PLACEWISE_URL")?)
        .token(setting("PLACEWISE_TOKEN")?)
        .customers(Customers::ids(ids))
        .product_name("backfill")
        .build()?)
}

fn setting(name: &str) -> Result<String, Box<dyn Error>> {
    std::env::var(name).map_err(|error| format!("{name}: {error}; set it as shown at the top of this example").into())
}
