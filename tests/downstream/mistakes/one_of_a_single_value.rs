//! Passes one value where a list is wanted.
use placewise_reporting::sendings::{self, Channel};

fn main() {
    let _ = sendings::CHANNEL.one_of(Channel::Email);
}
