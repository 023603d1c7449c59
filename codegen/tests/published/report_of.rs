//! Makes a report that agrees with a published page in every fact, so that a test can change one of them.

use placewise_codegen::published::{ExampleOf, Json, PublishedExample, PublishedField, PublishedPage, ReturnedRow};
use placewise_model::{
    Aggregation, Column, Compute, Coverage, EnumType, EnumValue, Example, Field, Filterability, Format, Nullable, Provenance,
    Quirk, QuirkKind, Report, Returned, Tristate, Type,
};

pub fn report_of(page: &PublishedPage) -> Report {
    Report {
        name: page.name.value.clone(),
        rust_name: None,
        group: "group".into(),
        format: *Format::ALL.iter().find(|format| format.word() == page.format.value).unwrap(),
        permit: page.permit.as_ref().map(|permit| permit.value.clone()),
        cost: page.cost.as_ref().map(|cost| cost.value),
        source: None,
        coverage: Coverage::Whole,
        description: None,
        provenance: Provenance::Documented,
        intervals: page.intervals.as_ref().map(|names| names.value.clone()),
        data_lag: page.data_lag.as_ref().map(|lag| lag.value),
        adds: None,
        unnamed: Vec::new(),
        labels: page.labels.as_ref().map(|labels| labels.rows.iter().map(|row| label(page, row)).collect()),
        more_aggregations: false,
        relations: Vec::new(),
        simulate: None,
        fields: page.fields.iter().map(field).collect(),
        aggregations: page.aggregations.iter().map(|one| aggregation(page, &one.name.value, &one.returned)).collect(),
        examples: page.examples.iter().map(example).collect(),
        quirks: page.examples.iter().filter(|shown| !shown.repaired.is_empty()).filter_map(quirk).collect(),
        rust_query: None,
    }
}

fn blank(name: &str, ty: Type, printed: &str) -> Field {
    Field {
        name: name.into(),
        rust_name: None,
        ty,
        printed: printed.into(),
        nullable: Nullable::Unknown,
        optional: false,
        filterable: Filterability::Unknown,
        column: None,
        deprecated: false,
        adds: None,
        description: None,
        provenance: Provenance::Documented,
        same_as: None,
    }
}

fn field(page: &PublishedField) -> Field {
    let value =
        |value: &str| EnumValue { value: value.into(), name: None, description: None, provenance: Provenance::Documented };
    let ty = if !page.values.is_empty() {
        Type::Enum(EnumType { values: page.values.iter().map(|at| value(&at.value)).collect() })
    } else if !page.metrics.is_empty() {
        Type::Object { fields: page.metrics.iter().map(|metric| blank(&metric.name.value, Type::Integer, "Integer")).collect() }
    } else {
        Type::Json
    };
    let printed = page.printed.as_ref().map_or("?", |printed| &printed.value);
    Field {
        filterable: page.filterable.as_ref().map_or(Filterability::Unknown, |cell| cell.value.clone()),
        column: page.column.as_ref().map(|column| Column {
            title: column.value.clone(),
            value: match page.cell.as_ref().map(|cell| cell.value) {
                Some(true) => Tristate::Yes,
                Some(false) => Tristate::No,
                None => Tristate::Unknown,
            },
        }),
        ..blank(page.name(), ty, printed)
    }
}

/// A row of a table of returned fields or labels.
fn label(page: &PublishedPage, row: &ReturnedRow) -> Field {
    let repeats = row.see_fields() && page.field(&row.key.value).is_some();
    Field { same_as: repeats.then(|| row.key.value.clone()), ..blank(&row.key.value, Type::Json, &row.printed.value) }
}

fn aggregation(page: &PublishedPage, name: &str, rows: &[ReturnedRow]) -> Aggregation {
    let returned = |field: Field| Returned { field, compute: Compute::Unknown };
    if page.format.value == "timeseries" {
        let labels = (!rows.is_empty()).then(|| rows.iter().map(|row| label(page, row)).collect());
        return Aggregation {
            name: name.into(),
            rust_name: None,
            by: vec![],
            description: None,
            provenance: Provenance::Documented,
            returns: vec![],
            labels,
        };
    }
    let mut returns: Vec<Returned> = rows.iter().map(|row| returned(label(page, row))).collect();
    let of = ExampleOf::Aggregation(name.into());
    for member in page.responses(&of).flat_map(|shown| shown.rows()).flat_map(Json::members) {
        if returns.iter().all(|known| known.field.name != member.key) {
            returns.push(returned(Field { provenance: Provenance::Example, ..blank(&member.key, Type::Json, "?") }));
        }
    }
    let provenance = Provenance::Documented;
    Aggregation { name: name.into(), rust_name: None, by: vec![], description: None, provenance, returns, labels: None }
}

fn example(shown: &PublishedExample) -> Example {
    let payload = |wanted: bool| (shown.request == wanted).then(|| shown.value());
    let (aggregation, field) = match &shown.of {
        ExampleOf::Rows => (None, None),
        ExampleOf::Aggregation(name) => (Some(name.clone()), None),
        ExampleOf::Field(name) => (None, Some(name.clone())),
    };
    Example {
        name: "example".into(),
        coverage: Coverage::Whole,
        source: None,
        aggregation,
        field,
        request: payload(true),
        response: payload(false),
    }
}

fn quirk(shown: &PublishedExample) -> Option<Quirk> {
    let (ExampleOf::Aggregation(at) | ExampleOf::Field(at)) = &shown.of else { return None };
    Some(Quirk { kind: QuirkKind::BrokenExample, at: vec![at.clone()], description: "Broken.".into() })
}
