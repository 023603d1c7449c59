//! `diff` with sides that cannot be compared: it exits with 2, says what to do, prints no verdict and writes nothing.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use placewise_codegen::source::folder;

const HARBOUR: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../tests/fixtures/harbour");
/// A path that git quotes, with a space and a letter that is not ASCII.
const INNER: &str = "an inner høme";

/// A repository with a project in a folder of it, whose spec has two versions.
struct Repository(tempfile::TempDir);

impl Repository {
    fn new() -> Self {
        let repository = Self(tempfile::tempdir().expect("a folder"));
        repository.git(&["init", "--quiet", "--initial-branch", "main"]);
        for path in folder::files(Path::new(HARBOUR), "spec").expect("readable") {
            let to = repository.project().join(&path);
            fs::create_dir_all(to.parent().expect("a folder")).expect("writable");
            fs::copy(Path::new(HARBOUR).join(&path), to).expect("writable");
        }
        repository.commit("one");
        repository.edit("reports/port/berths.yaml", "\ncost: 3\n", "\ncost: 5\n");
        repository.commit("two");
        repository
    }

    fn root(&self) -> &Path {
        self.0.path()
    }

    fn project(&self) -> PathBuf {
        self.root().join(INNER)
    }

    fn spec(&self) -> PathBuf {
        self.project().join("spec")
    }

    fn try_git(&self, arguments: &[&str]) -> Output {
        let mut command = Command::new("git");
        let who = ["-c", "user.name=a", "-c", "user.email=a@example.invalid", "-c", "commit.gpgsign=false"];
        command.arg("-C").arg(self.root()).args(who).args(arguments).output().expect("git runs")
    }

