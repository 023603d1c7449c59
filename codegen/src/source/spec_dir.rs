//! The files of a spec directory, and what each is for.

use std::io;
use std::path::Path;

use placewise_model::nearest;

use super::folder::{self, named};
use crate::finding::{Finding, codes};

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

/// Reads the files of a spec directory, ordered by path.
///
/// # Errors
/// If the directory or a file in it cannot be read; the message names it.
pub fn read_dir(dir: &Path) -> io::Result<Vec<InputFile>> {
    if !dir.exists() {
        let message = format!("{}: no such folder; name the spec with `--spec DIR`", dir.display());
        return Err(io::Error::new(io::ErrorKind::NotFound, message));
    }
    let prefix = dir.to_string_lossy().replace('\\', "/");
    let prefix = prefix.trim_end_matches('/');
    let read = |path: String| {
        let file = dir.join(&path);
        // A file that no spec has is a finding, whatever its content.
        let known = role(&path).is_ok();
        let bytes = if known { std::fs::read(&file).map_err(|error| named(&file, error))? } else { Vec::new() };
        Ok(InputFile { label: format!("{prefix}/{path}"), path, bytes })
    };
    folder::files(dir, "")?.into_iter().map(read).collect()
}

pub(super) fn role(path: &str) -> Result<Role, Box<Finding>> {
    if let Some((_, role)) = PLATFORM.iter().find(|(name, _)| *name == path) {
        return Ok(role.clone());
    }
    match path.split('/').collect::<Vec<_>>()[..] {
        ["reports", group, file] if file.ends_with(".yaml") => Ok(Role::Report(group.to_owned())),
        _ => Err(Box::new(not_part(path))),
    }
}

fn not_part(path: &str) -> Finding {
    Finding::new(codes::UNKNOWN_FILE, format!("`{path}` is not part of a spec")).help(
        "a spec has api.yaml, filters.yaml, formats.yaml, endpoints.yaml, assumptions.yaml and reports/<group>/<report>.yaml",
    )
}

/// Reports the files that a spec lacks, given what its files are for and the paths of those that no spec has. One of these may only have
/// another name.
pub(super) fn report_missing(roles: &[Role], unknown: &[String], findings: &mut Vec<Finding>) {
    for (name, role) in PLATFORM {
        let renamed = nearest(name, unknown.iter().map(String::as_str)).filter(|_| !roles.contains(&role));
        let message = renamed.map(|path| not_part(path).message);
        if let Some(finding) = findings.iter_mut().find(|finding| Some(&finding.message) == message.as_ref()) {
            finding.help = Some(format!("rename it to `{name}`"));
        } else if !roles.contains(&role) {
            findings.push(
                Finding::new(codes::MISSING_FILE, format!("the spec has no `{name}`"))
                    .help("add the file, or check the directory given with `--spec`"),
            );
        }
    }
}
