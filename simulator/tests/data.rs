//! Data that the user brings: what fits is kept, what does not is told, every place of it.

mod common;

use common::{example, rows, simulator};
use placewise_simulator::StartError;
use serde_json::{Value, json};
use std::path::PathBuf;

/// A file in the tests' own folder, so that they do not meet.
fn file(name: &str, text: &str) -> PathBuf {
    let path = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(name);
    std::fs::write(&path, text).expect("a file");
    path
}

fn problems(result: Result<placewise_simulator::Server, StartError>) -> Vec<String> {
    match result {
        Err(StartError::Data { report, problems }) => {
            assert_eq!(report, "voyages");
            problems.iter().map(ToString::to_string).collect()
        }
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_file_holds_one_row_a_line() {
    let mut second = example();
    second["id"] = json!(9);
    let path = file("fits.ndjson", &format!("{}\n\n  \r\n{second}\r\n", example()));
    let server = simulator().data_file("voyages", path).start().expect("start");
    assert_eq!(rows(&server, &json!({"subject": "voyages"})), [second, example()], "ascending by the first field");
    let customers = rows(&server, &json!({"subject": "voyages"}));
    assert!(customers.iter().all(|row| row["port_id"] == 275));
}

#[test]
fn every_problem_is_told_with_its_line() {
    let with = |key: &str, value: Value| {
        let mut row = example();
        row[key] = value;
        row.to_string()
    };
    let mut lacking = example();
    lacking.as_object_mut().expect("object").remove("cargo");
    let legs = json!({"out": {"from": "noon", "until": 1}});
    let twice = example().to_string().replacen('{', r#"{"id":7,"#, 1);
    let lines = [
        example().to_string(),
        "{".into(),
        "[1]".into(),
        String::new(),
        lacking.to_string(),
        with("cargo", json!(null)),
        with("id", json!("1")),
        with("keel", json!(1)),
        with("crew", json!([1, "two"])),
        with("legs", legs),
        with("due_on", json!("2025-04-11T00:00:00Z")),
        twice,
        with("ship", json!(null)),
    ];
    let told = problems(simulator().data_file("voyages", file("does-not-fit.ndjson", &lines.join("\n"))).start());
    let without_column: Vec<&str> = told.iter().map(|told| told.split(" at column").next().unwrap_or_default()).collect();
    assert_eq!(
        without_column,
        [
            "line 2: EOF while parsing an object",
            "line 3: invalid type: sequence, expected a row as a JSON object",
            "line 5, cargo: the key is missing",
            "line 6, cargo: null, where the spec says that it is never null",
            "line 7, id: \"1\" is no integer",
            "line 8, keel: the spec has no such key",
            "line 9, crew.1: \"two\" is no integer",
            "line 10, legs.out.from: \"noon\" is no timestamp",
            "line 10, legs.out.to: the key is missing",
            "line 10, legs.out.until: the spec has no such key",
            "line 11, due_on: \"2025-04-11T00:00:00Z\" is no date",
            "line 12: the key `id` stands twice",
        ]
    );
}

#[test]
fn rows_in_memory_are_checked_too() {
    let told = problems(simulator().data("voyages", [example(), json!(7), json!({})]).start());
    assert_eq!(told[0], "line 2: a row is a JSON object");
    assert_eq!(told.len(), 1 + 14 + 1, "each key that must be there");
    let missing = simulator().data_file("voyages", "no/such/file.ndjson").start();
    assert!(matches!(missing, Err(StartError::DataFile { .. })));
}

#[test]
fn customers_have_positive_ids() {
    for (ids, wrong) in [(vec![-5, 0], -5), (vec![3, 0], 0), (vec![i64::MIN], i64::MIN)] {
        match simulator().customers(ids).start() {
            Err(error @ StartError::CustomerId { id }) if id == wrong => assert!(error.to_string().contains(&wrong.to_string())),
            other => panic!("{other:?}"),
        }
    }
    assert!(simulator().customers([1]).start().is_ok() && simulator().customers([]).start().is_ok());
}

#[test]
fn customers_of_data_are_known() {
    let server = simulator().customers([1]).data("voyages", [example()]).start().expect("start");
    let send = |customers: &'static str| {
        let client = reqwest::blocking::Client::new();
        let request = client.post(format!("{}{}", server.url(), common::PATH)).json(&json!({"subject": "voyages"}));
        request
            .header("X-Key", "Key k")
            .header("X-Agent", "t")
            .header("X-Port", customers)
            .send()
            .expect("an answer")
            .status()
            .as_u16()
    };
    assert_eq!([send("id=275"), send("id=1"), send("id=2")], [200, 200, 404]);
}
