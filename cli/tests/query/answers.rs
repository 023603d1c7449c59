//! Answers: rows, charts and figures, plans, and what is refused before anything is sent.

use std::process::Command;

use serde_json::Value;

use crate::scripted::{Scripted, page, refusal};
use crate::support::{MODEL, Program, harbour, model, stderr};

#[test]
fn rows_of_any_api_come_in_every_format() {
    let server = harbour(20);
    let program = Program::at(server.url());
    let ndjson = program.text(&["query", "berths", "--format", "ndjson", "--limit", "12"]);
    let rows: Vec<Value> = ndjson.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect();
    assert_eq!(rows.len(), 12);
    let json: Value =
        serde_json::from_str(&program.text(&["query", "berths", "--format", "json", "--limit", "12"])).expect("JSON");
    assert_eq!(json["rows"], Value::from(rows.clone()));
    assert_eq!((&json["meta"]["rows"], &json["meta"]["complete"]), (&12.into(), &false.into()));
    assert!(json["meta"]["tokens"].as_u64().is_some_and(|tokens| tokens > 0));
    let csv = program.text(&["query", "berths", "--format", "csv", "--limit", "12", "--columns", "id,length"]);
    let cells: Vec<&str> = csv.lines().collect();
    assert_eq!((cells[0], cells.len()), ("id,length", 13));
    assert_eq!(cells[1], format!("{},{}", rows[0]["id"], rows[0]["length"]));
    let table = program.text(&["query", "berths", "--limit", "2", "--columns", "id"]);
    assert!(table.contains("id") && table.contains(&rows[0]["id"].to_string()), "{table}");
    let filtered = program.text(&["query", "berths", "--where", "kind = dry", "--format", "ndjson"]);
    assert!(filtered.lines().all(|line| line.contains("\"dry\"")));
    let kinds = program.text(&["query", "berths", "--by", "kind", "--format", "csv"]);
    assert!(kinds.starts_with("kind,berths,"), "{kinds}");
}

#[test]
fn a_limit_fetches_no_page_more_than_needed() {
    let server = harbour(200);
    let program = Program::at(server.url());
    let most = u64::from(model().records.most_page_size.value);
    for (limit, requests) in [(3, 1), (most, 1), (most + 1, 2)] {
        let before = server.requests().len();
        let text = program.text(&["query", "berths", "--format", "ndjson", "--limit", &limit.to_string()]);
        assert_eq!(text.lines().count() as u64, limit);
        assert_eq!(server.requests().len() - before, requests, "{limit}");
    }
    let agent = server
        .requests()
        .iter()
        .find_map(|request| request.headers.values().find(|value| value.starts_with("placewise/")).cloned());
    assert_eq!(agent.as_deref(), Some(concat!("placewise/", env!("CARGO_PKG_VERSION"))));
}

#[test]
fn a_chart_names_the_zone_of_later_dates() {
    let server = harbour(50);
    let program = Program::at(server.url());
    let asks = program.refusal(&["query", "traffic", "--from", "-10d", "--interval", "1d"]);
    assert!(asks.contains("--zone"), "{asks}");
    let chart = program.text(&["query", "traffic", "--from", "-10d", "--interval", "1d", "--zone", "UTC"]);
    assert!(chart.contains("at `1d`") && chart.contains("zone"), "{chart}");
    let output = program.run(&["query", "traffic", "--from", "-10d", "--interval", "1d", "--format", "csv"]);
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    assert!(stderr(&output).contains("the zone of these customers' last chart"), "{}", stderr(&output));
    assert!(String::from_utf8_lossy(&output.stdout).starts_with("bucket,way,value\n"));
    let json = program.text(&["query", "traffic", "--from", "-2d", "--to", "today", "--format", "json"]);
    let json: Value = serde_json::from_str(&json).expect("JSON");
    assert!(json["meta"]["complete"] == true && json["chart"].is_object() && json["meta"]["zone"].is_string(), "{json}");
}

#[test]
fn a_range_longer_than_a_request_is_split_and_stitched() {
    let server = harbour(300);
    let program = Program::at(server.url());
    let range = ["--from", "-20h", "--interval", "10m", "--format"];
    let plan: Value = serde_json::from_str(&program.text(&[&["plan", "traffic"], &range[..], &["json"]].concat())).expect("JSON");
    let planned = plan["requests"]["at_least"].as_u64().expect("a number");
    assert!(planned > 1 && server.requests().is_empty(), "{plan}");
    let json = program.text(&[&["query", "traffic"], &range[..], &["json"]].concat());
    let json: Value = serde_json::from_str(&json).expect("JSON");
    assert!(json["meta"]["requests"].as_u64().is_some_and(|sent| sent >= planned), "{}", json["meta"]);
    assert_eq!(json["meta"]["tokens"].as_u64(), Some(server.spent()));
    let before = server.spent();
    let tight = (before - 1).to_string();
    let refused = program.refusal(&[&["query", "traffic"], &range[..], &["csv", "--max-tokens", &tight]].concat());
    assert!(refused.contains("does not pay for this chart") && server.spent() == before, "{refused}");
    let long = ["--from", "-29d", "--interval", "1h", "--max-tokens", "1"];
    let refused = program.refusal(&[&["query", "traffic"], &long[..]].concat());
    assert!(refused.contains("note: the chart takes 12 requests of 3 tokens each, or more"), "{refused}");
}

