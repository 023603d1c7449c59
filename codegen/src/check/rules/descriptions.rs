//! Rule: every report, field, aggregation, new returned field, new label key and endpoint has a description. A missing one is a warning,
//! because an imported page starts without them.

use placewise_model::{Coverage, Field, Report};

use crate::check::rule::{Check, Rule};
use crate::finding::{Finding, Place};
use crate::resolve::UncheckedModel;
use crate::source::{Doc, ReportFile, Spec};

pub(crate) const RULE: Rule = Rule { codes: &["no-description"], check: Check::Report(check) };

pub(crate) const ENDPOINTS: Rule = Rule { codes: &["no-description"], check: Check::Whole(check_endpoints) };

fn check(report: &Report, doc: &Doc<ReportFile>, _: &UncheckedModel, findings: &mut Vec<Finding>) {
    let mut missing: Vec<String> = Vec::new();
    if report.description.is_none() && report.coverage != Coverage::NameOnly {
        missing.push("the report itself".into());
    }
    missing.extend(report.fields.iter().filter(|field| field.description.is_none()).map(|field| format!("`{}`", field.name)));
    let new_label = |label: &&Field| label.description.is_none() && label.same_as.is_none();
    missing.extend(report.labels.iter().flatten().filter(new_label).map(|label| format!("`labels.{}`", label.name)));
    for aggregation in &report.aggregations {
        if aggregation.description.is_none() {
            missing.push(format!("`aggregations.{}`", aggregation.name));
        }
        let new = aggregation
            .returns
            .iter()
            .filter(|returned| returned.field.description.is_none() && returned.field.same_as.is_none());
        missing.extend(new.map(|returned| format!("`{}.{}`", aggregation.name, returned.field.name)));
        let labels = aggregation.labels.iter().flatten().filter(new_label);
        missing.extend(labels.map(|label| format!("`{}.{}`", aggregation.name, label.name)));
    }
    report_missing(missing, || doc.at(&["report"]), findings);
}

fn check_endpoints(unchecked: &UncheckedModel, spec: &Spec, findings: &mut Vec<Finding>) {
    let Some(doc) = &spec.endpoints else { return };
    for endpoint in &unchecked.endpoints {
        let mut missing: Vec<String> = Vec::new();
        if endpoint.description.is_none() {
            missing.push("the endpoint itself".into());
        }
        for (part, fields) in [("request", &endpoint.request), ("response", &endpoint.response)] {
            missing.extend(
                fields.iter().filter(|field| field.description.is_none()).map(|field| format!("`{part}.{}`", field.name)),
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
        Finding::warning("no-description", format!("missing `description`: {}{tail}", missing.join(", ")))
            .at(at())
            .help("describe each in your own words; do not copy the page's text"),
    );
}
