//! Which endpoint a request is for. In come the model, a method and a path; out come the endpoints served there (the formats may share
//! one path: then the report decides) and the values that stand in the path. An endpoint whose path is not known is not served, and
//! the refusal says which ones those are and what to turn.

use placewise_model::{Endpoint, ErrorName, Model};
use serde_json::{Map, Value};

use crate::reply::Refusal;

/// Where a request leads.
#[derive(Debug)]
pub(crate) struct Route<'a> {
    /// One endpoint, or several that share method and path.
    pub(crate) endpoints: Vec<&'a Endpoint>,
    /// The path's values by the names in braces.
    pub(crate) values: Map<String, Value>,
}

/// Finds the endpoints at a path. A path that is spelled out goes before one with names in braces.
pub(crate) fn route<'a>(model: &'a Model, method: &str, path: &str) -> Result<Route<'a>, Refusal> {
    let mut at: Vec<(&Endpoint, Map<String, Value>)> = Vec::new();
    for endpoint in &model.endpoints {
        if let Some(values) = endpoint.path.value.as_deref().and_then(|template| fit(template, path)) {
            at.push((endpoint, values));
        }
    }
    if at.is_empty() {
        return Err(Refusal::Error(ErrorName::NotFound, nothing_at(model, path)));
    }
    let mut fitting: Vec<_> = at.iter().filter(|(endpoint, _)| endpoint.method.eq_ignore_ascii_case(method)).collect();
    fitting.sort_by_key(|(_, values)| values.len());
    let Some((_, values)) = fitting.first() else {
        let mut methods: Vec<String> = at.iter().map(|(endpoint, _)| endpoint.method.to_ascii_uppercase()).collect();
        methods.dedup();
        return Err(Refusal::Method(methods.join(", ")));
    };
    let endpoints = fitting.iter().filter(|(_, other)| other.len() == values.len()).map(|(endpoint, _)| *endpoint).collect();
    Ok(Route { endpoints, values: values.clone() })
}

/// What to tell of a path at which nothing is.
fn nothing_at(model: &Model, path: &str) -> String {
    let mut text = format!("nothing is simulated at {path}");
    let unknown: Vec<String> = model
        .endpoints
        .iter()
        .filter(|endpoint| endpoint.path.value.is_none())
        .map(|endpoint| match &endpoint.path.assumption {
            Some(assumption) => format!("{} (turn the assumption {assumption})", endpoint.name),
            None => endpoint.name.clone(),
        })
        .collect();
    if !unknown.is_empty() {
        text.push_str("; the paths of these endpoints are not known, so they are not served: ");
        text.push_str(&unknown.join(", "));
    }
    text
}

/// The values of a path that has the form of the template. A name in braces stands for one segment.
fn fit(template: &str, path: &str) -> Option<Map<String, Value>> {
    let (wanted, given): (Vec<&str>, Vec<&str>) = (template.split('/').collect(), path.split('/').collect());
    if wanted.len() != given.len() {
        return None;
    }
    let mut values = Map::new();
    for (wanted, given) in wanted.into_iter().zip(given) {
        match wanted.strip_prefix('{').and_then(|rest| rest.strip_suffix('}')) {
            Some(name) if !given.is_empty() => {
                values.insert(name.to_owned(), decode(given, false).into());
            }
            _ if wanted == given => {}
            _ => return None,
        }
    }
    Some(values)
}

/// The pairs of a query string; where a name stands twice, the last one.
pub(crate) fn pairs(query: &str) -> Map<String, Value> {
    let pairs = query.split('&').filter(|pair| !pair.is_empty());
    pairs
        .map(|pair| {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            (decode(name, true), Value::from(decode(value, true)))
        })
        .collect()
}

/// Undoes percent-encoding; what is no encoding stays as it is.
fn decode(text: &str, plus: bool) -> String {
    let bytes = text.as_bytes();
    let (mut out, mut at) = (Vec::with_capacity(bytes.len()), 0);
    while let Some(byte) = bytes.get(at) {
        let pair = text.get(at + 1..at + 3).filter(|pair| pair.bytes().all(|byte| byte.is_ascii_hexdigit()));
        match (byte, pair.and_then(|pair| u8::from_str_radix(pair, 16).ok())) {
            (b'%', Some(decoded)) => {
                out.push(decoded);
                at += 2;
            }
            (b'+', _) if plus => out.push(b' '),
            _ => out.push(*byte),
        }
        at += 1;
    }
    String::from_utf8_lossy(&out).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn templates_match_one_segment() {
        let fit = |template: &str, path: &str| fit(template, path).map(Value::Object);
        assert_eq!(fit("/v1/places/{id}", "/v1/places/a%2Fb"), Some(json!({"id": "a/b"})));
        assert_eq!(fit("/v1/places", "/v1/places"), Some(json!({})));
        for path in ["/v1/places/", "/v1/places", "/v1/places/1/2", "/v2/places/1"] {
            assert_eq!(fit("/v1/places/{id}", path), None, "{path}");
        }
    }

    #[test]
    fn query_strings_are_decoded() {
        assert_eq!(Value::Object(pairs("a=1&b=x+y%21&&c&a=%C3%A6&d=%zz")), json!({"a": "æ", "b": "x y!", "c": "", "d": "%zz"}));
    }
}
