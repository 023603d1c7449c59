//! Many clubs: the same query for each club, a few at a time.
//!
//! ```console
//! $ cargo placewise simulate --port 8080
//! $ export PLACEWISE_URL=http://127.0.0.1:8080 PLACEWISE_TOKEN=demo PLACEWISE_CUSTOMERS=1000941,1000942
//! $ cargo run --example many_clubs
//! ```
//!
//! To keep the results of clubs apart, query each with a client of its own; the clients share connections.

use std::collections::BTreeMap;
use std::error::Error;
use std::process::ExitCode;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use futures_util::{StreamExt, stream};
use placewise_reporting::jiff::{SignedDuration, Timestamp};
use placewise_reporting::member_balance::Type;
use placewise_reporting::{Client, Customers, MemberBalance, RateLimit, interval};

/// Requests under way at the same time.
const AT_ONCE: usize = 4;
/// Tokens that this program leaves to others. Below that it waits before it sends more.
const RESERVE: i64 = 20;

/// The tokens left in each rate-limit bucket, as the latest response of any club reported them.
#[derive(Default)]
struct Tokens(Mutex<BTreeMap<String, i64>>);

impl Tokens {
    fn record(&self, rate: Option<&RateLimit>) {
        if let Some(RateLimit { bucket: Some(bucket), remaining: Some(remaining), .. }) = rate {
            self.0.lock().unwrap_or_else(PoisonError::into_inner).insert(bucket.clone(), *remaining);
        }
    }

    fn lowest(&self) -> Option<i64> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).values().copied().min()
    }
}

#[tokio::main]
async fn main() -> Result<ExitCode, Box<dyn Error>> {
    let ids = customers()?;
    let client = client(&ids)?;
    let tokens = Tokens::default();

    let clubs = stream::iter(&ids).map(|id| {
        let (client, tokens) = (&client, &tokens);
        async move { (*id, members_joined(client, *id, tokens).await) }
    });
    // Results arrive as they are ready; the map sorts them.
    let results: BTreeMap<i64, Result<i64, placewise_reporting::Error>> = clubs.buffer_unordered(AT_ONCE).collect().await;

    let mut failed = 0;
    for (id, result) in &results {
        match result {
            Ok(joined) => println!("club {id}: {joined} members joined in the last 30 days"),
            // One club without the feature, or out of reach of the token, does not stop the others.
            Err(error) => {
                eprintln!("club {id}: {error}");
                failed += 1;
            }
        }
    }
    // Not every response says how many tokens are left.
    let left = tokens.lowest().map_or("unknown".to_owned(), |left| left.to_string());
    println!("{} clubs, {failed} failed, tokens left: {left}", results.len());
    Ok(if failed == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

async fn members_joined(client: &Client, id: i64, tokens: &Tokens) -> Result<i64, placewise_reporting::Error> {
    // The client waits by itself once the server refuses a request for lack of tokens. Slowing down before spares other programs.
    if tokens.lowest().is_some_and(|left| left < RESERVE) {
        tokio::time::sleep(Duration::from_secs(1)).await;
    }
    let now = Timestamp::now();
    let query = MemberBalance::series(now - SignedDuration::from_hours(30 * 24)..now).interval(interval::Day);
    let chart = client.with_customers(Customers::id(id))?.fetch(query).await?;
    tokens.record(chart.rate.as_ref());
    let joined = chart.points().filter(|point| point.label.r#type == Some(Type::In));
    Ok(joined.filter_map(|point| point.value?.as_i64()).sum())
}

/// A client of all clubs. `with_customers` makes one of a single club from it.
fn client(ids: &[i64]) -> Result<Client, Box<dyn Error>> {
    Ok(Client::builder()
        .base_url(setting("PLACEWISE_URL")?)
        .token(setting("PLACEWISE_TOKEN")?)
        .customers(Customers::ids(ids.iter().copied()))
        .product_name("many-clubs")
        .build()?)
}

fn customers() -> Result<Vec<i64>, Box<dyn Error>> {
    let text = setting("PLACEWISE_CUSTOMERS")?;
    let ids: Result<Vec<i64>, _> = text.split(',').map(|id| id.trim().parse()).collect();
    ids.map_err(|_| format!("PLACEWISE_CUSTOMERS is `{text}`; write ids like `1000941,1000942`").into())
}

fn setting(name: &str) -> Result<String, Box<dyn Error>> {
    std::env::var(name).map_err(|error| format!("{name}: {error}; set it as shown at the top of this example").into())
}
