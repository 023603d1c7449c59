//! Rule: a report says only what its format has: intervals, lag and labels belong to timeseries, returned fields to the others; and it
//! offers intervals that the format knows.

use placewise_model::{Coverage, Format, Report};

use super::{Check, Rule};
use crate::finding::Finding;
use crate::resolve::Draft;
use crate::source::{Doc, ReportFile};
use crate::suggest;

pub(super) const RULE: Rule = Rule {
    codes: &["format-key", "dangling-reference", "offered-intervals", "unnamed"],
    description: "What a format does not have would be read by nobody; an interval that no one knows could not be asked for.",
    check: Check::Report(check),
};

fn check(report: &Report, doc: &Doc<ReportFile>, draft: &Draft, findings: &mut Vec<Finding>) {
    // A format that could not be read was told already.
    if doc.says("format", report.format.word()) {
        keys(report, doc, findings);
    }
    if let (Some(names), Some(format)) = (&report.intervals, &draft.timeseries) {
        let known: Vec<&str> = format.intervals.iter().map(|interval| interval.name.as_str()).collect();
        intervals(names, &known, doc, findings);
    }
    if !report.unnamed.is_empty() && report.coverage != Coverage::Partial {
        findings.push(
            Finding::error(
                "unnamed",
                format!("a report whose coverage is {} has no fields without names", report.coverage.word()),
            )
            .at(doc.at_key(&["unnamed"]))
            .help("write `coverage: partial`"),
        );
    }
}

fn keys(report: &Report, doc: &Doc<ReportFile>, findings: &mut Vec<Finding>) {
    let word = report.format.word();
    let mut say = |path: &[&str], help: &str| {
        let key = path.last().copied().unwrap_or_default();
        findings.push(
            Finding::error("format-key", format!("`{key}` does not belong to the {word} format")).at(doc.at_key(path)).help(help),
        );
    };
    let file = &doc.value;
    if report.format != Format::Timeseries {
        let keys =
            [("intervals", file.intervals.is_some()), ("data_lag", file.data_lag.is_some()), ("labels", file.labels.is_some())];
        for (key, _) in keys.into_iter().filter(|(_, there)| *there) {
            say(&[key], "only timeseries have it");
        }
    }
    for (name, aggregation) in &file.aggregations {
        if report.format == Format::Timeseries && !aggregation.returns.is_empty() {
            say(&["aggregations", name, "returns"], "an aggregation of timeseries has `labels` in place of `returns`");
        }
        if report.format != Format::Timeseries && aggregation.labels.is_some() {
            say(&["aggregations", name, "labels"], "only timeseries have labels; write `returns`");
        }
    }
}

fn intervals(names: &[String], known: &[&str], doc: &Doc<ReportFile>, findings: &mut Vec<Finding>) {
    if names.is_empty() {
        findings.push(
            Finding::error("offered-intervals", "the report offers no interval")
                .at(doc.at_key(&["intervals"]))
                .help("list those that its page names, or leave `intervals` out where no page says"),
        );
    }
    let mut last = None;
    for (index, name) in names.iter().enumerate() {
        let at = || doc.at(&["intervals", &index.to_string()]);
        let place = known.iter().position(|known| known == name);
        if place.is_none() {
            let finding = Finding::error("dangling-reference", format!("no interval is called `{name}`")).at(at());
            findings.push(suggest::help(finding, name, known));
        } else if last >= place {
            findings.push(
                Finding::error("offered-intervals", format!("`{name}` stands out of order, or twice"))
                    .at(at())
                    .help("list intervals from the finest to the coarsest, each once"),
            );
        }
        last = last.max(place);
    }
}
