//! The rate limit that runs of the program share, and what a plan says of it.

use std::fs;
use std::process::Stdio;

use placewise_simulator::{Server, Simulator};
use serde_json::Value;

use crate::support::{Program, harbour, model, stderr};

/// A harbour whose bucket holds little. Its model is the one that the program reads, so only the answers tell the size.
fn tight(capacity: u32, refill: u32) -> Server {
    let mut model = model();
    (model.api.rate_limit.capacity.value, model.api.rate_limit.refill.value) = (capacity, refill);
    let text = serde_json::to_string(&model).expect("JSON");
    Simulator::from_json(&text).and_then(|simulator| simulator.rows(60).start()).expect("a server")
}

/// The limiters' files.
fn limiters(program: &Program) -> Vec<String> {
    let Ok(entries) = fs::read_dir(program.path("cache/placewise")) else { return Vec::new() };
    let names = entries.map(|entry| entry.expect("an entry").file_name().to_string_lossy().into_owned());
    names.filter(|name| name.starts_with("rate-limit-")).collect()
}

fn plan(program: &Program, arguments: &[&str]) -> Value {
    serde_json::from_str(&program.text(&[&["plan", "berths", "--format", "json"], arguments].concat())).expect("JSON")
}

#[test]
fn two_runs_at_once_share_one_bucket_and_none_is_refused() {
    let server = tight(12, 6);
    let program = Program::at(server.url());
    let query = ["query", "berths", "--format", "ndjson", "--page-size", "5"];
    let runs: Vec<_> = (0..2)
        .map(|_| program.command(&query).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("the program runs"))
        .collect();
    for run in runs {
        let output = run.wait_with_output().expect("it ends");
        assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
        assert_eq!(output.stdout.iter().filter(|byte| **byte == b'\n').count(), 60);
    }
    let statuses: Vec<u16> = server.requests().iter().map(|request| request.status).collect();
    assert!(statuses.len() >= 24 && statuses.iter().all(|status| *status == 200), "{statuses:?}");
    assert!(server.spent() > 2 * 12, "the bucket was too large to matter: {}", server.spent());
    let [file] = &*limiters(&program) else { panic!("{:?}", limiters(&program)) };
    let text = fs::read_to_string(program.path("cache/placewise").join(file)).expect("the file");
    assert!(!text.contains("secret-token") && !file.contains("secret-token"), "{text}");
}

#[test]
fn a_plan_reckons_with_what_earlier_runs_learned() {
    let server = tight(40, 1);
    let program = Program::at(server.url());
    let before = &plan(&program, &["--limit", "1"])["waiting_seconds"];
    assert_eq!((&before["by"], &before["learned"]), (&"documented".into(), &Value::Null), "{before}");
    assert!(limiters(&program).is_empty(), "a plan makes no file");
    program.text(&["query", "berths", "--limit", "1"]);
    let sent = server.requests().len();
    let after = plan(&program, &["--limit", "60", "--page-size", "1"]);
    let waiting = &after["waiting_seconds"];
    assert_eq!((&waiting["by"], waiting["learned"]["most_seen"].as_f64()), (&"learned".into(), Some(40.0)), "{waiting}");
    assert!(waiting["learned"]["tokens_left"].as_f64().is_some_and(|left| left < 40.0), "{waiting}");
    let text = program.text(&["plan", "berths", "--limit", "60"]);
    assert!(text.contains("by what this program learned: about ") && text.contains("never seen to hold more than 40"), "{text}");
    // Another token may belong to another organization.
    let mut other = program.command(&["plan", "berths", "--format", "json"]);
    let other = other.env("PLACEWISE_TOKEN", "another").output().expect("the program runs");
    let other: Value = serde_json::from_slice(&other.stdout).expect("JSON");
    assert!(other["waiting_seconds"]["learned"].is_null(), "{other}");
    assert_eq!(server.requests().len(), sent);
    let doctor = program.text(&["doctor", "--yes"]);
    assert!(doctor.contains("ok       shared rate limit: in `") && doctor.contains(", learned "), "{doctor}");
}

#[test]
fn sharing_is_turned_off_by_flag_environment_or_profile() {
    let server = harbour(3);
    let program = Program::at(server.url());
    let query = ["query", "berths", "--limit", "1"];
    program.text(&[&query[..], &["--rate-limiter", "off"]].concat());
    let output = program.command(&query).env("PLACEWISE_RATE_LIMITER", "off").output().expect("the program runs");
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    fs::write(program.path("config.toml"), "[default]\nrate_limiter = 'off'").expect("written");
    program.text(&[&query[..], &["--config", "config.toml"]].concat());
    assert!(limiters(&program).is_empty(), "{:?}", limiters(&program));
    let doctor = program.text(&["doctor", "--yes", "--rate-limiter", "off"]);
    assert!(doctor.contains("ok       shared rate limit: off, from --rate-limiter"), "{doctor}");
    // A file of the profile is beside it.
    fs::write(program.path("config.toml"), "[default]\nrate_limiter = 'mine'").expect("written");
    program.text(&[&query[..], &["--config", "config.toml"]].concat());
    assert!(program.path("mine").exists() && limiters(&program).is_empty());
    program.text(&query);
    assert_eq!(limiters(&program).len(), 1);
}

#[test]
fn a_file_that_cannot_be_used_costs_a_warning_and_no_answer() {
    let server = harbour(3);
    let program = Program::at(server.url());
    fs::write(program.path("notes.txt"), "mine").expect("written");
    for (file, problem) in [
        ("none/limiter", "cannot use the file `none/limiter`: "),
        ("notes.txt", "`notes.txt` is not a file of a rate limiter"),
        (".", "cannot use the file `.`: "),
    ] {
        let output = program.run(&["query", "berths", "--limit", "1", "--rate-limiter", file]);
        assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
        let said = stderr(&output);
        let warned = said.lines().filter(|line| line.starts_with("warning: the rate limit is not shared with other runs: "));
        assert!(warned.count() == 1 && said.contains(problem), "{said}");
        let doctor = program.run(&["doctor", "--yes", "--rate-limiter", file]);
        let said = String::from_utf8_lossy(&doctor.stdout).into_owned();
        assert!(doctor.status.code() == Some(1) && said.contains("wrong    shared rate limit: "), "{said}");
    }
    assert_eq!(fs::read_to_string(program.path("notes.txt")).expect("the file"), "mine");
    // A folder of caches that cannot be made.
    let output = program.command(&["query", "berths", "--limit", "1"]).env("XDG_CACHE_HOME", program.path("notes.txt")).output();
    let output = output.expect("the program runs");
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    assert!(stderr(&output).contains("cannot make the folder `"), "{}", stderr(&output));
}
