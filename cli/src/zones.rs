//! The zone that the last chart of each connection named, so that dates need no `--zone` once a chart was fetched.
//!
//! This is a cache: without it, or if it cannot be read, the program only asks for `--zone`.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use crate::folders;

/// The most connections that are kept.
const MOST_KEPT: usize = 1000;

type Zones = BTreeMap<String, String>;

/// The zone of a connection's last chart.
pub(crate) fn recall(scope: &str) -> Option<String> {
    read(&file()?).remove(scope)
}

/// Keeps the zone of a chart. Failing to is no error.
pub(crate) fn remember(scope: &str, zone: &str) {
    if let Some(file) = file() {
        let _ = write(&file, scope, zone);
    }
}

fn file() -> Option<PathBuf> {
    Some(folders::cache()?.join("zones.json"))
}

fn read(file: &Path) -> Zones {
    std::fs::read(file).ok().and_then(|bytes| serde_json::from_slice(&bytes).ok()).unwrap_or_default()
}

fn write(file: &Path, scope: &str, zone: &str) -> std::io::Result<()> {
    let mut zones = read(file);
    if zones.get(scope).is_some_and(|known| known == zone) {
        return Ok(());
    }
    if zones.len() >= MOST_KEPT {
        zones.clear();
    }
    zones.insert(scope.to_owned(), zone.to_owned());
    if let Some(folder) = file.parent() {
        std::fs::create_dir_all(folder)?;
    }
    // A run at the same time reads the old file or the new one.
    let new = file.with_extension(format!("{}.new", std::process::id()));
    std::fs::write(&new, serde_json::to_vec(&zones)?)?;
    std::fs::rename(new, file)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_zone_is_kept_per_connection_and_a_broken_cache_is_no_error() {
        let folder = tempfile::tempdir().expect("a folder");
        let file = folder.path().join("deep/zones.json");
        assert!(read(&file).is_empty());
        write(&file, "a 1", "Europe/Oslo").expect("written");
        write(&file, "a 2", "America/Denver").expect("written");
        assert_eq!(read(&file).remove("a 1").as_deref(), Some("Europe/Oslo"));
        std::fs::write(&file, "{broken").expect("written");
        assert!(read(&file).is_empty());
        write(&file, "a 1", "Europe/Oslo").expect("written");
        assert_eq!(read(&file).len(), 1);
    }
}
