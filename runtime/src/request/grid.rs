//! Where buckets start in a zone: at the start of days and longer periods, and at whole steps since midnight for shorter ones. Where clocks
//! change inside a bucket, it is shorter or longer, so that every instant is in one bucket.

use jiff::{SignedDuration, civil, tz::TimeZone};

use super::points::{EPOCH, fixed, index_of};
use crate::time::period::{Period, Unit};

/// The shortest time there is.
const INSTANT: SignedDuration = SignedDuration::from_nanos(1);

/// Buckets of one length in one zone.
#[derive(Clone, Debug)]
pub(crate) struct Grid {
    length: Period,
    zone: TimeZone,
}

impl Grid {
    pub(crate) const fn new(length: Period, zone: TimeZone) -> Self {
        Self { length, zone }
    }

    pub(crate) const fn zone(&self) -> &TimeZone {
        &self.zone
    }

    /// The start of the bucket that holds an instant; none beyond the calendar's range.
    pub(crate) fn start_of(&self, at: jiff::Timestamp) -> Option<jiff::Timestamp> {
        let local = self.zone.to_datetime(at);
        let Some(nanos) = fixed(self.length) else {
            return self.at(first_day(index_of(local.date(), self.length), self.length)?);
        };
        let since = local.duration_since(local.date().to_datetime(civil::Time::midnight())).as_nanos().rem_euclid(nanos);
        let since = SignedDuration::from_nanos(i64::try_from(since).ok()?);
        let same_clock = at.checked_sub(since).ok()?;
        let Some(change) = self.change_after(same_clock, at) else { return Some(same_clock) };
        let before = change.checked_sub(INSTANT).ok()?;
        // A start that clocks skip is where they skip it. Otherwise, the bucket began before the change.
        let skipped = local.checked_sub(since).ok()? > self.zone.to_datetime(before);
        if skipped { Some(change) } else { self.start_of(before) }
    }

    /// The last time that clocks change after an instant, up to another.
    fn change_after(&self, after: jiff::Timestamp, until: jiff::Timestamp) -> Option<jiff::Timestamp> {
        let change = self.zone.preceding(until.checked_add(INSTANT).ok()?).next()?.timestamp();
        (change > after).then_some(change)
    }

    /// The start of the bucket after the one that starts there.
    pub(crate) fn after(&self, start: jiff::Timestamp) -> Option<jiff::Timestamp> {
        let Some(nanos) = fixed(self.length) else {
            let index = index_of(self.zone.to_datetime(start).date(), self.length);
            return self.at(first_day(index.checked_add(1)?, self.length)?);
        };
        let length = SignedDuration::from_nanos(i64::try_from(nanos).ok()?);
        let change = self.change_after(start, start.checked_add(length).ok()?);
        if let Some(change) = change.filter(|change| self.start_of(*change) == Some(*change)) {
            return Some(change);
        }
        // A bucket in which clocks go back is longer than its length.
        let later = std::iter::successors(start.checked_add(length).ok(), |later| later.checked_add(length).ok());
        later.take(3).filter_map(|later| self.start_of(later)).find(|next| *next > start)
    }

    /// The starts of the buckets that a range touches, also the one that holds its end; at most that many.
    pub(crate) fn starts(&self, from: jiff::Timestamp, to: jiff::Timestamp, most: usize) -> Vec<jiff::Timestamp> {
        let first = self.start_of(from).filter(|first| *first <= to);
        std::iter::successors(first, |start| self.after(*start).filter(|next| next > start && *next <= to)).take(most).collect()
    }

    fn at(&self, day: civil::Date) -> Option<jiff::Timestamp> {
        self.zone.to_timestamp(day.to_datetime(civil::Time::midnight())).ok()
    }
}

