//! The generated folder of a project with an invented API: what is caught, what a stop while writing leaves, and what git merges.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use placewise_codegen::check::Valid;
use placewise_codegen::disk::generated_folder::{Difference, compare, expected, inputs};
use placewise_codegen::disk::lock::{self, Digests};
use placewise_codegen::disk::write::{stage, write};
use placewise_codegen::emit::Files;
use placewise_codegen::source::{InputFile, folder, read_dir};
use placewise_codegen::{check_spec, finding};
use placewise_model::Model;

const PACKAGE: &str = env!("CARGO_MANIFEST_DIR");

fn report(name: &str, description: &str) -> String {
    format!(
        "report: {name}\nformat: records\ncoverage: whole\npermit: Harbour:{name}\ncost: 2\nsource: https://harbour.invalid/{name}\n\
         description: {description}\nfields:\n  id: {{ type: integer, nullable: assumed-never, description: The key. }}\n"
    )
}

/// A project: `spec/`, `generated/` and sources of a generator.
struct Project {
    dir: tempfile::TempDir,
}

impl Project {
    fn new() -> Self {
        let project = Self { dir: tempfile::tempdir().expect("a temporary folder") };
        for path in folder::files(&Path::new(PACKAGE).join("tests/platform"), "").expect("readable") {
            let text = fs::read_to_string(Path::new(PACKAGE).join("tests/platform").join(&path)).expect("readable");
            project.put(&format!("spec/{path}"), &text);
        }
        project.put("codegen/src/lib.rs", "// the generator\n");
        project.put("build.rs", "");
        for name in ["boats", "quays"] {
            project.put(&format!("spec/reports/port/{name}.yaml"), &report(name, "Invented."));
        }
        project
    }

    fn path(&self, path: &str) -> PathBuf {
        self.dir.path().join(path)
    }

    fn out(&self) -> PathBuf {
        self.path("generated")
    }

    fn put(&self, path: &str, text: &str) {
        let path = self.path(path);
        fs::create_dir_all(path.parent().expect("has a parent")).expect("writable");
        fs::write(path, text).expect("writable");
    }

    fn read(&self) -> (Valid<Model>, Digests) {
        let files = read_dir(&self.path("spec")).expect("readable");
        let inputs = inputs(self.dir.path(), &files).expect("readable");
        (model(files), inputs)
    }

    fn generate(&self) -> Files {
        let (model, inputs) = self.read();
        write(&model, &self.out(), Some(&inputs), None).expect("written");
        expected(&model, Some(&inputs))
    }

    fn stale(&self) -> Vec<String> {
        lock::stale(self.dir.path()).expect("readable")
    }

    fn differences(&self, files: &Files) -> Vec<(String, Difference)> {
        let stale = compare(files, &self.out()).expect("readable");
        stale.into_iter().map(|one| (one.path, one.difference)).collect()
    }

    /// Every file, with its text.
    fn tree(&self, part: &str) -> BTreeMap<String, String> {
        let files = folder::files(&self.path(part), "").expect("readable");
        files.into_iter().map(|path| (path.clone(), fs::read_to_string(self.path(part).join(path)).expect("UTF-8"))).collect()
    }

    fn assert_fresh(&self, files: &Files) {
        assert_eq!(self.differences(files), []);
        assert_eq!(self.stale(), [""; 0]);
        let names = fs::read_dir(self.out()).expect("readable").map(|entry| entry.expect("an entry").file_name());
        let names: BTreeSet<_> = names.map(|name| name.into_string().expect("UTF-8")).collect();
        assert_eq!(names.into_iter().collect::<Vec<_>>(), ["docs", "lock", "model.json", "rust", "schema", "tests"]);
    }
}

fn model(files: Vec<InputFile>) -> Valid<Model> {
    let checked = check_spec(files);
    let told = finding::render(&checked.findings, &checked.sources, false);
    checked.model.unwrap_or_else(|| panic!("{told}"))
}

/// The kinds of generated files, by an example of each.
const KINDS: [&str; 18] = [
    "docs/README.md",
    "docs/assumptions.md",
    "docs/coverage.md",
    "docs/endpoints.md",
    "docs/filters.md",
    "docs/formats.md",
    "docs/platform.md",
    "docs/reports/boats.md",
    "lock/reports/boats.lock",
    "lock/rest.lock",
    "model.json",
    "rust/api.rs",
    "rust/boats.rs",
    "rust/endpoints.rs",
    "rust/lib.rs",
    "schema/rows/boats.schema.json",
    "schema/spec/api.schema.json",
    "tests/examples.rs",
];

