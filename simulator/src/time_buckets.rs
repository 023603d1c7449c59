//! Where time buckets start in a time zone, across DST changes.
//!
//! Days start at midnight, weeks on Monday, months on the first; shorter buckets are counted from midnight.

use jiff::civil::{DateTime, Time, date};
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp, ToSpan};
use placewise_model::{Period, TimePoints, Unit};

/// Buckets of one length in one zone.
#[derive(Clone, Debug)]
pub(crate) struct TimeBuckets {
    bucket_length: Period,
    zone: TimeZone,
}

impl TimeBuckets {
    pub(crate) const fn new(bucket_length: Period, zone: TimeZone) -> Self {
        Self { bucket_length, zone }
    }

    /// Start of the bucket that contains `at`; `None` outside of the calendar.
    pub(crate) fn start_of(&self, at: Timestamp) -> Option<Timestamp> {
        let offset = self.zone.to_offset(at);
        let start = local_start(offset.to_datetime(at), self.bucket_length)?;
        if fixed_length(self.bucket_length).is_none() {
            return self.zone.to_timestamp(start).ok();
        }
        let same_offset = offset.to_timestamp(start).ok()?;
        // The offset may have changed since. Its change starts a bucket if clocks skipped the time at which one starts.
        match self.last_change(at).filter(|change| *change > same_offset) {
            None => Some(same_offset),
            Some(change) if self.zone.to_offset(just_before(change)?).to_timestamp(start).ok()? >= change => Some(change),
            Some(change) => self.start_of(just_before(change)?),
        }
    }

    /// The latest change of the offset at or before `at`.
    fn last_change(&self, at: Timestamp) -> Option<Timestamp> {
        let second_later = at.checked_add(SignedDuration::from_secs(1)).ok()?;
        self.zone.preceding(second_later).map(|change| change.timestamp()).find(|change| *change <= at)
    }

    /// Start of the bucket after the one that starts at `start`.
    pub(crate) fn next_start(&self, start: Timestamp) -> Option<Timestamp> {
        match fixed_length(self.bucket_length) {
            Some(length) => {
                // A bucket in which clocks go back is longer than its length; one in which they go forward may end there.
                let candidates = std::iter::successors(start.checked_add(length).ok(), |after| after.checked_add(length).ok());
                let change = self.last_change(start.checked_add(length).ok()?);
                change.into_iter().chain(candidates.take(3)).filter_map(|after| self.start_of(after)).find(|next| *next > start)
            }
            None => self
                .zone
                .to_timestamp(add(local_start(self.zone.to_datetime(start), self.bucket_length)?, self.bucket_length, 1)?)
                .ok(),
        }
    }

    /// Starts of all buckets that the range touches, including the one that contains its end; at most `most`.
    pub(crate) fn starts(&self, from: Timestamp, to: Timestamp, most: usize) -> Vec<Timestamp> {
        let first = self.start_of(from).filter(|first| *first <= to);
        std::iter::successors(first, |start| self.next_start(*start).filter(|next| *next <= to)).take(most).collect()
    }

    /// Number of time points of a range; `most + 1` for any larger number.
    pub(crate) fn count_points(&self, from: Timestamp, to: Timestamp, how: TimePoints, most: u32) -> u32 {
        let enough = most.saturating_add(1);
        match (how, fixed_length(self.bucket_length)) {
            (TimePoints::Buckets, _) => {
                let starts = self.starts(from, to, usize::try_from(enough).unwrap_or(usize::MAX));
                u32::try_from(starts.len()).unwrap_or(enough)
            }
            (TimePoints::Length, Some(length)) => {
                let range = to.duration_since(from).as_millis().max(0);
                let points = (range + length.as_millis() - 1) / length.as_millis().max(1);
                u32::try_from(points).unwrap_or(enough).min(enough)
            }
            (TimePoints::Length, None) => {
                // A range of whole days in UTC may be an hour longer in the zone. Which of the two counts is undocumented; the
                // smaller number is used.
                let by = |zone: &TimeZone| {
                    let start = zone.to_datetime(from);
                    let end = |points| add(start, self.bucket_length, points).and_then(|end| zone.to_timestamp(end).ok());
                    (0..enough).find(|points| end(*points).is_none_or(|end| end >= to)).unwrap_or(enough)
                };
                by(&self.zone).min(by(&TimeZone::UTC))
            }
        }
    }
}

fn just_before(at: Timestamp) -> Option<Timestamp> {
    at.checked_sub(SignedDuration::from_nanos(1)).ok()
}

/// The length of minutes and hours; longer units vary.
fn fixed_length(bucket_length: Period) -> Option<SignedDuration> {
    match bucket_length.unit {
        Unit::Minute => Some(SignedDuration::from_mins(i64::from(bucket_length.count))),
        Unit::Hour => Some(SignedDuration::from_hours(i64::from(bucket_length.count))),
        Unit::Day | Unit::Week | Unit::Month | Unit::Year => None,
    }
}