/// The first day of the calendar bucket with that index.
fn first_day(index: i64, length: Period) -> Option<civil::Date> {
    let first = index.checked_mul(i64::from(length.count.max(1)))?;
    let day = |days: i64| EPOCH.checked_add(SignedDuration::from_secs(days.checked_mul(86_400)?)).ok();
    let month = |months: i64| {
        let (year, month) = (i16::try_from(months.div_euclid(12)).ok()?, i8::try_from(months.rem_euclid(12)).ok()? + 1);
        civil::Date::new(year, month, 1).ok()
    };
    match length.unit {
        Unit::Week => day(first.checked_mul(7)?),
        Unit::Month => month(first),
        Unit::Year => month(first.checked_mul(12)?),
        _ => day(first),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const LENGTHS: [Period; 9] = [
        Period::minutes(5),
        Period::minutes(10),
        Period::hours(1),
        Period::hours(6),
        Period::days(1),
        Period::weeks(1),
        Period::months(1),
        Period::months(3),
        Period::years(1),
    ];

    const ZONES: [&str; 9] = [
        "UTC",
        "Europe/Oslo",
        "America/St_Johns",
        "Australia/Lord_Howe",
        "America/Santiago",
        "Africa/Cairo",
        "Asia/Kathmandu",
        "Antarctica/Troll",
        "Pacific/Chatham",
    ];

    fn grid(length: Period, zone: &str) -> Grid {
        Grid::new(length, TimeZone::get(zone).unwrap())
    }

    #[test]
    fn a_bucket_in_which_clocks_change_is_shorter_or_longer() {
        let hours = |length, zone, from: &str, to: &str| -> Vec<i64> {
            let (from, to) = (from.parse().unwrap(), to.parse().unwrap());
            let starts = grid(length, zone).starts(from, to, 100);
            starts.windows(2).map(|pair| pair[1].duration_since(pair[0]).as_mins()).collect()
        };
        // Clocks go back by half an hour at 2:00, and forward at 2:00.
        let (back, forward) = ("2024-04-07T00:00:00+11:00", "2024-10-06T00:00:00+10:30");
        let lord_howe = "Australia/Lord_Howe";
        assert_eq!(hours(Period::hours(1), lord_howe, back, "2024-04-07T04:00:00+10:30"), [60, 90, 60, 60]);
        assert_eq!(hours(Period::hours(1), lord_howe, forward, "2024-10-06T04:00:00+11:00"), [60, 60, 30, 60]);
        // At a quarter to three, clocks go forward, and at a quarter to four back, by an hour.
        let (chatham, forward, back) = ("Pacific/Chatham", "2020-09-27T01:00:00+12:45", "2021-04-04T02:00:00+13:45");
        assert_eq!(hours(Period::hours(1), chatham, forward, "2020-09-27T05:00:00+13:45"), [60, 45, 15, 60]);
        assert_eq!(hours(Period::hours(1), chatham, back, "2021-04-04T04:00:00+12:45"), [60, 60, 60]);
        // The hour from 2 to 3 comes twice; six hours in which it does are seven.
        let (oslo, from, to) = ("Europe/Oslo", "2024-10-27T00:00:00+02:00", "2024-10-28T00:00:00+01:00");
        assert_eq!(hours(Period::hours(1), oslo, from, to).len(), 25);
        assert_eq!(hours(Period::hours(6), oslo, from, to), [420, 360, 360, 360]);
        assert_eq!(hours(Period::days(1), oslo, from, to), [25 * 60]);
    }

    proptest! {
        #[test]
        fn every_instant_is_in_one_bucket(
            seconds in 1_600_000_000_i64..1_900_000_000,
            length in prop::sample::select(&LENGTHS[..]),
            zone in prop::sample::select(&ZONES[..]),
            near in prop::option::of(-20_000_i64..20_000),
        ) {
            let grid = grid(length, zone);
            let mut at = jiff::Timestamp::from_second(seconds).unwrap();
            // Where clocks change, most can go wrong.
            if let (Some(seconds), Some(change)) = (near, grid.zone.following(at).next()) {
                at = change.timestamp() + SignedDuration::from_secs(seconds);
            }
            let start = grid.start_of(at).unwrap();
            let next = grid.after(start).unwrap();
            prop_assert!(start <= at && at < next, "{start} {at} {next}");
            prop_assert_eq!(grid.start_of(start), Some(start));
            prop_assert_eq!(grid.start_of(next), Some(next));
            prop_assert_eq!(grid.start_of(next - SignedDuration::from_nanos(1)), Some(start));
        }
    }
}
