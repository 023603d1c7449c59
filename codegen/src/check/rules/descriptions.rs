//! Rule: everything that the docs list has a description: reports, fields, aggregations, new returned fields, new label keys, endpoints and
//! the parts of the platform. A missing one is a warning, because an imported page starts without them.

use placewise_model::{Coverage, Field, Report, Type};

use crate::check::rule::Rule;
use crate::finding::{Finding, Place, codes};
use crate::resolve::UncheckedModel;
use crate::source::{Doc, ReportFile, Spec};

pub(crate) const RULE: Rule = Rule::Report(check);

pub(crate) const ENDPOINTS: Rule = Rule::Whole(check_endpoints);

pub(crate) const PLATFORM: Rule = Rule::Whole(check_platform);

/// Stands for a description that nobody has written yet.
const UNFINISHED: [&str; 6] = ["TODO", "TBD", "FIXME", "XXX", "...", "…"];

/// Collects the parts of a document that lack a description.
struct Missing<'a, T> {
    doc: &'a Doc<T>,
    names: Vec<String>,
}

impl<T> Missing<'_, T> {
    /// Adds a part, unless it has a description or its description has a finding already.
    fn part(&mut self, name: impl FnOnce() -> String, path: &[&str], description: Option<&String>) {
        if description.is_none_or(|text| UNFINISHED.contains(&text.trim())) && !self.doc.lost(&[path, &["description"]].concat())
        {
            self.names.push(name());
        }
    }

    /// Adds the fields of a row or a label, and those inside them. What repeats a field has its description.
    fn fields<'f>(&mut self, prefix: &str, path: &[&str], fields: impl IntoIterator<Item = &'f Field>) {
        for field in fields.into_iter().filter(|field| field.same_as.is_none()) {
            let (name, path) = (format!("{prefix}{}", field.name), [path, &[&field.name]].concat());
            self.part(|| format!("`{name}`"), &path, field.description.as_ref());
            if let Type::Object { fields } = field.ty.innermost() {
                self.fields(&format!("{name}."), &[&path[..], &["fields"]].concat(), fields);
            }
        }
    }

    fn report(mut self, at: Place, findings: &mut Vec<Finding>) {
        let more = self.names.len().saturating_sub(8);
        self.names.truncate(8);
        let tail = if more > 0 { format!(" and {more} more") } else { String::new() };
        if !self.names.is_empty() {
            findings.push(
                Finding::new(codes::NO_DESCRIPTION, format!("missing `description`: {}{tail}", self.names.join(", ")))
                    .at(at)
                    .help("describe each in your own words; do not copy the page's text"),
            );
        }
    }
}

fn check(report: &Report, doc: &Doc<ReportFile>, _: &UncheckedModel, findings: &mut Vec<Finding>) {
    let mut missing = Missing { doc, names: Vec::new() };
    if report.coverage != Coverage::NameOnly {
        missing.part(|| "the report itself".into(), &[], report.description.as_ref());
    }
    missing.fields("", &["fields"], &report.fields);
    for (index, of) in report.unnamed.iter().enumerate() {
        let index = index.to_string();
        missing.part(|| format!("`unnamed.{index}`"), &["unnamed", &index], of.description.as_ref());
    }
    missing.fields("labels.", &["labels"], report.labels.iter().flatten());
    for aggregation in &report.aggregations {
        let (name, path) = (&aggregation.name, ["aggregations", &aggregation.name]);
        missing.part(|| format!("`aggregations.{name}`"), &path, aggregation.description.as_ref());
        let returns = aggregation.returns.iter().map(|returned| &returned.field);
        missing.fields(&format!("{name}."), &[&path[..], &["returns"]].concat(), returns);
        missing.fields(&format!("{name}."), &[&path[..], &["labels"]].concat(), aggregation.labels.iter().flatten());
    }
    missing.report(doc.at(&["report"]), findings);
}

fn check_endpoints(unchecked: &UncheckedModel, spec: &Spec, findings: &mut Vec<Finding>) {
    let Some(doc) = &spec.endpoints else { return };
    for endpoint in &unchecked.endpoints {
        let mut missing = Missing { doc, names: Vec::new() };
        let path = ["endpoints", &endpoint.name];
        missing.part(|| "the endpoint itself".into(), &path, endpoint.description.as_ref());
        missing.fields("request.", &[&path[..], &["request"]].concat(), &endpoint.request);
        missing.fields("response.", &[&path[..], &["response"]].concat(), &endpoint.response);
        missing.report(doc.at_key(&path), findings);
    }
}

/// One finding for each file, at the first part that lacks one. A group may go without: its reports say what they are about.
fn check_platform(unchecked: &UncheckedModel, spec: &Spec, findings: &mut Vec<Finding>) {
    if let (Some(api), Some(doc)) = (&unchecked.api, &spec.api) {
        let mut parts = vec![(vec![], &api.description)];
        parts.extend(api.hosts.iter().map(|(name, of)| (vec!["hosts", name], &of.description)));
        parts.extend(api.headers.all().into_iter().map(|(key, of)| (vec!["headers", key], &of.description)));
        parts.push((vec!["customers"], &api.customers.description));
        parts.push((vec!["rate_limit"], &api.rate_limit.description));
        parts.push((vec!["error_body"], &api.error_body.description));
        check_parts(doc, &parts, findings);
    }
    if let (Some(filter), Some(doc)) = (&unchecked.filter, &spec.filters) {
        let mut parts = vec![(vec![], &filter.description)];
        parts.extend(filter.operators().into_iter().map(|(key, of)| (vec!["operators", key], &of.description)));
        check_parts(doc, &parts, findings);
    }
    let Some(doc) = &spec.formats else { return };
    let mut parts = Vec::new();
    parts.extend(unchecked.records.iter().map(|of| (vec!["records"], &of.description)));
    parts.extend(unchecked.timeseries.iter().map(|of| (vec!["timeseries"], &of.description)));
    parts.extend(unchecked.timeseries.iter().map(|of| (vec!["timeseries", "auto"], &of.auto.description)));
    parts.extend(unchecked.statistics.iter().map(|of| (vec!["statistics"], &of.description)));
    check_parts(doc, &parts, findings);
}

fn check_parts(doc: &Doc, parts: &[(Vec<&str>, &Option<String>)], findings: &mut Vec<Finding>) {
    let mut missing = Missing { doc, names: Vec::new() };
    let mut first = None;
    for (path, description) in parts {
        let name = || if path.is_empty() { "the file itself".into() } else { format!("`{}`", path.join(".")) };
        missing.part(name, path, description.as_ref());
        if first.is_none() && !missing.names.is_empty() {
            first = Some(if path.is_empty() { doc.at_first_key() } else { doc.at_key(path) });
        }
    }
    if let Some(place) = first {
        missing.report(place, findings);
    }
}
