//! Rule: every format has an endpoint and distinct keys, and the intervals of timeseries are sorted from finest to coarsest.

use placewise_model::{Period, RequestKeys, TimeseriesFormat, Unit};

use super::endpoints::METHODS;
use crate::check::distinct::distinct;
use crate::check::rule::Rule;
use crate::check::text_forms::{is_zone, zone_help};
use crate::finding::{Finding, codes, dangling};
use crate::resolve::UncheckedModel;
use crate::source::{Doc, Spec};

pub(crate) const RULE: Rule = Rule::Whole(check);

fn check(unchecked: &UncheckedModel, spec: &Spec, findings: &mut Vec<Finding>) {
    let Some(doc) = &spec.formats else { return };
    // Unreadable endpoints have a finding already.
    if spec.endpoints.is_some() {
        endpoints(unchecked, spec, doc, findings);
    }
    keys(unchecked, doc, findings);
    zones(unchecked, spec, doc, findings);
    if let Some(format) = &unchecked.timeseries {
        intervals(format, doc, findings);
        auto(format, doc, findings);
        for (key, limit) in [("most_time_points", format.most_time_points), ("most_data_points", format.most_data_points)] {
            if limit == 0 {
                findings.push(
                    Finding::new(codes::LIMIT, format!("`{key}` is 0, which allows no query"))
                        .at(doc.at(&["timeseries", key]))
                        .help("write the number on the page"),
                );
            }
        }
    }
}

/// A query needs an endpoint that accepts a body and has no names in its path.
fn endpoints(unchecked: &UncheckedModel, spec: &Spec, doc: &Doc, findings: &mut Vec<Finding>) {
    let endpoints = [
        ("records", unchecked.records.as_ref().map(|format| &format.endpoint)),
        ("timeseries", unchecked.timeseries.as_ref().map(|format| &format.endpoint)),
        ("statistics", unchecked.statistics.as_ref().map(|format| &format.endpoint)),
    ];
    for (format, name) in endpoints.into_iter().filter_map(|(format, name)| Some((format, name?))) {
        let at = doc.at(&[format, "endpoint"]);
        let Some(endpoint) = unchecked.endpoints.iter().find(|endpoint| endpoint.name == *name) else {
            if spec.endpoints.as_ref().is_some_and(|doc| doc.lost(&["endpoints", name])) {
                continue;
            }
            let names: Vec<&str> = unchecked.endpoints.iter().map(|endpoint| endpoint.name.as_str()).collect();
            findings.push(dangling(format!("endpoints.yaml has no endpoint `{name}`"), at, name, &names));
            continue;
        };
        let braces = endpoint.path.value.as_ref().is_some_and(|path| path.contains('{'));
        // What is no method has a finding of its own.
        let post = endpoint.method == "POST" || !METHODS.contains(&endpoint.method.as_str());
        if !post || braces {
            let finding = Finding::new(codes::FORMAT_ENDPOINT, format!("the endpoint `{name}` cannot receive queries")).at(at);
            let finding = finding.help("name an endpoint with method POST and without names in braces in its path");
            let key = if post { "path" } else { "method" };
            findings.push(match &spec.endpoints {
                Some(doc) => finding.related(doc.at(&["endpoints", name, key]), "the endpoint"),
                None => finding,
            });
        }
    }
}

/// Clients and the simulator look zones up by name.
fn zones(unchecked: &UncheckedModel, spec: &Spec, doc: &Doc, findings: &mut Vec<Finding>) {
    let zoneless = unchecked.records.as_ref().map(|format| &format.zoneless_timestamps_in);
    let example = unchecked.timeseries.as_ref().and_then(|format| format.response.example_zone.as_ref());
    let assumed = zoneless.and_then(|setting| setting.assumption.as_ref()).zip(spec.assumptions.as_ref());
    let zones = [
        (zoneless.map(|setting| &setting.value), ["records", "zoneless_timestamps_in"].as_slice(), assumed),
        (example, &["timeseries", "response", "example_zone"], None),
    ];
    for (zone, path, assumed) in zones.into_iter().filter_map(|(zone, path, assumed)| Some((zone?, path, assumed))) {
        if !is_zone(zone) {
            let at = match assumed {
                Some((id, assumptions)) => assumptions.at(&["assumptions", id, "value"]),
                None => doc.at(path),
            };
            let finding = Finding::new(codes::WRONG_VALUE, format!("`{zone}` is not a time zone")).at(at);
            findings.push(finding.help(zone_help(zone)));
        }
    }
}

/// The keys of one object must differ.
fn keys(unchecked: &UncheckedModel, doc: &Doc, findings: &mut Vec<Finding>) {
    if let Some(format) = &unchecked.records {
        requests("records", &format.request.keys(), doc, findings);
        let response = [
            ("rows", &*format.response.rows),
            ("pagination", &format.response.pagination),
            ("result_type", &format.response.result_type),
        ];
        distinct_keys("records", &["records", "response"], &response, doc, findings);
    }
    if let Some(format) = &unchecked.timeseries {
        requests("timeseries", &format.request.keys(), doc, findings);
        let response = [
            ("interval", &*format.response.interval),
            ("zone", &format.response.zone),
            ("buckets", &format.response.buckets),
            ("series", &format.response.series),
            ("data_points", &format.response.data_points),
            ("result_type", &format.response.result_type),
        ];
        distinct_keys("timeseries", &["timeseries", "response"], &response, doc, findings);
        let series = [
            ("label", &*format.response.label),
            ("values", &format.response.values),
            ("series_zone", &format.response.series_zone),
        ];
        distinct_keys("timeseries", &["timeseries", "response"], &series, doc, findings);
    }
    if let Some(format) = &unchecked.statistics {
        requests("statistics", &format.request.keys(), doc, findings);
    }
}

