//! Time buckets: where they begin, in a zone, whatever its clocks do. In come an instant and the length of a bucket; out comes the
//! begin of the bucket that holds it, or of the next. Days begin at midnight, weeks on Monday, months on the first; shorter buckets
//! stand on a grid that begins at midnight.

use jiff::civil::{DateTime, Time, date};
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp, ToSpan};
use placewise_model::{Period, TimePoints, Unit};

/// Buckets of one length in one zone.
#[derive(Clone, Debug)]
pub(crate) struct Grid {
    bucket_length: Period,
    zone: TimeZone,
}

impl Grid {
    pub(crate) const fn new(bucket_length: Period, zone: TimeZone) -> Self {
        Self { bucket_length, zone }
    }

    /// The begin of the bucket that holds the instant; none beyond the calendar's ends.
    pub(crate) fn floor(&self, at: Timestamp) -> Option<Timestamp> {
        let local = self.zone.to_datetime(at);
        let begin = floor_local(local, self.bucket_length)?;
        if exact(self.bucket_length).is_some() {
            // Where the clocks were set back an hour stands twice: the begin is in the same pass as the instant.
            let since = local.duration_since(begin);
            let same_pass = at.checked_sub(since).ok()?;
            if self.zone.to_datetime(same_pass) == begin {
                return Some(same_pass);
            }
        }
        self.zone.to_timestamp(begin).ok()
    }

    /// The begin of the bucket after the one that begins there.
    pub(crate) fn next(&self, begin: Timestamp) -> Option<Timestamp> {
        match exact(self.bucket_length) {
            Some(length) => {
                let after = begin.checked_add(length).ok()?;
                // Where the clocks are set in a bucket, what follows it may begin off the grid's step.
                self.floor(after).filter(|next| *next > begin).or(Some(after))
            }
            None => self
                .zone
                .to_timestamp(step(floor_local(self.zone.to_datetime(begin), self.bucket_length)?, self.bucket_length, 1)?)
                .ok(),
        }
    }

    /// The begins of all buckets that a range touches, the one that holds its end included; of very many only the first `most`.
    pub(crate) fn begins(&self, from: Timestamp, to: Timestamp, most: usize) -> Vec<Timestamp> {
        let first = self.floor(from).filter(|first| *first <= to);
        std::iter::successors(first, |begin| self.next(*begin).filter(|next| *next <= to)).take(most).collect()
    }

    /// How many time points a range has; of very many it only says that they are more than `most`.
    pub(crate) fn points(&self, from: Timestamp, to: Timestamp, how: TimePoints, most: u32) -> u32 {
        let enough = most.saturating_add(1);
        match (how, exact(self.bucket_length)) {
            (TimePoints::Buckets, _) => {
                let begins = self.begins(from, to, usize::try_from(enough).unwrap_or(usize::MAX));
                u32::try_from(begins.len()).unwrap_or(enough)
            }
            (TimePoints::Length, Some(length)) => {
                let range = to.duration_since(from).as_millis().max(0);
                let points = (range + length.as_millis() - 1) / length.as_millis().max(1);
                u32::try_from(points).unwrap_or(enough).min(enough)
            }
            (TimePoints::Length, None) => {
                // A range that is so many days long by the clocks of UTC may be an hour longer by those of the zone. Which the server
                // looks at is not documented; the shorter count stands.
                let by = |zone: &TimeZone| {
                    let start = zone.to_datetime(from);
                    let end = |points| step(start, self.bucket_length, points).and_then(|end| zone.to_timestamp(end).ok());
                    (0..enough).find(|points| end(*points).is_none_or(|end| end >= to)).unwrap_or(enough)
                };
                by(&self.zone).min(by(&TimeZone::UTC))
            }
        }
    }
}

/// The length of buckets that have a fixed one.
fn exact(bucket_length: Period) -> Option<SignedDuration> {
    match bucket_length.unit {
        Unit::Minute => Some(SignedDuration::from_mins(i64::from(bucket_length.count))),
        Unit::Hour => Some(SignedDuration::from_hours(i64::from(bucket_length.count))),
        Unit::Day | Unit::Week | Unit::Month | Unit::Year => None,
    }
}

