use std::fs;
use std::process::Output;

use placewise_simulator::{ErrorName, FaultPlan, Simulator};
use serde_json::Value;

use crate::support::{MODEL, Program, harbour, model, stderr};

fn checks(output: &Output) -> Value {
    serde_json::from_slice(&output.stdout).unwrap_or_else(|_| panic!("no JSON: {}", stderr(output)))
}

fn state<'c>(document: &'c Value, check: &str) -> &'c str {
    let all = document["checks"].as_array().expect("checks");
    let found = all.iter().find(|one| one["check"] == check);
    found.and_then(|one| one["state"].as_str()).unwrap_or_else(|| panic!("no {check} in {document:#}"))
}

const JSON: [&str; 4] = ["doctor", "--yes", "--format", "json"];

#[test]
fn a_good_connection_is_ok_in_every_line() {
    let server = harbour(3);
    let program = Program::at(server.url());
    let said = program.text(&["doctor", "--yes"]);
    assert!(said.lines().all(|line| line.starts_with("ok ")), "{said}");
    assert!(!said.contains("secret-token"), "{said}");
    for part in [
        "url",
        "from PLACEWISE_URL",
        "token: set, from PLACEWISE_TOKEN",
        "proxy",
        "CA store",
        "clock",
        "rate limit",
        "permit for",
    ] {
        assert!(said.contains(part), "no {part} in {said}");
    }
    assert_eq!(server.requests().len(), 1);
    let document = checks(&program.run(&JSON));
    assert_eq!((&document["ok"], &document["requests"]), (&Value::Bool(true), &1.into()));
}

#[test]
fn nothing_is_sent_before_its_price_is_accepted() {
    let server = harbour(3);
    let program = Program::at(server.url());
    let output = program.run(&["doctor"]);
    assert_eq!(output.status.code(), Some(2));
    let least = model().reports.iter().filter_map(|report| report.cost).min().expect("a cost");
    assert!(stderr(&output).contains(&format!("that takes 1 request, {least} token")), "{}", stderr(&output));
    assert!(stderr(&output).contains("add --yes") && server.requests().is_empty());
}

#[test]
fn permits_are_asked_for_each_report_whose_path_is_known() {
    let server = harbour(3);
    let program = Program::at(server.url());
    let document = checks(&program.run(&[&JSON[..], &["--permits"]].concat()));
    let model = model();
    let known = model
        .reports
        .iter()
        .filter(|report| model.endpoint(model.endpoint_of(report.format)).is_some_and(|endpoint| endpoint.path.value.is_some()));
    assert_eq!(document["requests"], known.clone().count());
    assert!(document["price"]["at_most"].is_null(), "some costs are not known: {document:#}");
    for report in known.filter(|report| report.format == placewise_model::Format::Records) {
        assert_eq!(state(&document, &format!("permit for {}", report.name)), "ok");
    }
}

#[test]
fn what_the_server_refuses_is_told_apart() {
    let server = harbour(3);
    let program = Program::at(server.url());
    for (refusal, check, expected) in
        [(ErrorName::Unauthorized, "token accepted", "wrong"), (ErrorName::Maintenance, "token accepted", "unknown")]
    {
        server.refuse_next(refusal);
        let output = program.run(&JSON);
        let document = checks(&output);
        assert_eq!(state(&document, check), expected, "{document:#}");
        assert_eq!(output.status.code(), Some(if expected == "wrong" { 1 } else { 0 }));
        assert!(!document.to_string().contains("secret-token"));
    }
    server.refuse_next(ErrorName::Forbidden);
    let document = checks(&program.run(&JSON));
    assert_eq!(state(&document, "token accepted"), "ok");
    let permit = document["checks"]
        .as_array()
        .expect("checks")
        .iter()
        .find(|one| one["check"].as_str().is_some_and(|name| name.starts_with("permit for")));
    assert_eq!(permit.expect("a permit")["state"], "wrong");
}

#[test]
fn a_clock_that_is_wrong_and_missing_headers_are_told() {
    let text = fs::read_to_string(MODEL).expect("the model");
    let limit = model().api.rate_limit;
    let headers = serde_json::json!({ "date": "Thu, 01 Jan 2015 00:00:00 GMT", (limit.cost): null });
    let plan = serde_json::json!({ "faults": [{ "do": [{ "headers": headers }] }] }).to_string();
    let plan = FaultPlan::from_json(&plan).expect("a plan");
    let server = Simulator::from_json(&text).and_then(|simulator| simulator.rows(3).faults(plan).start()).expect("a server");
    let output = Program::at(server.url()).run(&JSON);
    let document = checks(&output);
    assert_eq!((state(&document, "clock"), state(&document, "rate limit")), ("wrong", "unknown"), "{document:#}");
    assert_eq!(output.status.code(), Some(1));
}

#[test]
fn a_host_that_is_not_there_is_found_without_a_request() {
    let output = Program::at("http://127.0.0.1:1").run(&JSON);
    let document = checks(&output);
    assert_eq!((state(&document, "host"), state(&document, "connection")), ("ok", "wrong"));
    assert_eq!((output.status.code(), &document["requests"]), (Some(1), &0.into()));
}

#[test]
fn a_setting_that_is_missing_says_how_to_set_it() {
    let program = Program::at("");
    let output = program.run(&JSON);
    let document = checks(&output);
    assert_eq!((output.status.code(), state(&document, "url")), (Some(1), "wrong"));
    assert!(document.to_string().contains("PLACEWISE_URL"));
}

#[cfg(unix)]
#[test]
fn a_token_file_that_others_can_read_is_wrong() {
    use std::os::unix::fs::PermissionsExt;
    let server = harbour(3);
    let program = Program::at(server.url());
    let file = program.path("token");
    fs::write(&file, "secret-token").expect("writable");
    for (mode, expected) in [(0o644, "wrong"), (0o600, "ok")] {
        fs::set_permissions(&file, fs::Permissions::from_mode(mode)).expect("set");
        let document = checks(&program.run(&[&JSON[..], &["--token-file", "token"]].concat()));
        assert_eq!(state(&document, "token"), expected);
    }
}

#[test]
fn a_password_in_the_url_is_not_shown() {
    let program = Program::at("https://user:s3cret@127.0.0.1:1/?key=s3cret");
    let output = program.run(&["doctor"]);
    let said = String::from_utf8_lossy(&output.stdout).into_owned() + &stderr(&output);
    assert!(output.status.code() == Some(1) && !said.contains("s3cret"), "{said}");
}
