//! Makes an unlisted value.
use placewise_reporting::sendings::{self, Channel};

fn main() {
    let _ = sendings::CHANNEL.eq(Channel::Unlisted("pigeon".into()));
}
