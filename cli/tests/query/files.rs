//! Files and pipes: complete or not at all, and how a run goes on that stopped.

use std::fs;
use std::io::{BufRead, BufReader, Read};
use std::path::Path;
use std::process::{Command, Stdio};

use serde_json::Value;

use crate::scripted::{self, Scripted, page, refusal};
use crate::support::{MODEL, Program, harbour, model, stderr};

fn lines(path: &Path) -> Vec<Value> {
    let text = fs::read_to_string(path).expect("the file");
    text.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect()
}

#[test]
fn a_file_appears_complete_or_not_at_all() {
    let server = harbour(8);
    let program = Program::at(server.url());
    program.text(&["query", "berths", "--out", "all.csv"]);
    assert_eq!(program.files(), ["all.csv"]);
    let before = fs::read_to_string(program.path("all.csv")).expect("the file");
    assert_eq!(before.lines().count(), 9, "the name tells the format, and a file has all rows");
    fs::create_dir(program.path("folder")).expect("a folder");
    for (out, said) in [
        ("all.csv", "`all.csv` exists; add --overwrite"),
        ("folder", "is a folder"),
        ("none/all.csv", "cannot write `none/all.csv.partial`"),
        ("/", "is a folder"),
    ] {
        let error = program.refusal(&["query", "berths", "--out", out, "--format", "csv"]);
        assert!(error.contains(said), "{out}: {error}");
    }
    let nameless = program.refusal(&["query", "berths", "--out", "rows.what"]);
    assert!(nameless.contains("tells no format"), "{nameless}");
    let sent = server.requests().len();
    let error = program.refusal(&["query", "berths", "--out", "new.csv", "--resume"]);
    assert!(error.contains("nothing to resume"), "{error}");
    assert_eq!(server.requests().len(), sent, "what cannot be written is not fetched");
    program.text(&["query", "berths", "--out", "all.csv", "--overwrite", "--limit", "2", "--columns", "id"]);
    assert_eq!(fs::read_to_string(program.path("all.csv")).expect("the file").lines().count(), 3);
    assert_eq!(program.files(), ["all.csv", "folder"]);
}

#[test]
fn a_server_that_fails_in_the_middle_leaves_what_a_later_run_goes_on_with() {
    for format in ["ndjson", "csv", "json"] {
        let model = model();
        let server = Scripted::start([
            page(&model, &["{\"id\": 1}", "{\"id\": 2, \"new\": true}"], Some("two")),
            refusal(403),
            page(&model, &["{\"id\": 3}"], Some("three")),
            page(&model, &["{\"id\": 4}"], None),
        ]);
        let program = Program::at(server.url());
        let out = format!("rows.{format}");
        let run = ["query", "berths", "--out", &out, "--format", format];
        let broken = program.run(&run);
        assert_eq!(broken.status.code(), Some(3), "{}", stderr(&broken));
        assert!(stderr(&broken).contains("go on with --resume"), "{}", stderr(&broken));
        assert_eq!(program.files(), [format!("{out}.partial"), format!("{out}.resume")]);
        let error = program.refusal(&run);
        assert!(error.contains("left of a run that stopped"), "{error}");
        let other = program.refusal(&[&run[..], &["--where", "id > 1", "--resume"]].concat());
        assert!(other.contains("belongs to another query"), "{other}");
        // Bytes after the last page are cut off.
        let partial = program.path(&format!("{out}.partial"));
        let whole = fs::read(&partial).expect("the file");
        fs::write(&partial, [&whole[..], b"half a ro"].concat()).expect("written");
        program.text(&[&run[..], &["--resume"]].concat());
        assert_eq!(program.files(), [out.as_str()]);
        assert!(server.bodies().last().is_some_and(|body| body.contains("three")), "{:?}", server.bodies());
        let text = fs::read_to_string(program.path(&out)).expect("the file");
        match format {
            "ndjson" => assert_eq!(
                lines(&program.path(&out)).iter().map(|row| row["id"].as_u64()).collect::<Vec<_>>(),
                [Some(1), Some(2), Some(3), Some(4)]
            ),
            "csv" => {
                assert!(text.lines().count() == 5 && text.lines().next().is_some_and(|head| head.ends_with(",new")), "{text}")
            }
            _ => {
                let document: Value = serde_json::from_str(&text).expect("JSON");
                assert_eq!((document["rows"].as_array().map(Vec::len), &document["meta"]["pages"]), (Some(4), &3.into()));
            }
        }
    }
}

