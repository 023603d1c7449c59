//! Writes a generated folder so that a stop at any point leaves each file old or new, and a tree that its build script finds stale.
//!
//! All files are first written aside, so an error until then leaves the old tree. In a project's own folder, a mark then says that writing
//! has begun. Each file is moved to its place, orphans go, the locks follow, and last goes the mark.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::SystemTime;

use placewise_model::Model;

use super::generated_folder::{is_ours, locked, locks, on_disk, placeable};
use super::lock::{self, Digests};
use crate::check::Valid;
use crate::emit::{self, Origin};
use crate::source::folder::{ignored, named};

/// Writes the files that differ and removes orphans. Returns the number of expected files and the paths of those written or removed.
/// Written files and their folders get the modification time `stamp`. With [`inputs`](super::generated_folder::inputs), it
/// writes locks too.
///
/// # Errors
/// If a file cannot be written, moved or removed, or something in the folder is not ours to replace; the message names it.
pub fn write(
    model: &Valid<Model>,
    out: &Path,
    inputs: Option<&Digests>,
    stamp: Option<SystemTime>,
) -> io::Result<(usize, Vec<String>)> {
    let mut written = BTreeSet::new();
    let mut last = None;
    // Another run may move its files to the same places. Each run looks at the whole folder after its own last move, so whichever moves
    // last leaves a tree of its own.
    for _ in 0..8 {
        let placed = stage(model, out, inputs, stamp).and_then(|mut staged| {
            let placed = staged.place(inputs.is_some());
            let _ = fs::remove_dir_all(&staged.aside);
            placed.map(|placed| (placed, staged))
        });
        match placed {
            Ok((placed, staged)) => {
                written.extend(staged.changed);
                if placed {
                    remove_left_over(out);
                    if let Some(stamp) = stamp {
                        stamp_folders(out, staged.expected.keys(), stamp);
                    }
                    return Ok((staged.expected.len(), written.into_iter().collect()));
                }
            }
            // Another run finished and took what lay aside for a killed one's.
            Err(error) if error.kind() == io::ErrorKind::NotFound => last = Some(error),
            Err(error) => return Err(error),
        }
    }
    let message = format!("{} changes while it is written. Wait for the other run and repeat this one.", out.display());
    Err(last.unwrap_or_else(|| io::Error::other(message)))
}

/// Files that lie aside, and what remains to be done to put them in place.
#[derive(Debug)]
pub struct Staged {
    out: PathBuf,
    aside: PathBuf,
    expected: BTreeMap<String, u64>,
    changed: BTreeSet<String>,
    steps: VecDeque<Step>,
}

#[derive(Debug)]
enum Step {
    Mark,
    Move(String),
    Remove(String),
}

/// Writes aside what differs. Nothing in its place changes.
///
/// # Errors
/// As [`write()`].
pub fn stage(model: &Valid<Model>, out: &Path, inputs: Option<&Digests>, stamp: Option<SystemTime>) -> io::Result<Staged> {
    let on_disk = on_disk(out, inputs.is_some())?;
    refuse_foreign(out, &on_disk, inputs.is_some())?;
    static COUNT: AtomicUsize = AtomicUsize::new(0);
    let aside = out.join(format!("{ASIDE}{}-{}", std::process::id(), COUNT.fetch_add(1, Ordering::Relaxed)));
    let staged = stage_in(aside.clone(), model, out, inputs, stamp, on_disk);
    if staged.is_err() {
        let _ = fs::remove_dir_all(&aside);
    }
    staged
}

/// How the folder of files that lie aside begins: hidden, so that nothing reads it.
const ASIDE: &str = ".staged-";

fn stage_in(
    aside: PathBuf,
    model: &Valid<Model>,
    out: &Path,
    inputs: Option<&Digests>,
    stamp: Option<SystemTime>,
    on_disk: Vec<String>,
) -> io::Result<Staged> {
    let done = Mutex::new((BTreeMap::new(), BTreeSet::new(), Vec::new()));
    let put = |path: String, text: &str| {
        let differs = put_aside(&aside, out, &path, text, stamp)?;
        let mut done = done.lock().unwrap_or_else(PoisonError::into_inner);
        if differs {
            done.1.insert(path.clone());
        }
        done.0.insert(path, lock::digest(text.as_bytes()));
        Ok::<(), io::Error>(())
    };
    emit::emit_each(model, |origin: Origin<'_>, path, text| {
        let (lock, digest) = locked(origin, &text);
        done.lock().unwrap_or_else(PoisonError::into_inner).2.push((lock, path.clone(), digest));
        put(path, &text)
    })?;
    if let Some(inputs) = inputs {
        let outputs = std::mem::take(&mut done.lock().unwrap_or_else(PoisonError::into_inner).2);
        for (path, text) in locks(inputs, &outputs) {
            put(path, &text)?;
        }
    }
    let (expected, changed, _) = done.into_inner().unwrap_or_else(PoisonError::into_inner);
    let (orphans, marked): (Vec<String>, Vec<String>) =
        on_disk.into_iter().filter(|path| !expected.contains_key(path)).partition(|path| path != lock::UNFINISHED);
    let mut steps = VecDeque::new();
    if inputs.is_some() && !(changed.is_empty() && orphans.is_empty() && marked.is_empty()) {
        steps.push_back(Step::Mark);
    }
    let (last, first): (Vec<&String>, Vec<&String>) = changed.iter().partition(|path| path.starts_with("lock/"));
    steps.extend(first.into_iter().cloned().map(Step::Move));
    steps.extend(orphans.iter().cloned().map(Step::Remove));
    steps.extend(last.into_iter().cloned().map(Step::Move));
    if matches!(steps.front(), Some(Step::Mark)) {
        steps.push_back(Step::Remove(lock::UNFINISHED.to_owned()));
    }
    let changed = changed.into_iter().chain(orphans).collect();
    Ok(Staged { out: out.to_owned(), aside, expected, changed, steps })
}

