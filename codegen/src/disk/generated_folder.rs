//! Compares the generated folder on disk with the files it should hold, or writes them.

use std::collections::BTreeSet;
use std::fs;
use std::io::{self, Write};
use std::path::Path;
use std::sync::{Mutex, PoisonError};
use std::time::SystemTime;

use placewise_model::Model;

use super::lock;
use crate::check::Valid;
use crate::emit::{self, Files};
use crate::source::named;

/// How a file on disk differs from the expected one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Difference {
    /// It does not exist.
    Missing,
    /// It has other content.
    Changed,
    /// Nothing generates it anymore.
    Orphaned,
}

/// One file that is missing, changed or orphaned.
#[derive(Clone, Debug)]
pub struct Stale {
    /// Its path under the generated folder.
    pub path: String,
    /// How it differs.
    pub difference: Difference,
    /// A unified diff from the file on disk to the expected one.
    pub diff: String,
}

/// Compares the generated folder with the files it should hold.
///
/// # Errors
/// If the folder or a file in it cannot be read.
pub fn compare(files: &Files, out: &Path) -> io::Result<Vec<Stale>> {
    let mut stale = Vec::new();
    let on_disk = lock::files(out, ".")?;
    for (path, text) in files {
        match fs::read(out.join(path)) {
            Ok(bytes) if bytes == text.as_bytes() => {}
            Ok(bytes) => stale.push(difference(path, Difference::Changed, &String::from_utf8_lossy(&bytes), text)),
            Err(error) if error.kind() == io::ErrorKind::NotFound => stale.push(difference(path, Difference::Missing, "", text)),
            Err(error) => return Err(named(&out.join(path), error)),
        }
    }
    for path in on_disk {
        let path = path.trim_start_matches("./").to_owned();
        if path != lock::LOCK && !files.contains_key(&path) {
            let text = String::from_utf8_lossy(&fs::read(out.join(&path))?).into_owned();
            stale.push(difference(&path, Difference::Orphaned, &text, ""));
        }
    }
    stale.sort_by(|a, b| a.path.cmp(&b.path));
    Ok(stale)
}

fn difference(path: &str, difference: Difference, have: &str, want: &str) -> Stale {
    let diff = similar::TextDiff::from_lines(have, want);
    let (from, to) = match difference {
        Difference::Missing => ("/dev/null".to_owned(), format!("b/{path}")),
        Difference::Changed => (format!("a/{path}"), format!("b/{path}")),
        Difference::Orphaned => (format!("a/{path}"), "/dev/null".to_owned()),
    };
    let diff = diff.unified_diff().context_radius(3).header(&from, &to).to_string();
    Stale { path: path.to_owned(), difference, diff }
}

/// Writes the files that differ and removes orphans. Returns the number of expected files and the paths of those written or removed.
/// Written files get the modification time `stamp`.
///
/// # Errors
/// If a file cannot be written, renamed or removed; the message names it.
pub fn write(model: &Valid<Model>, out: &Path, stamp: Option<SystemTime>) -> io::Result<(usize, Vec<String>)> {
    if !is_ours(out)? {
        let message =
            format!("{} holds files that were not generated; choose an empty folder or one generated before", out.display());
        return Err(io::Error::new(io::ErrorKind::AlreadyExists, message));
    }
    let done: Mutex<(BTreeSet<String>, Vec<String>)> = Mutex::default();
    emit::emit_each(model, |path, text| {
        let target = out.join(&path);
        let right = fs::read(&target).is_ok_and(|bytes| bytes == text.as_bytes());
        if !right {
            write_one(&target, &text, stamp).map_err(|error| named(&target, error))?;
        }
        let mut done = done.lock().unwrap_or_else(PoisonError::into_inner);
        if !right {
            done.1.push(path.clone());
        }
        done.0.insert(path);
        Ok::<(), io::Error>(())
    })?;
    let (expected, mut written) = done.into_inner().unwrap_or_else(PoisonError::into_inner);
    for path in lock::files(out, ".")? {
        let path = path.trim_start_matches("./");
        // Files outside our own folders belong to someone else.
        let ours = OURS.iter().any(|folder| path.starts_with(folder));
        if ours && !expected.contains(path) {
            fs::remove_file(out.join(path)).map_err(|error| named(&out.join(path), error))?;
            written.push(path.to_owned());
        }
    }
    written.sort();
    Ok((expected.len(), written))
}

/// The folders that hold only generated files.
const OURS: [&str; 4] = ["rust/", "docs/", "schema/", "tests/"];

/// Whether a folder is new, empty or generated before. Files of anyone else are never removed.
fn is_ours(out: &Path) -> io::Result<bool> {
    match fs::read_dir(out) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(true),
        Err(error) => Err(error),
        Ok(mut entries) => {
            let generated =
                |path: &str| fs::read_to_string(out.join(path)).is_ok_and(|text| text.starts_with(emit::banner::BANNER));
            Ok(entries.next().is_none() || generated("rust/lib.rs") || generated("rust/api.rs"))
        }
    }
}

/// Sets the modification time of the generated folder and its subfolders. Renaming a file into a folder changes the folder's time, and
/// cargo compares both. Systems without times for folders are ignored.
///
/// # Errors
/// If the folder cannot be listed.
pub fn stamp_folders(out: &Path, stamp: SystemTime) -> io::Result<()> {
    let mut folders = BTreeSet::from([out.to_owned()]);
    for path in lock::files(out, ".")? {
        folders.extend(
            out.join(path.trim_start_matches("./")).ancestors().skip(1).take_while(|folder| *folder != out).map(Path::to_owned),
        );
    }
    for folder in folders {
        let _ = fs::File::open(folder).and_then(|folder| folder.set_modified(stamp));
    }
    Ok(())
}

/// Writes one file completely or not at all: beside its place, then renamed.
///
/// # Errors
/// If it cannot be written or renamed.
pub fn write_one(target: &Path, text: &str, stamp: Option<SystemTime>) -> io::Result<()> {
    if let Some(parent) = target.parent() {
        fs::create_dir_all(parent)?;
    }
    let mut name = target.file_name().unwrap_or_default().to_owned();
    name.push(format!(".{}.tmp", std::process::id()));
    let temporary = target.with_file_name(name);
    let mut file = fs::File::create(&temporary)?;
    file.write_all(text.as_bytes())?;
    if let Some(stamp) = stamp {
        file.set_modified(stamp)?;
    }
    drop(file);
    fs::rename(&temporary, target)
}
