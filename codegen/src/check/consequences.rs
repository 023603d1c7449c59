//! Drops findings that another one explains. What refers to a part of a report that has a finding itself, says nothing about the reference;
//! examples say nothing while the tables and formats that they are compared with are wrong.

use std::collections::HashMap;
use std::ops::Range;

use crate::finding::{Code, FileId, Finding, Fix, FixEdit, Place, Severity, Sources, codes};
use crate::source::yaml_tree::{Kind, Node};
use crate::source::{Doc, ReportFile, Spec};

/// The parts of a report that its examples are not compared with.
const APART: [&str; 10] =
    ["permit", "cost", "source", "description", "column", "data_lag", "adds", "relations", "simulate", "name"];

/// Whether a finding of a report only says that a part of it, or of the formats, has another finding.
fn is_consequence(finding: &Finding, at: Option<&str>, doc: &Doc<ReportFile>, spec: &Spec) -> bool {
    let lost = |part: &str| doc.lost(&[part]);
    let in_names = || ["fields", "aggregations", "labels"].into_iter().any(lost);
    let of_intervals = || spec.formats.as_ref().is_some_and(|doc| doc.lost_within(&["timeseries", "intervals"]));
    let is_of_returned = || ["returned field", "label key"].iter().any(|what| finding.message.contains(what));
    match finding.code {
        codes::DANGLING_REFERENCE if at == Some("intervals") => of_intervals(),
        codes::DANGLING_REFERENCE => {
            in_names()
                || doc.lost.iter().map(|path| path.iter().map(String::as_str).collect()).any(|path: Vec<&str>| match path[..] {
                    ["aggregations", _] => true,
                    ["aggregations", _, "returns" | "labels"] => is_of_returned(),
                    _ => false,
                })
        }
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

/// What the errors of a file make doubtful.
#[derive(Default)]
struct Doubts {
    /// A table or format that examples are compared with.
    tables: bool,
    /// A relation.
    relations: bool,
    /// An example.
    examples: bool,
    /// The format, because the keys of another one are there.
    format: bool,
    /// The name of an aggregation.
    aggregation: bool,
}

/// Drops the consequences among all findings.
pub(super) fn drop_consequences(findings: &mut Vec<Finding>, spec: &Spec, sources: &Sources) {
    let docs: HashMap<FileId, &Doc<ReportFile>> = spec.reports.iter().map(|(_, doc)| (doc.file, doc)).collect();
    let mut doubts: HashMap<FileId, Doubts> = HashMap::new();
    for finding in findings.iter().filter(|finding| finding.severity == Severity::Error) {
        let Some(place) = &finding.place else { continue };
        let doubts = doubts.entry(place.file).or_default();
        let apart =
            || docs.get(&place.file).and_then(|doc| part(doc, place.span.start)).is_some_and(|part| APART.contains(&part));
        let doc = docs.get(&place.file);
        doubts.format |= finding.code == codes::FORMAT_KEY && doc.is_some_and(|doc| doc.at(&["format"]) == *place);
        doubts.aggregation |= finding.code == codes::DANGLING_REFERENCE && doc.is_some_and(|doc| is_aggregation(doc, place));
        doubts.relations |= finding.code == codes::RELATION;
        doubts.examples |= finding.code.name().starts_with("example-");
        doubts.tables |= !is_of_example(finding.code) && !apart();
    }
    let doubtful = |file: FileId, of: fn(&Doubts) -> bool| doubts.get(&file).is_some_and(of);
    let is_doubtful = |doc: &Option<Doc>| doc.as_ref().is_none_or(|doc| doubtful(doc.file, |doubts| doubts.tables));
    let no_examples = is_doubtful(&spec.formats) || is_doubtful(&spec.filters);
    let no_settings = no_examples || is_doubtful(&spec.api) || is_doubtful(&spec.endpoints);
    // What does not belong there at all need not be right.
    let outside = findings.iter().filter(|of| of.code == codes::VALUES_OF_WHAT).filter_map(|of| of.place.as_ref());
    let outside: Vec<Place> = outside
        .filter_map(|Place { file, span }| Some(Place { file: *file, span: value_of(&docs.get(file)?.tree, span)? }))
        .collect();
    let in_outside = |place: &Place| outside.iter().any(|of| of.file == place.file && of.span.contains(&place.span.start));
    findings.retain(|finding| {
        let Some(place) = &finding.place else { return true };
        if in_outside(place) {
            return false;
        }
        // A setting with an error may be the one that uses it.
        if finding.code == codes::UNUSED_ASSUMPTION && no_settings {
            return false;
        }
        let wrong_tables = || no_examples || doubtful(place.file, |doubts| doubts.tables);
        let wrong_examples = || doubtful(place.file, |doubts| doubts.examples);
        let Some(doc) = docs.get(&place.file) else { return true };
        let explained = match finding.code {
            code if is_of_example(code) && wrong_tables() => true,
            codes::STALE_QUIRK | codes::GROUP_KEY => wrong_examples(),
            codes::EXAMPLE_RELATION => doubtful(place.file, |doubts| doubts.relations),
            codes::SIMULATE_KIND => doubtful(place.file, |doubts| doubts.format),
            codes::DANGLING_REFERENCE if is_aggregation(doc, place) => doubtful(place.file, |doubts| doubts.format),
            codes::DANGLING_REFERENCE => {
                finding.message.contains("no aggregation") && doubtful(place.file, |doubts| doubts.aggregation)
            }
            _ => false,
        };
        !explained && !is_consequence(finding, part(doc, place.span.start), doc, spec)
    });
    join_references(findings);
    for finding in findings.iter_mut().filter(|finding| finding.code == codes::DANGLING_REFERENCE) {
        let doc = finding.place.as_ref().and_then(|place| docs.get(&place.file));
        if let Some(doc) = doc {
            blame_definition(finding, doc, &sources.get(doc.file).text);
        }
    }
}

/// If a file uses the missing name several times and the one that it was meant for never again, the definition is the one that is misspelled.
fn blame_definition(finding: &mut Finding, doc: &Doc<ReportFile>, text: &str) {
    let Some(FixEdit::Word { from, to, .. }) = finding.fix.as_ref().and_then(|fix| fix.edits.first()) else { return };
    let is_part = |c: char| c.is_alphanumeric() || matches!(c, '_' | '-');
    let uses = |name: &str| text.split(|c| !is_part(c)).filter(|word| *word == name).count();
    let is_defined = |part: &&str| doc.tree.get(part).is_some_and(|(_, node)| node.get(to).is_some());
    let Some(part) = ["fields", "aggregations"].into_iter().find(is_defined) else { return };
    if uses(from) > 1 && uses(to) == 1 {
        let at = doc.at_key(&[part, to]);
        let used = finding.place.replace(at.clone());
        finding.related.splice(0..0, used.map(|used| (used, "used here".into())));
        finding.help = Some(format!("did you mean `{from}` here?"));
        finding.fix = Some(Fix::word(at, to, from));
    }
}

/// Makes one finding of all references of a file to one missing name.
fn join_references(findings: &mut Vec<Finding>) {
    let mut first: HashMap<(FileId, String), usize> = HashMap::new();
    let mut joined: Vec<Finding> = Vec::with_capacity(findings.len());
    for finding in findings.drain(..) {
        if let (codes::DANGLING_REFERENCE, Some(place)) = (finding.code, &finding.place) {
            match first.get(&(place.file, finding.message.clone())).and_then(|at| joined.get_mut(*at)) {
                Some(one) => {
                    one.related.push((place.clone(), "and here".into()));
                    // One fix mends them all.
                    one.fix = one.fix.take().zip(finding.fix).map(|(mut fix, other)| {
                        fix.edits.extend(other.edits);
                        fix
                    });
                    continue;
                }
                None => drop(first.insert((place.file, finding.message.clone()), joined.len())),
            }
        }
        joined.push(finding);
    }
    *findings = joined;
}

/// Whether the name of an aggregation stands there.
fn is_aggregation(doc: &Doc<ReportFile>, place: &Place) -> bool {
    doc.value.aggregations.keys().any(|name| doc.at_key(&["aggregations", name]) == *place)
}

/// The value of the key that stands there.
fn value_of(node: &Node, key: &Range<usize>) -> Option<Range<usize>> {
    let Kind::Mapping(entries) = &node.kind else { return None };
    entries.iter().find_map(|(of, value)| if of.span() == *key { Some(value.span()) } else { value_of(value, key) })
}

/// The top-level key whose entry holds a byte.
fn part(doc: &Doc<ReportFile>, at: usize) -> Option<&str> {
    let Kind::Mapping(entries) = &doc.tree.kind else { return None };
    entries.iter().rev().find(|(key, _)| key.span().start <= at).map(|(key, _)| &*key.text)
}
