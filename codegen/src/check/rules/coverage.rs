//! Rule: `coverage` matches the file's contents, because it decides the client's row types. A name-only report has no fields, labels or
//! aggregations, a partial one more than a name, and a whole one fields, permit, cost and source.

use placewise_model::{Coverage, Report};

use crate::check::rule::Rule;
use crate::finding::{Finding, codes};
use crate::resolve::UncheckedModel;
use crate::source::{Doc, ReportFile};

pub(crate) const RULE: Rule = Rule::Report(check);

fn check(report: &Report, doc: &Doc<ReportFile>, _: &UncheckedModel, findings: &mut Vec<Finding>) {
    // An unreadable word has a finding already.
    if !doc.says("coverage", report.coverage.word()) {
        return;
    }
    let mut say = |message: &str, help: &str| {
        findings.push(Finding::new(codes::COVERAGE, message).at(doc.at(&["coverage"])).help(help));
    };
    match report.coverage {
        Coverage::NameOnly if !report.fields.is_empty() || !report.aggregations.is_empty() || report.labels.is_some() => {
            say(
                "a name-only report has fields, labels or aggregations",
                "write `coverage: partial`, or `whole` if nothing is missing",
            );
        }
        Coverage::Whole if report.fields.is_empty() => {
            say("a report without fields cannot be `whole`", "write `coverage: partial` or `name-only`, or add its fields");
        }
        Coverage::Partial if only_named(report) => {
            say("a report with only a name cannot be `partial`", "write `coverage: name-only`, or add what is known");
        }
        Coverage::Whole => {
            let missing =
                [("permit", report.permit.is_none()), ("cost", report.cost.is_none()), ("source", report.source.is_none())];
            // An unreadable key has a finding already.
            for (key, _) in missing.into_iter().filter(|(key, missing)| *missing && !doc.lost(&[key])) {
                say(&format!("a `whole` report needs a `{key}`"), "add it, or write `coverage: partial`");
            }
        }
        _ => {}
    }
}

/// Whether the report has only a name and a description.
fn only_named(report: &Report) -> bool {
    report.fields.is_empty()
        && report.unnamed.is_empty()
        && report.labels.is_none()
        && report.aggregations.is_empty()
        && report.permit.is_none()
        && report.cost.is_none()
        && report.intervals.is_none()
}
