//! Filters as trees of comparisons: their JSON, their cost and their limits.

use serde_json::{Map, Value as Json};

use super::comparison::Comparison;
use crate::facts::api::{FilterLanguage, Operator};
use crate::{error::Error, facts::report::ReportSpec, overrides::Overrides};

/// A number that JSON does not have: infinity, or "not a number".
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct NonFinite(pub(crate) f64);

/// One node of a filter.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum FilterNode {
    And(Group),
    Or(Group),
    Compare(Comparison, ComparedField, Result<Json, NonFinite>),
    /// The caller's own JSON, sent unchanged.
    Raw(Json),
    /// A subtree that was nested too deep. It is dropped at once, because walking it could overflow the stack.
    TooDeep,
}

/// The operands of a logical node.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Group {
    nodes: Vec<FilterNode>,
    /// Levels of nodes, including this one.
    depth: usize,
}

/// Maximum depth of a filter. Each node is two levels of JSON, and common JSON parsers reject more than 128.
const MAX_DEPTH: usize = 60;

/// The field of a comparison.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct ComparedField {
    pub(crate) name: &'static str,
    /// The report it belongs to; none if the filter's type says that.
    pub(crate) report: Option<&'static ReportSpec>,
}

impl FilterNode {
    /// The caller's own JSON.
    pub(crate) fn raw(json: Json) -> Self {
        if json_depth(&json) > MAX_JSON_DEPTH { Self::TooDeep } else { Self::Raw(json) }
    }

    /// Joins two nodes and merges nested `and` nodes.
    pub(crate) fn and(self, other: Self) -> Self {
        let group = |node| if let Self::And(group) = node { group } else { Group::of(node) };
        group(self).join(group(other)).map_or(Self::TooDeep, Self::And)
    }

    pub(crate) fn or(self, other: Self) -> Self {
        let group = |node| if let Self::Or(group) = node { group } else { Group::of(node) };
        group(self).join(group(other)).map_or(Self::TooDeep, Self::Or)
    }

    fn depth(&self) -> usize {
        match self {
            Self::And(group) | Self::Or(group) => group.depth,
            Self::Compare(..) | Self::TooDeep => 1,
            // A node and the list of its operands are two levels of JSON.
            Self::Raw(json) => json_depth(json).div_ceil(2),
        }
    }

    /// The JSON of the node. A value that cannot be sent becomes null; [`check`](Self::check) rejects it.
    pub(crate) fn to_json(&self, overrides: &Overrides) -> Json {
        let keys = &overrides.spec.filter;
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
                let inner = inner.nodes.iter().map(|node| node.to_json(overrides)).collect();
                node.insert(keys.operations_key.into(), Json::Array(inner));
            }
            Self::Compare(_, field, value) => {
                node.insert(keys.field_key.into(), field.name.into());
                node.insert(keys.value_key.into(), value.clone().unwrap_or_default());
            }
            Self::Raw(_) | Self::TooDeep => {}
        }
        Json::Object(node)
    }

    /// Cost of the node and its operands, in tokens.
    pub(crate) fn cost(&self, overrides: &Overrides) -> u32 {
        let mut sum = 0_u32;
        self.operators(&overrides.spec.filter, &mut |operator| sum = sum.saturating_add(overrides.get(operator.cost)));
        sum
    }

    /// Calls `found` for the operator of the node and of its operands.
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

    /// Rejects fields of other reports, values that JSON does not have, and filters that are too deep.
    pub(crate) fn check(&self, report: &ReportSpec) -> Result<(), Error> {
        let problem = match self {
            Self::And(inner) | Self::Or(inner) => return inner.nodes.iter().try_for_each(|node| node.check(report)),
            Self::TooDeep => {
                format!("nested deeper than {MAX_DEPTH} levels; join alternatives on one level, with `Filter::any` or `one_of`")
            }
            Self::Compare(_, field, Err(NonFinite(number))) => {
                format!("`{}` is compared with {number}, which JSON does not have; use a finite number", field.name)
            }
            Self::Compare(_, ComparedField { name, report: Some(of) }, _) if *of != report => {
                format!("`{name}` is a field of the report `{}`, not of `{}`", of.name, report.name)
            }
            Self::Compare(..) | Self::Raw(_) => return Ok(()),
        };
        Err(Error::configuration("filter", problem))
    }
}

impl Group {
    fn of(node: FilterNode) -> Self {
        Self { depth: node.depth() + 1, nodes: vec![node] }
    }

    /// Both groups in one; none if it is too deep.
    fn join(mut self, more: Self) -> Option<Self> {
        self.depth = self.depth.max(more.depth);
        if self.depth > MAX_DEPTH {
            return None;
        }
        self.nodes.extend(more.nodes);
        Some(self)
    }
}

/// Maximum depth of a filter given as JSON.
const MAX_JSON_DEPTH: usize = 2 * MAX_DEPTH;

/// Levels of lists and objects, counted without recursion up to one more than the maximum.
fn json_depth(json: &Json) -> usize {
    let (mut level, mut depth) = (vec![json], 0);
    while !level.is_empty() && depth <= MAX_JSON_DEPTH {
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

/// The known operators of a filter given as JSON.
fn raw_operators(json: &Json, keys: &FilterLanguage, found: &mut dyn FnMut(Operator)) {
    let name = json.get(keys.type_key).and_then(Json::as_str);
    if let Some(operator) = keys.operators().into_iter().find(|operator| name == Some(operator.name)) {
        found(operator);
    }
    let inner = json.get(keys.operations_key).and_then(Json::as_array);
    inner.into_iter().flatten().for_each(|node| raw_operators(node, keys, found));
}
