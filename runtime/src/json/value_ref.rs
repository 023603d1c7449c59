//! A value about to be written. Serializing a hundred row types compiles one piece of code per serializer, not a hundred.

use std::{borrow::Cow, fmt};

use serde::ser::{Serialize, SerializeMap, Serializer};
use serde_json::Value as Json;

/// A value about to be written, mostly borrowed.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum ValueRef<'a> {
    /// Null.
    Null,
    /// True or false.
    Bool(bool),
    /// A whole number.
    Integer(i64),
    /// A floating-point number.
    Number(f64),
    /// Text.
    Text(Cow<'a, str>),
    /// A list.
    List(Vec<ValueRef<'a>>),
    /// An object, in the order of writing.
    Object(Vec<(&'a str, ValueRef<'a>)>),
    /// Any JSON.
    Json(&'a Json),
}

impl ValueRef<'_> {
    /// Whether it is null.
    pub fn is_null(&self) -> bool {
        matches!(self, Self::Null | Self::Json(Json::Null))
    }
}

impl Serialize for ValueRef<'_> {
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

/// Compact JSON, with text unquoted: fit for a table or a log line.
impl fmt::Display for ValueRef<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Text(text) => f.write_str(text),
            other => f.write_str(&serde_json::to_string(other).map_err(|_| fmt::Error)?),
        }
    }
}
