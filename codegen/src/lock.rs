//! The freshness lock `generated/.lock`: one line per input and per output, each a digest and a path. `build.rs` includes this very
//! file, so it uses the standard library alone. In: files; out: the lock's lines, or what differs from them.

use std::fs;
use std::io;
use std::path::Path;

/// The lock's path under the generated folder.
pub const LOCK: &str = ".lock";

/// 64-bit FNV-1a: enough to notice change, small enough to stand here. It guards against accident, not against malice.
pub fn digest(bytes: &[u8]) -> u64 {
    bytes.iter().fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(*byte)).wrapping_mul(0x0000_0100_0000_01b3))
}

/// One line of the lock.
pub fn line(path: &str, bytes: &[u8]) -> String {
    format!("{:016x} {path}\n", digest(bytes))
}

/// Every file under `root/part` that counts, as paths under `root` with `/` between parts, ordered.
///
/// # Errors
/// When a folder cannot be read. A part that does not exist has no files.
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
        // Editors' and our own half-written files come and go.
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

/// What the lock covers: the spec, the sources of generator and model, and what was generated.
pub const COVERED: [&str; 6] = ["spec", "model/src", "model/Cargo.toml", "codegen/src", "codegen/Cargo.toml", "generated"];

/// The lock of the tree as it stands on disk.
///
/// # Errors
/// When a covered file cannot be read.
pub fn of_tree(root: &Path) -> io::Result<String> {
    let mut lock = String::new();
    for part in COVERED {
        for path in files(root, part)? {
            lock.push_str(&line(&path, &fs::read(root.join(&path))?));
        }
    }
    Ok(lock)
}

/// The paths whose lines differ between a lock and the tree, each with what happened to it.
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