    fn git(&self, arguments: &[&str]) -> String {
        let output = self.try_git(arguments);
        assert!(output.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8_lossy(&output.stdout).trim().to_owned()
    }

    /// Commits everything and calls it by a tag.
    fn commit(&self, tag: &str) {
        self.git(&["add", "--all"]);
        self.git(&["commit", "--quiet", "--message", tag]);
        self.git(&["tag", tag]);
    }

    fn edit(&self, file: &str, from: &str, to: &str) {
        let path = self.spec().join(file);
        let text = fs::read_to_string(&path).expect("readable");
        assert!(text.contains(from), "{from:?} is in {file}");
        fs::write(path, text.replacen(from, to, 1)).expect("writable");
    }

    fn diff(&self, arguments: &[&str]) -> Output {
        let mut command = Command::new(env!("CARGO_BIN_EXE_placewise-codegen"));
        command.current_dir(self.project()).arg("diff").args(arguments).output().expect("the program runs")
    }

    /// Everything in the folder, with the contents of files.
    fn tree(&self) -> BTreeMap<PathBuf, Vec<u8>> {
        let mut found = BTreeMap::new();
        let mut folders = vec![self.root().to_owned()];
        while let Some(folder) = folders.pop() {
            for entry in fs::read_dir(folder).expect("readable").map(|entry| entry.expect("readable")) {
                let kind = entry.file_type().expect("a kind");
                if kind.is_dir() {
                    folders.push(entry.path());
                }
                let bytes = if kind.is_file() { fs::read(entry.path()).expect("readable") } else { Vec::new() };
                found.insert(entry.path(), bytes);
            }
        }
        found
    }

    /// Asserts that nothing is compared, for people and for tools, and returns what is said.
    fn refused(&self, arguments: &[&str]) -> String {
        let before = self.tree();
        let output = self.diff(arguments);
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert_eq!(output.status.code(), Some(2), "{arguments:?}: {said}{}", String::from_utf8_lossy(&output.stdout));
        assert!(!said.contains("panicked") && !said.contains('\u{1b}'), "{said}");
        let output = self.diff(&[arguments, &["--format", "json", "--deny", "documentation"]].concat());
        let printed = String::from_utf8_lossy(&output.stdout).into_owned();
        assert_eq!(output.status.code(), Some(2), "{arguments:?}");
        assert!(!printed.contains("cost-raised"), "a verdict where none can be given: {printed}");
        assert!(self.tree() == before, "{arguments:?} wrote something");
        said
    }
}

/// Asserts that a message has each part.
fn says(said: &str, parts: &[&str]) {
    for part in parts {
        assert!(said.contains(part), "{part:?} is not in: {said}");
    }
}

#[test]
fn two_revisions_of_a_project_in_a_folder_of_its_repository_are_compared() {
    let repository = Repository::new();
    for arguments in [&["one", "two"][..], &["one"], &["one", "spec"], &["two~1", "HEAD"], &["tags/one", "main"]] {
        let output = repository.diff(arguments);
        let printed = String::from_utf8_lossy(&output.stdout);
        assert_eq!(output.status.code(), Some(0), "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
        assert!(printed.contains("cost-raised") && printed.contains("berths.yaml:4:7"), "{arguments:?}: {printed}");
    }
    let denied = repository.diff(&["one", "two", "--deny", "operation"]);
    assert_eq!(denied.status.code(), Some(1), "{}", String::from_utf8_lossy(&denied.stderr));
    assert_eq!(repository.diff(&["one", "two", "--deny", "wire"]).status.code(), Some(0));
}

#[test]
fn a_hook_compares_its_own_repository() {
    let (repository, other) = (Repository::new(), Repository::new());
    let mut command = Command::new(env!("CARGO_BIN_EXE_placewise-codegen"));
    command.current_dir(repository.project()).args(["diff", "one", "two"]);
    command.env("GIT_DIR", other.root().join(".git")).env("GIT_INDEX_FILE", "nothing").env("GIT_WORK_TREE", other.root());
    let output = command.output().expect("the program runs");
    assert_eq!(output.status.code(), Some(0), "{}", String::from_utf8_lossy(&output.stderr));
    assert!(String::from_utf8_lossy(&output.stdout).contains("cost-raised"));
}

#[test]
fn what_is_no_commit_is_refused_whatever_it_looks_like() {
    let repository = Repository::new();
    repository.git(&["branch", "--", "spec-of-ÅSE"]);
    let tree = repository.git(&["rev-parse", "one^{tree}"]);
    for name in [
        "",
        "nowhere",
        "one..two",
        "HEAD~99",
        "one:spec/api.yaml/",
        "a\nb",
        "\u{1b}[31mred",
        &tree,
        "spec/api.yaml",
        "^one",
        "@{99}",
    ] {
        let said = repository.refused(&[name, "two"]);
        assert!(!said.contains("a\nb"), "{said}");
    }
    // Git would take it for an option that writes a file.
    let written = repository.root().join("written");
    repository.refused(&["--", &format!("--output={}", written.display()), "two"]);
    assert!(!written.exists());
    assert_eq!(repository.diff(&["one", "spec-of-ÅSE"]).status.code(), Some(0));
}

#[test]
fn a_checkout_that_was_interrupted_is_not_compared() {
    let repository = Repository::new();
    fs::write(repository.root().join(".git/index.lock"), "").expect("writable");
    says(&repository.refused(&["one"]), &["interrupted", "index.lock", "check the branch out again"]);
    // Revisions are read as they were committed, whatever became of the files.
    assert_eq!(repository.diff(&["one", "two"]).status.code(), Some(0));
    fs::remove_file(repository.root().join(".git/index.lock")).expect("removed");

    // A part of the files is there.
    fs::remove_file(repository.spec().join("formats.yaml")).expect("removed");
    says(&repository.refused(&["one"]), &["formats.yaml", "nothing was compared"]);
    // One is there in part.
    let text = fs::read_to_string(repository.spec().join("filters.yaml")).expect("readable");
    repository.git(&["checkout", "--quiet", "--", "."]);
    fs::write(repository.spec().join("filters.yaml"), &text[..text.len() / 2]).expect("writable");
    says(&repository.refused(&["one"]), &["filters.yaml", "nothing was compared"]);
    assert_eq!(repository.diff(&["one", "two"]).status.code(), Some(0));
}

#[test]
fn a_merge_conflict_is_not_compared_before_it_is_resolved() {
    let repository = Repository::new();
    repository.git(&["checkout", "--quiet", "-b", "other", "one"]);
    repository.edit("reports/port/berths.yaml", "\ncost: 3\n", "\ncost: 7\n");
    repository.commit("three");
    assert!(!repository.try_git(&["merge", "--quiet", "two"]).status.success());
    says(&repository.refused(&["one"]), &["merge conflict", "berths.yaml", "resolve it"]);
    // Conflict markers that were committed are a spec that does not check.
    repository.commit("half");
    says(&repository.refused(&["one"]), &["berths.yaml", "nothing was compared"]);
    says(&repository.refused(&["half", "two"]), &["berths.yaml", "the spec of half"]);
}

#[test]
fn captures_that_are_cut_or_in_conflict_tell_no_causes() {
    let repository = Repository::new();
    let file = repository.project().join("lockstep/captures.lock");
    fs::create_dir_all(file.parent().expect("a folder")).expect("writable");
    let whole =
        "https://harbour.invalid/berths seen 2026-01-02\nhttps://harbour.invalid/berths 0123456789abcdef reports/berths/cost\n";
    fs::write(&file, whole).expect("writable");
    repository.commit("seen");
    assert_eq!(repository.diff(&["seen", "spec"]).status.code(), Some(0));
    let conflict = format!("<<<<<<< ours\n{whole}=======\n>>>>>>> theirs\n");
    for broken in
        [&whole[..whole.len() - 40], conflict.as_str(), "\u{0}\u{1}", "https://harbour.invalid/berths seen 2026-99-02\n"]
    {
        fs::write(&file, broken).expect("writable");
        says(&repository.refused(&["seen"]), &["captures.lock"]);
    }
    repository.commit("broken");
    says(&repository.refused(&["broken", "seen"]), &["captures.lock"]);
}

#[test]
fn two_specs_with_errors_are_both_named() {
    let repository = Repository::new();
    repository.edit("api.yaml", "api: Harbour Office", "api: [");
    repository.commit("broken");
    repository.edit("filters.yaml", "keys:", "cays:");
    says(&repository.refused(&["broken"]), &["the spec of broken has", "the spec of spec has", "compare other versions"]);
}

#[test]
fn a_revision_without_the_spec_says_how_to_name_where_it_was() {
    let repository = Repository::new();
    repository.git(&["mv", INNER, "moved"]);
    repository.commit("moved");
    let project = repository.root().join("moved");
    let diff = |old: &str| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_placewise-codegen"));
        command.current_dir(&project).args(["diff", old]).output().expect("the program runs")
    };
    let output = diff("one");
    assert_eq!(output.status.code(), Some(2));
    says(&String::from_utf8_lossy(&output.stderr), &["`one` has no spec at `moved/spec`", "REV:PATH"]);
    let output = diff(&format!("one:{INNER}/spec"));
    assert_eq!(output.status.code(), Some(0), "{}", String::from_utf8_lossy(&output.stderr));
    assert!(String::from_utf8_lossy(&output.stdout).contains("cost-raised"));
}

#[cfg(unix)]
#[test]
fn a_link_in_a_revision_is_not_followed() {
    let repository = Repository::new();
    let file = repository.spec().join("filters.yaml");
    fs::remove_file(&file).expect("removed");
    std::os::unix::fs::symlink("/etc/hostname", &file).expect("linked");
    repository.commit("linked");
    says(&repository.refused(&["linked", "two"]), &["filters.yaml", "link"]);
    says(&repository.refused(&["one"]), &["filters.yaml"]);
}

#[test]
fn a_file_whose_content_git_lost_is_named() {
    let repository = Repository::new();
    let id = repository.git(&["rev-parse", &format!("one:{INNER}/spec/reports/port/berths.yaml")]);
    let object = repository.root().join(".git/objects").join(&id[..2]).join(&id[2..]);
    fs::remove_file(object).expect("removed");
    says(&repository.refused(&["one", "two"]), &["git has no content of", "berths.yaml", "git fsck"]);
    assert_eq!(repository.diff(&["two", "spec"]).status.code(), Some(0));
}

#[test]
fn text_that_is_not_utf8_is_a_finding_of_its_side() {
    let repository = Repository::new();
    fs::write(repository.spec().join("filters.yaml"), b"keys: \xff\xfe\n").expect("writable");
    says(&repository.refused(&["one"]), &["filters.yaml", "nothing was compared"]);
    repository.commit("latin");
    says(&repository.refused(&["latin", "one"]), &["filters.yaml", "the spec of latin"]);
}

#[test]
fn a_folder_outside_of_any_repository_is_compared_and_a_revision_there_is_refused() {
    let repository = Repository::new();
    fs::remove_dir_all(repository.root().join(".git")).expect("removed");
    let output = repository.diff(&["spec", "spec"]);
    assert_eq!(output.status.code(), Some(0), "{}", String::from_utf8_lossy(&output.stderr));
    says(&repository.refused(&["HEAD"]), &["git repository"]);
    fs::write(repository.project().join("file"), "text").expect("writable");
    repository.refused(&["file"]);
    fs::create_dir(repository.project().join("empty")).expect("writable");
    says(&repository.refused(&["empty", "spec"]), &["api.yaml"]);
}
