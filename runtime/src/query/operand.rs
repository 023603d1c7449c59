//! Which values a field can be compared with. The compiler shows the messages of these traits.

use jiff::{ZonedDateTime, civil};
use serde_json::Value as Json;

use crate::time::timestamp::{Timestamp, date_text};
use crate::{json::open_enum::OpenEnum, json::text::Text, request::filter::NonFinite};

/// Types that the server can order.
#[diagnostic::on_unimplemented(
    message = "only numbers and timestamps have an order: `{Self}` has none",
    label = "the server cannot order `{Self}` values",
    note = "`gt`, `ge`, `lt` and `le` exist for fields of integers, numbers, timestamps and dates; use `eq`, `ne` or `one_of` here"
)]
pub trait Ordered {}

/// Types with values that can equal a single value.
#[diagnostic::on_unimplemented(
    message = "a field of type `{Self}` cannot equal one value",
    label = "not a single value",
    note = "for lists use `one_of`: it matches when any element is common",
    note = "maps and objects can only be tested with `is_null` and `is_not_null`"
)]
pub trait Equatable {}

/// Types that can be compared with a list of values: single values, and lists by any of their elements.
#[diagnostic::on_unimplemented(
    message = "a field of type `{Self}` cannot be compared with a list of values",
    label = "neither a single value nor a list of single values",
    note = "maps and objects can only be tested with `is_null` and `is_not_null`"
)]
pub trait ListComparable {
    /// The type of the values in the list.
    type Element;
}

/// A value that can be compared with a field of type `T`.
#[diagnostic::on_unimplemented(
    message = "a field of type `{T}` cannot be compared with `{Self}`",
    label = "expected a value for a `{T}` field",
    note = "enums take their own variants; pass a value that the spec does not list as `from_wire(\"..\")`"
)]
pub trait Operand<T> {
    /// The JSON of the value.
    fn into_json(self) -> Result<Json, NonFinite>;
}

macro_rules! single {
    ($($ty:ty),*) => { $(
        impl Equatable for $ty {}
        impl ListComparable for $ty { type Element = $ty; }
    )* };
}
single!(i64, f64, Text, bool, Timestamp, civil::Date);

impl Ordered for i64 {}
impl Ordered for f64 {}
impl Ordered for Timestamp {}
impl Ordered for civil::Date {}

impl<E: OpenEnum> Equatable for E {}
impl<E: OpenEnum> ListComparable for E {
    type Element = E;
}
impl<T: ListComparable<Element = T>> ListComparable for Vec<T> {
    type Element = T;
}
macro_rules! operand {
    ($($to:ty: $($from:ty => |$value:ident| $json:expr),+;)*) => { $($(
        impl Operand<$to> for $from {
            fn into_json(self) -> Result<Json, NonFinite> {
                let $value = self;
                Ok($json)
            }
        }
    )+)* };
}
operand! {
    i64: i64 => |v| v.into(), i32 => |v| v.into(), u32 => |v| v.into();
    f64: i64 => |v| v.into(), i32 => |v| v.into(), u32 => |v| v.into();
    Text: &str => |v| v.into(), String => |v| v.into(), &String => |v| v.as_str().into(), &Text => |v| v.as_str().into();
    bool: bool => |v| v.into();
    Timestamp:
        Timestamp => |v| v.to_string().into(),
        jiff::Timestamp => |v| Timestamp::from(v).to_string().into(),
        ZonedDateTime => |v| Timestamp::from(&v).to_string().into(),
        &ZonedDateTime => |v| Timestamp::from(v).to_string().into(),
        civil::DateTime => |v| Timestamp::from(v).to_string().into();
    civil::Date: civil::Date => |v| date_text(v).into();
}

impl Operand<f64> for f64 {
    fn into_json(self) -> Result<Json, NonFinite> {
        serde_json::Number::from_f64(self).map(Json::Number).ok_or(NonFinite(self))
    }
}

impl<E: OpenEnum> Operand<E> for E {
    fn into_json(self) -> Result<Json, NonFinite> {
        Ok(self.as_str().into())
    }
}

impl<E: OpenEnum> Operand<E> for &E {
    fn into_json(self) -> Result<Json, NonFinite> {
        Ok(self.as_str().into())
    }
}
