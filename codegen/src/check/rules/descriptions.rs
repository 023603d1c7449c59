//! Rule: every report, field, aggregation, new returned field, new label key and endpoint has a description. A missing one is a warning,
//! because an imported page starts without them.

use placewise_model::{Coverage, Field, Report};

use crate::check::rule::Rule;
use crate::finding::{Finding, Place, codes};
use crate::resolve::UncheckedModel;
use crate::source::{Doc, ReportFile, Spec};

pub(crate) const RULE: Rule = Rule::Report(check);

pub(crate) const ENDPOINTS: Rule = Rule::Whole(check_endpoints);

fn check(report: &Report, doc: &Doc<ReportFile>, _: &UncheckedModel, findings: &mut Vec<Finding>) {
    let mut missing: Vec<String> = Vec::new();
    let lost = |path: &[&str]| doc.lost(path);
    if report.description.is_none() && !lost(&["description"]) && report.coverage != Coverage::NameOnly {
        missing.push("the report itself".into());
    }
    let silent = |field: &Field, path: &[&str]| {
        field.description.is_none() && field.same_as.is_none() && !lost(&[path, &[&field.name, "description"]].concat())
    };
    missing.extend(report.fields.iter().filter(|field| silent(field, &["fields"])).map(|field| format!("`{}`", field.name)));
    let labels = report.labels.iter().flatten().filter(|label| silent(label, &["labels"]));
    missing.extend(labels.map(|label| format!("`labels.{}`", label.name)));
    for aggregation in &report.aggregations {
        let path = ["aggregations", &aggregation.name];
        if aggregation.description.is_none() && !lost(&[&path[..], &["description"]].concat()) {
            missing.push(format!("`aggregations.{}`", aggregation.name));
        }
        let returns = aggregation.returns.iter().map(|returned| &returned.field);
        let returns = returns.filter(|field| silent(field, &[&path[..], &["returns"]].concat()));
        let labels = aggregation.labels.iter().flatten().filter(|label| silent(label, &[&path[..], &["labels"]].concat()));
        missing.extend(returns.chain(labels).map(|field| format!("`{}.{}`", aggregation.name, field.name)));
    }
    report_missing(missing, || doc.at(&["report"]), findings);
}

fn check_endpoints(unchecked: &UncheckedModel, spec: &Spec, findings: &mut Vec<Finding>) {
    let Some(doc) = &spec.endpoints else { return };
    for endpoint in &unchecked.endpoints {
        let mut missing: Vec<String> = Vec::new();
        let path = ["endpoints", &endpoint.name];
        if endpoint.description.is_none() && !doc.lost(&[&path[..], &["description"]].concat()) {
            missing.push("the endpoint itself".into());
        }
        for (part, fields) in [("request", &endpoint.request), ("response", &endpoint.response)] {
            missing.extend(
                fields
                    .iter()
                    .filter(|field| {
                        field.description.is_none() && !doc.lost(&[&path[..], &[part, &field.name, "description"]].concat())
                    })
                    .map(|field| format!("`{part}.{}`", field.name)),
            );
        }
        report_missing(missing, || doc.at_key(&["endpoints", &endpoint.name]), findings);
    }
}

fn report_missing(mut missing: Vec<String>, at: impl Fn() -> Place, findings: &mut Vec<Finding>) {
    if missing.is_empty() {
        return;
    }
    let more = missing.len().saturating_sub(8);
    missing.truncate(8);
    let tail = if more > 0 { format!(" and {more} more") } else { String::new() };
    findings.push(
        Finding::new(codes::NO_DESCRIPTION, format!("missing `description`: {}{tail}", missing.join(", ")))
            .at(at())
            .help("describe each in your own words; do not copy the page's text"),
    );
}
