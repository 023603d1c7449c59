//! Fetches a report instead of a query.
use placewise_reporting::{Client, Error, Sendings};

async fn run(client: Client) -> Result<(), Error> {
    client.fetch(Sendings).await?;
    Ok(())
}

fn main() {}
