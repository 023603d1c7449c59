//! What a report's documentation shows beside its tables: relations between values, examples and contradictions.

use placewise_model::{Coverage, Example, RelationRule, Report};

use super::field_tables::PROVENANCE;
use super::phrases::{cell, code_cell, source};
use super::table::{
    Column::{Shown, Varying},
    table,
};
use crate::emit::markdown::{self, code_block};

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
        vec![rule, cell(Some(&relation.description)), relation.provenance.describe().into()]
    });
    let columns = [Shown("relation"), Shown("evidence"), PROVENANCE];
    format!(
        "## Relations between values\n\nThe simulator generates rows that satisfy these relations. The client does not rely on them.\n\n{}",
        table("relation", &columns, rows)
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
    let mut out = format!("### Example: {}\n\n", markdown::markdown(&example.name));
    match example.coverage {
        Coverage::Whole => {}
        Coverage::Partial => out.push_str("The documentation shows only part of it. "),
        Coverage::NameOnly => out.push_str("Only the name of this example is known. "),
    }
    if let Some(aggregation) = &example.aggregation {
        out.push_str(&format!("Aggregated by {}. ", markdown::code(aggregation)));
    }
    if let Some(field) = &example.field {
        out.push_str(&format!("A value of {}. ", markdown::code(field)));
    }
    out.push_str(&format!("Source: {}\n\n", source(example.source.as_deref())));
    let shown = if example.field.is_some() { "Value" } else { "Response" };
    for (title, body) in [("Request", &example.request), (shown, &example.response)] {
        if let Some(body) = body {
            let json = serde_json::to_string_pretty(body).unwrap_or_default();
            out.push_str(&format!("{title}:\n\n{}", code_block("json", &json)));
        }
    }
    out
}

pub(super) fn quirks(report: &Report) -> String {
    if report.quirks.is_empty() {
        return String::new();
    }
    let rows = report.quirks.iter().map(|quirk| {
        let at: Vec<String> = quirk.at.iter().map(|at| code_cell(at)).collect();
        vec![at.join(", "), cell(Some(&quirk.description)), quirk.kind.word().into()]
    });
    let columns = [Shown("at"), Shown("quirk"), Varying("kind")];
    format!(
        "## Quirks\n\nPlaces where the documentation contradicts itself or where captures of it omit something. The client decodes either form.\n\n{}",
        table("quirk", &columns, rows)
    )
}
