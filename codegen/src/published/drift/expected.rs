//! The facts of a report that its page should state. What the spec knows only from examples, or does not know, is none of them.

use placewise_model::{Coverage, Example, Field, Filterability, Format, Provenance, Report, Tristate, Type};

use super::account::Account;
use crate::published::read::ExampleOf;

/// Expects every fact of a report.
pub(super) fn expect(account: &mut Account<'_>, report: &Report) {
    account.expect(&["report"]);
    account.expect(&["format"]);
    let header = [
        ("permit", report.permit.is_some()),
        ("cost", report.cost.is_some()),
        ("intervals", report.intervals.is_some()),
        ("data_lag", report.data_lag.is_some_and(|lag| lag.provenance == Provenance::Documented)),
        ("column", report.fields.iter().any(|field| field.column.is_some())),
    ];
    for (key, _) in header.into_iter().filter(|(_, known)| *known) {
        account.expect(&[key]);
    }
    for field in tabled(report.fields.iter()) {
        let path = ["fields", field.name.as_str()];
        account.expect(&path);
        let facts = [
            ("type", true),
            ("values", !listed(field).is_empty()),
            ("fields", !metrics(field).is_empty()),
            ("filterable", matches!(field.filterable, Filterability::Yes | Filterability::No | Filterability::Header(_))),
            ("column", field.column.as_ref().is_some_and(|column| column.value != Tristate::Unknown)),
            ("deprecated", field.deprecated),
        ];
        for (fact, _) in facts.into_iter().filter(|(_, known)| *known) {
            account.expect(&[path[0], path[1], fact]);
        }
    }
    if let Some(labels) = &report.labels {
        account.expect(&["labels"]);
        rows(account, &["labels"], tabled(labels.iter()));
    }
    for aggregation in report.aggregations.iter().filter(|one| one.provenance == Provenance::Documented) {
        let name = aggregation.name.as_str();
        account.expect(&["aggregations", name]);
        if report.format == Format::Timeseries {
            rows(account, &["aggregations", name, "labels"], tabled(aggregation.labels.iter().flatten()));
        } else {
            rows(account, &["aggregations", name, "returns"], tabled(aggregation.returns.iter().map(|one| &one.field)));
        }
    }
    for example in report.examples.iter().filter(|example| on_page(example, report)) {
        let path = example_path(&of(example), example.response.is_none());
        account.expect(&steps(&path));
    }
}

fn rows<'f>(account: &mut Account<'_>, table: &[&str], fields: impl Iterator<Item = &'f Field>) {
    for field in fields {
        let path = [table, &[field.name.as_str()]].concat();
        account.expect(&path);
        account.expect(&[&path[..], &["type"]].concat());
        if field.same_as.is_some() {
            account.expect(&[&path[..], &["field"]].concat());
        }
    }
}

/// The fields that a table of the page lists.
pub(super) fn tabled<'f>(fields: impl Iterator<Item = &'f Field>) -> impl Iterator<Item = &'f Field> {
    fields.filter(|field| field.provenance != Provenance::Example)
}

/// The documented values of a field.
pub(super) fn listed(field: &Field) -> Vec<&str> {
    match field.ty.innermost() {
        Type::Enum(of) => {
            let documented = of.values.iter().filter(|value| value.provenance == Provenance::Documented);
            documented.map(|value| value.value.as_str()).collect()
        }
        _ => Vec::new(),
    }
}

/// The metrics that the page's prose names. A map's keys are data.
pub(super) fn metrics(field: &Field) -> Vec<&str> {
    match &field.ty {
        Type::Object { fields } => tabled(fields.iter()).map(|field| field.name.as_str()).collect(),
        _ => Vec::new(),
    }
}

/// Whether an example stands on the report's own page. A name-only example has a page of its own.
pub(super) fn on_page(example: &Example, report: &Report) -> bool {
    example.coverage != Coverage::NameOnly && (example.source.is_none() || example.source == report.source)
}

/// What an example of the spec shows.
pub(super) fn of(example: &Example) -> ExampleOf {
    match (&example.aggregation, &example.field) {
        (Some(name), _) => ExampleOf::Aggregation(name.clone()),
        (None, Some(name)) => ExampleOf::Field(name.clone()),
        (None, None) => ExampleOf::Rows,
    }
}

/// The path of an example's fact.
pub(super) fn example_path(of: &ExampleOf, request: bool) -> Vec<String> {
    let steps: &[&str] = match of {
        ExampleOf::Rows => &["examples", "rows"],
        ExampleOf::Aggregation(name) => &["examples", "aggregations", name],
        ExampleOf::Field(name) => &["examples", "fields", name],
    };
    let request = request.then_some("request");
    steps.iter().copied().chain(request).map(str::to_owned).collect()
}

/// A path as steps.
pub(super) fn steps(path: &[String]) -> Vec<&str> {
    path.iter().map(String::as_str).collect()
}
