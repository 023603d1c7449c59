//! Runs the programs of `examples/` as their users do: against a server, with settings from the environment.

mod common;

/// Cargo builds an example without its tests, so they run here.
#[allow(dead_code, reason = "only its tests are run")]
#[path = "../examples/test_without_network.rs"]
mod test_without_network;

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use common::CUSTOMERS;
use placewise_reporting::jiff::{SignedDuration, Timestamp, civil::DateTime, tz::TimeZone};
use placewise_reporting::{Client, Customers, MODEL, MemberBalance, MembersGroupedCount, Moment, Sendings, interval, sendings};
use placewise_simulator::{FaultPlan, ManualClock, Server, Simulator};
use serde_json::{Value, json};

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

/// The program with its settings, for these customers.
fn command(name: &str, arguments: &[&str], server: &Server, customers: &[i64]) -> Command {
    let ids = customers.iter().map(i64::to_string).collect::<Vec<_>>().join(",");
    let mut command = Command::new(program(name));
    command.args(arguments).env("PLACEWISE_URL", server.url()).env("PLACEWISE_TOKEN", "demo").env("PLACEWISE_CUSTOMERS", ids);
    command
}

fn run(name: &str, arguments: &[&str], server: &Server) -> Output {
    command(name, arguments, server, &CUSTOMERS).output().expect("the program runs")
}

/// The standard output of a successful run.
fn printed(output: Output) -> String {
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).expect("UTF-8")
}

/// The standard error of a failed run.
fn failure(output: Output) -> String {
    let message = String::from_utf8(output.stderr).expect("UTF-8");
    assert!(!output.status.success() && !message.contains("panicked"), "{message}");
    message
}

fn faults(plan: &Value) -> FaultPlan {
    FaultPlan::from_json(&plan.to_string()).expect("a plan")
}

fn client(server: &Server, customers: impl Into<Customers>) -> Client {
    Client::builder().base_url(server.url()).token("demo").customers(customers).product_name("tests").build().expect("a client")
}

async fn all_sendings(server: &Server) -> Vec<sendings::Row> {
    client(server, Customers::ids(CUSTOMERS)).collect_all(Sendings::records().page_size(500)).await.expect("rows")
}

/// A folder that a sync writes to.
struct Synced(tempfile::TempDir);

impl Synced {
    fn new() -> Self {
        Self(tempfile::tempdir().expect("a folder"))
    }

    fn path(&self) -> &str {
        self.0.path().to_str().expect("UTF-8")
    }

    fn state(&self) -> Value {
        serde_json::from_slice(&fs::read(self.0.path().join("state.json")).expect("written")).expect("JSON")
    }

    fn rows(&self) -> Vec<Value> {
        let text = fs::read_to_string(self.0.path().join("sendings.ndjson")).expect("written");
        text.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect()
    }

    /// Asserts that the file has each row once.
    fn assert_whole(&self, truth: &[Value]) {
        let by_id = |rows: &[Value]| rows.iter().map(|row| (row["id"].as_i64(), row.clone())).collect::<BTreeMap<_, _>>();
        let rows = self.rows();
        assert_eq!((rows.len(), by_id(&rows) == by_id(truth)), (truth.len(), true));
    }
}

async fn wire_rows(server: &Server) -> Vec<Value> {
    all_sendings(server).await.iter().map(|row| serde_json::to_value(row.wire()).expect("serializes")).collect()
}

/// Pages of the sync, by the number of their rows.
const PAGE: usize = 500;

/// A server with five pages of sendings.
fn with_pages(plan: &Value) -> Server {
    simulator().rows(4 * PAGE + 100).faults(faults(plan)).start().expect("started")
}

/// The third request for a page meets this.
fn third_page(effect: &Value) -> Value {
    json!({"faults": [{"on": {"report": "sendings", "page": "next"}, "nth": 2, "do": [effect]}]})
}

