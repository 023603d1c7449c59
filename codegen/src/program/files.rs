//! Single files that a command reads or writes. Errors name the file.

use std::fs;
use std::io;
use std::path::Path;

use placewise_model::exit::{Failure, Outcome};

use crate::disk::write::write_one;

/// The path as shown to people, with `/` as separator.
pub(super) fn label(path: &Path) -> String {
    path.to_string_lossy().replace('\\', "/")
}

/// The text of a file; none if there is no such file.
pub(super) fn read(path: &Path) -> Result<Option<String>, Failure> {
    match fs::read(path) {
        Ok(bytes) => String::from_utf8(bytes).map(Some).map_err(|_| cannot(path, &"the file is not UTF-8")),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(cannot(path, &error)),
    }
}

/// Writes a file completely or not at all.
pub(super) fn replace(path: &Path, text: &str) -> Outcome {
    write_one(path, text, None).map_err(|error| cannot(path, &error))
}

/// A failure that names the file.
pub(super) fn cannot(path: &Path, error: &dyn std::fmt::Display) -> Failure {
    Failure::CannotRun(format!("{}: {error}", path.display()))
}
