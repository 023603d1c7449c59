//! How a filter compares a field with a value.

use std::{fmt, str::FromStr};

use crate::facts::api::{FilterLanguage, Operator};
use crate::{error::Error, text::nearest::unknown};

/// How a filter compares a field with a value.
///
/// Parses from a symbol (`=`, `>=`) or the name of the method of a [`Field`](crate::Field) (`eq`, `ge`, `one_of`), and prints as the name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Comparison {
    /// `eq`: the field equals the value, or is null if the value is.
    Equal,
    /// `ne`: the field does not equal the value.
    NotEqual,
    /// `gt`: the field is greater.
    GreaterThan,
    /// `ge`: the field is greater or equal.
    GreaterOrEqual,
    /// `lt`: the field is less.
    LessThan,
    /// `le`: the field is less or equal.
    LessOrEqual,
    /// `one_of`: the field is one of the values; a list matches if it has any of them.
    OneOf,
    /// `none_of`: the field is none of the values.
    NoneOf,
}

impl Comparison {
    /// Every comparison.
    pub const ALL: &[Self] = &[
        Self::Equal,
        Self::NotEqual,
        Self::GreaterThan,
        Self::GreaterOrEqual,
        Self::LessThan,
        Self::LessOrEqual,
        Self::OneOf,
        Self::NoneOf,
    ];

    /// The name of the method of a field: `eq`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Equal => "eq",
            Self::NotEqual => "ne",
            Self::GreaterThan => "gt",
            Self::GreaterOrEqual => "ge",
            Self::LessThan => "lt",
            Self::LessOrEqual => "le",
            Self::OneOf => "one_of",
            Self::NoneOf => "none_of",
        }
    }

    /// The symbol, or the name of the method where there is no symbol.
    pub(crate) const fn symbol(self) -> &'static str {
        match self {
            Self::Equal => "=",
            Self::NotEqual => "!=",
            Self::GreaterThan => ">",
            Self::GreaterOrEqual => ">=",
            Self::LessThan => "<",
            Self::LessOrEqual => "<=",
            Self::OneOf | Self::NoneOf => self.as_str(),
        }
    }

    pub(crate) const fn operator(self, keys: &FilterLanguage) -> Operator {
        match self {
            Self::Equal => keys.equal,
            Self::NotEqual => keys.not_equal,
            Self::GreaterThan => keys.greater_than,
            Self::GreaterOrEqual => keys.greater_or_equal,
            Self::LessThan => keys.less_than,
            Self::LessOrEqual => keys.less_or_equal,
            Self::OneOf => keys.one_of,
            Self::NoneOf => keys.none_of,
        }
    }
}

impl fmt::Display for Comparison {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for Comparison {
    type Err = Error;

    fn from_str(name: &str) -> Result<Self, Error> {
        let name = if name == "==" { "=" } else { name };
        let names = Self::ALL.iter().map(|comparison| comparison.as_str());
        let found = Self::ALL.iter().copied().find(|comparison| [comparison.as_str(), comparison.symbol()].contains(&name));
        found.ok_or_else(|| Error::configuration("filter", unknown("comparison", name, names)))
    }
}
