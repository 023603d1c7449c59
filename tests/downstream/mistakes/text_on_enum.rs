//! Compares an enum with its text.
use placewise_reporting::sendings;

fn main() {
    let _ = sendings::CHANNEL.eq("email");
}
