//! The value of a series: whole where it was sent as a whole number, so that counts print as counts.

use std::fmt;

use serde::{Serialize, Serializer};

use super::{context::DecodeContext, exact, mismatch::Mismatch, value::Value, value_ref::ValueRef};

/// A number as it was sent: whole, or with a fraction.
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub enum Number {
    /// Sent as a whole number.
    Integer(i64),
    /// Sent with a fraction or an exponent.
    Float(f64),
}

impl Number {
    /// The number as floating point. Whole numbers of more than 15 digits are rounded.
    pub fn as_f64(self) -> f64 {
        match self {
            Self::Integer(whole) => whole as f64,
            Self::Float(number) => number,
        }
    }

    /// The whole number; none if it has a fraction.
    pub fn as_i64(self) -> Option<i64> {
        match self {
            Self::Integer(whole) => Some(whole),
            Self::Float(number) => exact::whole(number),
        }
    }
}

/// As in JSON.
impl fmt::Display for Number {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Integer(whole) => whole.fmt(f),
            Self::Float(number) => write!(f, "{number:?}"),
        }
    }
}

impl Serialize for Number {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.value_ref().serialize(serializer)
    }
}

impl Value for Number {
    fn read(json: &str, context: &mut DecodeContext) -> Result<Self, Mismatch> {
        // An integer cannot hold a negative zero.
        if json != "-0" && json.bytes().skip(usize::from(json.starts_with('-'))).all(|byte| byte.is_ascii_digit()) {
            // As floating point, a whole number that does not fit would be rounded silently.
            return json.parse().map(Self::Integer).map_err(|_| Mismatch::new("a number of at most 64 bits", json));
        }
        f64::read(json, context).map(Self::Float)
    }

    fn made_up() -> Self {
        Self::Integer(1)
    }

    fn value_ref(&self) -> ValueRef<'_> {
        match self {
            Self::Integer(whole) => ValueRef::Integer(*whole),
            Self::Float(number) => ValueRef::Number(*number),
        }
    }
}
