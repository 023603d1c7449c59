//! Runs the programs of `examples/` as their users do: against a server, with settings from the environment.

mod common;

/// Cargo builds an example without its tests, so they run here.
#[allow(dead_code, reason = "only its tests are run")]
#[path = "../examples/test_without_network.rs"]
mod test_without_network;

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use common::CUSTOMERS;
use placewise_reporting::jiff::{SignedDuration, Timestamp, civil::DateTime};
use placewise_reporting::{Client, Customers, MODEL, MemberBalance, Moment, Sendings, interval, sendings};
use placewise_simulator::{Server, Simulator};
use serde_json::Value;

/// A simulator with the system's clock, which the programs use too.
fn simulator() -> Simulator {
    let simulator = Simulator::from_json(MODEL).expect("a model");
    simulator.seed(11).rows(240).customers(CUSTOMERS).assume("bucket-capacity", 1_000_000)
}

/// The built program. `cargo test` builds examples before it runs tests; `cargo test --test programs` does not.
fn program(name: &str) -> PathBuf {
    let test = std::env::current_exe().expect("a path");
    let profile = test.parent().and_then(Path::parent).expect("tests lie in target/PROFILE/deps");
    let program = profile.join("examples").join(format!("{name}{}", std::env::consts::EXE_SUFFIX));
    assert!(program.exists(), "{} is not built; run `cargo build --examples`", program.display());
    program
}

fn run(name: &str, arguments: &[&str], settings: &[(&str, &str)]) -> Output {
    let mut command = Command::new(program(name));
    for setting in ["PLACEWISE_URL", "PLACEWISE_TOKEN", "PLACEWISE_CUSTOMERS"] {
        command.env_remove(setting);
    }
    command.args(arguments).envs(settings.iter().copied()).output().expect("the program runs")
}

