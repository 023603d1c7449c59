//! Reads a chart as rows.
use placewise_reporting::{JsonRow, MemberBalance, jiff::Timestamp};

fn main() {
    let now = Timestamp::UNIX_EPOCH;
    let _ = MemberBalance::series(now..now).rows_as::<JsonRow>();
}
