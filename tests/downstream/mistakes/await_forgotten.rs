//! Forgets `.await`.
use placewise_reporting::{Client, Error, Sendings};

async fn run(client: Client) -> Result<(), Error> {
    let page = client.fetch(Sendings::records())?;
    println!("{}", page.rows.len());
    Ok(())
}

fn main() {}
