//! Gives a year as a range.
use placewise_reporting::MemberBalance;

fn main() {
    let _ = MemberBalance::series("2025");
}
