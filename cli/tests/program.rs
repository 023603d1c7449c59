//! The program as an analyst runs it: output, help and exit statuses.

mod common;

use common::{arguments, placewise, send, stderr, stdout};
use placewise_model::{Adds, Format, Model, Query, Report, Target};
use placewise_reporting::{MODEL, MemberBalance, Moment, Sendings, interval, member_balance, sendings};

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
    assert_eq!(unknown.status.code(), Some(2));
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
        (&["reports"], 0),
        (&["reports", "no_such_report"], 2),
        (&["reports", "--format", "csv"], 2),
        (&["reports", "--profile", "no-such-profile"], 2),
        (&["reports", "--config", "no/such/config.toml"], 2),
        (&["assumptions"], 0),
        (&["assumptions", "no_such_report"], 2),
        (&["settle", "--yes"], 2),
        (&["settle", "--only", "no-such-assumption"], 2),
        (&["settle", "--har", "no/such/recording.har"], 2),
        (&["drift"], 2),
        (&["drift", "--live", "--yes"], 2),
        (&["doctor"], 1),
        (&["doctor", "--model", "no/such/model.json"], 2),
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
    for command in ["demo", "simulate", "reports", "assumptions", "query", "plan", "doctor", "settle", "drift", "completions"] {
        assert!(stdout(&placewise(&[command, "--help"])).contains("Example"), "{command}");
    }
}
