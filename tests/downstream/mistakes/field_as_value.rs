//! Compares two fields.
use placewise_reporting::sendings;

fn main() {
    let _ = sendings::OPENED_COUNT.gt(sendings::DELIVERED_COUNT);
}
