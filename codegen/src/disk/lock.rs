//! The freshness lock `generated/.lock`: one line for each input and output, with digest and path. `build.rs` includes this file too, so
//! it uses only the standard library.

use std::fs;
use std::io;
use std::path::Path;

/// The lock's path under the generated folder.
pub const LOCK: &str = ".lock";

/// 64-bit FNV-1a. It detects accidental changes, not malicious ones.
pub fn digest(bytes: &[u8]) -> u64 {
    bytes.iter().fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(*byte)).wrapping_mul(0x0000_0100_0000_01b3))
}

/// One line of the lock.
pub fn line(path: &str, bytes: &[u8]) -> String {
    format!("{:016x} {path}\n", digest(bytes))
}

/// All relevant files under `root/part`, as sorted paths relative to `root`. A part that does not exist has none.
///
/// # Errors
/// If a folder cannot be read.
pub fn files(root: &Path, part: &str) -> io::Result<Vec<String>> {
    let mut out = Vec::new();
    collect(root, part, &mut out)?;
    out.sort();
    Ok(out)
}

fn collect(root: &Path, part: &str, out: &mut Vec<String>) -> io::Result<()> {
    let path = root.join(part);
    if path.is_file() {
        out.push(part.to_owned());
        return Ok(());
    }
    if !path.is_dir() {
        return Ok(());
    }
    for entry in fs::read_dir(&path)? {
        let entry = entry?;
        let name = entry.file_name().to_string_lossy().into_owned();
        // Temporary files of editors and of our own.
        if name.ends_with('~') || name.ends_with(".swp") || name.ends_with(".tmp") || name == ".DS_Store" {
            continue;
        }
        let inner = format!("{part}/{name}");
        if entry.file_type()?.is_dir() {
            collect(root, &inner, out)?;
        } else if inner != format!("generated/{LOCK}") {
            out.push(inner);
        }
    }
    Ok(())
}

/// What the lock covers: the spec, the sources of generator and model, and the generated files.
pub const COVERED: [&str; 6] = ["spec", "model/src", "model/Cargo.toml", "codegen/src", "codegen/Cargo.toml", "generated"];

/// The lock that matches the tree on disk.
///
/// # Errors
/// If a covered file cannot be read.
pub fn of_tree(root: &Path) -> io::Result<String> {
    let mut lock = String::new();
    for part in COVERED {
        for path in files(root, part)? {
            lock.push_str(&line(&path, &fs::read(root.join(&path))?));
        }
    }
    Ok(lock)
}

/// The paths that differ between a lock and the tree, each with what happened.
pub fn differences(lock: &str, tree: &str) -> Vec<String> {
    let path = |line: &str| line.split_once(' ').map_or_else(|| line.to_owned(), |(_, path)| path.to_owned());
    let mut out = Vec::new();
    for line in tree.lines().filter(|line| !lock.lines().any(|have| have == *line)) {
        let known = lock.lines().any(|have| path(have) == path(line));
        out.push(format!("{} {}", path(line), if known { "changed" } else { "is new" }));
    }
    for line in lock.lines() {
        if !tree.lines().any(|have| path(have) == path(line)) {
            out.push(format!("{} is gone", path(line)));
        }
    }
    out
}
