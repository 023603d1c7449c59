//! The two specs that `diff` and `changelog` compare: folders, or revisions of git.

use std::path::{Path, PathBuf};

use placewise_model::exit::Failure;

use super::files::label;
use super::git::Git;
use super::lockstep::{CAPTURES, Lockstep};
use super::spec_dir::{load, relative, spec_dir};
use super::terminal::{Format, counted, print_findings};
use crate::check::{Checked, check_spec};
use crate::diff::{Change, Side, diff};
use crate::finding::{FileId, Finding, Severity, Sources};
use crate::published::Captures;
use crate::source::{InputFile, MANIFEST};

// The command has several structs of this name.
#[derive(clap::Args)]
#[group(skip)]
pub(super) struct Arguments {
    /// The old spec: a folder, or a revision of git. `REV:PATH` names the spec if it was elsewhere then
    old: String,
    /// The new spec, in the same way [default: the project's spec/]
    new: Option<String>,
    /// The spec directory that a revision is taken of [default: the project's spec/]
    #[arg(long, value_name = "DIR")]
    spec: Option<PathBuf>,
}

/// A side as it was read.
struct Loaded {
    /// What it was called.
    name: String,
    checked: Checked,
    captures: Captures,
}

impl Arguments {
    /// The changes between both sides.
    pub fn changes(self, format: Format) -> Result<Vec<Change>, Failure> {
        let spec = self.spec;
        let old = read(self.old, spec.as_ref())?;
        let new = match self.new {
            Some(new) => read(new, spec.as_ref())?,
            None => folder(&spec_dir(spec)?)?,
        };
        let mut broken = Vec::new();
        for side in [&old, &new] {
            if side.checked.model.is_none() {
                let is_error = |finding: &&Finding| finding.severity == Severity::Error;
                let errors: Vec<Finding> = side.checked.findings.iter().filter(is_error).cloned().collect();
                print_findings(&errors, &side.checked.sources, format)?;
                broken.push(format!("the spec of {} has {}", side.name, counted(&errors)));
            }
        }
        let sides = (Side::new(&old.checked, &old.captures), Side::new(&new.checked, &new.captures));
        let (Some(old), Some(new)) = sides else {
            let help = "correct it, or compare other versions";
            return Err(Failure::CannotRun(format!("nothing was compared: {}; {help}", broken.join(", and "))));
        };
        Ok(diff(&old, &new))
    }
}

/// A side by its name: a folder that exists, or else a revision.
fn read(name: String, spec: Option<&PathBuf>) -> Result<Loaded, Failure> {
    if Path::new(&name).is_dir() {
        return folder(Path::new(&name));
    }
    revision(name, spec)
}

fn folder(spec: &Path) -> Result<Loaded, Failure> {
    let name = label(spec);
    // A folder need not be in a repository.
    if let Ok(git) = Git::around(spec) {
        git.interrupted(spec)?;
    }
    let checked = load(spec)?;
    let file = Lockstep::beside(spec).join(CAPTURES);
    let text = super::files::read(&file)?.unwrap_or_default();
    let captures = captures(&label(&file), &text)?;
    Ok(Loaded { name, checked, captures })
}

fn revision(name: String, spec: Option<&PathBuf>) -> Result<Loaded, Failure> {
    let (revision, path) = match name.split_once(':') {
        Some((revision, path)) => (revision, Some(path)),
        None => (name.as_str(), None),
    };
    let (git, path) = match path {
        Some(path) => {
            let start = spec.map_or_else(|| PathBuf::from("."), Clone::clone);
            (Git::around(&start)?, path.trim_matches('/').to_owned())
        }
        None => {
            let spec = spec_dir(spec.cloned())?;
            // The folder of the spec may not be there now, but what it is in is.
            let absolute = std::path::absolute(&spec)?;
            let folder = absolute.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
            let git = Git::around(&relative(absolute.parent().unwrap_or(&absolute)))?;
            let path = git.path_of(&folder);
            (git, path)
        }
    };
    let commit = git.commit(revision)?;
    let beside = |file: &str| path.rsplit_once('/').map_or_else(|| file.to_owned(), |(parent, _)| format!("{parent}/{file}"));
    let (manifest, lock) = (beside("Cargo.toml"), beside(&format!("lockstep/{CAPTURES}")));
    let files = git.files(&commit, &[&format!("{path}/"), &manifest, &lock])?;
    let mut input = Vec::new();
    let mut seen = Captures::default();
    for (file, bytes) in files {
        if file == lock {
            seen = captures(&file, &String::from_utf8_lossy(&bytes))?;
        } else if file == manifest {
            input.push(InputFile { path: MANIFEST.into(), label: file, bytes });
        } else if let Some(inner) = file.strip_prefix(&format!("{path}/")) {
            input.push(InputFile { path: inner.to_owned(), label: file.clone(), bytes });
        }
    }
    if input.iter().all(|file| file.path == MANIFEST) {
        let help = "write `REV:PATH` if the spec was elsewhere then";
        return Err(Failure::CannotRun(format!("`{}` has no spec at `{}`; {help}", name.escape_debug(), path.escape_debug())));
    }
    Ok(Loaded { checked: check_spec(input), name: name.escape_debug().to_string(), captures: seen })
}

/// The captures in a file, which must be whole: half of them would tell wrong causes.
fn captures(label: &str, text: &str) -> Result<Captures, Failure> {
    let mut sources = Sources::default();
    let file: FileId = sources.add(label, text);
    let (captures, findings): (Captures, Vec<Finding>) = Captures::read(file, text);
    match findings.first() {
        None => Ok(captures),
        Some(finding) => Err(Failure::CannotRun(crate::finding::brief(finding, &sources))),
    }
}
