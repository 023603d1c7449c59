//! What decoding collects besides the values: unknown keys, with how often each occurred.

use std::collections::BTreeMap;

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
        path.push_str(key);
        *self.unknown_keys.entry(path).or_insert(0) += 1;
    }
}
