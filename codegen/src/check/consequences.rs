//! Drops findings that another one explains. What refers to a part of a report that has a finding itself, says nothing about the reference;
//! examples say nothing while the tables and formats that they are compared with are wrong.

use std::collections::HashSet;

use crate::finding::{Code, FileId, Finding, Severity, codes};
use crate::source::yaml_tree::Kind;
use crate::source::{Doc, ReportFile, Spec};

/// The parts of a report that its examples are not compared with.
const APART: [&str; 9] = ["permit", "cost", "source", "description", "column", "data_lag", "relations", "simulate", "name"];

/// Whether a finding of a report only says that a part of it, or of the formats, has another finding.
fn is_consequence(code: Code, at: Option<&str>, doc: &Doc<ReportFile>, spec: &Spec) -> bool {
    let lost = |part: &str| doc.lost(&[part]);
    let in_names = || ["fields", "aggregations", "labels"].into_iter().any(lost);
    let of_intervals = || spec.formats.as_ref().is_some_and(|doc| doc.lost_within(&["timeseries", "intervals"]));
    match code {
        codes::DANGLING_REFERENCE if at == Some("intervals") => of_intervals(),
        codes::DANGLING_REFERENCE => in_names() || doc.lost.iter().any(|path| path.len() == 2 && path[0] == "aggregations"),
        codes::RELATION | codes::SIMULATE_TYPE => in_names() || doc.lost_within(&["fields"]),
        codes::COVERAGE => in_names() || lost("coverage"),
        codes::FORMAT_KEY | codes::SIMULATE_KIND => lost("format"),
        codes::UNNAMED => lost("coverage"),
        _ => false,
    }
}

fn is_of_example(code: Code) -> bool {
    code.name().starts_with("example-") || code == codes::STALE_QUIRK
}

/// Drops the consequences among all findings.
pub(super) fn drop_consequences(findings: &mut Vec<Finding>, spec: &Spec) {
    let platform: HashSet<FileId> = [&spec.formats, &spec.filters].into_iter().flatten().map(|doc| doc.file).collect();
    let errors = || findings.iter().filter(|finding| finding.severity == Severity::Error);
    let places = || errors().filter(|finding| !is_of_example(finding.code)).filter_map(|finding| finding.place.as_ref());
    let no_examples = places().any(|place| platform.contains(&place.file));
    let doc_of = |file: FileId| spec.reports.iter().map(|(_, doc)| doc).find(|doc| doc.file == file);
    let files: HashSet<FileId> = places().map(|place| place.file).collect();
    // A report with an error in a table that its examples are compared with.
    let wrong_tables: HashSet<FileId> = files
        .into_iter()
        .filter(|file| {
            let Some(doc) = doc_of(*file) else { return false };
            places()
                .filter(|place| place.file == *file)
                .any(|place| !part(doc, place.span.start).is_some_and(|part| APART.contains(&part)))
        })
        .collect();
    let wrong_examples: HashSet<FileId> = errors()
        .filter(|finding| finding.code.name().starts_with("example-"))
        .filter_map(|finding| Some(finding.place.as_ref()?.file))
        .collect();
    findings.retain(|finding| {
        let Some(place) = &finding.place else { return true };
        if is_of_example(finding.code) && (no_examples || wrong_tables.contains(&place.file)) {
            return false;
        }
        if finding.code == codes::STALE_QUIRK && wrong_examples.contains(&place.file) {
            return false;
        }
        let doc = doc_of(place.file);
        !doc.is_some_and(|doc| is_consequence(finding.code, part(doc, place.span.start), doc, spec))
    });
}

/// The top-level key whose entry holds a byte.
fn part(doc: &Doc<ReportFile>, at: usize) -> Option<&str> {
    let Kind::Mapping(entries) = &doc.tree.kind else { return None };
    entries.iter().rev().find(|(key, _)| key.span().start <= at).map(|(key, _)| &*key.text)
}
