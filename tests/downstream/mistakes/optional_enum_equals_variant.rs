//! Compares an optional enum with a variant.
use placewise_reporting::sendings::{self, Channel};

fn main() {
    let row = sendings::Row::example();
    println!("{}", row.channel == Channel::Email);
}
