//! Compares an integer with a fraction.
use placewise_reporting::sendings;

fn main() {
    let _ = sendings::DELIVERED_COUNT.gt(0.5);
}
