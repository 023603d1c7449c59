//! Asks for an interval that the report does not have.
use placewise_reporting::{MembersCountSnapshot, interval, jiff::Timestamp};

fn main() {
    let now = Timestamp::UNIX_EPOCH;
    let _ = MembersCountSnapshot::series(now..now).interval(interval::Minutes5);
}
