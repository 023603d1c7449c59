//! Rule: quirks, examples and fields refer to fields, aggregations and headers that exist.

use placewise_model::{Filterability, Format, Report};

use crate::check::rule::Rule;
use crate::finding::{Finding, codes, suggest};
use crate::resolve::UncheckedModel;
use crate::source::{Doc, ReportFile};

pub(crate) const RULE: Rule = Rule::Report(check);

fn check(report: &Report, doc: &Doc<ReportFile>, unchecked: &UncheckedModel, findings: &mut Vec<Finding>) {
    let fields: Vec<&str> = report.fields.iter().map(|field| field.name.as_str()).collect();
    let aggregations: Vec<&str> = report.aggregations.iter().map(|aggregation| aggregation.name.as_str()).collect();
    let mut dangling = |what: &str, name: &str, known: &[&str], path: &[&str]| {
        let finding = Finding::new(codes::DANGLING_REFERENCE, format!("the report has no {what} `{name}`")).at(doc.at(path));
        findings.push(suggest(finding, name, known));
    };
    for (index, quirk) in report.quirks.iter().enumerate() {
        let index = index.to_string();
        for (place, target) in quirk.at.iter().enumerate() {
            let place = place.to_string();
            let path = ["quirks", &index, "at", &place];
            if let Err((what, name, known)) = quirk_target(report, target) {
                dangling(what, name, &known, &path);
            }
        }
    }
    for (index, example) in report.examples.iter().enumerate() {
        let index = index.to_string();
        if let Some(name) = example.aggregation.as_deref().filter(|name| !aggregations.contains(name)) {
            dangling("aggregation", name, &aggregations, &["examples", &index, "aggregation"]);
        }
        if let Some(name) = example.field.as_deref().filter(|name| !fields.contains(name)) {
            dangling("field", name, &fields, &["examples", &index, "field"]);
        }
    }
    let Some(api) = &unchecked.api else { return };
    let headers: Vec<&str> = api.headers.all().iter().map(|(_, header)| header.name.as_str()).collect();
    for field in &report.fields {
        if let Filterability::Header(name) = &field.filterable
            && !headers.contains(&name.as_str())
        {
            let at = doc.at(&["fields", &field.name, "filterable", "header"]);
            let finding = Finding::new(codes::DANGLING_REFERENCE, format!("api.yaml has no header `{name}`")).at(at);
            findings.push(suggest(finding, name, &headers));
        }
    }
}

/// Checks that a quirk names a field of the report, or `aggregation.field` with a returned field or label key.
fn quirk_target<'a>(report: &'a Report, target: &'a str) -> Result<(), (&'static str, &'a str, Vec<&'a str>)> {
    let fields = || report.fields.iter().map(|field| field.name.as_str()).collect::<Vec<_>>();
    if report.field(target).is_some() {
        return Ok(());
    }
    let Some((aggregation, field)) = target.split_once('.') else { return Err(("field", target, fields())) };
    let Some(found) = report.aggregation(aggregation) else {
        return Err(("aggregation", aggregation, report.aggregations.iter().map(|a| a.name.as_str()).collect()));
    };
    let returns = found.returns.iter().map(|returned| returned.field.name.as_str());
    let known: Vec<&str> = returns.chain(found.labels.iter().flatten().map(|label| label.name.as_str())).collect();
    let what = if report.format == Format::Timeseries { "label key" } else { "returned field" };
    if known.contains(&field) { Ok(()) } else { Err((what, field, known)) }
}
