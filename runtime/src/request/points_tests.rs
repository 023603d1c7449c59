//! Tests of counting.

use super::*;

fn range(from: &str, to: &str) -> TimeRange {
    TimeRange { from: from.parse().unwrap(), to: to.parse().unwrap() }
}

#[test]
fn counts_both_ways() {
    let both = |from: &str, to: &str, bucket| {
        let range = range(from, to);
        (count(range, bucket, TimePoints::Length), count(range, bucket, TimePoints::Buckets))
    };
    assert_eq!(both("2024-01-01T00:00:00Z", "2024-05-30T00:00:00Z", Period::days(1)), (150, 151));
    assert_eq!(both("2024-01-01T00:00:00Z", "2024-01-01T12:30:00Z", Period::minutes(5)), (150, 151));
    assert_eq!(both("2024-01-01T00:03:00Z", "2024-01-01T00:06:00Z", Period::minutes(5)), (1, 2));
    assert_eq!(both("2024-01-01T00:01:00Z", "2024-01-01T00:02:00Z", Period::minutes(5)), (1, 1));
    assert_eq!(both("2024-01-07T23:00:00Z", "2024-01-08T01:00:00Z", Period::weeks(1)), (1, 2));
    assert_eq!(both("2024-01-31T00:00:00Z", "2024-02-29T00:00:00Z", Period::months(1)), (1, 2));
    assert_eq!(both("2024-01-31T00:00:00Z", "2024-03-01T00:00:00Z", Period::months(1)), (2, 3));
    assert_eq!(both("2023-06-01T00:00:00Z", "2024-06-01T00:00:00Z", Period::years(1)), (1, 2));
    // Across a DST change 23 hours are one calendar day.
    assert_eq!(both("2024-03-31T00:00:00+01:00", "2024-04-01T00:00:00+02:00", Period::days(1)), (1, 2));
    assert_eq!(both("2024-10-27T00:00:00+02:00", "2024-10-28T00:00:00+01:00", Period::days(1)), (1, 2));
    // An hour in a zone with half hours starts at its own full hour.
    assert_eq!(both("2024-01-01T00:00:00+05:30", "2024-01-01T00:59:00+05:30", Period::hours(1)), (1, 1));
}

#[test]
fn a_period_before_follows_the_calendar() {
    let now: jiff::Timestamp = "2024-03-31T12:00:00Z".parse().unwrap();
    let like: Moment = "2024-01-01T00:00:00+02:00".parse().unwrap();
    assert_eq!(before(now, Period::months(1), like).unwrap().to_string(), "2024-02-29T14:00:00.000+02:00");
    assert_eq!(before(now, Period::years(u32::MAX), like), None);
}