/// Writes a file aside if it differs from the one in its place. Returns whether it does.
fn put_aside(aside: &Path, out: &Path, path: &str, text: &str, stamp: Option<SystemTime>) -> io::Result<bool> {
    if fs::read(out.join(path)).is_ok_and(|bytes| bytes == text.as_bytes()) {
        return Ok(false);
    }
    placeable(out, path)?;
    let target = aside.join(path);
    fs::create_dir_all(target.parent().unwrap_or(aside))
        .and_then(|()| write_new(&target, text, stamp))
        .map_err(|error| named(&target, error))?;
    Ok(true)
}

impl Staged {
    /// Does the next step: one file changes. Returns whether there was one.
    ///
    /// # Errors
    /// If the file cannot be moved or removed; the message names it.
    pub fn step(&mut self) -> io::Result<bool> {
        let Some(step) = self.steps.pop_front() else { return Ok(false) };
        let (Step::Move(path) | Step::Remove(path)) = &step else {
            let mark = self.out.join(lock::UNFINISHED);
            let write = || {
                fs::create_dir_all(mark.parent().unwrap_or(&self.out))?;
                fs::write(&mark, "`cargo codegen generate` is writing, or was stopped. Run it again.\n")
            };
            return write().map(|()| true).map_err(|error| named(&mark, error));
        };
        let target = self.out.join(path);
        let done = match &step {
            Step::Remove(_) => fs::remove_file(&target).or_else(|error| match error.kind() {
                io::ErrorKind::NotFound => Ok(()),
                _ => Err(error),
            }),
            _ => {
                fs::create_dir_all(target.parent().unwrap_or(&self.out)).and_then(|()| fs::rename(self.aside.join(path), &target))
            }
        };
        done.map(|()| true).map_err(|error| named(&target, error))
    }

    /// Does all steps. Returns whether the folder has every file afterwards, and no other.
    fn place(&mut self, with_locks: bool) -> io::Result<bool> {
        let nothing = self.steps.is_empty();
        while self.step()? {}
        let as_expected =
            |(path, digest): (&String, &u64)| fs::read(self.out.join(path)).is_ok_and(|bytes| lock::digest(&bytes) == *digest);
        let known = |path: &String| path == lock::UNFINISHED || self.expected.contains_key(path);
        Ok(nothing || (self.expected.iter().all(as_expected) && on_disk(&self.out, with_locks)?.iter().all(known)))
    }
}

/// Refuses a folder with files of others, which are never removed. Elsewhere than in a project, files beside our places do not matter once
/// the folder was generated.
fn refuse_foreign(out: &Path, on_disk: &[String], with_locks: bool) -> io::Result<()> {
    let refused = |message: String| Err(io::Error::new(io::ErrorKind::AlreadyExists, message));
    if with_locks {
        return match on_disk.iter().find(|path| !is_ours(path, true)) {
            Some(path) => refused(format!("{} was not generated. Move it elsewhere, or delete it.", out.join(path).display())),
            None => Ok(()),
        };
    }
    let entries = match fs::read_dir(out) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
        entries => entries.map_err(|error| named(out, error))?,
    };
    let empty = entries.flatten().all(|entry| ignored(&entry.file_name().to_string_lossy()));
    let generated = |path: &str| fs::read_to_string(out.join(path)).is_ok_and(|text| text.starts_with(emit::banner::BANNER));
    if empty || generated("rust/lib.rs") || generated("rust/api.rs") {
        return Ok(());
    }
    refused(format!("{} holds files that were not generated. Choose an empty folder or one generated before.", out.display()))
}

/// Removes what killed runs left aside. A run that is not dead begins again.
fn remove_left_over(out: &Path) {
    let entries = fs::read_dir(out).into_iter().flatten().flatten();
    for entry in entries.filter(|entry| entry.file_name().to_string_lossy().starts_with(ASIDE)) {
        let _ = fs::remove_dir_all(entry.path());
    }
}

/// Moving a file into a folder changes the folder's time, and cargo compares both. Systems without times for folders are ignored.
fn stamp_folders<'a>(out: &Path, paths: impl Iterator<Item = &'a String>, stamp: SystemTime) {
    let mut folders = BTreeSet::from([out.to_owned()]);
    for path in paths {
        folders.extend(out.join(path).ancestors().skip(1).take_while(|folder| *folder != out).map(Path::to_owned));
    }
    for folder in folders {
        let _ = fs::File::open(folder).and_then(|folder| folder.set_modified(stamp));
    }
}

/// Writes one file completely or not at all: beside its place, then moved. For single files outside the generated folder.
///
/// # Errors
/// If it cannot be written or moved.
pub fn write_one(target: &Path, text: &str, stamp: Option<SystemTime>) -> io::Result<()> {
    if let Some(parent) = target.parent() {
        fs::create_dir_all(parent)?;
    }
    let mut name = target.file_name().unwrap_or_default().to_owned();
    name.push(format!(".{}.tmp", std::process::id()));
    let temporary = target.with_file_name(name);
    let written = write_new(&temporary, text, stamp).and_then(|()| fs::rename(&temporary, target));
    if written.is_err() {
        let _ = fs::remove_file(&temporary);
    }
    written
}

fn write_new(target: &Path, text: &str, stamp: Option<SystemTime>) -> io::Result<()> {
    let mut file = fs::File::create(target)?;
    file.write_all(text.as_bytes())?;
    stamp.map_or(Ok(()), |stamp| file.set_modified(stamp))
}
