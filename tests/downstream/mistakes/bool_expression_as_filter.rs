//! Writes a filter as a Rust comparison.
use placewise_reporting::{Sendings, sendings};

fn main() {
    let _ = Sendings::records().filter(sendings::DELIVERED_COUNT == 5);
}
