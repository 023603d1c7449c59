//! Customers of several zones: what a chart shows depends on those that are asked for and on no others, and every series has a label and
//! a zone that no other has.

mod common;

use std::collections::BTreeSet;

use common::charts::{ALL, body, by_bucket, chart, chart_of, marks, sum_of, total};
use common::simulator;
use placewise_simulator::Simulator;
use serde_json::json;

fn three() -> Simulator {
    simulator().customers([11, 12, 13]).customer_zone(11, "America/Denver")
}

#[test]
fn levels_end_at_the_time_of_customers_that_are_asked_for() {
    let alone = three().start().expect("start");
    // At noon of UTC it is the next day there.
    let beside = three().customer_zone(13, "Pacific/Kiritimati").start().expect("start");
    let query = body("fleet", ["2026-01-14T00:00:00Z", "2026-01-17T00:00:00Z"], json!({"step": "1h"}));
    let answer = chart_of(&beside, "id=11_12", &query);
    assert_eq!(answer, chart_of(&alone, "id=11_12", &query));
    assert_eq!(marks(&answer).last().map(String::as_str), Some("2026-01-15T13:00:00.000"), "one o'clock in Oslo");
    let all = chart(&beside, &query);
    assert_eq!(marks(&all).last().map(String::as_str), Some("2026-01-16T02:00:00.000"));
}

#[test]
fn a_report_without_customers_has_a_series_for_each_zone() {
    let mut model = common::model();
    for report in model.reports.iter_mut().filter(|report| ["traffic", "fleet"].contains(&report.name.as_str())) {
        report.fields.retain(|field| field.name != "harbour_id");
    }
    let now = || common::NOW.parse().expect("an instant");
    let served = Simulator::new(model).rows(60).now(now).customers([11, 12, 13]);
    let server = served.customer_zone(12, "America/Denver").start().expect("start");
    let whole = three().customer_zone(11, "Europe/Oslo").customer_zone(12, "America/Denver").start().expect("start");
    for (subject, labels) in [("fleet", 1), ("traffic", 2)] {
        let query = body(subject, ALL, json!({"step": "1mo"}));
        let answer = chart(&server, &query);
        let lines = answer["lines"].as_array().expect("series");
        let kinds: BTreeSet<String> = lines.iter().map(|line| format!("{} {}", line["tag"], line["clock"])).collect();
        assert_eq!((kinds.len(), lines.len()), (2 * labels, 2 * labels), "{answer}");
        let clocks: BTreeSet<&str> = lines.iter().filter_map(|line| line["clock"].as_str()).collect();
        assert_eq!(clocks.len(), 2);
        assert!(lines.iter().all(|line| line["tag"].get("harbour_id").is_none()));
        assert_eq!(by_bucket(&answer), by_bucket(&chart(&whole, &query)), "nothing is lost");
    }
    let traffic = chart(&server, &body("traffic", ALL, json!({"step": "1mo"})));
    assert_eq!(sum_of(&traffic, r#""in""#) - sum_of(&traffic, r#""out""#), 60);
    assert!(total(&by_bucket(&traffic)) > 60);
}
