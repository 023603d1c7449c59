//! The grammar of printed types (`Array[Integer]`, `String(ISO 8601 timestamp)`, `Object (key: consent name, value: boolean)`)
//! and what each means in the spec. In: text of a page; out: how far a type reaches, its kind, its usual print.

use super::lines::{is_space, trim};

/// The words that pages print types with.
const WORDS: [(&str, Kind); 22] = [
    ("Integer", Kind::Integer),
    ("Int", Kind::Integer),
    ("Number", Kind::Number),
    ("Float", Kind::Number),
    ("Decimal", Kind::Number),
    ("Double", Kind::Number),
    ("String", Kind::String),
    ("Text", Kind::String),
    ("UUID", Kind::String),
    ("Boolean", Kind::Boolean),
    ("Bool", Kind::Boolean),
    ("Timestamp", Kind::Timestamp),
    ("DateTime", Kind::Timestamp),
    ("Datetime", Kind::Timestamp),
    ("Time", Kind::Timestamp),
    ("Date", Kind::Date),
    ("Enum", Kind::Enum),
    ("Array", Kind::Json),
    ("Object", Kind::Object),
    ("Hash", Kind::Object),
    ("JSON", Kind::Json),
    ("Json", Kind::Json),
];

/// Types inside types deeper than this are not read.
const DEPTH: usize = 6;

/// What a printed type means.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Integer,
    Number,
    String,
    Boolean,
    Timestamp,
    Date,
    Enum,
    Array(Box<Kind>),
    /// Keys known or not, as the page's prose and examples tell.
    Object,
    /// An object whose keys are data.
    Dynamic,
    /// An object whose keys are data, each value of one kind.
    Map(Box<Kind>),
    Json,
    /// A word that pages were not seen to use.
    Unknown,
}

impl Kind {
    /// The word of the spec for it; objects whose keys are not known are any JSON.
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
}

/// Whether two prints are of one type: captures differ in white space.
pub(super) fn same_print(a: &str, b: &str) -> bool {
    let dense = |text: &str| text.chars().filter(|c| !is_space(*c)).collect::<String>();
    dense(a) == dense(b)
}

/// What a whole printed type means.
pub(super) fn kind(printed: &str) -> Kind {
    kind_at(trim(printed), 0)
}

fn kind_at(printed: &str, depth: usize) -> Kind {
    let Some((_, kind)) = words(printed).into_iter().next() else { return Kind::Unknown };
    let length = word_length(printed);
    let rest = trim(&printed[length..]);
    let inner = rest.strip_prefix('[').and_then(|inner| inner.strip_suffix(']'));
    let qualifier = rest.strip_prefix('(').and_then(|inner| inner.strip_suffix(')')).map(str::to_ascii_lowercase);
    if printed.starts_with("Array") {
        let of = match inner {
            Some(inner) if depth < DEPTH => kind_at(trim(inner), depth + 1),
            _ => Kind::Json,
        };
        return Kind::Array(Box::new(of));
    }
    match (kind, qualifier.as_deref()) {
        (Kind::String, Some(text)) if text.contains("8601") || text.contains("timestamp") => {
            if text.contains("date") && !text.contains("time") { Kind::Date } else { Kind::Timestamp }
        }
        (Kind::Object, Some("dynamic")) => Kind::Dynamic,
        (Kind::Object, Some(text)) => match text.rsplit_once("value:") {
            Some((_, value)) => Kind::Map(Box::new(lower_kind(trim(value)))),
            None => Kind::Object,
        },
        (kind, _) if rest.is_empty() || qualifier.is_some() => kind,
        _ => Kind::Unknown,
    }
}

/// The kind that a word inside a qualifier names: `value: boolean`.
fn lower_kind(word: &str) -> Kind {
    WORDS.iter().find(|(known, _)| known.eq_ignore_ascii_case(word)).map_or(Kind::Json, |(_, kind)| match kind {
        Kind::Enum => Kind::String,
        Kind::Object => Kind::Json,
        kind => kind.clone(),
    })
}

/// The known words that a text begins with, longest first, each as its length and kind.
fn words(text: &str) -> Vec<(usize, Kind)> {
    let ends = |rest: &str| !rest.starts_with(|c: char| c.is_lowercase() || c.is_ascii_digit() || c == '_');
    let mut found: Vec<(usize, Kind)> = WORDS
        .iter()
        .filter(|(word, _)| text.strip_prefix(word).is_some_and(ends))
        .map(|(word, kind)| (word.len(), kind.clone()))
        .collect();
    found.sort_by_key(|(length, _)| std::cmp::Reverse(*length));
    found
}

/// The length of the known word at the start. `DateTime of ...` is a `Date` whose description begins `Time of`.
fn word_length(text: &str) -> usize {
    let found = words(text);
    let lowercase_follows = |length: usize| trim(&text[length..]).starts_with(char::is_lowercase);
    let best = found.iter().find(|(length, _)| !lowercase_follows(*length)).or(found.first());
    best.map_or(0, |(length, _)| *length)
}

/// How far the known printed type at the start of a text reaches, in bytes; none where the text starts with no known type.
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
    // `(via X-Customer header)` is the next cell's content, not the type's.
    if rest.starts_with('(')
        && !rest.starts_with("(via ")
        && let Some(length) = balanced(rest, '(', ')')
    {
        end += gap + length;
    }
    Some(end)
}

/// The length of a bracketed part at the start, brackets included.
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
    fn kinds() {
        assert_eq!(kind("Array[String]").word(), "array[string]");
        assert_eq!(kind("Object (key: consent name, value: boolean)").word(), "map[string]boolean");
        assert_eq!(kind("String (ISO 3166-1 alpha-2)").word(), "string");
        assert_eq!(kind("String(ISO 8601 date)").word(), "date");
        assert_eq!(kind("Time").word(), "timestamp");
        assert_eq!(kind("Object(dynamic)"), Kind::Dynamic);
        assert_eq!(kind("Money"), Kind::Unknown);
    }
}