#[tokio::test]
async fn a_second_sync_appends_only_what_is_new() {
    let server = simulator().start().expect("started");
    let mut rows = wire_rows(&server).await;
    rows.sort_by_key(|row| row["created_at"].to_string());
    // A row that becomes visible after a newer one.
    let mut late = rows[199].clone();
    let created: DateTime = late["created_at"].as_str().and_then(|time| time.parse().ok()).expect("a time");
    late["id"] = 9_999_999.into();
    late["created_at"] = (created - SignedDuration::from_mins(30)).to_string().into();
    rows.push(late);
    let server_of = |rows: &[Value]| simulator().data("sendings", rows.iter().cloned()).start().expect("started");
    let synced = Synced::new();
    let path = synced.path();

    let first = server_of(&rows[..200]);
    assert_eq!(printed(run("nightly_sync", &[path], &first)), format!("200 new sendings in {path}\n"));
    assert_eq!(printed(run("nightly_sync", &[path], &first)), format!("0 new sendings in {path}\n"));
    let all = printed(run("nightly_sync", &[path], &server_of(&rows)));
    assert_eq!(all, format!("{} new sendings in {path}\n", rows.len() - 200));
    synced.assert_whole(&rows);
}

#[tokio::test]
async fn a_sync_goes_on_from_the_cursor_of_the_page_that_failed() {
    let synced = Synced::new();
    let server = with_pages(&third_page(&json!({"reply": {"status": 501}})));
    assert!(failure(run("nightly_sync", &[synced.path()], &server)).contains("501"));
    assert_eq!((synced.rows().len(), server.requests().len()), (2 * PAGE, 3));
    assert!(synced.state()["broken"]["cursor"].is_string());

    let truth = wire_rows(&server).await;
    let before = server.requests().len();
    let rest = format!("{} new sendings in {}\n", truth.len() - 2 * PAGE, synced.path());
    assert_eq!(printed(run("nightly_sync", &[synced.path()], &server)), rest);
    // The three pages that were missing, and one for newer rows.
    assert_eq!(server.requests().len() - before, 4);
    synced.assert_whole(&truth);
}

#[tokio::test]
async fn a_sync_that_is_killed_within_a_page_loses_and_doubles_nothing() {
    let synced = Synced::new();
    let mut plan = third_page(&json!({"latency_ms": 600_000}));
    // Nobody is left to meet its end.
    plan["faults"][0]["optional"] = true.into();
    let server = with_pages(&plan);
    let mut killed = command("nightly_sync", &[synced.path()], &server, &CUSTOMERS).spawn().expect("the program runs");
    // The third page is requested once the rows of the second are there, and those of the first are in the file.
    while server.requests().len() < 3 {
        std::thread::sleep(std::time::Duration::from_millis(5));
    }
    killed.kill().and_then(|()| killed.wait()).expect("killed");
    let text = fs::read(synced.0.path().join("sendings.ndjson")).expect("written");
    // What a kill may leave behind, whenever it comes.
    fs::write(synced.0.path().join("sendings.ndjson"), [&text[..], b"{\"id\":"].concat()).expect("writable");

    let truth = wire_rows(&server).await;
    let before = server.requests().len();
    let cursor = synced.state()["broken"]["cursor"].to_string();
    printed(run("nightly_sync", &[synced.path()], &server));
    let resumed = server.requests()[before].body.as_ref().is_some_and(|body| body.to_string().contains(&cursor));
    assert!(resumed, "{cursor}");
    synced.assert_whole(&truth);
}

#[tokio::test]
async fn a_sync_skips_rows_that_moved_to_a_later_page_meanwhile() {
    let mut truth = wire_rows(&simulator().rows(3 * PAGE).start().expect("started")).await;
    truth.sort_by_key(|row| std::cmp::Reverse(row["created_at"].to_string()));
    // The simulator sends rows by their id.
    truth.iter_mut().zip(1..).for_each(|(row, id)| row["id"] = id.into());
    let server = |rows: &[Value]| simulator().data("sendings", rows.iter().cloned());
    let synced = Synced::new();
    let plan = faults(&third_page(&json!({"reply": {"status": 501}})));
    failure(run("nightly_sync", &[synced.path()], &server(&truth[1..]).faults(plan).start().expect("started")));
    // The newest row is first now, so each of the others is one place later.
    let rest = printed(run("nightly_sync", &[synced.path()], &server(&truth).start().expect("started")));
    assert_eq!(rest, format!("{} new sendings in {}\n", PAGE, synced.path()));
    synced.assert_whole(&truth);
}

#[tokio::test]
async fn a_sync_whose_cursor_is_refused_starts_again() {
    let synced = Synced::new();
    let server = with_pages(&third_page(&json!({"reply": {"status": 501}})));
    failure(run("nightly_sync", &[synced.path()], &server));
    let mut state = synced.state();
    state["broken"]["cursor"] = "forgotten".into();
    fs::write(synced.0.path().join("state.json"), state.to_string()).expect("writable");

    let output = run("nightly_sync", &[synced.path()], &server);
    assert!(String::from_utf8_lossy(&output.stderr).contains("the server refuses the cursor"));
    let truth = wire_rows(&server).await;
    assert_eq!(printed(output), format!("{} new sendings in {}\n", truth.len(), synced.path()));
    synced.assert_whole(&truth);
}

