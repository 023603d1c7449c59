//! What probes share: reports' fields to filter by, and whether a probe may end.

use placewise_model::{Field, Filterability, Report, Type, Verdict};
use serde_json::Value;

use crate::settle::judge::judge;
use crate::settle::judge::keys::NONSENSE;
use crate::settle::lab::{Lab, Stop, comparison};
use crate::settle::role::Role;

/// Why a probe decided nothing, as far as it knows.
pub(crate) type Reason = Option<String>;

/// Whether the exchanges decide a role by now, and say as much as they can.
pub(crate) fn is_decided(lab: &Lab, id: &str, role: Role) -> bool {
    judge(&lab.view(), id, role).is_some_and(|found| found.verdict == Verdict::Holds || found.value.is_some())
}

/// A field that filters surely or probably accept, with a value of a row. Those that are known best come first.
pub(super) fn comparable<'r>(report: &'r Report, rows: &[Value], fits: impl Fn(&Type) -> bool) -> Vec<(&'r Field, Value)> {
    let mut fields: Vec<&Field> = report.fields.iter().filter(|field| field.filterable.may_filter() && fits(&field.ty)).collect();
    fields.sort_by_key(|field| match field.filterable {
        Filterability::Yes => 0,
        Filterability::Example => 1,
        _ => 2,
    });
    let value = |field: &Field| rows.iter().find_map(|row| row.get(&field.name).filter(|value| !value.is_null()).cloned());
    fields.into_iter().filter_map(|field| Some((field, value(field)?))).collect()
}

pub(super) const fn is_simple(ty: &Type) -> bool {
    matches!(ty, Type::Integer | Type::Number | Type::String | Type::Enum(_))
}

pub(super) const fn is_text(ty: &Type) -> bool {
    matches!(ty, Type::String | Type::Enum(_))
}

/// A filter that no row matches; none if no text can be filtered.
pub(super) fn impossible(lab: &Lab, report: &Report) -> Vec<Value> {
    let equal = &lab.model.filter.operators.equal.name;
    let mut fields: Vec<&Field> =
        report.fields.iter().filter(|field| field.filterable.may_filter() && is_text(&field.ty)).collect();
    fields.sort_by_key(|field| field.filterable.is_unknown());
    fields.into_iter().take(3).map(|field| comparison(&lab.model, equal, &field.name, NONSENSE.into())).collect()
}

pub(super) fn no_rows() -> Result<Reason, Stop> {
    Ok(Some("no report of rows that may be queried has two different rows".into()))
}
