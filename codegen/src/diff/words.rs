//! The sentence of a change.

use serde_json::Value;

use super::differences::Turn;
use super::rule::Pair;
use crate::finding::shortened;

/// The longest value that is repeated.
const MOST: usize = 60;

/// Fills in a rule's sentence.
pub(super) fn sentence(template: &str, pair: &Pair<'_>) -> String {
    let (old, new) = (value(pair.difference.old.as_ref()), value(pair.difference.new.as_ref()));
    // The values are filled in last, and what they hold is not filled in again.
    let mut out = String::new();
    let mut rest = template;
    while let Some((before, after)) = rest.split_once('{') {
        let (name, after) = after.split_once('}').unwrap_or((after, ""));
        out.push_str(before);
        match name {
            "it" => out.push_str(&subject(pair)),
            "key" => out.push_str(&code(pair.key())),
            "old" => out.push_str(&old),
            _ => out.push_str(&new),
        }
        rest = after;
    }
    out.push_str(rest);
    out
}

/// Text in backticks. Backticks inside would end it.
fn code(text: &str) -> String {
    format!("`{}`", text.replace('`', "'"))
}

fn value(value: Option<&Value>) -> String {
    match value {
        None => "nothing".into(),
        Some(Value::Bool(true)) => "yes".into(),
        Some(Value::Bool(false)) => "no".into(),
        Some(Value::Number(number)) => number.to_string(),
        Some(Value::String(text)) => code(&shortened(text, MOST)),
        Some(other) => code(&shortened(&other.to_string(), MOST)),
    }
}

/// What a list holds.
fn noun(list: &str) -> &str {
    match list {
        "reports" => "report",
        "endpoints" => "endpoint",
        "assumptions" => "assumption",
        "fields" => "field",
        "labels" => "label key",
        "returns" => "returned field",
        "aggregations" => "aggregation",
        "values" => "value",
        "examples" => "example",
        "quirks" => "quirk",
        "hosts" => "host",
        "groups" => "group",
        "errors" => "error status",
        "notes" => "note",
        "symbols" => "symbol",
        "intervals" => "interval",
        "over" => "dimension",
        "request" => "request key",
        "response" => "response key",
        other => other,
    }
}

/// The element that a difference is about: `value `email` of field `channel` of report `sendings``.
fn subject(pair: &Pair<'_>) -> String {
    let path = &pair.difference.path;
    let is_whole = pair.difference.turn == Turn::Reordered;
    // What stands before a name is what it is a name of, and what stands after the last one is the key.
    let (mut parts, mut plain): (Vec<String>, Vec<&str>) = (Vec::new(), Vec::new());
    for (index, (step, shape)) in path.iter().zip(&pair.shape).enumerate() {
        if shape == "*" {
            parts.push(format!("{} {}", noun(plain.pop().unwrap_or_default()), code(step)));
            plain.clear();
        } else if index + 1 < path.len() || is_whole {
            plain.push(step);
        }
    }
    if !plain.is_empty() && (parts.is_empty() || is_whole) {
        parts.push(code(&plain.join(".")));
    }
    if parts.is_empty() {
        return code(&path.join("."));
    }
    // The list of a report's intervals stands for those that it lacks.
    if pair.key() == "intervals" && !is_whole {
        parts.push("an interval".into());
    }
    parts.reverse();
    parts.join(" of ")
}
