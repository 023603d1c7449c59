//! Time ranges in a row that state when its own events happen.
//!
//! In a map of time ranges keyed by interval, each range starts with the UTC bucket of the first event and ends when no event can
//! follow, or stays open (null) if events are still to come. The documented examples look like this.

use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use placewise_model::{Model, Report, Simulate};
use serde_json::Value;

use crate::data::events::EVENT_PERIOD;
use crate::data::field_roles::{is_zoneless, time_range_in_map};
use crate::data::row::Row;
use crate::time_buckets::TimeBuckets;
use crate::typed_value::{parse_timestamp, print_timestamp};

/// Makes the time ranges of rows agree with their events. Events after `now` are still to come.
pub(crate) fn agree(model: &Model, report: &Report, zone: &TimeZone, now: Timestamp, rows: &mut [Row]) {
    let Some(begin) = begin_field(model, report) else { return };
    for (index, field) in report.fields.iter().enumerate() {
        let Some((start_key, end_key)) = time_range_in_map(&field.ty) else { continue };
        for row in rows.iter_mut() {
            let begin = row.get(&report.fields, begin).and_then(|value| parse_timestamp(value.as_str()?, zone));
            let (Some(begin), Some(Some(Value::Object(ranges)))) = (begin, row.cells.get_mut(index)) else { continue };
            for (name, range) in ranges.iter_mut() {
                let (Some(interval), Value::Object(range)) = (model.timeseries.interval(name), range) else { continue };
                let start = TimeBuckets::new(interval.bucket_length, TimeZone::UTC).start_of(begin).unwrap_or(begin);
                let period = SignedDuration::from_secs(i64::try_from(EVENT_PERIOD).unwrap_or(0));
                let end = begin.checked_add(period).unwrap_or(begin);
                let printed = |at: Timestamp| Value::from(print_timestamp(at, is_zoneless(report, &field.name), zone));
                range.insert(start_key.to_owned(), printed(start));
                range.insert(end_key.to_owned(), if end > now { Value::Null } else { printed(end) });
            }
        }
    }
}

/// The field that states when a row's events begin, if a timeseries derives from the report.
fn begin_field<'a>(model: &'a Model, report: &Report) -> Option<&'a str> {
    model.reports.iter().find_map(|other| match &other.simulate {
        Some(Simulate::Events { of, begin, .. }) if *of == report.name => begin.as_deref(),
        _ => None,
    })
}
