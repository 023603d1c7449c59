//! Reads one field's block: its table with type, filterability and third column, then the values and metrics in its prose. A cell is
//! blank, understood, or a finding.

use placewise_model::Filterability;

use super::ledger::Unread;
use super::lines::{Line, bare, one_space, trim};
use super::listed_values::read_prose;
use super::page::{At, PublishedField};
use super::printed_type::{self, PrintedType};
use super::table::{FieldHeader, cells, field_header, is_rule, leading_icon, yes_or_no};
use crate::finding::Place;

/// A longer text is prose, not an unknown type or a header's name.
const SHORT: usize = 64;

/// Reads the block of a field. `owner` is the field's fact.
pub(super) fn field(lines: &[Line<'_>], name: Option<At<String>>, place: Place, owner: &str, out: &mut Unread) -> PublishedField {
    let mut field = PublishedField {
        name,
        place,
        printed: None,
        filterable: None,
        column: None,
        cell: None,
        unread: Vec::new(),
        values: Vec::new(),
        metrics: Vec::new(),
        open: false,
    };
    let mut prose = 0;
    let header = lines.iter().enumerate().find_map(|(index, line)| Some((index, line, field_header(line.text)?)));
    if let Some((index, line, header)) = header {
        line.claim();
        field.column = header.third.map(|title| line.fact(title, one_space(title)));
        let rows = lines.iter().enumerate().skip(index + 1);
        rows.clone().filter(|(_, line)| is_rule(line.text)).for_each(|(_, line)| line.claim());
        let row = rows.clone().find(|(_, line)| !line.blank() && !is_rule(line.text));
        prose = row.map_or(lines.len(), |(index, _)| index + 1);
        if let Some((_, line)) = row
            && !type_row(line, &header, &mut field, owner, out)
        {
            line.claim();
            field.unread.push("type");
            out.cell(line.place(), &format!("{owner}/type"), "cannot read the type of the field");
        }
    }
    let ty = field.printed.as_ref().map_or(PrintedType::Unknown, |printed| PrintedType::parse(&printed.value));
    read_prose(&lines[prose..], &ty, &mut field);
    field
}

/// Reads a row such as `Integer (via X-Customer header)`. Returns whether the line is such a row.
fn type_row(line: &Line<'_>, header: &FieldHeader<'_>, field: &mut PublishedField, owner: &str, out: &mut Unread) -> bool {
    let Some((printed, rest)) = split(line.text, header) else { return false };
    if !printed.starts_with(|c: char| c.is_uppercase()) {
        return false;
    }
    line.claim();
    let mark = printed.find("[^").or_else(|| printed.find(['¹', '²', '³', '⁴', '†', '‡']));
    let (printed, mark) = printed.split_at(mark.unwrap_or(printed.len()));
    let printed = trim(printed);
    if !mark.is_empty() {
        out.cell(line.place_of(mark), owner, "this cell has a footnote");
    }
    field.printed = Some(line.fact(printed, one_space(printed)));
    let mut unread = |fact: &'static str, part: &str, what: &str| {
        field.unread.push(fact);
        out.cell(line.place_of(part), &format!("{owner}/{fact}"), what);
    };
    if let Some(cell) = rest[0] {
        match filter_cell(cell) {
            Some(value) => field.filterable = Some(line.fact(cell, value)),
            None => unread("filterable", cell, "cannot read the `Filterable` cell"),
        }
    }
    if let Some(cell) = rest[1] {
        match yes_or_no(cell) {
            Some(yes) => field.cell = Some(line.fact(cell, yes)),
            None => unread("column", cell, "cannot read the cell of the third column"),
        }
    }
    // The finding of an unknown column speaks for its cells.
    if let Some(more) = rest[2].filter(|_| header.more.is_empty()) {
        out.cell(line.place_of(more), owner, "cannot tell to which column this text belongs");
        field.unread.extend(["filterable", "column"]);
    }
    true
}