#[tokio::test]
async fn a_backfill_goes_on_where_it_failed_and_adds_up_to_the_months() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().to_str().expect("UTF-8");
    // Longer than the client waits.
    let busy = json!({"reply": {"status": 429, "retry_after": {"text": "3600"}}});
    let plan = json!({"faults": [{"on": {"report": "member_balance"}, "nth": 4, "do": [busy]}]});
    let server = simulator().faults(faults(&plan)).start().expect("started");
    let failed = run("backfill", &[path], &server);
    let first_club = format!("club 1000941: 3 parts, 4 requests, {} tokens\n", 3 * MemberBalance::COST);
    assert!(String::from_utf8_lossy(&failed.stdout).starts_with(&first_club));
    assert!(failure(failed).contains("run the backfill again to go on with what is missing"));
    let first = server.requests().len();
    // What a kill may leave behind.
    let left = fs::read(folder.path().join("days.csv")).expect("written");
    fs::write(folder.path().join("days.csv"), [&left[..], b"1000941,2026-"].concat()).expect("writable");
    let rest = printed(run("backfill", &[path], &server));
    assert!(rest.contains("  no longer retained: ") && !rest.contains("left out"), "{rest}");
    let parts = (server.requests().len() - 1) / CUSTOMERS.len();
    assert_eq!((server.requests().len() - 1, first), (parts * CUSTOMERS.len(), 4), "no part is requested twice");

    let mut csv = csv::Reader::from_path(folder.path().join("days.csv")).expect("written");
    let days: Vec<(i64, String, String, Option<i64>)> = csv.deserialize().map(|line| line.expect("a line")).collect();
    let distinct: BTreeSet<_> = days.iter().map(|(club, day, kind, _)| (club, day, kind)).collect();
    assert_eq!(distinct.len(), days.len(), "no day twice");
    // Whole months, of which the file has every day.
    let month = |day: &str| day[..7].to_owned();
    let (oldest, newest) =
        (days.iter().map(|day| &day.1).min().expect("days"), days.iter().map(|day| &day.1).max().expect("days"));
    let today = Timestamp::now().to_zoned_datetime(TimeZone::get("Europe/Oslo").expect("a zone")).date();
    assert!(**newest < *today.to_string(), "today is not over: {newest}");
    let whole = |day: &str| month(day) > month(oldest) && month(day) < month(newest);
    let mut sums: BTreeMap<(i64, String, String), i64> = BTreeMap::new();
    for (club, day, kind, value) in days.iter().filter(|(_, day, ..)| whole(day)) {
        *sums.entry((*club, month(day), kind.clone())).or_default() += value.unwrap_or(0);
    }
    let at = |day: &str| Moment::parse(&format!("{day}T12:00:00Z")).expect("a moment");
    let mut expected = BTreeMap::new();
    for club in CUSTOMERS {
        let months = MemberBalance::series(at(oldest)..at(newest)).interval(interval::Month);
        let chart = client(&server, club).fetch(months).await.expect("a chart");
        for point in chart.points().filter(|point| whole(&point.bucket.to_string())) {
            let kind = point.label.r#type.as_ref().expect("a label").as_str().to_owned();
            let value = point.value.and_then(|value| value.as_i64()).unwrap_or(0);
            expected.insert((club, month(&point.bucket.to_string()), kind), value);
        }
    }
    sums.retain(|_, sum| *sum != 0);
    expected.retain(|_, value| *value != 0);
    assert!(sums.len() > 20 && sums == expected, "{sums:?}\n{expected:?}");
}

