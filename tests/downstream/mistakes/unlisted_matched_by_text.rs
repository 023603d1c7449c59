//! Matches an unlisted value by its text.
use placewise_reporting::sendings::Channel;

fn main() {
    if let Channel::Unlisted("pigeon") = Channel::Email {}
}
