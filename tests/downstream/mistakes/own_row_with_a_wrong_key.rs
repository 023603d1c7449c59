//! Lists a key that the struct does not have.
use placewise_reporting::object;

#[derive(Clone)]
struct Counts {
    id: i64,
    opened_count: i64,
}
object! { Counts: id, open_count }

fn main() {}
