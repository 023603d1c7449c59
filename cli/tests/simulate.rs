//! `placewise simulate` as a stranger runs it: what it prints at the start, its log, the files that it takes, and its errors.

mod common;

use std::path::{Path, PathBuf};
use std::process::Command;

use common::{Simulation, arguments, exchange, placewise, send, stderr, stdout};
use placewise_model::{Format, Model, Query, Report, Type};
use placewise_reporting::MODEL;
use serde_json::{Value, json};

fn model() -> Model {
    serde_json::from_str(MODEL).expect("a model")
}

/// The first report whose query the simulator prints.
fn complete(model: &Model) -> &Report {
    let server = Simulation::start(&["--rows", "1"]);
    let body: Value = serde_json::from_str(arguments(&server.curl).last().expect("a body")).expect("JSON");
    let name = body[&model.records.request.report.value].as_str().expect("a report");
    model.report(name).expect("a report of the model")
}

/// A row of a documented example of the report.
fn example(model: &Model, report: &Report) -> Value {
    let mut whole = report.examples.iter().filter(|example| example.aggregation.is_none() && example.field.is_none());
    let response = whole.next().and_then(|example| example.response.as_ref()).expect("an example");
    response[&model.records.response.rows][0].clone()
}

/// The body of a response.
fn body(response: &str) -> Value {
    assert!(response.starts_with("HTTP/1.1 200 "), "{response}");
    serde_json::from_str(response.split_once("\r\n\r\n").expect("a body").1).expect("JSON")
}

/// The rows that the printed command gets.
fn rows(model: &Model, server: &Simulation) -> Vec<Value> {
    let response = send(&server.url, &arguments(&server.curl));
    body(&response)[&model.records.response.rows].as_array().expect("rows").clone()
}

fn write(folder: &Path, name: &str, text: &str) -> PathBuf {
    let path = folder.join(name);
    std::fs::write(&path, text).expect("writable");
    path
}

/// What the program says of a file that it refuses, with the status for findings.
fn refusal(path: &Path, report: &str) -> String {
    let output = placewise(&["simulate", "--data", &format!("{report}={}", path.display())]);
    let said = stderr(&output);
    assert_eq!(output.status.code(), Some(1), "{said}");
    said.replace(&path.display().to_string(), "FILE")
}

#[test]
fn another_api_is_served_by_its_model() {
    let harbour = concat!(env!("CARGO_MANIFEST_DIR"), "/../tests/fixtures/harbour/generated/model.json");
    let server = Simulation::start(&["--rows", "3", "--model", harbour]);
    let response = body(&send(&server.url, &arguments(&server.curl)));
    let text = std::fs::read_to_string(harbour).expect("the model");
    let model: placewise_model::Model = serde_json::from_str(&text).expect("a model");
    assert_eq!(response[&model.records.response.rows].as_array().map(Vec::len), Some(3), "{response}");
}

#[test]
fn the_printed_command_works_as_it_is() {
    let model = model();
    let rows_key = &model.records.response.rows;
    let secret = "a-secret-token";
    for (options, variable) in [(&["--rows", "3"][..], ""), (&["--rows", "3"], secret), (&["--rows", "3", "--token", secret], "")]
    {
        let server = Simulation::start_with(options, &[("PLACEWISE_TOKEN", variable)]);
        assert!(!server.curl.contains(secret), "{}", server.curl);
        let is_told = server.curl.starts_with("# Set PLACEWISE_TOKEN to the token first.\n");
        assert_eq!(is_told, options.contains(&secret), "{}", server.curl);
        let script = format!("PLACEWISE_TOKEN={secret}\n{}", server.curl);
        let response = if Command::new("curl").arg("--version").output().is_ok() {
            let options = "curl() { command curl --silent --show-error --noproxy '*' \"$@\"; }";
            let output = Command::new("sh").args(["-c", &format!("{options}\n{script}")]).output().expect("a shell");
            serde_json::from_slice(&output.stdout).unwrap_or_else(|_| panic!("{}", stderr(&output)))
        } else {
            body(&send(&server.url, &arguments(&script)))
        };
        assert!(response[rows_key].as_array().is_some_and(|rows| !rows.is_empty()), "{response}");
    }
}

