//! Lends a client where an owned one is wanted.
use placewise_reporting::{Client, Error, Sendings};

async fn export(client: Client) -> Result<(), Error> {
    client.fetch(Sendings::records()).await?;
    Ok(())
}

async fn run(client: &Client) -> Result<(), Error> {
    export(client).await
}

fn main() {}
