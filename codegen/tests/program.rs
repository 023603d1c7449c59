//! Runs the program as a maintainer does: exit status, output, and that `--check` writes nothing.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

fn codegen(arguments: &[&str]) -> Output {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    Command::new(env!("CARGO_BIN_EXE_placewise-codegen")).current_dir(root).args(arguments).output().expect("the program runs")
}

fn stdout(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned()
}

fn stderr(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

const HARBOUR: &str = "tests/fixtures/harbour/spec";

#[test]
fn both_generated_trees_are_fresh() {
    for arguments in
        [&["generate", "--check"][..], &["generate", "--check", "--spec", HARBOUR, "--out", "tests/fixtures/harbour/generated"]]
    {
        let output = codegen(arguments);
        assert_eq!(output.status.code(), Some(0), "{}{}", stdout(&output), stderr(&output));
    }
}

#[test]
fn check_reports_stale_missing_and_orphaned_files_and_writes_nothing() {
    let dir = tempfile::tempdir().expect("a temporary folder");
    let out = dir.path().to_str().expect("UTF-8");
    assert_eq!(codegen(&["generate", "--spec", HARBOUR, "--out", out]).status.code(), Some(0));
    assert_eq!(codegen(&["generate", "--check", "--spec", HARBOUR, "--out", out]).status.code(), Some(0));
    fs::write(dir.path().join("rust/tides.rs"), "// by hand\n").expect("writable");
    fs::remove_file(dir.path().join("docs/filters.md")).expect("removed");
    fs::write(dir.path().join("docs/old.md"), "orphan\n").expect("writable");
    let check = ["generate", "--check", "--spec", HARBOUR, "--out", out];
    let output = codegen(&check);
    assert_eq!(output.status.code(), Some(1));
    let said = stderr(&output);
    assert!(said.contains("stale: ") && said.contains("missing: ") && said.contains("orphaned: "), "{said}");
    assert!(said.contains("docs/old.md (+0 -1)\n") && said.contains("`--diff` prints everything"), "{said}");
    let diff = stdout(&output);
    assert!(diff.contains("--- a/docs/old.md") && diff.contains("+++ /dev/null"), "{diff}");
    let output = codegen(&[&check[..], &["--diff"]].concat());
    let diff = stdout(&output);
    assert!(diff.contains("--- a/rust/tides.rs") && diff.contains("-// by hand") && diff.contains("+pub struct Tides"), "{diff}");
    assert_eq!(fs::read_to_string(dir.path().join("rust/tides.rs")).expect("readable"), "// by hand\n");
}

#[test]
fn check_prints_a_screenful_though_every_line_is_stale() {
    let dir = tempfile::tempdir().expect("a temporary folder");
    let out = dir.path().to_str().expect("UTF-8");
    let check = ["generate", "--check", "--spec", HARBOUR, "--out", out];
    assert!(codegen(&["generate", "--spec", HARBOUR, "--out", out]).status.success());
    for path in placewise_codegen::source::folder::files(dir.path(), "").expect("readable") {
        fs::write(dir.path().join(path), format!("{}\u{1b}[31m\n", "wide ".repeat(1000)).repeat(300)).expect("writable");
    }
    let output = codegen(&check);
    assert_eq!(output.status.code(), Some(1));
    assert!(output.stdout.len() + output.stderr.len() < 20_000, "{} bytes", output.stdout.len() + output.stderr.len());
    assert!(stderr(&output).contains("more files, "), "{}", stderr(&output));
    assert!(!output.stdout.contains(&0x1b));
    let output = codegen(&[&check[..], &["--format", "json"]].concat());
    let list: serde_json::Value = serde_json::from_str(&stdout(&output)).expect("JSON");
    let list = list.as_array().expect("an array");
    assert!(list.len() > 60 && list.iter().all(|one| one["removed"] == 300 && one["cut"].as_u64() > Some(200)), "{list:?}");
    assert!(output.stdout.len() < list.len() * 3_000);
}

#[test]
fn the_same_spec_gives_the_same_bytes() {
    let (one, two) = (tempfile::tempdir().expect("a folder"), tempfile::tempdir().expect("a folder"));
    for dir in [&one, &two] {
        assert!(codegen(&["generate", "--spec", HARBOUR, "--out", dir.path().to_str().expect("UTF-8")]).status.success());
    }
    let files = |dir: &Path| placewise_codegen::source::folder::files(dir, "").expect("readable");
    assert_eq!(files(one.path()), files(two.path()));
    for path in files(one.path()) {
        assert_eq!(
            fs::read(one.path().join(&path)).expect("readable"),
            fs::read(two.path().join(&path)).expect("readable"),
            "{path}"
        );
    }
}

#[test]
fn exit_statuses_are_as_documented() {
    assert_eq!(codegen(&["check"]).status.code(), Some(0));
    assert_eq!(codegen(&["--help"]).status.code(), Some(0));
    assert_eq!(codegen(&["chekc"]).status.code(), Some(2));
    assert_eq!(codegen(&["check", "--spec", "no/such/folder"]).status.code(), Some(2));
    assert_eq!(codegen(&["drift", "no/such/page.txt"]).status.code(), Some(2));
    let dir = tempfile::tempdir().expect("a temporary folder");
    fs::write(dir.path().join("api.yaml"), "api: [\n").expect("writable");
    let output = codegen(&["check", "--format", "json", "--spec", dir.path().to_str().expect("UTF-8")]);
    assert_eq!(output.status.code(), Some(1));
    let findings: serde_json::Value = serde_json::from_str(&stdout(&output)).expect("JSON");
    assert!(
        findings
            .as_array()
            .is_some_and(|list| list.iter().any(|finding| finding["code"] == "yaml-syntax" && finding["place"]["line"].is_u64()))
    );
}

/// The real page, if it is available.
fn page() -> Option<PathBuf> {
    let page = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/reference/pages/sendings.txt");
    if page.exists() {
        return Some(page);
    }
    eprintln!("skipped: no {}", page.display());
    None
}

#[test]
fn the_real_page_has_not_drifted() {
    let Some(page) = page() else { return };
    let output = codegen(&["drift", page.to_str().expect("UTF-8")]);
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
}

#[test]
fn an_imported_report_passes_check_and_shows_no_drift() {
    let Some(page) = page() else { return };
    let page = page.to_str().expect("UTF-8");
    let output = codegen(&["import", page, "--source", "https://api.developer.placewise.com/doc-354454"]);
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    let dir = tempfile::tempdir().expect("a temporary folder");
    for name in ["api", "filters", "formats", "endpoints", "assumptions"] {
        let file = format!("{name}.yaml");
        fs::copy(Path::new(env!("CARGO_MANIFEST_DIR")).join("../spec").join(&file), dir.path().join(&file)).expect("copied");
    }
    fs::create_dir_all(dir.path().join("reports/sendings")).expect("writable");
    fs::write(dir.path().join("reports/sendings/sendings.yaml"), &output.stdout).expect("writable");
    let spec = dir.path().to_str().expect("UTF-8");
    let check = codegen(&["check", "--spec", spec]);
    assert_eq!(check.status.code(), Some(0), "{}\n{}", stderr(&check), stdout(&output));
    // Its navigation and its neighbours are reports that this spec lacks.
    let text = fs::read_to_string(page).expect("UTF-8");
    let pages = tempfile::tempdir().expect("a temporary folder");
    let body = pages.path().join("page.txt");
    let footer = text.rfind("\nPrevious").expect("a footer");
    let text = &text[text.rfind("  1. ").expect("the group above the title")..footer];
    fs::write(&body, format!("{text}\nPrevious\nNext\nBuilt with\n")).expect("writable");
    let drift = codegen(&["drift", body.to_str().expect("UTF-8"), "--spec", spec]);
    assert_eq!(drift.status.code(), Some(0), "{}", stderr(&drift));
}

#[test]
fn what_is_not_compared_is_never_well() {
    let Some(page) = page() else { return };
    let dir = tempfile::tempdir().expect("a temporary folder");
    let text = fs::read_to_string(&page).expect("readable");
    let write = |name: &str, text: &str| {
        let path = dir.path().join(name);
        fs::write(&path, text).expect("writable");
        path.to_str().expect("UTF-8").to_owned()
    };
    let page = page.to_str().expect("UTF-8");
    let cut = write("cut.txt", &text[..text.len() / 3]);
    let output = codegen(&["drift", &cut]);
    assert_eq!(output.status.code(), Some(1));
    let said = stderr(&output);
    assert!(said.contains("page-unreached") && said.contains("no drift in what was compared"), "{said}");
    assert_eq!(codegen(&["drift", &cut, "--partial"]).status.code(), Some(0));

    let odd = write("odd.txt", &text.replace("Sendings2\n", "Sendings2.5\n"));
    let output = codegen(&["drift", &odd, "--partial"]);
    assert_eq!(output.status.code(), Some(1), "{}", stderr(&output));
    assert!(stderr(&output).contains("page-unread"), "{}", stderr(&output));

    // A page that cannot be opened does not hide what the others say.
    let changed = write("changed.txt", &text.replace("triggers\n", ""));
    let output = codegen(&["drift", page, "no/such/page.txt", &changed]);
    let said = stderr(&output);
    assert_eq!(output.status.code(), Some(2), "{said}");
    assert!(said.contains("drift-values") && said.contains("2 pages compared") && said.contains("no/such/page.txt"), "{said}");

    let output = codegen(&["drift", page]);
    assert!(stderr(&output).contains(" facts: no drift"), "{}", stderr(&output));
}

#[test]
fn drift_names_both_places() {
    let Some(page) = page() else { return };
    let dir = tempfile::tempdir().expect("a temporary folder");
    let text = fs::read_to_string(&page).expect("readable");
    let changed = text.replace("Reporting:Api:Report:Sendings2", "Reporting:Api:Report:Sendings3").replace("triggers\n", "");
    let path = dir.path().join("changed.txt");
    fs::write(&path, changed).expect("writable");
    let output = codegen(&["drift", path.to_str().expect("UTF-8")]);
    assert_eq!(output.status.code(), Some(1));
    let said = stderr(&output);
    assert!(said.contains("changed.txt:") && said.contains("sendings.yaml:"), "{said}");
}

/// `--out` may name a user's folder. The program only removes generated files.
#[test]
fn check_reads_the_features_of_the_package_beside_the_spec() {
    let dir = tempfile::tempdir().expect("a temporary folder");
    let from = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/platform");
    let spec = dir.path().join("spec");
    fs::create_dir_all(spec.join("reports/port")).expect("writable");
    for entry in fs::read_dir(from).expect("readable") {
        let path = entry.expect("an entry").path();
        fs::copy(&path, spec.join(path.file_name().expect("a name"))).expect("copied");
    }
    fs::write(spec.join("reports/port/boats.yaml"), "report: boats\nformat: records\ncoverage: name-only\n").expect("writable");
    let check = || codegen(&["check", "--spec", spec.to_str().expect("UTF-8")]);
    assert_eq!(check().status.code(), Some(0));
    fs::write(dir.path().join("Cargo.toml"), "[package]\nname = \"x\"\n").expect("writable");
    let fix = codegen(&["check", "--fix", "--spec", spec.to_str().expect("UTF-8")]);
    for said in [check(), fix] {
        assert_eq!(said.status.code(), Some(1));
        assert!(stderr(&said).contains("add the line `port = []` under `[features]`"), "{}", stderr(&said));
    }
    fs::write(dir.path().join("Cargo.toml"), "[package]\nname = \"x\"\n[features]\nport = []\n").expect("writable");
    assert_eq!(check().status.code(), Some(0));
}

#[test]
fn files_of_users_are_never_removed() {
    let dir = tempfile::tempdir().expect("a temporary folder");
    let out = dir.path().join("out");
    fs::create_dir_all(out.join("sub/.git")).expect("writable");
    fs::write(out.join("precious.txt"), "x").expect("writable");
    fs::write(out.join("sub/.git/config"), "y").expect("writable");
    let text = out.to_str().expect("UTF-8");
    let output = codegen(&["generate", "--spec", HARBOUR, "--out", text]);
    assert_eq!(output.status.code(), Some(2));
    assert!(stderr(&output).contains("were not generated"), "{}", stderr(&output));
    assert!(out.join("precious.txt").exists() && out.join("sub/.git/config").exists() && !out.join("model.json").exists());

    let fresh = dir.path().join("fresh");
    let text = fresh.to_str().expect("UTF-8");
    assert!(codegen(&["generate", "--spec", HARBOUR, "--out", text]).status.success());
    fs::write(fresh.join("notes.txt"), "mine").expect("writable");
    fs::write(fresh.join("rust/old.rs"), "").expect("writable");
    assert!(codegen(&["generate", "--spec", HARBOUR, "--out", text]).status.success());
    assert!(fresh.join("notes.txt").exists() && !fresh.join("rust/old.rs").exists());
}

/// A copy of the harbour's spec with two slips, and its path.
fn slips() -> (tempfile::TempDir, String) {
    let dir = tempfile::tempdir().expect("a temporary folder");
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..").join(HARBOUR);
    for file in placewise_codegen::source::read_dir(&root).expect("the fixture is readable") {
        let path = dir.path().join(&file.path);
        fs::create_dir_all(path.parent().expect("a folder")).expect("writable");
        fs::write(path, file.bytes).expect("writable");
    }
    let api = dir.path().join("api.yaml");
    let text = fs::read_to_string(&api).expect("readable");
    fs::write(&api, text.replacen("\nheaders:", "\nhaeders: # kept", 1).replacen("\nerrors:", "\nerors:", 1)).expect("writable");
    let spec = dir.path().to_str().expect("UTF-8").to_owned();
    (dir, spec)
}

#[test]
fn check_fix_writes_what_is_sure_and_says_what_it_did_and_what_is_left() {
    let (dir, spec) = slips();
    let api = dir.path().join("api.yaml");
    let before = codegen(&["check", "--spec", &spec]);
    assert_eq!(before.status.code(), Some(1));
    assert!(stderr(&before).contains("check --fix` mends 2 of them"), "{}", stderr(&before));
    let output = codegen(&["check", "--fix", "--spec", &spec]);
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    let said = stderr(&output);
    assert!(said.contains("fixed: ") && said.contains("[unknown-key] write `headers` for `haeders`"), "{said}");
    let text = fs::read_to_string(&api).expect("readable");
    assert!(text.contains("\nheaders: # kept") && text.contains("\nerrors:"), "{text}");
    let modified = fs::metadata(&api).and_then(|meta| meta.modified()).expect("a time");
    let again = codegen(&["check", "--fix", "--spec", &spec]);
    assert!(!stderr(&again).contains("fixed: "), "{}", stderr(&again));
    assert_eq!(fs::metadata(&api).and_then(|meta| meta.modified()).expect("a time"), modified);
    let left: Vec<_> = fs::read_dir(dir.path()).expect("readable").map(|entry| entry.expect("an entry").file_name()).collect();
    assert!(left.iter().all(|name| !name.to_string_lossy().contains("tmp")), "{left:?}");
}

#[test]
fn explain_prints_a_page_lists_all_codes_and_suggests_one() {
    let page = codegen(&["explain", "unknown-key"]);
    assert!(page.status.success() && stdout(&page).starts_with("# unknown-key\n"), "{}", stdout(&page));
    let list = stdout(&codegen(&["explain"]));
    assert!(placewise_codegen::finding::codes::ALL.iter().all(|code| list.contains(&format!("[{code}]"))), "{list}");
    let json: serde_json::Value =
        serde_json::from_str(&stdout(&codegen(&["explain", "unknown-key", "--format", "json"]))).expect("JSON");
    assert_eq!((&json[0]["code"], &json[0]["severity"]), (&"unknown-key".into(), &"error".into()));
    let unknown = codegen(&["explain", "unknow-key"]);
    assert_eq!(unknown.status.code(), Some(2));
    assert!(stderr(&unknown).contains("did you mean `unknown-key`?"), "{}", stderr(&unknown));
}

#[test]
fn every_command_prints_findings_for_machines() {
    let (dir, spec) = slips();
    let page = dir.path().join("page.txt");
    fs::write(&page, "nothing\nto see here, really.\n").expect("writable");
    let page = page.to_str().expect("UTF-8");
    let platform = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/platform");
    let commands: [(&[&str], bool); 5] = [
        (&["check", "--spec", &spec], true),
        (&["generate", "--spec", &spec, "--out", "/nonexistent"], true),
        (&["generate", "--check", "--spec", platform, "--out", "/nonexistent"], true),
        (&["drift", page, "--spec", &spec], true),
        // Standard output is for the report file.
        (&["import", page], false),
    ];
    for (arguments, on_stdout) in commands {
        let run = |format| {
            let output = codegen(&[arguments, &["--format", format]].concat());
            assert_eq!(output.status.code(), Some(1), "{arguments:?}: {}", stderr(&output));
            if on_stdout { stdout(&output) } else { stderr(&output) }
        };
        let json: serde_json::Value = serde_json::from_str(&run("json")).expect("JSON");
        assert!(!json.as_array().expect("a list").is_empty(), "{arguments:?}");
        let sarif: serde_json::Value = serde_json::from_str(&run("sarif")).expect("JSON");
        assert_eq!(sarif["runs"][0]["results"].as_array().map(Vec::len), json.as_array().map(Vec::len), "{arguments:?}");
        assert!(
            run("github").lines().all(|line| line.starts_with("::error ") || line.starts_with("::warning ")),
            "{arguments:?}"
        );
        assert!(!run("human").starts_with(['{', '[', ':']), "{arguments:?}");
    }
}
