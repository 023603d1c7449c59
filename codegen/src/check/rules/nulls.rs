//! Rule: `nullable: assumed-never` needs the assumption `never-null`, so that the docs list it.

use placewise_model::{Assumption, Field, Nullable, Report, Scope};

use crate::check::rule::Rule;
use crate::finding::{Finding, codes, suggest};
use crate::resolve::UncheckedModel;
use crate::source::{Doc, ReportFile, Spec};

pub(crate) const RULE: Rule = Rule::Report(check);

pub(crate) const TYPES: Rule = Rule::Whole(check_types);

/// Only this assumption has an effect on the generated types.
fn check_types(unchecked: &UncheckedModel, spec: &Spec, findings: &mut Vec<Finding>) {
    let Some(doc) = &spec.assumptions else { return };
    let of_types = unchecked.assumptions.iter().filter(|assumption| assumption.scope == Scope::Types);
    for Assumption { id, .. } in of_types.filter(|assumption| assumption.id != NEVER_NULL) {
        let finding = Finding::new(codes::UNUSED_ASSUMPTION, format!("no part of the types depends on the assumption `{id}`"));
        findings.push(suggest(finding.at(doc.at_key(&["assumptions", id])), id, &[NEVER_NULL]));
    }
}

/// The id of the assumption behind `assumed-never`.
pub(crate) const NEVER_NULL: &str = "never-null";

fn check(report: &Report, doc: &Doc<ReportFile>, unchecked: &UncheckedModel, findings: &mut Vec<Finding>) {
    if unchecked.assumptions.is_empty() || unchecked.assumptions.iter().any(|assumption| assumption.id == NEVER_NULL) {
        return;
    }
    let assumed = |field: &&Field| field.nullable == Nullable::AssumedNever;
    if let Some(field) = report.fields.iter().find(assumed) {
        findings.push(
            Finding::new(codes::NEVER_NULL, "`nullable: assumed-never` depends on the assumption `never-null`, which is missing")
                .at(doc.at(&["fields", &field.name, "nullable"]))
                .help("add `never-null` to assumptions.yaml with `scope: types`"),
        );
    }
}
