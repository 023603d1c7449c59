//! The filter language: operators, their wire names and their costs.

use serde::{Deserialize, Serialize};

use crate::setting::Setting;
use crate::vocabulary::{Coverage, Provenance};

/// The filter language: keys and operators of filter nodes.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct FilterLanguage {
    /// How much of the page this file covers.
    #[serde(default)]
    pub coverage: Coverage,
    /// A description in your own words.
    pub description: Option<String>,
    /// The page that documents it.
    pub source: Option<String>,
    /// The keys of nodes.
    pub keys: FilterKeys,
    /// The node types.
    pub operators: Operators,
}

/// The keys of filter nodes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct FilterKeys {
    /// The node's type.
    #[serde(rename = "type")]
    pub ty: String,
    /// A logical node's children.
    pub operations: String,
    /// A comparison's field.
    pub field: String,
    /// A comparison's value.
    pub value: String,
}

/// The node types, by meaning. The set is closed, because the client implements each.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Operators {
    /// All operations match.
    pub and: Operator,
    /// Any operation matches.
    pub or: Operator,
    /// Field equals value; null matches null.
    pub equal: Operator,
    /// Field differs from value; null matches values that are not null.
    pub not_equal: Operator,
    /// Field is greater.
    pub greater_than: Operator,
    /// Field is greater or equal.
    pub greater_or_equal: Operator,
    /// Field is less.
    pub less_than: Operator,
    /// Field is less or equal.
    pub less_or_equal: Operator,
    /// Field is one of the values, or a list that contains one of them.
    pub one_of: Operator,
    /// Field is none of the values.
    pub none_of: Operator,
}

impl FilterLanguage {
    /// Every operator with its key in the spec, logical ones first.
    pub fn operators(&self) -> [(&'static str, &Operator); 10] {
        let operators = &self.operators;
        [
            ("and", &operators.and),
            ("or", &operators.or),
            ("equal", &operators.equal),
            ("not_equal", &operators.not_equal),
            ("greater_than", &operators.greater_than),
            ("greater_or_equal", &operators.greater_or_equal),
            ("less_than", &operators.less_than),
            ("less_or_equal", &operators.less_or_equal),
            ("one_of", &operators.one_of),
            ("none_of", &operators.none_of),
        ]
    }
}

/// One node type.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Operator {
    /// Its wire name.
    pub name: String,
    /// The tokens that each such node adds.
    pub cost: Setting<u32>,
    /// A description in your own words.
    pub description: Option<String>,
    /// How this is known.
    #[serde(default)]
    pub provenance: Provenance,
}
