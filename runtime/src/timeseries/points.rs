//! How many time points a range has at an interval, where it can be cut into parts, and which interval the server chooses. In come a range
//! and the format's constants, and for cuts perhaps a zone; out come numbers and ranges. Days and longer are counted on the calendar as
//! the range is written; they are cut by the clock of the zone or, without one, in the offset in which the range begins.

use jiff::{SignedDuration, civil, tz::TimeZone};

use super::{Moment, TimeRange};
use crate::{AutoStep, Period, TimePoints, TimeseriesFormat, Unit};

/// Parts that a range is cut into at most; who needs more has asked for something else than meant.
const MOST_PARTS: usize = 1000;

/// Any Monday will do to count from.
const EPOCH: civil::Date = civil::date(1970, 1, 5);

/// The length of a bucket that has a fixed one.
fn fixed(bucket_length: Period) -> Option<i128> {
    let seconds = match bucket_length.unit {
        Unit::Minute => 60,
        Unit::Hour => 3600,
        _ => return None,
    };
    Some((i128::from(bucket_length.count) * seconds * 1_000_000_000).max(1))
}

/// Whether buckets are laid by the calendar.
pub(super) fn by_calendar(bucket_length: Period) -> bool {
    fixed(bucket_length).is_none()
}

/// The time points of a range that runs forward.
pub(super) fn count(range: TimeRange, bucket_length: Period, way: TimePoints) -> u64 {
    let range = if by_calendar(bucket_length) { by_one_clock(range) } else { range };
    let points = match (fixed(bucket_length), way) {
        (Some(length), TimePoints::Length) => ceil(nanos_between(range.from, range.to), length),
        (Some(length), TimePoints::Buckets) => ceil(fixed_start(range.to, length) - fixed_start(range.from, length), length) + 1,
        (None, TimePoints::Length) => calendar_length(range, bucket_length),
        (None, TimePoints::Buckets) => i128::from(index(range.to, bucket_length) - index(range.from, bucket_length)) + 1,
    };
    u64::try_from(points.max(1)).unwrap_or(u64::MAX)
}

/// The time points by whichever way of counting gives more.
pub(super) fn most_points(range: TimeRange, bucket_length: Period) -> u64 {
    count(range, bucket_length, TimePoints::Length).max(count(range, bucket_length, TimePoints::Buckets))
}

/// The most by which a change of the clock moves the offset, in seconds.
const CLOCK_CHANGE: i32 = 3600;

/// The range with its end as the offset of its start writes it, unless a change of the clock may lie between the two offsets: the dates of
/// two places are not those of one calendar.
fn by_one_clock(range: TimeRange) -> TimeRange {
    let apart = range.to.offset().seconds().abs_diff(range.from.offset().seconds());
    let near = apart <= CLOCK_CHANGE.unsigned_abs();
    TimeRange { to: if near { range.to } else { range.to.like(range.from).unwrap_or(range.to) }, ..range }
}

fn nanos_between(from: Moment, to: Moment) -> i128 {
    to.instant().as_nanosecond() - from.instant().as_nanosecond()
}

fn ceil(number: i128, by: i128) -> i128 {
    number.div_euclid(by) + i128::from(number.rem_euclid(by) != 0)
}

/// The start of the bucket that holds a moment; buckets are aligned to its own day.
fn fixed_start(moment: Moment, length: i128) -> i128 {
    let since_midnight = moment.civil().start_of_day().duration_until(moment.civil());
    moment.instant().as_nanosecond() - since_midnight.as_nanos().rem_euclid(length)
}

