//! Passes the id of a customer as text.
use placewise_reporting::Client;

fn main() {
    let _ = Client::builder().customers("1000941");
}
