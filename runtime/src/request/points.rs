//! Counts the time points of a range. Buckets of a day or longer follow the calendar: they are counted on the dates as written.

use jiff::{SignedDuration, civil};

use crate::facts::formats::{AutoStep, TimeseriesFormat};
use crate::time::period::{Period, Unit};
use crate::{facts::vocabulary::TimePoints, time::moment::Moment, time::range::TimeRange};

/// The day that buckets are counted from: any Monday works.
pub(super) const EPOCH: civil::Date = civil::date(1970, 1, 5);

/// The fixed length of a period in nanoseconds; none for days and longer.
pub(super) fn fixed(period: Period) -> Option<i128> {
    let seconds = match period.unit {
        Unit::Minute => 60,
        Unit::Hour => 3600,
        _ => return None,
    };
    Some((i128::from(period.count) * seconds * 1_000_000_000).max(1))
}

/// The number of time points of a range that runs forward.
pub(crate) fn count(range: TimeRange, length: Period, counting: TimePoints) -> u64 {
    let range = if fixed(length).is_none() { by_one_clock(range) } else { range };
    let points = match (fixed(length), counting) {
        (Some(nanos), TimePoints::Length) => ceil(nanos_between(range.from, range.to), nanos),
        (Some(nanos), TimePoints::Buckets) => ceil(fixed_start(range.to, nanos) - fixed_start(range.from, nanos), nanos) + 1,
        (None, TimePoints::Length) => calendar_length(range, length),
        (None, TimePoints::Buckets) => i128::from(index(range.to, length) - index(range.from, length)) + 1,
    };
    u64::try_from(points.max(1)).unwrap_or(u64::MAX)
}

/// The number of time points by the way of counting that yields more.
pub(crate) fn most_points(range: TimeRange, length: Period) -> u64 {
    count(range, length, TimePoints::Length).max(count(range, length, TimePoints::Buckets))
}

/// The largest shift of a DST change, in seconds.
const DST_SHIFT: i32 = 3600;

/// The range with both ends in the offset of its start: dates in two places are not on one calendar. Offsets that a DST change may
/// explain stay.
fn by_one_clock(range: TimeRange) -> TimeRange {
    let apart = range.to.offset().seconds().abs_diff(range.from.offset().seconds());
    let near = apart <= DST_SHIFT.unsigned_abs();
    TimeRange { to: if near { range.to } else { range.to.like(range.from).unwrap_or(range.to) }, ..range }
}

fn nanos_between(from: Moment, to: Moment) -> i128 {
    to.instant().as_nanosecond() - from.instant().as_nanosecond()
}

fn ceil(number: i128, by: i128) -> i128 {
    number.div_euclid(by) + i128::from(number.rem_euclid(by) != 0)
}

/// The start of the bucket that holds a moment. Buckets are aligned to the moment's own day.
fn fixed_start(moment: Moment, nanos: i128) -> i128 {
    let since_midnight = moment.civil().start_of_day().duration_until(moment.civil());
    moment.instant().as_nanosecond() - since_midnight.as_nanos().rem_euclid(nanos)
}

/// The number of calendar buckets, laid from the start of the range, that reach its end.
fn calendar_length(range: TimeRange, length: Period) -> i128 {
    let (from, to) = (range.from.civil(), range.to.civil());
    let per = i128::from(length.count.max(1));
    let day = SignedDuration::from_hours(24).as_nanos();
    let days = |of: i128| ceil(from.duration_until(to).as_nanos(), day * of * per);
    match length.unit {
        Unit::Week => days(7),
        Unit::Month | Unit::Year => {
            let months = month_index(to.date()) - month_index(from.date());
            let reached = add_months(from, months).is_some_and(|reached| reached >= to);
            let months = i128::from(months) + i128::from(!reached);
            ceil(months, per * if length.unit == Unit::Year { 12 } else { 1 })
        }
        _ => days(1),
    }
}

fn add_months(to: civil::DateTime, months: i64) -> Option<civil::DateTime> {
    to.checked_add(jiff::Span::new().try_months(months).ok()?).ok()
}

fn month_index(date: civil::Date) -> i64 {
    i64::from(date.year()) * 12 + i64::from(date.month()) - 1
}

/// The index of the calendar bucket that holds a moment.
fn index(moment: Moment, length: Period) -> i64 {
    index_of(moment.civil().date(), length)
}

/// The index of the calendar bucket that holds a day.
pub(super) fn index_of(date: civil::Date, length: Period) -> i64 {
    let per = i64::from(length.count.max(1));
    let days = date.duration_since(EPOCH).as_hours() / 24;
    match length.unit {
        Unit::Week => days.div_euclid(7 * per),
        Unit::Month => month_index(date).div_euclid(per),
        Unit::Year => i64::from(date.year()).div_euclid(per),
        _ => days.div_euclid(per),
    }
}

/// The time a period before another, in the offset of a third; none beyond the calendar's range.
pub(crate) fn before(now: jiff::Timestamp, period: Period, like: Moment) -> Option<Moment> {
    let count = i64::from(period.count);
    let span = jiff::Span::new();
    let span = match period.unit {
        Unit::Minute => span.try_minutes(count),
        Unit::Hour => span.try_hours(count),
        Unit::Day => span.try_days(count),
        Unit::Week => span.try_weeks(count),
        Unit::Month => span.try_months(count),
        Unit::Year => span.try_years(count),
    };
    like.at(like.offset().to_datetime(now).checked_sub(span.ok()?).ok()?)
}

/// The interval that the server chooses for a range, by its elapsed time.
pub(crate) fn automatic(format: &TimeseriesFormat, range: TimeRange) -> &'static str {
    let short = |step: &&AutoStep| {
        elapsed(step.up_to).map_or_else(
            || count(range, step.up_to, TimePoints::Length) <= 1,
            |longest| nanos_between(range.from, range.to) <= longest,
        )
    };
    format.auto.steps.iter().find(short).map_or(format.auto.otherwise, |step| step.interval)
}

/// The elapsed time of a period without a calendar; none for months and years.
fn elapsed(period: Period) -> Option<i128> {
    let days = match period.unit {
        Unit::Day => 1,
        Unit::Week => 7,
        _ => return fixed(period),
    };
    Some(i128::from(period.count) * days * SignedDuration::from_hours(24).as_nanos())
}

#[cfg(test)]
#[path = "points_tests.rs"]
mod tests;
