//! Gives an interval by its name.
use placewise_reporting::{MemberBalance, jiff::Timestamp};

fn main() {
    let now = Timestamp::UNIX_EPOCH;
    let _ = MemberBalance::series(now..now).interval("1d");
}
