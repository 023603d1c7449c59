//! What works with the client as the only dependency. In the workspace, other packages bring features that would hide what is missing.

use placewise_reporting::{jiff::civil::date, jiff::tz::TimeZone};

#[test]
fn time_zones_are_known_by_name() {
    let oslo = TimeZone::get("Europe/Oslo").expect("a bundled time zone");
    let local = oslo.to_ambiguous_timestamp(date(2026, 3, 29).at(2, 0, 0, 0));
    assert!(local.is_ambiguous());
}
