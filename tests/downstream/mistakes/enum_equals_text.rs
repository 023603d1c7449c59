//! Compares an enum with text.
use placewise_reporting::sendings::Channel;

fn main() {
    let channel = Channel::from("email");
    println!("{}", channel == "email");
}