/// The example of a file's kind.
fn kind(path: &str) -> String {
    let spec = ["assumptions", "drift", "endpoints", "filters", "formats", "report"];
    let spec = spec.into_iter().find(|name| path == format!("schema/spec/{name}.schema.json"));
    path.replace("quays", "boats").replace(spec.unwrap_or("api"), "api")
}

#[test]
fn every_file_is_caught_if_edited_deleted_or_orphaned() {
    let project = Project::new();
    let files = project.generate();
    project.assert_fresh(&files);
    let kinds: BTreeSet<String> = files.keys().map(|path| kind(path)).collect();
    assert_eq!(kinds.into_iter().collect::<Vec<_>>(), KINDS, "a new kind of file has to be added to the list");
    let of_all: Vec<&str> =
        files[lock::REST].lines().filter_map(|line| line.strip_prefix("generated by all generated/")).collect();
    assert_eq!(
        of_all,
        ["docs/README.md", "docs/assumptions.md", "docs/coverage.md", "model.json", "rust/lib.rs", "tests/examples.rs"]
    );
    for (path, text) in &files {
        let file = project.out().join(path);
        let edits = [format!("{text}\n"), text.replacen(|c: char| c.is_alphanumeric(), "x", 1), String::new()];
        for edited in edits.iter().filter(|edited| *edited != text) {
            fs::write(&file, edited).expect("writable");
            assert_eq!(project.differences(&files), [(path.clone(), Difference::Changed)]);
            // Without generating, nobody can tell what a file should hold that is made from all reports.
            assert_eq!(project.stale().is_empty(), of_all.contains(&path.as_str()), "{path}");
        }
        fs::remove_file(&file).expect("removed");
        assert_eq!(project.differences(&files), [(path.clone(), Difference::Missing)]);
        assert!(!project.stale().is_empty(), "{path}");
        fs::write(&file, text).expect("writable");

        let (folder, name) = path.rsplit_once('/').unwrap_or(("", path));
        let orphan = if folder.is_empty() { format!("old_{name}") } else { format!("{folder}/old_{name}") };
        fs::write(project.out().join(&orphan), text).expect("writable");
        assert_eq!(project.differences(&files), [(orphan.clone(), Difference::Orphaned)]);
        assert!(project.stale().iter().any(|line| line.contains(&orphan)), "{orphan}");
        fs::remove_file(project.out().join(&orphan)).expect("removed");
    }
    project.assert_fresh(&files);
}

#[test]
fn generating_mends_what_was_edited_deleted_or_orphaned() {
    let project = Project::new();
    let files = project.generate();
    for path in files.keys().filter(|path| path.contains("boats") || path.contains("model") || path.contains("lock")) {
        project.put(&format!("generated/{path}"), "by hand");
    }
    fs::remove_file(project.out().join("rust/api.rs")).expect("removed");
    for orphan in ["rust/old.rs", "lock/reports/old.lock", "lock/old", "docs/old/page.md"] {
        project.put(&format!("generated/{orphan}"), "old");
    }
    project.put("generated/.staged-1-0/rust/boats.rs", "left by a run that was killed");
    project.generate();
    project.assert_fresh(&files);
}

