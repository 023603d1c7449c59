//! The types that a module defines for its enumerations and objects.

use placewise_model::{Field, Report, Type};

use super::identifiers::{source, type_name};
use super::items::aggregation;

/// The struct of a report's rows without aggregation.
pub const ROW: &str = "Row";

/// The struct of a series' label without aggregation.
pub const LABEL: &str = "Label";

/// A type that a module defines.
pub struct Defined<'a> {
    /// Its Rust name.
    pub name: String,
    /// The field of this type.
    pub field: &'a Field,
    /// The path of wire names from the report, for findings.
    pub path: Vec<&'a str>,
    /// The enumeration or object.
    pub ty: &'a Type,
}

/// All types that a report's module defines, outer before inner: for its fields, and for new returned fields and new label keys.
pub fn defined(report: &Report) -> Vec<Defined<'_>> {
    let mut out = Vec::new();
    for field in &report.fields {
        collect(field, "", vec!["fields", &field.name], &mut out);
    }
    for label in report.labels.iter().flatten().filter(|label| label.same_as.is_none()) {
        collect(label, LABEL, vec!["labels", &label.name], &mut out);
    }
    for aggregation in &report.aggregations {
        let (rows, _) = self::aggregation(aggregation);
        for returned in aggregation.returns.iter().filter(|returned| returned.field.same_as.is_none()) {
            collect(&returned.field, &rows, vec!["aggregations", &aggregation.name, "returns", &returned.field.name], &mut out);
        }
        for label in aggregation.labels.iter().flatten().filter(|label| label.same_as.is_none()) {
            collect(label, &rows, vec!["aggregations", &aggregation.name, "labels", &label.name], &mut out);
        }
    }
    out
}

/// All types that an endpoint's request or reply defines, outer before inner. `prefix` is the name of its struct.
pub fn defined_in<'a>(fields: &'a [Field], prefix: &str) -> Vec<Defined<'a>> {
    let mut out = Vec::new();
    for field in fields {
        collect(field, prefix, vec![&field.name], &mut out);
    }
    out
}

fn collect<'a>(field: &'a Field, prefix: &str, path: Vec<&'a str>, out: &mut Vec<Defined<'a>>) {
    let ty = field.ty.innermost();
    if !matches!(ty, Type::Enum(_) | Type::Object { .. }) {
        return;
    }
    let name = defined_name(field, prefix);
    out.push(Defined { name: name.clone(), field, path: path.clone(), ty });
    if let Type::Object { fields } = ty {
        for inner in fields {
            collect(inner, &name, [&path[..], &["fields", &inner.name]].concat(), out);
        }
    }
}

/// The Rust name of the enumeration or object of a field, which is not a repeated one. An element of `ranges` is a `Range`.
pub fn defined_name(field: &Field, prefix: &str) -> String {
    let wire = source(field);
    let collection = matches!(field.ty, Type::Array { .. } | Type::Map { .. });
    let wire = match wire.strip_suffix('s') {
        Some(one) if collection && !one.ends_with(['s', 'u', 'i']) && !one.is_empty() => one,
        _ => wire,
    };
    if prefix.is_empty() { type_name(wire) } else { type_name(&format!("{prefix} {wire}")) }
}
