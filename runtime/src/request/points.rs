//! Counts the time points of a range, and splits ranges that have too many.
//!
//! Buckets of a day or longer follow the calendar: they are counted on the dates as written, and split in a zone or, without one, in the
//! offset of the range's start.

use jiff::{SignedDuration, civil, tz::TimeZone};

use crate::facts::formats::{AutoStep, TimeseriesFormat};
use crate::time::period::{Period, Unit};
use crate::{facts::vocabulary::TimePoints, time::moment::Moment, time::range::TimeRange};

/// Maximum number of parts of a split. A query with more is probably a mistake.
const MAX_PARTS: usize = 1000;

/// The day that buckets are counted from: any Monday works.
const EPOCH: civil::Date = civil::date(1970, 1, 5);

/// The fixed length of a period in nanoseconds; none for days and longer.
fn fixed(period: Period) -> Option<i128> {
    let seconds = match period.unit {
        Unit::Minute => 60,
        Unit::Hour => 3600,
        _ => return None,
    };
    Some((i128::from(period.count) * seconds * 1_000_000_000).max(1))
}

/// Whether buckets follow the calendar.
pub(crate) fn by_calendar(length: Period) -> bool {
    fixed(length).is_none()
}

/// The number of time points of a range that runs forward.
pub(crate) fn count(range: TimeRange, length: Period, counting: TimePoints) -> u64 {
    let range = if by_calendar(length) { by_one_clock(range) } else { range };
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
    let date = moment.civil().date();
    let per = i64::from(length.count.max(1));
    let days = date.duration_since(EPOCH).as_hours() / 24;
    match length.unit {
        Unit::Week => days.div_euclid(7 * per),
        Unit::Month => month_index(date).div_euclid(per),
        Unit::Year => i64::from(date.year()).div_euclid(per),
        _ => days.div_euclid(per),
    }
}

/// The first day of the bucket with that index.
fn start(index: i64, length: Period) -> Option<civil::Date> {
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

/// A date and time in a zone, or without one in the offset of another moment.
fn place(civil: civil::DateTime, zone: Option<&TimeZone>, like: Moment) -> Option<Moment> {
    match zone {
        Some(zone) => civil.to_zoned_datetime(zone.clone()).ok().map(Moment::from),
        None => like.at(civil),
    }
}

/// The start of the bucket that many after the one that holds a moment, in the zone or without one in the moment's offset.
fn bucket_after(moment: Moment, length: Period, buckets: u32, zone: Option<&TimeZone>) -> Option<Moment> {
    if let Some(nanos) = fixed(length) {
        let written = |instant| {
            let instant = jiff::Timestamp::from_nanosecond(instant).ok()?;
            written_in(instant, zone).or_else(|| moment.at(moment.offset().to_datetime(instant)))
        };
        let near = written(fixed_start(moment, nanos) + nanos * i128::from(buckets))?;
        // A DST change by a part of a bucket misses the start of one. Inside the bucket of the change there is no earlier start.
        let start =
            written(fixed_start(near, nanos)).filter(|start| fixed_start(*start, nanos) == start.instant().as_nanosecond());
        return Some(start.unwrap_or(near));
    }
    let date = start(index(moment, length).checked_add(i64::from(buckets))?, length)?;
    place(date.to_datetime(civil::Time::midnight()), zone, moment)
}

/// An instant as a moment in the zone.
fn written_in(instant: jiff::Timestamp, zone: Option<&TimeZone>) -> Option<Moment> {
    zone.map(|zone| instant.to_zoned_datetime(zone.clone()).into())
}

/// One millisecond earlier, the smallest step that the API writes.
fn just_before(moment: Moment) -> Option<Moment> {
    moment.at(moment.civil().checked_sub(SignedDuration::from_millis(1)).ok()?)
}

/// Splits a range into parts of at most `most` time points by either way of counting. Parts start at the start of a bucket and end one
/// millisecond before the next part. Empty if the range cannot be split like that, or has too many parts.
///
/// Buckets follow the zone, or without one the offset of the range's start. The server may lay days and longer by another clock; a part
/// then touches one more bucket, so the split leaves room for it.
pub(crate) fn split(range: TimeRange, length: Period, most: u32, zone: Option<&TimeZone>) -> Vec<TimeRange> {
    let mut parts = Vec::new();
    let in_zone = |moment: Moment| written_in(moment.instant(), zone).unwrap_or(moment);
    let mut rest = TimeRange { from: in_zone(range.from), to: in_zone(range.to) };
    if most_points(rest, length) <= u64::from(most) {
        return vec![rest];
    }
    let unsure = by_calendar(length) && zone.is_none();
    let most = if unsure { most.saturating_sub(1).max(1) } else { most };
    while most_points(rest, length) > u64::from(most) {
        let cut = bucket_after(rest.from, length, most, zone).and_then(|cut| {
            // A cut at the very end would leave an empty part.
            let early = cut.instant() >= range.to.instant();
            if early { bucket_after(rest.from, length, most.saturating_sub(1), zone) } else { Some(cut) }
        });
        let Some((cut, end)) = cut.and_then(|cut| Some((cut, just_before(cut)?))) else { return Vec::new() };
        if end.instant() <= rest.from.instant() || cut.instant() >= range.to.instant() || parts.len() + 1 >= MAX_PARTS {
            return Vec::new();
        }
        parts.push(TimeRange { from: rest.from, to: end });
        rest.from = cut;
    }
    parts.push(rest);
    parts
}

/// The start of the retained data, in the offset of another moment.
pub(crate) fn retained_since(now: jiff::Timestamp, retention: Period, like: Moment) -> Option<Moment> {
    let count = i64::from(retention.count);
    let span = jiff::Span::new();
    let span = match retention.unit {
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
