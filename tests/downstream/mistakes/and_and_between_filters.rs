//! Joins filters with `&&`.
use placewise_reporting::sendings;

fn main() {
    let _ = sendings::OPENED_COUNT.gt(5) && sendings::DELIVERED_COUNT.gt(5);
}
