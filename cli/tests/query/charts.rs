//! Charts that stop at any part and go on, and customers that are more than one request may name.

use std::fs;
use std::io::Read;
use std::process::{Command, Stdio};
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use placewise_simulator::{FaultPlan, Server, Simulator};
use serde_json::{Value, json};

use crate::support::{MODEL, Program, model, stderr};

/// A harbour whose data stay the same, with these faults.
fn harbour(faults: &Value) -> Server {
    let text = fs::read_to_string(MODEL).expect("the model");
    let now = Timestamp::now();
    let simulator = Simulator::from_json(&text).expect("a model").rows(300).customers(1..=9).clock(move || now);
    let plan = FaultPlan::from_json(&json!({ "faults": faults }).to_string()).expect("a plan");
    simulator.faults(plan).start().expect("a server")
}

/// A chart of several parts, always over the same range.
struct Chart {
    from: String,
    to: String,
}

impl Chart {
    fn new() -> Self {
        let now = Timestamp::now();
        let [from, to] = [350 * 24, 24].map(|hours| (now - SignedDuration::from_hours(hours)).to_string());
        Self { from, to }
    }

    fn query<'a>(&'a self, more: &[&'a str]) -> Vec<&'a str> {
        let range = ["query", "traffic", "--interval", "1d", "--from", &self.from, "--to", &self.to];
        [&range[..], more].concat()
    }
}

/// Tokens of a chart's request.
fn cost() -> u64 {
    u64::from(model().report("traffic").and_then(|report| report.cost).expect("a cost"))
}

#[test]
fn a_chart_stopped_at_any_part_becomes_what_an_unbroken_run_writes() {
    let (server, chart) = (harbour(&json!([])), Chart::new());
    let program = Program::at(server.url());
    program.text(&chart.query(&["--out", "whole.csv"]));
    let whole = fs::read(program.path("whole.csv")).expect("the file");
    let (requests, spent) = (server.requests().len() as u64, server.spent());
    assert!(requests > 2 && whole.iter().filter(|byte| **byte == b'\n').count() > 20);
    for answered in 1..requests {
        let (sent, before) = (server.requests().len() as u64, server.spent());
        let budget = (answered * cost() + cost() - 1).to_string();
        let run = chart.query(&["--out", "part.csv"]);
        let stopped = program.run(&[&run[..], &["--max-tokens", &budget]].concat());
        assert_eq!(stopped.status.code(), Some(3), "{}", stderr(&stopped));
        let said = format!("{} tokens are spent, and the next one costs {}", answered * cost(), cost());
        assert!(stderr(&stopped).contains(&said) && stderr(&stopped).contains("--resume"), "{}", stderr(&stopped));
        assert_eq!(program.files(), ["part.csv.partial", "part.csv.resume", "whole.csv"]);
        assert_eq!(server.spent() - before, answered * cost());
        // What was spent before counts.
        let again = program.run(&[&run[..], &["--resume", "--max-tokens", &budget]].concat());
        assert_eq!((again.status.code(), server.requests().len() as u64 - sent), (Some(3), answered), "{}", stderr(&again));
        let other = program.refusal(&[&run[..], &["--resume", "--by", "name"]].concat());
        assert!(other.contains("belongs to another query"), "{other}");
        let unfinished = program.refusal(&run);
        assert!(unfinished.contains("left of a run that stopped"), "{unfinished}");
        program.text(&[&run[..], &["--resume", "--max-tokens", &spent.to_string()]].concat());
        assert_eq!(fs::read(program.path("part.csv")).expect("the file"), whole);
        assert_eq!((server.requests().len() as u64 - sent, server.spent() - before), (requests, spent), "nothing twice");
        assert_eq!(program.files(), ["part.csv", "whole.csv"]);
        fs::remove_file(program.path("part.csv")).expect("removed");
    }
    // Nothing is left of a chart whose first request is not paid for.
    let none = program.refusal(&chart.query(&["--out", "part.csv", "--max-tokens", &(cost() - 1).to_string()]));
    assert!(none.contains("allows no further request: 0 tokens are spent"), "{none}");
    assert_eq!(program.files(), ["whole.csv"]);
}

#[test]
fn a_server_that_fails_in_the_middle_of_a_chart_leaves_what_a_later_run_goes_on_with() {
    let chart = Chart::new();
    let whole = harbour(&json!([]));
    let fails = harbour(&json!([{ "nth": 3, "do": [{ "reply": { "status": 403 } }] }]));
    let document = |server: &Server, more: &[&str]| {
        let program = Program::at(server.url());
        let run = chart.query(&["--out", "chart.json"]);
        let stopped = program.run(&run);
        if stopped.status.code() != Some(0) {
            assert_eq!(stopped.status.code(), Some(3), "{}", stderr(&stopped));
            assert!(stderr(&stopped).contains("`chart.json.partial` has 2 responses of the chart"), "{}", stderr(&stopped));
            let kept = fs::read_to_string(program.path("chart.json.partial")).expect("the file");
            assert!(kept.lines().count() == 2 && !kept.contains("secret-token"));
            // Half a response after the last one is cut off.
            fs::write(program.path("chart.json.partial"), format!("{kept}{{\"versi")).expect("written");
            program.text(&[&run[..], more].concat());
        }
        assert_eq!(program.files(), ["chart.json"]);
        let text = fs::read_to_string(program.path("chart.json")).expect("the file");
        serde_json::from_str::<Value>(&text).expect("JSON")
    };
    let (unbroken, resumed) = (document(&whole, &[]), document(&fails, &["--resume"]));
    assert_eq!(unbroken["chart"], resumed["chart"]);
    assert_eq!(resumed["meta"]["tokens"].as_u64(), Some(fails.spent() + cost()), "the try that failed may have been charged");
    assert_eq!(resumed["meta"]["requests"].as_u64(), unbroken["meta"]["requests"].as_u64().map(|requests| requests + 1));
}

#[test]
fn a_damaged_response_of_a_chart_is_not_gone_on_with() {
    let (server, chart) = (harbour(&json!([])), Chart::new());
    let program = Program::at(server.url());
    let run = chart.query(&["--out", "chart.csv"]);
    let stopped = program.run(&[&run[..], &["--max-tokens", &(2 * cost()).to_string()]].concat());
    assert_eq!(stopped.status.code(), Some(3), "{}", stderr(&stopped));
    let kept = fs::read_to_string(program.path("chart.csv.partial")).expect("the file");
    fs::write(program.path("chart.csv.partial"), kept.replacen("\"version\"", "\"Version\"", 1)).expect("written");
    let sent = server.requests().len();
    let error = program.refusal(&[&run[..], &["--resume"]].concat());
    assert!(error.contains("cannot go on with `chart.csv.partial`") && error.contains("--overwrite"), "{error}");
    assert_eq!(server.requests().len(), sent);
    program.text(&[&run[..], &["--overwrite"]].concat());
    assert_eq!(program.files(), ["chart.csv"]);
}

#[test]
fn ctrl_c_in_the_middle_of_a_chart_leaves_what_a_later_run_goes_on_with() {
    let chart = Chart::new();
    let server = harbour(&json!([{ "nth": 3, "optional": true, "do": [{ "latency_ms": 600_000 }] }]));
    let program = Program::at(server.url());
    let run = chart.query(&["--out", "chart.parquet", "--format", "text", "--max-tokens", "1000"]);
    let mut child = program.command(&run).stderr(Stdio::piped()).spawn().expect("the program runs");
    let kept = || fs::read_to_string(program.path("chart.parquet.partial")).map_or(0, |kept| kept.lines().count());
    while kept() < 2 {
        std::thread::sleep(Duration::from_millis(5));
    }
    let kill = Command::new("kill").args(["-INT", &child.id().to_string()]).status().expect("kill");
    assert!(kill.success());
    let mut said = String::new();
    child.stderr.take().expect("piped").read_to_string(&mut said).expect("text");
    assert_eq!(child.wait().expect("an end").code(), Some(3), "{said}");
    assert!(said.contains("stopped. `chart.parquet.partial` has 2 responses of the chart; go on with --resume"), "{said}");
    let resume = fs::read(program.path("chart.parquet.resume")).expect("the file");
    let resume: Value = serde_json::from_slice(&resume).expect("JSON");
    assert_eq!(resume["spent"], 3 * cost(), "the request under way was perhaps charged");
    program.text(&[&run[..], &["--resume"]].concat());
    assert_eq!(program.files(), ["chart.parquet"]);
}

#[test]
fn customers_of_several_requests_have_all_rows_and_one_chart() {
    let (server, chart) = (harbour(&json!([])), Chart::new());
    let program = Program::at(server.url());
    let most = model().api.customers.fewer_than - 1;
    let ids = |customers: u32| (1..=customers).map(|id| id.to_string()).collect::<Vec<_>>().join(",");
    let many = ids(2 * most + 1);
    let rows = |customers: &str| {
        let text = program.text(&["query", "berths", "--format", "ndjson", "--page-size", "20", "--customers", customers]);
        let mut rows: Vec<String> = text.lines().map(str::to_owned).collect();
        rows.sort();
        rows
    };
    let each: Vec<String> = (1..=2 * most + 1).map(|id| id.to_string()).collect();
    let mut one_by_one: Vec<String> = each.iter().flat_map(|id| rows(id)).collect();
    one_by_one.sort();
    assert_eq!(rows(&many), one_by_one);

    // Rows that stop at any page, also at the last one of a batch, go on.
    let all = ["query", "berths", "--page-size", "20", "--customers", &many, "--out"];
    let (sent, before) = (server.requests().len(), server.spent());
    program.text(&[&all[..], &["whole.csv"]].concat());
    let (pages, spent) = (server.requests().len() - sent, server.spent() - before);
    let each = spent / pages as u64;
    for page in 1..pages as u64 {
        let before = server.spent();
        let stopped = program.run(&[&all[..], &["part.csv", "--max-tokens", &(page * each).to_string()]].concat());
        assert_eq!((stopped.status.code(), server.spent() - before), (Some(3), page * each), "{}", stderr(&stopped));
        program.text(&[&all[..], &["part.csv", "--resume"]].concat());
        assert_eq!(server.spent() - before, spent, "nothing twice");
        let [part, whole] = ["part.csv", "whole.csv"].map(|name| fs::read_to_string(program.path(name)).expect("the file"));
        assert_eq!(part, whole, "stopped after {page} of {pages} pages");
        fs::remove_file(program.path("part.csv")).expect("removed");
    }

    let values = |customers: &str| program.text(&chart.query(&["--format", "csv", "--customers", customers]));
    let sums = values(&many);
    assert!(sums.lines().count() > 100);
    let summed = |text: &str| text.lines().skip(1).filter_map(|line| line.rsplit(',').next()?.parse::<f64>().ok()).sum::<f64>();
    let alone: f64 = (1..=2 * most + 1).map(|id| summed(&values(&id.to_string()))).sum();
    assert_eq!(summed(&sums), alone);

    let sent = server.requests().len();
    let plan = program.text(&["plan", "berths", "--customers", &many, "--format", "json"]);
    let plan: Value = serde_json::from_str(&plan).expect("JSON");
    assert_eq!(plan["requests"]["at_least"], 3, "{plan}");
    let statistics = model();
    let figures =
        statistics.reports.iter().find(|report| report.format == placewise_model::Format::Statistics).expect("a report");
    for (query, said) in [
        (&["query", "berths", "--by", "kind"][..], "--by groups the rows of each request by themselves"),
        (&["query", "craning", "--from", "-1h", "--interval", "10m"], "add up over customers is not known"),
        (&["query", &figures.name], "are those of one request"),
        (&["query", "berths", "--customers", "1,2,3,4,-5", "--out", "none.csv"], "`-5` is not a customer id"),
    ] {
        let customers: &[&str] = if query.contains(&"--customers") { &[] } else { &["--customers", &many] };
        let error = program.refusal(&[query, customers].concat());
        assert!(error.contains(said), "{query:?}: {error}");
    }
    assert_eq!(server.requests().len(), sent);
    assert_eq!(program.files(), ["whole.csv"]);
}
