//! A dashboard in the terminal, and a backfill that never takes its tokens.
//!
//! ```console
//! $ cargo placewise simulate --port 8080
//! $ export PLACEWISE_URL=http://127.0.0.1:8080 PLACEWISE_TOKEN=demo PLACEWISE_CUSTOMERS=1000941
//! $ cargo run --example dashboard
//! ```
//!
//! Both use one bucket of tokens, and clones of a client share its limiter. The client of the backfill leaves some tokens for others, so the
//! dashboard does not wait for it. If the backfill is a process of its own, give both clients `.rate_limiter(RateLimiter::in_file(path)?)`.

use std::collections::BTreeMap;
use std::error::Error;
use std::time::Duration;

use placewise_reporting::jiff::{SignedDuration, Timestamp};
use placewise_reporting::member_balance::{Label, Type};
use placewise_reporting::sendings::{self, Channel};
use placewise_reporting::{Chart, Client, Customers, MemberBalance, Sendings, interval};

/// Tokens that the backfill leaves: what a few refreshes cost.
const RESERVE: u32 = 30;

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let client = client()?;
    let mut backfill = tokio::spawn(backfill(client.with_reserve(RESERVE)));
    let mut refresh = tokio::time::interval(Duration::from_secs(2));
    loop {
        tokio::select! {
            biased;
            _ = refresh.tick() => print_dashboard(&client).await?,
            count = &mut backfill => {
                println!("Backfill: {} sendings", count??);
                return Ok(());
            }
        }
    }
}

/// Takes all sendings there are. This one only counts them.
async fn backfill(client: Client) -> Result<usize, placewise_reporting::Error> {
    let mut rows = client.stream(Sendings::records());
    let mut count = 0;
    while rows.try_next().await?.is_some() {
        count += 1;
    }
    Ok(count)
}

async fn print_dashboard(client: &Client) -> Result<(), Box<dyn Error>> {
    // A dashboard that is late is of no use.
    let client = client.with_timeout(Duration::from_secs(10));
    let now = Timestamp::now();
    let start = now - SignedDuration::from_hours(30 * 24);
    // Both queries run at the same time.
    let balance = client.fetch(MemberBalance::series(start..now).interval(interval::Day));
    // `collect_all` keeps all rows in memory. For more rows than that, take them one by one from `stream`.
    let sendings = client.collect_all(Sendings::records().filter(sendings::CREATED_AT.ge(start)).page_size(500));
    let (balance, sendings) = tokio::join!(balance, sendings);
    print_members(&balance?);
    print_sendings(&sendings?);
    Ok(())
}

fn print_members(chart: &Chart<Label>) {
    println!("Members ({} days, {}; held back for {:?})", chart.buckets.len(), chart.range_zone, chart.meta.held);
    for (title, kind) in [("joined", Type::In), ("left", Type::Out)] {
        // A bucket in which nothing happened has no value.
        let points = chart.points().filter(|point| point.label.r#type.as_ref() == Some(&kind));
        let busiest = points.filter_map(|point| Some((point.value?.as_i64()?, point.bucket))).max_by_key(|(count, _)| *count);
        if let Some((count, day)) = busiest {
            println!("  {title:<8}at most {count:>5} a day, on {}", day.civil().date());
        }
    }
    if !chart.complete {
        eprintln!("the server left out data points: shorten the range or add a filter");
    }
}

fn print_sendings(rows: &[sendings::Row]) {
    // Messages sent and messages delivered. The list of channels may grow, so a map holds whatever arrives.
    let mut channels: BTreeMap<Option<&Channel>, (i64, i64)> = BTreeMap::new();
    for row in rows {
        let (sent, delivered) = channels.entry(row.channel.as_ref()).or_default();
        *sent += row.dispatches_count;
        *delivered += row.delivered_count;
    }
    println!("Sendings ({})", rows.len());
    for (channel, (sent, delivered)) in channels {
        let name = channel.map_or("no channel", Channel::as_str);
        println!("  {name:<10}{delivered:>8} of {sent} messages delivered");
    }
}

fn client() -> Result<Client, Box<dyn Error>> {
    let setting =
        |name: &str| std::env::var(name).map_err(|error| format!("{name}: {error}; set it as shown at the top of this example"));
    let ids: Result<Vec<i64>, _> = setting("PLACEWISE_CUSTOMERS")?.split(',').map(|id| id.trim().parse()).collect();
    let ids = ids.map_err(|_| "PLACEWISE_CUSTOMERS: write ids like `1000941,1000942`")?;
    Ok(Client::builder()
        .base_url(setting("PLACEWISE_URL")?)
        .token(setting("PLACEWISE_TOKEN")?)
        .customers(Customers::ids(ids))
        .product_name("dashboard")
        // The backfill may wait this long for the rate limit. A call of the dashboard has a timeout of its own.
        .max_rate_limit_wait(Duration::from_secs(600))
        .build()?)
}
