//! Loops over a stream.
use placewise_reporting::{Client, Error, Sendings};

async fn run(client: Client) -> Result<(), Error> {
    for row in client.stream(Sendings::records()) {
        println!("{row:?}");
    }
    Ok(())
}

fn main() {}
