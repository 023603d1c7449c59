//! Passes a query by reference.
use placewise_reporting::{Client, Error, Sendings};

async fn run(client: Client) -> Result<(), Error> {
    let query = Sendings::records();
    client.fetch(&query).await?;
    Ok(())
}

fn main() {}