/// The type, then the cells of the second and third column and what follows them, each if it is not blank.
fn split<'t>(text: &'t str, header: &FieldHeader<'_>) -> Option<(&'t str, [Option<&'t str>; 3])> {
    let full = |cell: &'t str| (!cell.is_empty()).then_some(cell);
    if let Some(cells) = cells(text) {
        let cell = |index: usize| cells.get(index).copied().and_then(full);
        let more = cells.get(3..).and_then(|more| more.iter().copied().find_map(full));
        let third = cell(2);
        // Without a third column, a third cell belongs nowhere.
        let [third, more] = if header.third.is_some() { [third, more] } else { [None, third.or(more)] };
        return Some((bare(cell(0)?), [cell(1), third, more]));
    }
    if let Some(end) = printed_type::prefix(text) {
        let (printed, rest) = text.split_at(end);
        let rest = trim(rest);
        // `Time of the visit.` is prose.
        if rest.starts_with(char::is_lowercase) && leading_icon(rest).is_none() && header_cell(rest).is_none() {
            return None;
        }
        return Some((printed, glued_cells(rest, header)));
    }
    // An unknown type, with or without further cells.
    let end = text.find(|c: char| !c.is_alphanumeric()).unwrap_or(text.len());
    let (word, rest) = (&text[..end], trim(&text[end..]));
    if looks_like_type(text) {
        return Some((text, [None; 3]));
    }
    let known = leading_icon(rest).is_some() || header_cell(rest).is_some();
    (known && looks_like_type(word)).then(|| (word, glued_cells(rest, header)))
}

/// Whether a line can be an unknown type and not prose.
fn looks_like_type(text: &str) -> bool {
    let word = text.split(['(', '[', '<']).next().unwrap_or_default();
    text.len() <= SHORT && !text.ends_with('.') && !word.is_empty() && word.trim_end().chars().all(char::is_alphanumeric)
}

/// The cells after a type in a row without separators.
fn glued_cells<'t>(rest: &'t str, header: &FieldHeader<'_>) -> [Option<&'t str>; 3] {
    let full = |cell: &'t str| (!cell.is_empty()).then_some(cell);
    let (first, after) = match header_cell(rest).or(leading_icon(rest).map(|(length, _)| length)) {
        Some(length) => rest.split_at(length),
        // Whatever it is, it is the first cell with text.
        None => return [full(rest), None, None],
    };
    let after = trim(after);
    if header.third.is_none() {
        return [Some(first), None, full(after)];
    }
    match leading_icon(after) {
        Some((length, _)) => [Some(first), Some(&after[..length]), full(trim(&after[length..]))],
        // One icon alone may be the second or the third cell.
        None if after.is_empty() && leading_icon(first).is_some() => [None, None, Some(first)],
        None => [Some(first), full(after), None],
    }
}

/// The length of a leading `(via X-Customer header)`, with or without brackets.
fn header_cell(text: &str) -> Option<usize> {
    let lower = text.get(..5)?.to_ascii_lowercase();
    if lower.starts_with('(') {
        return printed_type::header_note(text);
    }
    lower.starts_with("via ").then(|| text.to_ascii_lowercase().find("header").map_or(text.len(), |at| at + "header".len()))
}