#[test]
fn a_stop_at_any_point_leaves_files_old_or_new_and_a_stale_tree_that_the_next_run_mends() {
    let project = Project::new();
    project.generate();
    let (old, old_spec) = (project.tree("generated"), project.tree("spec"));
    // A report changes, one goes, one comes, and the platform changes.
    project.put("spec/reports/port/boats.yaml", &report("boats", "Changed."));
    fs::remove_file(project.path("spec/reports/port/quays.yaml")).expect("removed");
    project.put("spec/reports/sea/wrecks.yaml", &report("wrecks", "Sunk."));
    project.put("spec/endpoints.yaml", &old_spec["endpoints.yaml"].replace("Asks for rows.", "Asks."));
    let (model, inputs) = project.read();
    let new = expected(&model, Some(&inputs));
    let mut steps = 0;
    loop {
        fs::remove_dir_all(project.out()).expect("removed");
        old.iter().for_each(|(path, text)| project.put(&format!("generated/{path}"), text));
        let mut staged = stage(&model, &project.out(), Some(&inputs), None).expect("written aside");
        let more = (0..steps).all(|_| staged.step().expect("done"));
        drop(staged);
        let tree = project.tree("generated");
        for path in old.keys().chain(new.keys()).filter(|path| path.as_str() != lock::UNFINISHED) {
            let have = tree.get(path);
            assert!(have == old.get(path) || have == new.get(path), "{path} is neither old nor new after {steps} steps");
        }
        if !more {
            break;
        }
        let finished = tree == new;
        assert_eq!(project.stale().is_empty(), finished, "after {steps} steps");
        if steps > 0 && !finished {
            // Whoever takes the edit back must not get away with a mixed tree.
            let edited = project.tree("spec");
            fs::remove_dir_all(project.path("spec")).expect("removed");
            old_spec.iter().for_each(|(path, text)| project.put(&format!("spec/{path}"), text));
            assert!(!project.stale().is_empty(), "after {steps} steps and taking the edit back");
            fs::remove_dir_all(project.path("spec")).expect("removed");
            edited.iter().for_each(|(path, text)| project.put(&format!("spec/{path}"), text));
        }
        write(&model, &project.out(), Some(&inputs), None).expect("written");
        project.assert_fresh(&new);
        steps += 1;
    }
    assert!(steps > 20, "{steps} steps");
}

#[test]
fn two_runs_at_once_leave_a_tree_of_one_of_them() {
    let project = Project::new();
    let one = project.read();
    project.put("spec/reports/port/boats.yaml", &report("boats", "Changed."));
    project.put("spec/reports/sea/wrecks.yaml", &report("wrecks", "Sunk."));
    let two = project.read();
    let files = [&one, &two].map(|(model, inputs)| expected(model, Some(inputs)));
    for _ in 0..10 {
        std::thread::scope(|scope| {
            for (model, inputs) in [&one, &two] {
                scope.spawn(|| write(model, &project.out(), Some(inputs), None).expect("written"));
            }
        });
        let differences = files.each_ref().map(|files| project.differences(files));
        assert!(differences.contains(&Vec::new()), "{differences:?}");
        let staged = fs::read_dir(project.out()).expect("readable").flatten();
        assert_eq!(staged.filter(|entry| entry.file_name().to_string_lossy().starts_with('.')).count(), 0);
    }
}

#[test]
fn an_edit_while_generating_leaves_a_stale_tree() {
    let project = Project::new();
    let (model, inputs) = project.read();
    project.put("spec/reports/port/boats.yaml", &report("boats", "Edited meanwhile."));
    write(&model, &project.out(), Some(&inputs), None).expect("written");
    assert_eq!(project.stale(), ["spec/reports/port/boats.yaml changed"]);
}

#[test]
fn an_error_leaves_the_old_tree() {
    let project = Project::new();
    project.generate();
    let old = project.tree("generated");
    project.put("spec/reports/port/boats.yaml", &report("boats", "Changed."));
    project.put("spec/reports/sea/wrecks.yaml", &report("wrecks", "Sunk."));
    fs::remove_file(project.path("spec/reports/port/quays.yaml")).expect("removed");
    let (model, inputs) = project.read();
    let refused = |what: &str| {
        let before = project.tree("generated");
        let error = write(&model, &project.out(), Some(&inputs), None).expect_err(what).to_string();
        assert_eq!(project.tree("generated"), before, "{what}");
        error
    };
    project.put("generated/rust/wrecks.rs/inner.txt", "");
    assert!(refused("a folder").ends_with("wrecks.rs is a folder where a generated file belongs. Move it elsewhere."));
    fs::remove_dir_all(project.out().join("rust/wrecks.rs")).expect("removed");
    fs::remove_dir_all(project.out().join("lock/reports")).expect("removed");
    project.put("generated/lock/reports", "");
    assert!(refused("a file").ends_with("reports is a file where a folder of generated files belongs. Move it elsewhere."));
    fs::remove_file(project.out().join("lock/reports")).expect("removed");
    project.put("generated/notes.txt", "mine");
    assert!(refused("notes").ends_with("notes.txt was not generated. Move it elsewhere, or delete it."));
    assert!(project.tree("generated").contains_key("rust/quays.rs") && old.contains_key("rust/quays.rs"));
}

fn harbour() -> Vec<InputFile> {
    read_dir(&Path::new(PACKAGE).join("../tests/fixtures/harbour/spec")).expect("readable")
}

