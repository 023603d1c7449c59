//! Filters by the customer.
use placewise_reporting::sendings;

fn main() {
    let _ = sendings::LOYALTY_CLUB_ID.eq(1000941);
}
