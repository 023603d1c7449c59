//! Compares a time with text.
use placewise_reporting::sendings;

fn main() {
    let _ = sendings::CREATED_AT.ge("2026-01-01");
}
