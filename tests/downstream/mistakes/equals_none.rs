//! Compares with `None` to find null.
use placewise_reporting::sendings;

fn main() {
    let _ = sendings::CAMPAIGN_ID.eq(None);
}
