//! What checking the examples of a report collects.

use placewise_model::{Report, nearest};

use crate::finding::{Code, Finding};

pub(super) struct Checker<'a> {
    pub report: &'a Report,
    /// The name of the report's file.
    pub stem: &'a str,
    /// Whether the file itself says that the report may have aggregations that it does not list.
    pub says_more: bool,
    /// Findings without a place, each with the path of what it is about.
    pub findings: Vec<(Vec<String>, Finding)>,
    /// Whether the example is cut, so that missing keys mean nothing.
    pub cut: bool,
    /// Quirk targets with timestamps without a time zone.
    pub zoneless: Vec<String>,
    /// Quirk targets that an example has.
    pub present: Vec<String>,
    /// Quirk targets that a row of an example lacks.
    pub absent: Vec<String>,
}

impl Checker<'_> {
    /// Adds an error.
    pub fn say(&mut self, code: Code, message: String, path: &[String], help: &str) {
        self.findings.push((path.to_vec(), Finding::new(code, message).help(help)));
    }
}

/// For each key that is not known, the missing one that was probably meant; each missing one at most once.
pub(super) fn misspelled<'a>(extra: impl Iterator<Item = &'a str>, missing: &[&'a str]) -> Vec<(&'a str, &'a str)> {
    let mut pairs: Vec<(&str, &str)> = Vec::new();
    if missing.is_empty() {
        return pairs;
    }
    for key in extra {
        let free = missing.iter().copied().filter(|name| pairs.iter().all(|(_, meant)| meant != name));
        if let Some(meant) = nearest(key, free) {
            pairs.push((key, meant));
        }
    }
    pairs
}

/// Help for a key that is not known: the one that was meant, or else other words.
pub(super) fn did_you_mean(key: &str, pairs: &[(&str, &str)], otherwise: &str) -> String {
    let meant = pairs.iter().find(|(written, _)| *written == key);
    meant.map_or_else(|| otherwise.to_owned(), |(_, meant)| format!("did you mean `{meant}`?"))
}
