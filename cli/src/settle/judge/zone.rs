//! The zone of timestamps that have none: rows are asked for by times with an offset.
//!
//! A row that comes back for a range of a second tells the offset of its own timestamp. One half of the year cannot tell a zone from another
//! that moves its clocks, so rows of both are needed before a zone is confirmed.

use std::collections::BTreeSet;

use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::TimeZone;
use placewise_model::{Format, RequestKey};
use serde_json::Value;

use crate::settle::finding::Finding;
use crate::settle::view::{Asked, View};

/// Ranges up to this many seconds tell an offset.
const TIGHT: i64 = 900;

/// A timestamp without zone, and the instants between which it lies.
struct Sighting {
    local: DateTime,
    between: (Timestamp, Timestamp),
    index: usize,
}

/// A time without zone.
pub(crate) fn zoneless(value: &Value) -> Option<DateTime> {
    let text = value.as_str()?;
    // `jiff` reads a date with an offset as one without, unless it is asked.
    (text.contains('T') && text.parse::<Timestamp>().is_err()).then(|| text.parse().ok()).flatten()
}

/// A zone by its name.
pub(crate) fn named(name: &str) -> Option<TimeZone> {
    if name == "UTC" { Some(TimeZone::UTC) } else { TimeZone::get(name).ok() }
}

/// The zones that exchanges and the model name.
pub(crate) fn known_zones(view: &View<'_>) -> BTreeSet<String> {
    let keys = &view.model.timeseries.response;
    let of_chart = |one: &Asked<'_>| {
        let series = view.series(one).into_iter().flatten().filter_map(|series| series.get(&keys.series_zone));
        one.ok()
            .and_then(|reply| reply.get(&keys.zone))
            .into_iter()
            .chain(series)
            .filter_map(Value::as_str)
            .map(str::to_owned)
            .collect::<Vec<_>>()
    };
    let named_by_charts = view.queries(Format::Timeseries).flat_map(of_chart);
    let zones = named_by_charts.chain(keys.example_zone.clone()).chain(["UTC".to_owned()]);
    zones.filter(|name| named(name).is_some()).collect()
}

/// The range of a filter that asks for a timestamp between two instants, and its field.
fn range<'a>(view: &View<'_>, one: &Asked<'a>) -> Option<(&'a str, Timestamp, Timestamp)> {
    let language = &view.model.filter;
    let (keys, operators) = (&language.keys, &language.operators);
    let filter = one.body?.get(view.key(Format::Records, RequestKey::Filter)?)?;
    let [low, high] = filter.get(&keys.operations)?.as_array()?.as_slice() else { return None };
    let is = |node: &Value, name: &str| node.get(&keys.ty).and_then(Value::as_str) == Some(name);
    if !(is(filter, &operators.and.name) && is(low, &operators.greater_or_equal.name) && is(high, &operators.less_or_equal.name))
    {
        return None;
    }
    let end = |node: &'a Value| node.get(&keys.value)?.as_str()?.parse::<Timestamp>().ok();
    let field = low.get(&keys.field)?.as_str()?;
    (high.get(&keys.field)?.as_str() == Some(field)).then_some(())?;
    Some((field, end(low)?, end(high)?))
}

/// The verdict on the zone.
pub(crate) fn zone(view: &View<'_>) -> Option<Finding> {
    let assumed = &view.model.records.zoneless_timestamps_in.value;
    let (mut seen, mut missed, mut control) = (Vec::new(), Vec::new(), false);
    for one in view.queries(Format::Records) {
        let (Some((field, from, to)), Some(rows)) = (range(view, one), view.rows(one)) else { continue };
        let times: Vec<DateTime> = rows.iter().filter_map(|row| zoneless(row.get(field)?)).collect();
        let tight = to.as_second() - from.as_second() <= TIGHT;
        control |= !tight && !times.is_empty();
        if tight {
            seen.extend(times.into_iter().map(|local| Sighting { local, between: (from, to), index: one.index }));
            if rows.is_empty() && expected(view, one, field, assumed, (from, to)) {
                missed.push(one.index);
            }
        }
    }
    let fits = |name: &str| named(name).is_some_and(|zone| seen.iter().all(|sighting| sighting.fits(&zone)));
    let indices = || seen.iter().map(|sighting| sighting.index).chain(missed.iter().copied());
    if seen.is_empty() {
        // That the filter works at all is shown by a longer range.
        return (control && !missed.is_empty())
            .then(|| Finding::refuted(None, format!("rows are not found at their timestamps in {assumed}."), missed.clone()));
    }
    if !fits(assumed) {
        let others: Vec<String> = known_zones(view).into_iter().filter(|name| fits(name)).collect();
        let both = both_halves(&seen);
        return Some(match &*others {
            [only] if both => {
                Finding::refuted(Some(only.as_str().into()), format!("rows are found at their timestamps in {only}."), indices())
            }
            _ => Finding::refuted(None, format!("rows are not found at their timestamps in {assumed}."), indices()),
        });
    }
    if !missed.is_empty() {
        return Some(Finding::cannot_tell(
            format!("some rows are found at their timestamps in {assumed}, and some are not."),
            indices(),
        ));
    }
    Some(if both_halves(&seen) {
        Finding::holds(format!("rows of both halves of the year are found at their timestamps in {assumed}."), indices())
    } else {
        Finding::cannot_tell(
            format!("rows are found at their timestamps in {assumed}, but only of one half of the year."),
            indices(),
        )
    })
}

/// Whether a row of another reply lies in the range if its timestamp is in the assumed zone.
fn expected(view: &View<'_>, asked: &Asked<'_>, field: &str, zone: &str, (from, to): (Timestamp, Timestamp)) -> bool {
    let Some(zone) = named(zone) else { return false };
    let report = asked.report.map(|(_, report)| report.name.as_str());
    let pages = view
        .queries(Format::Records)
        .filter(|one| one.report.map(|(_, report)| report.name.as_str()) == report && one.is_plain(view));
    pages.filter_map(|one| view.rows(one)).flatten().any(|row| {
        let local = row.get(field).and_then(zoneless);
        local.and_then(|local| zone.to_timestamp(local).ok()).is_some_and(|at| from <= at && at <= to)
    })
}

impl Sighting {
    fn fits(&self, zone: &TimeZone) -> bool {
        zone.to_timestamp(self.local).is_ok_and(|at| self.between.0 <= at && at <= self.between.1)
    }
}

/// Whether there are timestamps of summer and of winter.
fn both_halves(seen: &[Sighting]) -> bool {
    [true, false].into_iter().all(|summer| seen.iter().any(|sighting| is_in(sighting.local, summer)))
}

/// Whether a time lies in the months of summer time, or in those without, of the northern half of the Earth.
pub(crate) fn is_in(local: DateTime, summer: bool) -> bool {
    if summer { (4..=9).contains(&local.month()) } else { matches!(local.month(), 11 | 12 | 1 | 2) }
}
