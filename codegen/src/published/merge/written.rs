//! A value that is written into a YAML file: scalars as their source prints them, collections in the layout of the place.

use serde_json::Value;

use crate::published::import::scalar;
use crate::source::yaml_tree::{Kind, Node};

/// Values align in one column up to this width.
const PAD: usize = 32;

#[derive(Clone, Debug)]
pub(crate) enum Written {
    /// As printed, quotes included.
    Scalar(String),
    Sequence(Vec<Written>),
    Mapping(Vec<(String, Written)>),
}

impl Written {
    /// A value of a parsed file.
    pub fn of(node: &Node, text: &str) -> Self {
        match &node.kind {
            Kind::Scalar { text: value, plain } => {
                let source = text.get(node.span()).unwrap_or_default();
                // Plain scalars keep their spelling; block and quoted text is written anew, on one line.
                Self::Scalar(if *plain && !source.contains('\n') { source.to_owned() } else { scalar(value) })
            }
            Kind::Sequence(items) => Self::Sequence(items.iter().map(|item| Self::of(item, text)).collect()),
            Kind::Mapping(entries) => {
                Self::Mapping(entries.iter().map(|(key, value)| (key.text.to_string(), Self::of(value, text))).collect())
            }
        }
    }

    /// A JSON value.
    pub fn json(value: &Value) -> Self {
        match value {
            Value::String(text) if is_measure(text) => Self::Scalar(text.clone()),
            Value::String(text) => Self::Scalar(scalar(text)),
            Value::Array(items) => Self::Sequence(items.iter().map(Self::json).collect()),
            Value::Object(entries) => {
                Self::Mapping(entries.iter().map(|(key, value)| (key.clone(), Self::json(value))).collect())
            }
            Value::Null | Value::Bool(_) | Value::Number(_) => Self::Scalar(value.to_string()),
        }
    }

    /// A word that needs no quotes.
    pub fn word(word: &str) -> Self {
        Self::Scalar(word.to_owned())
    }

    /// On one line.
    pub fn flow(&self) -> String {
        match self {
            Self::Scalar(text) => text.clone(),
            Self::Sequence(items) => format!("[{}]", items.iter().map(Self::flow).collect::<Vec<_>>().join(", ")),
            Self::Mapping(entries) if entries.is_empty() => "{}".into(),
            Self::Mapping(entries) => {
                let entries: Vec<_> = entries.iter().map(|(key, value)| format!("{}: {}", key_text(key), value.flow())).collect();
                format!("{{ {} }}", entries.join(", "))
            }
        }
    }

    /// The lines of a block mapping's entry at a column. `block` puts the keys of a field on lines of their own; `width` is where the
    /// neighbours' values start.
    pub fn entry(&self, key: &str, column: usize, depth: usize, block: bool, width: usize) -> Vec<String> {
        let space = " ".repeat(column);
        let key = format!("{}:", key_text(key));
        let Self::Mapping(entries) = self else { return vec![format!("{space}{key:<width$} {}", self.flow())] };
        let nested = entries.iter().any(|(_, value)| value.is_section());
        if entries.is_empty() || !(block || nested || self.is_section()) {
            return vec![format!("{space}{key:<width$} {}", self.flow())];
        }
        let width = if self.is_section() { width_of(entries) } else { 0 };
        let mut lines = vec![format!("{space}{key}")];
        for (key, value) in entries {
            lines.extend(value.entry(key, column + depth, depth, block && value.is_field(), width));
        }
        lines
    }

    /// A mapping of fields or aggregations, as opposed to a field's own keys.
    fn is_section(&self) -> bool {
        matches!(self, Self::Mapping(entries) if !entries.is_empty() && entries.iter().all(|(key, value)| {
            matches!(value, Self::Mapping(_)) && key != "compute" && key != "filterable" || matches!(value, Self::Scalar(word) if word == "field")
        }))
    }

    fn is_field(&self) -> bool {
        matches!(self, Self::Mapping(entries) if entries.iter().any(|(key, _)| key == "type" || key == "field"))
    }
}

/// Whether a text such as `5 minutes` or `10min` needs no quotes although it begins with a digit.
fn is_measure(text: &str) -> bool {
    let plain = text.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b' ');
    let number = text.parse::<f64>().is_ok() || text.starts_with("0x") || text.starts_with("0o");
    plain && !number && text.starts_with(|c: char| c.is_ascii_digit()) && text.ends_with(|c: char| c.is_ascii_lowercase())
}

/// The column where the values of a section start.
fn width_of(entries: &[(String, Written)]) -> usize {
    let names = entries.iter().map(|(key, _)| key_text(key).len() + 1);
    names.filter(|width| *width <= PAD).max().unwrap_or(0)
}

/// A key; the language's own `field` needs no quotes there.
pub(super) fn key_text(key: &str) -> String {
    if key == "field" { key.to_owned() } else { scalar(key) }
}
