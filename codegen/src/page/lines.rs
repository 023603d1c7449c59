//! Cuts a page's text into lines and takes off what the copying left on them: line ends, invisible characters, heading marks,
//! list bullets, code fences. In: the text; out: lines that still know their bytes.

use std::ops::Range;

/// Headings that may be glued to the end of the prose before them.
const GLUED: [&str; 5] =
    ["Fields#", "Aggregations#", "Returned fields#", "Example query response#", "Query without aggregations#"];

/// One line of a page.
#[derive(Clone, Debug)]
pub(super) struct Line<'t> {
    /// What it says, without space and invisible characters around it.
    pub text: &'t str,
    /// The first byte of `text` in the page.
    pub start: usize,
    /// The line's number in the page, from 1.
    pub number: usize,
    /// `text` without the marks of a heading.
    pub heading: &'t str,
    /// Whether it bears the mark of a heading.
    pub marked: bool,
    /// Whether it is an entry of a list, as navigation is.
    pub bullet: bool,
}

impl Line<'_> {
    /// Whether nothing is on it.
    pub fn blank(&self) -> bool {
        self.text.is_empty()
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
}

/// Whether a character is only there for layout.
pub(super) fn is_space(c: char) -> bool {
    c.is_whitespace() || c.is_control() || matches!(c, '\u{200b}'..='\u{200f}' | '\u{2060}' | '\u{feff}')
}

/// The text without layout around it.
pub(super) fn trim(text: &str) -> &str {
    text.trim_matches(is_space)
}

/// All lines of a text.
pub(super) fn lines(text: &str) -> Vec<Line<'_>> {
    let mut out = Vec::new();
    let mut start = 0;
    for (index, segment) in text.split('\n').enumerate() {
        let mut at = start;
        // A bare carriage return also ends a line; line numbers count line feeds only, as editors and findings do.
        for part in segment.strip_suffix('\r').unwrap_or(segment).split('\r') {
            push(&mut out, part, at, index + 1);
            at += part.len() + 1;
        }
        start += segment.len() + 1;
    }
    out
}

fn push<'t>(out: &mut Vec<Line<'t>>, raw: &'t str, at: usize, number: usize) {
    let text = trim(raw);
    let offset = raw.len() - raw.trim_start_matches(is_space).len();
    let start = at + offset.min(raw.len());
    match glued(text) {
        Some(cut) => {
            out.push(line(trim(&text[..cut]), start, number, false));
            // A heading stands apart: what follows must not be taken for the prose before it.
            out.push(line(&text[cut..], start + cut, number, false));
        }
        None => {
            out.push(line(text, start, number, raw.trim_end_matches([' ', '\t']).ends_with(['\u{200b}', '\u{200c}', '\u{200d}'])))
        }
    }
}

/// Where a heading begins that is glued to the prose before it.
fn glued(text: &str) -> Option<usize> {
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

fn line(text: &str, start: usize, number: usize, invisible_mark: bool) -> Line<'_> {
    // A code fence carries nothing.
    let text = if text.starts_with("```") || text.starts_with("~~~") { "" } else { text };
    let hashes = text.trim_start_matches('#');
    let leading = hashes.len() < text.len() && hashes.starts_with(is_space);
    let mut heading = trim(if leading { hashes } else { text });
    let mut marked = leading || invisible_mark;
    // `name[#](#name)` and `name[](#name "Direct link")` are the anchors that Markdown twins print.
    if heading.ends_with(')')
        && let Some(open) = heading.rfind("](#").and_then(|middle| heading[..middle].rfind('['))
    {
        heading = trim(&heading[..open]);
        marked = true;
    }
    let bare = trim(heading.trim_end_matches(['#', '¶']));
    marked |= bare.len() < heading.len() && !bare.is_empty();
    let heading = trim(bare.trim_matches(['*', '`']));
    Line {
        text, start, number, heading, marked, bullet: text.starts_with(['•', '◦', '▪', '●', '·']) || is_dash_bullet(text)
    }
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

/// A name as a heading prints it; Markdown escapes underscores.
pub(super) fn name(heading: &str) -> String {
    heading.replace("\\_", "_")
}

/// Whether a heading can be a name on the wire: one word of letters, digits, `_`, `-` or `.`.
pub(super) fn is_name(heading: &str) -> bool {
    heading.len() <= 128
        && heading.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
        && heading.chars().all(|c| c.is_alphanumeric() || matches!(c, '_' | '-' | '.' | '\\'))
        && !heading.ends_with(['.', '\\'])
}

/// Whether a text is a name in lower case with underscores, as fields and metrics have.
pub(super) fn is_snake(text: &str) -> bool {
    text.len() <= 128
        && text.starts_with(|c: char| c.is_ascii_lowercase() || c == '_')
        && text.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_')
}

/// The cells of a table row that keeps its separators; none where they were lost.
pub(super) fn cells(text: &str) -> Option<Vec<&str>> {
    let separator = if text.contains('|') {
        '|'
    } else if text.contains('\t') {
        '\t'
    } else {
        return None;
    };
    let inner = text.strip_prefix(separator).unwrap_or(text);
    let inner = inner.strip_suffix(separator).unwrap_or(inner);
    Some(inner.split(separator).map(trim).collect())
}

/// Whether a line only separates a table's head from its rows: `---|---|`.
pub(super) fn is_rule(text: &str) -> bool {
    text.contains("---") && text.chars().all(|c| matches!(c, '-' | '|' | ':' | ' ' | '\t'))
}

/// What is left of a row after a cell that may be glued, or set apart by space or a separator.
pub(super) fn after_cell<'t>(text: &'t str, cell: &str) -> Option<&'t str> {
    let rest = text.strip_prefix(cell)?;
    Some(rest.trim_start_matches(|c| is_space(c) || c == '|'))
}
