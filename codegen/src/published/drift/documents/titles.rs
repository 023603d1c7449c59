//! Titles of tables and sections, by their words. In copied text, the cells of a row run together.

use crate::finding::Place;
use crate::published::read::{At, DocumentLine, LineForm};

/// The words of the columns that such tables have.
pub(super) const COLUMNS: &str = "bucket buckets code cost data description error example field header http interval key length meaning name note notes operator option options owner parameter requirement requirements retention status token type value";

/// Whether a title has no other words than these and small ones.
pub(super) fn are_known(title: &str, known: &str) -> bool {
    const SMALL: &str = "a and by for in of on or the to with without";
    let words = title.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty());
    let all = || known.split(' ').chain(SMALL.split(' '));
    words.into_iter().all(|word| all().any(|known| known.eq_ignore_ascii_case(word)))
}

/// The place of a part of a text.
pub(super) fn part(text: &At<String>, at: usize, length: usize) -> Place {
    let start = text.place.span.start + at;
    Place { file: text.place.file, span: start..(start + length).min(text.place.span.end).max(start) }
}

/// The cells of a text in which they run together: each begins with a capital.
pub(super) fn glued_cells(text: &At<String>) -> Vec<At<String>> {
    let mut starts = vec![0];
    let mut before = ' ';
    for (at, c) in text.value.char_indices() {
        if c.is_uppercase() && before.is_lowercase() {
            starts.push(at);
        }
        before = c;
    }
    let ends = starts[1..].iter().copied().chain([text.value.len()]);
    let cells = starts.iter().zip(ends).map(|(start, end)| At {
        value: text.value[*start..end].to_owned(),
        place: part(text, *start, end - start),
        line: text.line,
    });
    cells.collect()
}

/// The titles of a table whose cells run together.
pub(super) fn glued_titles(line: &DocumentLine) -> Option<Vec<At<String>>> {
    let text = line.text.value.as_str();
    let form = matches!(line.form, LineForm::Prose | LineForm::Other) && !text.ends_with(['.', ':', '!', '?']);
    let titles = glued_cells(&line.text);
    (form && text.starts_with(char::is_uppercase) && titles.len() > 1 && are_known(&titles[0].value, COLUMNS)).then_some(titles)
}
