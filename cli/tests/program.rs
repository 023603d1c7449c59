//! The program as an analyst runs it: what the demo shows, what goes where, and the documented exit codes.

use std::io::{BufRead, BufReader};
use std::process::{Command, Output, Stdio};

fn placewise(arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_placewise"))
        .args(arguments)
        .env_remove("PLACEWISE_TOKEN")
        .output()
        .expect("the program runs")
}

fn stdout(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned()
}

fn stderr(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

#[test]
fn the_demo_queries_and_tells_what_it_cost() {
    let output = placewise(&["demo", "--rows", "700"]);
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    let said = stdout(&output);
    for part in ["Delivered e-mail sendings", "Campaigns", "700 rows", "tokens in", "generated/rust/sendings.rs"] {
        assert!(said.contains(part), "no {part:?} in {said}");
    }
    assert!(!said.contains('\u{1b}'), "colours without a terminal");
}

#[test]
fn the_demo_is_the_same_each_time_and_json_for_machines() {
    let json = |seed: &str| {
        let output = placewise(&["demo", "--rows", "700", "--seed", seed, "--format", "json"]);
        serde_json::from_slice::<serde_json::Value>(&output.stdout).expect("JSON and nothing else")
    };
    let (one, again, other) = (json("3"), json("3"), json("4"));
    assert_eq!(one, again);
    assert_ne!(one["email"], other["email"]);
    // A filtered page (2 and 1 for the logical node), an aggregation (2), two pages of every row (2 each), and a chart (3).
    assert_eq!((one["rows"].as_u64(), one["tokens"].as_u64(), one["requests"].as_u64()), (Some(700), Some(12), Some(5)));
    assert!(one["balance_complete"] == true && one["balance"]["data_points"].as_u64().is_some_and(|points| points > 0));
    assert!(one["email"].as_array().is_some_and(|rows| !rows.is_empty() && rows.iter().all(|row| row["channel"] == "email")));
}

#[test]
fn reports_are_listed_and_told() {
    assert!(stdout(&placewise(&["reports"])).contains("sendings"));
    let one = stdout(&placewise(&["reports", "sendings"]));
    assert!(
        one.contains("Reporting:Api:Report:Sendings") && one.contains("opened_events_count") && one.contains("by campaign_id"),
        "{one}"
    );
    let unknown = placewise(&["reports", "sendigns"]);
    assert_eq!(unknown.status.code(), Some(1));
    assert!(stderr(&unknown).contains("sendings"));
}

#[test]
fn exit_codes_are_as_documented() {
    for (arguments, code) in [
        (&["--help"][..], 0),
        (&["completions", "bash"], 0),
        (&["dmeo"], 2),
        (&["demo", "--rows", "0"], 2),
        (&["simulate", "--assume", "no-such-thing=1"], 2),
        (&["simulate", "--assume", "cursor-key"], 2),
        (&["simulate", "--data", "no/such/sendings.ndjson"], 2),
    ] {
        assert_eq!(placewise(arguments).status.code(), Some(code), "{arguments:?}");
    }
}

#[test]
fn every_command_teaches_by_example() {
    for command in ["demo", "simulate", "reports", "completions"] {
        assert!(stdout(&placewise(&[command, "--help"])).contains("Example"), "{command}");
    }
}

#[test]
fn rows_that_do_not_fit_are_all_told() {
    let dir = tempfile::tempdir().expect("a folder");
    let path = dir.path().join("sendings.ndjson");
    std::fs::write(&path, "{\"id\": 1}\nnot json\n{\"id\": \"x\", \"what\": 2}\n").expect("writable");
    let output = placewise(&["simulate", "--data", path.to_str().expect("UTF-8")]);
    assert_eq!(output.status.code(), Some(1));
    let said = stderr(&output);
    assert!(said.contains("line 1") && said.contains("line 2") && said.contains("line 3") && said.contains("what"), "{said}");
}

#[test]
fn the_simulator_serves_rows_of_ones_own() {
    let model: placewise_model::Model = serde_json::from_str(placewise_reporting::MODEL).expect("a model");
    let report = model.report("sendings").expect("the report");
    let example =
        report.examples.iter().find(|example| example.aggregation.is_none() && example.field.is_none()).expect("an example");
    let row = example.response.as_ref().expect("a response")["records"][0].clone();
    let dir = tempfile::tempdir().expect("a folder");
    let path = dir.path().join("mine.ndjson");
    std::fs::write(&path, format!("{row}\n")).expect("writable");

    let data = format!("sendings={}", path.display());
    let mut child = Command::new(env!("CARGO_BIN_EXE_placewise"))
        .args(["simulate", "--data", &data, "--customers", "275"])
        .env_remove("PLACEWISE_TOKEN")
        .stdout(Stdio::piped())
        .spawn()
        .expect("the program runs");
    let mut line = String::new();
    BufReader::new(child.stdout.take().expect("piped")).read_line(&mut line).expect("a line");
    let url = line.split_whitespace().next().expect("an address").to_owned();
    let client = placewise_reporting::blocking::Client::builder()
        .base_url(url)
        .token("any")
        .customers(placewise_reporting::Customers::id(275))
        .product_name("tests")
        .build()
        .expect("a client");
    let page = client.fetch(placewise_reporting::Sendings::records());
    let _ = child.kill();
    let _ = child.wait();
    assert_eq!(serde_json::to_value(&page.expect("a page").rows[0]).expect("JSON"), row);
}