#[tokio::test]
async fn many_clubs_add_what_adds_and_nothing_else() {
    let ids: Vec<i64> = (1..=90).collect();
    let server = simulator().customers(ids.iter().copied()).start().expect("started");
    let printed = printed(command("many_clubs", &[], &server, &ids).output().expect("the program runs"));

    let client = client(&server, Customers::all());
    let mut groups: BTreeMap<(String, String), i64> = BTreeMap::new();
    for row in client.collect_all(MembersGroupedCount::records()).await.expect("rows") {
        let grouping = row.grouping_type.map_or("none".to_owned(), |grouping| grouping.as_str().to_owned());
        let value = row.grouping_value.map_or("none".to_owned(), |value| value.to_string());
        *groups.entry((grouping, value)).or_default() += row.members_count;
    }
    let sums: String = groups.iter().map(|((grouping, value), count)| format!("{grouping} {value}: {count} members\n")).collect();
    assert!(groups.len() > 2 && printed.starts_with(&sums), "{printed}");

    let now = Timestamp::now();
    let query = MemberBalance::series(now - SignedDuration::from_hours(31 * 24)..now).interval(interval::Month);
    let history = client.history(query).customers(Customers::ids(ids)).fetch().await.expect("a history");
    assert_eq!(history.charts.len(), client.customer_batches(1..=90).len());
    let reason = history.unmerged.expect("several charts");
    let (_, changes) = printed.split_at(sums.len());
    let title = format!("{} charts that are not added, because {reason}:\n", history.charts.len());
    assert!(changes.starts_with(&title), "{changes}");
    for one in &history.charts {
        let values = one.chart.points().map(|point| {
            let kind = point.label.r#type.as_ref().expect("a label").as_str();
            format!("  {} {kind}: {}\n", point.bucket, point.value.map_or("no value".to_owned(), |value| value.to_string()))
        });
        let lines: String = std::iter::once(format!("{:?}\n", one.customers)).chain(values).collect();
        assert!(changes.contains(&lines), "{lines}{changes}");
    }
    assert!(changes.lines().last().is_some_and(|line| line.contains(" tokens left in ")), "{changes}");
}

#[tokio::test]
async fn the_dashboard_counts_what_the_server_has() {
    let server = simulator().start().expect("started");
    let printed = printed(run("dashboard", &[], &server));
    let month_ago = Timestamp::now() - SignedDuration::from_hours(30 * 24);
    let rows = all_sendings(&server).await;
    let recent: Vec<_> =
        rows.iter().filter(|row| row.created_at.assume_utc().is_some_and(|created| created >= month_ago)).collect();
    assert!(printed.contains(&format!("Sendings ({})\n", recent.len())), "{printed}");
    let emails = recent.iter().filter(|row| row.channel == Some(sendings::Channel::Email));
    let (sent, delivered) =
        emails.fold((0, 0), |(sent, delivered), row| (sent + row.dispatches_count, delivered + row.delivered_count));
    assert!(printed.contains(&format!("  email     {delivered:>8} of {sent} messages delivered\n")), "{printed}");
    assert!(printed.starts_with("Members (") && printed.contains("  joined  at most "), "{printed}");
    assert!(printed.ends_with(&format!("Backfill: {} sendings\n", rows.len())), "{printed}");
}

/// The bucket is never refilled, so whoever waited for tokens would wait for ever.
#[test]
fn the_dashboard_does_not_wait_for_the_backfill() {
    let clock = ManualClock::new();
    let server = simulator().rows(2400).assume("bucket-capacity", 50).rate_limit_clock(clock.reader()).start().expect("started");
    let mut command = command("dashboard", &[], &server, &CUSTOMERS);
    let mut running = command.stdout(Stdio::piped()).spawn().expect("the program runs");
    let lines = BufReader::new(running.stdout.take().expect("a pipe")).lines().map(|line| line.expect("UTF-8"));
    let refreshes: Vec<String> = lines.filter(|line| line.starts_with("Members (")).take(3).collect();
    running.kill().and_then(|()| running.wait()).expect("killed");

    // The first may wait for the answer that tells the level of the bucket.
    assert_eq!(refreshes.len(), 3);
    assert!(refreshes[1..].iter().all(|line| line.ends_with("; held back for 0ns)")), "{refreshes:?}");
    let of_backfill = server.requests().into_iter().filter(|request| {
        let body = request.body.as_ref().expect("a body");
        body["report"] == "sendings" && body.get("filter").is_none_or(Value::is_null)
    });
    let spent: u32 = of_backfill.map(|request| request.cost).sum();
    assert!(spent > 0 && spent <= 20, "it leaves 30 of 50 tokens: {spent}");
}

#[tokio::test]
async fn the_tested_program_prints_the_share_of_its_channel() {
    let server = simulator().start().expect("started");
    let printed = printed(run("test_without_network", &["email"], &server));
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
        ("nightly_sync", &["unused"]),
        ("backfill", &["unused"]),
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
        let message = failure(output);
        assert!(message.contains("PLACEWISE_TOKEN"), "{name}: {message}");
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
