//! A field of a timeseries that stands for the ways in which a tally counts the same rows: asked for, every row counts once in each way;
//! not asked for, once. A field that nothing fills is null.

mod common;

use common::charts::{ALL, body, by_bucket, chart, series};
use common::{field, model, words};
use placewise_model::Field;
use placewise_simulator::{Server, Simulator};
use serde_json::{Value, json};

const KINDS: [&str; 5] = ["cargo", "crew", "flag", "insured", "weather"];

/// The levels of `berthed`, which come from `traffic` and so from voyages, and the arrivals of `traffic` itself, with fields besides.
fn served(more: &[Value]) -> Server {
    let mut model = model();
    let more: Vec<Field> = more.iter().map(|field| serde_json::from_value(field.clone()).expect("a field")).collect();
    for report in model.reports.iter_mut().filter(|report| ["traffic", "berthed"].contains(&report.name.as_str())) {
        report.fields.extend(more.clone());
    }
    Simulator::new(model).rows(60).now(|| common::NOW.parse().expect("an instant")).start().expect("start")
}

fn kind() -> Value {
    field("kind", words(&[]), "seen", json!("yes"))
}

fn is(of: &str, to: &Value) -> Value {
    json!({"op": "is", "of": of, "to": to})
}

#[test]
fn every_way_counts_every_row_once() {
    let server = served(&[kind()]);
    for subject in ["berthed", "traffic"] {
        let ask = |mut more: Value| {
            more["step"] = json!("1mo");
            chart(&server, &body(subject, ALL, more))
        };
        let plain = ask(json!({}));
        for kind in KINDS {
            assert_eq!(ask(json!({"where": is("kind", &json!(kind))})), plain, "{subject} {kind}");
        }
        let grouped = ask(json!({"per": "kind"}));
        for kind in KINDS {
            let part = ask(json!({"per": "kind", "where": is("kind", &json!(kind))}));
            assert_eq!(by_bucket(&part), by_bucket(&plain), "{subject} {kind}");
            assert!(series(&part).iter().all(|line| series(&grouped).contains(line)));
        }
        assert_eq!(series(&grouped).len(), KINDS.len() * series(&plain).len(), "{grouped}");
        for nothing in [json!("keel"), json!(null)] {
            assert_eq!(ask(json!({"where": is("kind", &nothing)}))["points"], 0, "{nothing}");
        }
    }
}

#[test]
fn a_way_stands_beside_other_parts_of_a_filter() {
    let server = served(&[kind()]);
    let ask = |filter: Value| by_bucket(&chart(&server, &body("traffic", ALL, json!({"step": "1mo", "where": filter}))));
    let tea = is("cargo", &json!("tea"));
    assert_eq!(ask(json!({"op": "both", "parts": [tea, is("kind", &json!("flag"))]})), ask(tea));
}

#[test]
fn a_field_that_nothing_fills_finds_nothing() {
    let server = served(&[field("sort", words(&[]), "seen", json!("yes"))]);
    let ask = |to: Value| chart(&server, &body("traffic", ALL, json!({"step": "1mo", "where": is("sort", &to)})));
    assert_eq!(ask(json!("cargo"))["points"], 0);
    let plain = chart(&server, &body("traffic", ALL, json!({"step": "1mo"})));
    assert_eq!(ask(json!(null)), plain, "it is null everywhere");
}
