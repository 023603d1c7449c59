//! Regenerates `generated/` when `spec/` or the generator changed, or fails if `CI` is set.
//!
//! Compares the digests in `generated/lock/`; a fresh clone matches, so it never compiles the generator. Uses only the standard library, because
//! the published package has no build-dependencies.

use std::env;
use std::path::{Path, PathBuf};
use std::process::{Command, exit};

#[path = "codegen/src/source/folder.rs"]
#[allow(dead_code, reason = "the generator uses the rest")]
mod folder;
#[path = "codegen/src/disk/lock.rs"]
#[allow(dead_code, reason = "the generator uses the rest")]
mod lock;

fn main() {
    let root = PathBuf::from(env::var_os("CARGO_MANIFEST_DIR").unwrap_or_default());
    for part in lock::COVERED {
        println!("cargo::rerun-if-changed={part}");
    }
    println!("cargo::rerun-if-env-changed=CI");
    let stale = stale(&root);
    if stale.is_empty() {
        return;
    }
    if env::var_os("CI").is_some_and(|value| !value.is_empty() && value != "false") {
        fail("generated/ is stale, and CI never writes it. Run `cargo codegen generate` and commit what it writes.", &stale);
    }
    generate(&root);
    let still = self::stale(&root);
    if !still.is_empty() {
        fail("the generator ran, yet generated/ does not agree with its lock:", &still);
    }
}

fn stale(root: &Path) -> Vec<String> {
    match lock::stale(root) {
        Ok(stale) => stale,
        Err(error) => fail(&format!("cannot compare spec/ and generated/: {error}"), &[]),
    }
}

/// Runs the generator for this machine, whatever the outer build is for, in a target directory of its own: the outer cargo holds the
/// lock of the usual one.
fn generate(root: &Path) {
    let cargo = env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let target = env::var_os("CARGO_TARGET_DIR").map_or_else(|| root.join("target"), |dir| root.join(dir)).join("codegen");
    let mut command = Command::new(cargo);
    command.current_dir(root).args(["run", "--quiet", "--package", "placewise-codegen", "--target-dir"]).arg(target);
    command.args(["--", "generate", "--stamp"]).arg(build_start());
    for (name, _) in env::vars_os() {
        let text = name.to_string_lossy();
        let keep = matches!(&*text, "CARGO_HOME" | "CARGO_NET_OFFLINE")
            || text.starts_with("CARGO_HTTP_")
            || text.starts_with("CARGO_REGISTRIES_");
        if text.starts_with("RUSTC") || text.starts_with("RUSTFLAGS") || (text.starts_with("CARGO") && !keep) {
            command.env_remove(&name);
        }
    }
    command.env_remove("CARGO_ENCODED_RUSTFLAGS");
    match command.output() {
        Ok(output) if output.status.success() => {}
        Ok(output) => {
            let text = [output.stdout, output.stderr].map(|bytes| String::from_utf8_lossy(&bytes).into_owned()).concat();
            fail("the spec could not be generated from:", &text.lines().map(str::to_owned).collect::<Vec<_>>())
        }
        Err(error) => fail(&format!("cannot run the generator: {error}"), &[]),
    }
}

/// The file whose time cargo compares with what the build script watches. What is written gets this very time, or the next build
/// would run this script once more for nothing.
fn build_start() -> PathBuf {
    PathBuf::from(env::var_os("OUT_DIR").unwrap_or_default()).join("..").join("invoked.timestamp")
}

fn fail(message: &str, details: &[String]) -> ! {
    eprintln!("{message}");
    for line in details {
        eprintln!("  {line}");
    }
    exit(1)
}
