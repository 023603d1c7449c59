//! Filters: a tree of comparisons joined by `&` and `|`, belonging to one report. In come comparisons of fields; out go the JSON that is
//! sent and its cost in rate-limit tokens.

use std::{
    fmt,
    marker::PhantomData,
    ops::{BitAnd, BitOr},
};

use serde_json::{Map, Value as Json};

use crate::{Api, Error, FilterLanguage, Operator, Report, field::Unsendable, settings::Settings};

/// A filter of the report `R`.
///
/// `a & b & c` is one node of three, and so is `a | b | c`: the server charges by the node.
pub struct Filter<R> {
    node: Node,
    report: PhantomData<fn() -> R>,
}

/// One node of the tree.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Node {
    And(Vec<Node>),
    Or(Vec<Node>),
    Compare(Comparison, &'static str, Result<Json, Unsendable>),
    /// JSON of the caller's own, which is sent as it is.
    Raw(Json),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Comparison {
    Equal,
    NotEqual,
    GreaterThan,
    GreaterOrEqual,
    LessThan,
    LessOrEqual,
    OneOf,
    NoneOf,
}

impl<R> Filter<R> {
    pub(crate) fn compare(how: Comparison, field: &'static str, value: Result<Json, Unsendable>) -> Self {
        Self::of(Node::Compare(how, field, value))
    }

    fn of(node: Node) -> Self {
        Self { node, report: PhantomData }
    }

    pub(crate) fn into_node(self) -> Node {
        self.node
    }

    /// All of them hold; none if there are none.
    pub fn all(filters: impl IntoIterator<Item = Self>) -> Option<Self> {
        filters.into_iter().reduce(|a, b| a & b)
    }

    /// Any of them holds; none if there are none.
    pub fn any(filters: impl IntoIterator<Item = Self>) -> Option<Self> {
        filters.into_iter().reduce(|a, b| a | b)
    }
}

impl<R: Report> Filter<R> {
    /// The JSON that is sent.
    pub fn to_json(&self) -> Json {
        self.node.to_json(&Settings::untouched(<R::Api as Api>::SPEC))
    }

    /// Rate-limit tokens that the filter adds to a query.
    pub fn cost(&self) -> u32 {
        self.node.cost(&Settings::untouched(<R::Api as Api>::SPEC))
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

impl Node {
    /// Joins two nodes, merging those that are `and` already.
    pub(crate) fn and(self, other: Self) -> Self {
        let mut all = match self {
            Self::And(all) => all,
            one => vec![one],
        };
        match other {
            Self::And(more) => all.extend(more),
            one => all.push(one),
        }
        Self::And(all)
    }

    fn or(self, other: Self) -> Self {
        let mut any = match self {
            Self::Or(any) => any,
            one => vec![one],
        };
        match other {
            Self::Or(more) => any.extend(more),
            one => any.push(one),
        }
        Self::Or(any)
    }

    /// What is sent for this node; a value that cannot be sent shows as null, and [`check`](Self::check) keeps it from being sent.
    pub(crate) fn to_json(&self, settings: &Settings) -> Json {
        let keys = &settings.spec.filter;
        let mut node = Map::new();
        let name = match self {
            Self::Raw(json) => return json.clone(),
            Self::And(_) => keys.and.name,
            Self::Or(_) => keys.or.name,
            Self::Compare(how, ..) => how.operator(keys).name,
        };
        node.insert(keys.type_key.into(), name.into());
        match self {
            Self::And(inner) | Self::Or(inner) => {
                let inner = inner.iter().map(|node| node.to_json(settings)).collect();
                node.insert(keys.operations_key.into(), Json::Array(inner));
            }
            Self::Compare(_, field, value) => {
                node.insert(keys.field_key.into(), (*field).into());
                node.insert(keys.value_key.into(), value.clone().unwrap_or_default());
            }
            Self::Raw(_) => {}
        }
        Json::Object(node)
    }

    /// Tokens of this node and all within.
    pub(crate) fn cost(&self, settings: &Settings) -> u32 {
        let mut sum = 0_u32;
        self.operators(&settings.spec.filter, &mut |operator| sum = sum.saturating_add(settings.get(operator.cost)));
        sum
    }

    /// Hands out the operator of this node and of all within.
    pub(crate) fn operators(&self, keys: &FilterLanguage, found: &mut dyn FnMut(Operator)) {
        match self {
            Self::And(inner) | Self::Or(inner) => {
                found(if matches!(self, Self::And(_)) { keys.and } else { keys.or });
                inner.iter().for_each(|node| node.operators(keys, found));
            }
            Self::Compare(how, ..) => found(how.operator(keys)),
            Self::Raw(json) => raw_operators(json, keys, found),
        }
    }

    /// Refuses values that JSON cannot hold; sent as null they would ask another question.
    pub(crate) fn check(&self) -> Result<(), Error> {
        match self {
            Self::And(inner) | Self::Or(inner) => inner.iter().try_for_each(Self::check),
            Self::Compare(_, field, Err(Unsendable(number))) => Err(Error::configuration(
                "filter",
                format!("`{field}` is compared with {number}, which JSON cannot hold; use a finite number"),
            )),
            Self::Compare(..) | Self::Raw(_) => Ok(()),
        }
    }
}

/// The operators of a node that was handed in as JSON, as far as they are known.
fn raw_operators(json: &Json, keys: &FilterLanguage, found: &mut dyn FnMut(Operator)) {
    let name = json.get(keys.type_key).and_then(Json::as_str);
    if let Some(operator) = keys.operators().into_iter().find(|operator| name == Some(operator.name)) {
        found(operator);
    }
    let inner = json.get(keys.operations_key).and_then(Json::as_array);
    inner.into_iter().flatten().for_each(|node| raw_operators(node, keys, found));
}

impl Comparison {
    const fn operator(self, keys: &FilterLanguage) -> Operator {
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

impl<R> Clone for Filter<R> {
    fn clone(&self) -> Self {
        Self::of(self.node.clone())
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
