//! One value on its way out: what records are turned into before any serializer sees them. In come the fields of a record; out goes one
//! non-generic tree, so that serializing a hundred row types compiles one piece of code per serializer and not a hundred.

use std::{borrow::Cow, fmt};

use serde::ser::{Serialize, SerializeMap, Serializer};
use serde_json::Value as Json;

use crate::record::Key;

/// A value to be written.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum Cell<'a> {
    /// Null.
    Null,
    /// True or false.
    Bool(bool),
    /// A whole number.
    Integer(i64),
    /// Any number.
    Number(f64),
    /// Text.
    Text(Cow<'a, str>),
    /// A list.
    List(Vec<Cell<'a>>),
    /// An object, in the order it is written.
    Object(Vec<(&'a str, Cell<'a>)>),
    /// JSON as it is.
    Json(&'a Json),
}

impl Cell<'_> {
    /// Whether it is null.
    pub fn is_null(&self) -> bool {
        matches!(self, Self::Null | Self::Json(Json::Null))
    }
}

impl Serialize for Cell<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Null => serializer.serialize_none(),
            Self::Bool(value) => serializer.serialize_bool(*value),
            Self::Integer(value) => serializer.serialize_i64(*value),
            Self::Number(value) => serializer.serialize_f64(*value),
            Self::Text(text) => serializer.serialize_str(text),
            Self::List(items) => serializer.collect_seq(items),
            Self::Object(entries) => {
                let mut map = serializer.serialize_map(Some(entries.len()))?;
                for (key, value) in entries {
                    map.serialize_entry(key, value)?;
                }
                map.end()
            }
            Self::Json(json) => json.serialize(serializer),
        }
    }
}

/// As compact JSON; in a table or a log line this is how nested values read. Text stands bare.
impl fmt::Display for Cell<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Text(text) => f.write_str(text),
            other => f.write_str(&serde_json::to_string(other).map_err(|_| fmt::Error)?),
        }
    }
}

/// Takes the fields of a record in the order of its keys.
#[derive(Debug)]
pub struct RowWriter<'a> {
    keys: std::slice::Iter<'static, Key>,
    cells: Vec<(&'a str, Cell<'a>)>,
}

impl<'a> RowWriter<'a> {
    pub(crate) fn new(keys: &'static [Key]) -> Self {
        Self { keys: keys.iter(), cells: Vec::with_capacity(keys.len()) }
    }

    /// Writes the value of the next key. An optional key is left out when its value is null.
    pub fn put(&mut self, value: &'a impl crate::Value) {
        self.push(value.cell());
    }

    /// Writes what the spec does not model.
    pub fn put_rest(&mut self, rest: &'a crate::Other) {
        self.cells.extend(rest.iter().map(|(key, json)| (key.as_str(), Cell::Json(json))));
    }

    fn push(&mut self, cell: Cell<'a>) {
        if let Some(key) = self.keys.next()
            && !(key.optional && cell.is_null())
        {
            self.cells.push((key.name, cell));
        }
    }

    pub(crate) fn finish(self) -> Vec<(&'a str, Cell<'a>)> {
        self.cells
    }
}
