//! Queries in the timeseries format. In comes the body of a request; out comes a query that can be answered, or every fault in it.

use jiff::Timestamp;
use jiff::tz::TimeZone;
use placewise_model::{BeyondRetention, Interval, Model, Report};
use serde_json::Value;

use crate::body::{Body, names};
use crate::filter::Filter;
use crate::invalid::{AFTER_PROPERTY, INVALID, NOT_A_TIME};
use crate::reply::Refusal;
use crate::timeseries::grid::{Grid, at_most, back};
use crate::timeseries::labels::{self, Labels};
use crate::timeseries::zones::Times;

/// A query for series over time.
#[derive(Debug)]
pub(crate) struct SeriesQuery<'a> {
    /// Place of the report in the model.
    pub(crate) report: usize,
    pub(crate) filter: Option<Filter>,
    pub(crate) labels: Labels,
    pub(crate) interval: &'a Interval,
    pub(crate) times: Times,
    pub(crate) grid: Grid,
    pub(crate) from: Timestamp,
    pub(crate) to: Timestamp,
    /// Of what begins before this nothing is left; none where all is kept.
    pub(crate) kept_from: Option<Timestamp>,
    pub(crate) cost: u32,
}

/// Reads a query about that report, asked at the moment `now`.
pub(crate) fn series_query<'a>(
    body: &mut Body<'a, '_>,
    report: (usize, &'a Report),
    times: Times,
    now: Timestamp,
) -> Result<SeriesQuery<'a>, Refusal> {
    let model = body.model;
    let keys = &model.timeseries;
    let (place, report) = report;
    let known = [&keys.report_key, &keys.filter_key, &keys.aggregation_key, &keys.interval_key, &keys.from_key, &keys.to_key];
    body.only(&names(known));
    let (filter, nodes) = body.filter(&keys.filter_key.value, report);
    let labels = read_labels(body, report);
    // Which keys are required is not documented, only that the interval is not. A range without an end has no time points to count.
    let from = time(body, &keys.from_key.value, &times);
    let to = time(body, &keys.to_key.value, &times);
    if from.zip(to).is_some_and(|(from, to)| from > to) {
        body.faults.add_with(
            std::slice::from_ref(&keys.to_key.value),
            AFTER_PROPERTY,
            [("property", keys.from_key.value.as_str().into())],
        );
    }
    let interval = interval(body, report, from.zip(to));
    body.finish()?;
    // Each of these is missing only together with a fault.
    let (Some(from), Some(to), Some(interval)) = (from, to, interval) else { return Err(Refusal::NotJson) };
    let grid = Grid::new(interval.bucket_length, times.grid_zone());
    let kept_from = kept_from(interval, &times, now);
    limits(body, &grid, from, to, interval, kept_from);
    body.finish()?;
    let cost = body.report_cost(report, Some(&body.model.timeseries.aggregation_key.value)).saturating_add(nodes);
    Ok(SeriesQuery { report: place, filter, labels, interval, times, grid, from, to, kept_from, cost })
}

fn read_labels(body: &mut Body<'_, '_>, report: &Report) -> Labels {
    let key = &body.model.timeseries.aggregation_key.value;
    let Some(wanted) = body.parameter(key) else { return labels::plain(report) };
    wanted.as_str().and_then(|name| labels::aggregated(report, name)).unwrap_or_else(|| {
        body.faults.not_in(std::slice::from_ref(key), labels::known(report));
        labels::plain(report)
    })
}

/// One end of the range.
fn time(body: &mut Body<'_, '_>, key: &str, times: &Times) -> Option<Timestamp> {
    let text = body.text(key)?;
    let at = times.read(text);
    if at.is_none() {
        body.faults.add(&[key.to_owned()], NOT_A_TIME);
    }
    at
}

/// The interval asked for; by the length of the range where the request leaves it to the server. It is to be one that the report
/// offers.
fn interval<'a>(body: &mut Body<'a, '_>, report: &'a Report, range: Option<(Timestamp, Timestamp)>) -> Option<&'a Interval> {
    let format = &body.model.timeseries;
    let key = &format.interval_key.value;
    let wanted = body.parameter(key).map_or(Some(format.auto.name.as_str()), Value::as_str);
    if wanted == Some(format.auto.name.as_str()) {
        let (from, to) = range?;
        let chosen = chosen(body.model, report, from, to);
        if chosen.is_none() {
            body.faults.add(std::slice::from_ref(key), INVALID);
        }
        return chosen;
    }
    let found = body.model.intervals(report).find(|interval| Some(interval.name.as_str()) == wanted);
    if found.is_none() {
        let offered = body.model.intervals(report).map(|interval| interval.name.as_str());
        body.faults.not_in(std::slice::from_ref(key), offered.chain([format.auto.name.as_str()]));
    }
    found
}

/// The interval that the server chooses. Where the report does not offer it, what the server does is not documented; here it takes the
/// next coarser one that is offered, or else the coarsest.
fn chosen<'a>(model: &'a Model, report: &'a Report, from: Timestamp, to: Timestamp) -> Option<&'a Interval> {
    let auto = &model.timeseries.auto;
    let step = auto.steps.iter().find(|step| at_most(from, to, step.up_to));
    let name = step.map_or(&auto.otherwise, |step| &step.interval);
    let place = model.timeseries.intervals.iter().position(|interval| interval.name == *name)?;
    let coarser = model.timeseries.intervals.get(place..)?;
    let offered: Vec<&Interval> = model.intervals(report).collect();
    coarser.iter().find(|interval| offered.contains(interval)).or_else(|| offered.last().copied())
}

/// From when the interval's data are left: counted back by the clocks of the range's zone or of UTC, whichever reaches further. Which
/// the server looks at is not documented.
fn kept_from(interval: &Interval, times: &Times, now: Timestamp) -> Option<Timestamp> {
    let retention = interval.retention?;
    let cut = |zone: TimeZone| back(zone.to_datetime(now), retention).and_then(|cut| zone.to_timestamp(cut).ok());
    [times.grid_zone(), TimeZone::UTC].into_iter().filter_map(cut).min()
}

/// Notes faults of a range that is too long or begins too early.
fn limits(
    body: &mut Body<'_, '_>,
    grid: &Grid,
    from: Timestamp,
    to: Timestamp,
    interval: &Interval,
    retention: Option<Timestamp>,
) {
    let format = &body.model.timeseries;
    let most = format.most_time_points;
    if grid.points(from, to, format.time_points.value, most) > most {
        for key in [&format.from_key.value, &format.to_key.value] {
            let options = [("interval", interval.name.as_str().into()), ("max", most.into())];
            body.faults.add_with(std::slice::from_ref(key), INVALID, options);
        }
    }
    let refused = format.beyond_retention.value == BeyondRetention::Refused;
    if let Some(span) = interval.retention
        && refused
        && retention.is_some_and(|retention| from < retention)
    {
        let options = [("interval", interval.name.as_str().into()), ("kept", span.to_string().into())];
        body.faults.add_with(std::slice::from_ref(&format.from_key.value), INVALID, options);
    }
}
