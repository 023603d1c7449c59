//! Compares an example of a page with the spec's, value by value.

use std::ops::Range;

use serde_json::Value;

use crate::published::read::{Json, Node};

/// A difference at a path.
#[derive(Debug, PartialEq)]
pub(super) enum Change {
    /// Only the page has the key.
    Added,
    /// Only the spec has the key.
    Gone,
    /// Both have a value, each as JSON.
    Value { page: String, spec: String },
}

type At<T> = (Vec<String>, T, Range<usize>);

/// Adds every value that is equal, as JSON, and every difference. Keys below an added or missing one are not named.
pub(super) fn diff(page: &Json, spec: &Value, path: &mut Vec<String>, equal: &mut Vec<At<String>>, out: &mut Vec<At<Change>>) {
    match (&page.node, spec) {
        (Node::Object(members), Value::Object(known)) => {
            for member in members {
                path.push(member.key.clone());
                match known.get(&member.key) {
                    Some(value) => diff(&member.value, value, path, equal, out),
                    None => out.push((path.clone(), Change::Added, member.span.clone())),
                }
                path.pop();
            }
            for key in known.keys().filter(|key| page.get(key).is_none()) {
                out.push(([&path[..], std::slice::from_ref(key)].concat(), Change::Gone, page.span.clone()));
            }
        }
        (Node::Array(elements), Value::Array(known)) if elements.len() == known.len() => {
            for (index, (element, value)) in elements.iter().zip(known).enumerate() {
                path.push(index.to_string());
                diff(element, value, path, equal, out);
                path.pop();
            }
        }
        _ => {
            let value = page.to_value();
            let as_json = value.to_string();
            if same(&value, spec) {
                equal.push((path.clone(), as_json, page.span.clone()));
            } else {
                out.push((path.clone(), Change::Value { page: as_json, spec: spec.to_string() }, page.span.clone()));
            }
        }
    }
}

/// Whether two values are equal; `1.0` and `1` are.
fn same(page: &Value, spec: &Value) -> bool {
    page == spec || (page.is_number() && spec.is_number() && page.as_f64() == spec.as_f64())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn string(text: &str, at: usize) -> Json {
        Json { node: Node::String(text.into()), span: at..at + 1 }
    }

    #[test]
    fn each_difference_is_named_once() {
        let member = |key: &str, value: Json| crate::published::read::Member { key: key.into(), span: 0..1, value };
        let page = Json {
            node: Node::Object(vec![
                member("same", string("x", 1)),
                member("value", string("y", 2)),
                member("added", Json { node: Node::Object(vec![member("inner", string("z", 3))]), span: 4..5 }),
                member("list", Json { node: Node::Array(vec![string("a", 6)]), span: 6..7 }),
                member("number", Json { node: Node::Number("1.0".into()), span: 8..9 }),
            ]),
            span: 0..10,
        };
        let spec = serde_json::json!({ "same": "x", "value": "Y", "gone": 1, "list": ["b"], "number": 1 });
        let (mut equal, mut out) = (Vec::new(), Vec::new());
        diff(&page, &spec, &mut Vec::new(), &mut equal, &mut out);
        let names: Vec<_> = equal.iter().map(|(path, stated, _)| (path.join("."), stated.as_str())).collect();
        assert_eq!(names, [("same".into(), "\"x\""), ("number".into(), "1.0")]);
        let changes: Vec<_> = out.iter().map(|(path, change, _)| (path.join("."), change)).collect();
        let value = |page: &str, spec: &str| Change::Value { page: page.into(), spec: spec.into() };
        assert_eq!(
            changes,
            [
                ("value".into(), &value("\"y\"", "\"Y\"")),
                ("added".into(), &Change::Added),
                ("list.0".into(), &value("\"a\"", "\"b\"")),
                ("gone".into(), &Change::Gone),
            ]
        );
    }
}