/// Local time at the start of the bucket.
fn local_start(at: DateTime, bucket_length: Period) -> Option<DateTime> {
    let count = i64::from(bucket_length.count).max(1);
    let minutes = |step: i64| {
        let minute = i64::from(at.hour()) * 60 + i64::from(at.minute());
        at.date().to_datetime(Time::midnight()).checked_add((minute - minute % step).minutes()).ok()
    };
    let months = |step: i64| {
        let month = i64::from(at.year()) * 12 + i64::from(at.month()) - 1;
        let start = month - month.rem_euclid(step);
        let (year, month) = (i16::try_from(start.div_euclid(12)).ok()?, i8::try_from(start.rem_euclid(12) + 1).ok()?);
        Some(jiff::civil::Date::new(year, month, 1).ok()?.to_datetime(Time::midnight()))
    };
    // 1970-01-01 was a Thursday: the Monday before it is day -3.
    let days = |step: i64, first: i64| {
        let epoch = date(1970, 1, 1);
        let day = i64::from(epoch.until(at.date()).ok()?.get_days());
        let start = day - (day - first).rem_euclid(step);
        Some(epoch.checked_add(start.days()).ok()?.to_datetime(Time::midnight()))
    };
    match bucket_length.unit {
        Unit::Minute => minutes(count),
        Unit::Hour => minutes(count * 60),
        Unit::Day => days(count, 0),
        Unit::Week => days(count * 7, -3),
        Unit::Month => months(count),
        Unit::Year => months(count * 12),
    }
}

/// The local time `times` periods later.
pub(crate) fn add(at: DateTime, bucket_length: Period, times: u32) -> Option<DateTime> {
    at.checked_add(length(bucket_length).checked_mul(i64::from(times)).ok()?).ok()
}

/// The local time one period earlier.
pub(crate) fn subtract(at: DateTime, bucket_length: Period) -> Option<DateTime> {
    at.checked_sub(length(bucket_length)).ok()
}

/// The instant one period earlier, by the calendar of UTC.
pub(crate) fn earlier(at: Timestamp, period: Period) -> Option<Timestamp> {
    TimeZone::UTC.to_timestamp(subtract(TimeZone::UTC.to_datetime(at), period)?).ok()
}

fn length(bucket_length: Period) -> jiff::Span {
    let count = i64::from(bucket_length.count);
    match bucket_length.unit {
        Unit::Minute => count.minutes(),
        Unit::Hour => count.hours(),
        Unit::Day => count.days(),
        Unit::Week => count.weeks(),
        Unit::Month => count.months(),
        Unit::Year => count.years(),
    }
}

