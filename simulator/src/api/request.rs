//! A request as a plain value.

use serde_json::Value;

/// A request to the simulated API.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Request {
    /// HTTP method.
    pub method: String,
    /// Path, percent-encoded, without the query string.
    pub path: String,
    /// Query string without `?`.
    pub query: Option<String>,
    /// Headers; of several with one name the first counts. Values need not be text.
    pub headers: Vec<(String, Vec<u8>)>,
    /// Body; `None` if it was too large to read.
    pub body: Option<Vec<u8>>,
}

impl Request {
    /// A request without headers and body. `target` is a path, optionally with a query string.
    pub fn new(method: impl Into<String>, target: &str) -> Self {
        let (path, query) = target.split_once('?').map_or((target, None), |(path, query)| (path, Some(query.to_owned())));
        Self { method: method.into(), path: path.to_owned(), query, headers: Vec::new(), body: Some(Vec::new()) }
    }

    /// A `POST` with a JSON body.
    pub fn post(target: &str, body: &Value) -> Self {
        let request = Self { body: Some(body.to_string().into_bytes()), ..Self::new("POST", target) };
        request.header("content-type", "application/json")
    }

    /// Adds a header.
    pub fn header(mut self, name: impl Into<String>, value: impl Into<Vec<u8>>) -> Self {
        self.headers.push((name.into(), value.into()));
        self
    }

    /// The value of a header, whatever the case of its name.
    pub(crate) fn header_value(&self, name: &str) -> Option<&[u8]> {
        self.headers.iter().find(|(known, _)| known.eq_ignore_ascii_case(name)).map(|(_, value)| value.as_slice())
    }
}

/// The text of a header value: visible ASCII, spaces and tabs only.
pub(crate) fn header_text(value: &[u8]) -> Option<&str> {
    std::str::from_utf8(value).ok().filter(|text| text.chars().all(|c| c == '\t' || (' '..='~').contains(&c)))
}
