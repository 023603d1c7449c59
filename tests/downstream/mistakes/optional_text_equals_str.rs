//! Compares an optional text with text.
use placewise_reporting::members;

fn main() {
    let row = members::Row::example();
    println!("{}", row.gender == Some("f"));
}
