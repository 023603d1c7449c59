//! Typed filters, joined with `&` and `|`. A filter belongs to one report.

use std::fmt;
use std::marker::PhantomData;
use std::ops::{BitAnd, BitOr};

use serde_json::Value as Json;

use crate::request::{
    comparison::Comparison,
    filter::{ComparedField, FilterNode, NonFinite},
};
use crate::{
    facts::api::StaticApi,
    facts::report::{AnyReport, Report},
    overrides::Overrides,
};

/// A filter of the report `R`.
///
/// `a & b & c` is one node with three operands, and so is `a | b | c`: the server charges per node. Nodes may be nested 60 levels deep;
/// the client rejects a deeper filter before sending.
///
/// ```
/// use harbour_api::{Berths, berths, berths::Kind};
///
/// let long = berths::LENGTH.ge(12.5) & berths::KIND.one_of([Kind::Wet, Kind::from("floating")]);
/// let either = long.clone() | berths::NAME.is_null();
/// println!("adds {} tokens: {}", either.cost(), either.to_json());
/// // All filters of a query must match.
/// let query = Berths::records().filter(long).filter(berths::COVERED.eq(true));
/// ```
#[must_use = "a filter does nothing until it is added to a query"]
#[derive(Clone)]
pub struct Filter<R> {
    node: FilterNode,
    report: PhantomData<fn() -> R>,
}

impl<R> Filter<R> {
    pub(super) fn compare(how: Comparison, name: &'static str, value: Result<Json, NonFinite>) -> Self {
        Self::of(FilterNode::Compare(how, ComparedField { name, report: None }, value))
    }

    pub(crate) fn of(node: FilterNode) -> Self {
        Self { node, report: PhantomData }
    }

    pub(crate) fn into_node(self) -> FilterNode {
        self.node
    }

    /// Matches if all filters match; none without filters.
    pub fn all(filters: impl IntoIterator<Item = Self>) -> Option<Self> {
        filters.into_iter().reduce(|a, b| a & b)
    }

    /// Matches if any filter matches; none without filters.
    pub fn any(filters: impl IntoIterator<Item = Self>) -> Option<Self> {
        filters.into_iter().reduce(|a, b| a | b)
    }
}

impl<R: Report> Filter<R> {
    /// The JSON of the filter.
    pub fn to_json(&self) -> Json {
        self.node.to_json(&Overrides::none(<R::Api as StaticApi>::SPEC))
    }

    /// Cost that the filter adds to a query, in tokens.
    pub fn cost(&self) -> u32 {
        self.node.cost(&Overrides::none(<R::Api as StaticApi>::SPEC))
    }
}

impl Filter<AnyReport> {
    /// A filter as JSON, which is sent unchanged. Its names and values are not checked.
    pub fn raw(filter: Json) -> Self {
        Self::of(FilterNode::raw(filter))
    }
}

impl<R> BitAnd for Filter<R> {
    type Output = Self;

    fn bitand(self, other: Self) -> Self {
        Self::of(self.node.and(other.node))
    }
}

impl<R> BitOr for Filter<R> {
    type Output = Self;

    fn bitor(self, other: Self) -> Self {
        Self::of(self.node.or(other.node))
    }
}

impl<R> PartialEq for Filter<R> {
    fn eq(&self, other: &Self) -> bool {
        self.node == other.node
    }
}

impl<R> fmt::Debug for Filter<R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Filter").field(&self.node).finish()
    }
}
