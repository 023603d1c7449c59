//! Words that every part of the model shares: how well a fact is known, what a value looks like, and settings that may rest on
//! an assumption. In and out: plain data.

use serde::{Deserialize, Serialize};
use std::fmt;

use crate::Field;

/// How well a fact is known.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum Provenance {
    /// A page states it.
    #[default]
    Documented,
    /// Seen only in an example payload.
    Example,
    /// A reading of what a page says, not a statement of it.
    Inferred,
    /// Taken as given because something must be; see the assumptions.
    Assumed,
    /// Not known.
    Unknown,
}

impl Provenance {
    /// The word as written in the spec.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Documented => "documented",
            Self::Example => "example",
            Self::Inferred => "inferred",
            Self::Assumed => "assumed",
            Self::Unknown => "unknown",
        }
    }
}

impl fmt::Display for Provenance {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.word())
    }
}

/// A value that may rest on a named assumption.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Setting<T> {
    /// The value to use.
    pub value: T,
    /// The assumption it comes from; none when a page states it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub assumption: Option<String>,
}

/// What a value looks like.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub enum Type {
    /// A whole number.
    Integer,
    /// Any JSON number.
    Number,
    /// Text.
    String,
    /// True or false.
    Boolean,
    /// ISO 8601 date and time; the zone may be missing.
    Timestamp,
    /// ISO 8601 calendar date.
    Date,
    /// Text out of an open set of values.
    Enum(EnumType),
    /// A list.
    Array {
        /// What each element looks like.
        of: Box<Type>,
    },
    /// An object with known keys.
    Object {
        /// The known keys.
        fields: Vec<Field>,
    },
    /// An object with free text keys.
    Map {
        /// What each value looks like.
        of: Box<Type>,
    },
    /// Any JSON.
    Json,
}

impl Type {
    /// The type as the spec writes it, for people: `array[integer]`, `map[string]object`.
    pub fn word(&self) -> String {
        match self {
            Self::Integer => "integer".into(),
            Self::Number => "number".into(),
            Self::String => "string".into(),
            Self::Boolean => "boolean".into(),
            Self::Timestamp => "timestamp".into(),
            Self::Date => "date".into(),
            Self::Enum(_) => "enum".into(),
            Self::Array { of } => format!("array[{}]", of.word()),
            Self::Object { .. } => "object".into(),
            Self::Map { of } => format!("map[string]{}", of.word()),
            Self::Json => "json".into(),
        }
    }

    /// The innermost element type of arrays and maps; the type itself otherwise.
    pub fn innermost(&self) -> &Type {
        match self {
            Self::Array { of } | Self::Map { of } => of.innermost(),
            other => other,
        }
    }
}

/// The values of an enumeration. Always open: a value that is not listed is data, not an error.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct EnumType {
    /// The values known, in the page's order; empty where none is documented.
    pub values: Vec<EnumValue>,
}

/// One known value of an enumeration.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct EnumValue {
    /// The value on the wire.
    pub value: String,
    /// What to call it in code, where the value itself gives no good name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// What it means, if the spec tells.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// How well the value is known.
    #[serde(default)]
    pub provenance: Provenance,
}
