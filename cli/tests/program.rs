//! The program as an analyst runs it: output, help and exit statuses.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::process::{Child, ChildStdout, Command, Output, Stdio};

use placewise_model::{Adds, Format, Model, Query, Report, Target};
use placewise_reporting::{MODEL, MemberBalance, Moment, Sendings, interval, member_balance, sendings};

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
fn the_demo_shows_rows_and_costs() {
    let output = placewise(&["demo", "--rows", "700"]);
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    let said = stdout(&output);
    for part in ["Delivered e-mail sendings", "Campaigns", "700 rows", "tokens in", "generated/rust/sendings.rs"] {
        assert!(said.contains(part), "no {part:?} in {said}");
    }
    assert!(!said.contains('\u{1b}'), "colors without a terminal");
}

#[test]
fn the_demo_is_deterministic_and_prints_json() {
    let json = |seed: &str| {
        let output = placewise(&["demo", "--rows", "700", "--seed", seed, "--format", "json"]);
        serde_json::from_slice::<serde_json::Value>(&output.stdout).expect("JSON and nothing else")
    };
    let (one, again, other) = (json("3"), json("3"), json("4"));
    assert_eq!(one, again);
    assert_ne!(one["email"], other["email"]);
    // A filtered page, with 1 for the logical node, an aggregation, two pages of every row, and a chart.
    let tokens = u64::from(4 * Sendings::COST + 1 + MemberBalance::COST);
    assert_eq!((one["rows"].as_u64(), one["tokens"].as_u64(), one["requests"].as_u64()), (Some(700), Some(tokens), Some(5)));
    assert!(one["balance_complete"] == true && one["balance"]["data_points"].as_u64().is_some_and(|points| points > 0));
    assert!(one["email"].as_array().is_some_and(|rows| !rows.is_empty() && rows.iter().all(|row| row["channel"] == "email")));
}

#[test]
fn reports_are_listed_and_described() {
    assert!(stdout(&placewise(&["reports"])).contains("sendings"));
    let one = stdout(&placewise(&["reports", "sendings"]));
    assert!(
        one.contains("Reporting:Api:Report:Sendings") && one.contains("opened_events_count") && one.contains("by campaign_id"),
        "{one}"
    );
    assert!(one.contains("yes, used in an example") && one.contains("  -d '{\"report\":\"sendings\",\"filter\":"), "{one}");
    let unknown = placewise(&["reports", "sendigns"]);
    assert_eq!(unknown.status.code(), Some(1));
    assert_eq!(stderr(&unknown), "error: no report is called `sendigns`; did you mean `sendings`?\n");
}

#[test]
fn a_report_says_what_adds_up_and_how_far_it_lags_behind() {
    let model: Model = serde_json::from_str(MODEL).expect("a model");
    let series = model.reports.iter().filter(|report| report.format == Format::Timeseries);
    let number = |report: &&Report| report.fields.iter().any(|field| field.adds.is_some());
    for report in series.chain(model.reports.iter().find(number)) {
        let said = stdout(&placewise(&["reports", &report.name]));
        let json: Report =
            serde_json::from_slice(&placewise(&["reports", &report.name, "--format", "json"]).stdout).expect("a report");
        assert_eq!((json.data_lag, &json.adds, &json.fields), (report.data_lag, &report.adds, &report.fields));
        if report.format == Format::Timeseries {
            let lag = report.data_lag.map_or_else(|| "not documented".into(), |lag| lag.to_string());
            let adds = report.adds.as_ref().map_or_else(|| "not documented".into(), Adds::describe);
            assert!(said.contains(&format!("data lag: {lag}")) && said.contains(&format!("values add up: {adds}")), "{said}");
        } else {
            assert!(said.contains("numbers add up: not documented unless the field says so"), "{said}");
            let adds = report.fields.iter().filter_map(|field| field.adds.as_ref());
            adds.for_each(|adds| assert!(said.contains(&adds.sentence()), "{said}"));
        }
    }
}

#[test]
fn the_simulator_accepts_every_printed_curl_command() {
    let model: Model = serde_json::from_str(MODEL).expect("a model");
    let now: jiff::Timestamp = "2026-01-15T12:00:00Z".parse().expect("a time");
    let simulator = placewise_simulator::Simulator::from_json(MODEL).expect("a simulator").rows(3).clock(move || now);
    let server = simulator.start().expect("a server");
    for report in &model.reports {
        let query = Query::example(&model, report);
        if query.path().starts_with('<') {
            continue;
        }
        let command = query.curl(&Target { base_url: "", token: "any", ..query.documented_target() });
        let response = send(&server.url(), &arguments(&command));
        assert!(response.starts_with("HTTP/1.1 200 "), "{command}\n{response}");
    }
}

/// The arguments that a shell passes to `curl`.
fn arguments(command: &str) -> Vec<String> {
    let script = format!("curl() {{ printf '%s\\0' \"$@\"; }}\n{command}");
    let output = Command::new("sh").args(["-c", &script]).output().expect("a shell");
    let text = String::from_utf8(output.stdout).expect("UTF-8");
    text.split_terminator('\0').map(str::to_owned).collect()
}

/// The response to a curl command of a path, headers and a body.
fn send(url: &str, arguments: &[String]) -> String {
    let [path, options @ ..] = arguments else { panic!("no arguments") };
    let mut request = format!("POST {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n");
    for option in options.chunks(2) {
        match option[0].as_str() {
            "-H" => request.push_str(&format!("{}\r\n", option[1])),
            _ => request.push_str(&format!("Content-Length: {}\r\n\r\n{}", option[1].len(), option[1])),
        }
    }
    let mut stream = TcpStream::connect(url.trim_start_matches("http://")).expect("a connection");
    stream.write_all(request.as_bytes()).expect("sent");
    let mut response = String::new();
    stream.read_to_string(&mut response).expect("a response");
    response
}

