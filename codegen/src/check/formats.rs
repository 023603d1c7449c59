//! Rule: the formats can be asked and their answers read: each has an endpoint, its keys differ, and the intervals of timeseries are told
//! from the finest to the coarsest.

use std::collections::HashMap;

use placewise_model::{Period, Setting, TimeseriesFormat, Unit};

use super::{Check, Rule};
use crate::finding::Finding;
use crate::resolve::Draft;
use crate::source::{Doc, FormatsFile, Spec};
use crate::suggest;

pub(super) const RULE: Rule = Rule {
    codes: &["dangling-reference", "format-endpoint", "same-key", "interval-order", "interval-kept", "auto", "limit"],
    description: "A client picks intervals, counts time points and reads keys by what formats.yaml says, so that must hang together.",
    check: Check::Whole(check),
};

fn check(draft: &Draft, spec: &Spec, findings: &mut Vec<Finding>) {
    let Some(doc) = &spec.formats else { return };
    // Endpoints that could not be read were told already.
    if spec.endpoints.is_some() {
        endpoints(draft, doc, findings);
    }
    keys(draft, doc, findings);
    if let Some(format) = &draft.timeseries {
        intervals(format, doc, findings);
        auto(format, doc, findings);
        for (key, limit) in [("most_time_points", format.most_time_points), ("most_data_points", format.most_data_points)] {
            if limit == 0 {
                findings.push(
                    Finding::error("limit", format!("`{key}` is 0, so that nothing could be asked"))
                        .at(doc.at(&["timeseries", key]))
                        .help("write the number that the page states"),
                );
            }
        }
    }
}

/// What asks a query: a known endpoint that takes a body and whose path has nothing to fill in.
fn endpoints(draft: &Draft, doc: &Doc<FormatsFile>, findings: &mut Vec<Finding>) {
    let asked = [
        ("records", draft.records.as_ref().map(|format| &format.endpoint)),
        ("timeseries", draft.timeseries.as_ref().map(|format| &format.endpoint)),
        ("statistics", draft.statistics.as_ref().map(|format| &format.endpoint)),
    ];
    for (format, name) in asked.into_iter().filter_map(|(format, name)| Some((format, name?))) {
        let at = doc.at(&[format, "endpoint"]);
        let Some(endpoint) = draft.endpoints.iter().find(|endpoint| endpoint.name == *name) else {
            let names: Vec<&str> = draft.endpoints.iter().map(|endpoint| endpoint.name.as_str()).collect();
            let finding = Finding::error("dangling-reference", format!("no endpoint is called `{name}`")).at(at);
            findings.push(suggest::help(finding, name, &names));
            continue;
        };
        let braces = endpoint.path.value.as_ref().is_some_and(|path| path.contains('{'));
        if endpoint.method != "POST" || braces {
            findings.push(
                Finding::error("format-endpoint", format!("the endpoint `{name}` cannot be asked with a query"))
                    .at(at)
                    .help("a query is a body that is sent by POST to a path without names in braces"),
            );
        }
    }
}

/// Two things under one key of an object could not be told apart.
fn keys(draft: &Draft, doc: &Doc<FormatsFile>, findings: &mut Vec<Finding>) {
    if let Some(format) = &draft.records {
        let request = [
            ("report", &format.report_key),
            ("filter", &format.filter_key),
            ("aggregation", &format.aggregation_key),
            ("cursor", &format.cursor_key),
            ("page_size", &format.page_size_key),
        ];
        distinct("records", "request", &request.map(value), doc, findings);
        let response =
            [("rows", &*format.rows_key), ("pagination", &format.pagination_key), ("result_type", &format.result_type_key)];
        distinct("records", "response", &response, doc, findings);
    }
    if let Some(format) = &draft.timeseries {
        let request = [
            ("report", &format.report_key),
            ("filter", &format.filter_key),
            ("aggregation", &format.aggregation_key),
            ("interval", &format.interval_key),
            ("from", &format.from_key),
            ("to", &format.to_key),
        ];
        distinct("timeseries", "request", &request.map(value), doc, findings);
        let response = [
            ("interval", &*format.used_interval_key),
            ("zone", &format.zone_key),
            ("buckets", &format.buckets_key),
            ("series", &format.series_key),
            ("data_points", &format.data_points_key),
            ("result_type", &format.result_type_key),
        ];
        distinct("timeseries", "response", &response, doc, findings);
        let series = [("label", &*format.label_key), ("values", &format.values_key), ("series_zone", &format.series_zone_key)];
        distinct("timeseries", "response", &series, doc, findings);
    }
    if let Some(format) = &draft.statistics {
        let request = [
            ("report", &format.report_key),
            ("filter", &format.filter_key),
            ("aggregation", &format.aggregation_key),
            ("from", &format.from_key),
            ("to", &format.to_key),
        ];
        distinct("statistics", "request", &request.map(value), doc, findings);
    }
}

