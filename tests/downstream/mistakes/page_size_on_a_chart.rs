//! Sets the page size of a chart.
use placewise_reporting::{MemberBalance, jiff::Timestamp};

fn main() {
    let now = Timestamp::UNIX_EPOCH;
    let _ = MemberBalance::series(now..now).page_size(500);
}
