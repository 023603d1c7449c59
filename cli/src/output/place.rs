//! Where an answer goes. A file appears complete or not at all: rows go to `FILE.partial`, which is renamed at the end.
//!
//! After each page, `FILE.resume` says up to where the partial file is good, so that a run that stopped at any point can go on.

use std::fs::{File, OpenOptions, TryLockError};
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

use placewise_model::exit::Failure;
use serde::{Deserialize, Serialize};

use crate::terminal::{printable, unwritten};

/// A run that stopped, as `FILE.resume` keeps it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Stopped {
    /// A digest of the query, the connection and the format.
    pub digest: String,
    /// When the run started: spans such as `-30d` count from here.
    pub started: String,
    /// The zone that dates were taken in.
    pub zone: Option<String>,
    /// The batch of customers to go on with.
    #[serde(default)]
    pub batch: usize,
    /// The page to go on from; none for the first one of a batch, and for a chart.
    pub cursor: Option<String>,
    /// For who reads the file.
    pub note: String,
    /// Rows in the partial file before that page.
    pub rows: u64,
    /// Bytes of the partial file before that page.
    pub bytes: u64,
    /// The header of the partial file.
    pub header: Option<Vec<String>>,
    /// Pages, requests and tokens so far.
    pub pages: u64,
    pub requests: u64,
    pub tokens: u64,
    pub tokens_known: bool,
    /// Tokens that count for `--max-tokens`, with those of requests that may have been charged.
    #[serde(default)]
    pub spent: u64,
}

/// What nobody knows of a cursor.
pub(crate) const CURSOR_LIFE: &str = "How long the API accepts the cursor is not documented.";

/// Where an answer goes.
pub(crate) enum Place {
    Standard(BufWriter<io::Stdout>),
    File(OutFile),
}

/// A file that is being written.
pub(crate) struct OutFile {
    path: PathBuf,
    /// The file that becomes the answer.
    partial: PathBuf,
    overwrite: bool,
    file: BufWriter<File>,
    /// Keeps other runs away from what the answer was made of.
    kept_parts: Option<File>,
    bytes: u64,
    /// How to go on, as `FILE.resume` tells it.
    kept: Option<Box<Stopped>>,
}

fn beside(path: &Path, extension: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(extension);
    name.into()
}

fn shown(path: &Path) -> String {
    printable(&path.display().to_string())
}

fn refused(message: String) -> Failure {
    Failure::CannotRun(message)
}

/// Whether it is a file, and no link or pipe.
fn is_plain(path: &Path) -> bool {
    path.symlink_metadata().is_ok_and(|metadata| metadata.is_file())
}

/// Keeps other runs away from a partial file until this one ends. Where files cannot be locked, nothing does.
fn lock(file: &File, partial: &Path) -> Result<(), Failure> {
    match file.try_lock() {
        Err(TryLockError::WouldBlock) => Err(refused(format!("another run is writing `{}`; wait until it ends", shown(partial)))),
        Ok(()) | Err(TryLockError::Error(_)) => Ok(()),
    }
}

/// Reads `FILE.resume`.
pub(crate) fn stopped_run(path: &Path) -> Result<Stopped, Failure> {
    let resume = beside(path, ".resume");
    let text = std::fs::read(&resume).map_err(|error| {
        let none = error.kind() == io::ErrorKind::NotFound;
        let what = if none { "there is no such file, so there is nothing to resume".into() } else { error.to_string() };
        refused(format!("cannot read `{}`: {what}", shown(&resume)))
    })?;
    serde_json::from_slice(&text)
        .map_err(|error| refused(format!("`{}` is damaged: {error}; start anew with --overwrite", shown(&resume))))
}

impl Place {
    pub(crate) fn standard() -> Self {
        Self::Standard(BufWriter::new(io::stdout()))
    }

