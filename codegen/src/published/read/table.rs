//! Reads tables, even if nothing separates their cells: `TypeFilterableCan change?`. A title or a cell that nobody knows is returned as
//! such; it is never dropped.

use super::lines::{is_space, trim};

/// Titles are shorter; a longer text is prose.
const SHORT: usize = 40;

/// Headers are shorter.
const LONG: usize = 400;

/// The header of a table.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Header<'t> {
    /// For each title that was looked for, its column.
    pub columns: Vec<Option<usize>>,
    /// Other titles, each with its column.
    pub others: Vec<(usize, &'t str)>,
}

impl Header<'_> {
    /// Whether the table has the column of a title, by the title's number.
    pub fn has(&self, title: usize) -> bool {
        self.columns.get(title).is_some_and(Option::is_some)
    }
}

/// Reads a header. The first `required` titles must be there and come first.
pub(super) fn header<'t>(text: &'t str, titles: &[&str], required: usize) -> Option<Header<'t>> {
    // Most lines are no header.
    let start = text.trim_start_matches(['|', ' ', '\t', '*', '`']);
    if text.len() > LONG || titles.first().is_some_and(|title| starts(start, title).is_none()) {
        return None;
    }
    let mut columns = vec![None; titles.len()];
    let mut others = Vec::new();
    let cells = match cells(text) {
        Some(cells) => cells.into_iter().map(|cell| trim(cell.trim_matches(['*', '`']))).collect(),
        None => glued_titles(text, titles),
    };
    for (index, cell) in cells.into_iter().enumerate() {
        match titles.iter().position(|title| title.eq_ignore_ascii_case(cell)) {
            Some(title) if columns[title].is_none() => columns[title] = Some(index),
            _ if cell.is_empty() => {}
            _ => others.push((index, cell)),
        }
    }
    let first = (0..required).all(|title| columns[title] == Some(title));
    (first && others.iter().all(|(_, title)| title.len() <= SHORT && !is_rule(title))).then_some(Header { columns, others })
}

/// Splits `Required permitRate limit tokens cost` at the titles it starts with.
fn glued_titles<'t>(text: &'t str, titles: &[&str]) -> Vec<&'t str> {
    let mut cells = Vec::new();
    let mut rest = text;
    while let Some(length) = titles.iter().find_map(|title| starts(rest, title)) {
        cells.push(&rest[..length]);
        rest = rest[length..].trim_start_matches(is_space);
    }
    if !rest.is_empty() {
        cells.push(rest);
    }
    cells
}

fn starts(text: &str, title: &str) -> Option<usize> {
    text.get(..title.len()).is_some_and(|start| start.eq_ignore_ascii_case(title)).then_some(title.len())
}

/// The cells of a row, or `None` if the row lost its separators.
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

/// Whether a line is the rule below a table's header: `---|---|`.
pub(super) fn is_rule(text: &str) -> bool {
    text.contains("---") && text.chars().all(|c| matches!(c, '-' | '|' | ':' | ' ' | '\t'))
}

/// The titles of the table with permit and cost.
const PERMIT: [&str; 4] = ["Required permit", "Rate limit tokens cost", "Available intervals", "Data lag"];

/// The header of the table with permit and cost: permit, cost, intervals, data lag.
pub(super) fn permit_header(text: &str) -> Option<Header<'_>> {
    header(text, &PERMIT, 1)
}

/// The header of a field's table.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct FieldHeader<'t> {
    /// The title of the third column, if any.
    pub third: Option<&'t str>,
    /// Titles of further columns.
    pub more: Vec<&'t str>,
}

/// Reads the header of a field's table.
pub(super) fn field_header(text: &str) -> Option<FieldHeader<'_>> {
    let header = header(text, &["Type", "Filterable"], 2)?;
    let third = header.others.first().filter(|(column, _)| *column == 2).map(|(_, title)| *title);
    let more = header.others.iter().skip(usize::from(third.is_some())).map(|(_, title)| *title).collect();
    Some(FieldHeader { third, more })
}

/// The header of a table of returned fields or labels.
pub(super) fn returned_header(text: &str) -> Option<Header<'_>> {
    header(text, &["Key", "Type", "Description"], 2)
}

