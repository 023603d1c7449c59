//! Many clubs: questions about more clubs than one request may name.
//!
//! ```console
//! $ cargo placewise simulate --port 8080 --customers 1000941,1000942
//! $ export PLACEWISE_URL=http://127.0.0.1:8080 PLACEWISE_TOKEN=demo PLACEWISE_CUSTOMERS=1000941,1000942
//! $ cargo run --example many_clubs
//! ```
//!
//! Requests are split over batches of clubs. Their answers become one number only if the documentation says that the figures add up over
//! customers: those of `members_grouped_count` do. Whether those of `member_balance` do is not known, so they stay apart.
//!
//! Nothing here counts tokens. The client's limiter holds each request back until its tokens are in the bucket.

use std::collections::BTreeMap;
use std::error::Error;

use futures_util::{StreamExt, TryStreamExt, stream};
use placewise_reporting::jiff::{SignedDuration, Timestamp};
use placewise_reporting::{Client, Customers, MemberBalance, MembersGroupedCount, RateLimiter, interval};

/// Requests under way at the same time.
const AT_ONCE: usize = 4;

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let limiter = RateLimiter::new();
    let (client, ids) = client(limiter.clone())?;
    members(&client, &ids).await?;
    changes(&client, &ids).await?;
    for bucket in limiter.buckets() {
        let left = bucket.remaining.map_or("an unknown number of".to_owned(), |left| left.to_string());
        println!("{left} tokens left in {}", bucket.bucket.unwrap_or(bucket.key));
    }
    Ok(())
}

/// Prints the number of members in each group: of all clubs, because these figures add up over customers.
async fn members(client: &Client, ids: &[i64]) -> Result<(), Box<dyn Error>> {
    let batches = stream::iter(client.customer_batches(ids.iter().copied())).map(|batch| async move {
        let client = client.with_customers(batch)?;
        client.collect_all(MembersGroupedCount::by_grouping_type_and_value()).await.map_err(placewise_reporting::Error::from)
    });
    let batches: Vec<_> = batches.buffer_unordered(AT_ONCE).try_collect().await?;
    let mut groups: BTreeMap<(String, String), i64> = BTreeMap::new();
    for row in batches.into_iter().flatten() {
        let grouping = row.grouping_type.map_or("none".to_owned(), |grouping| grouping.as_str().to_owned());
        let value = row.grouping_value.map_or("none".to_owned(), |value| value.to_string());
        *groups.entry((grouping, value)).or_default() += row.members_count;
    }
    for ((grouping, value), count) in groups {
        println!("{grouping} {value}: {count} members");
    }
    Ok(())
}

/// Prints who joined and left this month and last month: one chart of each batch, unless the figures are known to add.
async fn changes(client: &Client, ids: &[i64]) -> Result<(), Box<dyn Error>> {
    let now = Timestamp::now();
    let query = MemberBalance::series(now - SignedDuration::from_hours(31 * 24)..now).interval(interval::Month);
    let history = client.history(query).customers(Customers::ids(ids.iter().copied())).fetch().await?;
    if let Some(reason) = history.unmerged {
        println!("{} charts that are not added, because {reason}:", history.charts.len());
    }
    for one in &history.charts {
        println!("{:?}", one.customers);
        for point in one.chart.points() {
            let (kind, value) = (&point.label.r#type, point.value.map_or("no value".to_owned(), |value| value.to_string()));
            println!("  {} {}: {value}", point.bucket, kind.as_ref().map_or("none", |kind| kind.as_str()));
        }
    }
    Ok(())
}

fn client(limiter: RateLimiter) -> Result<(Client, Vec<i64>), Box<dyn Error>> {
    let setting =
        |name: &str| std::env::var(name).map_err(|error| format!("{name}: {error}; set it as shown at the top of this example"));
    let ids: Result<Vec<i64>, _> = setting("PLACEWISE_CUSTOMERS")?.split(',').map(|id| id.trim().parse()).collect();
    let ids = ids.map_err(|_| "PLACEWISE_CUSTOMERS: write ids like `1000941,1000942`")?;
    let builder = Client::builder().base_url(setting("PLACEWISE_URL")?).token(setting("PLACEWISE_TOKEN")?);
    // A client of so many ids cannot be built; each request below names its own.
    Ok((builder.customers(Customers::all()).product_name("many-clubs").rate_limiter(limiter).build()?, ids))
}
