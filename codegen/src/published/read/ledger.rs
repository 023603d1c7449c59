//! Accounts for every line of a page. A line that a reader claimed states facts or has a finding; any other line is prose, or becomes the
//! finding `page-unread`. A line with the form of a heading, a cell, a list item or JSON is never prose.

use std::ops::Range;

use super::fact::FactFinding;
use super::lines::{Line, is_space};
use super::printed_type;
use super::table::is_icon;
use crate::finding::{Finding, Place, codes};

/// What a page states that was not understood.
#[derive(Debug, Default)]
pub(super) struct Unread(pub Vec<FactFinding>);

impl Unread {
    /// A part of a line that should state a fact. `what` is a sentence without a period.
    pub fn cell(&mut self, place: Place, fact: &str, what: &str) {
        self.add(fact, Finding::new(codes::PAGE_UNREAD, what).at(place).help("compare it with the page in a browser"));
    }

    /// A thing that the page describes for the second time.
    pub fn twice(&mut self, place: Place, fact: &str, what: &str) {
        let message = format!("the page has {what} twice; the second one was not compared");
        self.add(
            fact,
            Finding::new(codes::PAGE_TWICE, message).at(place).help("compare the second one with the page in a browser"),
        );
    }

    /// Another finding.
    pub fn add(&mut self, fact: &str, finding: Finding) {
        self.0.push(FactFinding { fact: fact.to_owned(), finding });
    }
}

/// Lines, and the fact that they belong to.
pub(super) type Owners = Vec<(Range<usize>, String)>;

/// Adds a finding for each run of lines that no reader claimed and that are not prose. `cut` tells that the text may go on after the
/// lines. Returns the lines of prose, each with its owner.
pub(super) fn account<'o>(lines: &[Line<'_>], owners: &'o Owners, cut: bool, out: &mut Unread) -> Vec<(usize, &'o str)> {
    let mut prose = Vec::new();
    for (range, owner) in owners {
        // Of a section that nobody knows the prose is not understood either.
        let unknown = owner.contains("/sections/");
        let is_prose = if unknown { vec![false; range.len()] } else { sentences(&lines[range.clone()], cut) };
        let mut run: Option<Range<usize>> = None;
        for index in range.clone().filter(|index| !lines[*index].blank()) {
            if lines[index].is_claimed() {
                report(lines, run.take(), owner, out);
            } else if is_prose[index - range.start] {
                report(lines, run.take(), owner, out);
                prose.push((index, owner.as_str()));
            } else {
                run = Some(run.map_or(index, |run| run.start)..index + 1);
            }
        }
        report(lines, run, owner, out);
    }
    prose
}