    /// A new file. Nothing is written to `path` itself before the end.
    pub(crate) fn create(path: &Path, overwrite: bool) -> Result<Self, Failure> {
        let name = shown(path);
        if path.is_dir() || path.file_name().is_none() {
            return Err(refused(format!("`{name}` is a folder; name a file in it")));
        }
        // A device or a pipe would be replaced by a file of its name.
        if path.metadata().is_ok_and(|metadata| !metadata.is_file()) {
            return Err(refused(format!("`{name}` is no regular file; name another, or redirect standard output to it")));
        }
        if !overwrite {
            if path.symlink_metadata().is_ok() {
                return Err(refused(format!("`{name}` exists; add --overwrite to replace it")));
            }
            let partial = beside(path, ".partial");
            if partial.symlink_metadata().is_ok() {
                let how = if beside(path, ".resume").exists() {
                    "go on with --resume, or start anew with --overwrite"
                } else {
                    "start anew with --overwrite"
                };
                return Err(refused(format!("`{}` is left of a run that stopped; {how}", shown(&partial))));
            }
        }
        let partial = beside(path, ".partial");
        if is_plain(&partial)
            && let Ok(old) = OpenOptions::new().append(true).open(&partial)
        {
            lock(&old, &partial)?;
        }
        // Removed first, so that a link is not written through.
        let removed = [&partial, &beside(path, ".resume"), &beside(path, ".partial.new")].into_iter().try_for_each(|old| {
            match std::fs::remove_file(old) {
                Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
                _ => Ok(()),
            }
        });
        let file = removed.and_then(|()| OpenOptions::new().write(true).create_new(true).open(&partial));
        let file = file.map_err(|error| refused(format!("cannot write `{}`: {error}", shown(&partial))))?;
        lock(&file, &partial)?;
        Ok(Self::File(OutFile::new(path, partial, overwrite, file, None)))
    }

    /// The file of a run that stopped, cut to what is good.
    pub(crate) fn resume(path: &Path, overwrite: bool, stopped: &Stopped) -> Result<Self, Failure> {
        if !overwrite && path.symlink_metadata().is_ok() {
            return Err(refused(format!("`{}` exists; add --overwrite to replace it", shown(path))));
        }
        let partial = beside(path, ".partial");
        let wrong = |problem: String| refused(format!("cannot go on with `{}`: {problem}", shown(&partial)));
        if !is_plain(&partial) {
            return Err(wrong("there is no such file; start anew with --overwrite".into()));
        }
        let file = OpenOptions::new().append(true).open(&partial).map_err(|error| wrong(error.to_string()))?;
        lock(&file, &partial)?;
        let bytes = file.metadata().map_err(|error| wrong(error.to_string()))?.len();
        if bytes < stopped.bytes {
            return Err(wrong(format!("it has {bytes} bytes; expected at least {}. Start anew with --overwrite", stopped.bytes)));
        }
        file.set_len(stopped.bytes).map_err(|error| wrong(error.to_string()))?;
        Ok(Self::File(OutFile::new(path, partial, overwrite, file, Some(stopped.clone()))))
    }

    /// The file that a stopped run left.
    pub(crate) fn partial(path: &Path) -> PathBuf {
        beside(path, ".partial")
    }

    /// Starts anew beside the partial file, which so far had what the answer is made of. It is left until the answer is complete.
    pub(crate) fn start_answer(&mut self) -> io::Result<()> {
        match self {
            Self::Standard(_) => Ok(()),
            Self::File(out) => out.start_answer().map_err(|error| named(&out.path, &error)),
        }
    }

    /// Whether it is a file.
    pub(crate) fn is_file(&self) -> bool {
        matches!(self, Self::File(_))
    }

    /// Keeps what is written so far, with how to go on.
    pub(crate) fn keep(&mut self, stopped: impl FnOnce() -> Stopped) -> io::Result<()> {
        match self {
            Self::Standard(out) => out.flush().map_err(unwritten),
            Self::File(out) => out.keep(stopped()).map_err(|error| named(&out.path, &error)),
        }
    }

    /// Changes what is kept of a run besides its place, if anything is.
    pub(crate) fn recount(&mut self, change: impl FnOnce(&mut Stopped)) -> io::Result<()> {
        let Self::File(out) = self else { return Ok(()) };
        let Some(mut stopped) = out.kept.clone() else { return Ok(()) };
        change(&mut stopped);
        out.write_resume(*stopped)
    }

    /// The answer is complete. What cannot be written is told, and nothing is left of it.
    pub(crate) fn finish(self) -> Result<(), Failure> {
        match self {
            Self::Standard(mut out) => Ok(out.flush().map_err(unwritten)?),
            Self::File(out) => out.finish(),
        }
    }

