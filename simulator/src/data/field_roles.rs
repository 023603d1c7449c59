//! What a field is for: customer, row id, amount, or time range.
//!
//! The model states types, relations and computations but no roles. Apart from the customer field, these roles are the simulator's
//! own reading and shape generated data only.

use std::collections::HashSet;

use placewise_model::{Compute, Field, Filterability, Model, Nullable, QuirkKind, RelationRule, Report, Simulate, Type};

use crate::data::row::Row;
use crate::typed_value::integer;

/// Whether the customer header filters by that field.
pub(crate) fn is_customer(model: &Model, field: &Field) -> bool {
    matches!(&field.filterable, Filterability::Header(header) if header.eq_ignore_ascii_case(&model.api.headers.customer.name))
}

/// Index of the customer field.
pub(crate) fn customer_index(model: &Model, fields: &[Field]) -> Option<usize> {
    fields.iter().position(|field| is_customer(model, field))
}

/// The customer of a row whose customer field has that index.
pub(crate) fn customer_of(row: &Row, index: usize) -> Option<i64> {
    row.cell(index).and_then(integer).and_then(|id| i64::try_from(id).ok())
}

/// Index of the field that identifies rows: the first integer that is always present and is neither the customer nor an amount.
pub(crate) fn row_id_index(model: &Model, report: &Report) -> Option<usize> {
    let amounts = amounts(model, report);
    let present = |field: &Field| !field.optional && matches!(field.nullable, Nullable::Never | Nullable::AssumedNever);
    report.fields.iter().position(|field| {
        field.ty == Type::Integer && present(field) && !is_customer(model, field) && !amounts.contains(field.name.as_str())
    })
}

/// Fields that the spec adds up, compares or counts with. Other integers are ids.
pub(crate) fn amounts<'a>(model: &'a Model, report: &'a Report) -> HashSet<&'a str> {
    let mut names: Vec<&String> = Vec::new();
    for returned in report.aggregations.iter().flat_map(|aggregation| &aggregation.returns) {
        names.extend(if let Compute::Sum(of) = &returned.compute { Some(of) } else { None });
    }
    for relation in &report.relations {
        match &relation.rule {
            RelationRule::AddsUp { parts, to } => names.extend(parts.iter().chain([to])),
            RelationRule::NeverGrows(fields) => names.extend(fields),
            RelationRule::Any { .. } => {}
        }
    }
    match &report.simulate {
        Some(Simulate::Summary { sum, .. }) => names.extend(sum),
        Some(Simulate::Tally { count, .. }) => names.push(count),
        Some(Simulate::Each { .. } | Simulate::Events { .. }) | None => {}
    }
    for simulate in model.reports.iter().filter_map(|other| other.simulate.as_ref()) {
        match simulate {
            Simulate::Summary { of, sum } if *of == report.name => names.extend(sum),
            Simulate::Events { of, count, .. } if *of == report.name => names.extend(count),
            _ => {}
        }
    }
    names.into_iter().map(String::as_str).collect()
}

/// Names of the start and the end of a time range: an object's only two timestamps, in the order of the spec.
pub(crate) fn time_range(fields: &[Field]) -> Option<(&str, &str)> {
    let mut times = fields.iter().filter(|field| field.ty == Type::Timestamp).map(|field| field.name.as_str());
    let range = times.next().zip(times.next())?;
    times.next().is_none().then_some(range)
}

/// The time range inside a map of time ranges.
pub(crate) fn time_range_in_map(ty: &Type) -> Option<(&str, &str)> {
    let Type::Map { of } = ty else { return None };
    let Type::Object { fields } = &**of else { return None };
    time_range(fields)
}

/// Whether the spec says that examples print the timestamp at that place without a zone.
pub(crate) fn is_zoneless(report: &Report, place: &str) -> bool {
    report.quirks.iter().any(|quirk| quirk.kind == QuirkKind::Zoneless && quirk.at.iter().any(|at| at == place))
}