#[test]
fn a_page_that_breaks_in_the_middle_is_asked_for_again_and_its_rows_come_once() {
    let model = model();
    let server = Scripted::start([
        page(&model, &["{\"id\": 1}", "{\"id\": 2}"], Some("two")),
        // More rows than asked for: the rows are good, and the page is not.
        page(&model, &["{\"id\": 3}", "{\"id\": 4}", "{\"id\": 5}"], Some("three")),
        page(&model, &["{\"id\": 3}", "{\"id\": 4}"], None),
    ]);
    let program = Program::at(server.url());
    let run = ["query", "berths", "--page-size", "2", "--out", "rows.ndjson"];
    let broken = program.run(&run);
    assert_eq!(broken.status.code(), Some(3), "{}", stderr(&broken));
    program.text(&[&run[..], &["--resume"]].concat());
    assert!(server.bodies().last().is_some_and(|body| body.contains("two")), "{:?}", server.bodies());
    let ids: Vec<Option<u64>> = lines(&program.path("rows.ndjson")).iter().map(|row| row["id"].as_u64()).collect();
    assert_eq!(ids, [Some(1), Some(2), Some(3), Some(4)]);
}

#[test]
fn a_damaged_part_is_not_gone_on_with() {
    let model = model();
    let server = Scripted::start([page(&model, &["{\"id\": 1}"], Some("two")), refusal(403)]);
    let program = Program::at(server.url());
    let run = ["query", "berths", "--out", "rows.csv"];
    assert_eq!(program.run(&run).status.code(), Some(3));
    fs::write(program.path("rows.csv.partial"), "id").expect("written");
    let short = program.refusal(&[&run[..], &["--resume"]].concat());
    assert!(short.contains("it has 2 bytes"), "{short}");
    fs::write(program.path("rows.csv.resume"), "{").expect("written");
    let damaged = program.refusal(&[&run[..], &["--resume"]].concat());
    assert!(damaged.contains("is damaged") && damaged.contains("--overwrite"), "{damaged}");
    assert_eq!(server.bodies().len(), 2);
}

#[test]
fn a_first_page_that_fails_leaves_nothing() {
    let model = model();
    let server = Scripted::start([
        refusal(403),
        page(&model, &["{\"id\": 1}"], Some("again")),
        page(&model, &["{\"id\": 2}"], Some("again")),
    ]);
    let program = Program::at(server.url());
    let error = program.refusal(&["query", "berths", "--out", "rows.ndjson"]);
    assert!(error.contains("403") && program.files().is_empty(), "{error}");
    let round = program.run(&["query", "berths", "--format", "ndjson"]);
    assert_eq!(round.status.code(), Some(3));
    assert!(stderr(&round).contains("the cursor `again` twice"), "{}", stderr(&round));
}

#[cfg(unix)]
#[test]
fn a_signal_leaves_what_a_later_run_goes_on_with() {
    // What starts the tests may ignore SIGHUP, as nohup does, and the program then does too.
    let signals = ["-INT", "-TERM", "-HUP"].into_iter().filter(|signal| *signal != "-HUP" || !ignores_hang_up("self"));
    for signal in signals {
        let model = model();
        let server = Scripted::start([page(&model, &["{\"id\": 1}"], Some("two")), scripted::silence()]);
        let program = Program::at(server.url());
        let mut child = program
            .command(&["query", "berths", "--out", "rows.ndjson"])
            .stderr(Stdio::piped())
            .spawn()
            .expect("the program runs");
        while !program.path("rows.ndjson.resume").exists() {
            std::thread::sleep(std::time::Duration::from_millis(5));
        }
        for more in ["--resume", "--overwrite"] {
            let second = program.refusal(&["query", "berths", "--out", "rows.ndjson", more]);
            assert!(second.contains("another run is writing"), "{second}");
        }
        let kill = Command::new("kill").args([signal, &child.id().to_string()]).status().expect("kill");
        assert!(kill.success());
        let mut said = String::new();
        child.stderr.take().expect("piped").read_to_string(&mut said).expect("text");
        assert_eq!(child.wait().expect("an end").code(), Some(3), "{signal}: {said}");
        assert_eq!(program.files(), ["rows.ndjson.partial", "rows.ndjson.resume"]);
    }
}

/// Whether a process ignores SIGHUP, the lowest bit of what it ignores.
#[cfg(unix)]
fn ignores_hang_up(process: &str) -> bool {
    let status = fs::read_to_string(format!("/proc/{process}/status")).unwrap_or_default();
    let ignored = status.lines().find_map(|line| line.strip_prefix("SigIgn:")).unwrap_or_default();
    u64::from_str_radix(ignored.trim(), 16).is_ok_and(|mask| mask & 1 == 1)
}

