//! Asking for charts and reading them.

use std::collections::BTreeMap;

use placewise_simulator::Server;
use serde_json::{Value, json};

use super::{CHART, post};

/// One range that holds everything: 150 months do.
pub const ALL: [&str; 2] = ["2020-01-01T00:00:00.000Z", "2026-01-15T12:00:00.000Z"];

pub fn body(subject: &str, [since, until]: [&str; 2], more: Value) -> Value {
    let mut body = json!({"subject": subject, "since": since, "until": until});
    body.as_object_mut().expect("object").extend(more.as_object().expect("object").clone());
    body
}

pub fn chart_of(server: &Server, customers: &str, body: &Value) -> Value {
    let (status, answer) = post(server, CHART, customers, body);
    assert_eq!(status, 200, "{body}: {answer}");
    let points: usize = series(&answer).iter().map(|(_, values)| values.len()).sum();
    assert_eq!(answer["points"], points, "{answer}");
    answer
}

pub fn chart(server: &Server, body: &Value) -> Value {
    chart_of(server, "all=all", body)
}

pub fn marks(answer: &Value) -> Vec<String> {
    answer["marks"].as_array().expect("marks").iter().map(|mark| mark.as_str().expect("text").to_owned()).collect()
}

/// Labels as text, and the values that are not null by their bucket.
pub fn series(answer: &Value) -> Vec<(String, BTreeMap<String, i64>)> {
    let marks = marks(answer);
    assert!(marks.is_sorted());
    let one = |series: &Value| {
        let values = series["heights"].as_array().expect("values");
        assert_eq!(values.len(), marks.len());
        let values = marks.iter().cloned().zip(values).filter_map(|(mark, value)| Some((mark, value.as_i64()?)));
        (series["tag"].to_string(), values.collect())
    };
    answer["lines"].as_array().expect("series").iter().map(one).collect()
}

/// The sum over all series, by bucket.
pub fn by_bucket(answer: &Value) -> BTreeMap<String, i64> {
    let mut sums = BTreeMap::new();
    for (_, values) in series(answer) {
        values.into_iter().for_each(|(mark, value)| *sums.entry(mark).or_default() += value);
    }
    sums
}

pub fn total(values: &BTreeMap<String, i64>) -> i64 {
    values.values().sum()
}

pub fn sum_of(answer: &Value, tag: &str) -> i64 {
    series(answer).iter().filter(|(label, _)| label.contains(tag)).map(|(_, values)| total(values)).sum()
}
