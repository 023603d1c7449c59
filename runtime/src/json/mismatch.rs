//! A value that is not what was expected, with its place.

use std::{borrow::Cow, fmt};

use crate::text::excerpt::{Excerpt, snippet};

/// A value that is not what was expected.
#[derive(Debug)]
pub struct Mismatch(Box<Parts>);

#[derive(Debug)]
struct Parts {
    expected: Cow<'static, str>,
    found: String,
    /// The same before it was cut, so that secrets can be hidden first.
    uncut: Excerpt,
    /// Innermost first.
    path: Vec<String>,
}

impl Mismatch {
    /// A value other than the expected one.
    pub fn new(expected: impl Into<Cow<'static, str>>, found: &str) -> Self {
        let uncut = Excerpt::of(found);
        Self(Box::new(Parts { expected: expected.into(), found: snippet(&uncut.text), uncut, path: Vec::new() }))
    }

    /// A missing key.
    pub(crate) fn missing(key: &str) -> Self {
        Self::new("a value", "").at(key)
    }

    /// Data that would take more memory than the client accepts.
    pub(crate) fn too_large() -> Self {
        let expected = "data that fit into memory, of which the client takes eight times `max_body_bytes` (request smaller pages or raise it)";
        Self::new(expected, "more")
    }

    /// A duplicate key: one of its values would be lost.
    pub(crate) fn twice(key: &str) -> Self {
        Self::new("each key once", key).at(key)
    }

    /// The same mismatch, inside that key or index.
    #[must_use]
    pub fn at(mut self, step: &str) -> Self {
        self.0.path.push(step.to_owned());
        self
    }

    /// Its path in the row: `timeseries_time_ranges.1h.from`. None for the row itself.
    pub fn path(&self) -> Option<String> {
        if self.0.path.is_empty() {
            return None;
        }
        let steps: Vec<&str> = self.0.path.iter().rev().map(String::as_str).collect();
        Some(steps.join("."))
    }

    /// The expected value, in words.
    pub fn expected(&self) -> &str {
        &self.0.expected
    }

    /// The start of the value found; empty if there was none.
    pub fn found(&self) -> &str {
        &self.0.found
    }

    /// The message without the path. `hide` and `show` hide secrets.
    pub(crate) fn problem(&self, hide: impl FnOnce(&str) -> String, show: impl FnOnce(&Excerpt) -> String) -> String {
        let found = if self.0.found.is_empty() { "nothing".into() } else { show(&self.0.uncut) };
        let expected = match &self.0.expected {
            // A fixed text holds no secret, and a short secret may be a word of it.
            Cow::Borrowed(fixed) => (*fixed).to_owned(),
            Cow::Owned(text) => hide(text),
        };
        format!("expected {expected}, found {found}")
    }
}

impl fmt::Display for Mismatch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(path) = self.path() {
            write!(f, "`{}`: ", snippet(&path))?;
        }
        f.write_str(&self.problem(str::to_owned, |_| self.0.found.clone()))
    }
}

impl std::error::Error for Mismatch {}
