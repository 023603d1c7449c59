//! Reads an unknown key like a field.
use placewise_reporting::members;

fn main() {
    let row = members::Row::example();
    println!("{:?}", row.other.shoe_size);
}
