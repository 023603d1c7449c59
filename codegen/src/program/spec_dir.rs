//! Finds and loads the spec that a command works on.

use std::path::{Path, PathBuf};

use placewise_model::exit::Failure;

use super::files::label;
use crate::check::{Checked, check_spec};
use crate::source::{InputFile, MANIFEST, read_dir};

/// The given spec directory, or that of the project around the current directory.
pub(super) fn spec_dir(given: Option<PathBuf>) -> Result<PathBuf, Failure> {
    match given {
        Some(dir) => Ok(dir),
        None => Ok(relative(&project_root()?.join("spec"))),
    }
}

/// Reads and checks a spec.
pub(super) fn load(spec: &Path) -> Result<Checked, Failure> {
    Ok(check_spec(read(spec)?))
}

/// Reads the files of a spec, and the manifest of the package that it belongs to.
pub(super) fn read(spec: &Path) -> Result<Vec<InputFile>, Failure> {
    let mut files = read_dir(spec).map_err(|error| Failure::CannotRun(format!("cannot read the spec: {error}")))?;
    let beside = spec.join("..").join("Cargo.toml");
    // A spec need not belong to a package.
    if let Ok(bytes) = std::fs::read(&beside) {
        files.push(InputFile { path: MANIFEST.into(), label: label(&beside), bytes });
    }
    Ok(files)
}

/// The nearest folder, at or above the current one, with a spec.
fn project_root() -> Result<PathBuf, Failure> {
    let current = std::env::current_dir()?;
    let found = current.ancestors().find(|dir| dir.join("spec").join("api.yaml").is_file());
    found
        .map(Path::to_owned)
        .ok_or_else(|| Failure::CannotRun("no spec/api.yaml in this folder or above; name the spec with `--spec DIR`".into()))
}

/// A path relative to the current directory, if it is that or below it.
pub(super) fn relative(path: &Path) -> PathBuf {
    let current = std::env::current_dir().unwrap_or_default();
    match path.strip_prefix(&current) {
        Ok(inner) if inner.as_os_str().is_empty() => PathBuf::from("."),
        Ok(inner) => inner.to_owned(),
        Err(_) => path.to_owned(),
    }
}
