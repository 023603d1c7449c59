//! What decoding collects besides the values: unknown keys, with how often each occurred.

use std::collections::BTreeMap;

use crate::text::excerpt::snippet;

/// Collects unknown keys while values are decoded.
#[derive(Debug, Default)]
pub struct DecodeContext {
    path: Vec<&'static str>,
    /// Whether the text was written by `Serialize`, which nests unknown keys.
    pub(super) serialized: bool,
    /// By dotted path.
    pub(crate) unknown_keys: BTreeMap<String, u64>,
}

impl DecodeContext {
    /// For text that `Serialize` wrote.
    pub(super) fn of_serialized() -> Self {
        Self { serialized: true, ..Self::default() }
    }

    /// Decodes the value of a key.
    pub(crate) fn within<T>(&mut self, key: &'static str, read: impl FnOnce(&mut Self) -> T) -> T {
        self.path.push(key);
        let value = read(self);
        self.path.pop();
        value
    }

    /// Counts an unknown key.
    pub(crate) fn count(&mut self, key: &str) {
        let mut path = String::new();
        for part in &self.path {
            path.push_str(part);
            path.push('.');
        }
        path.push_str(&snippet(key));
        add(&mut self.unknown_keys, path, 1);
    }
}

/// The most unknown keys that are counted one by one.
const MOST_KEYS: usize = 1000;

/// Where the others are counted.
const OTHER_KEYS: &str = "(other keys)";

fn add(counts: &mut BTreeMap<String, u64>, key: String, count: u64) {
    let key = if counts.len() < MOST_KEYS || counts.contains_key(&key) { key } else { OTHER_KEYS.to_owned() };
    *counts.entry(key).or_insert(0) += count;
}

/// Adds counts of unknown keys.
pub(crate) fn merge_counts(counts: &mut BTreeMap<String, u64>, more: BTreeMap<String, u64>) {
    more.into_iter().for_each(|(key, count)| add(counts, key, count));
}