#[test]
fn the_printed_json_is_what_the_client_sends() {
    let model: Model = serde_json::from_str(MODEL).expect("a model");
    let at = |text: &str| Moment::parse(text).expect("a time");
    let rows = Sendings::records().filter(sendings::REPORTING_ID.eq(7265));
    let range = at("2026-01-01T00:00:00Z")..at("2026-01-08T00:00:00Z");
    let chart = MemberBalance::series(range).interval(interval::Day).filter(member_balance::TYPE.eq(member_balance::Type::In));
    let json = |text: String| serde_json::from_str::<serde_json::Value>(&text).expect("JSON");
    for (name, sent) in [("sendings", rows.body().to_string()), ("member_balance", chart.body().to_string())] {
        let printed = Query::example(&model, model.report(name).expect("the report")).json();
        assert_eq!(json(printed), json(sent), "{name}");
    }
}

#[test]
fn exit_statuses_are_as_documented() {
    for (arguments, code) in [
        (&["--help"][..], 0),
        (&["completions", "bash"], 0),
        (&["dmeo"], 2),
        (&["demo", "--rows", "0"], 2),
        (&["simulate", "--assume", "no-such-thing=1"], 2),
        (&["simulate", "--assume", "cursor-key"], 2),
        (&["simulate", "--drain", "160%"], 2),
        (&["simulate", "--data", "no/such/sendings.ndjson"], 2),
    ] {
        assert_eq!(placewise(arguments).status.code(), Some(code), "{arguments:?}");
    }
}

#[test]
fn the_help_of_every_command_has_an_example() {
    for command in ["demo", "simulate", "reports", "query", "plan", "completions"] {
        assert!(stdout(&placewise(&[command, "--help"])).contains("Example"), "{command}");
    }
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

/// A running `placewise simulate`, its URL, and the rest of its standard output.
fn simulate(arguments: &[&str]) -> (Child, String, BufReader<ChildStdout>) {
    let mut child = Command::new(env!("CARGO_BIN_EXE_placewise"))
        .arg("simulate")
        .args(arguments)
        .env_remove("PLACEWISE_TOKEN")
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the program runs");
    let mut line = String::new();
    let mut stdout = BufReader::new(child.stdout.take().expect("piped"));
    stdout.read_line(&mut line).expect("a line");
    (child, line.split_whitespace().next().expect("an address").to_owned(), stdout)
}

/// Stops the program like Ctrl-C; returns its status and what it said then.
#[cfg(unix)]
fn interrupt(child: Child, mut stdout: BufReader<ChildStdout>) -> (Option<i32>, String) {
    let id = child.id().to_string();
    assert!(Command::new("kill").args(["-INT", &id]).status().expect("`kill` runs").success());
    let mut said = String::new();
    stdout.read_to_string(&mut said).expect("UTF-8");
    let output = child.wait_with_output().expect("it ends");
    (output.status.code(), said + &stderr(&output))
}

#[cfg(unix)]
#[test]
fn the_simulator_accounts_for_each_fault() {
    let dir = tempfile::tempdir().expect("a folder");
    let path = dir.path().join("faults.json");
    let plan = r#"{"faults": [{"name": "busy", "do": [{"reply": {"status": 429, "retry_after": {"text": "0"}}}]}]}"#;
    std::fs::write(&path, plan).expect("writable");
    let arguments = ["--faults", path.to_str().expect("UTF-8")];

    let (child, url, stdout) = simulate(&arguments);
    let builder = placewise_reporting::blocking::Client::builder().base_url(url).token("any").product_name("tests");
    let client = builder.customers(placewise_reporting::Customers::all()).build().expect("a client");
    client.fetch(placewise_reporting::Sendings::records()).expect("a page after a refusal");
    let (status, said) = interrupt(child, stdout);
    assert!(status == Some(0) && said.contains("fault `busy`: ordered 1, matched 2, due 1, met 1"), "{said}");

    let (child, _, stdout) = simulate(&arguments);
    let (status, said) = interrupt(child, stdout);
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
    let plan = include_str!("../src/faults.json");
    assert!(plan.lines().all(|line| help.contains(line)));
    let (mut child, url, _stdout) = simulate(&["--faults", concat!(env!("CARGO_MANIFEST_DIR"), "/src/faults.json")]);
    let _ = child.kill();
    let _ = child.wait();
    assert!(url.starts_with("http://127.0.0.1:"), "{url}");
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

#[test]
fn the_simulator_serves_rows_of_a_file() {
    let model: Model = serde_json::from_str(MODEL).expect("a model");
    let report = model.report("sendings").expect("the report");
    let example =
        report.examples.iter().find(|example| example.aggregation.is_none() && example.field.is_none()).expect("an example");
    let row = example.response.as_ref().expect("a response")["records"][0].clone();
    let dir = tempfile::tempdir().expect("a folder");
    let path = dir.path().join("mine.ndjson");
    std::fs::write(&path, format!("{row}\n")).expect("writable");

    let data = format!("sendings={}", path.display());
    // `_stdout` stays open: the program ends if it cannot print its next line.
    let (mut child, url, _stdout) = simulate(&["--data", &data, "--customers", "275"]);
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
    assert_eq!(serde_json::to_value(page.expect("a page").rows[0].wire()).expect("JSON"), row);
}