#[test]
fn what_the_model_forbids_is_refused_before_sending() {
    let server = harbour(5);
    let program = Program::at(server.url());
    for (arguments, said) in [
        (&["query", "berth"][..], "did you mean `berths`?"),
        (&["query", "berths", "--by", "knd"], "did you mean `kind`?"),
        (&["query", "berths", "--columns", "id,lenght"], "did you mean `length`?"),
        (&["query", "berths", "--columns", "id,id"], "twice"),
        (&["query", "berths", "--where", "secret = 1"], "cannot filter by `secret`"),
        (&["query", "berths", "--where", "harbour = 1"], "--customers"),
        (&["query", "berths", "--from", "-1d"], "has rows, not a range"),
        (&["query", "traffic"], "--from"),
        (&["query", "traffic", "--from", "-12h", "--interval", "1day"], "did you mean `1d`?"),
        (&["query", "traffic", "--from", "-12h", "--limit", "3"], "no pages"),
        (&["query", "traffic", "--from", "now", "--to", "-1h"], "ends before it starts"),
        (&["query", "traffic", "--from", "now", "--to", "now"], "is empty"),
        (&["query", "traffic", "--to", "now"], "--to needs --from"),
        (&["query", "traffic", "--from", "2026-02-30", "--zone", "UTC"], "no date of the calendar"),
        (&["query", "traffic", "--from", "-1d", "--zone", "Oslo"], "no zone is called `Oslo`"),
        (&["query", "berths", "--customers", "x;y"], "customer ids"),
        (&["query", "berths", "--assume", "cursor-kye=x"], "did you mean `cursor-key`?"),
        (&["query", "berths", "--token-file", "none"], "cannot read the token file `none`"),
    ] {
        let error = program.refusal(arguments);
        assert!(error.contains(said), "{arguments:?}: {error}");
        assert!(!error.contains("secret-token"), "{error}");
    }
    assert!(server.requests().is_empty());
}

#[test]
fn a_plan_sends_nothing_and_never_makes_an_unknown_cost_zero() {
    let server = harbour(5);
    let program = Program::at(server.url());
    for report in &model().reports {
        let range: &[&str] = if report.format == placewise_model::Format::Timeseries { &["--from", "-2h"] } else { &[] };
        let output = program.run(&[&["plan", &report.name, "--format", "json"], range].concat());
        let plan: Value =
            serde_json::from_slice(&output.stdout).unwrap_or_else(|_| panic!("{}: {}", report.name, stderr(&output)));
        let tokens = &plan["tokens"];
        assert_ne!(tokens["at_least"], 0, "{}", report.name);
        assert_eq!(report.cost.is_none(), tokens["expected"].is_null(), "{}: {tokens}", report.name);
        assert!(output.status.code() == Some(if plan["allowed"] == true { 0 } else { 1 }), "{}", report.name);
    }
    // The coarsest interval is kept for ever, so a long range is split; the finest is not kept that long.
    let traffic = model().report("traffic").expect("the report").clone();
    let intervals: Vec<_> = model().intervals(&traffic).cloned().collect();
    let finest = intervals.iter().find(|interval| interval.retention.0.is_some()).expect("an interval that is not kept for ever");
    let beyond = ["plan", "traffic", "--from", "2001-01-01", "--interval", &finest.name, "--zone", "UTC", "--format", "json"];
    let output = program.run(&beyond);
    assert_eq!(output.status.code(), Some(1), "{}", stderr(&output));
    let plan: Value = serde_json::from_slice(&output.stdout).expect("JSON");
    assert!(plan["allowed"] == false && plan["instead"]["clip"] == true && plan["instead"]["from"].is_string(), "{plan}");
    let clipped: Value = serde_json::from_str(&program.text(&[&beyond[..], &["--clip"]].concat())).expect("JSON");
    assert_eq!((&clipped["allowed"], &clipped["requests"]["at_most"]), (&true.into(), &Value::Null));
    // It needs no connection.
    let bare = Command::new(env!("CARGO_BIN_EXE_placewise")).args(["plan", "berths", "--model", MODEL]).env_clear().output();
    assert_eq!(bare.expect("the program runs").status.code(), Some(0));
    assert!(server.requests().is_empty());
}

