//! Where the requests of a history begin and end. Every bucket of the range is in one part.

use std::ops::Range;

use jiff::{SignedDuration, tz::TimeZone};

use crate::request::grid::Grid;
use crate::request::points::{before, most_points};
use crate::time::{moment::Moment, period::Period, range::TimeRange};

/// The most parts of a history. One with more is probably a mistake.
pub(super) const MOST_PARTS: usize = 1000;

/// The smallest step that the API writes.
const MILLISECOND: SignedDuration = SignedDuration::from_millis(1);

/// Consecutive buckets, by index.
pub(super) type Part = Range<usize>;

/// The buckets of a range.
#[derive(Clone)]
pub(super) struct Plan {
    grid: Grid,
    length: Period,
    range: TimeRange,
    most_points: u32,
    starts: Vec<jiff::Timestamp>,
}

impl Plan {
    /// None if the range needs more than the most parts.
    pub(super) fn new(grid: Grid, length: Period, range: TimeRange, most_points: u32) -> Option<Self> {
        let most = usize::try_from(most_points).unwrap_or(usize::MAX).saturating_mul(MOST_PARTS);
        let starts = grid.starts(range.from.instant(), range.to.instant(), most.saturating_add(1));
        (starts.len() <= most).then_some(Self { grid, length, range, most_points, starts })
    }

    /// All buckets.
    pub(super) fn whole(&self) -> Part {
        0..self.starts.len()
    }

    /// Parts of at most as many time points as one request may have, whichever way the server counts. The first one has at most `first`.
    pub(super) fn parts(&self, of: Part, first: u32) -> Vec<Part> {
        let (mut parts, mut start, mut most) = (Vec::new(), of.start, first.max(1));
        while start < of.end {
            let longest = usize::try_from(most).unwrap_or(usize::MAX);
            let mut end = start.saturating_add(longest).min(of.end);
            // A bucket in which clocks change may count as two.
            while end > start + 1 && most_points(self.range_of(&(start..end)), self.length) > u64::from(most) {
                end -= 1;
            }
            parts.push(start..end);
            (start, most) = (end, self.most_points.max(1));
        }
        parts
    }

    /// The buckets that a range until the end of the plan's holds wholly.
    pub(super) fn since(&self, from: Moment) -> Part {
        let from = from.instant();
        let first = if from <= self.range.from.instant() { 0 } else { self.starts.partition_point(|start| *start < from) };
        first..self.starts.len()
    }

    /// The range to request: up to one millisecond before the next part, because the server includes the bucket that holds the end.
    pub(super) fn range_of(&self, part: &Part) -> TimeRange {
        if *part == self.whole() {
            return self.range;
        }
        let from = match part.start {
            0 => self.range.from,
            start => self.start(start),
        };
        let to = match self.starts.get(part.end) {
            Some(next) => self.moment(next.checked_sub(MILLISECOND).unwrap_or(*next)),
            None => self.range.to,
        };
        // A range that ends where its last bucket starts would leave an empty part.
        if to.instant() > from.instant() {
            return TimeRange { from, to };
        }
        TimeRange { from, to: self.moment(from.instant().checked_add(MILLISECOND).unwrap_or(from.instant())) }
    }

    /// The start of a bucket.
    pub(super) fn start(&self, index: usize) -> Moment {
        self.starts.get(index).map_or(self.range.to, |start| self.moment(*start))
    }

    /// Whether a bucket that starts at this instant belongs to the part.
    pub(super) fn holds(&self, part: &Part, start: jiff::Timestamp) -> bool {
        self.starts.get(part.start).is_some_and(|first| *first <= start)
            && self.starts.get(part.end).is_none_or(|next| start < *next)
    }

    /// Whether buckets start at the same times in another zone.
    pub(super) fn fits(&self, zone: &TimeZone) -> bool {
        let other = Grid::new(self.length, zone.clone());
        self.starts.iter().all(|start| other.start_of(*start) == Some(*start))
    }

    pub(super) fn grid(&self) -> &Grid {
        &self.grid
    }

    fn moment(&self, instant: jiff::Timestamp) -> Moment {
        instant.to_zoned_datetime(self.grid.zone().clone()).into()
    }
}

