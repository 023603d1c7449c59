//! Forgets `?` after `build`.
use placewise_reporting::{Client, Sendings};

fn main() {
    let client = Client::builder().build();
    let _ = client.stream(Sendings::records());
}
