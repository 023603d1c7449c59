//! The root's build script: by itself, with a script in place of cargo, and under a real cargo.
#![cfg(unix)]

mod cargo;
mod script;

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::Output;

use placewise_codegen::source::folder;

/// The generator that this test run built.
const GENERATOR: &str = env!("CARGO_BIN_EXE_placewise-codegen");
const SPEC: &str = "spec/reports/sea/traffic.yaml";
const RUST: &str = "generated/rust/traffic.rs";
/// Two spellings of a line in the spec: the second gives the generated types a `Voice`.
const EDIT: (&str, &str) = ("values: [dry, wet]", "values: [dry, wet, voice]");

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// The invented API, so that no fact of the real one breaks these tests.
fn harbour() -> PathBuf {
    root().join("tests/fixtures/harbour")
}

/// Copies files or folders below `from` to the same place below `to`.
fn copy(from: &Path, to: &Path, parts: &[&str]) {
    for path in parts.iter().flat_map(|part| folder::files(from, part).expect("readable")) {
        let target = to.join(&path);
        fs::create_dir_all(target.parent().expect("has a parent")).expect("writable");
        fs::copy(from.join(&path), target).expect("copied");
    }
}

fn edit(path: &Path, from: &str, to: &str) {
    let text = fs::read_to_string(path).expect("readable");
    assert!(text.contains(from), "{} has no {from:?}", path.display());
    fs::write(path, text.replacen(from, to, 1)).expect("writable");
}

fn write(path: &Path, text: &str) {
    fs::create_dir_all(path.parent().expect("has a parent")).expect("writable");
    fs::write(path, text).expect("writable");
}

fn write_program(path: &Path, commands: &str) {
    write(path, &format!("#!/bin/sh\n{commands}\n"));
    fs::set_permissions(path, fs::Permissions::from_mode(0o755)).expect("made executable");
}

fn text(output: &Output) -> String {
    format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr))
}
