//! Rule: a report's `coverage` is true: a name-only report has no fields, labels or aggregations, a partial one something more than a
//! name, and a whole one fields, permit, cost and source.

use placewise_model::{Coverage, Report};

use super::{Check, Rule};
use crate::finding::Finding;
use crate::resolve::Draft;
use crate::source::{Doc, ReportFile};

pub(super) const RULE: Rule = Rule {
    codes: &["coverage"],
    description: "`coverage` decides the client's row types, so it must say what the file really holds.",
    check: Check::Report(check),
};

fn check(report: &Report, doc: &Doc<ReportFile>, _: &Draft, findings: &mut Vec<Finding>) {
    // A word that could not be read was told already.
    if !doc.says("coverage", report.coverage.word()) {
        return;
    }
    let mut say = |message: &str, help: &str| {
        findings.push(Finding::error("coverage", message).at(doc.at(&["coverage"])).help(help));
    };
    match report.coverage {
        Coverage::NameOnly if !report.fields.is_empty() || !report.aggregations.is_empty() || report.labels.is_some() => {
            say(
                "a name-only report has fields, labels or aggregations",
                "write `coverage: partial`, or `whole` if nothing is missing",
            );
        }
        Coverage::Whole if report.fields.is_empty() => {
            say("a report without fields is not covered", "write `coverage: partial` or `name-only`, or add its fields");
        }
        Coverage::Partial if only_named(report) => {
            say("a report of which nothing is told is not covered", "write `coverage: name-only`, or add what is known of it");
        }
        Coverage::Whole => {
            let missing =
                [("permit", report.permit.is_none()), ("cost", report.cost.is_none()), ("source", report.source.is_none())];
            // A key that is there but could not be read was told already.
            for (key, _) in missing.into_iter().filter(|(key, missing)| *missing && doc.tree.get(key).is_none()) {
                say(&format!("a whole report states its `{key}`"), "add it, or write `coverage: partial`");
            }
        }
        _ => {}
    }
}

/// Whether nothing but the name and a description is there.
fn only_named(report: &Report) -> bool {
    report.fields.is_empty()
        && report.unnamed.is_empty()
        && report.labels.is_none()
        && report.aggregations.is_empty()
        && report.permit.is_none()
        && report.cost.is_none()
        && report.intervals.is_none()
}
