//! Parses printed types, such as `Array[Integer]`, `String(ISO 8601 timestamp)` or `Object (key: consent name, value: boolean)`.

use super::lines::{is_space, trim};

/// The words that pages use for types.
const WORDS: [(&str, PrintedType); 22] = [
    ("Integer", PrintedType::Integer),
    ("Int", PrintedType::Integer),
    ("Number", PrintedType::Number),
    ("Float", PrintedType::Number),
    ("Decimal", PrintedType::Number),
    ("Double", PrintedType::Number),
    ("String", PrintedType::String),
    ("Text", PrintedType::String),
    ("UUID", PrintedType::String),
    ("Boolean", PrintedType::Boolean),
    ("Bool", PrintedType::Boolean),
    ("Timestamp", PrintedType::Timestamp),
    ("DateTime", PrintedType::Timestamp),
    ("Datetime", PrintedType::Timestamp),
    ("Time", PrintedType::Timestamp),
    ("Date", PrintedType::Date),
    ("Enum", PrintedType::Enum),
    ("Array", PrintedType::Json),
    ("Object", PrintedType::Object),
    ("Hash", PrintedType::Object),
    ("JSON", PrintedType::Json),
    ("Json", PrintedType::Json),
];

/// Types nested deeper than this are not read.
const DEPTH: usize = 6;

/// A parsed type.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum PrintedType {
    Integer,
    Number,
    String,
    Boolean,
    Timestamp,
    Date,
    Enum,
    Array(Box<PrintedType>),
    /// An object; prose and examples of the page may name its keys.
    Object,
    /// An object whose keys are data.
    Dynamic,
    /// An object whose keys are data and whose values have one type.
    Map(Box<PrintedType>),
    Json,
    /// A word that no known page uses.
    Unknown,
}

impl PrintedType {
    /// The spec's word for it; an object with unknown keys is `json`.
    pub fn word(&self) -> String {
        match self {
            Self::Integer => "integer".into(),
            Self::Number => "number".into(),
            Self::String => "string".into(),
            Self::Boolean => "boolean".into(),
            Self::Timestamp => "timestamp".into(),
            Self::Date => "date".into(),
            Self::Enum => "enum".into(),
            Self::Array(of) => format!("array[{}]", of.word()),
            Self::Map(of) => format!("map[string]{}", of.word()),
            Self::Object | Self::Dynamic | Self::Json | Self::Unknown => "json".into(),
        }
    }

    /// The type inside any arrays and maps.
    pub fn innermost(&self) -> &Self {
        match self {
            Self::Array(of) | Self::Map(of) => of.innermost(),
            other => other,
        }
    }

    /// Parses a whole printed type.
    pub fn parse(printed: &str) -> Self {
        parse_at(trim(printed), 0)
    }
}

/// Whether two printed types are equal except for white space, in which captures differ.
pub(crate) fn same_print(a: &str, b: &str) -> bool {
    let dense = |text: &str| text.chars().filter(|c| !is_space(*c)).collect::<String>();
    dense(a) == dense(b)
}

fn parse_at(printed: &str, depth: usize) -> PrintedType {
    let Some((_, ty)) = words(printed).into_iter().next() else { return PrintedType::Unknown };
    let length = word_length(printed);
    let rest = trim(&printed[length..]);
    let inner = rest.strip_prefix('[').and_then(|inner| inner.strip_suffix(']'));
    let qualifier = rest.strip_prefix('(').and_then(|inner| inner.strip_suffix(')')).map(str::to_ascii_lowercase);
    if printed.starts_with("Array") {
        let of = match inner {
            Some(inner) if depth < DEPTH => parse_at(trim(inner), depth + 1),
            _ => PrintedType::Json,
        };
        return PrintedType::Array(Box::new(of));
    }
    match (ty, qualifier.as_deref()) {
        (PrintedType::String, Some(text)) if text.contains("8601") || text.contains("timestamp") => {
            if text.contains("date") && !text.contains("time") { PrintedType::Date } else { PrintedType::Timestamp }
        }
        (PrintedType::Object, Some("dynamic")) => PrintedType::Dynamic,
        (PrintedType::Object, Some(text)) => match text.rsplit_once("value:") {
            Some((_, value)) => PrintedType::Map(Box::new(lower_type(trim(value)))),
            None => PrintedType::Object,
        },
        (ty, _) if rest.is_empty() || qualifier.is_some() => ty,
        _ => PrintedType::Unknown,
    }
}

