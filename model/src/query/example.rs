//! The query that documentation shows for a report.

use serde_json::Value;

use super::body::Query;
use crate::field::{Field, Filterability, Type};
use crate::filter_language::{FilterLanguage, Operator};
use crate::formats::Interval;
use crate::model::Model;
use crate::period::Unit;
use crate::report::Report;
use crate::vocabulary::{Format, RequestKey};

const START: &str = "2026-01-01T00:00:00Z";

impl<'a> Query<'a> {
    /// A query of the report that uses only what the spec knows: filter, interval and range.
    pub fn example(model: &'a Model, report: &'a Report) -> Self {
        let query = Self::new(model, report).with(RequestKey::Filter, comparisons(model, report).into_iter().next());
        if report.format != Format::Timeseries {
            return query;
        }
        let interval = interval(model, report);
        let to = interval.map_or("2026-01-08T00:00:00Z", |interval| end(interval.bucket_length.unit));
        let query = query.with(RequestKey::Interval, interval.map(|interval| interval.name.as_str()));
        query.with(RequestKey::From, Some(START)).with(RequestKey::To, Some(to))
    }

    /// A query with a logical operator in its filter; none if no report has two fields to compare.
    pub fn filter_example(model: &'a Model) -> Option<Self> {
        let mut reports: Vec<_> = model.reports.iter().collect();
        reports.sort_by_key(|report| report.coverage);
        let (report, both) = reports.into_iter().find_map(|report| {
            let both: Vec<_> = comparisons(model, report).into_iter().take(2).collect();
            (both.len() == 2).then_some((report, both))
        })?;
        let language = &model.filter;
        let entries = [(&language.keys.ty, Value::from(&*language.operators.and.name)), (&language.keys.operations, both.into())];
        Some(Self::new(model, report).with(RequestKey::Filter, Some(node(entries))))
    }
}

/// Days if the report has them, because they show a week in seven buckets.
fn interval<'a>(model: &'a Model, report: &'a Report) -> Option<&'a Interval> {
    let one_day = |interval: &&Interval| interval.bucket_length.unit == Unit::Day && interval.bucket_length.count == 1;
    model.intervals(report).find(one_day).or_else(|| model.intervals(report).last())
}

/// The end of a range that begins at [`START`] and has few buckets of that unit.
const fn end(unit: Unit) -> &'static str {
    match unit {
        Unit::Minute => "2026-01-01T01:00:00Z",
        Unit::Hour => "2026-01-02T00:00:00Z",
        Unit::Day => "2026-01-08T00:00:00Z",
        Unit::Week | Unit::Month => "2026-07-01T00:00:00Z",
        Unit::Year => "2028-01-01T00:00:00Z",
    }
}

fn node<const N: usize>(entries: [(&String, Value); N]) -> Value {
    entries.into_iter().map(|(key, value)| (key.as_str(), value)).collect()
}

/// One comparison per field, the best documented first.
fn comparisons(model: &Model, report: &Report) -> Vec<Value> {
    let mut fields: Vec<_> = report.fields.iter().filter(|field| field.filterable.may_filter()).collect();
    fields.sort_by_key(|field| match (&field.filterable, &field.ty) {
        (Filterability::Unknown, Type::Enum(_)) => 1,
        (Filterability::Unknown, _) => 2,
        _ => 0,
    });
    fields.into_iter().filter_map(|field| shown(model, report, field).or_else(|| made_up(&model.filter, field))).collect()
}

/// The single comparison of an example request of the documentation.
fn shown(model: &Model, report: &Report, field: &Field) -> Option<Value> {
    report.examples.iter().find_map(|example| {
        let query = Query::read(model, report, example.request.as_ref()?)?;
        let node = query.value(RequestKey::Filter)?;
        let value = node.get(&model.filter.keys.value)?;
        let compares = node.get(&model.filter.keys.field)?.as_str()? == field.name && (value.is_number() || value.is_string());
        compares.then(|| node.clone())
    })
}

/// A comparison that fits the field's type.
fn made_up(language: &FilterLanguage, field: &Field) -> Option<Value> {
    let (operator, value): (&Operator, Value) = match &field.ty {
        Type::Enum(ty) => (&language.operators.equal, ty.values.first()?.value.as_str().into()),
        Type::Timestamp => (&language.operators.greater_or_equal, START.into()),
        Type::Date => (&language.operators.greater_or_equal, "2026-01-01".into()),
        Type::Integer => (&language.operators.greater_than, 0.into()),
        Type::Boolean => (&language.operators.equal, true.into()),
        _ => return None,
    };
    Some(node([
        (&language.keys.ty, operator.name.as_str().into()),
        (&language.keys.field, field.name.as_str().into()),
        (&language.keys.value, value),
    ]))
}
