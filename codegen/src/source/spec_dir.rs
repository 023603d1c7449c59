//! The files of a spec directory, and what each is for.

use std::io;
use std::path::Path;

use crate::finding::{FileId, Finding};

/// One file before parsing.
#[derive(Clone, Debug)]
pub struct InputFile {
    /// The path inside the spec directory, with `/` as separator.
    pub path: String,
    /// The path as shown to people.
    pub label: String,
    /// Its bytes.
    pub bytes: Vec<u8>,
}

/// What a file describes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Role {
    Api,
    Filters,
    Formats,
    Endpoints,
    Assumptions,
    Report(String),
}

const PLATFORM: [(&str, Role); 5] = [
    ("api.yaml", Role::Api),
    ("filters.yaml", Role::Filters),
    ("formats.yaml", Role::Formats),
    ("endpoints.yaml", Role::Endpoints),
    ("assumptions.yaml", Role::Assumptions),
];

/// Reads the YAML files of a spec directory, ordered by path.
///
/// # Errors
/// If the directory or a file in it cannot be read; the message names it.
pub fn read_dir(dir: &Path) -> io::Result<Vec<InputFile>> {
    let mut files = Vec::new();
    walk(dir, "", &mut files)?;
    files.sort_by(|a, b| a.path.cmp(&b.path));
    let prefix = dir.to_string_lossy().replace('\\', "/");
    for file in &mut files {
        file.label = format!("{}/{}", prefix.trim_end_matches('/'), file.path);
    }
    Ok(files)
}

/// The error with the path of its file.
pub(crate) fn named(path: &Path, error: io::Error) -> io::Error {
    io::Error::new(error.kind(), format!("{}: {error}", path.display()))
}

fn walk(dir: &Path, prefix: &str, files: &mut Vec<InputFile>) -> io::Result<()> {
    for entry in dir.read_dir().map_err(|error| named(dir, error))? {
        let entry = entry.map_err(|error| named(dir, error))?;
        let name = entry.file_name().to_string_lossy().into_owned();
        let path = if prefix.is_empty() { name.clone() } else { format!("{prefix}/{name}") };
        let kind = entry.file_type().map_err(|error| named(&entry.path(), error))?;
        if kind.is_dir() {
            walk(&entry.path(), &path, files)?;
        } else if name.ends_with(".yaml") || name.ends_with(".yml") {
            let bytes = std::fs::read(entry.path()).map_err(|error| named(&entry.path(), error))?;
            files.push(InputFile { path, label: String::new(), bytes });
        }
    }
    Ok(())
}

pub(super) fn role(path: &str) -> Result<Role, Box<Finding>> {
    if let Some((_, role)) = PLATFORM.iter().find(|(name, _)| *name == path) {
        return Ok(role.clone());
    }
    match path.split('/').collect::<Vec<_>>()[..] {
        ["reports", group, file] if file.ends_with(".yaml") => Ok(Role::Report(group.to_owned())),
        _ => Err(Box::new(Finding::error("unknown-file", format!("`{path}` is not part of a spec")).help(
            "a spec has api.yaml, filters.yaml, formats.yaml, endpoints.yaml, assumptions.yaml and reports/<group>/<report>.yaml",
        ))),
    }
}

pub(super) fn report_missing(jobs: &[(Role, FileId, String)], findings: &mut Vec<Finding>) {
    for (name, role) in PLATFORM {
        if !jobs.iter().any(|(have, ..)| *have == role) && !findings.iter().any(|finding| finding.code == "yaml-encoding") {
            findings.push(
                Finding::error("missing-file", format!("the spec has no `{name}`"))
                    .help("add the file, or check the directory given with `--spec`"),
            );
        }
    }
}