fn requests(format: &str, keys: &RequestKeys<'_>, doc: &Doc, findings: &mut Vec<Finding>) {
    let keys: Vec<_> = keys.iter().map(|(key, setting)| (key.word(), setting.value.as_str())).collect();
    distinct_keys(format, &[format, "request"], &keys, doc, findings);
}

/// The keys of `what`, which stand at a path, are neither empty nor the same.
pub(super) fn distinct_keys(what: &str, path: &[&str], keys: &[(&str, &str)], doc: &Doc, findings: &mut Vec<Finding>) {
    let (empty, keys): (Vec<_>, Vec<_>) =
        keys.iter().map(|(name, key)| (*key, *name, doc.at(&[path, &[name]].concat()))).partition(|(key, ..)| key.is_empty());
    for (.., at) in empty {
        findings.push(Finding::new(codes::SAME_KEY, "a key cannot be empty").at(at).help("write the key of the wire"));
    }
    let same = |key: &&str, first: &str, name: &str| {
        Finding::new(codes::SAME_KEY, format!("in {what}, `{first}` and `{name}` both use the key `{key}`"))
            .help("change one of them; the value of an assumed key is in assumptions.yaml")
    };
    distinct(keys, same, findings);
}

/// A length in minutes, only to compare two: months and years have their mean length.
fn minutes(period: Period) -> u64 {
    let one = match period.unit {
        Unit::Minute => 1,
        Unit::Hour => 60,
        Unit::Day => 1_440,
        Unit::Week => 10_080,
        Unit::Month => 43_829,
        Unit::Year => 525_948,
    };
    one * u64::from(period.count)
}

fn intervals(format: &TimeseriesFormat, doc: &Doc, findings: &mut Vec<Finding>) {
    let at = |name: &str, key: &str| doc.at(&["timeseries", "intervals", name, key]);
    if format.intervals.is_empty() {
        findings.push(
            Finding::new(codes::INTERVAL_ORDER, "the timeseries format has no intervals")
                .at(doc.at(&["timeseries", "intervals"]))
                .help("list the intervals of the page"),
        );
    }
    for pair in format.intervals.windows(2) {
        if minutes(pair[0].bucket_length) >= minutes(pair[1].bucket_length) {
            findings.push(
                Finding::new(codes::INTERVAL_ORDER, format!("`{}` is not coarser than `{}`", pair[1].name, pair[0].name))
                    .at(at(&pair[1].name, "bucket_length"))
                    .related(at(&pair[0].name, "bucket_length"), "the previous one")
                    .help("list intervals from finest to coarsest, each with a different length"),
            );
        }
    }
    for interval in &format.intervals {
        if interval.name.is_empty() || interval.name == format.auto.name {
            findings.push(
                Finding::new(codes::AUTO, format!("`{}` cannot be the name of an interval", interval.name))
                    .at(doc.at_key(&["timeseries", "intervals", &interval.name]))
                    .related(doc.at(&["timeseries", "auto", "name"]), "the name of `auto`")
                    .help("use a name that is neither empty nor the name of `auto`"),
            );
        }
        if let Some(retention) = interval.retention.0.filter(|retention| minutes(*retention) < minutes(interval.bucket_length)) {
            findings.push(
                Finding::new(
                    codes::INTERVAL_RETENTION,
                    format!("`{}` has a retention of {retention}, shorter than one bucket", interval.name),
                )
                .at(at(&interval.name, "retention"))
                .related(at(&interval.name, "bucket_length"), "the length of a bucket")
                .help("correct one of the two"),
            );
        }
    }
}

fn auto(format: &TimeseriesFormat, doc: &Doc, findings: &mut Vec<Finding>) {
    let names: Vec<&str> = format.intervals.iter().map(|interval| interval.name.as_str()).collect();
    let mut known = |name: &str, path: &[&str]| {
        if !names.contains(&name) && !doc.lost(&["timeseries", "intervals", name]) {
            findings.push(dangling(format!("formats.yaml has no interval `{name}`"), doc.at(path), name, &names));
        }
    };
    for (index, step) in format.auto.steps.iter().enumerate() {
        known(&step.interval, &["timeseries", "auto", "steps", &index.to_string(), "interval"]);
    }
    known(&format.auto.otherwise, &["timeseries", "auto", "otherwise"]);
    for (index, pair) in format.auto.steps.windows(2).enumerate() {
        if minutes(pair[0].up_to) >= minutes(pair[1].up_to) {
            findings.push(
                Finding::new(
                    codes::AUTO,
                    format!(
                        "the step up to {} is never used, because the one up to {} comes first",
                        pair[1].up_to, pair[0].up_to
                    ),
                )
                .at(doc.at(&["timeseries", "auto", "steps", &(index + 1).to_string(), "up_to"]))
                .help("sort steps from the shortest range to the longest"),
            );
        }
    }
}