/// The standard output of a successful run for all customers.
fn output(name: &str, arguments: &[&str], server: &Server) -> String {
    let ids = CUSTOMERS.map(|id| id.to_string()).join(",");
    let settings = [("PLACEWISE_URL", &*server.url()), ("PLACEWISE_TOKEN", "demo"), ("PLACEWISE_CUSTOMERS", &ids)];
    let output = run(name, arguments, &settings);
    assert!(output.status.success(), "{name}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).expect("UTF-8")
}

fn client(server: &Server) -> Client {
    let customers = Customers::ids(CUSTOMERS);
    Client::builder().base_url(server.url()).token("demo").customers(customers).product_name("tests").build().expect("a client")
}

async fn all_sendings(server: &Server) -> Vec<sendings::Row> {
    client(server).collect_all(Sendings::records().page_size(500)).await.expect("rows")
}

#[tokio::test]
async fn the_dashboard_counts_what_the_server_has() {
    let server = simulator().start().expect("started");
    let printed = output("dashboard", &[], &server);
    let month_ago = Timestamp::now() - SignedDuration::from_hours(30 * 24);
    let rows = all_sendings(&server).await;
    let recent: Vec<_> =
        rows.iter().filter(|row| row.created_at.assume_utc().is_some_and(|created| created >= month_ago)).collect();
    assert!(printed.contains(&format!("Sendings ({})\n", recent.len())), "{printed}");
    let emails = recent.iter().filter(|row| row.channel == Some(sendings::Channel::Email));
    let (sent, delivered) =
        emails.fold((0, 0), |(sent, delivered), row| (sent + row.dispatches_count, delivered + row.delivered_count));
    assert!(printed.contains(&format!("  email     {delivered:>8} of {sent} messages delivered\n")), "{printed}");
    assert!(printed.starts_with("Members (") && printed.contains(" days, Europe/Oslo)\n  joined  "), "{printed}");
}

#[tokio::test]
async fn a_second_export_appends_only_what_is_new() {
    let server = simulator().start().expect("started");
    let mut rows: Vec<Value> =
        all_sendings(&server).await.iter().map(|row| serde_json::to_value(row.wire()).expect("serializes")).collect();
    rows.sort_by_key(|row| row["created_at"].to_string());
    // A row that becomes visible after a newer one.
    let mut late = rows[199].clone();
    let created: DateTime = late["created_at"].as_str().and_then(|time| time.parse().ok()).expect("a time");
    late["id"] = 9_999_999.into();
    late["created_at"] = (created - SignedDuration::from_mins(30)).to_string().into();
    rows.push(late);
    let server_of = |rows: &[Value]| simulator().data("sendings", rows.iter().cloned()).start().expect("started");
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().to_str().expect("UTF-8");
    let ids = || -> Vec<i64> {
        let text = fs::read_to_string(folder.path().join("sendings.ndjson")).expect("written");
        text.lines().map(|line| serde_json::from_str::<Value>(line).expect("JSON")["id"].as_i64().expect("an id")).collect()
    };

    let first = server_of(&rows[..200]);
    assert_eq!(output("export", &[path], &first), format!("200 new sendings in {path}\n"));
    assert_eq!(output("export", &[path], &first), format!("0 new sendings in {path}\n"));
    // What a failed run left behind is cut off.
    let mut json = fs::read(folder.path().join("sendings.ndjson")).expect("written");
    json.extend_from_slice(b"{\"id\":");
    fs::write(folder.path().join("sendings.ndjson"), json).expect("writable");
    assert_eq!(output("export", &[path], &server_of(&rows)), format!("{} new sendings in {path}\n", rows.len() - 200));

    let ids = ids();
    assert_eq!((ids.len(), ids.iter().collect::<BTreeSet<_>>().len()), (rows.len(), rows.len()), "each row once");
    let mut csv = csv::Reader::from_path(folder.path().join("sendings.csv")).expect("written");
    let csv: Vec<i64> = csv.records().map(|line| line.expect("a line")[0].parse().expect("an id")).collect();
    assert_eq!(csv, ids);
}

#[tokio::test]
async fn a_backfill_adds_up_to_the_months() {
    let server = simulator().start().expect("started");
    // The last full calendar year is within retention, and longer than one query allows.
    let year = Timestamp::now().to_string()[..4].parse::<i16>().expect("a year") - 1;
    let (first, last) = (format!("{year}-01-01"), format!("{year}-12-31"));
    let printed = output("backfill", &[&first, &last], &server);
    let at = |text: String| Moment::parse(&text).expect("a moment");
    let range = at(format!("{first}T00:00:00+01:00"))..at(format!("{last}T23:59:59+01:00"));
    let months = client(&server).fetch(MemberBalance::series(range).interval(interval::Month)).await.expect("a chart");
    let sums = months.series.iter().map(|series| series.values.iter().flatten().filter_map(|value| value.as_i64()).sum::<i64>());
    let [joined, left] = sums.collect::<Vec<_>>()[..] else { panic!("{:?}", months.series) };
    let line = format!("{first} to {last}: {joined} joined, {left} left, on ");
    assert!(joined > 0 && printed.starts_with("3 requests, 9 tokens\n") && printed.contains(&line), "{printed}");
}

#[test]
fn many_clubs_print_one_line_each_in_order() {
    let server = simulator().start().expect("started");
    let printed = output("many_clubs", &[], &server);
    let lines: Vec<&str> = printed.lines().collect();
    let [clubs @ .., last] = lines.as_slice() else { panic!("{printed}") };
    for (line, id) in clubs.iter().zip(CUSTOMERS) {
        assert!(line.starts_with(&format!("club {id}: ")) && line.ends_with(" members joined in the last 30 days"), "{line}");
    }
    assert_eq!(clubs.len(), CUSTOMERS.len());
    assert!(last.strip_prefix("3 clubs, 0 failed, tokens left: ").is_some_and(|left| left.parse::<i64>().is_ok()), "{last}");
}

#[tokio::test]
async fn the_tested_program_prints_the_share_of_its_channel() {
    let server = simulator().start().expect("started");
    let printed = output("test_without_network", &["email"], &server);
    let rows = all_sendings(&server).await;
    let emails = rows.iter().filter(|row| row.channel == Some(sendings::Channel::Email));
    let (sent, delivered) =
        emails.fold((0, 0), |(sent, delivered), row| (sent + row.dispatches_count, delivered + row.delivered_count));
    assert_eq!(printed, format!("{:.1} % delivered\n", 100.0 * delivered as f64 / sent as f64));
}

#[test]
fn each_program_names_the_setting_that_is_missing() {
    let url = ("PLACEWISE_URL", "http://127.0.0.1:9");
    for (name, arguments) in [
        ("dashboard", &[][..]),
        ("export", &["unused"]),
        ("backfill", &["2026-01-01", "2026-01-02"]),
        ("many_clubs", &[]),
        ("test_without_network", &["email"]),
    ] {
        let ids = ("PLACEWISE_CUSTOMERS", "1000941");
        let folder = tempfile::tempdir().expect("a folder");
        let output = Command::new(program(name))
            .current_dir(folder.path())
            .args(arguments)
            .env_remove("PLACEWISE_TOKEN")
            .envs([url, ids])
            .output()
            .expect("the program runs");
        let message = String::from_utf8_lossy(&output.stderr);
        assert!(
            !output.status.success() && message.contains("PLACEWISE_TOKEN") && !message.contains("panicked"),
            "{name}: {message}"
        );
    }
}

#[test]
fn a_program_that_does_not_use_the_registry_does_not_link_the_model() {
    let links = |program: &Path| {
        let (program, text) = (fs::read(program).expect("a program"), &MODEL.as_bytes()[..64]);
        program.windows(text.len()).any(|window| window == text)
    };
    assert!(links(&std::env::current_exe().expect("a path")));
    assert!(!links(&program("dashboard")));
}
