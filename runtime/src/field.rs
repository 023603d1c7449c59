//! Fields as constants that filters are made of. In come a report, a type and an access in the constant's own type; out come filters
//! of that report. What makes no sense (another report's field, an order on text, a field the server does not filter) does not compile,
//! and the traits below say why in their own words.

use std::{fmt, marker::PhantomData};

use jiff::{ZonedDateTime, civil};
use serde_json::Value as Json;

use crate::{FieldInfo, Filter, Filterable, OpenEnum, Provenance, Timestamp, Value, filter::Comparison, value::date_text};

/// How a field may be narrowed; stands in a field's type.
pub mod access {
    /// May stand in a filter, or the documentation does not say that it may not.
    #[derive(Clone, Copy, Debug)]
    pub enum Filterable {}
    /// Is narrowed by a request header instead.
    #[derive(Clone, Copy, Debug)]
    pub enum ByHeader {}
    /// May not stand in a filter.
    #[derive(Clone, Copy, Debug)]
    pub enum NotFilterable {}
}

/// A field of the report `R` with values of type `T`, and what is known of it.
pub struct Field<R, T, A = access::Filterable> {
    info: FieldInfo,
    marker: Marker<R, T, A>,
}

/// Holds none of them, so a field is `Copy`, `Send` and `Sync` whatever they are.
type Marker<R, T, A> = PhantomData<fn() -> (R, T, A)>;

/// The field of that wire name. Its filterability is taken as unknown and its standing as documented until said otherwise.
pub const fn field<R, T: Value, A>(name: &'static str) -> Field<R, T, A> {
    let info = FieldInfo { name, ty: T::TYPE, filterable: Filterable::Unknown, provenance: Provenance::Documented };
    Field { info, marker: PhantomData }
}

impl<R, T, A> Field<R, T, A> {
    /// The same field with what is known of its filterability.
    #[must_use]
    pub const fn filterable(mut self, filterable: Filterable) -> Self {
        self.info.filterable = filterable;
        self
    }

    /// The same field with how well it is known.
    #[must_use]
    pub const fn provenance(mut self, provenance: Provenance) -> Self {
        self.info.provenance = provenance;
        self
    }

    /// The name on the wire.
    pub const fn name(self) -> &'static str {
        self.info.name
    }

    /// What is known of it.
    pub const fn info(self) -> FieldInfo {
        self.info
    }

    /// The field equals the value.
    pub fn eq<V: Operand<T>>(self, value: V) -> Filter<R>
    where
        A: CanFilter,
        T: Equatable,
    {
        Filter::compare(Comparison::Equal, self.info.name, value.into_json())
    }

    /// The field differs from the value.
    pub fn ne<V: Operand<T>>(self, value: V) -> Filter<R>
    where
        A: CanFilter,
        T: Equatable,
    {
        Filter::compare(Comparison::NotEqual, self.info.name, value.into_json())
    }

    /// The field is greater than the value.
    pub fn gt<V: Operand<T>>(self, value: V) -> Filter<R>
    where
        A: CanFilter,
        T: Ordered,
    {
        Filter::compare(Comparison::GreaterThan, self.info.name, value.into_json())
    }

    /// The field is greater than the value or equal to it.
    pub fn ge<V: Operand<T>>(self, value: V) -> Filter<R>
    where
        A: CanFilter,
        T: Ordered,
    {
        Filter::compare(Comparison::GreaterOrEqual, self.info.name, value.into_json())
    }

    /// The field is less than the value.
    pub fn lt<V: Operand<T>>(self, value: V) -> Filter<R>
    where
        A: CanFilter,
        T: Ordered,
    {
        Filter::compare(Comparison::LessThan, self.info.name, value.into_json())
    }

    /// The field is less than the value or equal to it.
    pub fn le<V: Operand<T>>(self, value: V) -> Filter<R>
    where
        A: CanFilter,
        T: Ordered,
    {
        Filter::compare(Comparison::LessOrEqual, self.info.name, value.into_json())
    }

    /// The field is one of the values; a list matches when it has any of them.
    ///
    /// No values at all are sent as an empty list. What the server makes of that is not documented.
    pub fn one_of<V: Operand<T::Element>>(self, values: impl IntoIterator<Item = V>) -> Filter<R>
    where
        A: CanFilter,
        T: ListComparable,
    {
        Filter::compare(Comparison::OneOf, self.info.name, list(values))
    }

    /// The field is none of the values. Empty lists are sent as they are, as by [`one_of`](Self::one_of).
    pub fn none_of<V: Operand<T::Element>>(self, values: impl IntoIterator<Item = V>) -> Filter<R>
    where
        A: CanFilter,
        T: ListComparable,
    {
        Filter::compare(Comparison::NoneOf, self.info.name, list(values))
    }

    /// The field is null.
    pub fn is_null(self) -> Filter<R>
    where
        A: CanFilter,
    {
        Filter::compare(Comparison::Equal, self.info.name, Ok(Json::Null))
    }

    /// The field is not null.
    pub fn is_not_null(self) -> Filter<R>
    where
        A: CanFilter,
    {
        Filter::compare(Comparison::NotEqual, self.info.name, Ok(Json::Null))
    }
}

