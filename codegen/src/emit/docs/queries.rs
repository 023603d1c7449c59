//! Queries on pages, in the three forms of the model's printer.

use placewise_model::Query;

use super::phrases::assumption;
use crate::emit::markdown::code_block;
use crate::naming::QueryNames;

/// A query as curl, as JSON body and in Rust.
pub(super) fn section(query: &Query<'_>) -> String {
    let mut out = String::from("## Query\n\n");
    for (title, language, text) in [
        ("With curl", "sh", query.curl(&query.documented_target())),
        ("The JSON body", "json", query.pretty_json()),
        ("In Rust", "rust", query.rust(&QueryNames)),
    ] {
        out.push_str(&format!("{title}:\n\n{}", code_block(language, &text)));
    }
    let assumptions: Vec<String> = query.assumptions().into_iter().map(|id| assumption(id, "../")).collect();
    if !assumptions.is_empty() {
        let word = if assumptions.len() == 1 { "assumption" } else { "assumptions" };
        out.push_str(&format!("This query depends on the {word} {}.\n\n", assumptions.join(", ")));
    }
    out
}