#[cfg(target_os = "linux")]
#[test]
fn a_run_under_nohup_outlives_its_terminal() {
    let model = model();
    let server = Scripted::start([page(&model, &["{\"id\": 1}"], Some("two")), scripted::silence()]);
    let program = Program::at(server.url());
    let direct = program.command(&["query", "berths", "--out", "rows.ndjson"]);
    let mut command = Command::new("nohup");
    command.arg(direct.get_program()).args(direct.get_args()).current_dir(program.folder.path()).stdin(Stdio::null());
    command.envs(direct.get_envs().filter_map(|(name, value)| Some((name, value?))));
    let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("nohup runs");
    while !program.path("rows.ndjson.resume").exists() {
        std::thread::sleep(std::time::Duration::from_millis(5));
    }
    // It listens to what stops it by now.
    assert!(ignores_hang_up(&child.id().to_string()));
    assert!(Command::new("kill").arg(child.id().to_string()).status().expect("kill").success());
    assert_eq!(child.wait().expect("an end").code(), Some(3));
}

#[cfg(unix)]
#[test]
fn a_device_or_a_pipe_is_not_replaced_by_a_file() {
    let server = harbour(3);
    let program = Program::at(server.url());
    assert!(Command::new("mkfifo").arg(program.path("pipe.csv")).status().expect("mkfifo").success());
    std::os::unix::fs::symlink("pipe.csv", program.path("link.csv")).expect("a link");
    for out in ["pipe.csv", "link.csv"] {
        let error = program.refusal(&["query", "berths", "--out", out, "--overwrite"]);
        assert!(error.contains(&format!("`{out}` is no regular file; name another, or redirect")), "{error}");
    }
    assert_eq!((server.requests().len(), program.files()), (0, vec!["link.csv".to_owned(), "pipe.csv".to_owned()]));
}

#[cfg(target_os = "linux")]
#[test]
fn standard_output_that_is_full_is_told_and_never_a_success() {
    let server = harbour(50);
    let program = Program::at(server.url());
    let run = |arguments: &[&str]| {
        let full = fs::OpenOptions::new().write(true).open("/dev/full").expect("the device");
        program.command(arguments).stdout(full).output().expect("the program runs")
    };
    for arguments in [
        &["query", "berths"][..],
        &["query", "berths", "--format", "csv"],
        &["query", "berths", "--format", "json"],
        &["plan", "berths"],
        &["reports"],
        &["assumptions", "--format", "json"],
        &["doctor", "--yes"],
    ] {
        let output = run(arguments);
        assert_eq!(output.status.code(), Some(2), "{arguments:?}: {}", stderr(&output));
        assert!(stderr(&output).contains("cannot write to standard output: "), "{arguments:?}: {}", stderr(&output));
    }
    // Neither takes `--model`.
    for argument in [&["--help"][..], &["completions", "zsh"]] {
        let full = fs::OpenOptions::new().write(true).open("/dev/full").expect("the device");
        let output = Command::new(env!("CARGO_BIN_EXE_placewise")).args(argument).stdout(full).output().expect("it runs");
        assert_eq!(output.status.code(), Some(2), "{argument:?}");
        assert!(stderr(&output).contains("cannot write to standard output: "), "{argument:?}: {}", stderr(&output));
    }
}

#[test]
fn a_full_disk_leaves_no_half_file() {
    let server = harbour(200);
    let program = Program::at(server.url());
    // A limit on the size of files fails like a full disk, if the signal that comes with it is ignored.
    let script = format!(
        "trap '' XFSZ; ulimit -f 1; exec '{}' query berths --model '{MODEL}' --limit 50 --out rows.csv",
        env!("CARGO_BIN_EXE_placewise")
    );
    let mut command = Command::new("sh");
    command.args(["-c", &script]).current_dir(program.folder.path()).env("XDG_CACHE_HOME", program.path("cache"));
    command
        .env("PLACEWISE_URL", &program.url)
        .env("PLACEWISE_TOKEN", "x")
        .env("PLACEWISE_CUSTOMERS", "1")
        .env("PLACEWISE_PRODUCT", "t");
    let output = command.output().expect("a shell");
    assert_eq!(output.status.code(), Some(2), "{}", stderr(&output));
    assert!(stderr(&output).contains("cannot write `rows.csv`"), "{}", stderr(&output));
    assert!(program.files().is_empty(), "{:?}", program.files());
}

#[test]
fn a_reader_that_closes_the_pipe_ends_the_run_quietly() {
    let server = harbour(3000);
    let program = Program::at(server.url());
    let mut command = program.command(&["query", "berths", "--format", "ndjson"]);
    let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("the program runs");
    let mut first = String::new();
    let mut stdout = BufReader::new(child.stdout.take().expect("piped"));
    stdout.read_line(&mut first).expect("a line");
    drop(stdout);
    let output = child.wait_with_output().expect("an end");
    assert_eq!((output.status.code(), stderr(&output).as_str()), (Some(0), ""));
}
