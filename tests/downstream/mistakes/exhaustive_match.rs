//! Matches the documented values of an enum only.
use placewise_reporting::sendings::Channel;

fn name(channel: Channel) -> &'static str {
    match channel {
        Channel::Sms => "text",
        Channel::Email => "mail",
        Channel::Push => "push",
    }
}

fn main() {
    name(Channel::Email);
}
