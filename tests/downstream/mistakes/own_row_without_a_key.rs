//! Forgets to list a key.
use placewise_reporting::object;

#[derive(Clone)]
struct Counts {
    id: i64,
    opened_count: i64,
}
object! { Counts: id }

fn main() {}