/// The longest end of a range that one request may ask for, in whatever zone the server lays its buckets; at least its last millisecond.
pub(super) fn end(range: TimeRange, length: Period, most: u32) -> TimeRange {
    let longest = (1..most).rev().filter_map(|buckets| {
        let period = Period { count: length.count.checked_mul(buckets)?, ..length };
        let from = before(range.to.instant(), period, range.to)?;
        Some(TimeRange { from: if from.instant() > range.from.instant() { from } else { range.from }, ..range })
    });
    let fits = |end: &TimeRange| end.from.instant() < end.to.instant() && most_points(*end, length) < u64::from(most);
    let last = || range.to.civil().checked_sub(MILLISECOND).ok().and_then(|from| range.to.at(from));
    let end = std::iter::once(range).chain(longest).find(fits);
    end.unwrap_or_else(|| TimeRange { from: last().unwrap_or(range.to), ..range })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const LENGTHS: [Period; 6] =
        [Period::minutes(5), Period::minutes(10), Period::hours(1), Period::days(1), Period::weeks(1), Period::months(1)];
    const ZONES: [&str; 6] =
        ["UTC", "Europe/Oslo", "America/St_Johns", "Australia/Lord_Howe", "America/Santiago", "Antarctica/Troll"];

    fn plan(range: TimeRange, length: Period, zone: &str, most: u32) -> Option<Plan> {
        Plan::new(Grid::new(length, TimeZone::get(zone).unwrap()), length, range, most)
    }

    fn range(from: &str, to: &str) -> TimeRange {
        TimeRange { from: from.parse().unwrap(), to: to.parse().unwrap() }
    }

    #[test]
    fn parts_start_at_midnight_of_the_zone_on_both_sides_of_a_dst_change() {
        let range = range("2025-01-01T00:00:00+01:00", "2026-01-01T00:00:00+01:00");
        let plan = plan(range, Period::days(1), "Europe/Oslo", 150).unwrap();
        let parts: Vec<String> = plan.parts(plan.whole(), 150).iter().map(|part| plan.range_of(part).to_string()).collect();
        assert_eq!(
            parts,
            [
                "2025-01-01T00:00:00+01:00 to 2025-05-30T23:59:59.999+02:00",
                "2025-05-31T00:00:00.000+02:00 to 2025-10-27T23:59:59.999+01:00",
                "2025-10-28T00:00:00.000+01:00 to 2026-01-01T00:00:00+01:00",
            ]
        );
    }

    #[test]
    fn a_bucket_that_starts_at_the_end_is_a_part_of_its_own() {
        let plan = plan(range("2024-01-01T00:00:00Z", "2024-05-30T00:00:00Z"), Period::days(1), "UTC", 150).unwrap();
        let parts = plan.parts(plan.whole(), 150);
        assert_eq!(parts, [0..150, 150..151]);
        assert_eq!(plan.range_of(&parts[1]).to_string(), "2024-05-30T00:00:00.000+00:00 to 2024-05-30T00:00:00.001+00:00");
    }

    #[test]
    fn a_range_that_needs_too_many_parts_has_no_plan() {
        let years = range("2024-01-01T00:00:00Z", "2026-01-01T00:00:00Z");
        assert!(plan(years, Period::minutes(5), "UTC", 150).is_none_or(|plan| plan.parts(plan.whole(), 150).len() > 1000));
        assert!(plan(years, Period::minutes(5), "UTC", 300).is_some());
    }

    proptest! {
        #[test]
        fn parts_hold_every_bucket_once_and_are_few_enough(
            start in 1_600_000_000_i64..1_900_000_000, buckets in 1_i64..400, length in prop::sample::select(&LENGTHS[..]),
            zone in prop::sample::select(&ZONES[..]), most in 2_u32..60, first in 1_u32..60, offset in -20_i32..20,
        ) {
            let seconds = match length.unit { crate::Unit::Minute => 60, crate::Unit::Hour => 3600, crate::Unit::Day => 86_400, crate::Unit::Week => 604_800, _ => 2_600_000 };
            let offset = jiff::tz::Offset::from_seconds(offset * 1800).unwrap();
            let moment = |seconds: i64| Moment::from(jiff::Timestamp::new(seconds, 0).unwrap().to_zoned_datetime(TimeZone::fixed(offset)));
            let range = TimeRange { from: moment(start), to: moment(start + seconds * i64::from(length.count) * buckets) };
            let plan = plan(range, length, zone, most).unwrap();
            let parts = plan.parts(plan.whole(), first.min(most));
            prop_assert_eq!(parts[0].start, 0);
            prop_assert_eq!(parts.last().unwrap().end, plan.starts.len());
            prop_assert!(parts.windows(2).all(|pair| pair[0].end == pair[1].start));
            for part in parts.iter().flat_map(|part| {
                let middle = (part.start + part.end) / 2;
                [part.clone(), part.start..middle, middle..part.end]
            }).filter(|part| !part.is_empty()) {
                let asked = plan.range_of(&part);
                prop_assert!(asked.from.instant() < asked.to.instant(), "{asked}");
                prop_assert!(part.len() == 1 || part == plan.whole() || most_points(asked, length) <= u64::from(most), "{asked}");
                // What a server that knows the zone returns.
                let touched = plan.grid.starts(asked.from.instant(), asked.to.instant(), 1000);
                prop_assert_eq!(&touched[..], &plan.starts[part.clone()]);
                prop_assert!(touched.iter().all(|start| plan.holds(&part, *start)));
            }
        }
    }
}
