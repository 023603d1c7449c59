//! Loops over a page.
use placewise_reporting::{Client, Error, Sendings};

async fn run(client: Client) -> Result<(), Error> {
    for row in client.fetch(Sendings::records()).await? {
        println!("{row:?}");
    }
    Ok(())
}

fn main() {}
