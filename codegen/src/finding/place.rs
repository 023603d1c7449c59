//! Places in files: byte ranges, and the texts that they refer to.

use std::ops::Range;
use std::sync::OnceLock;

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
    /// The text that it was made from, which is the one shown to people.
    made_from: Option<(FileId, Origins)>,
    /// The first byte of each line, once a finding has asked: large files can have many findings.
    lines: OnceLock<Vec<usize>>,
}

impl SourceFile {
    /// The first byte of each line.
    fn lines(&self) -> &[usize] {
        self.lines.get_or_init(|| std::iter::once(0).chain(self.text.match_indices('\n').map(|(at, _)| at + 1)).collect())
    }

    /// The line that holds a byte, from 0.
    fn line(&self, at: usize) -> usize {
        self.lines().partition_point(|start| *start <= at).saturating_sub(1)
    }

    /// The whole lines around a span: their first byte, the number of the first one from 1, and their text.
    pub(super) fn window(&self, span: &Range<usize>) -> (usize, usize, &str) {
        let (first, last) = (self.line(span.start), self.line(span.end));
        let start = self.lines().get(first).copied().unwrap_or(0);
        let end = self.lines().get(last + 1).copied().unwrap_or(self.text.len());
        (start, first + 1, self.text.get(start..end).unwrap_or_default())
    }
}

/// Which bytes of an original the bytes of a text made from it stand for. Empty: each byte for itself.
#[derive(Clone, Debug, Default)]
pub struct Origins(Vec<(usize, usize)>);

impl Origins {
    /// From byte `at` on, the text stands for the original from byte `from` on. Calls come in the order of the text.
    pub fn push(&mut self, at: usize, from: usize) {
        let follows = self.0.last().is_some_and(|(last, origin)| at - last == from.wrapping_sub(*origin));
        if !follows {
            self.0.push((at, from));
        }
    }

    /// The origins of a part of the text.
    #[must_use]
    pub fn part(&self, part: &Range<usize>) -> Self {
        let mut out = Self(vec![(0, self.byte(part.start, false))]);
        let first = self.0.partition_point(|(at, _)| *at <= part.start);
        out.0.extend(self.0[first..].iter().take_while(|(at, _)| *at < part.end).map(|(at, from)| (at - part.start, *from)));
        out
    }

    /// The bytes of the original that a span stands for.
    pub fn span(&self, span: &Range<usize>) -> Range<usize> {
        let start = self.byte(span.start, false);
        start..if span.is_empty() { start } else { self.byte(span.end, true).max(start) }
    }

    /// The byte of the original at a byte; an end belongs to the stretch that it ends.
    fn byte(&self, at: usize, end: bool) -> usize {
        let after = self.0.partition_point(|(start, _)| if end { *start < at } else { *start <= at });
        let Some((start, from)) = after.checked_sub(1).map(|index| self.0[index]) else { return at };
        let byte = from + (at - start);
        // Text that was added has no bytes of its own.
        self.0.get(after).map_or(byte, |(_, next)| if *next >= from { byte.min(*next) } else { byte })
    }
}

/// All texts that the findings of a run refer to.
#[derive(Clone, Debug, Default)]
pub struct Sources(Vec<SourceFile>);

impl Sources {
    /// Adds a text and returns its id.
    pub fn add(&mut self, path: impl Into<String>, text: impl Into<String>) -> FileId {
        self.0.push(SourceFile { path: path.into(), text: text.into(), made_from: None, lines: OnceLock::new() });
        FileId(self.0.len() - 1)
    }

    /// Adds a text made from another. Its places are shown in the other.
    pub fn add_made_from(&mut self, original: FileId, text: impl Into<String>, origins: Origins) -> FileId {
        let path = self.get(original).path.clone();
        self.0.push(SourceFile { path, text: text.into(), made_from: Some((original, origins)), lines: OnceLock::new() });
        FileId(self.0.len() - 1)
    }

    /// The place that is shown for a place: in a text made from another, the place in the other.
    pub fn shown(&self, place: &Place) -> Place {
        match &self.get(place.file).made_from {
            Some((file, origins)) => Place { file: *file, span: origins.span(&place.span) },
            None => place.clone(),
        }
    }

    /// The file with that id.
    pub fn get(&self, id: FileId) -> &SourceFile {
        &self.0[id.0]
    }

    /// Line and column of a place, both from 1; the column counts characters.
    pub fn line_column(&self, place: &Place) -> (usize, usize) {
        let place = &self.shown(place);
        let file = self.get(place.file);
        let at = boundary(&file.text, place.span.start);
        let (start, line, _) = file.window(&(at..at));
        (line, file.text[start..at].chars().count() + 1)
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
