//! Makes a row with a literal.
use placewise_reporting::sendings_links_stats::Row;

fn main() {
    let _ = Row { loyalty_club_id: 1, source_id: None, visits_count: 2, unique_visits_count: 2 };
}
