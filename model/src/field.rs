//! Fields of rows, labels and objects: type, nullability, filterability and meaning.

use serde::{Deserialize, Serialize};

use crate::metric::Adds;
use crate::vocabulary::{Nullable, Provenance, Tristate};

/// One field of a row or an object, or one returned field of an aggregation.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Field {
    /// Name on the wire.
    pub name: String,
    /// Its name in code, in snake case, if the wire name makes no good or unique one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rust_name: Option<String>,
    /// Its type.
    #[serde(rename = "type")]
    pub ty: Type,
    /// The type as the page prints it.
    pub printed: String,
    /// Whether it can be null.
    #[serde(default)]
    pub nullable: Nullable,
    /// Whether examples lack the key.
    #[serde(default)]
    pub optional: bool,
    /// Whether filters accept it. For keys of objects and returned fields: unknown.
    pub filterable: Filterability,
    /// The page's third column and its value, if known (`Can change?`, `Readonly`).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub column: Option<Column>,
    /// Whether the page marks it as deprecated.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub deprecated: bool,
    /// For a number: whether its values add up; none if not known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub adds: Option<Adds>,
    /// What it means, in the spec's own words.
    pub description: Option<String>,
    /// How well it is known.
    #[serde(default)]
    pub provenance: Provenance,
    /// For a returned field: the report's field that it repeats.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub same_as: Option<String>,
}

/// A further column of a page's field table, kept under its own title.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Column {
    /// The column's title on the page.
    pub title: String,
    /// The value of the cell; `unknown` if captures omit it.
    #[serde(default)]
    pub value: Tristate,
}

/// Whether filters accept a field.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Filterability {
    /// They do.
    Yes,
    /// Not documented, but an example request filters by it.
    Example,
    /// They do not.
    No,
    /// Not documented; the server decides.
    Unknown,
    /// Not documented, and the spec's strict policy excludes it from filters.
    UnknownStrict,
    /// A request header selects its values instead.
    Header(String),
}

impl Filterability {
    /// Whether nothing tells if the server takes filters on the field.
    pub fn is_unknown(&self) -> bool {
        matches!(self, Self::Unknown | Self::UnknownStrict)
    }

    /// Whether the client sends filters on the field.
    pub const fn may_filter(&self) -> bool {
        matches!(self, Self::Yes | Self::Example | Self::Unknown)
    }

    /// Whether filters accept the field, for people. The name of a header is in backticks.
    pub fn describe(&self) -> String {
        match self {
            Self::Yes => "yes".into(),
            Self::Example => "yes, used in an example".into(),
            Self::No => "no".into(),
            Self::Unknown => "not documented, so the server decides".into(),
            Self::UnknownStrict => "not documented, so the client does not send it".into(),
            Self::Header(header) => format!("by the header `{header}`"),
        }
    }
}

/// The type of a value.
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
    /// Text from an open set of values.
    Enum(EnumType),
    /// A list.
    Array {
        /// The type of its elements.
        of: Box<Type>,
    },
    /// An object with known keys.
    Object {
        /// The known keys.
        fields: Vec<Field>,
    },
    /// An object with arbitrary keys.
    Map {
        /// The type of its values.
        of: Box<Type>,
    },
    /// Any JSON.
    Json,
}

impl Type {
    /// The type as the spec writes it: `array[integer]`, `map[string]object`.
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

    /// The element type of nested arrays and maps; the type itself otherwise.
    pub fn innermost(&self) -> &Type {
        match self {
            Self::Array { of } | Self::Map { of } => of.innermost(),
            other => other,
        }
    }
}

/// The values of an enumeration. Always open: an unlisted value is data, not an error.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct EnumType {
    /// The known values, in the page's order; empty if none is documented.
    pub values: Vec<EnumValue>,
}

/// One known value of an enumeration.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct EnumValue {
    /// The wire value.
    pub value: String,
    /// Its name in code, if the value itself makes no good or unique name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// A description in your own words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// How this is known.
    #[serde(default)]
    pub provenance: Provenance,
}
