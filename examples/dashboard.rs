//! A dashboard in the terminal: members and sendings of the last 30 days.
//!
//! ```console
//! $ cargo placewise simulate --port 8080
//! $ export PLACEWISE_URL=http://127.0.0.1:8080 PLACEWISE_TOKEN=demo PLACEWISE_CUSTOMERS=1000941
//! $ cargo run --example dashboard
//! ```

use std::collections::BTreeMap;
use std::error::Error;

use placewise_reporting::jiff::{SignedDuration, Timestamp};
use placewise_reporting::member_balance::{Label, Type};
use placewise_reporting::sendings::{self, Channel};
use placewise_reporting::{Chart, Client, Customers, MemberBalance, Sendings, interval};

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let client = client()?;
    let now = Timestamp::now();
    let start = now - SignedDuration::from_hours(30 * 24);

    // Both queries run at the same time; clones of a client share its connections.
    let balance = client.fetch(MemberBalance::series(start..now).interval(interval::Day));
    // `collect_all` keeps all rows in memory. For more rows than that, take them one by one from `stream`.
    let sendings = client.collect_all(Sendings::records().filter(sendings::CREATED_AT.ge(start)).page_size(500));
    let (balance, sendings) = tokio::join!(balance, sendings);

    print_members(&balance?);
    print_sendings(&sendings?);
    Ok(())
}

fn print_members(chart: &Chart<Label>) {
    println!("Members ({} days, {})", chart.buckets.len(), chart.range_zone);
    for (title, kind) in [("joined", Type::In), ("left", Type::Out)] {
        // A bucket in which nothing happened has no value.
        let points = chart.points().filter(|point| point.label.r#type.as_ref() == Some(&kind));
        let total: i64 = points.filter_map(|point| point.value?.as_i64()).sum();
        println!("  {title:<8}{total:>8}");
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
    let text = setting("PLACEWISE_CUSTOMERS")?;
    let ids: Result<Vec<i64>, _> = text.split(',').map(|id| id.trim().parse()).collect();
    let ids = ids.map_err(|_| format!("PLACEWISE_CUSTOMERS is `{text}`; write ids like `1000941,1000942`"))?;
    Ok(Client::builder()
        .base_url(setting("PLACEWISE_URL")?)
        .token(setting("PLACEWISE_TOKEN")?)
        .customers(Customers::ids(ids))
        .product_name("dashboard")
        .build()?)
}

fn setting(name: &str) -> Result<String, Box<dyn Error>> {
    std::env::var(name).map_err(|error| format!("{name}: {error}; set it as shown at the top of this example").into())
}
