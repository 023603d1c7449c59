//! Rule: `nullable: assumed-never` rests on the assumption `never-null`, so that the docs list it.

use placewise_model::{Field, Nullable, Report};

use super::{Check, Rule};
use crate::finding::Finding;
use crate::resolve::Draft;
use crate::source::{Doc, ReportFile};

pub(super) const RULE: Rule = Rule {
    codes: &["never-null"],
    description: "A value that is taken as never null without a page saying so rests on a named assumption.",
    check: Check::Report(check),
};

/// The id of the assumption that `assumed-never` rests on.
pub const NEVER_NULL: &str = "never-null";

fn check(report: &Report, doc: &Doc<ReportFile>, draft: &Draft, findings: &mut Vec<Finding>) {
    if draft.assumptions.is_empty() || draft.assumptions.iter().any(|assumption| assumption.id == NEVER_NULL) {
        return;
    }
    let assumed = |field: &&Field| field.nullable == Nullable::AssumedNever;
    if let Some(field) = report.fields.iter().find(assumed) {
        findings.push(
            Finding::error("never-null", "`nullable: assumed-never` rests on an assumption that the spec does not name")
                .at(doc.at(&["fields", &field.name, "nullable"]))
                .help("add `never-null` to assumptions.yaml, with `scope: types`"),
        );
    }
}
