//! `diff` and `changelog` as a maintainer runs them: folders, revisions of a repository, and whatever is in the way of a verdict.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use serde_json::Value;

/// A repository with the invented API in `api/spec`, which nothing around this checkout can influence.
struct Repository {
    folder: tempfile::TempDir,
}

impl Repository {
    fn new() -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let repository = Self { folder };
        let harbour = Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/fixtures/harbour");
        for file in placewise_codegen::source::folder::files(&harbour, "spec").expect("readable") {
            repository.write(&format!("api/{file}"), &fs::read_to_string(harbour.join(file)).expect("UTF-8"));
        }
        repository.write("api/Cargo.toml", "[package]\nname = \"harbour-api\"\n\n[features]\nport = []\nsea = []\n");
        repository.git(&["init", "--quiet", "--initial-branch", "main"]);
        repository.commit("Begin", "v1");
        repository
    }

    fn path(&self, path: &str) -> PathBuf {
        self.folder.path().join(path)
    }

    fn read(&self, path: &str) -> String {
        fs::read_to_string(self.path(path)).expect("readable")
    }

    fn write(&self, path: &str, text: &str) {
        let path = self.path(path);
        fs::create_dir_all(path.parent().expect("a folder")).expect("created");
        fs::write(path, text).expect("written");
    }

    fn edit(&self, path: &str, from: &str, to: &str) {
        let text = self.read(path);
        assert!(text.contains(from), "{from} is not in {path}");
        self.write(path, &text.replace(from, to));
    }

    fn git(&self, arguments: &[&str]) -> String {
        let output = self.command("git").args(arguments).output().expect("git runs");
        assert!(output.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).expect("UTF-8")
    }

    fn commit(&self, message: &str, tag: &str) {
        self.git(&["add", "--all"]);
        self.git(&["commit", "--quiet", "--message", message]);
        self.git(&["tag", tag]);
    }

    fn command(&self, program: &str) -> Command {
        let mut command = Command::new(program);
        command.current_dir(self.folder.path());
        for role in ["AUTHOR", "COMMITTER"] {
            command.env(format!("GIT_{role}_NAME"), "Ann").env(format!("GIT_{role}_EMAIL"), "ann@harbour.invalid");
        }
        command
            .env("GIT_CONFIG_GLOBAL", self.path("none"))
            .env("GIT_CONFIG_NOSYSTEM", "1")
            .env("GIT_CEILING_DIRECTORIES", std::env::temp_dir());
        command
    }

    fn run(&self, arguments: &[&str]) -> Output {
        self.command(env!("CARGO_BIN_EXE_placewise-codegen")).args(arguments).output().expect("the program runs")
    }

    /// The changes, each as class and fact.
    fn changes(&self, arguments: &[&str]) -> Vec<(String, String)> {
        let output = self.run(&[&["diff", "--spec", "api/spec", "--format", "json"], arguments].concat());
        assert_eq!(output.status.code(), Some(0), "{}", said(&output));
        let json: Value = serde_json::from_slice(&output.stdout).expect("JSON");
        let text = |change: &Value, key: &str| change[key].as_str().expect("text").to_owned();
        json["changes"].as_array().expect("a list").iter().map(|change| (text(change, "class"), text(change, "fact"))).collect()
    }

    /// What the program says when it could not compare; it prints no verdict then.
    fn refused(&self, arguments: &[&str]) -> String {
        let output = self.run(&[&["diff", "--spec", "api/spec"], arguments].concat());
        assert_eq!(output.status.code(), Some(2), "{arguments:?}: {}", said(&output));
        assert!(output.stdout.is_empty(), "{}", String::from_utf8_lossy(&output.stdout));
        said(&output)
    }
}

