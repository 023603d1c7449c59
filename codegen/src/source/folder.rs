//! The files of a folder: of `spec/`, of `generated/` and of the generator's sources. `build.rs` includes this file, so it uses only the
//! standard library.
//!
//! What editors and systems drop is ignored everywhere. Anything else must be a file or a folder. A link or a pipe is an error that names
//! it: to skip one would be to call a spec well that was not read.

use std::fs::{self, FileType};
use std::io;
use std::path::Path;

/// Whether editors or systems leave files of that name behind. Names that start with a dot are among them.
pub fn ignored(name: &str) -> bool {
    let lower = name.to_ascii_lowercase();
    name.starts_with('.')
        || (name.starts_with('#') && name.ends_with('#'))
        || ENDINGS.iter().any(|ending| lower.ends_with(ending))
        || NAMES.contains(&lower.as_str())
}

/// Whether a file has a number for its name, as the one with which vim tries whether it can write to a folder.
fn is_probe(name: &str) -> bool {
    name.bytes().all(|b| b.is_ascii_digit())
}

const ENDINGS: [&str; 10] = ["~", ".swp", ".swo", ".swx", ".orig", ".rej", ".bak", ".tmp", "___jb_tmp___", "___jb_old___"];
const NAMES: [&str; 2] = ["thumbs.db", "desktop.ini"];

/// All files under `root/part`, as sorted paths relative to `root` with `/` as separator. A part that does not exist has none, and `""` is
/// the root itself.
///
/// # Errors
/// If a folder cannot be read, or holds something that is neither a file nor a folder; the message names it and says what to do.
pub fn files(root: &Path, part: &str) -> io::Result<Vec<String>> {
    files_where(root, part, &|_| true)
}

/// [`files`] without the files and folders whose path `keep` rejects. Nothing is said of what they are.
///
/// # Errors
/// As [`files`].
pub fn files_where(root: &Path, part: &str, keep: &dyn Fn(&str) -> bool) -> io::Result<Vec<String>> {
    // `join("")` would add a separator, and a file with one is not found.
    let start = if part.is_empty() { root.to_owned() } else { root.join(part) };
    let mut out = Vec::new();
    // Whoever names a folder may name a link to it.
    match fs::metadata(&start) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => {}
        Err(error) => return Err(named(&start, error)),
        Ok(meta) if meta.is_dir() => collect(root, part, keep, &mut out)?,
        Ok(meta) if meta.is_file() && !part.is_empty() => out.push(part.to_owned()),
        Ok(meta) => return Err(refused(&start, meta.file_type())),
    }
    out.sort();
    Ok(out)
}

fn collect(root: &Path, part: &str, keep: &dyn Fn(&str) -> bool, out: &mut Vec<String>) -> io::Result<()> {
    let folder = root.join(part);
    for entry in fs::read_dir(&folder).map_err(|error| named(&folder, error))? {
        let entry = entry.map_err(|error| named(&folder, error))?;
        let name = entry.file_name();
        let lossy = name.to_string_lossy();
        if ignored(&lossy) {
            continue;
        }
        let inner = if part.is_empty() { lossy.to_string() } else { format!("{part}/{lossy}") };
        if !keep(&inner) {
            continue;
        }
        // A lock has a line for each path, and a path that is not UTF-8 would be read under another name.
        if name.to_str().is_none_or(|name| name.contains(char::is_control)) {
            let message = format!("{:?} has a name with control characters or that is not UTF-8. Rename it.", entry.path());
            return Err(io::Error::new(io::ErrorKind::InvalidInput, message));
        }
        let kind = entry.file_type().map_err(|error| named(&entry.path(), error))?;
        if kind.is_dir() {
            collect(root, &inner, keep, out)?;
        } else if kind.is_file() {
            if !is_probe(&lossy) {
                out.push(inner);
            }
        } else {
            return Err(refused(&entry.path(), kind));
        }
    }
    Ok(())
}

fn refused(path: &Path, kind: FileType) -> io::Error {
    let what = if kind.is_symlink() {
        "is a symbolic link, and links are not followed here. Put the file or folder itself in its place, or remove the link"
    } else if kind.is_file() {
        "is a file where a folder belongs. Name a folder"
    } else {
        "is neither a file nor a folder but a named pipe, a socket or a device. Remove it"
    };
    io::Error::new(io::ErrorKind::InvalidInput, format!("{} {what}.", path.display()))
}

/// The error with the path of its file.
pub fn named(path: &Path, error: io::Error) -> io::Error {
    io::Error::new(error.kind(), format!("{}: {error}", path.display()))
}