/// Makes the table of a report's fields: `fields! { ID, CHANNEL }` is a static `FIELDS` of what is known of each.
#[macro_export]
macro_rules! fields {
    ($( $field:ident ),* $(,)?) => {
        /// Every field, in the order of the page.
        pub static FIELDS: &[$crate::FieldInfo] = &[$( $field.info() ),*];
    };
}

fn list<T, V: Operand<T>>(values: impl IntoIterator<Item = V>) -> Result<Json, NonFinite> {
    values.into_iter().map(V::into_json).collect::<Result<Vec<_>, _>>().map(Json::Array)
}

impl<R, T, A> Clone for Field<R, T, A> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<R, T, A> Copy for Field<R, T, A> {}

impl<R, T, A> fmt::Debug for Field<R, T, A> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Field").field(&self.info.name).finish()
    }
}

/// Fields that may stand in a filter.
#[diagnostic::on_unimplemented(
    message = "this field cannot stand in a filter",
    label = "the field is marked `{Self}`",
    note = "a field marked `access::ByHeader` is narrowed by the client's customers: set them with `Customers` when building the client, \
            or for one query with `Client::with_customers`",
    note = "a field marked `access::NotFilterable` is not filtered by the server: read the rows and filter them in your own code"
)]
pub trait CanFilter {}
impl CanFilter for access::Filterable {}

/// Types that have an order on the server.
#[diagnostic::on_unimplemented(
    message = "only numbers and timestamps have an order: `{Self}` has none",
    label = "`{Self}` values cannot be ordered by the server",
    note = "`gt`, `ge`, `lt` and `le` exist for fields of integers, numbers, timestamps and dates; use `eq`, `ne` or `one_of` here"
)]
pub trait Ordered {}

/// Types whose values can be equal to one value.
#[diagnostic::on_unimplemented(
    message = "a field of type `{Self}` cannot equal one value",
    label = "not a single value",
    note = "for lists use `one_of`: it matches when any element is common",
    note = "maps and objects can only be tested with `is_null` and `is_not_null`"
)]
pub trait Equatable {}

/// Types that can be looked up in a list of values: single values, and lists by any of their elements.
#[diagnostic::on_unimplemented(
    message = "a field of type `{Self}` cannot be looked up in a list of values",
    label = "neither a single value nor a list of them",
    note = "maps and objects can only be tested with `is_null` and `is_not_null`"
)]
pub trait ListComparable {
    /// What the values of the list are.
    type Element;
}

/// What may be compared with a field of type `T`.
#[diagnostic::on_unimplemented(
    message = "a field of type `{T}` cannot be compared with `{Self}`",
    label = "expected a value for a `{T}` field",
    note = "enumerations take their own variants; a value that the spec does not list is `Unlisted(..)`, or `from_wire(..)` of its text"
)]
pub trait Operand<T> {
    /// The value as it is sent.
    fn into_json(self) -> Result<Json, NonFinite>;
}

/// Why a value cannot be sent: JSON has no infinity and no "not a number".
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct NonFinite(pub(crate) f64);

macro_rules! single {
    ($($ty:ty),*) => { $(
        impl Equatable for $ty {}
        impl ListComparable for $ty { type Element = $ty; }
    )* };
}
single!(i64, f64, String, bool, Timestamp, civil::Date);

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
    String: &str => |v| v.into(), String => |v| v.into(), &String => |v| v.as_str().into();
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
