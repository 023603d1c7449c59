//! Compares a value of a chart with a number.
use placewise_reporting::{Client, Error, MemberBalance, jiff::Timestamp};

async fn run(client: Client) -> Result<(), Error> {
    let now = Timestamp::UNIX_EPOCH;
    let chart = client.fetch(MemberBalance::series(now..now)).await?;
    println!("{}", chart.series[0].values[0] > 3);
    Ok(())
}

fn main() {}
