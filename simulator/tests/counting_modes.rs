//! Counting modes: a query that refers to their field counts every event once per mode, any other query once.
//! A field that nothing fills is null.

mod common;

use common::charts::{ALL, body, by_bucket, chart, series};
use common::{field, model, of_model, words};
use placewise_model::Field;
use placewise_simulator::SimulatedApi;
use serde_json::{Value, json};

const KINDS: [&str; 5] = ["cargo", "crew", "flag", "insured", "weather"];

/// Adds fields to `traffic`, which derives from voyages, and to `berthed`, which derives from `traffic`.
fn with_fields(more: &[Value]) -> SimulatedApi {
    let mut model = model();
    let more: Vec<Field> = more.iter().map(|field| serde_json::from_value(field.clone()).expect("a field")).collect();
    for report in model.reports.iter_mut().filter(|report| ["traffic", "berthed"].contains(&report.name.as_str())) {
        report.fields.extend(more.clone());
    }
    of_model(model).build().expect("an API")
}

fn kind() -> Value {
    field("kind", words(&[]), "seen", json!("yes"))
}

fn is(of: &str, to: &Value) -> Value {
    json!({"op": "is", "of": of, "to": to})
}

#[test]
fn every_mode_counts_every_event_once() {
    let api = with_fields(&[kind()]);
    for subject in ["berthed", "traffic"] {
        let send = |mut more: Value| {
            more["step"] = json!("1mo");
            chart(&api, &body(subject, ALL, more))
        };
        let plain = send(json!({}));
        for kind in KINDS {
            assert_eq!(send(json!({"where": is("kind", &json!(kind))})), plain, "{subject} {kind}");
        }
        let grouped = send(json!({"per": "kind"}));
        for kind in KINDS {
            let part = send(json!({"per": "kind", "where": is("kind", &json!(kind))}));
            assert_eq!(by_bucket(&part), by_bucket(&plain), "{subject} {kind}");
            assert!(series(&part).iter().all(|line| series(&grouped).contains(line)));
        }
        assert_eq!(series(&grouped).len(), KINDS.len() * series(&plain).len(), "{grouped}");
        for nothing in [json!("keel"), json!(null)] {
            assert_eq!(send(json!({"where": is("kind", &nothing)}))["points"], 0, "{nothing}");
        }
    }
}

#[test]
fn a_mode_can_be_combined_with_other_conditions() {
    let api = with_fields(&[kind()]);
    let send = |filter: Value| by_bucket(&chart(&api, &body("traffic", ALL, json!({"step": "1mo", "where": filter}))));
    let tea = is("cargo", &json!("tea"));
    assert_eq!(send(json!({"op": "both", "parts": [tea, is("kind", &json!("flag"))]})), send(tea));
}

#[test]
fn a_field_that_nothing_fills_is_null() {
    let api = with_fields(&[field("sort", words(&[]), "seen", json!("yes"))]);
    let send = |to: Value| chart(&api, &body("traffic", ALL, json!({"step": "1mo", "where": is("sort", &to)})));
    assert_eq!(send(json!("cargo"))["points"], 0);
    let plain = chart(&api, &body("traffic", ALL, json!({"step": "1mo"})));
    assert_eq!(send(json!(null)), plain);
}
