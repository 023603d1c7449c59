//! Backfill: sums a long range that one query cannot cover.
//!
//! ```console
//! $ cargo placewise simulate --port 8080
//! $ export PLACEWISE_URL=http://127.0.0.1:8080 PLACEWISE_TOKEN=demo PLACEWISE_CUSTOMERS=1000941
//! $ cargo run --example backfill -- 2026-01-01 2026-09-30    # both days included
//! ```
//!
//! The API limits the time points of one query: a year of days is more than it allows. `split_in` cuts the range at the starts of buckets, so
//! no day is counted twice and none is missed.

use std::error::Error;

use placewise_reporting::jiff::tz::TimeZone;
use placewise_reporting::member_balance::{Label, Type};
use placewise_reporting::{Chart, Client, Customers, Date, MemberBalance, interval};

/// The zone in which the clubs' days start, and the name that charts have for it. Written as a POSIX rule, it needs no time zone database; with
/// jiff's default features, `TimeZone::get(ZONE)` does the same.
const ZONE: &str = "Europe/Oslo";
const ZONE_RULE: &str = "CET-1CEST,M3.5.0,M10.5.0/3";

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [first, last] = arguments.as_slice() else { return Err("usage: backfill FIRST-DAY LAST-DAY".into()) };
    let zone = TimeZone::posix(ZONE_RULE)?;
    let from = day(first)?.to_zoned_datetime(zone.clone())?;
    // The server includes the bucket in which a range ends, so this range ends within the last day, not at the start of the next one.
    let to = day(last)?.at(23, 59, 59, 999_000_000).to_zoned_datetime(zone.clone())?;

    let client = client()?;
    let query = MemberBalance::series(from..to).interval(interval::Day);
    let (mut joined, mut left) = (0, 0);
    // One after the other: parts cost tokens each, and if the rate limit is used up, the client waits as long as the server says.
    for part in query.split_in(&zone) {
        let chart = client.fetch(part).await?;
        if !chart.complete {
            return Err("the server left out data points, so the sum would be too low: add a filter".into());
        }
        if chart.range_zone != ZONE {
            return Err(format!("the days of these clubs start in the zone `{}`, not `{ZONE}`", chart.range_zone).into());
        }
        let (part_joined, part_left) = (sum(&chart, &Type::In), sum(&chart, &Type::Out));
        println!("{:>4} days: {part_joined} joined, {part_left} left", chart.buckets.len());
        joined += part_joined;
        left += part_left;
    }
    println!("{first} to {last}: {joined} joined, {left} left");
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