fn filter_cell(cell: &str) -> Option<Filterability> {
    let cell = match leading_icon(cell) {
        // `✅ (via X-Customer header)`
        Some((length, true)) if trim(&cell[length..]).starts_with('(') => trim(&cell[length..]),
        _ => cell,
    };
    if let Some(yes) = yes_or_no(cell) {
        return Some(if yes { Filterability::Yes } else { Filterability::No });
    }
    let inner = cell.strip_prefix('(').and_then(|rest| rest.strip_suffix(')')).unwrap_or(cell);
    let mut words = inner.split_whitespace().map(|word| word.trim_matches('`'));
    let via = words.next()?.eq_ignore_ascii_case("via");
    let names: Vec<&str> = words.filter(|word| !["header", "the"].contains(&word.to_ascii_lowercase().as_str())).collect();
    let [name] = names[..] else { return None };
    let plain = name.len() <= SHORT && name.contains('-') && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '-');
    (via && plain).then(|| Filterability::Header(name.to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::finding::FileId;
    use crate::published::read::lines::{Source, lines};

    fn read(text: &str) -> PublishedField {
        let lines = lines(Source { file: FileId(0), text });
        field(&lines, None, Place { file: FileId(0), span: 0..0 }, "f", &mut Unread::default())
    }

    fn values(text: &str) -> Vec<String> {
        read(text).values.into_iter().map(|value| value.value).collect()
    }

    #[test]
    fn listed_values_are_read_in_every_form() {
        let intro = "This field is an enum, possible values are:";
        assert_eq!(
            values(&format!("TypeFilterable\nString\nWords.\n{intro}\nsms\nemail\npush\nMore prose follows here.")),
            ["sms", "email", "push"]
        );
        assert_eq!(values(&format!("TypeFilterable\nEnum\n{intro}\n\n\"-14\", \"15-19\", “80-”\n")), ["-14", "15-19", "80-"]);
        assert_eq!(values(&format!("TypeFilterable\nEnum\n{intro} \"a\", \"b c\" and \"d\".")), ["a", "b c", "d"]);
        assert_eq!(
            values(&format!("TypeFilterable\nString\n{intro}\nin - those who came\nout - those who went\n")),
            ["in", "out"]
        );
        assert_eq!(values(&format!("TypeFilterable\nString\n{intro}\n• in\n• on hold\n\nThat is all.")), ["in", "on hold"]);
    }

    #[test]
    fn values_are_read_without_an_introduction() {
        assert_eq!(values("TypeFilterable\nEnum\nDirection.\nin - those who came\nout - those who went"), ["in", "out"]);
        assert_eq!(values("TypeFilterable\nEnum\n\"a\", \"b\""), ["a", "b"]);
        assert_eq!(values("TypeFilterable\nInteger\nA number - of things."), [""; 0]);
        assert_eq!(values("TypeFilterable\nInteger\nThis field is an enum, possible values are:\n1\n2"), ["1", "2"]);
    }

    #[test]
    fn cells_of_the_type_row_are_read() {
        let field = read("TypeFilterableReadonly\nInteger (via X-Customer header)Yes\nText.");
        assert_eq!(field.printed.unwrap().value, "Integer");
        assert_eq!(field.filterable.unwrap().value, Filterability::Header("X-Customer".into()));
        assert_eq!(field.cell.map(|cell| cell.value), Some(true));
        let field = read("Type | Filterable | Readonly\n---|---|---\nObject (key: name, value: boolean) | No | |\n");
        assert_eq!(field.printed.unwrap().value, "Object (key: name, value: boolean)");
        assert_eq!(field.filterable.unwrap().value, Filterability::No);
        assert_eq!(read("TypeFilterable\nMoney\nText.").printed.unwrap().value, "Money");
        assert!(read("TypeFilterable\nTime when it began.\n").printed.is_none());
    }

    #[test]
    fn a_cell_is_understood_or_unread() {
        let cells = |row: &str| {
            let field = read(&format!("TypeFilterableReadonly\n{row}\nText."));
            let filterable = field.filterable.map(|cell| cell.value);
            (field.printed.map(|printed| printed.value), filterable, field.cell.map(|cell| cell.value), field.unread)
        };
        let integer = || Some("Integer".to_owned());
        let header = || Some(Filterability::Header("X-Customer".into()));
        assert_eq!(cells("Integer"), (integer(), None, None, vec![]));
        assert_eq!(cells("Integer☑YES"), (integer(), Some(Filterability::Yes), Some(true), vec![]));
        assert_eq!(cells("Integer | true | ✗"), (integer(), Some(Filterability::Yes), Some(false), vec![]));
        assert_eq!(cells("Integer (Via X-Customer)✅"), (integer(), header(), Some(true), vec![]));
        assert_eq!(cells("Integer | via header `X-Customer` |"), (integer(), header(), None, vec![]));
        assert_eq!(cells("Money✅❌"), (Some("Money".into()), Some(Filterability::Yes), Some(false), vec![]));
        assert_eq!(cells("Integer (via X-Customer or X-Loyalty-Club-Slug header)"), (integer(), None, None, vec!["filterable"]));
        assert_eq!(cells("Integer | sometimes | soon"), (integer(), None, None, vec!["filterable", "column"]));
        assert_eq!(cells("Integer | | ✅ | more").3, ["filterable", "column"]);
        // One icon for two cells without separators.
        assert_eq!(cells("Integer✅"), (integer(), None, None, vec!["filterable", "column"]));
        assert_eq!(read("TypeFilterable\nInteger✅").filterable.map(|cell| cell.value), Some(Filterability::Yes));
    }

    #[test]
    fn metrics_of_an_object_are_read() {
        let field = read(
            "TypeFilterable\nObject\nFollowing metrics:\nsent - number sent\nopen_rate - Open Rate percentage\nNote - this is prose",
        );
        let metrics: Vec<_> = field.metrics.iter().map(|metric| (metric.name.value.as_str(), metric.share)).collect();
        assert_eq!(metrics, [("sent", false), ("open_rate", true)]);
    }
}
