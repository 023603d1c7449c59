//! Which values a field can be compared with. The compiler shows the messages of these traits.

use jiff::{ZonedDateTime, civil};
use serde_json::Value as Json;

use crate::time::moment::Moment;
use crate::time::{iso::date_text, timestamp::Timestamp};
use crate::{json::open_enum::OpenEnum, json::text::Text, request::filter::NonFinite};

/// Types that the server can order.
#[diagnostic::on_unimplemented(
    message = "only numbers and timestamps have an order: `{Self}` has none",
    label = "the server cannot order `{Self}` values",
    note = "`gt`, `ge`, `lt` and `le` exist for fields of integers, numbers, timestamps and dates; use `eq`, `ne` or `one_of` here"
)]
pub trait Ordered: Sealed {}

/// Types with values that can equal a single value.
#[diagnostic::on_unimplemented(
    message = "a field of type `{Self}` cannot equal one value",
    label = "not a single value",
    note = "for lists use `one_of`: it matches when any element is common",
    note = "maps and objects can only be tested with `is_null` and `is_not_null`"
)]
pub trait Equatable: Sealed {}

/// Types that can be compared with a list of values: single values, and lists by any of their elements.
#[diagnostic::on_unimplemented(
    message = "a field of type `{Self}` cannot be compared with a list of values",
    label = "neither a single value nor a list of single values",
    note = "maps and objects can only be tested with `is_null` and `is_not_null`"
)]
pub trait ListComparable: Sealed {
    /// The type of the values in the list.
    type Element;
}

/// A value that can be compared with a field of type `T`.
#[diagnostic::on_unimplemented(
    message = "a field of type `{T}` cannot be compared with `{Self}`",
    label = "expected a value for a `{T}` field",
    note = "an integer field takes `i64`, `i32`, `u32`, `u64` or `usize`, a number field also `f64`, and a text field `&str` or `String`",
    note = "a time field takes a `Timestamp`, a `Moment` or a `jiff::Timestamp`: parse text with `\"2025-01-01T00:00:00Z\".parse::<Timestamp>()?`",
    note = "an enum field takes its variants, or text as its enum: `Channel::from(\"..\")` also keeps a value that the spec does not list",
    note = "null is no value: use `is_null()` or `is_not_null()` instead of `None`, and take the value out of an `Option`; another field is none either"
)]
pub trait Operand<T> {
    /// The JSON of the value. Its error has no public name, so no other crate can implement the trait.
    #[doc(hidden)]
    fn into_json(self) -> Result<Json, NonFinite>;
}

/// Limits the traits of this file to the types that the server can compare.
pub trait Sealed {}

macro_rules! single {
    ($($ty:ty),*) => { $(
        impl Sealed for $ty {}
        impl Equatable for $ty {}
        impl ListComparable for $ty { type Element = $ty; }
    )* };
}
single!(i64, f64, Text, bool, Timestamp, civil::Date);

impl Ordered for i64 {}
impl Ordered for f64 {}
impl Ordered for Timestamp {}
impl Ordered for civil::Date {}

// Without these attributes the compiler lists the enums of the API for every other type.
impl<E: OpenEnum> Sealed for E {}
#[diagnostic::do_not_recommend]
impl<E: OpenEnum> Equatable for E {}
#[diagnostic::do_not_recommend]
impl<E: OpenEnum> ListComparable for E {
    type Element = E;
}

impl<T> Sealed for Vec<T> {}
#[diagnostic::do_not_recommend]
impl<T: ListComparable<Element = T>> ListComparable for Vec<T> {
    type Element = T;
}

// One line per field type: the compiler shows the line of the type that it finds instead.
macro_rules! operand {
    ($to:ty: $($from:ty),+ => |$value:ident| $json:expr) => { $(
        #[diagnostic::do_not_recommend]
        impl Operand<$to> for $from {
            fn into_json(self) -> Result<Json, NonFinite> {
                let $value = self;
                Ok($json)
            }
        }
    )+ };
}
operand!(i64: i64, i32, u32, u64, usize => |v| v.into());
operand!(i64: &i64 => |v| (*v).into());
operand!(f64: i64, i32, u32, u64, usize => |v| v.into());
operand!(bool: bool => |v| v.into());
// A server may know only the usual form.
operand!(Timestamp: Timestamp => |v| v.plain().to_string().into());
operand!(Timestamp: Moment => |v| v.to_string().into());
operand!(Timestamp: jiff::Timestamp, &ZonedDateTime, civil::DateTime => |v| Timestamp::from(v).to_string().into());
operand!(Timestamp: ZonedDateTime => |v| Timestamp::from(&v).to_string().into());
operand!(civil::Date: civil::Date => |v| date_text(v).into());
operand!(Text: String => |v| v.into());
operand!(Text: &String, &Text => |v| v.as_str().into());

// Without the macro, because text for a field of another type is the most common mistake, and the compiler shows this line.
#[diagnostic::do_not_recommend]
impl Operand<Text> for &str {
    fn into_json(self) -> Result<Json, NonFinite> {
        Ok(self.into())
    }
}

#[diagnostic::do_not_recommend]
impl Operand<f64> for f64 {
    fn into_json(self) -> Result<Json, NonFinite> {
        serde_json::Number::from_f64(self).map(Json::Number).ok_or(NonFinite(self))
    }
}

#[diagnostic::do_not_recommend]
impl<E: OpenEnum> Operand<E> for E {
    fn into_json(self) -> Result<Json, NonFinite> {
        Ok(self.as_str().into())
    }
}

#[diagnostic::do_not_recommend]
impl<E: OpenEnum> Operand<E> for &E {
    fn into_json(self) -> Result<Json, NonFinite> {
        Ok(self.as_str().into())
    }
}
