//! Reads rows as a struct that only serde knows.
use placewise_reporting::Sendings;

#[derive(serde::Deserialize)]
struct Counts {
    id: i64,
    opened_count: i64,
}

fn main() {
    let _ = Sendings::records().rows_as::<Counts>();
}
