//! The page of one report.

use placewise_model::{Compute, Coverage, Field, Filterable, Nullable, Report, Type};

use super::{banner, cell, code_cell, paragraphs, source, standing, table};
use crate::emit::text;
use crate::naming;

/// One report as Markdown.
pub(in crate::emit) fn report(report: &Report) -> String {
    let mut out = banner(&crate::emit::spec_path(report));
    out.push_str(&format!("# {} ({})\n\n", report.name, report.format.word()));
    out.push_str(&paragraphs(report.about.as_deref()));
    out.push_str(&facts(report));
    if report.coverage == Coverage::NameOnly {
        return out;
    }
    out.push_str("## Fields\n\n");
    out.push_str(&fields(&report.fields, report));
    for defined in naming::defined(report) {
        if let Type::Object { fields: inner } = defined.ty {
            out.push_str(&format!("### Keys of {}\n\n", text::code(&defined.field.name)));
            out.push_str(&returned(inner.iter().map(|field| (field, None))));
        }
    }
    if !report.aggregations.is_empty() {
        out.push_str("## Aggregations\n\n");
    }
    for aggregation in &report.aggregations {
        out.push_str(&format!("### {}\n\n", text::code(&aggregation.name)));
        out.push_str(&paragraphs(aggregation.about.as_deref()));
        out.push_str(&format!(
            "In Rust: `{}::{}()`.\n\n",
            naming::report(&report.name).marker,
            naming::aggregation(aggregation).1
        ));
        out.push_str(&returned(aggregation.returns.iter().map(|returned| (&returned.field, Some(&returned.compute)))));
    }
    out.push_str(&examples(report));
    out.push_str(&quirks(report));
    out
}

fn facts(report: &Report) -> String {
    let known = |value: Option<String>| value.unwrap_or_else(|| "not known".into());
    let sure = standing(report.standing);
    let note = if sure == "documented" { String::new() } else { format!(" ({sure})") };
    table(
        &["fact", "value"],
        [
            vec!["permit".into(), known(report.permit.as_ref().map(|permit| code_cell(permit) + &note))],
            vec!["cost in tokens".into(), known(report.cost.map(|cost| cost.to_string() + &note))],
            vec!["coverage".into(), report.coverage.word().into()],
            vec!["group".into(), report.group.clone()],
            vec!["source".into(), source(report.source.as_deref())],
            vec!["in Rust".into(), format!("`{}::records()`", naming::report(&report.name).marker)],
        ],
    )
}

fn fields(fields: &[Field], report: &Report) -> String {
    let third = report.fields.iter().find_map(|field| field.column.as_ref()).map(|column| cell(Some(&column.title)));
    let mut head = vec!["field", "type", "null", "filterable"];
    if let Some(third) = &third {
        head.push(third);
    }
    head.extend(["known", "meaning"]);
    let rows = fields.iter().map(|field| {
        let mut row = vec![code_cell(&field.name), type_words(&field.ty), null_words(field), filterable_words(&field.filterable)];
        if third.is_some() {
            row.push(field.column.as_ref().map_or("unknown", |column| column.value.word()).into());
        }
        row.extend([standing(field.standing).into(), meaning(field)]);
        row
    });
    table(&head, rows)
}

fn returned<'a>(fields: impl Iterator<Item = (&'a Field, Option<&'a Compute>)>) -> String {
    let rows = fields.map(|(field, compute)| {
        let mut about = meaning(field);
        if let Some(words) = compute.and_then(compute_words) {
            about.push_str(&words);
        }
        vec![code_cell(&field.name), type_words(&field.ty), null_words(field), standing(field.standing).into(), about]
    });
    table(&["key", "type", "null", "known", "meaning"], rows)
}

