//! The query that documentation shows for a report.

use serde_json::Value;

use super::filter::{Comparison, Filter};
use super::printed::Query;
use crate::field::{Field, Filterability, Type};
use crate::formats::Interval;
use crate::model::Model;
use crate::period::Unit;
use crate::report::Report;
use crate::vocabulary::{Format, RequestKey};

const START: &str = "2026-01-01T00:00:00Z";

impl<'a> Query<'a> {
    /// A query of the report that uses only what the spec knows: filter, interval and range.
    pub fn example(model: &'a Model, report: &'a Report) -> Self {
        let mut query = Self::new(model, report);
        query.filter = comparisons(model, report).into_iter().next().map(Filter::Compare);
        if report.format == Format::Timeseries {
            query.interval = interval(model, report);
            query.range =
                Some((START, query.interval.map_or("2026-01-08T00:00:00Z", |interval| end(interval.bucket_length.unit))));
        }
        query
    }
}

impl<'a> Filter<'a> {
    /// A filter with a logical operator, and the report that it belongs to; none if no report has two fields to compare.
    pub fn example(model: &'a Model) -> Option<(&'a Report, Self)> {
        let mut reports: Vec<_> = model.reports.iter().collect();
        reports.sort_by_key(|report| report.coverage);
        reports.into_iter().find_map(|report| {
            let mut comparisons = comparisons(model, report).into_iter().map(Filter::Compare);
            Some((report, Self::All(vec![comparisons.next()?, comparisons.next()?])))
        })
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

/// One comparison per field, the best documented first.
fn comparisons<'a>(model: &Model, report: &'a Report) -> Vec<Comparison<'a>> {
    let mut comparisons: Vec<_> = report.fields.iter().filter_map(|field| comparison(model, report, field)).collect();
    let rank = |field: &Field| match (&field.filterable, &field.ty) {
        (Filterability::Unknown, Type::Enum(_)) => 1,
        (Filterability::Unknown, _) => 2,
        _ => 0,
    };
    comparisons.sort_by_key(|comparison| rank(comparison.field));
    comparisons
}

/// The comparison of an example request, or one that fits the type.
fn comparison<'a>(model: &Model, report: &Report, field: &'a Field) -> Option<Comparison<'a>> {
    if !field.filterable.may_filter() {
        return None;
    }
    let (operator, value) = shown(model, report, field).or_else(|| match &field.ty {
        Type::Enum(ty) => ty.values.first().map(|first| ("equal", first.value.as_str().into())),
        Type::Timestamp => Some(("greater_or_equal", START.into())),
        Type::Date => Some(("greater_or_equal", "2026-01-01".into())),
        Type::Integer => Some(("greater_than", 0.into())),
        Type::Boolean => Some(("equal", true.into())),
        _ => None,
    })?;
    Some(Comparison { field, operator, value })
}

/// The single comparison of an example request of the documentation.
fn shown(model: &Model, report: &Report, field: &Field) -> Option<(&'static str, Value)> {
    let language = &model.filter;
    let keys = model.request_keys(report.format);
    let key = keys.iter().find_map(|(of, key)| (*of == RequestKey::Filter).then_some(&key.value))?;
    report.examples.iter().find_map(|example| {
        let node = example.request.as_ref()?.get(key)?;
        let name = node.get(&language.type_key)?.as_str()?;
        let (operator, _) = language.operators().into_iter().find(|(_, operator)| operator.name == name)?;
        let value = node.get(&language.value_key).filter(|value| value.is_number() || value.is_string())?;
        (node.get(&language.field_key)?.as_str()? == field.name).then(|| (operator, value.clone()))
    })
}