/// Buckets of the calendar, laid from the start of the range, that it takes to reach its end.
fn calendar_length(range: TimeRange, bucket_length: Period) -> i128 {
    let (from, to) = (range.from.civil(), range.to.civil());
    let per = i128::from(bucket_length.count.max(1));
    let day = SignedDuration::from_hours(24).as_nanos();
    let days = |of: i128| ceil(from.duration_until(to).as_nanos(), day * of * per);
    match bucket_length.unit {
        Unit::Week => days(7),
        Unit::Month | Unit::Year => {
            let months = month_index(to.date()) - month_index(from.date());
            let reached = add_months(from, months).is_some_and(|reached| reached >= to);
            let months = i128::from(months) + i128::from(!reached);
            ceil(months, per * if bucket_length.unit == Unit::Year { 12 } else { 1 })
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

/// Which bucket of the calendar holds a moment, counted from some bucket.
fn index(moment: Moment, bucket_length: Period) -> i64 {
    let date = moment.civil().date();
    let per = i64::from(bucket_length.count.max(1));
    let days = date.duration_since(EPOCH).as_hours() / 24;
    match bucket_length.unit {
        Unit::Week => days.div_euclid(7 * per),
        Unit::Month => month_index(date).div_euclid(per),
        Unit::Year => i64::from(date.year()).div_euclid(per),
        _ => days.div_euclid(per),
    }
}

/// The date on which the bucket of that index begins.
fn start(index: i64, bucket_length: Period) -> Option<civil::Date> {
    let first = index.checked_mul(i64::from(bucket_length.count.max(1)))?;
    let day = |days: i64| EPOCH.checked_add(SignedDuration::from_secs(days.checked_mul(86_400)?)).ok();
    let month = |months: i64| {
        let (year, month) = (i16::try_from(months.div_euclid(12)).ok()?, i8::try_from(months.rem_euclid(12)).ok()? + 1);
        civil::Date::new(year, month, 1).ok()
    };
    match bucket_length.unit {
        Unit::Week => day(first.checked_mul(7)?),
        Unit::Month => month(first),
        Unit::Year => month(first.checked_mul(12)?),
        _ => day(first),
    }
}

/// A date and time in a zone, or else in the offset of another moment.
fn place(civil: civil::DateTime, zone: Option<&TimeZone>, like: Moment) -> Option<Moment> {
    match zone {
        Some(zone) => civil.to_zoned_datetime(zone.clone()).ok().map(Moment::from),
        None => like.at(civil),
    }
}

/// The start of the bucket that comes so many after the one which holds a moment, in the zone or else in the moment's offset.
fn bucket_after(moment: Moment, bucket_length: Period, buckets: u32, zone: Option<&TimeZone>) -> Option<Moment> {
    if let Some(length) = fixed(bucket_length) {
        let written = |nanos| {
            let instant = jiff::Timestamp::from_nanosecond(nanos).ok()?;
            written_in(instant, zone).or_else(|| moment.at(moment.offset().to_datetime(instant)))
        };
        let near = written(fixed_start(moment, length) + length * i128::from(buckets))?;
        // A change of the clock by a part of a bucket leads beside the start of one. Within the bucket of the change there is none before.
        let start =
            written(fixed_start(near, length)).filter(|start| fixed_start(*start, length) == start.instant().as_nanosecond());
        return Some(start.unwrap_or(near));
    }
    let date = start(index(moment, bucket_length).checked_add(i64::from(buckets))?, bucket_length)?;
    place(date.to_datetime(civil::Time::midnight()), zone, moment)
}

/// A moment as that zone writes it.
fn written_in(instant: jiff::Timestamp, zone: Option<&TimeZone>) -> Option<Moment> {
    zone.map(|zone| instant.to_zoned_datetime(zone.clone()).into())
}

/// One millisecond earlier, which is the smallest step that the API writes.
fn just_before(moment: Moment) -> Option<Moment> {
    moment.at(moment.civil().checked_sub(SignedDuration::from_millis(1)).ok()?)
}

/// The range in parts of at most so many time points, whichever way they are counted: in one if that is few enough. Parts begin at the start
/// of a bucket, and each ends one millisecond before the next. Empty where it cannot be cut so, or would fall into very many parts.
///
/// Buckets are those of the zone. Without one they are taken to be those of the offset in which the range begins. The server's days and
/// longer may be laid by another clock, and then a part touches one more of them than it is long: room for that is left.
pub(super) fn split(range: TimeRange, bucket_length: Period, most: u32, zone: Option<&TimeZone>) -> Vec<TimeRange> {
    let mut parts = Vec::new();
    let in_zone = |moment: Moment| written_in(moment.instant(), zone).unwrap_or(moment);
    let mut rest = TimeRange { from: in_zone(range.from), to: in_zone(range.to) };
    if most_points(rest, bucket_length) <= u64::from(most) {
        return vec![rest];
    }
    let unsure = by_calendar(bucket_length) && zone.is_none();
    let most = if unsure { most.saturating_sub(1).max(1) } else { most };
    while most_points(rest, bucket_length) > u64::from(most) {
        let cut = bucket_after(rest.from, bucket_length, most, zone).and_then(|cut| {
            // Nothing would be left after a cut at the very end.
            let early = cut.instant() >= range.to.instant();
            if early { bucket_after(rest.from, bucket_length, most.saturating_sub(1), zone) } else { Some(cut) }
        });
        let Some((cut, end)) = cut.and_then(|cut| Some((cut, just_before(cut)?))) else { return Vec::new() };
        if end.instant() <= rest.from.instant() || cut.instant() >= range.to.instant() || parts.len() + 1 >= MOST_PARTS {
            return Vec::new();
        }
        parts.push(TimeRange { from: rest.from, to: end });
        rest.from = cut;
    }
    parts.push(rest);
    parts
}

/// The moment before which an interval's data are gone, in the offset of another.
pub(super) fn retained_since(now: jiff::Timestamp, retention: Period, like: Moment) -> Option<Moment> {
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

/// The interval that the server chooses for a range: by the time that passes, whatever the clock does meanwhile.
pub(super) fn automatic(format: &TimeseriesFormat, range: TimeRange) -> &'static str {
    let short = |step: &&AutoStep| {
        elapsed(step.up_to).map_or_else(
            || count(range, step.up_to, TimePoints::Length) <= 1,
            |longest| nanos_between(range.from, range.to) <= longest,
        )
    };
    format.auto.steps.iter().find(short).map_or(format.auto.otherwise, |step| step.interval)
}

/// How long a span is where nothing says by which calendar; months and years are of no one length.
fn elapsed(span: Period) -> Option<i128> {
    let days = match span.unit {
        Unit::Day => 1,
        Unit::Week => 7,
        _ => return fixed(span),
    };
    Some(i128::from(span.count) * days * SignedDuration::from_hours(24).as_nanos())
}

#[cfg(test)]
#[path = "points_tests.rs"]
mod tests;
