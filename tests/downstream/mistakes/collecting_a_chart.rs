//! Collects a chart row by row.
use placewise_reporting::{Client, Error, MemberBalance, jiff::Timestamp};

async fn run(client: Client) -> Result<(), Error> {
    let now = Timestamp::UNIX_EPOCH;
    client.collect_all(MemberBalance::series(now..now)).await?;
    Ok(())
}

fn main() {}
