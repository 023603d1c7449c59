//! Reads one field's block: type, filterability, third column, listed values, named metrics. In: the lines under its heading;
//! out: the facts, and findings on what could not be read.

use super::lines::{Line, cells, is_rule, is_snake, trim, unbullet};
use super::title::field_header;
use super::types::{self, Kind};
use super::{At, FilterCell, Metric, PageField};
use crate::finding::{FileId, Finding, Place};

/// Longest value or unknown type that is believed.
const SHORT: usize = 64;

/// Reads the block of a field.
pub(super) fn field(
    file: FileId,
    lines: &[Line<'_>],
    name: Option<At<String>>,
    place: Place,
    out: &mut Vec<Finding>,
) -> PageField {
    let mut field = PageField {
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
        field.column = title.map(|title| fact(file, line, title, title.to_owned()));
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
            Finding::warning("page-type-unreadable", format!("the type of {what} cannot be read"))
                .at(field.place.clone())
                .help("fill in the type by hand"),
        );
    }
    let kind = field.printed.as_ref().map_or(Kind::Unknown, |printed| types::kind(&printed.value));
    read_prose(file, &lines[prose..], &kind, &mut field);
    field
}

fn fact<T>(file: FileId, line: &Line<'_>, part: &str, value: T) -> At<T> {
    At { value, place: Place { file, span: line.span_of(part) }, line: line.number }
}

