//! The page of the endpoints: how each is called, what it takes of a report, and what is known of its keys. In: the model; out: Markdown.

use placewise_model::{Endpoint, Field, Format, Model, Setting};

use super::{banner, code_cell, paragraphs, provenance, report, setting, setting_or_none, source, table};
use crate::emit::text;
use crate::naming;

pub(super) fn page(model: &Model) -> String {
    let mut out = banner("spec/endpoints.yaml");
    out.push_str("# Endpoints\n\n");
    out.push_str(
        "What can be called. Queries of reports are asked by the report's own methods; every other endpoint is a type of the module \
         `endpoints`, whose call is handed to the client: `client.fetch(…)`.\n\n",
    );
    for endpoint in &model.endpoints {
        out.push_str(&one(model, endpoint));
    }
    out
}

/// The format whose queries go to an endpoint.
pub(super) fn format_of(model: &Model, endpoint: &Endpoint) -> Option<Format> {
    [
        (&model.records.endpoint, Format::Records),
        (&model.timeseries.endpoint, Format::Timeseries),
        (&model.statistics.endpoint, Format::Statistics),
    ]
    .into_iter()
    .find_map(|(name, format)| (*name == endpoint.name).then_some(format))
}

fn one(model: &Model, endpoint: &Endpoint) -> String {
    let title = endpoint.title.as_deref().unwrap_or(&endpoint.name);
    let mut out = format!("## {}\n\n", text::markdown(title));
    out.push_str(&paragraphs(endpoint.description.as_deref()));
    let known = |value: Option<String>| value.unwrap_or_else(|| "not known".into());
    let mut rows = vec![
        ("name in the spec", code_cell(&endpoint.name)),
        ("method", code_cell(&endpoint.method)),
        ("path", setting_or_none(&endpoint.path)),
        ("permit", known(endpoint.permit.as_deref().map(code_cell))),
        ("cost in tokens", cost(model, endpoint)),
        ("coverage", endpoint.coverage.word().into()),
        ("known", provenance(endpoint.provenance).into()),
        ("source", source(endpoint.source.as_deref())),
        ("in Rust", rust(model, endpoint)),
    ];
    if let Some(group) = &endpoint.group {
        rows.insert(1, ("group", super::cell(Some(group))));
    }
    rows.extend(carried(endpoint));
    out.push_str(&table(&["fact", "value"], rows.into_iter().map(|(fact, value)| vec![fact.into(), value])));
    for (title, fields) in [("Request", &endpoint.request), ("Reply", &endpoint.response)] {
        out.push_str(&keys(model, endpoint, title, fields));
    }
    out
}

fn keys(model: &Model, endpoint: &Endpoint, title: &str, fields: &[Field]) -> String {
    if fields.is_empty() {
        return match format_of(model, endpoint) {
            Some(format) => format!("{title}: as the format [{0}](formats.md#{0}) says.\n\n", format.word()),
            None => format!("{title}: no key beside those above is known.\n\n"),
        };
    }
    format!("{title}:\n\n{}", report::returned(fields.iter().map(|field| (field, None))))
}

fn cost(model: &Model, endpoint: &Endpoint) -> String {
    match (endpoint.cost, format_of(model, endpoint)) {
        (Some(cost), _) => cost.to_string(),
        (None, Some(_)) => "at least that of the report and of the filter".into(),
        (None, None) => "not known".into(),
    }
}

fn rust(model: &Model, endpoint: &Endpoint) -> String {
    if let Some(format) = format_of(model, endpoint) {
        let method = match format {
            Format::Records => "records()",
            Format::Timeseries => "series(from..to)",
            Format::Statistics => "statistics()",
        };
        return format!("a report's `{method}`");
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

/// What a request takes of a report.
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
