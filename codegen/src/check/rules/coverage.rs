//! Rule: `coverage` matches the file's contents, because it decides the client's row types. A name-only report has no fields, labels or
//! aggregations, and a partial one more than a name. A whole one has fields, permit, cost and source, and if it is a timeseries also
//! intervals and labels. Permit, cost and intervals stand together at the top of a page, so a partial report has all of them or none.

use placewise_model::{Coverage, Format, Provenance, Report};

use crate::check::rule::Rule;
use crate::finding::{Finding, codes};
use crate::resolve::UncheckedModel;
use crate::source::{Doc, ReportFile};

pub(crate) const RULE: Rule = Rule::Report(check);

fn check(report: &Report, doc: &Doc<ReportFile>, _: &UncheckedModel, findings: &mut Vec<Finding>) {
    // An unreadable word has a finding already.
    if !doc.says_at(&["coverage"], report.coverage.word()) {
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
            for key in head(report, false).chain(body(report)) {
                // An unreadable key has a finding already.
                if !doc.lost(&[key]) {
                    say(&format!("a `whole` report needs `{key}`"), "add it, or write `coverage: partial`");
                }
            }
        }
        Coverage::Partial if head(report, true).next().is_some() && report.provenance != Provenance::Unknown => {
            let missing: Vec<String> =
                head(report, false).filter(|key| !doc.lost(&[key])).map(|key| format!("no `{key}`")).collect();
            if !missing.is_empty() {
                let message = format!("the report has parts of its page's head, but {}", missing.join(" and "));
                let finding = Finding::new(codes::COVERAGE, message).at(doc.at(&["coverage"])).softened();
                findings.push(finding.help("add it; if no capture shows it, write `provenance: unknown` at the report"));
            }
        }
        _ => {}
    }
}

/// A report with the keys of another format has a finding of its own.
fn is_timeseries(report: &Report) -> bool {
    report.format == Format::Timeseries && report.aggregations.iter().all(|aggregation| aggregation.returns.is_empty())
}

/// The keys from the top of a page that the report has, or those that it lacks.
fn head(report: &Report, has: bool) -> impl Iterator<Item = &'static str> {
    let intervals = is_timeseries(report).then_some(("intervals", report.intervals.is_some()));
    let keys = [("permit", report.permit.is_some()), ("cost", report.cost.is_some())];
    keys.into_iter().chain(intervals).filter(move |(_, there)| *there == has).map(|(key, _)| key)
}

/// The other keys that a whole report lacks.
fn body(report: &Report) -> impl Iterator<Item = &'static str> {
    let labels = report.labels.is_none() && is_timeseries(report);
    let keys = [("source", report.source.is_none()), ("labels", labels)];
    keys.into_iter().filter(|(_, lacks)| *lacks).map(|(key, _)| key)
}

/// Whether the report has only a name and a description.
pub(super) fn only_named(report: &Report) -> bool {
    report.fields.is_empty()
        && report.unnamed.is_empty()
        && report.labels.is_none()
        && report.aggregations.is_empty()
        && report.permit.is_none()
        && report.cost.is_none()
        && report.intervals.is_none()
}
