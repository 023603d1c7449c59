//! What examples and sentences of a page tell beside its tables: how values hang together, the examples, and where the page contradicts
//! itself. In: one report; out: sections of its page.

use placewise_model::{Coverage, Example, RelationRule, Report};

use super::{cell, code_cell, provenance, source, table};
use crate::emit::text;

pub(super) fn relations(report: &Report) -> String {
    if report.relations.is_empty() {
        return String::new();
    }
    let codes = |names: &[String], joined: &str| names.iter().map(|name| code_cell(name)).collect::<Vec<_>>().join(joined);
    let rows = report.relations.iter().map(|relation| {
        let rule = match &relation.rule {
            RelationRule::AddsUp { parts, to } => format!("{} = {}", codes(parts, " + "), code_cell(to)),
            RelationRule::NeverGrows(names) => codes(names, " ≥ "),
            RelationRule::Any { of, is } => format!("{} = {}", code_cell(is), codes(of, " or ")),
        };
        vec![rule, provenance(relation.provenance).into(), cell(Some(&relation.description))]
    });
    let rows: Vec<_> = rows.collect();
    format!(
        "## How values hang together\n\nThe simulator keeps to it; the client relies on none of it.\n\n{}",
        table(&["what holds", "known", "description"], rows)
    )
}

pub(super) fn examples(report: &Report) -> String {
    let mut out = String::new();
    if !report.examples.is_empty() {
        out.push_str("## Examples\n\n");
    }
    for example in &report.examples {
        out.push_str(&one(example));
    }
    out
}

fn one(example: &Example) -> String {
    let mut out = format!("### Example: {}\n\n", text::markdown(&example.name));
    match example.coverage {
        Coverage::Whole => {}
        Coverage::Partial => out.push_str("Seen in part: the payload is cut. "),
        Coverage::NameOnly => out.push_str("Only the name of this example page is known. "),
    }
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
    out
}

pub(super) fn quirks(report: &Report) -> String {
    let mut out = String::new();
    if !report.quirks.is_empty() {
        out.push_str("## Quirks\n\nWhat to know of the page: where it contradicts itself, or where captures of it lose something. The client copes with each.\n\n");
        let rows = report.quirks.iter().map(|quirk| {
            let at: Vec<String> = quirk.at.iter().map(|at| code_cell(at)).collect();
            vec![quirk.kind.word().into(), at.join(", "), cell(Some(&quirk.description))]
        });
        out.push_str(&table(&["kind", "at", "what"], rows));
    }
    out
}
