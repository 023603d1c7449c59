//! The page of the endpoints: how to call each, what a request takes from a report, and the known keys.

use placewise_model::{Endpoint, Field, Format, Model, Setting, rust_method};

use super::field_tables;
use super::phrases::{banner, cell, code_cell, known, paragraphs, setting, setting_or_none, source};
use super::table::facts;
use crate::emit::markdown;
use crate::naming;

pub(super) fn page(model: &Model) -> String {
    let mut out = banner("spec/endpoints.yaml");
    out.push_str("# Endpoints\n\n");
    out.push_str(
        "The methods of a report build its queries. Every other endpoint is a type of the module `endpoints`: pass its call to \
         `client.fetch(…)`.\n\n",
    );
    for endpoint in &model.endpoints {
        out.push_str(&one(model, endpoint));
    }
    out
}

/// The format whose queries go to an endpoint.
pub(super) fn format_of(model: &Model, endpoint: &Endpoint) -> Option<Format> {
    Format::ALL.iter().copied().find(|format| model.endpoint_of(*format) == endpoint.name)
}

fn one(model: &Model, endpoint: &Endpoint) -> String {
    let title = endpoint.title.as_deref().unwrap_or(&endpoint.name);
    let mut out = format!("## {}\n\n", markdown::markdown(title));
    out.push_str(&paragraphs(endpoint.description.as_deref()));
    let mut rows = vec![
        ("name in the spec", code_cell(&endpoint.name)),
        ("method", code_cell(&endpoint.method)),
        ("path", setting_or_none(&endpoint.path)),
        ("permit", known(endpoint.permit.as_deref().map(code_cell))),
        ("cost in tokens", cost(model, endpoint)),
        ("sent again after a failure", sent_again(model, endpoint).into()),
        ("coverage", format!("{}: {}", endpoint.coverage.word(), endpoint.coverage.describe())),
        ("provenance", endpoint.provenance.describe().into()),
        ("source", source(endpoint.source.as_deref())),
        ("in Rust", rust(model, endpoint)),
    ];
    if let Some(group) = &endpoint.group {
        rows.insert(1, ("group", cell(Some(group))));
    }
    rows.extend(carried(endpoint));
    out.push_str(&facts(rows));
    for (title, fields) in [("Request", &endpoint.request), ("Response", &endpoint.response)] {
        out.push_str(&keys(model, endpoint, title, fields));
    }
    out
}

fn sent_again(model: &Model, endpoint: &Endpoint) -> &'static str {
    match endpoint.only_reads || format_of(model, endpoint).is_some() {
        true => "yes: it only reads",
        false => "only if it was never received, or refused by the rate limit",
    }
}

fn keys(model: &Model, endpoint: &Endpoint, title: &str, fields: &[Field]) -> String {
    match format_of(model, endpoint) {
        _ if !fields.is_empty() => format!("{title}:\n\n{}", field_tables::keys(fields)),
        Some(format) => format!("{title}: see the format [{0}](formats.md#{0}).\n\n", format.word()),
        None => format!("{title}: no further keys are known.\n\n"),
    }
}

fn cost(model: &Model, endpoint: &Endpoint) -> String {
    match (endpoint.cost, format_of(model, endpoint)) {
        (Some(cost), _) => cost.to_string(),
        (None, Some(_)) => "the cost of the report, its filter and its aggregation".into(),
        (None, None) => "not known".into(),
    }
}

fn rust(model: &Model, endpoint: &Endpoint) -> String {
    if let Some(format) = format_of(model, endpoint) {
        return format!("`{}` of a report", rust_method(format));
    }
    let marker = naming::endpoint(&endpoint.name).marker;
    let carries = &endpoint.carries;
    let of = match (&carries.query, &carries.report, &carries.field) {
        (Some(_), ..) => "of(&query)",
        (None, Some(_), Some(_)) => "of(field)",
        (None, Some(_), None) => "of(report)",
        (None, None, _) => "with(request)",
    };
    format!("`endpoints::{marker}.{of}`")
}

/// What a request takes from a report.
fn carried(endpoint: &Endpoint) -> Vec<(&'static str, String)> {
    let carries = &endpoint.carries;
    let mut rows = Vec::new();
    if let Some(key) = &carries.report {
        rows.push(("key of the report's name", setting(key, "")));
    }
    if let Some(key) = &carries.field {
        rows.push(("key of the field's name", setting(key, "")));
    }
    if let Some(query) = &carries.query {
        let value = match carries.query_format {
            Some(format) => format!("{}, of the format {}", query.value, format.word()),
            None => query.value.to_string(),
        };
        rows.push(("the body is that of a query", setting(&Setting { value, assumption: query.assumption.clone() }, "")));
    }
    rows
}