/// Whether a range is at most that long. A day counts as 24 hours here; longer units follow the UTC calendar.
pub(crate) fn is_at_most(from: Timestamp, to: Timestamp, limit: Period) -> bool {
    let end = match limit.unit {
        Unit::Minute | Unit::Hour | Unit::Day => {
            let minutes = match limit.unit {
                Unit::Minute => 1,
                Unit::Hour => 60,
                _ => 24 * 60,
            };
            from.checked_add(SignedDuration::from_mins(i64::from(limit.count) * minutes)).ok()
        }
        _ => add(TimeZone::UTC.to_datetime(from), limit, 1).and_then(|end| TimeZone::UTC.to_timestamp(end).ok()),
    };
    end.is_none_or(|end| to <= end)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const ALL: [Period; 8] = [
        Period { count: 5, unit: Unit::Minute },
        Period { count: 1, unit: Unit::Hour },
        Period { count: 6, unit: Unit::Hour },
        Period { count: 1, unit: Unit::Day },
        Period { count: 1, unit: Unit::Week },
        Period { count: 1, unit: Unit::Month },
        Period { count: 3, unit: Unit::Month },
        Period { count: 1, unit: Unit::Year },
    ];

    fn zone(name: &str) -> TimeZone {
        TimeZone::get(name).expect("a zone")
    }

    fn at(text: &str) -> Timestamp {
        text.parse().expect("an instant")
    }

    #[test]
    fn buckets_start_on_calendar_units() {
        let oslo = zone("Europe/Oslo");
        for (index, start) in [
            (0, "2024-05-15T13:35:00+02:00"),
            (1, "2024-05-15T13:00:00+02:00"),
            (2, "2024-05-15T12:00:00+02:00"),
            (3, "2024-05-15T00:00:00+02:00"),
            (4, "2024-05-13T00:00:00+02:00"),
            (5, "2024-05-01T00:00:00+02:00"),
            (6, "2024-04-01T00:00:00+02:00"),
            (7, "2024-01-01T00:00:00+01:00"),
        ] {
            let buckets = TimeBuckets::new(ALL[index], oslo.clone());
            assert_eq!(buckets.start_of(at("2024-05-15T13:37:42+02:00")), Some(at(start)), "{}", ALL[index]);
        }
    }

    #[test]
    fn dst_days_have_23_or_25_hours_and_a_repeated_hour_has_two_buckets() {
        let day = TimeBuckets::new(ALL[3], zone("Europe/Oslo"));
        let (short, long) = (at("2024-03-31T00:00:00+01:00"), at("2024-10-27T00:00:00+02:00"));
        assert_eq!(day.next_start(short), Some(at("2024-04-01T00:00:00+02:00")), "23 hours");
        assert_eq!(day.next_start(long), Some(at("2024-10-28T00:00:00+01:00")), "25 hours");
        let hour = TimeBuckets::new(ALL[1], zone("Europe/Oslo"));
        assert_eq!(hour.starts(short, day.next_start(short).expect("next"), 100).len(), 24);
        assert_eq!(hour.starts(long, day.next_start(long).expect("next"), 100).len(), 26);
        // Each pass of the repeated hour has its own bucket.
        assert_eq!(hour.start_of(at("2024-10-27T02:30:00+02:00")), Some(at("2024-10-27T02:00:00+02:00")));
        assert_eq!(hour.start_of(at("2024-10-27T02:30:00+01:00")), Some(at("2024-10-27T02:00:00+01:00")));
    }

    #[test]
    fn time_points_are_counted_by_length_or_by_buckets() {
        let day = TimeBuckets::new(ALL[3], zone("Europe/Oslo"));
        let points = |to: &str, how| day.count_points(at("2024-03-01T00:00:00+01:00"), at(to), how, 150);
        // Across the night that lacks an hour: still 31 days.
        assert_eq!(points("2024-04-01T00:00:00+02:00", TimePoints::Length), 31);
        assert_eq!(points("2024-04-01T00:00:00+02:00", TimePoints::Buckets), 32);
        assert_eq!(points("2024-03-03T00:00:01+01:00", TimePoints::Length), 3);
        assert_eq!(points("2034-04-01T00:00:01+02:00", TimePoints::Length), 151, "only that there are more");
        // 40 days of UTC, and an hour more in Oslo.
        assert_eq!(day.count_points(at("2024-03-01T00:00:00Z"), at("2024-04-10T00:00:00Z"), TimePoints::Length, 150), 40);
        let five = TimeBuckets::new(ALL[0], TimeZone::UTC);
        let (from, to) = (at("2024-03-01T00:01:00Z"), at("2024-03-01T00:11:00Z"));
        assert_eq!(five.count_points(from, to, TimePoints::Length, 150), 2);
        assert_eq!(five.count_points(from, to, TimePoints::Buckets, 150), 3);
        assert_eq!(five.count_points(from, from, TimePoints::Length, 150), 0);
    }

    #[test]
    fn ranges_are_compared_with_periods() {
        let (from, to) = (at("2024-03-01T00:00:00Z"), at("2024-03-04T00:00:00Z"));
        assert!(is_at_most(from, to, Period { count: 3, unit: Unit::Day }));
        assert!(!is_at_most(from, to, Period { count: 71, unit: Unit::Hour }));
        assert!(is_at_most(from, to, Period { count: 1, unit: Unit::Week }));
    }

    proptest! {
        #[test]
        fn an_instant_lies_between_the_start_of_its_bucket_and_the_next(
            seconds in 1_700_000_000_i64..1_800_000_000,
            near in prop::option::of(-20_000_i64..20_000),
            length in prop::sample::select(ALL.to_vec()),
            name in prop::sample::select(vec![
                "Europe/Oslo", "America/Denver", "America/Sao_Paulo", "Asia/Kolkata", "Africa/Cairo", "Australia/Lord_Howe", "Antarctica/Troll",
                "Pacific/Chatham",
            ]),
        ) {
            let buckets = TimeBuckets::new(length, zone(name));
            let mut at = Timestamp::from_second(seconds).expect("an instant");
            // Around a DST change, where most can go wrong.
            if let (Some(seconds), Some(change)) = (near, buckets.zone.following(at).next()) {
                at = change.timestamp() + SignedDuration::from_secs(seconds);
            }
            let start = buckets.start_of(at).expect("a bucket");
            let next = buckets.next_start(start).expect("a bucket");
            prop_assert!(start <= at && at < next);
            prop_assert_eq!(buckets.start_of(start), Some(start));
            prop_assert_eq!(buckets.start_of(next), Some(next));
            let before = next.checked_sub(SignedDuration::from_secs(1)).expect("an instant");
            prop_assert_eq!(buckets.start_of(before), Some(start));
        }
    }
}
