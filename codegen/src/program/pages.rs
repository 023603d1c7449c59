//! Reads the published pages that a command is given.

use std::fs;
use std::io::{self, Read};
use std::path::Path;

use placewise_model::exit::Failure;

use super::files::{cannot, label};
use crate::finding::Sources;
use crate::published::{self, FactFinding, Kind, ReadPage};

/// Reads the pages of a capture; - for standard input.
pub(super) fn read(path: &Path, kind: Option<Kind>, sources: &mut Sources) -> Result<Vec<ReadPage>, Failure> {
    Ok(read_bytes(&label(path), &bytes(path)?, kind, sources))
}

/// The bytes of a capture.
pub(super) fn bytes(path: &Path) -> Result<Vec<u8>, Failure> {
    let bytes = if path == Path::new("-") {
        let mut bytes = Vec::new();
        io::stdin().read_to_end(&mut bytes).map(|_| bytes)
    } else {
        fs::read(path)
    };
    bytes.map_err(|error| cannot(path, &error))
}

/// Reads the pages in the bytes of a capture. What cannot be opened is a page of findings alone.
pub(super) fn read_bytes(label: &str, bytes: &[u8], kind: Option<Kind>, sources: &mut Sources) -> Vec<ReadPage> {
    let capture = published::open(label, bytes, sources);
    let read = |page| published::read_as(page, &sources.get(page).text, kind);
    let mut pages: Vec<ReadPage> = capture.pages.iter().copied().map(read).collect();
    let findings = capture.findings.into_iter().map(|finding| FactFinding { fact: "page".into(), finding });
    match pages.first_mut() {
        Some(first) => first.findings.extend(findings),
        None => pages.push(ReadPage::unreadable(findings.collect())),
    }
    pages
}
