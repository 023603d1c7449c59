//! Cuts a page's text into lines and removes what copying left behind: line ends, invisible characters, heading marks, list bullets,
//! code fences. Each line keeps its byte range.

use std::cell::Cell;
use std::ops::Range;

use super::fact::At;
use crate::finding::{FileId, Place};

/// The text of a page, and the file that it comes from.
#[derive(Clone, Copy, Debug)]
pub(super) struct Source<'t> {
    pub file: FileId,
    pub text: &'t str,
}

impl Source<'_> {
    /// The place in the file of a part of the text. Every place of a page is made here.
    pub fn place(&self, span: Range<usize>) -> Place {
        Place { file: self.file, span }
    }
}

/// Headings that may directly follow the prose before them.
const GLUED: [&str; 5] =
    ["Fields#", "Aggregations#", "Returned fields#", "Example query response#", "Query without aggregations#"];

/// One line of a page.
#[derive(Clone, Debug)]
pub(super) struct Line<'t> {
    source: Source<'t>,
    /// Whether a reader has accounted for it.
    claimed: Cell<bool>,
    /// Its text, without surrounding space and invisible characters.
    pub text: &'t str,
    /// The offset of `text` in the page.
    pub start: usize,
    /// The line's number in the page, from 1.
    pub number: usize,
    /// `text` without heading marks.
    pub heading: &'t str,
    /// What follows the name in a heading such as `id (deprecated)`.
    pub note: Option<&'t str>,
    /// Whether it has a heading mark.
    pub marked: bool,
    /// Whether it is a list entry, as in navigation.
    pub bullet: bool,
}

impl<'t> Line<'t> {
    /// Whether it is empty.
    pub fn blank(&self) -> bool {
        self.text.is_empty()
    }

    /// Makes it empty: it holds nothing of the page.
    pub fn clear(&mut self) {
        (self.text, self.heading, self.note) = ("", "", None);
        (self.marked, self.bullet) = (false, false);
    }

    /// The bytes of `text`.
    pub fn span(&self) -> Range<usize> {
        self.start..self.start + self.text.len()
    }

    /// The bytes of a part of `text`.
    pub fn span_of(&self, part: &str) -> Range<usize> {
        let offset = (part.as_ptr() as usize).wrapping_sub(self.text.as_ptr() as usize);
        if offset > self.text.len() {
            return self.span();
        }
        self.start + offset..(self.start + offset + part.len()).min(self.start + self.text.len())
    }

    /// Its place.
    pub fn place(&self) -> Place {
        self.source.place(self.span())
    }

    /// The place of a part of `text`.
    pub fn place_of(&self, part: &str) -> Place {
        self.source.place(self.span_of(part))
    }

    /// A fact that a part of `text` states.
    pub fn fact<T>(&self, part: &str, value: T) -> At<T> {
        At { value, place: self.place_of(part), line: self.number }
    }

    /// Records that every part of the line was read, or has a finding.
    pub fn claim(&self) {
        self.claimed.set(true);
    }

    /// Whether [`Line::claim`] was called.
    pub fn is_claimed(&self) -> bool {
        self.claimed.get()
    }

    /// The wire name that it has as a heading: `id`, also in `id (deprecated)`.
    pub fn name(&self) -> Option<&'t str> {
        if is_name(self.heading) {
            return Some(self.heading);
        }
        let name = self.heading.get(..self.heading.len() - self.note?.len()).map(|text| trim(text.trim_matches('~')))?;
        is_snake(&unescape(name)).then_some(name)
    }
}

/// The part of a heading after its first word, if it is a remark: `id (deprecated)`, `id - deprecated`, `~~id~~`.
fn note(heading: &str) -> Option<&str> {
    if heading.len() > 256 {
        return None;
    }
    if let Some(inner) = heading.strip_prefix("~~") {
        return inner.rfind("~~").filter(|at| *at > 0).map(|at| &inner[at..]);
    }
    let at = heading.find(|c: char| is_space(c) || matches!(c, '(' | '['))?;
    let rest = trim(&heading[at..]);
    let word = rest.to_ascii_lowercase();
    let remark = rest.starts_with(['(', '[', '-', '–', '—', '*', '!']) || matches!(word.as_str(), "deprecated" | "new" | "beta");
    (at > 0 && remark && rest.len() <= 60).then_some(rest)
}

/// Whether a character only affects layout.
pub(crate) fn is_space(c: char) -> bool {
    c.is_whitespace() || c.is_control() || matches!(c, '\u{200b}'..='\u{200f}' | '\u{2060}' | '\u{feff}')
}

/// The text without surrounding layout characters.
pub(super) fn trim(text: &str) -> &str {
    text.trim_matches(is_space)
}

/// A cell without the marks of Markdown around it: `**Integer**`, `[Integer](#types)`.
pub(super) fn bare(cell: &str) -> &str {
    let cell = trim(cell.trim_matches(['`', '*']));
    let link = cell
        .strip_prefix('[')
        .and_then(|rest| rest.split_once("]("))
        .filter(|(text, to)| to.ends_with(')') && !text.contains(['[', ']']));
    link.map_or(cell, |(text, _)| trim(text.trim_matches(['`', '*'])))
}

