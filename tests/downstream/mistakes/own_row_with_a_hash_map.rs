//! Reads a field as a `HashMap`.
use std::collections::HashMap;

use placewise_reporting::object;

#[derive(Clone)]
struct Counts {
    id: i64,
    consents: HashMap<String, bool>,
}
object! { Counts: id, consents }

fn main() {}
