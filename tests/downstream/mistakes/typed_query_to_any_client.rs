//! Sends a query of a generated report with a client of an API known only at run time.
use placewise_reporting::{AnyApi, ApiClient, Error, Sendings};

async fn run(client: ApiClient<AnyApi>) -> Result<(), Error> {
    client.fetch(Sendings::records()).await?;
    Ok(())
}

fn main() {}