#[test]
fn a_budget_stops_before_it_is_passed() {
    let server = harbour(40);
    let program = Program::at(server.url());
    let cost = u64::from(model().report("berths").and_then(|report| report.cost).expect("a cost"));
    let budget = (2 * cost + cost - 1).to_string();
    let output = program.run(&["query", "berths", "--format", "ndjson", "--page-size", "5", "--max-tokens", &budget]);
    assert_eq!(output.status.code(), Some(3), "{}", stderr(&output));
    assert_eq!((server.spent(), output.stdout.iter().filter(|byte| **byte == b'\n').count()), (2 * cost, 10));
    assert!(stderr(&output).contains("is not complete"), "{}", stderr(&output));
    let none = program.refusal(&["query", "berths", "--max-tokens", &(cost - 1).to_string()]);
    assert!(none.contains("allows no further request"), "{none}");
    assert_eq!(server.spent(), 2 * cost);
}

#[test]
fn an_unknown_cost_counts_as_all_that_is_left_unless_the_server_tells_it() {
    let model = model();
    let unknown =
        |format| model.reports.iter().find(|report| report.cost.is_none() && report.format == format).expect("a report");
    let rows = &unknown(placewise_model::Format::Records).name;
    let server = Scripted::start([page(&model, &["{\"id\": 1}"], Some("two")), page(&model, &["{\"id\": 2}"], None)]);
    let output = Program::at(server.url()).run(&["query", rows, "--format", "ndjson", "--max-tokens", "1000"]);
    assert_eq!((output.status.code(), server.bodies().len()), (Some(3), 1), "{}", stderr(&output));
    let said = "1000 tokens are spent, and what another costs is not known";
    assert!(
        stderr(&output).contains("the cost of this report is not known") && stderr(&output).contains(said),
        "{}",
        stderr(&output)
    );
}

#[test]
fn figures_that_are_not_paid_for_are_not_asked_for() {
    let model = model();
    let has_cost =
        |report: &&placewise_model::Report| report.format == placewise_model::Format::Statistics && report.cost.is_some();
    let report = model.reports.iter().find(has_cost).expect("a report");
    let cost = report.cost.expect("a cost");
    let server = Scripted::start([refusal(503), Some((200, "7".to_owned()))]);
    let program = Program::at(server.url());
    let none = program.refusal(&["query", &report.name, "--max-tokens", &(cost - 1).to_string()]);
    assert!(none.contains("allows no further request") && server.bodies().is_empty(), "{none}");
    // A try that failed was perhaps charged.
    let one = program.refusal(&["query", &report.name, "--max-tokens", &(2 * cost - 1).to_string()]);
    assert!(one.contains("another try could pass --max-tokens") && server.bodies().len() == 1, "{one}");
}

#[test]
fn figures_of_any_shape_are_written() {
    let model = model();
    let report = model.reports.iter().find(|report| report.format == placewise_model::Format::Statistics).expect("a report");
    for (body, format, expected) in [
        (r#"{"a": 1, "b": [2]}"#, "ndjson", "{\"a\": 1, \"b\": [2]}\n"),
        (r#"{"a": 1, "b": [2]}"#, "csv", "a,b\n1,[2]\n"),
        (r#"[{"a": 1}, {"a": 2}]"#, "csv", "a\n1\n2\n"),
        ("7", "ndjson", "{\"value\":7}\n"),
    ] {
        let server = Scripted::start([Some((200, body.to_owned()))]);
        assert_eq!(Program::at(server.url()).text(&["query", &report.name, "--format", format]), expected);
    }
}

#[cfg(unix)]
#[cfg(unix)]
#[test]
fn the_server_controls_neither_a_terminal_nor_a_spreadsheet() {
    let model = model();
    let row = r#"{"id": 1, "name": "=1+1\u001b[31m", "@key": "-14", "length": -3}"#;
    let server = Scripted::start(vec![page(&model, &[row], None); 3]);
    let program = Program::at(server.url());
    let table = program.text(&["query", "berths"]);
    assert!(!table.contains('\u{1b}'), "{table:?}");
    let csv = program.text(&["query", "berths", "--format", "csv"]);
    assert!(csv.contains("'=1+1") && csv.contains(",'@key\n") && csv.contains(",-14\n"), "{csv}");
    let raw = program.text(&["query", "berths", "--format", "csv", "--raw"]);
    assert!(raw.contains(",=1+1") && raw.contains(",@key\n"), "{raw}");
}

#[test]
fn a_format_without_rows_is_refused_elsewhere() {
    let program = Program::at("http://127.0.0.1:1");
    let output =
        Command::new(env!("CARGO_BIN_EXE_placewise")).args(["reports", "--format", "csv"]).output().expect("the program runs");
    assert_eq!(output.status.code(), Some(2));
    assert!(program.refusal(&["plan", "berths", "--format", "csv"]).contains("--format json"));
    for command in ["query", "plan"] {
        let help = program.text(&[command, "berths", "--help"]);
        assert!(help.contains("Conditions:") && help.contains("3 stopped before the end"), "{help}");
    }
}