/// The generated files of the invented API whose reports `edited` have another description.
fn of_harbour(edited: &[&str]) -> Files {
    let mut files = harbour();
    for file in files.iter_mut().filter(|file| edited.contains(&file.path.as_str())) {
        let text = String::from_utf8(file.bytes.clone()).expect("UTF-8");
        let lines = text.lines().filter(|line| !line.starts_with("description: ") || line.ends_with('|'));
        let mut lines: Vec<&str> = lines.collect();
        match lines.iter().position(|line| line.starts_with("description: ")) {
            Some(at) => lines.insert(at + 1, "  Edited."),
            None => lines.push("description: Edited."),
        }
        file.bytes = (lines.join("\n") + "\n").into_bytes();
    }
    let digests = files.iter().map(|file| (format!("spec/{}", file.path), Some(lock::digest(&file.bytes)))).collect();
    expected(&model(files), Some(&digests))
}

/// What git makes of two edits of a file, without asking.
fn merged(base: &str, ours: &str, theirs: &str) -> Option<String> {
    let dir = tempfile::tempdir().expect("a temporary folder");
    for (name, text) in [("base", base), ("ours", ours), ("theirs", theirs)] {
        fs::write(dir.path().join(name), text).expect("writable");
    }
    let git = Command::new("git").current_dir(dir.path()).args(["merge-file", "-p", "ours", "base", "theirs"]).output();
    let git = git.expect("git runs");
    git.status.success().then(|| String::from_utf8(git.stdout).expect("UTF-8"))
}

#[test]
fn git_merges_the_locks_and_the_model_of_edits_of_any_two_reports() {
    let reports: Vec<String> = harbour().into_iter().map(|file| file.path).filter(|path| path.starts_with("reports/")).collect();
    assert!(reports.len() > 10);
    let base = of_harbour(&[]);
    let branches: Vec<Files> = reports.iter().map(|path| of_harbour(&[path])).collect();
    for (path, files) in reports.iter().zip(&branches) {
        let changed = files.iter().filter(|(path, text)| base.get(*path) != Some(text)).map(|(path, _)| path.as_str());
        let locks: Vec<&str> = changed.filter(|path| path.starts_with("lock/")).collect();
        let name = path.rsplit('/').next().and_then(|file| file.strip_suffix(".yaml")).expect("a report");
        assert_eq!(locks, [lock::of_report(name)], "an edit of one report changes its own lock and no other");
    }
    for (one, ours) in branches.iter().enumerate() {
        for (two, theirs) in branches.iter().enumerate().skip(one + 1) {
            let pair = [reports[one].as_str(), &reports[two]];
            let model = merged(&base["model.json"], &ours["model.json"], &theirs["model.json"]);
            let model = model.unwrap_or_else(|| panic!("git does not merge model.json of {pair:?}"));
            if two == one + 1 && one % 4 == 0 {
                let both = of_harbour(&pair);
                assert_eq!(model, both["model.json"]);
                for (path, text) in both.iter().filter(|(path, _)| path.starts_with("lock/")) {
                    assert_eq!(merged(&base[path], &ours[path], &theirs[path]).as_ref(), Some(text), "{path}");
                }
            }
        }
    }
}

#[test]
fn a_new_report_adds_a_lock_and_changes_no_other() {
    let project = Project::new();
    let before = project.generate();
    project.put("spec/reports/port/wrecks.yaml", &report("wrecks", "Sunk."));
    let after = project.generate();
    let locks = after.iter().filter(|(path, text)| path.starts_with("lock/") && before.get(*path) != Some(text));
    assert_eq!(locks.map(|(path, _)| path.as_str()).collect::<Vec<_>>(), ["lock/reports/wrecks.lock"]);
}

#[test]
fn conflict_marks_in_a_lock_are_stale_and_mended() {
    let project = Project::new();
    let files = project.generate();
    let lock = &files["lock/reports/boats.lock"];
    for marked in [format!("<<<<<<< ours\n{lock}=======\n{lock}>>>>>>> theirs\n"), lock.repeat(2), lock.replace('\n', "\r\n")] {
        project.put("generated/lock/reports/boats.lock", &marked);
        assert_eq!(project.stale(), ["generated/lock/reports/boats.lock is not a lock that the generator wrote"]);
        project.generate();
        project.assert_fresh(&files);
    }
}
