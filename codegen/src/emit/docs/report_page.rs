//! The page of one report.

use placewise_model::{Aggregation, Field, Filterability, Format, Model, Nullable, Query, Report, RequestKey, Type};

use super::phrases::{NOT_DOCUMENTED, assumption, banner, cell, code_cell, known, note, paragraphs, source};
use super::table::{Column::Shown, facts, table};
use super::{field_tables, queries, report_evidence};
use crate::check::NEVER_NULL;
use crate::emit::banner::spec_path;
use crate::emit::markdown;
use crate::naming::{self, QueryNames};

/// One report as Markdown.
pub(in crate::emit) fn page(model: &Model, report: &Report) -> String {
    let mut out = banner(&spec_path(report));
    out.push_str(&format!("# {} ({})\n\n", report.name, report.format.word()));
    out.push_str(&paragraphs(report.description.as_deref()));
    out.push_str(&queries::section(&Query::example(model, report)));
    out.push_str(&report_facts(model, report));
    if !report.fields.is_empty() {
        out.push_str("## Fields\n\n");
        if report.format != Format::Timeseries && report.fields.iter().any(is_metric) {
            out.push_str("Whether a number adds up is not documented unless the table says so.\n\n");
        }
        out.push_str(&field_tables::fields(report));
        if report.fields.iter().any(|field| field.nullable == Nullable::AssumedNever) {
            out.push_str(&format!("*{}*: {}.\n\n", Nullable::AssumedNever.describe(), assumption(NEVER_NULL, "../")));
        }
    }
    out.push_str(&unnamed(report));
    if report.format == Format::Timeseries {
        out.push_str(&format!("## Labels\n\n{}", label_keys(report.labels.as_deref())));
    }
    for defined in naming::defined(report) {
        if let Type::Object { fields } = defined.ty {
            let of = if matches!(defined.field.ty, Type::Object { .. }) { "Keys of" } else { "Keys of each value in" };
            out.push_str(&format!("### {of} {}\n\n{}", markdown::code(&defined.field.name), field_tables::keys(fields)));
        }
    }
    out.push_str(&aggregations(model, report));
    out.push_str(&report_evidence::relations(report));
    out.push_str(&report_evidence::examples(report));
    out.push_str(&report_evidence::quirks(report));
    out
}

/// Whether a field may be a number to add up.
fn is_metric(field: &Field) -> bool {
    matches!(field.ty, Type::Integer | Type::Number) && !matches!(field.filterable, Filterability::Header(_))
}

fn report_facts(model: &Model, report: &Report) -> String {
    let of_row = note(report.provenance);
    let mut rows = vec![
        ("permit", known(report.permit.as_deref().map(|permit| code_cell(permit) + &of_row))),
        ("cost in tokens", known(report.cost.map(|cost| cost.to_string() + &of_row))),
        ("format", format!("[{0}](../formats.md#{0})", report.format.word())),
        ("coverage", format!("{}: {}", report.coverage.word(), report.coverage.describe())),
        ("group (also the Cargo feature)", code_cell(&report.group)),
    ];
    if report.format == Format::Timeseries {
        let names: Vec<_> = model.intervals(report).map(|interval| code_cell(&interval.name)).collect();
        rows.push(("intervals", names.join(", ") + report.intervals_note()));
        let lag = report.data_lag.map(|lag| cell(Some(&lag.to_string())) + &note(lag.provenance));
        rows.push(("data lag", lag.unwrap_or_else(|| NOT_DOCUMENTED.into())));
        rows.push((
            "values add up",
            report.adds.as_ref().map_or_else(|| NOT_DOCUMENTED.into(), |adds| adds.describe() + &note(adds.provenance)),
        ));
    }
    rows.push(("source", source(report.source.as_deref())));
    format!("## Facts\n\n{}", facts(rows))
}

fn unnamed(report: &Report) -> String {
    if report.unnamed.is_empty() {
        return String::new();
    }
    let columns = [Shown("type as printed"), Shown("meaning"), field_tables::PROVENANCE];
    let rows = report.unnamed.iter().map(|field| {
        let meaning = if field.description.is_some() { cell(field.description.as_deref()) } else { "No description.".into() };
        vec![cell(Some(&field.printed)), meaning, field.provenance.describe().into()]
    });
    format!(
        "### Fields without a known name\n\nRows that contain these fields keep them as unknown keys.\n\n{}",
        table("field", &columns, rows)
    )
}

fn label_keys(labels: Option<&[Field]>) -> String {
    match labels {
        None => "The keys of the labels are not known.\n\n".into(),
        Some([]) => "Labels have no keys.\n\n".into(),
        Some(labels) => field_tables::keys(labels),
    }
}

fn aggregations(model: &Model, report: &Report) -> String {
    let mut out = String::new();
    if !report.aggregations.is_empty() || report.more_aggregations {
        out.push_str("## Aggregations\n\n");
    }
    if report.more_aggregations {
        let marker = naming::report(report).marker;
        let range = if report.format == Format::Timeseries { ", from..to" } else { "" };
        let known =
            if report.aggregations.is_empty() { "No aggregation is known" } else { "The report can have more aggregations" };
        out.push_str(&format!("{known}. Request any by its name: `{marker}::aggregated_by(\"name\"{range})`.\n\n"));
    }
    for aggregation in &report.aggregations {
        out.push_str(&self::aggregation(model, report, aggregation));
    }
    out
}

fn aggregation(model: &Model, report: &Report, aggregation: &Aggregation) -> String {
    let mut out = format!("### {}\n\n", markdown::code(&aggregation.name));
    out.push_str(&paragraphs(aggregation.description.as_deref()));
    let query = Query::new(model, report).with(RequestKey::Aggregation, Some(aggregation.name.as_str()));
    out.push_str(&format!("In Rust: `{}`. Provenance: {}.\n\n", query.rust_call(&QueryNames), aggregation.provenance.describe()));
    if report.format == Format::Timeseries {
        out.push_str(&label_keys(aggregation.labels.as_deref()));
    } else if aggregation.returns.is_empty() {
        out.push_str("The keys of its rows are not known.\n\n");
    } else {
        out.push_str(&field_tables::returned(aggregation.returns.iter().map(|returned| (&returned.field, &returned.compute))));
    }
    out
}
