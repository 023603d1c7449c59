//! Negates a filter.
use placewise_reporting::sendings;

fn main() {
    let _ = !sendings::OPENED_COUNT.gt(5);
}
