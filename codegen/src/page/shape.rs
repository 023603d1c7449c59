//! What example values look like: the type that they have in common, whether they fit a type, whether their times lack a zone. In:
//! values of examples; out: drafts of fields, and answers.

use std::collections::{BTreeSet, HashMap, HashSet};

use placewise_model::Nullable;

use super::draft::DraftField;
use super::json::{Json, Node};

/// Keys of example rows that a table lacks, in the order of the examples, each with its values.
pub(super) fn extra_keys<'p>(rows: &[&'p Json], known: &HashSet<&str>) -> Vec<(&'p str, Vec<&'p Json>)> {
    let mut order: Vec<(&str, Vec<&Json>)> = Vec::new();
    let mut index = HashMap::new();
    for member in rows.iter().flat_map(|row| row.members()).filter(|member| !known.contains(member.key.as_str())) {
        let at = *index.entry(member.key.as_str()).or_insert_with(|| {
            order.push((&member.key, Vec::new()));
            order.len() - 1
        });
        order[at].1.push(&member.value);
    }
    order
}

/// A field that only examples show.
pub(super) fn from_example(name: &str, values: &[&Json]) -> DraftField {
    let (word, fields) = shape(values).unwrap_or(("json".into(), Vec::new()));
    let nullable = if values.iter().any(|value| value.node == Node::Null) { Nullable::Seen } else { Nullable::Unknown };
    DraftField { name: name.to_owned(), ty: Some(word), fields, nullable, provenance: Some("example"), ..DraftField::default() }
}

/// The type that all values have in common, null left out: its word and the keys of its objects.
pub(super) fn shape(values: &[&Json]) -> Option<(String, Vec<DraftField>)> {
    let values: Vec<&Json> = values.iter().copied().filter(|value| value.node != Node::Null).collect();
    let first = values.first()?;
    let all = |test: fn(&Node) -> bool| values.iter().all(|value| test(&value.node));
    let plain = |word: &str| Some((word.to_owned(), Vec::new()));
    match &first.node {
        Node::Bool(_) if all(|node| matches!(node, Node::Bool(_))) => plain("boolean"),
        Node::Number(_) if all(is_integer) => plain("integer"),
        Node::Number(_) if all(|node| matches!(node, Node::Number(_))) => plain("number"),
        Node::String(_) if all(|node| text_is(node, is_timestamp)) => plain("timestamp"),
        Node::String(_) if all(|node| text_is(node, is_date)) => plain("date"),
        Node::String(_) if all(|node| matches!(node, Node::String(_))) => plain("string"),
        Node::Array(_) if all(|node| matches!(node, Node::Array(_))) => {
            let inner: Vec<&Json> = values.iter().flat_map(|value| value.elements()).collect();
            match shape(&inner) {
                Some((word, fields)) if fields.is_empty() => plain(&format!("array[{word}]")),
                _ => plain("array[json]"),
            }
        }
        Node::Object(_) if all(|node| matches!(node, Node::Object(_))) => object_shape(&values),
        _ => plain("json"),
    }
}

/// An object whose values are objects of the same keys is a map; any other has keys of its own.
fn object_shape(values: &[&Json]) -> Option<(String, Vec<DraftField>)> {
    let inner: Vec<&Json> = values.iter().flat_map(|value| value.members()).map(|member| &member.value).collect();
    let keys = |json: &Json| json.members().iter().map(|member| member.key.clone()).collect::<BTreeSet<_>>();
    let uniform = inner.first().is_some_and(|first| {
        let expected = keys(first);
        !expected.is_empty() && inner.iter().all(|json| keys(json) == expected)
    });
    let (word, of): (&str, Vec<&Json>) = if uniform { ("map[string]object", inner) } else { ("object", values.to_vec()) };
    let fields: Vec<DraftField> =
        extra_keys(&of, &HashSet::new()).into_iter().map(|(key, values)| from_example(key, &values)).collect();
    (!fields.is_empty()).then(|| (word.to_owned(), fields))
}

fn is_integer(node: &Node) -> bool {
    matches!(node, Node::Number(raw) if raw.parse::<i64>().is_ok() || raw.parse::<u64>().is_ok())
}

fn text_is(node: &Node, test: fn(&str) -> bool) -> bool {
    matches!(node, Node::String(text) if test(text))
}

fn is_date(text: &str) -> bool {
    text.len() == 10
        && text.bytes().enumerate().all(|(at, byte)| if at == 4 || at == 7 { byte == b'-' } else { byte.is_ascii_digit() })
}

fn is_timestamp(text: &str) -> bool {
    text.get(..10).is_some_and(is_date) && text[10..].starts_with('T') && text.len() >= 16
}

/// Whether a value is of a field's type; `word` is that type, or the part of it that the value belongs to.
pub(super) fn fits(field: &DraftField, word: &str, json: &Json) -> bool {
    if json.node == Node::Null {
        return true;
    }
    if let Some(of) = word.strip_prefix("array[").and_then(|rest| rest.strip_suffix(']')) {
        return matches!(json.node, Node::Array(_)) && json.elements().iter().all(|element| fits(field, of, element));
    }
    if let Some(of) = word.strip_prefix("map[string]") {
        return matches!(json.node, Node::Object(_)) && json.members().iter().all(|member| fits(field, of, &member.value));
    }
    match word {
        "integer" => is_integer(&json.node),
        "number" => matches!(json.node, Node::Number(_)),
        "string" | "enum" => matches!(json.node, Node::String(_)),
        "boolean" => matches!(json.node, Node::Bool(_)),
        "timestamp" => text_is(&json.node, |text| text.contains('T')),
        "date" => text_is(&json.node, is_date),
        "object" => {
            matches!(json.node, Node::Object(_))
                && field.fields.iter().all(|inner| json.get(&inner.name).is_none_or(|json| fits_field(inner, json)))
        }
        _ => true,
    }
}

/// Whether a value is of a field's type.
pub(super) fn fits_field(field: &DraftField, json: &Json) -> bool {
    fits(field, field.ty.as_deref().unwrap_or("json"), json)
}

/// Whether a time in a value lacks its zone, as far as the field's type says that it is a time.
pub(super) fn zoneless(field: &DraftField, values: &[&Json]) -> bool {
    values.iter().any(|json| lacks_zone(field, field.ty.as_deref().unwrap_or_default(), json))
}

fn lacks_zone(field: &DraftField, word: &str, json: &Json) -> bool {
    if let Some(of) = word.strip_prefix("array[").and_then(|rest| rest.strip_suffix(']')) {
        return json.elements().iter().any(|element| lacks_zone(field, of, element));
    }
    if let Some(of) = word.strip_prefix("map[string]") {
        return json.members().iter().any(|member| lacks_zone(field, of, &member.value));
    }
    match word {
        "timestamp" => text_is(&json.node, |text| {
            text.split_once('T').is_some_and(|(_, time)| !time.ends_with(['Z', 'z']) && !time.contains(['+', '-']))
        }),
        "object" => field.fields.iter().any(|inner| {
            json.get(&inner.name).is_some_and(|json| lacks_zone(inner, inner.ty.as_deref().unwrap_or_default(), json))
        }),
        _ => false,
    }
}
