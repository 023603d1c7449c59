//! How time points are counted, and what happens to a range beyond the retention.

use jiff::{Span, Timestamp, ToSpan, tz::TimeZone};
use placewise_model::{BeyondRetention, Format, Interval, Period, Report, RequestKey, TimePoints, Unit};
use serde_json::Value;

use crate::settle::finding::Finding;
use crate::settle::view::{Asked, View};

/// A chart that was requested with an interval and a range.
struct Requested<'v, 'a> {
    asked: &'v Asked<'a>,
    report: &'a Report,
    interval: &'a Interval,
    from: Timestamp,
    to: Timestamp,
}

fn requested<'v, 'a>(view: &'v View<'a>) -> Vec<Requested<'v, 'a>> {
    let key = |role| view.key(Format::Timeseries, role);
    let read = |asked: &'v Asked<'a>| {
        let body = asked.body?;
        let text = |role| body.get(key(role)?)?.as_str();
        let interval = view.model.timeseries.interval(text(RequestKey::Interval)?)?;
        let (from, to) = (instant(text(RequestKey::From)?)?, instant(text(RequestKey::To)?)?);
        Some(Requested { asked, report: asked.report?.1, interval, from, to })
    };
    view.queries(Format::Timeseries).filter_map(read).collect()
}

/// A time with an offset or `Z`.
pub(crate) fn instant(text: &str) -> Option<Timestamp> {
    text.parse().ok()
}

/// The length of a bucket in seconds; none if it varies.
pub(crate) const fn bucket_seconds(period: Period) -> Option<i64> {
    match period.unit {
        Unit::Minute => Some(60 * period.count as i64),
        Unit::Hour => Some(3600 * period.count as i64),
        Unit::Day | Unit::Week | Unit::Month | Unit::Year => None,
    }
}

/// The latest time that is surely before the retention of an interval, in any zone; none if data are kept forever.
pub(crate) fn surely_beyond(interval: &Interval, now: Timestamp) -> Option<Timestamp> {
    let period = interval.retention.0?;
    let count = i64::from(period.count);
    let span: Span = match period.unit {
        Unit::Minute => Span::new().try_minutes(count).ok()?,
        Unit::Hour => Span::new().try_hours(count).ok()?,
        Unit::Day => Span::new().try_days(count).ok()?,
        Unit::Week => Span::new().try_weeks(count).ok()?,
        Unit::Month => Span::new().try_months(count).ok()?,
        Unit::Year => Span::new().try_years(count).ok()?,
    };
    let since = TimeZone::UTC.to_datetime(now).checked_sub(span).ok()?.checked_sub(3.days()).ok()?;
    TimeZone::UTC.to_timestamp(since).ok()
}

/// Whether a reply refuses the range of a request.
fn refuses_range(view: &View<'_>, asked: &Asked<'_>) -> bool {
    [RequestKey::From, RequestKey::To]
        .into_iter()
        .filter_map(|role| view.key(Format::Timeseries, role))
        .any(|key| view.named(asked, key).is_some())
}

/// Whether the bucket of the range's end counts. Ranges of exactly the limit, one less and one more tell.
pub(crate) fn time_points(view: &View<'_>) -> Option<Finding> {
    let most = i64::from(view.model.timeseries.most_time_points);
    let assumed = view.model.timeseries.time_points.value;
    let all = requested(view);
    let mut seen = Vec::new();
    for at_limit in &all {
        let Some(seconds) = bucket_seconds(at_limit.interval.bucket_length) else { continue };
        let length = |one: &Requested<'_, '_>| {
            let length = one.to.as_second() - one.from.as_second();
            (one.interval == at_limit.interval && one.report.name == at_limit.report.name && length % seconds == 0)
                .then_some(length / seconds)
        };
        if length(at_limit) != Some(most) {
            continue;
        }
        let near = |points: i64, ok: bool| {
            all.iter()
                .find(|one| length(one) == Some(points) && if ok { one.asked.is_ok() } else { refuses_range(view, one.asked) })
        };
        let counted = if at_limit.asked.is_ok() {
            near(most + 1, false).map(|beyond| (TimePoints::Length, beyond))
        } else if refuses_range(view, at_limit.asked) {
            near(most - 1, true).map(|within| (TimePoints::Buckets, within))
        } else {
            None
        };
        if let Some((counting, other)) = counted {
            seen.push((Value::from(counting.word()), at_limit.asked.index));
            seen.push((Value::from(counting.word()), other.asked.index));
        }
    }
    let what = format!("With a range of exactly {most} buckets, what counts as time points");
    Finding::measured(&assumed.word().into(), &seen, &what)
}

/// What the server does with a range that ends before the retention.
pub(crate) fn beyond_retention(view: &View<'_>) -> Option<Finding> {
    let assumed = view.model.timeseries.beyond_retention.value;
    let all = requested(view);
    let mut seen = Vec::new();
    for old in &all {
        let Some(limit) = surely_beyond(old.interval, view.start) else { continue };
        if old.to > limit {
            continue;
        }
        // The same report at the same interval must have an answer for a range that is kept.
        let recent = all.iter().find(|one| {
            one.asked.is_ok() && one.from > limit && one.interval == old.interval && one.report.name == old.report.name
        });
        let Some(recent) = recent else { continue };
        let found = if refuses_range(view, old.asked) {
            BeyondRetention::Refused
        } else if view.has_values(old.asked) == Some(false) {
            BeyondRetention::Empty
        } else {
            continue;
        };
        seen.extend([old.asked.index, recent.asked.index].map(|index| (Value::from(found.word()), index)));
    }
    Finding::measured(&assumed.word().into(), &seen, "A range before the retention")
}
