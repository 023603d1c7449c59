//! Fields as constants. Filters that make no sense do not compile: another report's field, an order on text, a field that is not filterable.

use std::{fmt, marker::PhantomData};

use serde_json::Value as Json;

use super::filter::Filter;
use super::operand::{Equatable, ListComparable, Operand, Ordered, Sealed};
use crate::request::{comparison::Comparison, filter::NonFinite};

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
///
/// Its methods make filters; the operators `==` and `>` do not: write `ID.eq(5)`.
pub struct Field<R, T, A = access::Filterable> {
    name: &'static str,
    marker: Marker<R, T, A>,
}

/// Holds no value of these types, so every field is `Copy`, `Send` and `Sync`.
type Marker<R, T, A> = PhantomData<fn() -> (R, T, A)>;

impl<R, T, A> Field<R, T, A> {
    /// The field with that wire name.
    pub const fn new(name: &'static str) -> Self {
        Self { name, marker: PhantomData }
    }

    /// The name on the wire.
    pub const fn name(self) -> &'static str {
        self.name
    }

    /// The field equals the value.
    pub fn eq<V: Operand<T>>(self, value: V) -> Filter<R>
    where
        A: CanFilter,
        T: Equatable,
    {
        Filter::compare(Comparison::Equal, self.name, value.into_json())
    }

    /// The field does not equal the value.
    pub fn ne<V: Operand<T>>(self, value: V) -> Filter<R>
    where
        A: CanFilter,
        T: Equatable,
    {
        Filter::compare(Comparison::NotEqual, self.name, value.into_json())
    }

    /// The field is greater than the value.
    pub fn gt<V: Operand<T>>(self, value: V) -> Filter<R>
    where
        A: CanFilter,
        T: Ordered,
    {
        Filter::compare(Comparison::GreaterThan, self.name, value.into_json())
    }

    /// The field is greater than or equal to the value.
    pub fn ge<V: Operand<T>>(self, value: V) -> Filter<R>
    where
        A: CanFilter,
        T: Ordered,
    {
        Filter::compare(Comparison::GreaterOrEqual, self.name, value.into_json())
    }

    /// The field is less than the value.
    pub fn lt<V: Operand<T>>(self, value: V) -> Filter<R>
    where
        A: CanFilter,
        T: Ordered,
    {
        Filter::compare(Comparison::LessThan, self.name, value.into_json())
    }

    /// The field is less than or equal to the value.
    pub fn le<V: Operand<T>>(self, value: V) -> Filter<R>
    where
        A: CanFilter,
        T: Ordered,
    {
        Filter::compare(Comparison::LessOrEqual, self.name, value.into_json())
    }

    /// The field is one of the values; a list matches if it has any of them. A single value is a list too: `one_of([value])`.
    ///
    /// An empty list is sent as it is. Its effect is undocumented.
    pub fn one_of<V: Operand<T::Element>>(self, values: impl IntoIterator<Item = V>) -> Filter<R>
    where
        A: CanFilter,
        T: ListComparable,
    {
        Filter::compare(Comparison::OneOf, self.name, list(values))
    }

    /// The field is none of the values. An empty list is sent as it is; its effect is undocumented.
    pub fn none_of<V: Operand<T::Element>>(self, values: impl IntoIterator<Item = V>) -> Filter<R>
    where
        A: CanFilter,
        T: ListComparable,
    {
        Filter::compare(Comparison::NoneOf, self.name, list(values))
    }

    /// The field is null.
    pub fn is_null(self) -> Filter<R>
    where
        A: CanFilter,
    {
        Filter::compare(Comparison::Equal, self.name, Ok(Json::Null))
    }

    /// The field is not null.
    pub fn is_not_null(self) -> Filter<R>
    where
        A: CanFilter,
    {
        Filter::compare(Comparison::NotEqual, self.name, Ok(Json::Null))
    }
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
        f.debug_tuple("Field").field(&self.name).finish()
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
pub trait CanFilter: Sealed {}
impl Sealed for access::Filterable {}
#[diagnostic::do_not_recommend]
impl CanFilter for access::Filterable {}