fn report(lines: &[Line<'_>], run: Option<Range<usize>>, owner: &str, out: &mut Unread) {
    let Some(run) = run else { return };
    let (first, last) = (lines[run.start].place(), lines[run.end - 1].place());
    let count = lines[run].iter().filter(|line| !line.blank()).count();
    let message = match count {
        1 => "this line was not understood".to_owned(),
        _ => format!("these {count} lines were not understood"),
    };
    let place = Place { file: first.file, span: first.span.start..last.span.end };
    out.cell(place, owner, &message);
}

/// For each line, whether it is prose: a sentence, or the part of one that line breaks divide.
pub(super) fn sentences(lines: &[Line<'_>], cut: bool) -> Vec<bool> {
    let mut out = vec![false; lines.len()];
    for index in (0..lines.len()).rev() {
        let line = &lines[index];
        if line.blank() || has_form(line) {
            continue;
        }
        let words = line.text.split_whitespace().count();
        let goes_on = match lines.get(index + 1) {
            Some(next) => next.text.starts_with(char::is_lowercase) && !next.is_claimed() && out[index + 1],
            None => cut,
        };
        out[index] = ends_sentence(line.text, words) || words >= 6 || (words > 1 && goes_on);
    }
    out
}

fn ends_sentence(text: &str, words: usize) -> bool {
    let text = text.trim_end_matches(['"', '”', '’', '*', '_', '`']);
    let ends = text.ends_with(['.', '!', '?', ':', '…']) || (text.ends_with(')') && words > 2);
    // `Deprecated.` is a sentence, `a.b.` and `x:` are not.
    ends && (words > 1 || text.starts_with(char::is_uppercase))
}

/// Whether a line has the form of a heading, a cell, a list item or JSON.
fn has_form(line: &Line<'_>) -> bool {
    let text = line.text;
    line.marked || line.bullet || text.contains(['|', '\t']) || is_item(text) || is_json(text) || is_cell(text)
}

/// `1. text`, `a) text`, `word - text`.
fn is_item(text: &str) -> bool {
    let first = text.split(is_space).next().unwrap_or_default();
    let rest = text[first.len()..].trim_start_matches(is_space);
    let number = first
        .strip_suffix(['.', ')'])
        .is_some_and(|word| word.len() <= 3 && (word.chars().all(|c| c.is_ascii_digit()) || word.len() == 1) && !word.is_empty());
    (number && !rest.is_empty()) || rest.starts_with(['-', '–', '—', '='])
}

fn is_json(text: &str) -> bool {
    const QUOTES: [char; 7] = ['"', '“', '”', '„', '\'', '‘', '’'];
    if text.starts_with('[') {
        // A Markdown link starts with a bracket too.
        return !text.contains("](");
    }
    if let Some(inner) = text.strip_prefix(QUOTES) {
        let after = inner.find(QUOTES).map(|end| inner[end..].trim_start_matches(QUOTES).trim_start());
        return after.is_none_or(|after| after.is_empty() || after.starts_with([':', ',', ';', '}', ']']));
    }
    text.starts_with(['{', '}', ']', ',', '<'])
}

/// `Integer`, `Integer (via X-Customer header)`, `idsArray[Integer]Internal ids`, `✅`.
fn is_cell(text: &str) -> bool {
    let ends = |rest: &str| rest.is_empty() || rest.starts_with(['(', '[', '<']) || rest.starts_with(char::is_uppercase);
    let is_type = |text: &str| printed_type::prefix(text).is_some_and(|end| ends(text[end..].trim_start()));
    let mut before = ' ';
    let first = text.split(is_space).next().unwrap_or_default();
    let glued = first.char_indices().any(|(at, c)| {
        let boundary = c.is_uppercase() && (before.is_lowercase() || before.is_ascii_digit() || before == '_');
        before = c;
        boundary && printed_type::prefix(&text[at..]).is_some_and(|end| ends(&text[at + end..]))
    });
    is_type(text) || glued || text.contains(is_icon)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::finding::FileId;
    use crate::published::read::lines::{Source, lines};

    fn unread(text: &str) -> Vec<String> {
        let lines = lines(Source { file: FileId(0), text });
        let mut out = Unread::default();
        account(&lines, &vec![(0..lines.len(), "x".to_owned())], false, &mut out);
        out.0.iter().map(|one| text[one.finding.place.clone().unwrap().span].to_owned()).collect()
    }

    #[test]
    fn sentences_are_prose() {
        for text in [
            "Internal ID of sending.",
            "Deprecated.",
            "Time when given sending was created. Note that it’s not the same as time of sending.",
            "Counts computed from bare counts. It includes following metrics:",
            "As a single \"MPC sending\" scheduled on UI can produce many entities, this is helpful.",
            "A last remark\nabout directions.",
            "\"Quoted\" words begin this sentence.",
            "The harbour, see [harbours](https://example.com/harbours)",
            "[Harbours](https://example.com) are described elsewhere.",
        ] {
            assert_eq!(unread(text), [""; 0], "{text}");
        }
    }

    #[test]
    fn forms_of_facts_are_not_prose() {
        for text in [
            "steam",
            "Known limits",
            "Known limits of the report.#",
            "• An item of a list.",
            "- An item of a list.",
            "1. An item of a list.",
            "word - what it means.",
            "Integer",
            "Integer (via X-Customer header).",
            "idsArray[Integer]Internal sending IDs which are aggregated.",
            "club_idIntegerSee in Fields.",
            "a | b | and so on.",
            "{\"a\": \"b.\"",
            "\"a\": \"this is a value.\"",
            "\"a\", \"b\" and so on.",
            "}",
            "It can be filtered ✅.",
        ] {
            assert_eq!(unread(text), [text], "{text}");
        }
        assert_eq!(unread("one\ntwo\n\nIt is a sentence.\nthree"), ["one\ntwo", "three"]);
    }
}
