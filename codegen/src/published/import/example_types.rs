//! Types of example values: the common type of several, whether a value fits a type, and whether its timestamps lack a time zone.

use std::collections::{BTreeSet, HashMap, HashSet};

use placewise_model::Nullable;

use super::outline::FieldOutline;
use crate::published::read::{Json, Node};

/// The keys of example rows that a table lacks, in example order, each with its values.
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
pub(super) fn from_example(name: &str, values: &[&Json]) -> FieldOutline {
    let (word, fields) = type_of(values).unwrap_or(("json".into(), Vec::new()));
    let nullable = if values.iter().any(|value| value.node == Node::Null) { Nullable::Seen } else { Nullable::Unknown };
    FieldOutline {
        name: name.to_owned(),
        ty: Some(word),
        fields,
        nullable,
        provenance: Some("example"),
        ..FieldOutline::default()
    }
}

/// The common type of all values that are not null: its word, and the keys of its objects.
pub(super) fn type_of(values: &[&Json]) -> Option<(String, Vec<FieldOutline>)> {
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
            match type_of(&inner) {
                Some((word, fields)) if fields.is_empty() => plain(&format!("array[{word}]")),
                _ => plain("array[json]"),
            }
        }
        Node::Object(_) if all(|node| matches!(node, Node::Object(_))) => type_of_objects(&values),
        _ => plain("json"),
    }
}

/// An object whose values are objects with the same keys is a map; any other object has fields.
fn type_of_objects(values: &[&Json]) -> Option<(String, Vec<FieldOutline>)> {
    let inner: Vec<&Json> = values.iter().flat_map(|value| value.members()).map(|member| &member.value).collect();
    let keys = |json: &Json| json.members().iter().map(|member| member.key.clone()).collect::<BTreeSet<_>>();
    let uniform = inner.first().is_some_and(|first| {
        let expected = keys(first);
        !expected.is_empty() && inner.iter().all(|json| keys(json) == expected)
    });
    let (word, of): (&str, Vec<&Json>) = if uniform { ("map[string]object", inner) } else { ("object", values.to_vec()) };
    let fields: Vec<FieldOutline> =
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

/// Whether a value fits a field's type.
pub(super) fn fits(field: &FieldOutline, json: &Json) -> bool {
    fits_word(field, field.ty.as_deref().unwrap_or("json"), json)
}

/// Whether a value fits a type word: the field's own, or the part of it inside arrays and maps.
fn fits_word(field: &FieldOutline, word: &str, json: &Json) -> bool {
    if json.node == Node::Null {
        return true;
    }
    if let Some(of) = word.strip_prefix("array[").and_then(|rest| rest.strip_suffix(']')) {
        return matches!(json.node, Node::Array(_)) && json.elements().iter().all(|element| fits_word(field, of, element));
    }
    if let Some(of) = word.strip_prefix("map[string]") {
        return matches!(json.node, Node::Object(_)) && json.members().iter().all(|member| fits_word(field, of, &member.value));
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
                && field.fields.iter().all(|inner| json.get(&inner.name).is_none_or(|json| fits(inner, json)))
        }
        _ => true,
    }
}

/// Whether a value of timestamp type lacks a time zone.
pub(super) fn zoneless(field: &FieldOutline, values: &[&Json]) -> bool {
    values.iter().any(|json| lacks_zone(field, field.ty.as_deref().unwrap_or_default(), json))
}

fn lacks_zone(field: &FieldOutline, word: &str, json: &Json) -> bool {
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
