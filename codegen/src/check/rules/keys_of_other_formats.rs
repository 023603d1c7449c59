//! Rule: a report has only keys of its format. Intervals, data lag, additivity and labels belong to timeseries, returned fields to the other formats;
//! intervals exist in the format.

use placewise_model::{Coverage, Format, Report};

use crate::check::rule::Rule;
use crate::finding::{Finding, codes, dangling};
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
    let file = &doc.value;
    let timeseries = report.format == Format::Timeseries;
    let mut odd: Vec<(Vec<&str>, &str)> = Vec::new();
    let only = "remove it; only timeseries have it";
    let keys = [
        ("intervals", file.intervals.is_some(), only),
        ("data_lag", file.data_lag.is_some(), only),
        ("adds", file.adds.is_some(), "write it at each field that it is true of"),
        ("labels", file.labels.is_some(), only),
    ];
    odd.extend(keys.into_iter().filter(|(_, there, _)| *there && !timeseries).map(|(key, _, help)| (vec![key], help)));
    for (name, aggregation) in &file.aggregations {
        if timeseries && !aggregation.returns.is_empty() {
            let help = "write `labels`; an aggregation of timeseries has no `returns`";
            odd.push((vec!["aggregations", name, "returns"], help));
        }
        if !timeseries && aggregation.labels.is_some() {
            odd.push((vec!["aggregations", name, "labels"], "write `returns`; only timeseries have `labels`"));
        }
    }
    let word = report.format.word();
    let finding = |key: &str| Finding::new(codes::FORMAT_KEY, format!("`{key}` does not belong to the {word} format"));
    match &odd[..] {
        [] => {}
        [(path, help)] => {
            findings.push(finding(path.last().copied().unwrap_or_default()).at(doc.at_key(path)).help(*help));
        }
        // The format is the one that is wrong.
        many => {
            let paths: Vec<String> = many.iter().map(|(path, _)| path.join(".")).collect();
            let other = if timeseries { Format::Records } else { Format::Timeseries };
            let message = format!("the {word} format has none of the keys `{}`", paths.join("`, `"));
            let help = format!("write `format: {}`, or remove the keys", other.word());
            findings.push(Finding::new(codes::FORMAT_KEY, message).at(doc.at(&["format"])).help(help));
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
            findings.push(dangling(format!("formats.yaml has no interval `{name}`"), at(), name, known));
        } else if last > place && !names[..index].contains(name) {
            findings.push(
                Finding::new(codes::OFFERED_INTERVALS, format!("`{name}` is out of order"))
                    .at(at())
                    .help("list intervals from finest to coarsest"),
            );
        }
        last = last.max(place);
    }
}
