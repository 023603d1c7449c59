//! Orders text.
use placewise_reporting::members;

fn main() {
    let _ = members::GENDER.gt("f");
}