fn value<'a>((name, key): (&'static str, &'a Setting<String>)) -> (&'static str, &'a str) {
    (name, &key.value)
}

fn distinct(format: &str, part: &str, keys: &[(&str, &str)], doc: &Doc<FormatsFile>, findings: &mut Vec<Finding>) {
    let mut seen: HashMap<&str, &str> = HashMap::new();
    for (name, key) in keys {
        let at = doc.at(&[format, part, name]);
        if key.is_empty() {
            findings.push(Finding::error("same-key", "a key needs a name").at(at));
        } else if let Some(first) = seen.insert(key, name) {
            findings.push(
                Finding::error("same-key", format!("`{first}` and `{name}` of {format} have the same key `{key}`"))
                    .at(at)
                    .related(doc.at(&[format, part, first]), "the other")
                    .help("a key that rests on an assumption has the value that assumptions.yaml gives"),
            );
        }
    }
}

/// A length in minutes, for telling the longer of two only: months and years are taken at their mean.
fn minutes(span: Period) -> u64 {
    let one = match span.unit {
        Unit::Minute => 1,
        Unit::Hour => 60,
        Unit::Day => 1_440,
        Unit::Week => 10_080,
        Unit::Month => 43_829,
        Unit::Year => 525_948,
    };
    one * u64::from(span.count)
}

fn intervals(format: &TimeseriesFormat, doc: &Doc<FormatsFile>, findings: &mut Vec<Finding>) {
    let at = |name: &str, key: &str| doc.at(&["timeseries", "intervals", name, key]);
    if format.intervals.is_empty() {
        findings.push(
            Finding::error("interval-order", "the timeseries format has no interval").at(doc.at(&["timeseries", "intervals"])),
        );
    }
    for pair in format.intervals.windows(2) {
        if minutes(pair[0].bucket_length) >= minutes(pair[1].bucket_length) {
            findings.push(
                Finding::error("interval-order", format!("`{}` is not coarser than `{}`", pair[1].name, pair[0].name))
                    .at(at(&pair[1].name, "every"))
                    .related(at(&pair[0].name, "every"), "the one before it")
                    .help("list intervals from the finest to the coarsest, each length once"),
            );
        }
    }
    for interval in &format.intervals {
        if interval.name.is_empty() || interval.name == format.auto.name {
            findings.push(
                Finding::error("auto", format!("`{}` cannot be the name of an interval", interval.name))
                    .at(doc.at_key(&["timeseries", "intervals", &interval.name]))
                    .help("an interval needs a name that is not the word for choosing one"),
            );
        }
        if let Some(retention) = interval.retention.filter(|retention| minutes(*retention) < minutes(interval.bucket_length)) {
            findings.push(
                Finding::error("interval-kept", format!("`{}` is kept for {retention}, less than one bucket", interval.name))
                    .at(at(&interval.name, "kept"))
                    .related(at(&interval.name, "every"), "the length of a bucket"),
            );
        }
    }
}

fn auto(format: &TimeseriesFormat, doc: &Doc<FormatsFile>, findings: &mut Vec<Finding>) {
    let names: Vec<&str> = format.intervals.iter().map(|interval| interval.name.as_str()).collect();
    let mut known = |name: &str, path: &[&str]| {
        if !names.contains(&name) {
            let finding = Finding::error("dangling-reference", format!("no interval is called `{name}`")).at(doc.at(path));
            findings.push(suggest::help(finding, name, &names));
        }
    };
    for (index, step) in format.auto.steps.iter().enumerate() {
        known(&step.interval, &["timeseries", "auto", "steps", &index.to_string(), "interval"]);
    }
    known(&format.auto.otherwise, &["timeseries", "auto", "otherwise"]);
    for (index, pair) in format.auto.steps.windows(2).enumerate() {
        if minutes(pair[0].up_to) >= minutes(pair[1].up_to) {
            findings.push(
                Finding::error(
                    "auto",
                    format!("a step up to {} after one up to {} is never reached", pair[1].up_to, pair[0].up_to),
                )
                .at(doc.at(&["timeseries", "auto", "steps", &(index + 1).to_string(), "up_to"]))
                .help("list steps from the shortest range to the longest"),
            );
        }
    }
}