/// How pages print yes and no, in lower case. Images arrive as their text.
const YES: [&str; 13] =
    ["✅", "✔", "✓", "☑", "🗸", "yes", "true", "check", "checked", "checkmark", "check mark", "tick", "white_check_mark"];
const NO: [&str; 11] = ["❌", "✗", "✘", "✖", "🚫", "⛔", "no", "false", "cross", "cross mark", "unchecked"];

/// The meaning of a cell with an icon or a word for it.
pub(super) fn yes_or_no(cell: &str) -> Option<bool> {
    // A variation selector may follow an icon.
    let word = trim(cell.trim_matches(|c: char| matches!(c, '\u{fe0e}' | '\u{fe0f}' | '*' | '_' | '`' | ':'))).to_lowercase();
    if YES.contains(&word.as_str()) { Some(true) } else { NO.contains(&word.as_str()).then_some(false) }
}

/// Whether a character is one of the icons for yes and no.
pub(super) fn is_icon(c: char) -> bool {
    !c.is_ascii() && YES.iter().chain(&NO).any(|word| word.starts_with(c))
}

/// The length and meaning of the icon or word that a text without separators starts with.
pub(super) fn leading_icon(text: &str) -> Option<(usize, bool)> {
    let lower = text.to_lowercase();
    // Lengths must hold in the text itself.
    let lower = if lower.len() == text.len() { lower.as_str() } else { text };
    let all = YES.iter().map(|word| (*word, true)).chain(NO.iter().map(|word| (*word, false)));
    let (word, yes) = all.filter(|(word, _)| lower.starts_with(word)).max_by_key(|(word, _)| word.len())?;
    let selector = text[word.len()..].chars().next().filter(|c| matches!(c, '\u{fe0e}' | '\u{fe0f}')).map_or(0, char::len_utf8);
    Some((word.len() + selector, yes))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn headers_are_recognized() {
        let field = |text| field_header(text).map(|header| (header.third, header.more.len()));
        assert_eq!(field("TypeFilterableCan change?"), Some((Some("Can change?"), 0)));
        assert_eq!(field("Type | Filterable | Readonly |"), Some((Some("Readonly"), 0)));
        assert_eq!(field("Type | Filterable | Readonly | Unit"), Some((Some("Readonly"), 1)));
        assert_eq!(field("| Type | Filterable |"), Some((None, 0)));
        assert_eq!(field("TypeFilterable"), Some((None, 0)));
        assert_eq!(field("Type of the link."), None);
        assert!(returned_header("KeyTypeDescription").is_some() && returned_header("Key | Type | Description").is_some());
        assert!(returned_header("KeyType").is_some() && returned_header("Keys of it").is_none());
        let permit = |text: &str| permit_header(text).map(|header| (header.columns, header.others.len()));
        assert_eq!(permit("Required permitRate limit tokens cost"), Some((vec![Some(0), Some(1), None, None], 0)));
        assert_eq!(
            permit("Required permitRate limit tokens costAvailable intervalsData lag"),
            Some((vec![Some(0), Some(1), Some(2), Some(3)], 0))
        );
        assert_eq!(
            permit("| Required permit | Rate limit tokens cost | Data lag | Region |"),
            Some((vec![Some(0), Some(1), None, Some(2)], 1))
        );
    }

    #[test]
    fn icons_are_read_in_every_spelling() {
        for yes in ["✅", "✔\u{fe0f}", "☑", "YES", "true", ":white_check_mark:", "**yes**"] {
            assert_eq!(yes_or_no(yes), Some(true), "{yes}");
        }
        for no in ["❌", "✗", "No", "FALSE"] {
            assert_eq!(yes_or_no(no), Some(false), "{no}");
        }
        for other in ["", "-", "x", "maybe", "yes, but"] {
            assert_eq!(yes_or_no(other), None, "{other}");
        }
        assert_eq!(leading_icon("✔\u{fe0f}No"), Some(("✔\u{fe0f}".len(), true)));
        assert_eq!(leading_icon("checkmark"), Some((9, true)));
        assert_eq!(leading_icon("(via X header)"), None);
    }
}
