//! Makes a range of texts.
use placewise_reporting::MemberBalance;

fn main() {
    let _ = MemberBalance::series("2026-01-01".."2026-02-01");
}
