//! Filters: a tree of comparisons joined by `&` and `|`, belonging to one report. In come comparisons of fields; out go the JSON that is
//! sent and its cost in rate-limit tokens.

use std::{
    fmt,
    marker::PhantomData,
    ops::{BitAnd, BitOr},
};

use serde_json::{Map, Value as Json};

use crate::{Api, Error, FilterLanguage, Operator, Report, field::NonFinite, settings::Settings};

/// A filter of the report `R`.
///
/// `a & b & c` is one node of three, and so is `a | b | c`: the server charges by the node. Nodes may be nested 60 deep; a filter that is
/// nested deeper is refused before anything is sent.
pub struct Filter<R> {
    node: Node,
    report: PhantomData<fn() -> R>,
}

/// One node of the tree.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Node {
    And(Group),
    Or(Group),
    Compare(Comparison, &'static str, Result<Json, NonFinite>),
    /// JSON of the caller's own, which is sent as it is.
    Raw(Json),
    /// What was nested deeper than a filter may be. It is let go of at once: walking it, even to drop it, could use up the stack.
    TooDeep,
}

/// The nodes that a logical node joins.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Group {
    nodes: Vec<Node>,
    /// How many nodes lie one in another, this one included.
    depth: usize,
}

/// How deep a filter may be nested. Each node is two levels of JSON, and common readers of JSON refuse more than 128.
const MOST_DEEP: usize = 60;

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
    pub(crate) fn compare(how: Comparison, field: &'static str, value: Result<Json, NonFinite>) -> Self {
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
    /// JSON of the caller's own.
    pub(crate) fn raw(json: Json) -> Self {
        if json_depth(&json) > MOST_DEEP_JSON { Self::TooDeep } else { Self::Raw(json) }
    }

    /// Joins two nodes, merging those that are `and` already.
    pub(crate) fn and(self, other: Self) -> Self {
        let all = match self {
            Self::And(all) => all,
            one => Group::of(one),
        };
        all.join(match other {
            Self::And(more) => more,
            one => Group::of(one),
        })
        .map_or(Self::TooDeep, Self::And)
    }

    fn or(self, other: Self) -> Self {
        let any = match self {
            Self::Or(any) => any,
            one => Group::of(one),
        };
        any.join(match other {
            Self::Or(more) => more,
            one => Group::of(one),
        })
        .map_or(Self::TooDeep, Self::Or)
    }

    fn depth(&self) -> usize {
        match self {
            Self::And(group) | Self::Or(group) => group.depth,
            Self::Compare(..) | Self::TooDeep => 1,
            // Two levels of JSON, the node and the list of its operations, are one of a filter.
            Self::Raw(json) => json_depth(json).div_ceil(2),
        }
    }

    /// What is sent for this node; a value that cannot be sent shows as null, and [`check`](Self::check) keeps it from being sent.
    pub(crate) fn to_json(&self, settings: &Settings) -> Json {
        let keys = &settings.spec.filter;
        let mut node = Map::new();
        let name = match self {
            Self::Raw(json) => return json.clone(),
            Self::TooDeep => return Json::Null,
            Self::And(_) => keys.and.name,
            Self::Or(_) => keys.or.name,
            Self::Compare(how, ..) => how.operator(keys).name,
        };
        node.insert(keys.type_key.into(), name.into());
        match self {
            Self::And(inner) | Self::Or(inner) => {
                let inner = inner.nodes.iter().map(|node| node.to_json(settings)).collect();
                node.insert(keys.operations_key.into(), Json::Array(inner));
            }
            Self::Compare(_, field, value) => {
                node.insert(keys.field_key.into(), (*field).into());
                node.insert(keys.value_key.into(), value.clone().unwrap_or_default());
            }
            Self::Raw(_) | Self::TooDeep => {}
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
                inner.nodes.iter().for_each(|node| node.operators(keys, found));
            }
            Self::Compare(how, ..) => found(how.operator(keys)),
            Self::Raw(json) => raw_operators(json, keys, found),
            Self::TooDeep => {}
        }
    }

    /// Refuses values that JSON cannot hold, and what was too deep; sent as null they would ask another question.
    pub(crate) fn check(&self) -> Result<(), Error> {
        match self {
            Self::And(inner) | Self::Or(inner) => inner.nodes.iter().try_for_each(Self::check),
            Self::TooDeep => Err(Error::configuration(
                "filter",
                format!(
                    "it is nested more than {MOST_DEEP} deep; join alternatives side by side, as `Filter::any` and `one_of` do"
                ),
            )),
            Self::Compare(_, field, Err(NonFinite(number))) => Err(Error::configuration(
                "filter",
                format!("`{field}` is compared with {number}, which JSON cannot hold; use a finite number"),
            )),
            Self::Compare(..) | Self::Raw(_) => Ok(()),
        }
    }
}

impl Group {
    fn of(node: Node) -> Self {
        Self { depth: node.depth() + 1, nodes: vec![node] }
    }

    /// Both groups in one; none where it would be too deep.
    fn join(mut self, more: Self) -> Option<Self> {
        self.depth = self.depth.max(more.depth);
        if self.depth > MOST_DEEP {
            return None;
        }
        self.nodes.extend(more.nodes);
        Some(self)
    }
}

/// How deep JSON may be nested that is handed in as a filter.
const MOST_DEEP_JSON: usize = 2 * MOST_DEEP;

/// How many lists and objects lie one in another. Counted without recursion, up to one more than may be.
fn json_depth(json: &Json) -> usize {
    let (mut level, mut depth) = (vec![json], 0);
    while !level.is_empty() && depth <= MOST_DEEP_JSON {
        let mut below = Vec::new();
        for json in level {
            match json {
                Json::Array(items) => below.extend(items),
                Json::Object(entries) => below.extend(entries.values()),
                _ => {}
            }
        }
        level = below;
        depth += 1;
    }
    depth
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
