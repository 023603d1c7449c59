//! A program with tests that need no network: rows made by hand for its logic, and the simulator for its requests.
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
    let text = setting("PLACEWISE_CUSTOMERS")?;
    let ids: Result<Vec<i64>, _> = text.split(',').map(|id| id.trim().parse()).collect();
    let ids = ids.map_err(|_| format!("PLACEWISE_CUSTOMERS is `{text}`; write ids like `1000941,1000942`"))?;
    Ok(Client::builder()
        .base_url(setting("PLACEWISE_URL")?)
        .token(setting("PLACEWISE_TOKEN")?)
        .customers(Customers::ids(ids))
        .product_name("delivery")
        .build()?)
}

fn setting(name: &str) -> Result<String, Box<dyn Error>> {
    std::env::var(name).map_err(|error| format!("{name}: {error}; set it as shown at the top of this example").into())
}

#[cfg(test)]
mod tests {
    use placewise_reporting::MODEL;
    use placewise_simulator::{Permits, Server, Simulator};
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

    fn server(permits: Permits) -> Result<Server, Box<dyn Error>> {
        // Rows of your own; without them, the simulator generates some.
        let rows = [row(1, Channel::Email, 80, 60), row(2, Channel::Sms, 10, 10), row(3, Channel::Email, 20, 15)];
        Ok(Simulator::from_json(MODEL)?.data("sendings", rows.map(|row| json!(row.wire()))).token("test", permits).start()?)
    }

    fn client(server: &Server) -> Result<Client, Box<dyn Error>> {
        let customers = Customers::id(1_000_941);
        Ok(Client::builder().base_url(server.url()).token("test").customers(customers).product_name("test").build()?)
    }

    #[test]
    fn the_share_is_of_all_messages_and_none_without_any() {
        assert_eq!(delivered_percent(&[row(1, Channel::Email, 80, 60), row(2, Channel::Email, 20, 15)]), Some(75.0));
        assert_eq!(delivered_percent(&[row(1, Channel::Email, 0, 0)]), None);
    }

    #[tokio::test]
    async fn only_the_channel_counts() -> Result<(), Box<dyn Error>> {
        let server = server(Permits::all())?;
        let rows = fetch(&client(&server)?, Channel::Email).await?;
        assert_eq!(rows.iter().map(|row| row.id).collect::<Vec<_>>(), [1, 3]);
        // What the program sent is at hand too.
        assert_eq!(server.requests().len(), 1);
        Ok(())
    }

    #[tokio::test]
    async fn a_token_without_the_permit_is_forbidden() -> Result<(), Box<dyn Error>> {
        let server = server(Permits::none())?;
        let failed = fetch(&client(&server)?, Channel::Email).await;
        assert!(matches!(failed, Err(PartialRows { error: placewise_reporting::Error::Forbidden(_), .. })));
        Ok(())
    }
}
