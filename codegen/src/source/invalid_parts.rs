//! Removes what a schema rejects from a file, so that the same run can check the rest.

use jsonschema::error::{ValidationError, ValidationErrorKind};
use serde_json::Value;

/// The keys or values that an error is about; a missing key is one of them.
pub(super) fn invalid_parts(error: &ValidationError<'_>) -> Vec<Vec<String>> {
    let path = segments(error.instance_path().as_str());
    let with = |key: &str| [&path[..], &[key.to_owned()]].concat();
    let parts: Vec<_> = match error.kind() {
        ValidationErrorKind::AdditionalProperties { unexpected } => unexpected.iter().map(|key| with(key)).collect(),
        ValidationErrorKind::Required { property } => property.as_str().map(with).into_iter().collect(),
        _ => vec![path],
    };
    parts.into_iter().map(whole_part).collect()
}

/// The part to remove for an invalid one: relations, unnamed fields and `simulate` are removed as a whole.
fn whole_part(mut path: Vec<String>) -> Vec<String> {
    match path.first().map(String::as_str) {
        Some("relations" | "unnamed") => path.truncate(2),
        Some("simulate") => path.truncate(1),
        _ => {}
    }
    path
}

/// Removes the invalid parts of a file.
pub(super) fn remove_all(json: &mut Value, invalid: &mut Vec<Vec<String>>) {
    // Later elements first, so that the indexes of earlier elements stay valid.
    invalid.sort();
    invalid.dedup();
    for path in invalid.iter().rev() {
        remove(json, path);
    }
}

/// Removes an invalid part, or replaces it with a valid one that causes no finding of its own. A field stays a field, because others may
/// refer to it.
fn remove(json: &mut Value, path: &[String]) {
    let words: Vec<&str> = path.iter().map(String::as_str).collect();
    let stand_in = match words[..] {
        ["format"] => Some("records".into()),
        ["coverage"] => Some("partial".into()),
        ["examples", _, "coverage"] => Some("partial".into()),
        ["endpoints", _, "coverage"] => Some("partial".into()),
        [.., "fields" | "returns" | "labels", _] | ["endpoints", _, "request" | "response", _] => {
            Some(serde_json::json!({ "type": "json" }))
        }
        [.., "fields" | "returns" | "labels", _, "type"] | ["endpoints", _, "request" | "response", _, "type"] => {
            Some("json".into())
        }
        _ => None,
    };
    let Some((last, parents)) = path.split_last() else { return };
    let mut node = json;
    for part in parents {
        let next = match node {
            Value::Array(items) => part.parse::<usize>().ok().and_then(|at| items.get_mut(at)),
            other => other.get_mut(part),
        };
        match next {
            Some(next) => node = next,
            None => return,
        }
    }
    match (node, stand_in) {
        (Value::Object(entries), Some(value)) => {
            entries.insert(last.clone(), value);
        }
        (Value::Object(entries), None) => {
            entries.shift_remove(last);
        }
        (Value::Array(items), _) => {
            if let Some(at) = last.parse::<usize>().ok().filter(|at| *at < items.len()) {
                items.remove(at);
            }
        }
        _ => {}
    }
}

/// The parts of a JSON pointer.
pub(super) fn segments(pointer: &str) -> Vec<String> {
    pointer.split('/').skip(1).map(|part| part.replace("~1", "/").replace("~0", "~")).collect()
}
