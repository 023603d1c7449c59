//! Rule: a source is a link to a page, and what a page documents names that page. An API without published pages needs no sources: the
//! platform needs them if `api.yaml` itself has one, and reports if one of them has.

use placewise_model::{Api, Coverage, Endpoint, Note, Provenance};

use super::coverage::only_named;
use crate::check::rule::Rule;
use crate::check::text_forms::is_link;
use crate::finding::{Finding, codes};
use crate::resolve::UncheckedModel;
use crate::source::{Doc, Spec};

pub(crate) const RULE: Rule = Rule::Whole(check);

/// A part of a file that can have a source.
struct Part<'a> {
    path: Vec<String>,
    source: Option<&'a str>,
    /// Whether a page must be known, because something is known from it.
    needed: bool,
}

impl<'a> Part<'a> {
    fn new(path: &[&str], source: &'a Option<String>, needed: bool) -> Self {
        Self { path: path.iter().map(|part| (*part).to_owned()).collect(), source: source.as_deref(), needed }
    }
}

fn check(unchecked: &UncheckedModel, spec: &Spec, findings: &mut Vec<Finding>) {
    let published = unchecked.api.as_ref().is_some_and(|api| api.source.is_some());
    if let (Some(api), Some(doc)) = (&unchecked.api, &spec.api) {
        judge(of_api(api), doc, published, findings);
    }
    if let (Some(filter), Some(doc)) = (&unchecked.filter, &spec.filters) {
        judge(vec![Part::new(&[], &filter.source, is_seen(filter.coverage))], doc, published, findings);
    }
    if let Some(doc) = &spec.formats {
        let formats = [
            ("records", unchecked.records.as_ref().map(|format| (&format.source, format.coverage))),
            ("timeseries", unchecked.timeseries.as_ref().map(|format| (&format.source, format.coverage))),
            ("statistics", unchecked.statistics.as_ref().map(|format| (&format.source, format.coverage))),
        ];
        let known = formats.into_iter().filter_map(|(name, format)| Some((name, format?)));
        let parts = known.map(|(name, (source, coverage))| Part::new(&[name], source, is_seen(coverage)));
        judge(parts.collect(), doc, published, findings);
    }
    if let Some(doc) = &spec.endpoints {
        let needed = |of: &Endpoint| is_seen(of.coverage) && is_from_page(of.provenance);
        let parts = unchecked.endpoints.iter().map(|of| Part::new(&["endpoints", &of.name], &of.source, needed(of)));
        judge(parts.collect(), doc, published, findings);
    }
    let published = unchecked.reports.iter().any(|report| report.source.is_some());
    for (report, (_, doc)) in unchecked.reports.iter().zip(&spec.reports) {
        let partial = report.coverage == Coverage::Partial && !doc.lost(&["coverage"]) && !only_named(report);
        // That a whole report needs a source, the rule for coverage says.
        let mut parts = vec![Part::new(&[], &report.source, partial)];
        let indexes: Vec<String> = (0..doc.value.examples.len()).map(|index| index.to_string()).collect();
        let examples = doc.value.examples.iter().zip(&indexes);
        parts.extend(examples.map(|(example, index)| Part::new(&["examples", index], &example.source, false)));
        judge(parts, doc, published, findings);
    }
}

fn is_seen(coverage: Coverage) -> bool {
    coverage != Coverage::NameOnly
}

fn is_from_page(provenance: Provenance) -> bool {
    matches!(provenance, Provenance::Documented | Provenance::Example)
}

fn of_api(api: &Api) -> Vec<Part<'_>> {
    let mut parts = vec![
        Part::new(&[], &api.source, false),
        Part::new(&["permit"], &api.permit.source, true),
        Part::new(&["customers"], &api.customers.source, true),
        Part::new(&["rate_limit"], &api.rate_limit.source, true),
        Part::new(&["error_body"], &api.error_body.source, true),
    ];
    parts.extend(api.hosts.iter().map(|(name, of)| Part::new(&["hosts", name], &of.source, is_from_page(of.provenance))));
    let headers = api.headers.all();
    parts.extend(headers.into_iter().map(|(key, of)| Part::new(&["headers", key], &of.source, is_from_page(of.provenance))));
    let errors = api.errors.iter();
    parts.extend(errors.map(|of| Part::new(&["errors", &of.status.to_string()], &of.source, is_from_page(of.provenance))));
    let note = |of: &Note| is_seen(of.coverage) && is_from_page(of.provenance);
    parts.extend(api.notes.iter().map(|(name, of)| Part::new(&["notes", name], &of.source, note(of))));
    parts
}

fn judge<T>(parts: Vec<Part<'_>>, doc: &Doc<T>, published: bool, findings: &mut Vec<Finding>) {
    for Part { path, source, needed } in parts {
        let at = [&path[..], &["source".to_owned()]].concat();
        match source {
            Some(text) if !is_link(text) => {
                let finding = Finding::new(codes::BAD_LINK, format!("`{text}` is not an https link"));
                findings.push(finding.at(doc.at(&at)).help("write the page's address, such as `https://example.com/doc-1`"));
            }
            None if needed && published && !doc.lost(&at) => {
                let (what, place) = match &path[..] {
                    [] => ("this file".to_owned(), doc.at_first_key()),
                    path => (format!("`{}`", path.join(".")), doc.at_key(path)),
                };
                let finding = Finding::new(codes::NO_SOURCE, format!("{what} has no `source`")).at(place);
                findings.push(
                    finding.help("write the address of its page; what no page shows has another `provenance` or `coverage`"),
                );
            }
            _ => {}
        }
    }
}
