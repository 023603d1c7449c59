//! Sets the interval of rows.
use placewise_reporting::{Sendings, interval};

fn main() {
    let _ = Sendings::records().interval(interval::Day);
}
