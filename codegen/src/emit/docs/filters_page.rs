//! The page of the filter language.

use placewise_model::{Model, Query, rust_operator};

use super::field_tables::PROVENANCE;
use super::phrases::{banner, cell, code_cell, paragraphs, setting, source};
use super::table::{
    Column::{Shown, Usually},
    table,
};
use crate::emit::markdown::{code, code_block};
use crate::naming::QueryNames;

pub(super) fn page(model: &Model) -> String {
    let filter = &model.filter;
    let mut out = banner("spec/filters.yaml");
    out.push_str("# Filters\n\n");
    out.push_str(&paragraphs(filter.description.as_deref()));
    out.push_str(&format!("Source: {}\n\n", source(filter.source.as_deref())));
    out.push_str(&example(model));
    let comparison = setting(&filter.operators.equal.cost, "");
    let columns = [Shown("operator"), Shown("meaning"), Shown("in Rust"), Usually("cost in tokens", &comparison), PROVENANCE];
    let rows = filter.operators().into_iter().map(|(key, operator)| {
        let rust = match key {
            "and" | "or" => rust_operator(key).into(),
            "one_of" | "none_of" => format!(".{}([…])", rust_operator(key)),
            _ => format!(".{}(…)", rust_operator(key)),
        };
        vec![
            code_cell(&operator.name),
            cell(operator.description.as_deref()),
            code_cell(&rust),
            setting(&operator.cost, ""),
            operator.provenance.describe().into(),
        ]
    });
    out.push_str(&format!("## Operators\n\n{}", table("operator", &columns, rows)));
    let keys = [
        (&filter.keys.ty, "operator"),
        (&filter.keys.operations, "children of a logical operator"),
        (&filter.keys.field, "field of a comparison"),
        (&filter.keys.value, "value of a comparison"),
    ];
    let rows = keys.map(|(key, meaning)| vec![code_cell(key), meaning.into()]);
    out.push_str(&format!("## Keys of a node\n\n{}", table("key", &[Shown("key"), Shown("meaning")], rows)));
    out
}

/// A filter in JSON and in Rust.
fn example(model: &Model) -> String {
    let Some(query) = Query::filter_example(model) else { return String::new() };
    format!(
        "## Example\n\nA filter of the report {}:\n\n{}In Rust:\n\n{}",
        code(&query.report.name),
        code_block("json", &query.pretty_filter()),
        code_block("rust", &query.rust_filter(&QueryNames).unwrap_or_default()),
    )
}
