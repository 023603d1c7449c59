//! Compares with the optional value of another row.
use placewise_reporting::sendings;

fn main() {
    let row = sendings::Row::example();
    let _ = sendings::CAMPAIGN_ID.eq(row.campaign_id);
}
