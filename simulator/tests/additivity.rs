//! Charts of metrics that add up and of those that never do, and the lag of their data.

mod common;

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use common::charts::{ALL, body, by_bucket, chart, chart_of, marks, total};
use common::{NOW, example, of_model};
use placewise_model::{Adds, DataLag, Dimension, Model};
use placewise_simulator::SimulatedApi;
use serde_json::{Value, json};

fn model_with(report: &str, adds: Option<Adds>, lag: Option<&str>) -> Model {
    let mut model = common::model();
    let report = model.reports.iter_mut().find(|one| one.name == report).expect("a report");
    report.adds = adds;
    report.data_lag = lag.map(|lag| lag.parse::<DataLag>().expect("a lag"));
    model
}

fn with(report: &str, adds: Option<Adds>) -> SimulatedApi {
    of_model(model_with(report, adds, None)).rows(600).build().expect("an API")
}

/// What is made by adding charts up, and the chart of the whole; both by bucket.
struct Sums {
    of_customers: BTreeMap<String, i64>,
    of_labels: BTreeMap<String, i64>,
    of_days: i64,
    months: BTreeMap<String, i64>,
    /// The months that `of_days` is the sum of.
    of_months: i64,
}

fn sums(api: &SimulatedApi, report: &str, label: &str) -> Sums {
    let monthly = |more: Value| {
        let mut query = json!({"step": "1mo"});
        query.as_object_mut().expect("object").extend(more.as_object().expect("object").clone());
        body(report, ALL, query)
    };
    let mut of_customers = BTreeMap::new();
    for customer in ["id=11", "id=12"] {
        for (mark, value) in by_bucket(&chart_of(api, customer, &monthly(json!({})))) {
            *of_customers.entry(mark).or_default() += value;
        }
    }
    let range = |step: &str| body(report, ["2025-08-31T22:00:00Z", "2025-11-30T22:00:00Z"], json!({"step": step}));
    Sums {
        of_customers,
        of_labels: by_bucket(&chart(api, &monthly(json!({"per": label})))),
        months: by_bucket(&chart(api, &monthly(json!({"per": "total"})))),
        of_days: total(&by_bucket(&chart(api, &range("1d")))),
        of_months: total(&by_bucket(&chart(api, &range("1mo")))),
    }
}

#[test]
fn a_metric_that_adds_up_or_may_do_so_is_the_sum_of_its_parts() {
    let all = Adds { over: Dimension::ALL.to_vec(), ..Adds::default() };
    for adds in [None, Some(all)] {
        let sums = sums(&with("traffic", adds), "traffic", "cargo");
        assert_eq!((&sums.of_customers, &sums.of_labels), (&sums.months, &sums.months));
        assert!(sums.months.len() > 20 && sums.of_days > 0);
    }
}

#[test]
fn a_metric_that_never_adds_up_is_less_than_the_sum_of_its_parts() {
    let unknown = sums(&with("traffic", None), "traffic", "cargo");
    let never = sums(&with("traffic", Some(Adds::default())), "traffic", "cargo");
    assert_eq!(never.months.keys().collect::<Vec<_>>(), unknown.months.keys().collect::<Vec<_>>());
    for parts in [&never.of_customers, &never.of_labels] {
        assert!(parts.iter().all(|(mark, sum)| sum >= &never.months[mark]), "{parts:?} {:?}", never.months);
        assert!(total(parts) > total(&never.months));
    }
    assert!(never.of_days > never.of_months && never.of_months > 0, "{} {}", never.of_days, never.of_months);
    assert!(never.months.iter().all(|(mark, count)| *count > 0 && *count <= unknown.months[mark]));
}

#[test]
fn levels_that_never_add_up_count_each_thing_while_any_row_of_it_exists() {
    let of = |adds: Option<Adds>, customers: &str| {
        by_bucket(&chart_of(&with("balance", adds), customers, &body("balance", ALL, json!({"step": "1mo"}))))
    };
    let (both, rows) = (of(Some(Adds::default()), "all=all"), of(None, "all=all"));
    assert_eq!(rows.values().next_back(), Some(&600));
    // Two neighboring rows are one thing, and each of the two customers has one of the rows.
    assert_eq!(both.values().next_back(), Some(&300));
    let one = of(Some(Adds::default()), "id=11");
    assert_eq!(one.values().next_back(), Some(&300));
    assert!(both.iter().all(|(mark, level)| *level >= 0 && *level <= rows[mark]));
}

#[test]
fn data_appear_in_charts_after_the_lag() {
    let now: jiff::Timestamp = NOW.parse().expect("a timestamp");
    let mut row = example();
    row["sailed_at"] = json!((now - jiff::SignedDuration::from_mins(10)).to_string());
    row["tons_count"] = json!(1);
    let minutes = Arc::new(AtomicI64::new(0));
    let clock = Arc::clone(&minutes);
    let api = of_model(model_with("loads", None, Some("~15 minutes")))
        .data("voyages", [row])
        .clock(move || now + jiff::SignedDuration::from_mins(clock.load(Ordering::Relaxed)))
        .build()
        .expect("an API");
    let query = body("loads", ["2026-01-15T00:00:00Z", "2026-01-16T00:00:00Z"], json!({"step": "1h"}));
    for (later, count) in [(0, 0), (4, 0), (5, 1), (60, 1)] {
        minutes.store(later, Ordering::Relaxed);
        assert_eq!(total(&by_bucket(&chart(&api, &query))), count, "{later} minutes later");
    }
}

#[test]
fn levels_end_where_the_latest_data_do() {
    let last = |lag: Option<&str>| {
        let api = of_model(model_with("fleet", None, lag)).build().expect("an API");
        let query = body("fleet", ["2026-01-15T08:00:00Z", "2026-01-15T14:00:00Z"], json!({"step": "5m"}));
        marks(&chart(&api, &query)).pop().expect("a bucket")
    };
    // The clock stands at 13:00 in Oslo.
    assert_eq!(last(None), "2026-01-15T13:00:00.000+01:00");
    assert_eq!(last(Some("~15 minutes")), "2026-01-15T12:45:00.000+01:00");
    assert_eq!(last(Some("2 hours")), "2026-01-15T11:00:00.000+01:00");
}
