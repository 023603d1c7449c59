//! Tables of fields: those of rows, of labels, of objects and of endpoints.

use placewise_model::{Compute, Field, Filterability, Provenance, Report, Tristate, Type};

use super::phrases::{cell, code_cell};
use super::table::{
    Column::{self, Shown, Usually, Varying},
    table,
};
use crate::emit::markdown;

/// The usual provenance, which tables leave out.
pub(super) const DOCUMENTED: &str = Provenance::Documented.describe();
const NULL: Column<'_> = Usually("null", placewise_model::Nullable::Unknown.describe());
/// The column that shows it, if it is not usual.
pub(super) const PROVENANCE: Column<'static> = Usually("provenance", DOCUMENTED);

/// What stands for the cell of a field whose table on the page has no third column.
const NO_COLUMN: &str = "no such column";

/// The fields of a report.
pub(super) fn fields(report: &Report) -> String {
    let unknown = Filterability::Unknown.describe();
    let mut titles: Vec<&str> =
        report.fields.iter().filter_map(|field| field.column.as_ref()).map(|column| column.title.as_str()).collect();
    titles.dedup();
    let title = (!titles.is_empty()).then(|| cell(Some(&titles.join(", "))));
    let mut columns = vec![Shown("field"), Shown("meaning"), Varying("type"), NULL, Usually("filterable", &unknown)];
    let everywhere = report.fields.iter().all(|field| field.column.is_some());
    let usual = if everywhere { Tristate::Unknown.word() } else { NO_COLUMN };
    columns.extend(title.as_deref().map(|title| Usually(title, usual)));
    columns.push(PROVENANCE);
    let rows = report.fields.iter().map(|field| {
        let mut row = facts(field);
        row.insert(4, markdown::cell(&markdown::markdown(&field.filterable.describe())));
        if title.is_some() {
            row.insert(5, field.column.as_ref().map_or(NO_COLUMN, |column| column.value.word()).into());
        }
        row
    });
    table("field", &columns, rows)
}

/// Returned fields of an aggregation, with how the simulator computes each.
pub(super) fn returned<'a>(fields: impl Iterator<Item = (&'a Field, &'a Compute)>) -> String {
    let columns = [Shown("key"), Shown("meaning"), Varying("type"), NULL, Varying("simulated as"), PROVENANCE];
    let rows = fields.map(|(field, compute)| {
        let mut row = facts(field);
        row.insert(4, computed(&field.name, compute));
        row
    });
    table("key", &columns, rows)
}

/// Keys of labels, objects and endpoints.
pub(super) fn keys<'a>(fields: impl IntoIterator<Item = &'a Field>) -> String {
    let columns = [Shown("key"), Shown("meaning"), Varying("type"), NULL, PROVENANCE];
    table("key", &columns, fields.into_iter().map(facts))
}

/// Name, meaning, type, null and provenance.
fn facts(field: &Field) -> Vec<String> {
    vec![
        code_cell(&field.name),
        meaning(field),
        markdown::cell(&markdown::markdown(&field.ty.word())),
        field.nullable.describe().into(),
        field.provenance.describe().into(),
    ]
}

/// How the simulator computes a value; the documentation says so only in part.
fn computed(key: &str, compute: &Compute) -> String {
    let of = |word: &str, of: &str| if of == key { word.into() } else { format!("{word} of {}", code_cell(of)) };
    match compute {
        Compute::Key => "group key".into(),
        Compute::Sum(field) => of("sum", field),
        Compute::Min(field) => of("minimum", field),
        Compute::Max(field) => of("maximum", field),
        Compute::Collect(field) => of("list", field),
        Compute::Count => "number of rows".into(),
        Compute::Same(field) => of("common value", field),
        Compute::Span(field) => of("widest range", field),
        Compute::Unknown => "null".into(),
    }
}

fn meaning(field: &Field) -> String {
    let mut out = if field.description.is_some() { cell(field.description.as_deref()) } else { "No description.".into() };
    if field.deprecated {
        out.push_str(" Deprecated.");
    }
    if let Type::Enum(enumeration) = field.ty.innermost() {
        if enumeration.values.is_empty() {
            out.push_str(" No list of values is documented.");
        } else {
            let values = enumeration.values.iter().map(|value| match &value.description {
                Some(description) => {
                    format!("{} ({})", code_cell(&value.value), cell(Some(description.trim_end().trim_end_matches('.'))))
                }
                None => code_cell(&value.value),
            });
            out.push_str(&format!(" Known values: {}.", values.collect::<Vec<_>>().join(", ")));
        }
    }
    if let Some(name) = &field.rust_name {
        out.push_str(&format!(" Named {} in Rust.", code_cell(name)));
    }
    if field.optional {
        out.push_str(" Missing from all examples.");
    }
    if let Some(adds) = &field.adds {
        out.push_str(&format!(" {}", adds.sentence()));
    }
    out
}
