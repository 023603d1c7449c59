//! Why a value could not be read. In come what was expected and what was found; out go the place, and words in which no secret shows as
//! long as whoever prints them hides it before the text found is cut.

use std::{borrow::Cow, fmt};

use crate::text::{Beginning, snippet};

/// Why a value could not be read.
#[derive(Debug)]
pub struct Mismatch(Box<Parts>);

#[derive(Debug)]
struct Parts {
    expected: Cow<'static, str>,
    found: String,
    /// The same before it was cut: whoever knows the secrets that must not show hides them first.
    uncut: Beginning,
    /// Innermost first.
    path: Vec<String>,
}

impl Mismatch {
    /// Something else than what was expected.
    pub fn new(expected: impl Into<Cow<'static, str>>, found: &str) -> Self {
        let uncut = Beginning::of(found);
        Self(Box::new(Parts { expected: expected.into(), found: snippet(&uncut.text), uncut, path: Vec::new() }))
    }

    /// The key is not there.
    pub(crate) fn missing(key: &str) -> Self {
        Self::new("a value", "").at(key)
    }

    /// The key is there twice, so that one of its values would be lost.
    pub(crate) fn twice(key: &str) -> Self {
        Self::new("each key once", key).at(key)
    }

    /// The same, one step further out.
    #[must_use]
    pub fn at(mut self, step: &str) -> Self {
        self.0.path.push(step.to_owned());
        self
    }

    /// Where it lies, from the row inwards: `timeseries_time_ranges.1h.from`. None if it is the row itself.
    pub fn path(&self) -> Option<String> {
        if self.0.path.is_empty() {
            return None;
        }
        let steps: Vec<&str> = self.0.path.iter().rev().map(String::as_str).collect();
        Some(steps.join("."))
    }

    /// What was expected.
    pub fn expected(&self) -> &str {
        &self.0.expected
    }

    /// The beginning of what was found; empty if there was nothing.
    pub fn found(&self) -> &str {
        &self.0.found
    }

    /// Expected and found, without the place, with what was found shown by that.
    pub(crate) fn problem(&self, show: impl FnOnce(&Beginning) -> String) -> String {
        let found = if self.0.found.is_empty() { "nothing".into() } else { show(&self.0.uncut) };
        format!("expected {}, found {found}", self.0.expected)
    }
}

impl fmt::Display for Mismatch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(path) = self.path() {
            write!(f, "`{path}`: ")?;
        }
        f.write_str(&self.problem(|_| self.0.found.clone()))
    }
}

impl std::error::Error for Mismatch {}