/// The type that a word inside a qualifier names: `value: boolean`.
fn lower_type(word: &str) -> PrintedType {
    WORDS.iter().find(|(known, _)| known.eq_ignore_ascii_case(word)).map_or(PrintedType::Json, |(_, ty)| match ty {
        PrintedType::Enum => PrintedType::String,
        PrintedType::Object => PrintedType::Json,
        ty => ty.clone(),
    })
}

/// The known words at the start of a text, longest first, each with its length and type.
fn words(text: &str) -> Vec<(usize, PrintedType)> {
    let ends = |rest: &str| !rest.starts_with(|c: char| c.is_lowercase() || c.is_ascii_digit() || c == '_');
    let mut found: Vec<(usize, PrintedType)> = WORDS
        .iter()
        .filter(|(word, _)| text.strip_prefix(word).is_some_and(ends))
        .map(|(word, ty)| (word.len(), ty.clone()))
        .collect();
    found.sort_by_key(|(length, _)| std::cmp::Reverse(*length));
    found
}

/// The length of the known word at the start. `DateTime of ...` is a `Date` with a description that starts `Time of`.
fn word_length(text: &str) -> usize {
    let found = words(text);
    let lowercase_follows = |length: usize| trim(&text[length..]).starts_with(char::is_lowercase);
    let best = found.iter().find(|(length, _)| !lowercase_follows(*length)).or(found.first());
    best.map_or(0, |(length, _)| *length)
}

/// The length in bytes of the known type at the start of a text.
pub(super) fn prefix(text: &str) -> Option<usize> {
    prefix_at(text, 0)
}

fn prefix_at(text: &str, depth: usize) -> Option<usize> {
    let mut end = word_length(text);
    if end == 0 || depth > DEPTH {
        return None;
    }
    if text[end..].starts_with('[') {
        end += balanced(&text[end..], '[', ']')?;
    }
    let gap = text[end..].len() - text[end..].trim_start_matches(is_space).len();
    let rest = &text[end + gap..];
    if header_note(rest).is_none()
        && rest.starts_with('(')
        && let Some(length) = balanced(rest, '(', ')')
    {
        end += gap + length;
    }
    Some(end)
}

/// The length of a leading `(via X-Customer header)`, which belongs to the cell after the type.
pub(super) fn header_note(text: &str) -> Option<usize> {
    let length = balanced(text, '(', ')').filter(|_| text.starts_with('('))?;
    let lower = text[..length].to_ascii_lowercase();
    (lower.starts_with("(via ") || lower.contains("header")).then_some(length)
}

/// The length of a bracketed part at the start, including brackets.
fn balanced(text: &str, open: char, close: char) -> Option<usize> {
    let mut depth = 0usize;
    for (at, c) in text.char_indices().take(256) {
        if c == open {
            depth += 1;
        } else if c == close {
            depth = depth.saturating_sub(1);
            if depth == 0 {
                return Some(at + close.len_utf8());
            }
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn types_end_where_the_next_cell_begins() {
        for (row, printed) in [
            ("IntegerSee in Fields", "Integer"),
            ("Array[Integer]Internal ids", "Array[Integer]"),
            ("String(ISO 8601 timestamp)Time of it", "String(ISO 8601 timestamp)"),
            ("String (ISO 3166-1 alpha-2)Country", "String (ISO 3166-1 alpha-2)"),
            ("Integer (via X-Customer header)", "Integer"),
            ("DateTime of the first", "Date"),
            ("DateTimeWhen it was", "DateTime"),
            ("NumberNumber of visits", "Number"),
            ("TimeTime of visit", "Time"),
            ("Object(key: consent name, value: boolean)See", "Object(key: consent name, value: boolean)"),
        ] {
            assert_eq!(prefix(row).map(|end| &row[..end]), Some(printed), "{row}");
        }
        assert_eq!(prefix("Stringent rules"), None);
        assert_eq!(prefix("Money"), None);
    }

    #[test]
    fn types_become_words_of_the_spec() {
        assert_eq!(PrintedType::parse("Array[String]").word(), "array[string]");
        assert_eq!(PrintedType::parse("Object (key: consent name, value: boolean)").word(), "map[string]boolean");
        assert_eq!(PrintedType::parse("String (ISO 3166-1 alpha-2)").word(), "string");
        assert_eq!(PrintedType::parse("String(ISO 8601 date)").word(), "date");
        assert_eq!(PrintedType::parse("Time").word(), "timestamp");
        assert_eq!(PrintedType::parse("Object(dynamic)"), PrintedType::Dynamic);
        assert_eq!(PrintedType::parse("Money"), PrintedType::Unknown);
    }
}
