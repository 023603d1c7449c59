//! Rule: a report has only keys of its format. Intervals, data lag and labels belong to timeseries, returned fields to the other formats;
//! intervals exist in the format.

use placewise_model::{Coverage, Format, Report};

use crate::check::rule::Rule;
use crate::finding::{Finding, codes, suggest};
use crate::resolve::UncheckedModel;
use crate::source::{Doc, ReportFile};

pub(crate) const RULE: Rule = Rule::Report(check);

fn check(report: &Report, doc: &Doc<ReportFile>, unchecked: &UncheckedModel, findings: &mut Vec<Finding>) {
    // An unreadable format has a finding already.
    if doc.says_at(&["format"], report.format.word()) {
        keys(report, doc, findings);
    }
    if let (Some(names), Some(format)) = (&report.intervals, &unchecked.timeseries) {
        let known: Vec<&str> = format.intervals.iter().map(|interval| interval.name.as_str()).collect();
        intervals(names, &known, doc, findings);
    }
    if !report.unnamed.is_empty() && report.coverage != Coverage::Partial {
        findings.push(
            Finding::new(
                codes::UNNAMED,
                format!("a report with coverage `{}` cannot have unnamed fields", report.coverage.word()),
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
            Finding::new(codes::FORMAT_KEY, format!("`{key}` does not belong to the {word} format"))
                .at(doc.at_key(path))
                .help(help),
        );
    };
    let file = &doc.value;
    if report.format != Format::Timeseries {
        let keys =
            [("intervals", file.intervals.is_some()), ("data_lag", file.data_lag.is_some()), ("labels", file.labels.is_some())];
        for (key, _) in keys.into_iter().filter(|(_, there)| *there) {
            say(&[key], "remove it; only timeseries have it");
        }
    }
    for (name, aggregation) in &file.aggregations {
        if report.format == Format::Timeseries && !aggregation.returns.is_empty() {
            say(&["aggregations", name, "returns"], "write `labels`; an aggregation of timeseries has no `returns`");
        }
        if report.format != Format::Timeseries && aggregation.labels.is_some() {
            say(&["aggregations", name, "labels"], "write `returns`; only timeseries have `labels`");
        }
    }
}

fn intervals(names: &[String], known: &[&str], doc: &Doc<ReportFile>, findings: &mut Vec<Finding>) {
    if names.is_empty() && !doc.lost_within(&["intervals"]) {
        findings.push(
            Finding::new(codes::OFFERED_INTERVALS, "the report has no interval")
                .at(doc.at_key(&["intervals"]))
                .help("list the intervals that its page names, or remove `intervals` if no page names any"),
        );
    }
    let mut last = None;
    for (index, name) in names.iter().enumerate() {
        let at = || doc.at(&["intervals", &index.to_string()]);
        let place = known.iter().position(|known| known == name);
        if place.is_none() {
            let finding = Finding::new(codes::DANGLING_REFERENCE, format!("formats.yaml has no interval `{name}`")).at(at());
            findings.push(suggest(finding, name, known));
        } else if last >= place {
            findings.push(
                Finding::new(codes::OFFERED_INTERVALS, format!("`{name}` is out of order or a duplicate"))
                    .at(at())
                    .help("list each interval once, from finest to coarsest"),
            );
        }
        last = last.max(place);
    }
}
