//! A program with tests that need no network: rows made by hand for its logic, a transport for answers and requests made by hand, and the
//! simulator for everything that a server does, also with faults.
//!
//! ```console
//! $ cargo test --example test_without_network
//! ```
//!
//! The program itself prints the share of messages that were delivered, by channel:
//!
//! ```console
//! $ cargo placewise simulate --port 8080
//! $ export PLACEWISE_URL=http://127.0.0.1:8080 PLACEWISE_TOKEN=demo PLACEWISE_CUSTOMERS=1000941
//! $ cargo run --example test_without_network -- email
//! ```

use std::error::Error;

use placewise_reporting::sendings::{self, Channel, Row};
use placewise_reporting::{Client, Customers, PartialRows, Sendings};

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let channel = Channel::from(&*std::env::args().nth(1).ok_or("usage: test_without_network CHANNEL")?);
    match delivered_percent(&fetch(&client()?, channel).await?) {
        Some(percent) => println!("{percent:.1} % delivered"),
        None => println!("no messages"),
    }
    Ok(())
}

/// Takes the client as an argument, so that a test can pass one that talks to a simulator.
async fn fetch(client: &Client, channel: Channel) -> Result<Vec<Row>, PartialRows<Row>> {
    client.collect_all(Sendings::records().filter(sendings::CHANNEL.eq(channel)).page_size(500)).await
}

/// Takes rows, not a client, so that a test can make them by hand.
fn delivered_percent(rows: &[Row]) -> Option<f64> {
    let sent: i64 = rows.iter().map(|row| row.dispatches_count).sum();
    let delivered: i64 = rows.iter().map(|row| row.delivered_count).sum();
    (sent > 0).then(|| 100.0 * delivered as f64 / sent as f64)
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
        .product_name("delivery")
        .build()?)
}

#[cfg(test)]
mod tests {
    use std::sync::{Arc, Mutex};
    use std::time::Duration;

    use placewise_reporting::{ClientBuilder, HttpRequest, HttpResponse, MODEL, RetryPolicy, Sending, Transport};
    use placewise_simulator::{FaultPlan, Permits, Server, Simulator};
    use serde_json::json;

    use super::*;

    /// An example row is complete; set the fields that the test is about.
    fn row(id: i64, channel: Channel, sent: i64, delivered: i64) -> Row {
        let mut row = Row::example();
        row.id = id;
        row.loyalty_club_id = 1_000_941;
        row.channel = Some(channel);
        row.dispatches_count = sent;
        row.delivered_count = delivered;
        row
    }

    fn builder(url: impl Into<String>) -> ClientBuilder<Client> {
        // Retries that take no time.
        let retry = RetryPolicy::standard().waits(Duration::ZERO, Duration::ZERO);
        let builder = Client::builder().base_url(url.into()).token("test").product_name("test").retry(retry);
        builder.customers(Customers::id(1_000_941))
    }

    #[test]
    fn the_share_is_of_all_messages_and_none_without_any() {
        assert_eq!(delivered_percent(&[row(1, Channel::Email, 80, 60), row(2, Channel::Email, 20, 15)]), Some(75.0));
        assert_eq!(delivered_percent(&[row(1, Channel::Email, 0, 0)]), None);
    }

    /// A server that is always in maintenance. It keeps what it was asked.
    #[derive(Clone, Default)]
    struct InMaintenance(Arc<Mutex<Vec<HttpRequest>>>);

    impl Transport for InMaintenance {
        fn send(&self, request: HttpRequest) -> Sending {
            self.0.lock().expect("no panic").push(request);
            Box::pin(async { Ok(HttpResponse::new(503).body("back at noon")) })
        }
    }

    #[tokio::test]
    async fn a_server_in_maintenance_is_asked_five_times_for_the_channel() -> Result<(), Box<dyn Error>> {
        let transport = InMaintenance::default();
        let client = builder("http://127.0.0.1").transport(transport.clone()).build()?;
        let failed = fetch(&client, Channel::Email).await.expect_err("a failure");
        assert_eq!((failed.rows.len(), failed.error.status()), (0, Some(503)));
        let requests = transport.0.lock().expect("no panic");
        assert_eq!(requests.len(), 5);
        assert!(requests[0].body.as_ref().is_some_and(|body| body.contains("email")));
        Ok(())
    }

    fn simulator(permits: Permits) -> Result<Simulator, Box<dyn Error>> {
        // Rows of your own; without them, the simulator generates some.
        let rows = [row(1, Channel::Email, 80, 60), row(2, Channel::Sms, 10, 10), row(3, Channel::Email, 20, 15)];
        Ok(Simulator::from_json(MODEL)?.data("sendings", rows.map(|row| json!(row.wire()))).token("test", permits))
    }

    async fn emails(server: &Server) -> Result<Vec<Row>, Box<dyn Error>> {
        Ok(fetch(&builder(server.url()).build()?, Channel::Email).await?)
    }

    #[tokio::test]
    async fn only_the_channel_counts() -> Result<(), Box<dyn Error>> {
        let server = simulator(Permits::all())?.start()?;
        assert_eq!(emails(&server).await?.iter().map(|row| row.id).collect::<Vec<_>>(), [1, 3]);
        // What the program sent is at hand too.
        assert_eq!(server.requests().len(), 1);
        Ok(())
    }

    #[tokio::test]
    async fn a_token_without_the_permit_is_forbidden() -> Result<(), Box<dyn Error>> {
        let server = simulator(Permits::none())?.start()?;
        let failed = fetch(&builder(server.url()).build()?, Channel::Email).await;
        assert!(matches!(failed, Err(PartialRows { error: placewise_reporting::Error::Forbidden(_), .. })));
        Ok(())
    }

    #[tokio::test]
    async fn a_connection_that_breaks_off_costs_no_row() -> Result<(), Box<dyn Error>> {
        let plan = FaultPlan::from_json(r#"{"faults": [{"do": [{"cut": {"at": 100, "of": "body"}}]}]}"#)?;
        let server = simulator(Permits::all())?.faults(plan).start()?;
        assert_eq!(emails(&server).await?.len(), 2);
        // A server whose fault was never met panics when it is dropped, so no test passes by missing it.
        assert_eq!(server.requests().len(), 2);
        Ok(())
    }
}
