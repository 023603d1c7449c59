//! Rule: every report, field, aggregation and new key of a row or a label says what it means, in the maintainer's own words; so does every
//! endpoint.

use placewise_model::{Coverage, Field, Report};

use super::{Check, Rule};
use crate::finding::{Finding, Place};
use crate::resolve::Draft;
use crate::source::{Doc, ReportFile, Spec};

pub(super) const RULE: Rule = Rule {
    codes: &["no-about"],
    description: "What has no `description` is documented as \"not described\": a warning, since an imported page starts so.",
    check: Check::Report(check),
};

pub(super) const ENDPOINTS: Rule = Rule {
    codes: &["no-about"],
    description: "The same for endpoints and the keys of their requests and replies.",
    check: Check::Whole(check_endpoints),
};

fn check(report: &Report, doc: &Doc<ReportFile>, _: &Draft, findings: &mut Vec<Finding>) {
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
    tell(missing, || doc.at(&["report"]), findings);
}

fn check_endpoints(draft: &Draft, spec: &Spec, findings: &mut Vec<Finding>) {
    let Some(doc) = &spec.endpoints else { return };
    for endpoint in &draft.endpoints {
        let mut missing: Vec<String> = Vec::new();
        if endpoint.description.is_none() {
            missing.push("the endpoint itself".into());
        }
        for (part, fields) in [("request", &endpoint.request), ("response", &endpoint.response)] {
            missing.extend(
                fields.iter().filter(|field| field.description.is_none()).map(|field| format!("`{part}.{}`", field.name)),
            );
        }
        tell(missing, || doc.at_key(&["endpoints", &endpoint.name]), findings);
    }
}

fn tell(mut missing: Vec<String>, at: impl Fn() -> Place, findings: &mut Vec<Finding>) {
    if missing.is_empty() {
        return;
    }
    let more = missing.len().saturating_sub(8);
    missing.truncate(8);
    let tail = if more > 0 { format!(" and {more} more") } else { String::new() };
    findings.push(
        Finding::warning("no-about", format!("without `description`: {}{tail}", missing.join(", ")))
            .at(at())
            .help("describe each in your own words; the page's text is not to be copied"),
    );
}
