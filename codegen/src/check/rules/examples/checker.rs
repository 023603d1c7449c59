//! What checking the examples of a report collects.

use placewise_model::{Example, Report, nearest};
use serde_json::{Map, Value};

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
    /// The path of each such timestamp that no quirk excuses, and its target.
    pub unexcused: Vec<(Vec<String>, String)>,
    /// The aggregations, or none, with a whole example whose rows were compared.
    pub compared: Vec<Option<String>>,
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

    /// Notes that rows or labels of an example are compared. What a cut example lacks means nothing.
    pub fn compares(&mut self, example: &Example) {
        if !self.cut {
            self.compared.push(example.aggregation.clone());
        }
    }

    /// Holds the keys of an object against a form: reports unknown ones, and missing ones unless the object is cut. Returns the keys of the
    /// form that are only misspelled.
    pub fn form<'f>(&mut self, entries: &'f Map<String, Value>, form: &Form<'f>, cut: bool, path: &[String]) -> Vec<&'f str> {
        let Form { code, of, keys, optional, help } = *form;
        let missing: Vec<&str> = keys.iter().copied().filter(|key| !entries.contains_key(*key)).collect();
        let extra: Vec<&str> = entries.keys().map(String::as_str).filter(|key| !keys.contains(key)).collect();
        let pairs = misspelled(extra.iter().copied(), &missing);
        let meant: Vec<&str> = pairs.iter().map(|(_, meant)| *meant).collect();
        let needed = missing.into_iter().filter(|key| !cut && !optional.contains(key) && !meant.contains(key));
        let needed: Vec<&str> = needed.collect();
        for key in &needed {
            self.say(code, format!("{of} has the key `{key}`, which the example lacks"), path, help);
        }
        // Beside a missing key, an unknown one is probably another name of it.
        for key in extra.into_iter().filter(|key| needed.is_empty() || pairs.iter().any(|(written, _)| written == key)) {
            let path = [path, &[key.to_owned()]].concat();
            self.say(code, format!("{of} has no key `{key}`"), &path, &did_you_mean(key, &pairs, help));
        }
        meant
    }
}

/// The keys of an object in a payload.
pub(super) struct Form<'f> {
    pub code: Code,
    /// What has these keys, such as `the format`.
    pub of: &'f str,
    pub keys: &'f [&'f str],
    /// Those that it may lack.
    pub optional: &'f [&'f str],
    pub help: &'f str,
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
