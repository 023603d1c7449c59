//! Filters by a field of another report.
use placewise_reporting::{Sendings, members};

fn main() {
    let _ = Sendings::records().filter(members::ID.gt(5));
}
