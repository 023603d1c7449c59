//! Charts that JSON allows and the request does not: another interval, and time buckets out of order, doubled or out of range.

use jiff::{SignedDuration, civil, tz};

use super::{chart::Buckets, raw::Exchange, warning::Warning};
use crate::request::spec::{FormatSpec, IntervalChoice, QueryKind};
use crate::text::excerpt::snippet;
use crate::time::{moment::Moment, period::Period, period::Unit, range::TimeRange};

/// Everything odd about the interval and the buckets of a chart.
pub(super) fn all(exchange: &Exchange, interval: &str, buckets: &Buckets) -> Vec<Warning> {
    let QueryKind::Report(_, FormatSpec::Timeseries { range, interval: choice }) = &exchange.query.kind else {
        return Vec::new();
    };
    let format = &exchange.overrides.spec.timeseries;
    let known = format.intervals.iter().find(|known| known.name == interval);
    let mut found = Vec::new();
    match choice {
        Some(IntervalChoice::Named(asked)) if *asked != interval && *asked != format.auto.name => {
            found.push(format!("the chart has the interval {interval:?}; the query asked for `{asked}`"));
        }
        _ => {}
    }
    let starts: Vec<civil::DateTime> = match buckets {
        Buckets::Zoned(buckets) => buckets.iter().filter_map(|bucket| bucket.instant()).map(utc).collect(),
        Buckets::Local(buckets) => buckets.iter().map(|bucket| bucket.civil()).collect(),
    };
    // Where clocks go back, a local hour comes twice.
    let may_repeat = matches!(buckets, Buckets::Local(_)) && known.is_none_or(|known| length(known.bucket_length) < DAY);
    found.extend(order(&starts, may_repeat));
    found.extend(outside(&starts, range, known.map_or(DAY, |known| length(known.bucket_length))));
    found.into_iter().map(|evidence| Warning { assumption: None, evidence: snippet(&evidence) }).collect()
}

const DAY: SignedDuration = SignedDuration::from_hours(24);

/// The most that clocks go back by.
const MOST_SET_BACK: SignedDuration = SignedDuration::from_hours(2);

/// The longest that a period may be.
fn length(period: Period) -> SignedDuration {
    let count = i64::from(period.count);
    match period.unit {
        Unit::Minute => SignedDuration::from_mins(count),
        Unit::Hour => SignedDuration::from_hours(count),
        Unit::Day => SignedDuration::from_hours(count * 25),
        Unit::Week => SignedDuration::from_hours(count * (7 * 24 + 1)),
        Unit::Month => SignedDuration::from_hours(count * 32 * 24),
        Unit::Year => SignedDuration::from_hours(count * 367 * 24),
    }
}

fn utc(instant: jiff::Timestamp) -> civil::DateTime {
    tz::Offset::UTC.to_datetime(instant)
}

fn order(starts: &[civil::DateTime], may_repeat: bool) -> Vec<String> {
    let pairs = || starts.iter().zip(starts.iter().skip(1));
    let mut found = Vec::new();
    let back = |before: &civil::DateTime, after: &civil::DateTime| {
        after < before && !(may_repeat && before.duration_since(*after) <= MOST_SET_BACK)
    };
    if let Some((before, after)) = pairs().find(|(before, after)| back(before, after)) {
        found.push(format!("time buckets are not in order: {after} comes after {before}"));
    }
    let mut sorted = starts.to_vec();
    sorted.sort_unstable();
    let mut doubled = sorted.iter().zip(sorted.iter().skip(1));
    if let Some((start, _)) = doubled.find(|(before, after)| before == after).filter(|_| !may_repeat) {
        found.push(format!("the time bucket {start} comes twice, so sums may count its values twice"));
    }
    found
}

/// A bucket may begin before the range, and one more may begin where it ends; zones differ by a day at most.
fn outside(starts: &[civil::DateTime], range: &TimeRange, length: SignedDuration) -> Option<String> {
    let at = |moment: Moment| utc(moment.instant());
    let earliest = at(range.from).checked_sub(length).and_then(|start| start.checked_sub(DAY));
    let latest = at(range.to).checked_add(DAY);
    let outside = |start: &&civil::DateTime| {
        earliest.as_ref().is_ok_and(|earliest| *start < earliest) || latest.as_ref().is_ok_and(|latest| *start > latest)
    };
    let start = starts.iter().find(outside)?;
    Some(format!("the time bucket {start} is outside the range of the query, {range}"))
}
