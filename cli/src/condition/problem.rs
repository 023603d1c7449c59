//! What is wrong with a condition, shown under its word.

use std::ops::Range;

use unicode_width::UnicodeWidthStr;

use crate::terminal::printable;

/// What is wrong with a condition, and where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Problem {
    pub(super) at: Range<usize>,
    pub(super) message: String,
}

impl Problem {
    pub(super) fn new(at: &Range<usize>, message: impl Into<String>) -> Self {
        Self { at: at.clone(), message: message.into() }
    }
}

/// How many characters are shown on either side of a problem.
const AROUND: usize = 40;

/// The message, the part of the text around the problem, and a line that underlines it.
pub(super) fn underlined(text: &str, problem: &Problem) -> String {
    let (before, rest) = text.split_at(problem.at.start);
    let (marked, after) = rest.split_at(problem.at.end - problem.at.start);
    let cut = before.char_indices().rev().nth(AROUND).map_or(0, |(index, character)| index + character.len_utf8());
    let start = if cut == 0 { "" } else { "…" };
    let before = printable(&before[cut..]);
    let (marked, longer) = shorten(marked, 2 * AROUND);
    let (after, end) = if longer { (String::new(), true) } else { shorten(after, AROUND) };
    let end = if end { "…" } else { "" };
    let (indent, width) = (start.width() + before.width(), marked.width().max(1));
    format!("{}\n  {start}{before}{marked}{after}{end}\n  {}{}", problem.message, " ".repeat(indent), "^".repeat(width))
}

/// The start of a text, and whether there is more.
fn shorten(text: &str, most: usize) -> (String, bool) {
    match text.char_indices().nth(most) {
        Some((index, _)) => (printable(&text[..index]), true),
        None => (printable(text), false),
    }
}
