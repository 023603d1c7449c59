//! A query as a command line of `placewise`, which reads it back as the same query.

use serde_json::Value;

use super::body::Query;
use super::curl::quoted;
use crate::field::{Field, Type};
use crate::vocabulary::RequestKey;

/// The keywords of conditions; a value that looks like one is quoted.
const KEYWORDS: [&str; 6] = ["and", "or", "not", "in", "is", "null"];

/// An option and its value for a POSIX shell.
pub fn shell_option(name: &str, value: &str) -> String {
    let joint = if value.starts_with('-') { "=" } else { " " };
    format!("--{name}{joint}{}", quoted(value))
}

impl Query<'_> {
    /// The command that sends the query; none if the language of conditions cannot express its filter.
    pub fn command_line(&self) -> Option<String> {
        let filter = self.value(RequestKey::Filter);
        let condition = filter.map(|filter| self.infix(filter, None, |key| key, &comparison).ok_or(())).transpose().ok()?;
        let options = [
            ("where", condition.as_deref()),
            ("by", self.text(RequestKey::Aggregation)),
            ("from", self.text(RequestKey::From)),
            ("to", self.text(RequestKey::To)),
            ("interval", self.text(RequestKey::Interval)),
        ];
        let page_size = self.value(RequestKey::PageSize).map(|size| format!(" --page-size {size}"));
        let options = options.into_iter().filter_map(|(name, value)| Some(format!(" {}", shell_option(name, value?))));
        Some(format!(
            "placewise query {}{}{}",
            quoted(&self.report.name),
            options.collect::<String>(),
            page_size.unwrap_or_default()
        ))
    }
}

/// A comparison as conditions write it.
fn comparison(key: &str, field: &Field, value: &Value) -> Option<String> {
    let right = match (key, value) {
        ("equal", Value::Null) => "is null".into(),
        ("not_equal", Value::Null) => "is not null".into(),
        ("one_of" | "none_of", Value::Array(values)) if !values.is_empty() => {
            let values: Vec<_> = values.iter().map(|value| word_of(field.ty.innermost(), value)).collect::<Option<_>>()?;
            format!("{} ({})", if key == "one_of" { "in" } else { "not in" }, values.join(", "))
        }
        _ => format!("{} {}", symbol(key)?, word_of(field.ty.innermost(), value)?),
    };
    Some(format!("{} {right}", word(&field.name)))
}

fn symbol(key: &str) -> Option<&'static str> {
    Some(match key {
        "equal" => "=",
        "not_equal" => "!=",
        "greater_than" => ">",
        "greater_or_equal" => ">=",
        "less_than" => "<",
        "less_or_equal" => "<=",
        _ => return None,
    })
}

/// A value as conditions write it.
fn word_of(ty: &Type, value: &Value) -> Option<String> {
    match (ty, value) {
        // A time without an offset, and a whole day, would be taken in a zone.
        (Type::Timestamp, Value::String(text)) => {
            let clock = text.split_once('T')?.1;
            (clock.ends_with('Z') || clock.contains(['+', '-'])).then(|| word(text))
        }
        (_, Value::String(text)) => Some(word(text)),
        (_, Value::Number(number)) => Some(number.to_string()),
        (_, Value::Bool(value)) => Some(value.to_string()),
        _ => None,
    }
}

/// A name or a value, quoted if a condition would read it in another way.
fn word(text: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "_-.:+".contains(c);
    if !text.is_empty() && text.chars().all(plain) && !KEYWORDS.iter().any(|keyword| text.eq_ignore_ascii_case(keyword)) {
        return text.to_owned();
    }
    format!("\"{}\"", text.replace('\\', r"\\").replace('"', "\\\""))
}
