//! Customers in several time zones: a chart depends only on the customers of the query, and series of different zones stay apart.

mod common;

use std::collections::BTreeSet;

use common::charts::{ALL, body, by_bucket, chart, chart_of, marks, sum_of, total};
use common::{of_model, simulator};
use placewise_simulator::Simulator;
use serde_json::json;

fn three_customers() -> Simulator {
    simulator().customers([11, 12, 13]).customer_zone(11, "America/Denver")
}

#[test]
fn levels_end_at_the_latest_local_time_of_the_querys_customers() {
    let alone = three_customers().build().expect("an API");
    // At noon UTC the next day has begun there.
    let beside = three_customers().customer_zone(13, "Pacific/Kiritimati").build().expect("an API");
    let query = body("fleet", ["2026-01-14T00:00:00Z", "2026-01-17T00:00:00Z"], json!({"step": "1h"}));
    let reply = chart_of(&beside, "id=11_12", &query);
    assert_eq!(reply, chart_of(&alone, "id=11_12", &query));
    assert_eq!(marks(&reply).last().map(String::as_str), Some("2026-01-15T13:00:00.000"), "one o'clock in Oslo");
    let all = chart(&beside, &query);
    assert_eq!(marks(&all).last().map(String::as_str), Some("2026-01-16T02:00:00.000"));
}

#[test]
fn a_report_without_customer_field_has_one_series_per_zone() {
    let mut model = common::model();
    for report in model.reports.iter_mut().filter(|report| ["traffic", "fleet"].contains(&report.name.as_str())) {
        report.fields.retain(|field| field.name != "harbour_id");
    }
    let api = of_model(model).customers([11, 12, 13]).customer_zone(12, "America/Denver").build().expect("an API");
    let whole = three_customers().customer_zone(11, "Europe/Oslo").customer_zone(12, "America/Denver").build().expect("an API");
    for (subject, labels) in [("fleet", 1), ("traffic", 2)] {
        let query = body(subject, ALL, json!({"step": "1mo"}));
        let reply = chart(&api, &query);
        let lines = reply["lines"].as_array().expect("series");
        let kinds: BTreeSet<String> = lines.iter().map(|line| format!("{} {}", line["tag"], line["clock"])).collect();
        assert_eq!((kinds.len(), lines.len()), (2 * labels, 2 * labels), "{reply}");
        let clocks: BTreeSet<&str> = lines.iter().filter_map(|line| line["clock"].as_str()).collect();
        assert_eq!(clocks.len(), 2);
        assert!(lines.iter().all(|line| line["tag"].get("harbour_id").is_none()));
        assert_eq!(by_bucket(&reply), by_bucket(&chart(&whole, &query)), "nothing is lost");
    }
    let traffic = chart(&api, &body("traffic", ALL, json!({"step": "1mo"})));
    assert_eq!(sum_of(&traffic, r#""in""#) - sum_of(&traffic, r#""out""#), 60);
    assert!(total(&by_bucket(&traffic)) > 60);
}
