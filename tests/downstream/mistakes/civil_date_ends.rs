//! Makes a range of dates without a zone.
use placewise_reporting::{MemberBalance, jiff::civil::date};

fn main() {
    let _ = MemberBalance::series(date(2026, 1, 1)..date(2026, 2, 1));
}