/// Reads `Integer (via X-Customer header)` and the like; tells whether the line is such a row.
fn type_row(file: FileId, line: &Line<'_>, field: &mut PageField) -> bool {
    let (printed, rest) = match cells(line.text) {
        Some(cells) => {
            let printed = cells.first().copied().unwrap_or_default();
            (printed, [cells.get(1).copied().unwrap_or_default(), cells.get(2).copied().unwrap_or_default()])
        }
        None => match types::prefix(line.text) {
            Some(end) => {
                let (printed, rest) = line.text.split_at(end);
                match glued_cells(trim(rest)) {
                    Some(cells) => (printed, cells),
                    None if looks_like_type(line.text) => (line.text, ["", ""]),
                    None => return false,
                }
            }
            // A type that pages were not seen to use, with or without the header's cell behind it.
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
    field.printed = Some(fact(file, line, printed, one_space(printed)));
    field.filterable = filter_cell(rest[0]).map(|cell| fact(file, line, rest[0], cell));
    field.cell = yes_or_no(rest[1]).map(|cell| fact(file, line, rest[1], cell));
    true
}

/// A type may be printed with any space in it.
fn one_space(printed: &str) -> String {
    printed.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Whether a line can be an unknown type rather than prose.
fn looks_like_type(text: &str) -> bool {
    let word = text.split(['(', '[', '<']).next().unwrap_or_default();
    text.len() <= SHORT && !text.ends_with('.') && !word.is_empty() && word.trim_end().chars().all(char::is_alphanumeric)
}

/// The cells behind a type where separators were lost; none where the text behind it is no cell.
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

fn filter_cell(cell: &str) -> Option<FilterCell> {
    if let Some(inner) = cell.strip_prefix("(via ").and_then(|rest| rest.strip_suffix(')')) {
        let header = inner.trim().trim_end_matches("header").trim().trim_matches('`');
        let plain = !header.is_empty() && header.len() <= SHORT && header.chars().all(|c| c.is_ascii_alphanumeric() || c == '-');
        return plain.then(|| FilterCell::Header(header.to_owned()));
    }
    yes_or_no(cell).map(|yes| if yes { FilterCell::Yes } else { FilterCell::No })
}

/// Ways to write yes and no.
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
    // Icons may be followed by a selector of their look.
    let cell = cell.trim_end_matches('\u{fe0f}');
    YES_NO.iter().find(|(word, _)| *word == cell).map(|(_, yes)| *yes)
}

/// Reads listed values and named metrics out of a field's prose.
fn read_prose(file: FileId, lines: &[Line<'_>], kind: &Kind, field: &mut PageField) {
    let of_values = matches!(innermost(kind), Kind::Enum | Kind::String);
    let mut listing = Listing::No;
    let mut blank = false;
    // Without a sentence that announces values one such line may be prose.
    let explained_values = lines.iter().filter(|line| explained(line.text).is_some()).count() > 1;
    for line in lines {
        if line.blank() {
            blank = true;
            continue;
        }
        let after_blank = std::mem::take(&mut blank);
        if of_values && let Some(inline) = values_intro(line.text) {
            listing = Listing::Due;
            for value in list_of_words(inline).unwrap_or_default() {
                add_value(file, line, value, field);
                listing = Listing::Open;
            }
            continue;
        }
        if of_values {
            let words = match listing {
                Listing::No if is_quoted_list(line.text) => list_of_words(line.text),
                Listing::No if *innermost(kind) == Kind::Enum && explained_values => explained(line.text).map(|word| vec![word]),
                Listing::No => None,
                Listing::Open if after_blank => list_of_words(line.text),
                Listing::Due | Listing::Open => list_of_words(line.text).or_else(|| phrase(line.text).map(|text| vec![text])),
            };
            match words {
                Some(words) => {
                    for word in words {
                        add_value(file, line, word, field);
                    }
                    listing = if listing == Listing::No { Listing::No } else { Listing::Open };
                }
                None => listing = Listing::No,
            }
        } else if matches!(innermost(kind), Kind::Object | Kind::Dynamic)
            && let Some(word) = explained(line.text).filter(|word| is_snake(word))
            && field.metrics.iter().all(|metric| metric.name.value != word)
        {
            let lower = line.text.to_lowercase();
            let share = word.ends_with("_rate") || ["percent", "rate", "ratio", "%"].iter().any(|mark| lower.contains(mark));
            field.metrics.push(Metric { name: fact(file, line, word, word.to_owned()), share });
        }
    }
}

/// Where the reading of a field's values is.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Listing {
    No,
    /// The sentence before the list was read.
    Due,
    /// A value was read.
    Open,
}

fn innermost(kind: &Kind) -> &Kind {
    match kind {
        Kind::Array(of) | Kind::Map(of) => innermost(of),
        other => other,
    }
}

fn add_value(file: FileId, line: &Line<'_>, value: &str, field: &mut PageField) {
    if field.values.iter().all(|known| known.value != value) {
        field.values.push(fact(file, line, value, value.to_owned()));
    }
}

/// `This field is an enum, possible values are:`; what follows the colon on the same line.
fn values_intro(text: &str) -> Option<&str> {
    let (intro, rest) = text.split_once(':')?;
    let lower = intro.to_lowercase();
    let speaks = lower.contains("values") || lower.contains("one of") || lower.contains("enum");
    (speaks && intro.len() <= 120).then_some(trim(rest))
}

const QUOTES: [char; 8] = ['"', '“', '”', '„', '`', '\'', '‘', '’'];

fn unquote(text: &str) -> &str {
    trim(text).trim_matches(QUOTES)
}

fn is_quoted_list(text: &str) -> bool {
    let text = unbullet(text);
    text.starts_with(QUOTES) && text.contains(',') && list_of_words(text).is_some_and(|words| words.len() > 1)
}

/// Values on one line: one word, `word - explanation`, or several between commas, quoted or not.
fn list_of_words(text: &str) -> Option<Vec<&str>> {
    let text = unbullet(text);
    if let Some(word) = explained(text) {
        return Some(vec![word]);
    }
    let sentence = text.ends_with('.');
    let text = text.trim_end_matches('.');
    if text.starts_with(QUOTES) {
        return quoted_words(text);
    }
    if sentence && !text.contains(',') {
        return None;
    }
    let mut words = Vec::new();
    for part in text.split([',', ';']).map(trim).filter(|part| !part.is_empty()) {
        let word = ["and ", "or "].iter().find_map(|joint| part.strip_prefix(joint)).unwrap_or(part);
        if word.len() > SHORT || word.contains(char::is_whitespace) || word.contains(QUOTES) || word.ends_with(':') {
            return None;
        }
        words.push(word);
    }
    (!words.is_empty()).then_some(words)
}

/// `"a", "b" and "c d"`.
fn quoted_words(text: &str) -> Option<Vec<&str>> {
    let mut words = Vec::new();
    let mut rest = text;
    while !rest.is_empty() {
        let inner = rest.strip_prefix(QUOTES)?;
        let end = inner.find(QUOTES)?;
        let word = &inner[..end];
        if word.is_empty() || word.len() > SHORT {
            return None;
        }
        words.push(word);
        let after = inner[end..].trim_start_matches(QUOTES).trim_start_matches([',', ';', ' ']);
        rest = ["and ", "or "].iter().find_map(|joint| after.strip_prefix(joint)).unwrap_or(after);
    }
    (!words.is_empty()).then_some(words)
}

/// The word of `word - explanation`.
fn explained(text: &str) -> Option<&str> {
    let text = unbullet(text);
    let at = [" - ", " – ", " — "].iter().filter_map(|dash| text.find(dash)).min()?;
    let word = unquote(&text[..at]);
    let plain = !word.is_empty() && word.len() <= SHORT && !word.contains(char::is_whitespace);
    plain.then_some(word)
}

/// A value of two or three words directly under the sentence that announces values.
fn phrase(text: &str) -> Option<&str> {
    let text = unbullet(text);
    let words = text.split_whitespace().count();
    let plain = words <= 3 && text.len() <= SHORT && !text.ends_with(['.', ':', '!', '?', ',']) && !text.contains(QUOTES);
    (plain && text.starts_with(|c: char| c.is_lowercase() || c.is_ascii_digit())).then_some(text)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::page::lines::lines;

    fn read(text: &str) -> PageField {
        let lines = lines(text);
        field(FileId(0), &lines, None, Place { file: FileId(0), span: 0..0 }, &mut Vec::new())
    }

    fn values(text: &str) -> Vec<String> {
        read(text).values.into_iter().map(|value| value.value).collect()
    }

    #[test]
    fn values_in_every_form() {
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
    fn values_without_a_sentence() {
        assert_eq!(values("TypeFilterable\nEnum\nDirection.\nin - those who came\nout - those who went"), ["in", "out"]);
        assert_eq!(values("TypeFilterable\nEnum\n\"a\", \"b\""), ["a", "b"]);
        assert_eq!(values("TypeFilterable\nInteger\nA number - of things."), [""; 0]);
    }

    #[test]
    fn cells_of_the_type_row() {
        let field = read("TypeFilterableReadonly\nInteger (via X-Customer header)Yes\nText.");
        assert_eq!(field.printed.unwrap().value, "Integer");
        assert_eq!(field.filterable.unwrap().value, FilterCell::Header("X-Customer".into()));
        assert_eq!(field.cell.map(|cell| cell.value), Some(true));
        let field = read("Type | Filterable | Readonly\n---|---|---\nObject (key: name, value: boolean) | No | |\n");
        assert_eq!(field.printed.unwrap().value, "Object (key: name, value: boolean)");
        assert_eq!(field.filterable.unwrap().value, FilterCell::No);
        assert_eq!(read("TypeFilterable\nMoney\nText.").printed.unwrap().value, "Money");
        assert!(read("TypeFilterable\nTime when it began.\n").printed.is_none());
    }

    #[test]
    fn metrics_of_an_object() {
        let field = read(
            "TypeFilterable\nObject\nFollowing metrics:\nsent - number sent\nopen_rate - Open Rate percentage\nNote - this is prose",
        );
        let metrics: Vec<_> = field.metrics.iter().map(|metric| (metric.name.value.as_str(), metric.share)).collect();
        assert_eq!(metrics, [("sent", false), ("open_rate", true)]);
    }
}
