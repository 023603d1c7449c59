//! Runs the build script on a copy of the covered tree: a fresh tree runs no generator, a change is regenerated in the same build, and
//! with `CI` set nothing is written. A script in place of cargo runs the generator that this test run built.
#![cfg(unix)]

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use placewise_codegen::disk::lock;
use placewise_codegen::source::folder;

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

struct Tree {
    dir: tempfile::TempDir,
    script: PathBuf,
}

impl Tree {
    /// A freshly generated copy of everything that the lock covers.
    fn new() -> Self {
        let dir = tempfile::tempdir().expect("a temporary folder");
        for part in lock::COVERED {
            for path in folder::files(&root(), part).expect("readable") {
                let target = dir.path().join(&path);
                fs::create_dir_all(target.parent().expect("has a parent")).expect("writable");
                fs::copy(root().join(&path), target).expect("copied");
            }
        }
        fs::copy(root().join("build.rs"), dir.path().join("build.rs")).expect("copied");
        let script = dir.path().join("build-script");
        let rustc = std::env::var_os("RUSTC").unwrap_or_else(|| "rustc".into());
        let built = Command::new(rustc).current_dir(root()).args(["--edition", "2024", "build.rs", "-o"]).arg(&script).status();
        assert!(built.expect("rustc runs").success());
        let tree = Self { dir, script };
        tree.cargo(&format!(
            "while [ $# -gt 0 ] && [ \"$1\" != -- ]; do shift; done; shift; cd '{}' && exec '{}' \"$@\"",
            tree.dir.path().display(),
            env!("CARGO_BIN_EXE_placewise-codegen")
        ));
        let made = tree.run(&[]);
        assert!(made.status.success(), "{}", text(&made));
        tree
    }

    fn path(&self, path: &str) -> PathBuf {
        self.dir.path().join(path)
    }

    /// Sets the script that runs in place of cargo.
    fn cargo(&self, command: &str) {
        let path = self.path("cargo");
        fs::write(&path, format!("#!/bin/sh\n{command}\n")).expect("writable");
        fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).expect("made executable");
    }

    fn run(&self, variables: &[(&str, &str)]) -> Output {
        let out = self.path("build/out");
        fs::create_dir_all(&out).expect("writable");
        fs::write(self.path("build/invoked.timestamp"), "").expect("writable");
        let mut command = Command::new(&self.script);
        command.env_remove("CI").env("CARGO_MANIFEST_DIR", self.dir.path()).env("OUT_DIR", out).env("CARGO", self.path("cargo"));
        command.envs(variables.iter().copied()).output().expect("the script runs")
    }

    fn edit(&self, path: &str, from: &str, to: &str) {
        let text = fs::read_to_string(self.path(path)).expect("readable");
        assert!(text.contains(from), "{path} has no {from:?}");
        fs::write(self.path(path), text.replacen(from, to, 1)).expect("writable");
    }
}

fn text(output: &Output) -> String {
    format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr))
}

const SPEC: &str = "spec/reports/sendings/sendings.yaml";
const RUST: &str = "generated/rust/sendings.rs";

#[test]
fn a_fresh_tree_runs_no_generator() {
    let tree = Tree::new();
    tree.cargo("echo the generator must not run; exit 9");
    for variables in [&[][..], &[("CI", "true")]] {
        let output = tree.run(variables);
        assert!(output.status.success(), "{}", text(&output));
        assert!(text(&output).contains("cargo::rerun-if-changed=spec"));
    }
}

#[test]
fn one_edited_line_is_generated_in_the_same_build() {
    let tree = Tree::new();
    tree.edit(SPEC, "values: [sms, email, push]", "values: [sms, email, push, voice]");
    let output = tree.run(&[]);
    assert!(output.status.success(), "{}", text(&output));
    assert!(fs::read_to_string(tree.path(RUST)).expect("readable").contains("Voice"));
    // Cargo compares the times of watched files and folders with this one.
    let start = fs::metadata(tree.path("build/invoked.timestamp")).and_then(|meta| meta.modified()).expect("a time");
    for path in ["generated", "generated/rust", "generated/docs/reports", RUST, "generated/lock/reports/sendings.lock"] {
        let time = fs::metadata(tree.path(path)).and_then(|meta| meta.modified()).expect("a time");
        assert!(time <= start, "{path} is newer than the build, so the next build would run again");
    }
    tree.cargo("exit 9");
    assert!(tree.run(&[]).status.success(), "the tree is fresh after the build");
}

#[test]
fn ci_fails_and_writes_nothing() {
    let tree = Tree::new();
    let before = fs::read_to_string(tree.path(RUST)).expect("readable");
    tree.edit(SPEC, "values: [sms, email, push]", "values: [sms, email, push, voice]");
    let output = tree.run(&[("CI", "true")]);
    let said = text(&output);
    assert!(!output.status.success());
    assert!(said.contains("cargo codegen generate") && said.contains("sendings.yaml changed"), "{said}");
    assert_eq!(fs::read_to_string(tree.path(RUST)).expect("readable"), before);
}

#[test]
fn edited_missing_and_orphaned_outputs_are_regenerated() {
    let tree = Tree::new();
    let before = fs::read_to_string(tree.path(RUST)).expect("readable");
    tree.edit(RUST, "pub struct Sendings;", "pub struct Sendings; // by hand");
    fs::remove_file(tree.path("generated/docs/filters.md")).expect("removed");
    fs::write(tree.path("generated/rust/orphan.rs"), "").expect("writable");
    let said = text(&tree.run(&[("CI", "1")]));
    for what in ["sendings.rs changed", "filters.md is gone", "orphan.rs is new"] {
        assert!(said.contains(what), "{said}");
    }
    let output = tree.run(&[]);
    assert!(output.status.success(), "{}", text(&output));
    assert_eq!(fs::read_to_string(tree.path(RUST)).expect("readable"), before);
    assert!(tree.path("generated/docs/filters.md").exists() && !tree.path("generated/rust/orphan.rs").exists());
}

#[test]
fn a_spec_with_errors_fails_the_build_with_its_findings() {
    let tree = Tree::new();
    tree.edit(SPEC, "cost: 2", "csot: 2");
    let said = text(&tree.run(&[]));
    assert!(said.contains("did you mean `cost`?") && said.contains("sendings.yaml:4:1"), "{said}");
}
