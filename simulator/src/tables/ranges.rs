//! Time ranges that a row tells of its own events. In come the rows of a report that timeseries come from; out come the same rows, in
//! which a map of ranges whose keys are intervals tells when the events of that row are: from the begin of the bucket of the first one
//! until none can follow, or open where that is still to come. The documented examples are so, with buckets of UTC.

use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use placewise_model::{Field, Model, Report, Simulate, Type};
use serde_json::Value;

use crate::aggregate::zoneless;
use crate::row::Row;
use crate::timeseries::events::SPREAD;
use crate::timeseries::grid::Grid;
use crate::value::{instant, print};

/// Makes the ranges of rows agree with their events, as they are at the moment `start`.
pub(crate) fn agree(model: &Model, report: &Report, zone: &TimeZone, start: Timestamp, rows: &mut [Row]) {
    let Some(begin) = begin(model, report) else { return };
    for (place, field) in report.fields.iter().enumerate().filter(|(_, field)| is_ranges(&field.ty)) {
        for row in rows.iter_mut() {
            let begin = row.get(&report.fields, begin).and_then(|value| instant(value.as_str()?, zone));
            let (Some(begin), Some(Some(Value::Object(ranges)))) = (begin, row.cells.get_mut(place)) else { continue };
            for (name, range) in ranges.iter_mut() {
                let (Some(interval), Value::Object(range)) = (model.timeseries.interval(name), range) else { continue };
                let from = Grid::new(interval.bucket_length, TimeZone::UTC).floor(begin).unwrap_or(begin);
                let last = begin.checked_add(SignedDuration::from_secs(i64::try_from(SPREAD).unwrap_or(0))).unwrap_or(begin);
                let shown = |at: Timestamp| Value::from(print(at, zoneless(report, &field.name), zone));
                range.insert("from".to_owned(), shown(from));
                range.insert("to".to_owned(), if last > start { Value::Null } else { shown(last) });
            }
        }
    }
}

/// The field that tells when a row's events begin, where a timeseries comes from the report.
fn begin<'a>(model: &'a Model, report: &Report) -> Option<&'a str> {
    model.reports.iter().find_map(|other| match &other.simulate {
        Some(Simulate::Events { of, begin, .. }) if *of == report.name => begin.as_deref(),
        _ => None,
    })
}

/// Whether it is a map of ranges of timestamps.
fn is_ranges(ty: &Type) -> bool {
    let Type::Map { of } = ty else { return false };
    let Type::Object { fields } = &**of else { return false };
    let time = |name: &str| fields.iter().any(|Field { name: other, ty, .. }| other == name && *ty == Type::Timestamp);
    time("from") && time("to")
}
