//! Functions that request charts and read them.

use std::collections::BTreeMap;

use placewise_simulator::SimulatedApi;
use serde_json::{Value, json};

use super::{CHART, post};

/// A range that contains all events.
pub const ALL: [&str; 2] = ["2020-01-01T00:00:00.000Z", "2026-01-15T12:00:00.000Z"];

pub fn body(subject: &str, [since, until]: [&str; 2], more: Value) -> Value {
    let mut body = json!({"subject": subject, "since": since, "until": until});
    body.as_object_mut().expect("object").extend(more.as_object().expect("object").clone());
    body
}

pub fn chart_of(api: &SimulatedApi, customers: &str, body: &Value) -> Value {
    let (status, reply) = post(api, CHART, customers, body);
    assert_eq!(status, 200, "{body}: {reply}");
    let points: usize = series(&reply).iter().map(|(_, values)| values.len()).sum();
    assert_eq!(reply["points"], points, "{reply}");
    reply
}

pub fn chart(api: &SimulatedApi, body: &Value) -> Value {
    chart_of(api, "all=all", body)
}

pub fn marks(reply: &Value) -> Vec<String> {
    reply["marks"].as_array().expect("marks").iter().map(|mark| mark.as_str().expect("text").to_owned()).collect()
}

/// Per series: its label as text, and its non-null values by bucket.
pub fn series(reply: &Value) -> Vec<(String, BTreeMap<String, i64>)> {
    let marks = marks(reply);
    assert!(marks.is_sorted());
    let one = |series: &Value| {
        let values = series["heights"].as_array().expect("values");
        assert_eq!(values.len(), marks.len());
        let values = marks.iter().cloned().zip(values).filter_map(|(mark, value)| Some((mark, value.as_i64()?)));
        (series["tag"].to_string(), values.collect())
    };
    reply["lines"].as_array().expect("series").iter().map(one).collect()
}

/// The sum over all series by bucket.
pub fn by_bucket(reply: &Value) -> BTreeMap<String, i64> {
    let mut sums = BTreeMap::new();
    for (_, values) in series(reply) {
        values.into_iter().for_each(|(mark, value)| *sums.entry(mark).or_default() += value);
    }
    sums
}

pub fn total(values: &BTreeMap<String, i64>) -> i64 {
    values.values().sum()
}

pub fn sum_of(reply: &Value, tag: &str) -> i64 {
    series(reply).iter().filter(|(label, _)| label.contains(tag)).map(|(_, values)| total(values)).sum()
}