/// A printed type or value with single spaces, since a page may print any space in it.
pub(super) fn one_space(printed: &str) -> String {
    printed.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// All lines of a text.
pub(super) fn lines(source: Source<'_>) -> Vec<Line<'_>> {
    let text = source.text;
    let mut out = Vec::new();
    let mut start = 0;
    for (index, segment) in text.split('\n').enumerate() {
        let mut at = start;
        // A bare carriage return also ends a line, but line numbers count line feeds only, as editors and findings do.
        for part in segment.strip_suffix('\r').unwrap_or(segment).split('\r') {
            push(&mut out, source, part, at, index + 1);
            at += part.len() + 1;
        }
        start += segment.len() + 1;
    }
    underlined(&mut out);
    out
}

/// Marks headings that Markdown underlines: `Title` over `====`.
fn underlined(lines: &mut [Line<'_>]) {
    for index in 1..lines.len() {
        let (above, below) = lines.split_at_mut(index);
        let (Some(title), Some(rule)) = (above.last_mut(), below.first_mut()) else { continue };
        let text = rule.text;
        let is_rule = text.len() > 2 && (text.bytes().all(|byte| byte == b'=') || text.bytes().all(|byte| byte == b'-'));
        let heads = title.text.starts_with(char::is_alphanumeric) && title.text.len() <= 60 && !title.text.contains(['|', '\t']);
        if is_rule && heads && !title.text.ends_with(['.', ':', ',']) {
            title.marked = true;
            rule.clear();
        }
    }
}

fn push<'t>(out: &mut Vec<Line<'t>>, source: Source<'t>, raw: &'t str, at: usize, number: usize) {
    let text = trim(raw);
    let offset = raw.len() - raw.trim_start_matches(is_space).len();
    let start = at + offset.min(raw.len());
    match glued(text) {
        Some(cut) => {
            out.push(line(source, trim(&text[..cut]), start, number, false));
            // The heading becomes a line of its own, so that it is not read as prose.
            out.push(line(source, &text[cut..], start + cut, number, false));
        }
        None => {
            let marked = raw.trim_end_matches([' ', '\t']).ends_with(['\u{200b}', '\u{200c}', '\u{200d}']);
            out.push(line(source, text, start, number, marked));
        }
    }
}

/// Where a heading starts that directly follows prose.
fn glued(text: &str) -> Option<usize> {
    // `## Fields#` is a heading with marks on both sides.
    if text.starts_with('#') {
        return None;
    }
    let known = GLUED.iter().find(|heading| text.len() > heading.len() && text.ends_with(*heading));
    if let Some(heading) = known {
        return Some(text.len() - heading.len());
    }
    let token = text.strip_suffix('#')?;
    let start = token.rfind(|c: char| !(c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_')).map(|at| {
        let width = token[at..].chars().next().map_or(1, char::len_utf8);
        (at, at + width)
    });
    let (before, from) = start?;
    let ends_prose = matches!(token[before..from].chars().next(), Some('.' | ')' | '!' | '?' | ':' | '”' | '"'));
    (ends_prose && token.len() - from >= 2).then_some(from)
}

fn line<'t>(source: Source<'t>, text: &'t str, start: usize, number: usize, invisible_mark: bool) -> Line<'t> {
    // A code fence has no content.
    let text = if text.starts_with("```") || text.starts_with("~~~") { "" } else { text };
    let hashes = text.trim_start_matches('#');
    let leading = hashes.len() < text.len() && hashes.starts_with(is_space);
    let mut heading = trim(if leading { hashes } else { text });
    let mut marked = leading || invisible_mark;
    // Markdown versions of pages print anchors as `name[#](#name)` or `name[](#name "Direct link")`.
    if heading.ends_with(')')
        && let Some(open) = heading.rfind("](#").and_then(|middle| heading[..middle].rfind('['))
    {
        let name = trim(&heading[..open]);
        // `# [Title](#title)` is a heading that is a link.
        heading = if name.is_empty() { bare(heading) } else { name };
        marked = true;
    }
    if marked {
        heading = bare(heading);
    }
    // `Title {#anchor}`
    if let Some(open) = heading.rfind(" {#").filter(|_| heading.ends_with('}')) {
        heading = trim(&heading[..open]);
    }
    let bare = trim(heading.trim_end_matches(['#', '¶']));
    marked |= bare.len() < heading.len() && !bare.is_empty();
    let heading = trim(bare.trim_matches(['*', '`']));
    let bullet = text.starts_with(['•', '◦', '▪', '●', '·']) || is_dash_bullet(text);
    Line { source, claimed: Cell::new(false), text, start, number, heading, note: note(heading), marked, bullet }
}

fn is_dash_bullet(text: &str) -> bool {
    text.strip_prefix(['-', '*']).is_some_and(|rest| rest.starts_with(' '))
}

/// A list entry without its bullet.
pub(super) fn unbullet(text: &str) -> &str {
    let rest = text.trim_start_matches(['•', '◦', '▪', '●', '·']);
    let rest = if is_dash_bullet(rest) { &rest[1..] } else { rest };
    trim(rest)
}

/// A name without Markdown's escapes of underscores.
pub(super) fn unescape(heading: &str) -> String {
    heading.replace("\\_", "_")
}

/// Whether a heading can be a wire name: one word of letters, digits, `_`, `-` or `.`.
pub(super) fn is_name(heading: &str) -> bool {
    heading.len() <= 128
        && heading.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
        && heading.chars().all(|c| c.is_alphanumeric() || matches!(c, '_' | '-' | '.' | '\\'))
        && !heading.ends_with(['.', '\\'])
}

/// Whether a text is a lower-case name with underscores, as fields and metrics have.
pub(super) fn is_snake(text: &str) -> bool {
    text.len() <= 128
        && text.starts_with(|c: char| c.is_ascii_lowercase() || c == '_')
        && text.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_')
}
