//! Rule: `nullable: assumed-never` needs the assumption `never-null`, so that the docs list it.

use placewise_model::{Field, Nullable, Report};

use crate::check::rule::{Check, Rule};
use crate::finding::Finding;
use crate::resolve::UncheckedModel;
use crate::source::{Doc, ReportFile};

pub(crate) const RULE: Rule = Rule { codes: &["never-null"], check: Check::Report(check) };

/// The id of the assumption behind `assumed-never`.
pub(crate) const NEVER_NULL: &str = "never-null";

fn check(report: &Report, doc: &Doc<ReportFile>, unchecked: &UncheckedModel, findings: &mut Vec<Finding>) {
    if unchecked.assumptions.is_empty() || unchecked.assumptions.iter().any(|assumption| assumption.id == NEVER_NULL) {
        return;
    }
    let assumed = |field: &&Field| field.nullable == Nullable::AssumedNever;
    if let Some(field) = report.fields.iter().find(assumed) {
        findings.push(
            Finding::error("never-null", "`nullable: assumed-never` depends on the assumption `never-null`, which is missing")
                .at(doc.at(&["fields", &field.name, "nullable"]))
                .help("add `never-null` to assumptions.yaml with `scope: types`"),
        );
    }
}