#[test]
fn an_empty_token_variable_is_no_token() {
    let model = model();
    let server = Simulation::start_with(&["--rows", "3"], &[("PLACEWISE_TOKEN", "")]);
    assert!(!rows(&model, &server).is_empty());
    let guarded = Simulation::start_with(&["--rows", "3"], &[("PLACEWISE_TOKEN", "secret")]);
    assert!(send(&guarded.url, &arguments(&server.curl.replace(&server.url, &guarded.url))).starts_with("HTTP/1.1 401 "));
}

/// Sends queries, broken ones too, and what looks like a terminal escape; returns the cost of the report of rows and of the chart.
#[cfg(unix)]
fn converse(model: &Model, server: &Simulation) -> (u32, u32) {
    let query = arguments(&server.curl);
    let with_body = |body: &str| [&query[..query.len() - 1], &[body.to_owned()]].concat();
    send(&server.url, &query);
    let chart = model.report("member_balance").expect("a chart");
    send(&server.url, &with_body(&Query::example(model, chart).json()));
    send(&server.url, &with_body("{\n  \"report\": ,"));
    let report_key = &model.records.request.report.value;
    send(&server.url, &with_body(&json!({ report_key: format!("\u{1b}[2J\u{9b}{}", "x".repeat(300)) }).to_string()));
    exchange(&server.url, "GET /?a=b HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
    (complete(model).cost.expect("a cost"), chart.cost.expect("a cost"))
}

#[cfg(unix)]
const CLOCK: [&str; 4] = ["--now", "2026-01-15T12:00:00Z", "--rows", "3"];

#[cfg(unix)]
#[test]
fn the_log_has_a_line_per_request() {
    let model = model();
    let server = Simulation::start(&[&CLOCK[..], &["--log"]].concat());
    let (cost, chart_cost) = converse(&model, &server);
    let (status, _, log) = server.interrupt();
    assert_eq!(status, Some(0));
    let lines: Vec<&str> = log.lines().collect();
    let query = Query::new(&model, complete(&model));
    let (path, report) = (query.path(), &query.report.name);
    assert_eq!(lines[0], format!("200 POST {path}: {report}, {cost} tokens, 3 rows"));
    let chart = lines[1].strip_prefix(&format!("200 POST {path}: member_balance, {chart_cost} tokens, ")).expect(lines[1]);
    assert!(chart.ends_with(" time buckets"), "{chart}");
    assert_eq!(lines[2], format!("400 POST {path}: 0 tokens; The body is not JSON: expected value at line 2 column 13."));
    let unknown = format!("422 POST {path}: \u{fffd}[2J\u{fffd}{}…, 0 tokens; ", "x".repeat(195));
    assert!(lines[3].starts_with(&unknown) && lines[3].chars().count() < 600, "{}", lines[3]);
    assert!(lines[4].starts_with("404 GET /?a=b: 0 tokens; No endpoint at `/`. Served here: `POST "), "{}", lines[4]);
    assert!(lines.len() == 5 && !log.contains('\u{1b}'), "{log}");
    let colored = Simulation::start_with(&[&CLOCK[..], &["--log"]].concat(), &[("CLICOLOR_FORCE", "1")]);
    converse(&model, &colored);
    let (_, _, log) = colored.interrupt();
    assert!(log.starts_with("\u{1b}[32m200\u{1b}[0m POST ") && log.contains("\u{1b}[33m400\u{1b}[0m "), "{log}");
}

#[cfg(unix)]
#[test]
fn the_log_in_json_has_an_object_per_line() {
    let model = model();
    let server = Simulation::start(&[&CLOCK[..], &["--log", "--format", "json"]].concat());
    let (cost, _) = converse(&model, &server);
    let (_, _, log) = server.interrupt();
    let lines: Vec<Value> = log.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect();
    let query = Query::new(&model, complete(&model));
    let expected = json!({
        "method": "POST", "path": query.path(), "query": null, "report": query.report.name, "status": 200, "cost": cost, "rows": 3,
        "time_buckets": null, "fault": null, "problem": null,
    });
    assert_eq!(lines[0], expected);
    assert!(lines[1]["time_buckets"].is_u64() && lines[1]["rows"].is_null(), "{}", lines[1]);
    assert_eq!(lines[2]["problem"], "The body is not JSON: expected value at line 2 column 13.");
    assert_eq!((&lines[4]["query"], &lines[4]["status"]), (&json!("a=b"), &json!(404)));
    assert!(lines.len() == 5 && !log.contains(['\u{1b}', '\u{9b}']) && log.lines().all(|line| line.len() < 1500), "{log}");
}

#[cfg(unix)]
#[test]
fn a_broken_body_is_told_even_without_a_log() {
    let model = model();
    let server = Simulation::start(&CLOCK);
    converse(&model, &server);
    let (_, _, said) = server.interrupt();
    let path = Query::new(&model, complete(&model)).path();
    assert_eq!(said, format!("400 POST {path}: 0 tokens; The body is not JSON: expected value at line 2 column 13.\n"));
}

#[test]
fn every_row_that_does_not_match_is_reported() {
    let dir = tempfile::tempdir().expect("a folder");
    let path = dir.path().join("sendings.ndjson");
    std::fs::write(&path, "{\"id\": 1}\nnot json\n{\"id\": \"x\", \"what\": 2}\n").expect("writable");
    let output = placewise(&["simulate", "--data", path.to_str().expect("UTF-8")]);
    assert_eq!(output.status.code(), Some(1));
    let said = stderr(&output);
    assert!(said.contains("line 1") && said.contains("line 2") && said.contains("line 3") && said.contains("what"), "{said}");
}

#[cfg(unix)]
#[test]
fn the_simulator_accounts_for_each_fault() {
    let dir = tempfile::tempdir().expect("a folder");
    let path = dir.path().join("faults.json");
    let plan = r#"{"faults": [{"name": "busy", "do": [{"reply": {"status": 429, "retry_after": {"text": "0"}}}]}]}"#;
    std::fs::write(&path, plan).expect("writable");
    let arguments = ["--faults", path.to_str().expect("UTF-8")];

    let server = Simulation::start(&arguments);
    let builder =
        placewise_reporting::blocking::Client::builder().base_url(server.url.as_str()).token("any").product_name("tests");
    let client = builder.customers(placewise_reporting::Customers::all()).build().expect("a client");
    client.fetch(placewise_reporting::Sendings::records()).expect("a page after a refusal");
    let (status, said, _) = server.interrupt();
    assert!(status == Some(0) && said.contains("fault `busy`: ordered 1, matched 2, due 1, met 1"), "{said}");

    let (status, _, said) = Simulation::start(&arguments).interrupt();
    assert!(status == Some(1) && said.contains("no request met 1 ordered fault:\n  `busy`"), "{said}");

    std::fs::write(&path, r#"{"faults": [{"on": {"report": "sending"}, "do": [{"latency_ms": 1}]}]}"#).expect("writable");
    let output = placewise(&["simulate", arguments[0], arguments[1]]);
    assert_eq!(output.status.code(), Some(1));
    let said = stderr(&output);
    assert!(said.contains("`faults[0].on.report`: no report is named `sending`; did you mean `sendings`?"), "{said}");
}

#[test]
fn the_plan_and_the_effects_in_the_help_are_valid() {
    let help = stdout(&placewise(&["simulate", "--help"]));
    let plan = include_str!("../src/simulate/faults.json");
    assert!(plan.lines().all(|line| help.contains(line)));
    let server = Simulation::start(&["--faults", concat!(env!("CARGO_MANIFEST_DIR"), "/src/simulate/faults.json")]);
    assert!(server.url.starts_with("http://127.0.0.1:"), "{}", server.url);
    let (_, effects) = help.split_once("in JSON:\n").expect("effects");
    let effects: Vec<_> =
        effects.lines().take_while(|line| line.starts_with("  ")).filter(|line| line.starts_with("  {")).collect();
    for line in &effects {
        let mut values = serde_json::Deserializer::from_str(line).into_iter::<serde_json::Value>();
        let effect = values.next().expect("a value").expect(line);
        let plan = serde_json::json!({"faults": [{"do": [effect]}]}).to_string();
        placewise_simulator::FaultPlan::from_json(&plan).expect(line);
    }
    assert_eq!(effects.len(), 14);
}

/// CSV as `placewise query` writes it.
fn csv(report: &Report, rows: &[Value]) -> String {
    let mut writer = csv::Writer::from_writer(Vec::new());
    let columns: Vec<&String> = report.fields.iter().map(|field| &field.name).collect();
    writer.write_record(&columns).expect("in memory");
    for row in rows {
        let cell = |name: &&String| match &row[name.as_str()] {
            Value::Null => String::new(),
            Value::String(text) if text.starts_with('=') => format!("'{text}"),
            Value::String(text) => text.clone(),
            other => other.to_string(),
        };
        writer.write_record(columns.iter().map(cell)).expect("in memory");
    }
    String::from_utf8(writer.into_inner().expect("in memory")).expect("UTF-8")
}

#[test]
fn rows_of_json_and_csv_are_served() {
    let model = model();
    let report = complete(&model);
    let mut row = example(&model, report);
    // A text that a spreadsheet would run.
    let is_text = |ty: &Type| matches!(ty, Type::String | Type::Enum(_));
    let text = report.fields.iter().find(|field| is_text(&field.ty)).expect("a text");
    row[&text.name] = "=1+1".into();
    let answer = json!({ &model.records.response.rows: [row] });
    let folder = tempfile::tempdir().expect("a folder");
    let csv = csv(report, std::slice::from_ref(&row));
    assert!(csv.contains("'=1+1"), "{csv}");
    for (name, text) in [
        ("rows.ndjson", format!("\u{feff}{row}\n")),
        ("rows.json", format!("{:#}", json!([row]))),
        ("answer.json", answer.to_string()),
        ("rows.csv", csv.clone()),
        ("a=b.CSV", format!("\u{feff}{}", csv.replace('\n', "\r\n"))),
        ("json.csv", row.to_string()),
        ("rows", csv.clone()),
    ] {
        let data = format!("{}={}", report.name, write(folder.path(), name, &text).display());
        let server = Simulation::start(&["--data", &data]);
        assert_eq!(rows(&model, &server), std::slice::from_ref(&row), "{name}");
    }
    let inner = folder.path().join("x=y");
    std::fs::create_dir(&inner).expect("writable");
    let path = write(&inner, &format!("{}.csv", report.name), &csv);
    let server = Simulation::start(&["--data", path.to_str().expect("UTF-8")]);
    assert_eq!(rows(&model, &server), [row]);
}

#[test]
fn generated_rows_of_every_report_survive_csv() {
    let model = model();
    for report in model.reports.iter().filter(|report| report.format == Format::Records && !report.fields.is_empty()) {
        let simulator = placewise_simulator::Simulator::new(model.clone()).seed(5).rows(20);
        let api = simulator.build().expect("an API");
        let key = &model.records.request.report.value;
        let headers = &model.api.headers;
        let request = placewise_simulator::Request::post(&Query::new(&model, report).path(), &json!({ key: report.name }));
        let named = [&headers.product_name, &headers.user_agent, &headers.token];
        let request = named.iter().fold(request, |request, header| request.header(header.name.as_str(), "x"));
        let reply = api.answer(&request.header(headers.customer.name.as_str(), model.api.customers.all.as_str()));
        let page = reply.json().expect("JSON");
        let generated = page[&model.records.response.rows].as_array().filter(|rows| !rows.is_empty()).expect("rows");
        let folder = tempfile::tempdir().expect("a folder");
        let path = write(folder.path(), &format!("{}.csv", report.name), &csv(report, generated));
        let server = Simulation::start(&["--data", path.to_str().expect("UTF-8")]);
        assert_eq!(&rows(&model, &server), generated, "{}", report.name);
    }
}

#[test]
fn csv_that_does_not_fit_is_refused_with_its_lines() {
    let model = model();
    let report = complete(&model);
    let good = csv(report, &[example(&model, report)]);
    let (header, cells) = good.trim_end().split_once('\n').expect("two lines");
    let first = header.split(',').next().expect("a column");
    let folder = tempfile::tempdir().expect("a folder");
    let refused = |text: &str| {
        let said = refusal(&write(folder.path(), "rows.csv", text), &report.name);
        let rest = said.strip_prefix(&format!("error: rows of `{}` in `FILE` do not fit the spec:\n", report.name));
        rest.expect(&said).trim().to_owned()
    };
    assert_eq!(refused(&good.replace(',', ";")), "line 1: the cells are separated by semicolons; separate them by commas");
    assert_eq!(
        refused(&good.replacen(first, "keel", 1)),
        format!("line 1: `{}` has no field `keel`\n  line 1: the column `{first}` is missing", report.name)
    );
    assert_eq!(refused(&format!("{first},{good}")), format!("line 1: two columns are named `{first}`"));
    let columns = header.split(',').count();
    assert_eq!(refused(&format!("{good}\n\n1,2\n")), format!("line 5: 2 cells, but the header has {columns}"));
    let id = cells.split(',').next().expect("an id");
    assert_eq!(refused(&format!("\n{good}\n{cells}\n")), format!("line 5, `{first}`: {id} is the id of line 3 too"));
    assert_eq!(refused(&good.replace(&format!("\n{id},"), "\nx,")), format!("line 2, `{first}`: expected integer, found \"x\""));
    // A line break within a cell counts.
    let mut row = example(&model, report);
    let text = report.fields.iter().find(|field| field.ty == Type::String || matches!(field.ty, Type::Enum(_))).expect("a text");
    row[&text.name] = "two\nlines".into();
    let said = refused(&format!("{}1,2\n", csv(report, &[row])));
    assert_eq!(said, format!("line 4: 2 cells, but the header has {columns}"));
    let path = folder.path().join("utf-16.csv");
    std::fs::write(&path, [0xff, 0xfe, b'i', 0]).expect("writable");
    assert_eq!(refusal(&path, &report.name), "error: `FILE` is not UTF-8 text; save it as UTF-8\n");
}

#[test]
fn duplicate_ids_are_findings_with_both_lines() {
    let model = model();
    let report = complete(&model);
    let row = example(&model, report);
    let folder = tempfile::tempdir().expect("a folder");
    let said = refusal(&write(folder.path(), "rows.ndjson", &format!("{row}\n\n{row}\n")), &report.name);
    assert!(said.contains("\n  line 3, `id`: ") && said.ends_with(" is the id of line 1 too\n"), "{said}");
}

#[test]
fn a_file_without_a_report_says_how_to_name_it() {
    let model = model();
    let records: Vec<&str> =
        model.reports.iter().filter(|report| report.format == Format::Records).map(|report| report.name.as_str()).collect();
    let report = &complete(&model).name;
    let known = records.join(", ");
    let no_file = std::fs::read("no/such/file").expect_err("no file");
    for (data, expected) in [
        ("bad.ndjson".to_owned(), format!("no report is named `bad`; write `--data REPORT=bad.ndjson` with one of {known}")),
        ("x=y/bad.csv".into(), format!("no report is named `x`; write `--data REPORT=y/bad.csv` with one of {known}")),
        ("x y=z/bad.csv".into(), format!("no report is named `bad`; write `--data REPORT=x y=z/bad.csv` with one of {known}")),
        (format!("{report}s=a=b.csv"), format!("no report is named `{report}s`; did you mean `--data {report}=a=b.csv`?")),
        (format!("no=such/{report}.csv"), format!("cannot read `no=such/{report}.csv`: {no_file}")),
        (format!("{report}=\u{1b}[2J"), format!("cannot read `\u{fffd}[2J`: {no_file}")),
    ] {
        let output = placewise(&["simulate", "--data", &data]);
        assert_eq!((stderr(&output), output.status.code()), (format!("error: {expected}\n"), Some(2)));
    }
}

#[test]
fn a_taken_port_names_itself() {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
    let port = listener.local_addr().expect("an address").port().to_string();
    let output = placewise(&["simulate", "--port", &port]);
    let expected = format!(
        "error: port {port} of the loopback address is taken; stop the other program or use another port; `--port 0` picks a free one\n"
    );
    assert_eq!((stderr(&output), output.status.code()), (expected, Some(2)));
}

#[test]
fn errors_in_json_are_one_object() {
    for (arguments, status, expected) in [
        (&["simulate", "--assume", "no-such-thing=1"][..], 2, "no assumption is named `no-such-thing`"),
        (&["simulate", "--data", "bad.ndjson"], 2, "no report is named `bad`; "),
        (&["reports", "no-such-report"], 2, "no report is called `no-such-report`; the reports are "),
        (&["dmeo"], 2, "unrecognized subcommand 'dmeo'; tip: a similar subcommand exists: 'demo'"),
        (&["demo", "--rows", "0"], 2, "invalid value '0' for '--rows <ROWS>': 0 is not in 1..=100000"),
        (&["simulate", "--drain", "160%"], 2, "invalid value '160%' for '--drain <PERCENT>': write a percentage from 0% to 100%"),
        (&[], 2, "'placewise' requires a subcommand but one was not provided [subcommands: "),
    ] {
        for format in [&["--format", "json"][..], &["--format=json"]] {
            let output = placewise(&[arguments, format].concat());
            let said = stderr(&output);
            assert_eq!((output.status.code(), stdout(&output), said.lines().count()), (Some(status), String::new(), 1), "{said}");
            let json: Value = serde_json::from_str(&said).expect("JSON");
            let message = json["error"].as_str().expect("a message");
            assert!(message.starts_with(expected) && json.as_object().is_some_and(|object| object.len() == 1), "{said}");
        }
    }
    assert!(stderr(&placewise(&["dmeo"])).contains("\nUsage: "), "text has usage and help");
}
