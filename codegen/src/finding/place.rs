//! Places in files: byte ranges, and the texts that they refer to.

use std::ops::Range;

/// A file in [`Sources`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct FileId(pub usize);

/// A byte range in a file.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Place {
    /// The file.
    pub file: FileId,
    /// The bytes.
    pub span: Range<usize>,
}

/// One text that findings refer to.
#[derive(Clone, Debug)]
pub struct SourceFile {
    /// The path as shown to people, with `/` as separator.
    pub path: String,
    /// The whole text.
    pub text: String,
}

/// All texts that the findings of a run refer to.
#[derive(Clone, Debug, Default)]
pub struct Sources(Vec<SourceFile>);

impl Sources {
    /// Adds a text and returns its id.
    pub fn add(&mut self, path: impl Into<String>, text: impl Into<String>) -> FileId {
        self.0.push(SourceFile { path: path.into(), text: text.into() });
        FileId(self.0.len() - 1)
    }

    /// The file with that id.
    pub fn get(&self, id: FileId) -> &SourceFile {
        &self.0[id.0]
    }

    /// Line and column of a place, both from 1; the column counts characters.
    pub fn line_column(&self, place: &Place) -> (usize, usize) {
        let text = &self.get(place.file).text;
        let before = &text[..boundary(text, place.span.start)];
        let line_start = before.rfind('\n').map_or(0, |at| at + 1);
        (before.matches('\n').count() + 1, before[line_start..].chars().count() + 1)
    }

    /// `path:line`, which editors and terminals turn into a link.
    pub fn link(&self, place: &Place) -> String {
        format!("{}:{}", self.get(place.file).path, self.line_column(place).0)
    }
}

/// The last character boundary at or before a byte.
pub(super) fn boundary(text: &str, at: usize) -> usize {
    (0..=at.min(text.len())).rev().find(|at| text.is_char_boundary(*at)).unwrap_or(0)
}
