//! Takes rows as from an iterator.
use placewise_reporting::{Client, Error, Sendings};

async fn run(client: Client) -> Result<(), Error> {
    let mut rows = client.stream(Sendings::records());
    while let Some(row) = rows.next().await {
        println!("{row:?}");
    }
    Ok(())
}

fn main() {}