fn said(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

const BERTHS: &str = "api/spec/reports/port/berths.yaml";

fn cost() -> Vec<(String, String)> {
    vec![("operation".to_owned(), "reports/berths/cost".to_owned())]
}

#[test]
fn folders_and_revisions_compare_alike_and_nothing_is_checked_out() {
    let repository = Repository::new();
    repository.edit(BERTHS, "cost: 3", "cost: 5");
    assert_eq!(repository.changes(&["v1"]), cost(), "the working tree");
    assert_eq!(repository.changes(&["v1", "HEAD"]), [], "nothing is committed");
    repository.commit("Raise the cost", "v2");
    repository.edit(BERTHS, "cost: 5", "cost: 7");
    let before = (repository.git(&["status", "--porcelain=v2"]), repository.read(BERTHS));
    for arguments in [["v1", "v2"], ["HEAD~1", "main"], ["v1:api/spec", "v2:api/spec/"]] {
        assert_eq!(repository.changes(&arguments), cost(), "{arguments:?}");
    }
    assert_eq!(before, (repository.git(&["status", "--porcelain=v2"]), repository.read(BERTHS)));
    repository.git(&["worktree", "add", "--quiet", "old", "v1"]);
    assert_eq!(repository.changes(&["old/api/spec", "v2"]), cost());
    // A hook runs with variables that name another repository.
    let hook = repository
        .command(env!("CARGO_BIN_EXE_placewise-codegen"))
        .args(["diff", "v1", "v2", "--spec", "api/spec"])
        .env("GIT_DIR", "elsewhere")
        .env("GIT_INDEX_FILE", "elsewhere/index")
        .output()
        .expect("runs");
    assert_eq!(hook.status.code(), Some(0), "{}", said(&hook));
}

#[test]
fn a_denied_class_exits_with_1_and_others_with_0() {
    let repository = Repository::new();
    repository.edit(BERTHS, "cost: 3", "cost: 5");
    let status = |arguments: &[&str]| repository.run(&[&["diff", "v1", "--spec", "api/spec"], arguments].concat()).status.code();
    assert_eq!(status(&[]), Some(0));
    assert_eq!(status(&["--deny", "rust", "--deny", "wire", "--deny", "additive"]), Some(0));
    assert_eq!(status(&["--deny", "rust", "--deny", "operation"]), Some(1));
    assert_eq!(status(&["--deny", "nothing"]), Some(2));
    let output = repository.run(&["diff", "v1", "--spec", "api/spec", "--format", "markdown", "--deny", "operation"]);
    assert!(String::from_utf8_lossy(&output.stdout).starts_with("## What the spec changes\n"));
    assert!(said(&output).contains("denied: breaks in operation: 1 change"), "{}", said(&output));
    let output = repository.run(&["check", "--spec", "api/spec", "--format", "markdown"]);
    assert_eq!((output.status.code(), output.stdout.len()), (Some(2), 0));
    assert!(repository.refused(&["v1", "--format", "sarif"]).contains("--format json"));
}

#[test]
fn captures_of_both_revisions_tell_the_cause() {
    let repository = Repository::new();
    let lock = |digest: u32| {
        format!(
            "https://harbour.invalid/berths seen 2026-01-01\nhttps://harbour.invalid/berths {digest:016x} reports/berths/cost\n"
        )
    };
    repository.write("api/lockstep/captures.lock", &lock(1));
    repository.commit("See the page", "seen");
    repository.edit(BERTHS, "cost: 3", "cost: 5");
    let causes = || {
        let output = repository.run(&["diff", "seen", "--spec", "api/spec", "--format", "json"]);
        serde_json::from_slice::<Value>(&output.stdout).expect("JSON")["changes"][0]["cause"].clone()
    };
    assert_eq!(causes(), "corrected");
    repository.write("api/lockstep/captures.lock", &lock(2));
    assert_eq!(causes(), "changed");
    repository.write("api/lockstep/captures.lock", "<<<<<<< ours\n");
    assert!(repository.refused(&["seen"]).contains("captures.lock:1:1"), "half of the captures would tell wrong causes");
}

#[test]
fn without_two_specs_that_check_there_is_no_verdict() {
    let repository = Repository::new();
    for wrong in ["nowhere", "-x", "", "v1:elsewhere", "v1\u{1b}[31m"] {
        let said = repository.refused(&["--", wrong]);
        assert!(said.starts_with("error: ") && !said.contains('\u{1b}'), "{said}");
    }
    repository.edit(BERTHS, "cost: 3", "cost: three");
    let said = repository.refused(&["v1"]);
    assert!(
        said.contains("berths.yaml:4:7") && said.contains("nothing was compared: the spec of api/spec has 1 error"),
        "{said}"
    );
    repository.commit("Break the spec", "broken");
    repository.edit(BERTHS, "cost: three", "cost: 3");
    let said = repository.refused(&["broken"]);
    assert!(said.contains("the spec of broken has 1 error"), "{said}");
    assert_eq!(repository.changes(&["v1"]), []);
}

#[test]
fn an_interrupted_checkout_and_a_merge_conflict_are_told_apart_from_a_change() {
    let repository = Repository::new();
    repository.write(".git/index.lock", "");
    assert!(repository.refused(&["v1"]).contains("index.lock"));
    assert_eq!(repository.changes(&["v1", "v1"]), [], "revisions need no working tree");
    fs::remove_file(repository.path(".git/index.lock")).expect("removed");
    repository.git(&["checkout", "--quiet", "-b", "other"]);
    repository.edit(BERTHS, "cost: 3", "cost: 4");
    repository.commit("Raise it here", "here");
    repository.git(&["checkout", "--quiet", "main"]);
    repository.git(&["rm", "--quiet", BERTHS]);
    repository.git(&["commit", "--quiet", "--message", "Remove it there"]);
    assert!(!repository.command("git").args(["merge", "--quiet", "other"]).output().expect("git runs").status.success());
    // The file that only one side removed has no conflict markers.
    assert!(repository.refused(&["v1"]).contains("merge conflict in `reports/port/berths.yaml`"));
}

#[test]
fn without_git_folders_are_compared_and_revisions_are_not() {
    let repository = Repository::new();
    let without = |arguments: &[&str]| {
        let mut command = repository.command(env!("CARGO_BIN_EXE_placewise-codegen"));
        command.args(arguments).env("PATH", repository.path("none")).output().expect("the program runs")
    };
    assert_eq!(without(&["diff", "api/spec", "api/spec"]).status.code(), Some(0));
    let output = without(&["diff", "v1", "api/spec", "--spec", "api/spec"]);
    assert_eq!(output.status.code(), Some(2));
    assert!(said(&output).contains("`git` is not installed"), "{}", said(&output));
}

#[test]
fn content_that_git_lost_is_no_empty_file() {
    let repository = Repository::new();
    let id = repository.git(&["rev-parse", &format!("v1:{BERTHS}")]);
    let object = repository.path(&format!(".git/objects/{}/{}", &id[..2], id[2..].trim()));
    fs::remove_file(object).expect("a loose object");
    let said = repository.refused(&["v1", "api/spec"]);
    assert!(said.contains(BERTHS) && said.contains("git fsck"), "{said}");
}

#[test]
fn a_changelog_is_written_once() {
    let repository = Repository::new();
    repository.write("CHANGELOG.md", "# Changelog\n\n## Unreleased\n\n- By hand.\n\n## 0.1.0\n");
    repository.edit(BERTHS, "cost: 3", "cost: 5");
    let printed = repository.run(&["changelog", "v1", "--spec", "api/spec"]);
    let section = "### API: breaks in operation\n\n- The `cost` of report `berths` rises from 3 to 5 tokens.\n";
    assert_eq!(String::from_utf8_lossy(&printed.stdout), section);
    for _ in 0..2 {
        assert_eq!(repository.run(&["changelog", "v1", "--spec", "api/spec", "--write"]).status.code(), Some(0));
        assert_eq!(
            repository.read("CHANGELOG.md"),
            format!("# Changelog\n\n## Unreleased\n\n- By hand.\n\n{section}\n## 0.1.0\n")
        );
    }
    assert_eq!(repository.run(&["changelog", "v1", "--spec", "api/spec", "--write", "NEWS.md"]).status.code(), Some(2));
}
