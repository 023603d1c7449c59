//! Rule: examples and fields refer to fields, aggregations and headers that exist, and aggregated rows have the fields that they are grouped
//! by.

use placewise_model::{Filterability, Report, Returned};

use crate::check::rule::Rule;
use crate::finding::{Finding, codes, dangling};
use crate::resolve::UncheckedModel;
use crate::source::{Doc, ReportFile};

pub(crate) const RULE: Rule = Rule::Report(check);

fn check(report: &Report, doc: &Doc<ReportFile>, unchecked: &UncheckedModel, findings: &mut Vec<Finding>) {
    let fields: Vec<&str> = report.fields.iter().map(|field| field.name.as_str()).collect();
    let aggregations: Vec<&str> = report.aggregations.iter().map(|aggregation| aggregation.name.as_str()).collect();
    let mut missing = |what: &str, name: &str, known: &[&str], path: &[&str]| {
        findings.push(dangling(format!("the report has no {what} `{name}`"), doc.at(path), name, known));
    };
    for (index, example) in report.examples.iter().enumerate() {
        let index = index.to_string();
        if let Some(name) = example.aggregation.as_deref().filter(|name| !aggregations.contains(name)) {
            missing("aggregation", name, &aggregations, &["examples", &index, "aggregation"]);
        }
        if let Some(name) = example.field.as_deref().filter(|name| !fields.contains(name)) {
            missing("field", name, &fields, &["examples", &index, "field"]);
        }
    }
    for aggregation in report.aggregations.iter().filter(|aggregation| !aggregation.returns.is_empty()) {
        let returned = |name: &String| aggregation.returns.iter().any(|of| of.field.same_as.as_ref() == Some(name));
        for name in aggregation.by.iter().filter(|name| fields.contains(&name.as_str()) && !returned(name)) {
            let path = ["aggregations", &aggregation.name, "returns"];
            // What repeats no field may be the misspelled key.
            let unknown = |of: &Returned| of.field.same_as.as_ref().is_some_and(|name| !fields.contains(&name.as_str()));
            if !doc.lost_within(&path) && !aggregation.returns.iter().any(unknown) {
                let message = format!("rows are grouped by `{name}`, but do not return it");
                let finding = Finding::new(codes::GROUP_KEY, message).at(doc.at_key(&path));
                findings
                    .push(finding.help(format!("add `{name}: field`, or correct `by`; `by: unknown` says that no page tells")));
            }
        }
    }
    let Some(api) = &unchecked.api else { return };
    let headers: Vec<&str> = api.headers.all().iter().map(|(_, header)| header.name.as_str()).collect();
    for field in &report.fields {
        if let Filterability::Header(name) = &field.filterable
            && !headers.contains(&name.as_str())
        {
            let at = doc.at(&["fields", &field.name, "filterable", "header"]);
            findings.push(dangling(format!("api.yaml has no header `{name}`"), at, name, &headers));
        }
    }
}
