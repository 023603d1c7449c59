//! Accounts for the lines of a document that no comparison understood: each but a sentence is a finding.

use super::search::Search;
use super::titles::{COLUMNS, are_known, glued_titles};
use crate::finding::Place;
use crate::published::drift::account::Account;
use crate::published::drift::amendment::Edit;
use crate::published::read::{At, Json, LineForm};

impl Search<'_> {
    /// Adds a finding for each line that states something and was not understood: all but sentences. `known` are the names of the spec,
    /// `headings` the words of the headings that such a page has. A new row belongs into `rows`, if the spec can hold one of which it knows
    /// nothing but the name.
    pub fn account(&self, known: &[&str], headings: &str, rows: Option<&[&str]>, account: &mut Account<'_>) {
        // Whether the line above is a row of a table with known rows.
        let mut beside = false;
        let mut section = String::new();
        let mut unread = Unread::default();
        for (index, line) in self.lines.iter().enumerate() {
            let text = line.text.value.as_str();
            if line.form == LineForm::Heading {
                unread.report(account);
                section = text.trim_end_matches('#').trim().to_owned();
            }
            if self.used[index] {
                beside = !matches!(line.form, LineForm::Heading | LineForm::Code);
                glued_titles(line).into_iter().for_each(|titles| columns(&titles, account));
                continue;
            }
            let next = self.used.get(index + 1) == Some(&true);
            // A long row whose cells run together looks like a sentence.
            let within = line.form == LineForm::Prose && (is_glued(text) || (beside && next));
            let row = within || matches!(line.form, LineForm::Cells(_) | LineForm::Other);
            beside = row && (beside || next);
            let first = match &line.form {
                LineForm::Cells(cells) => cells.first().map_or("", |cell| cell.value.as_str()),
                LineForm::Heading | LineForm::Item | LineForm::Other => first_word(text),
                LineForm::Prose if within => first_word(text),
                LineForm::Header(titles) => {
                    columns(titles, account);
                    continue;
                }
                LineForm::Code | LineForm::Prose => continue,
            };
            let alone = |text: &str| {
                let rest = text
                    .trim_matches(['`', '*', '"', ' '])
                    .strip_prefix(first)
                    .unwrap_or(text)
                    .trim_start_matches(['`', '*', '"', ' ']);
                rest.is_empty() || rest.starts_with(['-', '–', '—', ':', '='])
            };
            let named = is_identifier(first) && (row || is_joined(first) || alone(text));
            let heading =
                line.form == LineForm::Heading || (line.form == LineForm::Other && text.starts_with(char::is_uppercase));
            if heading && are_known(text, headings) {
                continue;
            }
            if named && (beside || !row) {
                account.added(&[], first, format!("the page has `{first}`, the spec does not"), &line.text.place, known);
                if let Some(rows) = rows.filter(|_| row || line.form == LineForm::Item) {
                    account.amend(&[rows, &[first]].concat(), Edit::append(serde_json::json!({})));
                }
            } else {
                unread.line(index, &line.text.place, &section, account);
            }
        }
        unread.report(account);
    }

    /// Adds a finding for a sample that nothing in the spec is compared with.
    pub fn unread_sample(&self, json: &Json, account: &mut Account<'_>) {
        let place = Place { file: self.document.title.place.file, span: json.span.start..json.span.start + 1 };
        account.unread(&["samples"], "the spec has nothing to compare this sample with", place);
    }
}

/// Lines that were not understood. Those in a row share a finding.
#[derive(Default)]
struct Unread {
    lines: Option<(usize, usize, Place)>,
    section: String,
}

impl Unread {
    fn line(&mut self, index: usize, place: &Place, section: &str, account: &mut Account<'_>) {
        self.lines = match self.lines.take() {
            Some((last, count, first)) if last + 1 == index => {
                Some((index, count + 1, Place { span: first.span.start..place.span.end, ..first }))
            }
            before => {
                self.lines = before;
                self.report(account);
                Some((index, 1, place.clone()))
            }
        };
        section.clone_into(&mut self.section);
    }

    /// The section is the fact, so that a decision about one section says nothing of another.
    fn report(&mut self, account: &mut Account<'_>) {
        let Some((_, count, place)) = self.lines.take() else { return };
        let message = match count {
            1 => "this line was not understood".to_owned(),
            _ => format!("these {count} lines were not understood"),
        };
        let section = ["sections", self.section.as_str()];
        account.unread(if self.section.is_empty() { &[] } else { &section }, message, place);
    }
}

/// Adds a finding for each column that the spec knows nothing of.
fn columns(titles: &[At<String>], account: &mut Account<'_>) {
    for At { value: title, place, .. } in titles.iter().filter(|title| !are_known(&title.value, COLUMNS)) {
        account.unread(&["columns", title], format!("the column `{title}` was not compared"), place.clone());
    }
}

/// The word that a line begins with. Where cells run together, a name ends before a capital.
fn first_word(text: &str) -> &str {
    let text = text.trim_start_matches(['`', '*', '"', '“', '\'']);
    let end = text.find(|c: char| !(c.is_alphanumeric() || matches!(c, '_' | '-' | '.'))).unwrap_or(text.len());
    let word = &text[..end];
    // A header's name has capitals of its own: `X-Rate`.
    let last = word.rfind('-').map_or(0, |at| at + 1);
    let mut before = ' ';
    let glued = word[last..].char_indices().find(|(_, c)| {
        let boundary = c.is_uppercase() && (before.is_lowercase() || before.is_ascii_digit());
        before = *c;
        boundary
    });
    glued.map_or(word, |(at, _)| &word[..last + at])
}

/// Whether a text begins with a name that runs into the next cell: `overThe field is greater`.
fn is_glued(text: &str) -> bool {
    let first = first_word(text);
    first.len() > 1 && is_identifier(first) && text[first.len()..].starts_with(char::is_uppercase)
}

/// Whether a word can be a name on the wire: `greater_than`, `Retry-After`, `404`, `5m`, `in`.
pub(super) fn is_identifier(word: &str) -> bool {
    let plain = word.chars().all(|c| c.is_alphanumeric() || matches!(c, '_' | '-' | '.'));
    let lower = word.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit());
    let digits = word.starts_with(|c: char| c.is_ascii_digit());
    plain && !word.is_empty() && word.len() <= 64 && (digits || lower || is_joined(word) || word.contains('-'))
}

/// Whether a word is a name and no word of a language: `greater_than`, `Retry-After`.
fn is_joined(word: &str) -> bool {
    let capitals = word.split('-').count() > 1 && word.split('-').all(|part| part.starts_with(|c: char| c.is_ascii_uppercase()));
    word.contains('_') || capitals
}
