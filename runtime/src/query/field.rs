//! Fields as constants. Filters that make no sense do not compile: another report's field, an order on text, a field that is not filterable.

use std::{fmt, marker::PhantomData};

use serde_json::Value as Json;

use super::filter::Filter;
use super::operand::{Equatable, ListComparable, Operand, Ordered};
use crate::facts::report::{FieldInfo, TypeWord};
use crate::facts::vocabulary::{Filterability, Provenance};
use crate::json::value::Value;
use crate::request::filter::{Comparison, NonFinite};

/// Whether a filter may use a field, as a part of the field's type.
pub mod access {
    /// Filterable, or not documented as unfilterable.
    #[derive(Clone, Copy, Debug)]
    pub enum Filterable {}
    /// Filtered with a request header instead.
    #[derive(Clone, Copy, Debug)]
    pub enum ByHeader {}
    /// Not filterable.
    #[derive(Clone, Copy, Debug)]
    pub enum NotFilterable {}
}

/// A field of the report `R` with values of type `T`.
pub struct Field<R, T, A = access::Filterable> {
    info: FieldInfo,
    marker: Marker<R, T, A>,
}

/// Holds no value of these types, so every field is `Copy`, `Send` and `Sync`.
type Marker<R, T, A> = PhantomData<fn() -> (R, T, A)>;

impl<R, T: Value> Field<R, T> {
    /// A filterable field.
    pub const fn filterable(name: &'static str) -> Self {
        Self::of(name, T::TYPE, Filterability::Yes)
    }

    /// A field that an example request filters.
    pub const fn filterable_by_example(name: &'static str) -> Self {
        Self::of(name, T::TYPE, Filterability::Example)
    }

    /// A field whose filterability is not documented; the server decides.
    pub const fn unknown(name: &'static str) -> Self {
        Self::of(name, T::TYPE, Filterability::Unknown)
    }
}

impl<R, T: Value> Field<R, T, access::NotFilterable> {
    /// A field that is not filterable.
    pub const fn not_filterable(name: &'static str) -> Self {
        Self::of(name, T::TYPE, Filterability::No)
    }

    /// A field whose filterability is not documented, so the spec forbids filters on it.
    pub const fn unknown_strict(name: &'static str) -> Self {
        Self::of(name, T::TYPE, Filterability::UnknownStrict)
    }
}

impl<R, T: Value> Field<R, T, access::ByHeader> {
    /// A field that a request header filters.
    pub const fn by_header(name: &'static str, header: &'static str) -> Self {
        Self::of(name, T::TYPE, Filterability::Header(header))
    }
}

impl<R, T, A> Field<R, T, A> {
    const fn of(name: &'static str, ty: TypeWord, filterable: Filterability) -> Self {
        Self { info: FieldInfo { name, ty, filterable, provenance: Provenance::Documented }, marker: PhantomData }
    }

    /// The same field with another provenance.
    #[must_use]
    pub const fn provenance(mut self, provenance: Provenance) -> Self {
        self.info.provenance = provenance;
        self
    }

    /// The name on the wire.
    pub const fn name(self) -> &'static str {
        self.info.name
    }

    /// Its facts.
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

    /// The field does not equal the value.
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

    /// The field is greater than or equal to the value.
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

    /// The field is less than or equal to the value.
    pub fn le<V: Operand<T>>(self, value: V) -> Filter<R>
    where
        A: CanFilter,
        T: Ordered,
    {
        Filter::compare(Comparison::LessOrEqual, self.info.name, value.into_json())
    }

    /// The field is one of the values; a list matches if it has any of them.
    ///
    /// An empty list is sent as it is. Its effect is undocumented.
    pub fn one_of<V: Operand<T::Element>>(self, values: impl IntoIterator<Item = V>) -> Filter<R>
    where
        A: CanFilter,
        T: ListComparable,
    {
        Filter::compare(Comparison::OneOf, self.info.name, list(values))
    }

    /// The field is none of the values. An empty list is sent as it is; its effect is undocumented.
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

/// Makes the table of a report's fields: `field_table! { ID, CHANNEL }` is a static `FIELDS` with the facts of each.
#[doc(hidden)]
#[macro_export]
macro_rules! field_table {
    ($( $field:ident ),* $(,)?) => {
        /// Every field, in the order of the page.
        pub static FIELDS: &[$crate::machinery::FieldInfo] = &[$( $field.info() ),*];
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

/// Fields that a filter may use.
#[diagnostic::on_unimplemented(
    message = "this field is not filterable",
    label = "the field is marked `{Self}`",
    note = "a field marked `access::ByHeader` is filtered by the client's customers: set them with `ClientBuilder::customers`, or for one \
            query with `Client::with_customers`",
    note = "a field marked `access::NotFilterable` cannot be filtered by the server: fetch the rows and filter them in your code"
)]
pub trait CanFilter {}
impl CanFilter for access::Filterable {}
