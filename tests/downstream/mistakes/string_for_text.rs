//! Assigns a `String` to a text field.
use placewise_reporting::members;

fn main() {
    let mut row = members::Row::example();
    row.gender = Some("f".to_owned());
}