    /// There will be no answer, so nothing is left.
    pub(crate) fn discard(mut self) {
        if let Self::File(out) = &mut self {
            out.kept = None;
            [".resume", ".partial"].into_iter().for_each(|extension| drop(std::fs::remove_file(beside(&out.path, extension))));
        }
        self.stop();
    }

    /// The answer is not complete. Returns the partial file, if a run can go on with it; otherwise nothing is left.
    pub(crate) fn stop(self) -> Option<PathBuf> {
        match self {
            Self::Standard(mut out) => {
                let _ = out.flush();
                None
            }
            Self::File(out) => out.stop(),
        }
    }
}

impl OutFile {
    fn new(path: &Path, partial: PathBuf, overwrite: bool, file: File, kept: Option<Stopped>) -> Self {
        let (path, file) = (path.to_owned(), BufWriter::with_capacity(1 << 16, file));
        let bytes = kept.as_ref().map_or(0, |kept| kept.bytes);
        Self { path, partial, overwrite, file, kept_parts: None, bytes, kept: kept.map(Box::new) }
    }

    fn start_answer(&mut self) -> io::Result<()> {
        self.file.flush()?;
        let new = beside(&self.path, ".partial.new");
        if let Err(error) = std::fs::remove_file(&new)
            && error.kind() != io::ErrorKind::NotFound
        {
            return Err(error);
        }
        let file = OpenOptions::new().write(true).create_new(true).open(&new)?;
        let parts = std::mem::replace(&mut self.file, BufWriter::with_capacity(1 << 16, file));
        self.kept_parts = parts.into_inner().ok();
        (self.partial, self.bytes) = (new, 0);
        Ok(())
    }

    fn keep(&mut self, stopped: Stopped) -> io::Result<()> {
        self.file.flush()?;
        let bytes = self.bytes;
        self.write_resume(Stopped { bytes, ..stopped })
    }

    fn write_resume(&mut self, stopped: Stopped) -> io::Result<()> {
        let (resume, new) = (beside(&self.path, ".resume"), beside(&self.path, ".resume.new"));
        let text = serde_json::to_vec_pretty(&stopped)?;
        let written = std::fs::write(&new, text).and_then(|()| std::fs::rename(&new, resume));
        if written.is_err() {
            let _ = std::fs::remove_file(new);
        }
        if written.is_ok() {
            self.kept = Some(Box::new(stopped));
        }
        written
    }

    fn finish(mut self) -> Result<(), Failure> {
        let partial = self.partial.clone();
        // A full disk may show only when the bytes reach it.
        let written = self.file.flush().and_then(|()| self.file.get_ref().sync_all());
        if let Err(error) = written {
            let name = shown(&self.path);
            self.stop();
            return Err(refused(format!("cannot write `{name}`: {error}")));
        }
        // Looked at again: the file may have appeared while the rows came.
        if !self.overwrite && self.path.symlink_metadata().is_ok() {
            let (name, partial) = (shown(&self.path), shown(&partial));
            return Err(refused(format!("`{name}` appeared meanwhile; the complete answer is in `{partial}`")));
        }
        std::fs::rename(&partial, &self.path)
            .map_err(|error| refused(format!("cannot write `{}`: {error}", shown(&self.path))))?;
        let _ = std::fs::remove_file(beside(&self.path, ".resume"));
        if self.kept_parts.is_some() {
            let _ = std::fs::remove_file(beside(&self.path, ".partial"));
        }
        Ok(())
    }

    fn stop(mut self) -> Option<PathBuf> {
        if self.kept_parts.is_some() || self.kept.is_none() {
            let _ = std::fs::remove_file(&self.partial);
        } else {
            let _ = self.file.flush();
        }
        self.kept.map(|_| beside(&self.path, ".partial"))
    }
}

impl Write for Place {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match self {
            Self::Standard(out) => out.write(bytes).map_err(unwritten),
            Self::File(out) => {
                let written = out.file.write(bytes).map_err(|error| named(&out.path, &error))?;
                out.bytes += written as u64;
                Ok(written)
            }
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        match self {
            Self::Standard(out) => out.flush().map_err(unwritten),
            Self::File(out) => out.file.flush().map_err(|error| named(&out.path, &error)),
        }
    }
}

/// The error of a file, with its name.
fn named(path: &Path, error: &io::Error) -> io::Error {
    io::Error::new(error.kind(), format!("cannot write `{}`: {error}", shown(path)))
}
