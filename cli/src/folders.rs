//! The program's own folders, where each system keeps them.

use std::path::PathBuf;

/// The folder of files that can be made again.
pub(crate) fn cache() -> Option<PathBuf> {
    folder("LOCALAPPDATA", "XDG_CACHE_HOME", "Library/Caches", ".cache")
}

/// The folder of files that a person writes.
pub(crate) fn config() -> Option<PathBuf> {
    folder("APPDATA", "XDG_CONFIG_HOME", "Library/Application Support", ".config")
}

/// The folder of the person who runs the program.
pub(crate) fn home() -> Option<PathBuf> {
    variable(if cfg!(windows) { "USERPROFILE" } else { "HOME" })
}

fn folder(windows: &str, xdg: &str, macos: &str, other: &str) -> Option<PathBuf> {
    let folder = if cfg!(windows) {
        variable(windows)?
    } else {
        let below = if cfg!(target_os = "macos") { macos } else { other };
        variable(xdg).or_else(|| Some(home()?.join(below)))?
    };
    Some(folder.join("placewise"))
}

fn variable(name: &str) -> Option<PathBuf> {
    std::env::var_os(name).filter(|value| !value.is_empty()).map(PathBuf::from)
}
