//! The page that tells how much is known of everything: reports, endpoints, formats and examples, each in one row. In: the model; out:
//! Markdown.

use placewise_model::{Coverage, Format, Model, Report};

use super::{banner, cell, code_cell, endpoints, provenance, setting_or_none, source, table};
use crate::emit::text;

pub(super) fn page(model: &Model) -> String {
    let mut out = banner("spec");
    out.push_str(
        "# Coverage\n\nHow much is known of each part of the API. `whole`: its whole page was read, but for what captures lose, such as the icons of columns; `partial`: a part of it; ",
    );
    out.push_str("`name-only`: nothing but that it exists. What is not known is not made up: it is JSON in the client.\n\n");
    out.push_str(&reports(model));
    out.push_str(&groups(model));
    out.push_str(&formats(model));
    out.push_str(&endpoint_rows(model));
    out.push_str(&notes(model));
    out.push_str(&examples(model));
    out
}

fn reports(model: &Model) -> String {
    let rows = model.reports.iter().map(|report| {
        let known = |value: Option<String>| value.unwrap_or_else(|| "not known".into());
        vec![
            format!("[{0}](reports/{0}.md)", report.name),
            cell(Some(&report.group)),
            report.format.word().into(),
            report.coverage.word().into(),
            known(report.permit.as_deref().map(code_cell)),
            known(report.cost.map(|cost| cost.to_string())),
            fields(report),
            aggregations(report),
            labels(report),
            report.examples.len().to_string(),
            source(report.source.as_deref()),
        ]
    });
    let head =
        ["report", "group", "format", "coverage", "permit", "cost", "fields", "aggregations", "labels", "examples", "source"];
    format!("## Reports\n\n{}", table(&head, rows))
}

fn fields(report: &Report) -> String {
    match (report.fields.len(), report.unnamed.len()) {
        (0, 0) if report.coverage != Coverage::Whole => "not known".into(),
        (named, 0) => named.to_string(),
        (named, unnamed) => format!("{named}, and {unnamed} without a known name"),
    }
}

fn aggregations(report: &Report) -> String {
    match (report.aggregations.len(), report.more_aggregations) {
        (0, true) => "not known".into(),
        (known, true) => format!("{known}, and maybe more"),
        (known, false) => known.to_string(),
    }
}

fn labels(report: &Report) -> String {
    match (&report.labels, report.format) {
        (_, Format::Records | Format::Statistics) => "-".into(),
        (Some(labels), _) => labels.len().to_string(),
        (None, _) => "not known".into(),
    }
}

fn groups(model: &Model) -> String {
    let rows = model.api.groups.iter().map(|group| {
        let reports = model.reports.iter().filter(|report| report.group == group.name).count();
        vec![
            cell(Some(&group.name)),
            reports.to_string(),
            provenance(group.provenance).into(),
            cell(group.description.as_deref()),
        ]
    });
    format!("## Groups\n\n{}", table(&["group", "reports known", "known", "description"], rows))
}

fn formats(model: &Model) -> String {
    let pages = [
        (Format::Records, &model.records.source, model.records.coverage),
        (Format::Timeseries, &model.timeseries.source, model.timeseries.coverage),
        (Format::Statistics, &model.statistics.source, model.statistics.coverage),
    ];
    let filters = vec![
        "[filters](filters.md)".into(),
        "all".into(),
        model.filter.coverage.word().into(),
        source(model.filter.source.as_deref()),
    ];
    let rows = pages.map(|(format, page, coverage)| {
        let reports = model.reports.iter().filter(|report| report.format == format).count();
        vec![
            format!("[{0}](formats.md#{0})", format.word()),
            reports.to_string(),
            coverage.word().into(),
            source(page.as_deref()),
        ]
    });
    let rows = rows.into_iter().chain([filters]);
    format!("## Formats\n\n{}", table(&["format", "reports", "coverage", "source"], rows))
}

fn endpoint_rows(model: &Model) -> String {
    let rows = model.endpoints.iter().map(|endpoint| {
        let keys = |fields: &[placewise_model::Field]| match (fields.len(), endpoints::format_of(model, endpoint)) {
            (0, Some(format)) => format!("those of {}", format.word()),
            (0, None) => "not known".into(),
            (known, _) => known.to_string(),
        };
        vec![
            cell(Some(endpoint.title.as_deref().unwrap_or(&endpoint.name))),
            code_cell(&endpoint.method),
            setting_or_none(&endpoint.path),
            endpoint.coverage.word().into(),
            keys(&endpoint.request),
            keys(&endpoint.response),
            provenance(endpoint.provenance).into(),
            source(endpoint.source.as_deref()),
        ]
    });
    let head = ["endpoint", "method", "path", "coverage", "request keys", "reply keys", "known", "source"];
    format!("## Endpoints\n\n{}", table(&head, rows))
}

fn notes(model: &Model) -> String {
    if model.api.notes.is_empty() {
        return String::new();
    }
    let rows = model.api.notes.iter().map(|(name, note)| {
        vec![
            text::cell(&text::markdown(name)),
            note.coverage.word().into(),
            provenance(note.provenance).into(),
            source(note.source.as_deref()),
        ]
    });
    format!("## Rules of the platform\n\n{}", table(&["rule", "coverage", "known", "source"], rows))
}

fn examples(model: &Model) -> String {
    let mut rows = Vec::new();
    for report in &model.reports {
        for example in &report.examples {
            let shown = match (&example.request, &example.response) {
                (Some(_), Some(_)) => "request and answer",
                (Some(_), None) => "request",
                (None, Some(_)) if example.field.is_some() => "a field's value",
                (None, Some(_)) => "answer",
                (None, None) => "nothing but the name",
            };
            rows.push(vec![
                format!("[{0}](reports/{0}.md)", report.name),
                text::cell(&text::markdown(&example.name)),
                example.coverage.word().into(),
                shown.into(),
                source(example.source.as_deref()),
            ]);
        }
    }
    if rows.is_empty() {
        return String::new();
    }
    format!("## Examples\n\n{}", table(&["report", "example", "coverage", "what is seen", "source"], rows))
}
