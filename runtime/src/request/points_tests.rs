//! Tests of counting and splitting.

use proptest::prelude::*;

use super::*;

fn range(from: &str, to: &str) -> TimeRange {
    TimeRange { from: from.parse().unwrap(), to: to.parse().unwrap() }
}

const PERIODS: [Period; 7] = [
    Period::minutes(5),
    Period::hours(1),
    Period::days(1),
    Period::weeks(1),
    Period::months(1),
    Period::years(1),
    Period::months(3),
];

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
fn an_exact_range_leaves_no_empty_part() {
    let range = range("2024-01-01T00:00:00Z", "2024-05-30T00:00:00Z");
    assert_eq!(split(range, Period::days(1), 151, None), [range]);
    let parts = split(range, Period::days(1), 150, None);
    let shown: Vec<_> = parts.iter().map(TimeRange::to_string).collect();
    assert_eq!(shown, ["2024-01-01T00:00:00Z to 2024-05-28T23:59:59.999Z", "2024-05-29T00:00:00.000Z to 2024-05-30T00:00:00Z"]);
}

#[test]
fn finds_the_start_of_retained_data() {
    let now: jiff::Timestamp = "2024-03-31T12:00:00Z".parse().unwrap();
    let like: Moment = "2024-01-01T00:00:00+02:00".parse().unwrap();
    assert_eq!(retained_since(now, Period::months(1), like).unwrap().to_string(), "2024-02-29T14:00:00.000+02:00");
    assert_eq!(retained_since(now, Period::years(u32::MAX), like), None);
}

proptest! {
    #[test]
    fn parts_cover_the_range_and_are_few_enough(
        start in 0_i64..2_000_000_000, length in 1_i64..3_000_000, bucket in prop::sample::select(&PERIODS[..]), most in 3_u32..20,
        from_offset in -20_i32..20, to_offset in -4_i32..=4,
    ) {
        let scale = match bucket.unit { Unit::Minute => 1, Unit::Hour => 10, Unit::Day => 100, _ => 300 };
        let moment = |seconds: i64, half_hours: i32| {
            let offset = jiff::tz::Offset::from_seconds(half_hours * 1800).unwrap();
            Moment::from(jiff::Timestamp::new(seconds, 0).unwrap().to_zoned_datetime(jiff::tz::TimeZone::fixed(offset)))
        };
        let range = TimeRange { from: moment(start, from_offset), to: moment(start + length * scale, from_offset + to_offset) };
        let parts = split(range, bucket, most, None);
        if parts.is_empty() {
            // Only a range with too many parts is not split.
            prop_assert!(most_points(range, bucket) > 900 * u64::from(most - 1));
            return Ok(());
        }
        prop_assert_eq!(parts[0].from, range.from);
        prop_assert_eq!(parts[parts.len() - 1].to, range.to);
        for pair in parts.windows(2) {
            prop_assert_eq!(nanos_between(pair[0].to, pair[1].from), 1_000_000);
        }
        for part in &parts {
            prop_assert!(part.from.instant() < part.to.instant(), "{part}");
            prop_assert!(count(*part, bucket, TimePoints::Length) <= u64::from(most), "{part}");
            prop_assert!(count(*part, bucket, TimePoints::Buckets) <= u64::from(most), "{part}");
        }
    }
}

/// Split in a zone, parts start at its midnights on both sides of a DST change.
#[test]
fn splits_follow_a_zone() {
    let oslo = jiff::tz::TimeZone::posix("CET-1CEST,M3.5.0,M10.5.0/3").unwrap();
    let range = range("2025-01-01T00:00:00+01:00", "2026-01-01T00:00:00+01:00");
    let starts = |zone| -> Vec<String> {
        let parts = split(range, Period::days(1), 150, zone);
        parts.iter().map(|part| part.from.to_string()).collect()
    };
    let by_zone = ["2025-01-01T00:00:00.000+01:00", "2025-05-31T00:00:00.000+02:00", "2025-10-28T00:00:00.000+01:00"];
    assert_eq!(starts(Some(&oslo)), by_zone);
    assert_eq!(starts(None)[1], "2025-05-30T00:00:00.000+01:00");
    // In another zone, a part may touch one more day than its length; none touches too many.
    for part in split(range, Period::days(1), 150, None) {
        let days = |moment: Moment| written_in(moment.instant(), Some(&oslo)).unwrap();
        let seen = TimeRange { from: days(part.from), to: days(part.to) };
        assert!(count(seen, Period::days(1), TimePoints::Buckets) <= 150, "{seen}");
    }
}

/// After a DST change of half an hour, hours start at another minute of UTC.
#[test]
fn splits_find_full_hours_after_half_an_hour() {
    let lord_howe = jiff::tz::TimeZone::posix("<+1030>-10:30<+11>-11,M10.1.0,M4.1.0").unwrap();
    for from in ["2024-03-20T00:20:00Z", "2024-03-31T14:40:00Z", "2024-09-25T00:20:00Z", "2024-10-05T15:10:00Z"] {
        let start: Moment = from.parse().unwrap();
        let range = TimeRange { from: start, to: Moment::from(start.instant() + SignedDuration::from_hours(2000)) };
        let parts = split(range, Period::hours(1), 150, Some(&lord_howe));
        assert!(parts.len() > 13);
        for part in &parts[1..] {
            assert_eq!(part.from.civil().minute(), 0, "{part}");
        }
        for part in &parts {
            assert!(most_points(*part, Period::hours(1)) <= 150, "{part}");
        }
    }
}
