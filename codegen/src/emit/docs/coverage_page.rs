//! The page that says how much is known of every report, endpoint, format and example.

use placewise_model::{Coverage, Endpoint, Example, Field, Format, Model, Report};

use super::endpoints_page::format_of;
use super::field_tables::PROVENANCE;
use super::phrases::{banner, cell, code_cell, setting_or_none, source};
use super::table::{
    Column::{Shown, Usually, Varying},
    table,
};

pub(super) fn page(model: &Model) -> String {
    let mut out = banner("spec");
    out.push_str("# Coverage\n\nHow much is known of each part of the API:\n\n");
    for coverage in Coverage::ALL {
        out.push_str(&format!("- `{}`: {}.\n", coverage.word(), coverage.describe()));
    }
    out.push_str("\nThe client reads what is not known as JSON.\n\n");
    out.push_str(&reports(model));
    out.push_str(&groups(model));
    out.push_str(&formats(model));
    out.push_str(&endpoints(model));
    out.push_str(&notes(model));
    out.push_str(&examples(model));
    out
}

fn link(report: &Report) -> String {
    format!("[{0}](reports/{0}.md)", report.name)
}

/// Two tables, so that neither is too wide to read.
fn reports(model: &Model) -> String {
    let rows = model.reports.iter().map(|report| {
        vec![
            link(report),
            report.coverage.word().into(),
            report.format.word().into(),
            cell(Some(&report.group)),
            report.cost.map_or_else(|| "not known".into(), |cost| cost.to_string()),
            source(report.source.as_deref()),
        ]
    });
    let columns = [
        Shown("report"),
        Shown("coverage"),
        Shown("format"),
        Varying("group"),
        Usually("cost in tokens", "not known"),
        Usually("source", "not known"),
    ];
    let parts = model.reports.iter().map(|report| {
        let permit = if report.permit.is_some() { "known" } else { "not known" };
        let examples = report.examples.len().to_string();
        vec![link(report), permit.into(), fields(report), aggregations(report), labels(report), additivity(report), examples]
    });
    let part_columns = [
        Shown("report"),
        Usually("permit", "not known"),
        Usually("fields", "not known"),
        Usually("aggregations", "not known"),
        Usually("label keys", "not known"),
        Usually("what adds up", "not known"),
        Varying("examples"),
    ];
    format!(
        "## Reports\n\n{}What is known of each report:\n\n{}",
        table("report", &columns, rows),
        table("report", &part_columns, parts)
    )
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
        (known, true) => format!("{known} or more"),
        (known, false) => known.to_string(),
    }
}

fn labels(report: &Report) -> String {
    match (&report.labels, report.format) {
        (_, Format::Records | Format::Statistics) => "–".into(),
        (Some(labels), Format::Timeseries) => labels.len().to_string(),
        (None, Format::Timeseries) => "not known".into(),
    }
}

/// Of a timeseries its values, of other reports the fields of which it is known whether they add up.
fn additivity(report: &Report) -> String {
    let known = report.fields.iter().filter(|field| field.adds.is_some()).count();
    match (&report.adds, known) {
        (Some(_), _) => "known".into(),
        (None, 0) => "not known".into(),
        (None, 1) => "known of 1 field".into(),
        (None, known) => format!("known of {known} fields"),
    }
}

fn groups(model: &Model) -> String {
    let rows = model.api.groups.iter().map(|group| {
        let reports = model.reports.iter().filter(|report| report.group == group.name).count();
        vec![cell(Some(&group.name)), cell(group.description.as_deref()), reports.to_string(), group.provenance.describe().into()]
    });
    let columns = [Shown("group"), Shown("meaning"), Shown("known reports"), PROVENANCE];
    format!("## Groups\n\n{}", table("group", &columns, rows))
}

fn formats(model: &Model) -> String {
    let pages = [
        (Format::Records, &model.records.source, model.records.coverage),
        (Format::Timeseries, &model.timeseries.source, model.timeseries.coverage),
        (Format::Statistics, &model.statistics.source, model.statistics.coverage),
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
    let filters = vec![
        "[filters](filters.md)".into(),
        "all".into(),
        model.filter.coverage.word().into(),
        source(model.filter.source.as_deref()),
    ];
    let columns = [Shown("format"), Shown("reports"), Varying("coverage"), Varying("source")];
    format!("## Formats\n\n{}", table("format", &columns, rows.into_iter().chain([filters])))
}

fn title(endpoint: &Endpoint) -> String {
    cell(Some(endpoint.title.as_deref().unwrap_or(&endpoint.name)))
}

/// Two tables, so that neither is too wide to read.
fn endpoints(model: &Model) -> String {
    let rows = model.endpoints.iter().map(|endpoint| {
        let path = setting_or_none(&endpoint.path);
        vec![title(endpoint), path, code_cell(&endpoint.method), source(endpoint.source.as_deref())]
    });
    let columns = [Shown("endpoint"), Shown("path"), Varying("method"), Usually("source", "not known")];
    let parts = model.endpoints.iter().map(|endpoint| {
        let keys = |fields: &[Field]| match (fields.len(), format_of(model, endpoint)) {
            (0, Some(format)) => format!("those of {}", format.word()),
            (0, None) => "not known".into(),
            (known, _) => known.to_string(),
        };
        vec![
            title(endpoint),
            endpoint.coverage.word().into(),
            keys(&endpoint.request),
            keys(&endpoint.response),
            endpoint.provenance.describe().into(),
        ]
    });
    let part_columns = [
        Shown("endpoint"),
        Shown("coverage"),
        Usually("request keys", "not known"),
        Usually("response keys", "not known"),
        PROVENANCE,
    ];
    format!(
        "## Endpoints\n\n{}What is known of each endpoint:\n\n{}",
        table("endpoint", &columns, rows),
        table("endpoint", &part_columns, parts)
    )
}

fn notes(model: &Model) -> String {
    if model.api.notes.is_empty() {
        return String::new();
    }
    let rows = model.api.notes.iter().map(|(name, note)| {
        vec![cell(Some(name)), note.coverage.word().into(), note.provenance.describe().into(), source(note.source.as_deref())]
    });
    let columns = [Shown("rule"), Shown("coverage"), PROVENANCE, Usually("source", "not known")];
    format!("## Rules of the platform\n\n{}", table("rule", &columns, rows))
}

fn examples(model: &Model) -> String {
    let each = model.reports.iter().flat_map(|report| report.examples.iter().map(move |example| (report, example)));
    let rows: Vec<_> = each
        .map(|(report, example)| {
            vec![
                link(report),
                cell(Some(&example.name)),
                example.coverage.word().into(),
                shown(example).into(),
                source(example.source.as_deref()),
            ]
        })
        .collect();
    if rows.is_empty() {
        return String::new();
    }
    let columns = [Shown("report"), Shown("example"), Varying("coverage"), Varying("shows"), Usually("source", "not known")];
    format!("## Examples\n\n{}", table("example", &columns, rows))
}

fn shown(example: &Example) -> &'static str {
    match (&example.request, &example.response) {
        (Some(_), Some(_)) => "request and response",
        (Some(_), None) => "request",
        (None, Some(_)) if example.field.is_some() => "value of a field",
        (None, Some(_)) => "response",
        (None, None) => "only its name",
    }
}