/// How the simulator works a value out: the page says so only in part.
fn compute_words(compute: &Compute) -> Option<String> {
    Some(match compute {
        Compute::Key => " Common to the group.".into(),
        Compute::Sum(of) => format!(" Sum of {}.", code_cell(of)),
        Compute::Min(of) => format!(" Least {}.", code_cell(of)),
        Compute::Max(of) => format!(" Greatest {}.", code_cell(of)),
        Compute::Collect(of) => format!(" Every {}.", code_cell(of)),
        Compute::Count => " Number of rows.".into(),
        Compute::Same(of) => format!(" The {} that all rows share.", code_cell(of)),
        Compute::Span(of) => format!(" Widest {}.", code_cell(of)),
        Compute::Unknown => return None,
    })
}

fn meaning(field: &Field) -> String {
    let mut out = if field.about.is_some() { cell(field.about.as_deref()) } else { "Not described.".into() };
    if let Type::Enum(enumeration) = field.ty.innermost() {
        if enumeration.values.is_empty() {
            out.push_str(" Values are not documented.");
        } else {
            let values: Vec<String> = enumeration
                .values
                .iter()
                .map(|value| match &value.about {
                    Some(about) => format!("{} ({})", code_cell(&value.value), cell(Some(about))),
                    None => code_cell(&value.value),
                })
                .collect();
            out.push_str(&format!(" Known values: {}.", values.join(", ")));
        }
    }
    if field.optional {
        out.push_str(" Samples lack it.");
    }
    out
}

fn type_words(ty: &Type) -> String {
    text::cell(&text::markdown(&ty.word()))
}

fn null_words(field: &Field) -> String {
    match field.nullable {
        Nullable::Unknown => "not documented".into(),
        Nullable::Seen => "seen".into(),
        Nullable::Never => "never".into(),
        Nullable::AssumedNever => "never (assumed)".into(),
    }
}

fn filterable_words(filterable: &Filterable) -> String {
    match filterable {
        Filterable::Yes => "yes".into(),
        Filterable::Example => "yes, by an example".into(),
        Filterable::No => "no".into(),
        Filterable::Unknown => "not documented; the server decides".into(),
        Filterable::UnknownStrict => "not documented; kept out of filters".into(),
        Filterable::Header(header) => format!("by header {}", code_cell(header)),
    }
}

fn examples(report: &Report) -> String {
    let mut out = String::new();
    if !report.examples.is_empty() {
        out.push_str("## Examples\n\n");
    }
    for example in &report.examples {
        out.push_str(&format!("### Example: {}\n\n", text::markdown(&example.name)));
        if let Some(aggregation) = &example.aggregation {
            out.push_str(&format!("Aggregated by {}. ", text::code(aggregation)));
        }
        if let Some(field) = &example.field {
            out.push_str(&format!("A value of {}. ", text::code(field)));
        }
        out.push_str(&format!("Source: {}\n\n", source(example.source.as_deref())));
        for (title, body) in [("Request", &example.request), ("Response", &example.response)] {
            if let Some(body) = body {
                // JSON escapes control characters, and a fence of four cannot stand inside three-space indented JSON lines.
                let json = serde_json::to_string_pretty(body).unwrap_or_default();
                let fence = "`".repeat(json.split(|c| c != '`').map(str::len).max().unwrap_or(0).max(2) + 1);
                out.push_str(&format!("{title}:\n\n{fence}json\n{json}\n{fence}\n\n"));
            }
        }
    }
    out
}

fn quirks(report: &Report) -> String {
    let mut out = String::new();
    if !report.quirks.is_empty() {
        out.push_str("## Quirks\n\nWhere the page contradicts itself, and what the client copes with.\n\n");
        let rows = report.quirks.iter().map(|quirk| {
            let at: Vec<String> = quirk.at.iter().map(|at| code_cell(at)).collect();
            vec![quirk.kind.word().into(), at.join(", "), cell(Some(&quirk.about))]
        });
        out.push_str(&table(&["kind", "at", "what"], rows));
    }
    out
}
