//! Reads a field as `u8`.
use placewise_reporting::object;

#[derive(Clone)]
struct Counts {
    id: i64,
    hour: u8,
}
object! { Counts: id, hour }

fn main() {}
