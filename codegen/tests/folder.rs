//! What lies in `spec/` and `generated/` besides their files: `check`, `generate` and the build agree on it, and nothing hangs.
#![cfg(unix)]

use std::fs;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use placewise_codegen::disk::lock;
use placewise_codegen::source::folder;

/// A project that the program generated: the spec of an invented API with one report.
struct Project(tempfile::TempDir);

impl Project {
    fn new() -> Self {
        let project = Self(tempfile::tempdir().expect("a temporary folder"));
        let platform = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/platform");
        fs::create_dir_all(project.path("spec/reports/port")).expect("writable");
        for path in folder::files(&platform, "").expect("readable") {
            fs::copy(platform.join(&path), project.path("spec").join(path)).expect("copied");
        }
        let report = "report: boats\nformat: records\ncoverage: name-only\nsource: https://harbour.invalid/boats\n";
        fs::write(project.path("spec/reports/port/boats.yaml"), report).expect("writable");
        fs::write(project.path("build.rs"), "").expect("writable");
        project.run(&["generate"], 0);
        project
    }

    fn path(&self, path: &str) -> PathBuf {
        self.0.path().join(path)
    }

    fn run(&self, arguments: &[&str], status: i32) -> String {
        self.run_in("", arguments, status)
    }

    fn run_in(&self, folder: &str, arguments: &[&str], status: i32) -> String {
        let output: Output = Command::new(env!("CARGO_BIN_EXE_placewise-codegen"))
            .current_dir(self.path(folder))
            .args(arguments)
            .output()
            .expect("the program runs");
        let said = format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
        assert_eq!(output.status.code(), Some(status), "{arguments:?}: {said}");
        said
    }

    fn files(&self) -> Vec<String> {
        folder::files(&self.path("generated"), "").expect("readable")
    }
}

fn pipe(path: &Path) {
    assert!(Command::new("mkfifo").arg(path).status().expect("mkfifo runs").success());
}

/// What editors and systems leave behind.
const DROPPINGS: [&str; 14] = [
    ".#boats.yaml",
    "#boats.yaml#",
    "boats.yaml~",
    ".boats.yaml.swp",
    "boats.yaml.swo",
    ".main.rs.swx",
    "boats.yaml.orig",
    "boats.yaml.rej",
    "boats.yaml.bak",
    "boats.yaml.tmp",
    "boats.yaml___jb_tmp___",
    ".DS_Store",
    "Thumbs.db",
    "desktop.ini",
];

#[test]
fn droppings_are_ignored_whatever_they_are() {
    let project = Project::new();
    for part in ["spec", "spec/reports/port", "generated/rust", "generated/lock/reports"] {
        for (index, name) in DROPPINGS.iter().enumerate() {
            let path = project.path(part).join(name);
            match index % 4 {
                // Emacs' lock is a link to nothing.
                0 => symlink("user@host.1234:1700000000", path).expect("linked"),
                1 => fs::write(path, "report: [").expect("writable"),
                2 => fs::create_dir_all(path.join("inner")).expect("writable"),
                _ => pipe(&path),
            }
        }
        // With these, vim tries whether it can write there.
        for name in ["4913", "5036"] {
            fs::write(project.path(part).join(name), "").expect("writable");
        }
    }
    project.run(&["check"], 0);
    project.run(&["generate", "--check"], 0);
    assert_eq!(lock::stale(project.0.path()).expect("readable"), [""; 0]);
    assert!(project.run(&["generate"], 0).contains("generated is fresh"));
}

#[test]
fn a_link_or_a_pipe_is_refused_by_name_everywhere_and_nothing_is_deleted() {
    let project = Project::new();
    let before = project.files();
    let elsewhere = project.path("elsewhere");
    fs::rename(project.path("spec/reports/port"), &elsewhere).expect("moved");
    let (link, advice) = ("spec/reports/port", "is a symbolic link, and links are not followed here.");
    symlink(&elsewhere, project.path(link)).expect("linked");
    let refused = |path: &str, advice: &str, commands: &[&[&str]]| {
        let build = lock::stale(project.0.path()).expect_err("the build fails").to_string();
        let said = commands.iter().map(|command| project.run(command, 2));
        for said in said.chain([build]) {
            assert!(said.contains(path) && said.contains(advice), "{said}");
        }
    };
    let spec: [&[&str]; 3] = [&["check"], &["generate"], &["generate", "--check"]];
    refused(link, advice, &spec);
    assert_eq!(project.files(), before);
    fs::remove_file(project.path(link)).expect("removed");
    fs::rename(&elsewhere, project.path(link)).expect("moved");

    let advice = "is neither a file nor a folder but a named pipe, a socket or a device. Remove it.";
    pipe(&project.path("spec/reports/port/tides.yaml"));
    refused("spec/reports/port/tides.yaml", advice, &spec);
    fs::remove_file(project.path("spec/reports/port/tides.yaml")).expect("removed");
    for path in ["generated/rust/lib.rs", "generated/model.json", "generated/lock/rest.lock"] {
        let text = fs::read(project.path(path)).expect("readable");
        fs::remove_file(project.path(path)).expect("removed");
        pipe(&project.path(path));
        refused(path, advice, &spec[1..]);
        fs::remove_file(project.path(path)).expect("removed");
        fs::write(project.path(path), text).expect("writable");
    }
    project.run(&["generate", "--check"], 0);
}

#[test]
fn the_program_works_from_inside_the_folders_of_a_project() {
    let project = Project::new();
    fs::write(project.path("generated/rust/old.rs"), "").expect("writable");
    for folder in ["spec", "spec/reports", "generated", "generated/rust"] {
        assert!(project.run_in(folder, &["generate", "--check"], 1).contains("rust/old.rs (+0 -0)"), "{folder}");
    }
    project.run_in("generated", &["generate"], 0);
    project.run_in("spec", &["generate", "--check"], 0);
    assert_eq!(lock::stale(project.0.path()).expect("readable"), [""; 0]);
}

#[test]
fn a_name_that_cannot_stand_in_a_lock_is_refused() {
    let project = Project::new();
    for name in [&b"a\nb.yaml"[..], b"\xff.yaml"] {
        let path = project.path("spec").join(std::ffi::OsStr::from_bytes(name));
        fs::write(&path, "").expect("writable");
        assert!(project.run(&["check"], 2).contains("has a name with control characters or that is not UTF-8. Rename it."));
        lock::stale(project.0.path()).expect_err("the build fails");
        fs::remove_file(path).expect("removed");
    }
}

#[test]
fn a_file_that_no_spec_has_is_a_finding() {
    let project = Project::new();
    for name in
        ["spec/notes.txt", "spec/reports/port/tides.YAML", "spec/reports/port/tides.yml", "spec/reports/port/sub/tides.yaml"]
    {
        fs::create_dir_all(project.path(name).parent().expect("has a parent")).expect("writable");
        fs::write(project.path(name), b"\xff").expect("writable");
        assert!(project.run(&["check"], 1).contains("is not part of a spec"), "{name}");
        assert_eq!(lock::stale(project.0.path()).expect("readable"), [format!("{name} is new")]);
        fs::remove_file(project.path(name)).expect("removed");
    }
    assert!(project.run(&["check", "--spec", "spec/api.yaml"], 2).contains("is a file where a folder belongs"));
    assert!(project.run(&["check", "--spec", "no/spec"], 2).contains("no/spec: no such folder; name the spec with `--spec DIR`"));
}
