//! Reads one field's block: its table with type, filterability and third column, then the values and metrics in its prose.

use placewise_model::Filterability;

use super::lines::{Line, cells, is_rule, one_space, trim};
use super::listed_values::read_prose;
use super::page::{At, PublishedField};
use super::printed_type::{self, PrintedType};
use super::title::field_header;
use crate::finding::{FileId, Finding, Place};

/// A longer text is prose, not an unknown type or a header's name.
const SHORT: usize = 64;

/// Reads the block of a field.
pub(super) fn field(
    file: FileId,
    lines: &[Line<'_>],
    name: Option<At<String>>,
    place: Place,
    out: &mut Vec<Finding>,
) -> PublishedField {
    let mut field = PublishedField {
        name,
        place,
        printed: None,
        filterable: None,
        column: None,
        cell: None,
        values: Vec::new(),
        metrics: Vec::new(),
        open: false,
    };
    let mut unread = false;
    let mut rows = lines.iter().enumerate().filter(|(_, line)| !line.blank() && !is_rule(line.text));
    let mut prose = 0;
    let header = rows.next().and_then(|(index, line)| Some((index, line, field_header(line.text)?)));
    if let Some((index, line, title)) = header {
        prose = index + 1;
        field.column = title.map(|title| line.fact(file, title, title.to_owned()));
        if let Some((index, line)) = rows.next() {
            unread = !type_row(file, line, &mut field);
            prose = if unread { prose } else { index + 1 };
        }
    } else {
        unread = lines.iter().any(|line| !line.blank());
    }
    if unread {
        let what = field.name.as_ref().map_or_else(|| "a field".to_owned(), |name| format!("the field `{}`", name.value));
        out.push(
            Finding::warning("page-type-unreadable", format!("cannot read the type of {what}"))
                .at(field.place.clone())
                .help("add the type by hand"),
        );
    }
    let ty = field.printed.as_ref().map_or(PrintedType::Unknown, |printed| PrintedType::parse(&printed.value));
    read_prose(file, &lines[prose..], &ty, &mut field);
    field
}

/// Reads a row such as `Integer (via X-Customer header)`. Returns whether the line is such a row.
fn type_row(file: FileId, line: &Line<'_>, field: &mut PublishedField) -> bool {
    let (printed, rest) = match cells(line.text) {
        Some(cells) => {
            let printed = cells.first().copied().unwrap_or_default();
            (printed, [cells.get(1).copied().unwrap_or_default(), cells.get(2).copied().unwrap_or_default()])
        }
        None => match printed_type::prefix(line.text) {
            Some(end) => {
                let (printed, rest) = line.text.split_at(end);
                match glued_cells(trim(rest)) {
                    Some(cells) => (printed, cells),
                    None if looks_like_type(line.text) => (line.text, ["", ""]),
                    None => return false,
                }
            }
            // An unknown type, with or without the cell that names a header.
            None => match line.text.find("(via ") {
                Some(at) if looks_like_type(trim(&line.text[..at])) => (trim(&line.text[..at]), [trim(&line.text[at..]), ""]),
                _ if looks_like_type(line.text) => (line.text, ["", ""]),
                _ => return false,
            },
        },
    };
    if printed.is_empty() || !printed.starts_with(|c: char| c.is_uppercase()) {
        return false;
    }
    field.printed = Some(line.fact(file, printed, one_space(printed)));
    field.filterable = filter_cell(rest[0]).map(|cell| line.fact(file, rest[0], cell));
    field.cell = yes_or_no(rest[1]).map(|cell| line.fact(file, rest[1], cell));
    true
}

/// Whether a line can be an unknown type and not prose.
fn looks_like_type(text: &str) -> bool {
    let word = text.split(['(', '[', '<']).next().unwrap_or_default();
    text.len() <= SHORT && !text.ends_with('.') && !word.is_empty() && word.trim_end().chars().all(char::is_alphanumeric)
}

/// The two cells after a type in a row without separators, or `None` if the text is something else.
fn glued_cells(rest: &str) -> Option<[&str; 2]> {
    if rest.is_empty() {
        return Some(["", ""]);
    }
    let first = if rest.starts_with("(via ") {
        rest.find(')').map(|end| end + 1)?
    } else {
        YES_NO.iter().find(|(word, _)| rest.starts_with(word)).map(|(word, _)| word.len())?
    };
    let (first, second) = rest.split_at(first);
    let second = trim(second);
    (second.is_empty() || yes_or_no(second).is_some()).then_some([first, second])
}

fn filter_cell(cell: &str) -> Option<Filterability> {
    if let Some(inner) = cell.strip_prefix("(via ").and_then(|rest| rest.strip_suffix(')')) {
        let header = inner.trim().trim_end_matches("header").trim().trim_matches('`');
        let plain = !header.is_empty() && header.len() <= SHORT && header.chars().all(|c| c.is_ascii_alphanumeric() || c == '-');
        return plain.then(|| Filterability::Header(header.to_owned()));
    }
    yes_or_no(cell).map(|yes| if yes { Filterability::Yes } else { Filterability::No })
}

/// How pages print yes and no.
const YES_NO: [(&str, bool); 14] = [
    ("Yes", true),
    ("yes", true),
    ("True", true),
    ("true", true),
    ("✓", true),
    ("✔", true),
    ("✅", true),
    ("No", false),
    ("no", false),
    ("False", false),
    ("false", false),
    ("✗", false),
    ("✘", false),
    ("❌", false),
];

fn yes_or_no(cell: &str) -> Option<bool> {
    // A variation selector may follow an icon.
    let cell = cell.trim_end_matches('\u{fe0f}');
    YES_NO.iter().find(|(word, _)| *word == cell).map(|(_, yes)| *yes)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::published::read::lines::lines;

    fn read(text: &str) -> PublishedField {
        let lines = lines(text);
        field(FileId(0), &lines, None, Place { file: FileId(0), span: 0..0 }, &mut Vec::new())
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
    fn metrics_of_an_object_are_read() {
        let field = read(
            "TypeFilterable\nObject\nFollowing metrics:\nsent - number sent\nopen_rate - Open Rate percentage\nNote - this is prose",
        );
        let metrics: Vec<_> = field.metrics.iter().map(|metric| (metric.name.value.as_str(), metric.share)).collect();
        assert_eq!(metrics, [("sent", false), ("open_rate", true)]);
    }
}
