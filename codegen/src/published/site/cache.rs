//! Pages of earlier runs, so that a page that did not change is not sent again. A file that is damaged or belongs to another address
//! counts as missing.

use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use crate::disk::lock::digest;

/// A page as it was answered, with what a conditional request needs.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(super) struct Entry {
    pub url: String,
    pub etag: Option<String>,
    pub last_modified: Option<String>,
    pub content_type: Option<String>,
    /// Of the body; [`Cache::put`] sets it.
    pub digest: u64,
    #[serde(skip)]
    pub body: Vec<u8>,
}

pub(super) struct Cache(pub Option<PathBuf>);

impl Cache {
    pub fn get(&self, url: &str) -> Option<Entry> {
        let bytes = fs::read(self.path(url)?).ok()?;
        let end = bytes.iter().position(|byte| *byte == b'\n')?;
        let mut entry: Entry = serde_json::from_slice(&bytes[..end]).ok()?;
        entry.body = bytes[end + 1..].to_vec();
        (entry.url == url && entry.digest == digest(&entry.body)).then_some(entry)
    }

    /// Keeps a page. A page that cannot be asked for conditionally is not kept.
    pub fn put(&self, mut entry: Entry) -> io::Result<()> {
        let Some(path) = self.path(&entry.url).filter(|_| entry.etag.is_some() || entry.last_modified.is_some()) else {
            return Ok(());
        };
        entry.digest = digest(&entry.body);
        fs::create_dir_all(path.parent().unwrap_or(Path::new("")))?;
        let temporary = path.with_extension(format!("{}.tmp", std::process::id()));
        let mut file = fs::File::create(&temporary)?;
        file.write_all(serde_json::to_string(&entry).unwrap_or_default().as_bytes())?;
        file.write_all(b"\n")?;
        file.write_all(&entry.body)?;
        drop(file);
        fs::rename(&temporary, &path)
    }

    /// Digests name the files, since an address may hold anything.
    fn path(&self, url: &str) -> Option<PathBuf> {
        self.0.as_ref().map(|folder| folder.join(format!("{:016x}.page", digest(url.as_bytes()))))
    }
}
