//! Objects with free keys. A type of this crate, so that how it is stored can change without a signature changing.

use std::{collections::BTreeMap, fmt, ops::Index, slice, vec};

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::Value as Json;

use super::{mismatch::Mismatch, short_text::ShortText};

/// An object with free keys, sorted by key.
///
/// ```
/// use harbour_api::Map;
///
/// let depths: Map<i64> = [("north", 4), ("south", 6)].into_iter().collect();
/// assert_eq!(depths.get("south"), Some(&6));
/// for (quay, depth) in &depths {
///     println!("{quay}: {depth} m");
/// }
/// ```
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Map<T>(Vec<(ShortText, T)>);

/// An object whose keys are not modelled: unknown keys of a row, as they were sent.
///
/// Whole numbers are exact; one of more than 64 bits is an error that names the key. Numbers with a fraction or an exponent become
/// 64-bit floating point and lose further digits. If a nested object repeats a key, the last value is kept.
pub type Other = Map<Json>;

/// A row without a struct: a JSON object. Its values are kept like those of [`Other`].
pub type JsonRow = Map<Json>;

impl<T> Map<T> {
    /// An empty map.
    pub const fn new() -> Self {
        Self(Vec::new())
    }

    /// The number of keys.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there are no keys.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The value of a key.
    pub fn get(&self, key: &str) -> Option<&T> {
        self.find(key).ok().and_then(|at| self.0.get(at)).map(|(_, value)| value)
    }

    /// Where a key is, or where it would be.
    fn find(&self, key: &str) -> Result<usize, usize> {
        // Servers send keys in order, or few of them.
        match self.0.last() {
            Some((last, _)) if last.as_str() < key => Err(self.0.len()),
            _ => self.0.binary_search_by(|(own, _)| own.as_str().cmp(key)),
        }
    }

    /// Whether it has the key.
    pub fn contains_key(&self, key: &str) -> bool {
        self.find(key).is_ok()
    }

    /// Sets the value of a key, and returns the value before.
    pub fn insert(&mut self, key: impl Into<String>, value: T) -> Option<T> {
        let key = ShortText::from(key.into());
        match self.find(key.as_str()) {
            Ok(at) => self.0.get_mut(at).map(|(_, old)| std::mem::replace(old, value)),
            Err(at) => {
                self.0.insert(at, (key, value));
                None
            }
        }
    }

    /// A map of entries in any order, which are sorted at once: a long list that is inserted one by one would be moved each time. A key that
    /// stands twice is an error.
    pub(crate) fn of_entries(mut entries: Vec<(ShortText, T)>) -> Result<Self, Mismatch> {
        if !entries.is_sorted_by(|(one, _), (next, _)| one < next) {
            entries.sort_by(|(one, _), (next, _)| one.cmp(next));
            let mut pairs = entries.iter().zip(entries.iter().skip(1));
            if let Some(((key, _), _)) = pairs.find(|((one, _), (next, _))| one == next) {
                return Err(Mismatch::twice(key.as_str()));
            }
        }
        entries.shrink_to_fit();
        Ok(Self(entries))
    }

    /// Removes a key, and returns its value.
    pub fn remove(&mut self, key: &str) -> Option<T> {
        self.find(key).ok().map(|at| self.0.remove(at).1)
    }

    /// Keys and values, sorted by key.
    pub fn iter(&self) -> Iter<'_, T> {
        Iter(self.0.iter())
    }

    pub(crate) fn iter_mut(&mut self) -> impl Iterator<Item = (&str, &mut T)> {
        self.0.iter_mut().map(|(key, value)| (key.as_str(), value))
    }

    /// The keys, sorted.
    pub fn keys(&self) -> impl ExactSizeIterator<Item = &str> {
        self.0.iter().map(|(key, _)| key.as_str())
    }

    /// The values, sorted by key.
    pub fn values(&self) -> impl ExactSizeIterator<Item = &T> {
        self.0.iter().map(|(_, value)| value)
    }
}

/// Keys and values of a [`Map`].
#[derive(Clone, Debug)]
pub struct Iter<'a, T>(slice::Iter<'a, (ShortText, T)>);

/// Keys and values of a [`Map`], taken out of it.
#[derive(Debug)]
pub struct IntoIter<T>(vec::IntoIter<(ShortText, T)>);

impl<'a, T> Iterator for Iter<'a, T> {
    type Item = (&'a str, &'a T);

    fn next(&mut self) -> Option<Self::Item> {
        self.0.next().map(|(key, value)| (key.as_str(), value))
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        self.0.size_hint()
    }
}

impl<T> ExactSizeIterator for Iter<'_, T> {}

impl<T> Iterator for IntoIter<T> {
    type Item = (String, T);

    fn next(&mut self) -> Option<Self::Item> {
        self.0.next().map(|(key, value)| (key.into(), value))
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        self.0.size_hint()
    }
}

impl<T> ExactSizeIterator for IntoIter<T> {}

impl<'a, T> IntoIterator for &'a Map<T> {
    type Item = (&'a str, &'a T);
    type IntoIter = Iter<'a, T>;

    fn into_iter(self) -> Iter<'a, T> {
        self.iter()
    }
}

impl<T> IntoIterator for Map<T> {
    type Item = (String, T);
    type IntoIter = IntoIter<T>;

    fn into_iter(self) -> IntoIter<T> {
        IntoIter(self.0.into_iter())
    }
}

impl<K: Into<String>, T> FromIterator<(K, T)> for Map<T> {
    fn from_iter<I: IntoIterator<Item = (K, T)>>(entries: I) -> Self {
        // Sorted at once, and of equal keys the last: inserted one by one, a long map in no order would be moved each time.
        Self::from(entries.into_iter().map(|(key, value)| (key.into(), value)).collect::<BTreeMap<String, T>>())
    }
}

impl<K: Into<String>, T> Extend<(K, T)> for Map<T> {
    fn extend<I: IntoIterator<Item = (K, T)>>(&mut self, entries: I) {
        let all = std::mem::take(self).into_iter().chain(entries.into_iter().map(|(key, value)| (key.into(), value)));
        *self = all.collect();
    }
}

impl<T> From<BTreeMap<String, T>> for Map<T> {
    fn from(sorted: BTreeMap<String, T>) -> Self {
        Self(sorted.into_iter().map(|(key, value)| (key.into(), value)).collect())
    }
}

impl<T> Default for Map<T> {
    fn default() -> Self {
        Self::new()
    }
}

/// The value of a key. Panics if there is none, as the maps of the standard library do.
impl<T> Index<&str> for Map<T> {
    type Output = T;

    fn index(&self, key: &str) -> &T {
        self.get(key).expect("the map has the key")
    }
}

impl From<serde_json::Map<String, Json>> for Map<Json> {
    fn from(object: serde_json::Map<String, Json>) -> Self {
        object.into_iter().collect()
    }
}

impl From<Map<Json>> for Json {
    fn from(map: Map<Json>) -> Self {
        Self::Object(map.into_iter().collect())
    }
}

impl<T: fmt::Debug> fmt::Debug for Map<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_map().entries(self).finish()
    }
}

impl<T: Serialize> Serialize for Map<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self)
    }
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Map<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        BTreeMap::<String, T>::deserialize(deserializer).map(Self::from)
    }
}
