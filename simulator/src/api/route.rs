//! Finds the endpoints at a path and the values in the path.
//!
//! Formats may share a path; then the report decides. An endpoint whose path is undocumented is not served.

use placewise_model::{Endpoint, ErrorName, Format, Model};
use serde_json::{Map, Value};

use crate::excerpt::excerpt;
use crate::query::refusal::Refusal;

/// The endpoints at a method and path.
#[derive(Debug)]
pub(crate) struct Route<'a> {
    /// The first one in the model's order.
    pub(crate) endpoint: &'a Endpoint,
    /// Others that share its method and path.
    pub(crate) others: Vec<&'a Endpoint>,
    /// Values of the path by the names in braces.
    pub(crate) values: Map<String, Value>,
}

impl<'a> Route<'a> {
    /// All endpoints.
    pub(crate) fn endpoints(&self) -> impl Iterator<Item = &'a Endpoint> {
        [self.endpoint].into_iter().chain(self.others.iter().copied())
    }
}

/// Finds the endpoints at a path. A literal path takes precedence over one with names in braces.
pub(crate) fn route<'a>(model: &'a Model, method: &str, path: &str) -> Result<Route<'a>, Refusal> {
    let mut at: Vec<(&Endpoint, Map<String, Value>)> = Vec::new();
    for endpoint in &model.endpoints {
        if let Some(values) = endpoint.path.value.as_deref().and_then(|template| path_values(template, path)) {
            at.push((endpoint, values));
        }
    }
    if at.is_empty() {
        return Err(Refusal::Error(ErrorName::NotFound, not_found(model, path)));
    }
    let mut fitting: Vec<_> = at.iter().filter(|(endpoint, _)| endpoint.method.eq_ignore_ascii_case(method)).collect();
    fitting.sort_by_key(|(_, values)| values.len());
    let Some(((endpoint, values), others)) = fitting.split_first() else {
        let mut methods: Vec<String> = at.iter().map(|(endpoint, _)| endpoint.method.to_ascii_uppercase()).collect();
        methods.dedup();
        return Err(Refusal::Method(methods.join(", ")));
    };
    let others = others.iter().filter(|(_, other)| other.len() == values.len()).map(|(endpoint, _)| *endpoint).collect();
    Ok(Route { endpoint, others, values: values.clone() })
}

/// The message for a path without endpoint: which endpoints are served, the queries first, and which are not and why.
fn not_found(model: &Model, path: &str) -> String {
    let (mut served, mut not_served) = (Vec::new(), Vec::new());
    let queries: Vec<&Endpoint> = Format::ALL.iter().filter_map(|format| model.endpoint(model.endpoint_of(*format))).collect();
    let others = model.endpoints.iter().filter(|endpoint| !queries.iter().any(|query| query.name == endpoint.name));
    for endpoint in queries.iter().copied().chain(others) {
        match (&endpoint.path.value, &endpoint.path.assumption) {
            (Some(path), _) => served.push(format!("`{} {path}`", endpoint.method.to_ascii_uppercase())),
            (None, Some(id)) => not_served.push(format!("`{}` (override assumption `{id}`)", endpoint.name)),
            (None, None) => not_served.push(format!("`{}`", endpoint.name)),
        }
    }
    served.dedup();
    let mut text = format!("No endpoint at `{}`. Served here: {}.", excerpt(path), served.join(", "));
    if !not_served.is_empty() {
        text.push_str(&format!(" Not served, because their paths are undocumented: {}.", not_served.join(", ")));
    }
    text
}

/// The values of a path that matches the template. A name in braces matches one segment.
fn path_values(template: &str, path: &str) -> Option<Map<String, Value>> {
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

/// The parameters of a query string; of several with one name the last counts.
pub(crate) fn query_parameters(query: &str) -> Map<String, Value> {
    let pairs = query.split('&').filter(|pair| !pair.is_empty());
    pairs
        .map(|pair| {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            (decode(name, true), Value::from(decode(value, true)))
        })
        .collect()
}

/// Decodes percent-encoding; invalid encodings stay unchanged.
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
    fn a_name_in_a_template_matches_one_segment() {
        let values = |template: &str, path: &str| path_values(template, path).map(Value::Object);
        assert_eq!(values("/v1/places/{id}", "/v1/places/a%2Fb"), Some(json!({"id": "a/b"})));
        assert_eq!(values("/v1/places", "/v1/places"), Some(json!({})));
        for path in ["/v1/places/", "/v1/places", "/v1/places/1/2", "/v2/places/1"] {
            assert_eq!(values("/v1/places/{id}", path), None, "{path}");
        }
    }

    #[test]
    fn query_parameters_are_decoded() {
        assert_eq!(
            Value::Object(query_parameters("a=1&b=x+y%21&&c&a=%C3%A6&d=%zz")),
            json!({"a": "æ", "b": "x y!", "c": "", "d": "%zz"})
        );
    }
}
