//! Queries in the timeseries format, and the limits on their range.

use jiff::Timestamp;
use jiff::tz::TimeZone;
use placewise_model::{BeyondRetention, Format, Interval, Model, Report};
use serde_json::Value;

use crate::charts::labels::{self, Labels};
use crate::charts::time_zones::QueryZone;
use crate::query::faults::{AFTER_PROPERTY, INVALID, Invalid, NOT_A_TIME};
use crate::query::filter::Filter;
use crate::query::refusal::Refusal;
use crate::query::request_body::RequestBody;
use crate::time_buckets::{TimeBuckets, is_at_most, subtract};

/// A query for series over time.
#[derive(Debug)]
pub(crate) struct TimeseriesQuery<'a> {
    /// Index of the report in the model.
    pub(crate) report: usize,
    pub(crate) filter: Option<Filter>,
    pub(crate) labels: Labels,
    pub(crate) interval: &'a Interval,
    pub(crate) zone: QueryZone,
    pub(crate) buckets: TimeBuckets,
    pub(crate) from: Timestamp,
    pub(crate) to: Timestamp,
    /// Buckets that start earlier have no data any more; `None` if all data is kept.
    pub(crate) retained_since: Option<Timestamp>,
    pub(crate) cost: u32,
}

/// Reads a query for that report, given with its index, at the time `now`.
pub(crate) fn timeseries_query<'a>(
    body: &mut RequestBody<'a, '_>,
    (index, report): (usize, &'a Report),
    zone: QueryZone,
    now: Timestamp,
) -> Result<TimeseriesQuery<'a>, Refusal> {
    let keys = &body.model.timeseries;
    body.check_keys_of(Format::Timeseries);
    let (filter, node_cost) = body.filter(&keys.request.filter.value, report);
    let labels = labels(body, report);
    // Which keys are required is undocumented, except that the interval is not. A range without an end has no time points to count.
    let from = time(body, &keys.request.from.value, &zone);
    let to = time(body, &keys.request.to.value, &zone);
    let range = from.and_then(|from| Ok((from, to?)));
    if let Ok((from, to)) = range
        && from > to
    {
        let options = [("property", keys.request.from.value.as_str().into())];
        body.faults.add_with(std::slice::from_ref(&keys.request.to.value), AFTER_PROPERTY, options);
    }
    let interval = interval(body, report, range);
    body.check_faults()?;
    let ((from, to), interval) = (body.accept(range)?, body.accept(interval)?);
    let buckets = TimeBuckets::new(interval.bucket_length, zone.bucket_zone());
    let retained_since = retained_since(interval, &zone, now);
    check_limits(body, &buckets, (from, to), interval, retained_since);
    body.check_faults()?;
    Ok(TimeseriesQuery {
        report: index,
        filter: body.accept(filter)?,
        labels: body.accept(labels)?,
        interval,
        zone,
        buckets,
        from,
        to,
        retained_since,
        cost: body.report_cost(report, Some(&keys.request.aggregation.value)).saturating_add(node_cost),
    })
}

fn labels(body: &mut RequestBody<'_, '_>, report: &Report) -> Result<Labels, Invalid> {
    let key = &body.model.timeseries.request.aggregation.value;
    let Some(name) = body.parameter(key) else { return Ok(labels::plain(report)) };
    let labels = name.as_str().and_then(|name| labels::aggregated(report, name));
    labels.ok_or_else(|| body.faults.not_in(std::slice::from_ref(key), labels::known(report)))
}

/// One end of the range.
fn time(body: &mut RequestBody<'_, '_>, key: &str, zone: &QueryZone) -> Result<Timestamp, Invalid> {
    let text = body.text(key)?;
    zone.parse(text).ok_or_else(|| body.faults.add(&[key.to_owned()], NOT_A_TIME))
}

/// The interval in the request, or the one that follows from the length of the range.
fn interval<'a>(
    body: &mut RequestBody<'a, '_>,
    report: &'a Report,
    range: Result<(Timestamp, Timestamp), Invalid>,
) -> Result<&'a Interval, Invalid> {
    let format = &body.model.timeseries;
    let (key, auto) = (std::slice::from_ref(&format.request.interval.value), format.auto.name.as_str());
    let name = body.parameter(&format.request.interval.value).map_or(Some(auto), Value::as_str);
    if name == Some(auto) {
        return automatic(body.model, report, range?).ok_or_else(|| body.faults.add(key, INVALID));
    }
    let found = body.model.intervals(report).find(|interval| Some(interval.name.as_str()) == name);
    found.ok_or_else(|| {
        let offered = body.model.intervals(report).map(|interval| interval.name.as_str());
        body.faults.not_in(key, offered.chain([auto]))
    })
}

/// The interval that the server chooses. What it does if the report lacks that interval is undocumented; here it takes the next coarser
/// one, or else the coarsest.
fn automatic<'a>(model: &'a Model, report: &'a Report, (from, to): (Timestamp, Timestamp)) -> Option<&'a Interval> {
    let auto = &model.timeseries.auto;
    let step = auto.steps.iter().find(|step| is_at_most(from, to, step.up_to));
    let name = step.map_or(&auto.otherwise, |step| &step.interval);
    let index = model.timeseries.intervals.iter().position(|interval| interval.name == *name)?;
    let coarser = model.timeseries.intervals.get(index..)?;
    let offered: Vec<&Interval> = model.intervals(report).collect();
    coarser.iter().find(|interval| offered.contains(interval)).or_else(|| offered.last().copied())
}

/// Since when the interval's data is kept, in the range's zone or in UTC, whichever is earlier. Which one the server uses is undocumented.
fn retained_since(interval: &Interval, query_zone: &QueryZone, now: Timestamp) -> Option<Timestamp> {
    let retention = interval.retention.0?;
    let since = |zone: TimeZone| subtract(zone.to_datetime(now), retention).and_then(|since| zone.to_timestamp(since).ok());
    [query_zone.bucket_zone(), TimeZone::UTC].into_iter().filter_map(since).min()
}

/// Adds faults for a range that is too long or starts too early.
fn check_limits(
    body: &mut RequestBody<'_, '_>,
    buckets: &TimeBuckets,
    (from, to): (Timestamp, Timestamp),
    interval: &Interval,
    retained_since: Option<Timestamp>,
) {
    let format = &body.model.timeseries;
    let most = format.most_time_points;
    if buckets.count_points(from, to, format.time_points.value, most) > most {
        for key in [&format.request.from.value, &format.request.to.value] {
            let options = [("interval", interval.name.as_str().into()), ("max", most.into())];
            body.faults.add_with(std::slice::from_ref(key), INVALID, options);
        }
    }
    if let Some(retention) = interval.retention.0
        && format.beyond_retention.value == BeyondRetention::Refused
        && retained_since.is_some_and(|since| from < since)
    {
        let options = [("interval", interval.name.as_str().into()), ("retention", retention.to_string().into())];
        body.faults.add_with(std::slice::from_ref(&format.request.from.value), INVALID, options);
    }
}
