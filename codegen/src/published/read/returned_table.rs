//! Reads the rows of a table of returned fields, even if nothing separates their cells: `idsArray[Integer]Internal ids`.

use std::collections::HashSet;

use super::ledger::Unread;
use super::lines::{Line, bare, is_snake, one_space, trim, unescape};
use super::page::ReturnedRow;
use super::printed_type;
use super::table::{cells, is_rule};

/// A longer text is prose, not a key or an unknown type.
const SHORT: usize = 128;

struct Row<'t> {
    key: &'t str,
    printed: &'t str,
    description: &'t str,
    /// Whether the type is known.
    known: bool,
}

/// Reads rows up to the first line that cannot be part of the table. Lines that are no rows stay unclaimed.
pub(super) fn rows(lines: &[Line<'_>], fields: &HashSet<&str>, owner: &str, out: &mut Unread) -> Vec<ReturnedRow> {
    let mut found: Vec<ReturnedRow> = Vec::new();
    let mut keys = HashSet::new();
    let mut blank = false;
    for line in lines {
        if line.blank() || is_rule(line.text) {
            line.claim();
            blank |= line.blank();
            continue;
        }
        if line.text.starts_with(['{', '}', '"', '“']) {
            break;
        }
        let apart = std::mem::take(&mut blank) && !found.is_empty();
        // Prose below a table may look like a row with an unknown type; prose inside it continues a description.
        let Some(row) = row(line.text, fields).filter(|row| row.known || !apart) else { continue };
        line.claim();
        let key = unescape(row.key);
        if !keys.insert(key.clone()) {
            out.twice(line.place_of(row.key), owner, &format!("the row `{key}`"));
            continue;
        }
        if let Some(cells) = cells(line.text) {
            for more in cells.iter().skip(3).filter(|cell| !cell.is_empty()) {
                out.cell(line.place_of(more), &format!("{owner}/{key}"), "this cell has no column that is known");
            }
        }
        found.push(ReturnedRow {
            key: line.fact(row.key, key),
            printed: line.fact(row.printed, one_space(row.printed)),
            description: (!row.description.is_empty()).then(|| line.fact(row.description, one_space(row.description))),
        });
    }
    found
}

fn row<'t>(text: &'t str, fields: &HashSet<&str>) -> Option<Row<'t>> {
    if let Some(cells) = cells(text) {
        let [key, printed] = [*cells.first()?, *cells.get(1)?].map(bare);
        let description = cells.get(2).copied().unwrap_or_default();
        let good = !key.is_empty()
            && !key.starts_with("~~")
            && key.len() <= SHORT
            && !key.contains(char::is_whitespace)
            && !printed.is_empty();
        return good.then_some(Row { key, printed, description, known: printed_type::prefix(printed) == Some(printed.len()) });
    }
    // Only a key that is a field's name may contain capitals; any other key ends before the first capital.
    let first_capital = text.find(|c: char| c.is_ascii_uppercase()).filter(|at| is_snake(trim(&text[..*at])))?;
    let capitals = text.char_indices().take(SHORT).filter(|(_, c)| c.is_ascii_uppercase());
    let ends = capitals.map(|(at, _)| at).filter(|at| fields.contains(trim(&text[..*at])));
    let end = ends.max().unwrap_or(first_capital);
    [end, first_capital].into_iter().find_map(|end| known_row(text, end)).or_else(|| unknown_row(text, first_capital))
}

fn known_row(text: &str, end: usize) -> Option<Row<'_>> {
    let (key, rest) = text.split_at(end);
    let length = printed_type::prefix(rest)?;
    let (printed, description) = rest.split_at(length);
    Some(Row { key: trim(key), printed: trim(printed), description: trim(description), known: true })
}

/// An unknown type ends before `See in Fields`, or where a capital follows a lower-case letter.
fn unknown_row(text: &str, end: usize) -> Option<Row<'_>> {
    let (key, rest) = text.split_at(end);
    let cut = match rest.find("See in Field") {
        Some(cut) => cut,
        None => {
            let mut lower = false;
            rest.char_indices().take(SHORT).find_map(|(at, c)| {
                let ends = lower && c.is_uppercase();
                lower = c.is_lowercase() || matches!(c, ')' | ']');
                ends.then_some(at)
            })?
        }
    };
    let (printed, description) = rest.split_at(cut);
    let printed = trim(printed);
    let good = !printed.is_empty() && printed.len() <= SHORT && !printed.contains(['.', ',']);
    good.then_some(Row { key: trim(key), printed, description: trim(description), known: false })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::finding::FileId;
    use crate::published::read::lines::{Source, lines};

    fn read(text: &str, fields: &[&str]) -> Vec<(String, String, bool)> {
        let fields = fields.iter().copied().collect();
        let rows = rows(&lines(Source { file: FileId(0), text }), &fields, "", &mut Unread::default());
        rows.into_iter().map(|row| (row.key.value.clone(), row.printed.value.clone(), row.see_fields())).collect()
    }

    fn is(key: &str, printed: &str, see: bool) -> (String, String, bool) {
        (key.into(), printed.into(), see)
    }

    #[test]
    fn rows_without_separators_are_read() {
        let text = "club_idIntegerSee in Fields\nidsArray[Integer]Ids of them\nwhich go on here\nfirst_atString(ISO 8601 timestamp)Time of it\n\
                    rateMoneySee in Fields\nsumMoneyTotal of it\nwhenTimeTime of it\ngeoCodeStringSee in Fields\n\nA note about iPhone users.\n{";
        assert_eq!(
            read(text, &["club_id", "geoCode"]),
            [
                is("club_id", "Integer", true),
                is("ids", "Array[Integer]", false),
                is("first_at", "String(ISO 8601 timestamp)", false),
                is("rate", "Money", true),
                is("sum", "Money", false),
                is("when", "Time", false),
                is("geoCode", "String", true),
            ]
        );
    }

    #[test]
    fn rows_with_separators_are_read() {
        let text = "---|---|---\nclub_id | Integer | See in Fields\n| ids | Array[Integer] | Ids |";
        assert_eq!(read(text, &[]), [is("club_id", "Integer", true), is("ids", "Array[Integer]", false)]);
    }
}
