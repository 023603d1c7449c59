use std::fs;

use crate::support::{MODEL, Program, harbour, stderr};

/// A config file of the harbour in the program's folder.
fn configured(url: &str, more: &str) -> Program {
    let program = Program::at("");
    fs::write(program.path("token"), "secret-token\n").expect("writable");
    let text = format!(
        "[default]\nurl = '{url}'\ntoken_file = 'token'\ncustomers = '1'\nproduct = 'tests'\nmodel = '{MODEL}'\nzone = 'Europe/Oslo'\n{more}"
    );
    fs::create_dir_all(program.path("config/placewise")).expect("a folder");
    fs::write(program.path("config/placewise/config.toml"), &text).expect("writable");
    fs::rename(program.path("token"), program.path("config/placewise/token")).expect("moved");
    program
}

/// A run without any setting of the environment, and without `--model`.
fn run(program: &Program, arguments: &[&str], variables: &[(&str, &str)]) -> (Option<i32>, String, String) {
    let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_placewise"));
    command.args(arguments).current_dir(program.folder.path());
    for name in
        ["PLACEWISE_URL", "PLACEWISE_TOKEN", "PLACEWISE_CUSTOMERS", "PLACEWISE_PRODUCT", "PLACEWISE_PROFILE", "PLACEWISE_CONFIG"]
    {
        command.env_remove(name);
    }
    command.env("HOME", program.folder.path()).env("XDG_CONFIG_HOME", program.path("config"));
    command.env("XDG_CACHE_HOME", program.path("cache")).envs(variables.iter().copied());
    let output = command.output().expect("the program runs");
    (output.status.code(), String::from_utf8_lossy(&output.stdout).into_owned(), stderr(&output))
}

#[cfg(target_os = "linux")]
#[test]
fn a_profile_alone_is_enough_for_a_query() {
    let server = harbour(3);
    let program = configured(&server.url(), "");
    let (status, rows, said) = run(&program, &["query", "berths", "--format", "ndjson"], &[]);
    assert_eq!((status, rows.lines().count()), (Some(0), 3), "{said}");
}

#[cfg(target_os = "linux")]
#[test]
fn another_profile_is_chosen_by_flag_or_environment() {
    let server = harbour(3);
    let more =
        format!("[other]\nurl = '{}'\ntoken_file = 'token'\ncustomers = 'all'\nproduct = 'x'\nmodel = '{MODEL}'\n", server.url());
    let program = configured("http://127.0.0.1:1", &more);
    let query = ["query", "berths", "--format", "ndjson"];
    assert_eq!(run(&program, &[&query[..], &["--profile", "other"]].concat(), &[]).0, Some(0));
    assert_eq!(run(&program, &query, &[("PLACEWISE_PROFILE", "other")]).0, Some(0));
    assert_eq!(run(&program, &[&query[..], &["--url", &server.url()]].concat(), &[]).0, Some(0), "a flag counts first");
    assert_eq!(run(&program, &query, &[("PLACEWISE_URL", &server.url())]).0, Some(0), "then the environment");
    let (status, _, said) = run(&program, &[&query[..], &["--profile", "othre"]].concat(), &[]);
    assert!(status == Some(2) && said.contains("has no profile `othre`; did you mean `other`?"), "{said}");
}

#[test]
fn a_mistake_of_the_file_is_told_with_its_place() {
    let program = Program::at("");
    fs::write(program.path("mine.toml"), "[default]\nurl = 'x'\ntokn_file = 's3cret'\n").expect("writable");
    let (status, out, said) = run(&program, &["reports", "--config", "mine.toml"], &[]);
    assert_eq!((status, out.as_str()), (Some(2), ""));
    assert_eq!(said, "error: mine.toml:3:1: unknown key `tokn_file`; did you mean `token_file`?\n");
    fs::write(program.path("mine.toml"), "[default]\ntoken = 's3cret'\n").expect("writable");
    let (status, _, said) = run(&program, &["reports", "--format", "json"], &[("PLACEWISE_CONFIG", "mine.toml")]);
    let error: serde_json::Value = serde_json::from_str(&said).expect("JSON");
    assert!(status == Some(2) && error["error"].as_str().is_some_and(|text| text.contains("mine.toml:2:1: a token")), "{said}");
    assert!(!said.contains("s3cret"), "{said}");
}
