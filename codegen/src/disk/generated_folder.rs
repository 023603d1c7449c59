//! What a generated folder should hold, and how the one on disk differs.

use std::fs;
use std::io;
use std::path::Path;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use placewise_model::Model;

use super::lock::{self, Digests};
use crate::check::Valid;
use crate::emit::{self, Files, Origin};
use crate::source::folder::{self, named};
use crate::source::{InputFile, MANIFEST};

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
pub struct Stale<'a> {
    /// Its path under the generated folder.
    pub path: String,
    /// How it differs.
    pub difference: Difference,
    have: String,
    want: &'a str,
}

impl Stale<'_> {
    /// The text on disk, and the first byte of its first line that differs.
    pub fn first_difference(&self) -> (&str, usize) {
        let same = self.have.split_inclusive('\n').zip(self.want.split_inclusive('\n')).take_while(|(have, want)| have == want);
        (&self.have, same.map(|(line, _)| line.len()).sum())
    }

    /// A unified diff from the file on disk to the expected one, with the number of lines added and removed.
    pub fn diff(&self) -> (String, usize, usize) {
        // A file that has nothing in common with the expected one must not take minutes.
        let diff = similar::TextDiff::configure().timeout(Duration::from_secs(2)).diff_lines(self.have.as_str(), self.want);
        let count = |tag| diff.iter_all_changes().filter(|change| change.tag() == tag).count();
        let (added, removed) = (count(similar::ChangeTag::Insert), count(similar::ChangeTag::Delete));
        let absent = "/dev/null".to_owned();
        let from = if self.difference == Difference::Missing { absent.clone() } else { format!("a/{}", self.path) };
        let to = if self.difference == Difference::Orphaned { absent } else { format!("b/{}", self.path) };
        (diff.unified_diff().context_radius(3).header(&from, &to).to_string(), added, removed)
    }
}

/// The digests that the locks of a project give for its spec and for the generator's sources. Those of the spec are of the bytes that were
/// read: an edit after that must leave a stale tree.
///
/// # Errors
/// If a source cannot be read.
pub fn inputs(root: &Path, spec: &[InputFile]) -> io::Result<Digests> {
    let mut digests = lock::digests(root, &lock::SOURCES)?;
    let spec = spec.iter().filter(|file| file.path != MANIFEST);
    digests.extend(spec.map(|file| (format!("spec/{}", file.path), Some(lock::digest(&file.bytes)))));
    Ok(digests)
}

/// Every file that a generated folder holds; with [`inputs`], the locks too. Only a project's own folder has locks.
pub fn expected(model: &Valid<Model>, inputs: Option<&Digests>) -> Files {
    let emitted = Mutex::new((Files::new(), Vec::new()));
    let collect = |origin: Origin<'_>, path: String, text: String| {
        let mut emitted = emitted.lock().unwrap_or_else(PoisonError::into_inner);
        let (lock, digest) = locked(origin, &text);
        emitted.1.push((lock, path.clone(), digest));
        emitted.0.insert(path, text);
        Ok::<(), std::convert::Infallible>(())
    };
    let Ok(()) = emit::emit_each(model, collect);
    let (mut files, outputs) = emitted.into_inner().unwrap_or_else(PoisonError::into_inner);
    if let Some(inputs) = inputs {
        files.extend(locks(inputs, &outputs));
    }
    files
}

/// The lock of an output, and the digest that it gives.
pub(super) fn locked(origin: Origin<'_>, text: &str) -> (String, Option<u64>) {
    let lock = match origin {
        Origin::Report(name) => lock::of_report(name),
        Origin::Platform | Origin::All => lock::REST.to_owned(),
    };
    (lock, (origin != Origin::All).then(|| lock::digest(text.as_bytes())))
}

/// `outputs`: lock, path and digest of each.
pub(super) fn locks(inputs: &Digests, outputs: &[(String, String, Option<u64>)]) -> Files {
    lock::texts(inputs, outputs.iter().map(|(lock, path, digest)| (lock.clone(), path.as_str(), *digest)))
}

/// Compares the generated folder with the files it should hold. In a folder without locks, files at other places than ours belong to
/// someone else.
///
/// # Errors
/// If the folder or a file in it cannot be read, or something there is neither a file nor a folder.
pub fn compare<'a>(files: &'a Files, out: &Path) -> io::Result<Vec<Stale<'a>>> {
    let mut stale = Vec::new();
    let on_disk = on_disk(out, files.contains_key(lock::REST))?;
    for (path, text) in files {
        match fs::read(out.join(path)) {
            Ok(bytes) if bytes == text.as_bytes() => {}
            Ok(bytes) => stale.push(Stale {
                path: path.clone(),
                difference: Difference::Changed,
                have: String::from_utf8_lossy(&bytes).into_owned(),
                want: text,
            }),
            Err(error) => {
                placeable(out, path)?;
                if error.kind() != io::ErrorKind::NotFound {
                    return Err(named(&out.join(path), error));
                }
                stale.push(Stale { path: path.clone(), difference: Difference::Missing, have: String::new(), want: text });
            }
        }
    }
    for path in on_disk.into_iter().filter(|path| !files.contains_key(path)) {
        let bytes = fs::read(out.join(&path)).map_err(|error| named(&out.join(&path), error))?;
        let have = String::from_utf8_lossy(&bytes).into_owned();
        stale.push(Stale { path, difference: Difference::Orphaned, have, want: "" });
    }
    stale.sort_by(|a, b| a.path.cmp(&b.path));
    Ok(stale)
}

/// What a generated folder holds.
const OURS: [&str; 5] = ["rust", "docs", "schema", "tests", "model.json"];

/// Whether a path is in a place of ours. Only a project's own folder has locks.
pub(super) fn is_ours(path: &str, with_locks: bool) -> bool {
    let top = path.split('/').next().unwrap_or_default();
    OURS.contains(&top) || (with_locks && top == "lock")
}

/// The files in the folder: all of them in a project's own, whose build script sees them all, and those in our places elsewhere.
pub(super) fn on_disk(out: &Path, with_locks: bool) -> io::Result<Vec<String>> {
    folder::files_where(out, "", &|path| with_locks || is_ours(path, with_locks))
}

/// Refuses folders in the place of files, and the reverse.
pub(super) fn placeable(out: &Path, path: &str) -> io::Result<()> {
    let refused = |path: &Path, message: &str| {
        Err(io::Error::new(io::ErrorKind::AlreadyExists, format!("{} {message}. Move it elsewhere.", path.display())))
    };
    let target = out.join(path);
    if target.is_dir() {
        return refused(&target, "is a folder where a generated file belongs");
    }
    match target.ancestors().skip(1).take_while(|folder| *folder != out).find(|folder| folder.is_file()) {
        Some(file) => refused(file, "is a file where a folder of generated files belongs"),
        None => Ok(()),
    }
}
