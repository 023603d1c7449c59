//! What decoding collects besides the values: unknown keys, with how often each occurred.

use std::collections::BTreeMap;

use super::misfit::{Misfit, Misfits};
use super::mismatch::Mismatch;
use crate::text::excerpt::snippet;

/// Collects unknown keys while values are decoded.
#[derive(Debug)]
pub struct DecodeContext {
    path: Vec<&'static str>,
    /// Whether the text was written by `Serialize`, which nests unknown keys.
    pub(super) serialized: bool,
    /// By dotted path.
    pub(crate) unknown_keys: BTreeMap<String, u64>,
    /// Those that an attempt met, until it succeeds.
    met: Vec<String>,
    /// Bytes of memory that decoded values may still take, roughly.
    room: u64,
    /// Whether there was too little of it.
    exhausted: bool,
    /// What does not fit, if that is no error.
    pub(crate) misfits: Option<Misfits>,
    /// Index of the row being read.
    pub(crate) row: usize,
}

/// The state before an attempt.
#[derive(Clone, Copy)]
pub(crate) struct Before {
    room: u64,
    exhausted: bool,
}

/// Memory of a node of a map, and how many entries usually share one.
const MAP_NODE: u64 = 640;
const ENTRIES_OF_NODE: usize = 8;

/// Memory of a value in a list, which may have grown to twice its size.
const ITEM: u64 = 64;

/// Memory that the allocator adds to a text.
const TEXT: u64 = 16;

impl Default for DecodeContext {
    /// For text of the caller's own, of any size.
    fn default() -> Self {
        Self::with_room(u64::MAX)
    }
}

impl DecodeContext {
    /// For text of a server, which may unfold to many times its size.
    pub(crate) fn with_room(bytes: u64) -> Self {
        let (path, unknown_keys, met) = (Vec::new(), BTreeMap::new(), Vec::new());
        Self { path, serialized: false, unknown_keys, met, room: bytes, exhausted: false, misfits: None, row: 0 }
    }

    /// Keeps a value that does not fit instead of failing. Returns the mismatch if the client is strict, or memory is short.
    pub(crate) fn keep_value(&mut self, key: &str, json: &str, error: Mismatch) -> Result<(), Mismatch> {
        let path = self.path.iter().copied().chain([key]);
        let path = path.map(str::to_owned).chain(error.path()).collect::<Vec<_>>().join(".");
        self.keep(json, error, Some(snippet(&path)), false)
    }

    /// The same of a whole row.
    pub(crate) fn keep_row(&mut self, json: &str, error: Mismatch) -> Result<(), Mismatch> {
        let field = error.path().map(|path| snippet(&path));
        self.keep(json, error, field, true)
    }

    fn keep(&mut self, json: &str, error: Mismatch, field: Option<String>, row_left_out: bool) -> Result<(), Mismatch> {
        let row = self.row;
        let Some(misfits) = self.misfits.as_mut().filter(|_| !self.exhausted) else { return Err(error) };
        let expected = error.expected().to_owned();
        let taken = misfits.add(|| Misfit { row, field, expected, raw: String::new(), row_left_out }, json);
        self.take_bytes(taken)
    }

    /// What is left before an attempt.
    pub(crate) const fn before(&self) -> Before {
        Before { room: self.room, exhausted: self.exhausted }
    }

    /// Forgets an attempt that failed.
    pub(crate) fn forget(&mut self, before: Before) {
        (self.room, self.exhausted) = (before.room, before.exhausted);
        self.met.clear();
    }

    /// Counts what an attempt met that succeeded.
    pub(crate) fn keep_met(&mut self) {
        for path in self.met.drain(..) {
            add(&mut self.unknown_keys, path, 1);
        }
    }

    /// How many values of a type the memory that is left would hold.
    pub(crate) fn room_for<T>(&self) -> usize {
        usize::try_from(self.room / (size_of::<T>() as u64).max(1)).unwrap_or(usize::MAX)
    }

    /// Takes memory for a value.
    pub(crate) fn take<T>(&mut self) -> Result<(), Mismatch> {
        self.take_bytes(size_of::<T>() as u64)
    }

    /// Takes memory for another entry of a map.
    pub(crate) fn take_entry<T>(&mut self, entries: usize, key: &str) -> Result<(), Mismatch> {
        // The values of most maps are as large as JSON values, or smaller.
        let larger = size_of::<T>().saturating_sub(size_of::<serde_json::Value>()) as u64;
        let node = if entries.is_multiple_of(ENTRIES_OF_NODE) { MAP_NODE } else { 0 };
        self.take_bytes(node + larger + key.len() as u64 + TEXT)
    }

    /// Takes memory for any JSON value, before it is built.
    pub(crate) fn take_json(&mut self, text: &str) -> Result<(), Mismatch> {
        if self.room == u64::MAX {
            return Ok(());
        }
        let weight = |byte: u8| match byte {
            b'{' => MAP_NODE,
            b'[' => 2 * ITEM,
            b',' => ITEM,
            b'"' => TEXT / 2,
            _ => 0,
        };
        self.take_bytes(text.len() as u64 + text.bytes().map(weight).sum::<u64>())
    }

    /// Whether a list of so many references into the text still fits.
    pub(crate) fn fits<T>(&mut self, count: usize) -> Result<(), Mismatch> {
        if (size_of::<T>() as u64).saturating_mul(count as u64) <= self.room {
            return Ok(());
        }
        self.exhausted = true;
        Err(Mismatch::too_large())
    }

    pub(super) fn take_bytes(&mut self, bytes: u64) -> Result<(), Mismatch> {
        if self.room == u64::MAX {
            return Ok(());
        }
        match self.room.checked_sub(bytes) {
            Some(room) => {
                self.room = room;
                Ok(())
            }
            None => {
                self.exhausted = true;
                Err(Mismatch::too_large())
            }
        }
    }

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
        let path = self.path_of(key);
        add(&mut self.unknown_keys, path, 1);
    }

    /// Counts an unknown key once the attempt succeeds.
    pub(crate) fn meet(&mut self, key: &str) {
        let path = self.path_of(key);
        self.met.push(path);
    }

    fn path_of(&self, key: &str) -> String {
        let mut path = String::new();
        for part in &self.path {
            path.push_str(part);
            path.push('.');
        }
        path.push_str(&snippet(key));
        path
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