/// The wall clock's time at the begin of the bucket.
fn floor_local(at: DateTime, bucket_length: Period) -> Option<DateTime> {
    let count = i64::from(bucket_length.count).max(1);
    let minutes = |step: i64| {
        let minute = i64::from(at.hour()) * 60 + i64::from(at.minute());
        at.date().to_datetime(Time::midnight()).checked_add((minute - minute % step).minutes()).ok()
    };
    let months = |step: i64| {
        let month = i64::from(at.year()) * 12 + i64::from(at.month()) - 1;
        let begin = month - month.rem_euclid(step);
        let (year, month) = (i16::try_from(begin.div_euclid(12)).ok()?, i8::try_from(begin.rem_euclid(12) + 1).ok()?);
        Some(jiff::civil::Date::new(year, month, 1).ok()?.to_datetime(Time::midnight()))
    };
    // The first of January 1970 was a Thursday: the Monday before it is day -3.
    let days = |step: i64, first: i64| {
        let epoch = date(1970, 1, 1);
        let day = i64::from(epoch.until(at.date()).ok()?.get_days());
        let begin = day - (day - first).rem_euclid(step);
        Some(epoch.checked_add(begin.days()).ok()?.to_datetime(Time::midnight()))
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

/// The wall clock's time so many spans later.
pub(crate) fn step(at: DateTime, bucket_length: Period, times: u32) -> Option<DateTime> {
    at.checked_add(length(bucket_length).checked_mul(i64::from(times)).ok()?).ok()
}

/// The wall clock's time one span earlier.
pub(crate) fn back(at: DateTime, bucket_length: Period) -> Option<DateTime> {
    at.checked_sub(length(bucket_length)).ok()
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

/// Whether a range is at most that long. A day is taken as 24 hours here; longer units by the calendar of UTC.
pub(crate) fn at_most(from: Timestamp, to: Timestamp, limit: Period) -> bool {
    let end = match limit.unit {
        Unit::Minute | Unit::Hour | Unit::Day => {
            let minutes = match limit.unit {
                Unit::Minute => 1,
                Unit::Hour => 60,
                _ => 24 * 60,
            };
            from.checked_add(SignedDuration::from_mins(i64::from(limit.count) * minutes)).ok()
        }
        _ => step(TimeZone::UTC.to_datetime(from), limit, 1).and_then(|end| TimeZone::UTC.to_timestamp(end).ok()),
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
    fn buckets_begin_where_the_calendar_says() {
        let oslo = zone("Europe/Oslo");
        for (index, begin) in [
            (0, "2024-05-15T13:35:00+02:00"),
            (1, "2024-05-15T13:00:00+02:00"),
            (2, "2024-05-15T12:00:00+02:00"),
            (3, "2024-05-15T00:00:00+02:00"),
            (4, "2024-05-13T00:00:00+02:00"),
            (5, "2024-05-01T00:00:00+02:00"),
            (6, "2024-04-01T00:00:00+02:00"),
            (7, "2024-01-01T00:00:00+01:00"),
        ] {
            let grid = Grid::new(ALL[index], oslo.clone());
            assert_eq!(grid.floor(at("2024-05-15T13:37:42+02:00")), Some(at(begin)), "{}", ALL[index]);
        }
    }

    #[test]
    fn days_of_other_lengths() {
        let day = Grid::new(ALL[3], zone("Europe/Oslo"));
        let (short, long) = (at("2024-03-31T00:00:00+01:00"), at("2024-10-27T00:00:00+02:00"));
        assert_eq!(day.next(short), Some(at("2024-04-01T00:00:00+02:00")), "23 hours");
        assert_eq!(day.next(long), Some(at("2024-10-28T00:00:00+01:00")), "25 hours");
        let hour = Grid::new(ALL[1], zone("Europe/Oslo"));
        assert_eq!(hour.begins(short, day.next(short).expect("next"), 100).len(), 24);
        assert_eq!(hour.begins(long, day.next(long).expect("next"), 100).len(), 26);
        // Both passes of the hour that stands twice have a bucket of their own.
        assert_eq!(hour.floor(at("2024-10-27T02:30:00+02:00")), Some(at("2024-10-27T02:00:00+02:00")));
        assert_eq!(hour.floor(at("2024-10-27T02:30:00+01:00")), Some(at("2024-10-27T02:00:00+01:00")));
    }

    #[test]
    fn time_points_are_counted_both_ways() {
        let day = Grid::new(ALL[3], zone("Europe/Oslo"));
        let points = |to: &str, how| day.points(at("2024-03-01T00:00:00+01:00"), at(to), how, 150);
        // Over the night in which an hour is missing: still 31 days.
        assert_eq!(points("2024-04-01T00:00:00+02:00", TimePoints::Length), 31);
        assert_eq!(points("2024-04-01T00:00:00+02:00", TimePoints::Buckets), 32);
        assert_eq!(points("2024-03-03T00:00:01+01:00", TimePoints::Length), 3);
        assert_eq!(points("2034-04-01T00:00:01+02:00", TimePoints::Length), 151, "many are only more than the most");
        // 40 days of UTC, and an hour more in Oslo.
        assert_eq!(day.points(at("2024-03-01T00:00:00Z"), at("2024-04-10T00:00:00Z"), TimePoints::Length, 150), 40);
        let five = Grid::new(ALL[0], TimeZone::UTC);
        let (from, to) = (at("2024-03-01T00:01:00Z"), at("2024-03-01T00:11:00Z"));
        assert_eq!(five.points(from, to, TimePoints::Length, 150), 2);
        assert_eq!(five.points(from, to, TimePoints::Buckets, 150), 3);
        assert_eq!(five.points(from, from, TimePoints::Length, 150), 0);
    }

    #[test]
    fn ranges_are_measured() {
        let (from, to) = (at("2024-03-01T00:00:00Z"), at("2024-03-04T00:00:00Z"));
        assert!(at_most(from, to, Period { count: 3, unit: Unit::Day }));
        assert!(!at_most(from, to, Period { count: 71, unit: Unit::Hour }));
        assert!(at_most(from, to, Period { count: 1, unit: Unit::Week }));
    }

    proptest! {
        #[test]
        fn every_instant_is_in_the_bucket_that_is_walked_to(
            seconds in 1_700_000_000_i64..1_800_000_000,
            span in prop::sample::select(ALL.to_vec()),
            name in prop::sample::select(vec!["Europe/Oslo", "America/Denver", "America/Sao_Paulo", "Asia/Kolkata", "Africa/Cairo"]),
        ) {
            let grid = Grid::new(span, zone(name));
            let at = Timestamp::from_second(seconds).expect("an instant");
            let begin = grid.floor(at).expect("a bucket");
            let next = grid.next(begin).expect("a bucket");
            prop_assert!(begin <= at && at < next);
            prop_assert_eq!(grid.floor(begin), Some(begin));
            prop_assert_eq!(grid.floor(next), Some(next));
            let before = next.checked_sub(SignedDuration::from_secs(1)).expect("an instant");
            prop_assert_eq!(grid.floor(before), Some(begin));
        }
    }
}
