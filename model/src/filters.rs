//! The filter language: node types, their names on the wire, and what each costs. In and out: plain data.

use serde::{Deserialize, Serialize};

use crate::{Coverage, Provenance, Setting};

/// The filter language: node types, their wire names and costs.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct FilterLanguage {
    /// How much of it is known.
    #[serde(default)]
    pub coverage: Coverage,
    /// What it is.
    pub description: Option<String>,
    /// The page that documents it.
    pub source: Option<String>,
    /// Key of the node type.
    pub type_key: String,
    /// Key of a logical node's children.
    pub operations_key: String,
    /// Key of a comparison's field.
    pub field_key: String,
    /// Key of a comparison's value.
    pub value_key: String,
    /// All operations hold.
    pub and: Operator,
    /// Any operation holds.
    pub or: Operator,
    /// Field equals value; null asks for null.
    pub equal: Operator,
    /// Field differs from value; null asks for not null.
    pub not_equal: Operator,
    /// Field is greater.
    pub greater_than: Operator,
    /// Field is greater or equal.
    pub greater_or_equal: Operator,
    /// Field is less.
    pub less_than: Operator,
    /// Field is less or equal.
    pub less_or_equal: Operator,
    /// Field is one of the values, or shares an element with them.
    pub one_of: Operator,
    /// Field is none of the values.
    pub none_of: Operator,
}

impl FilterLanguage {
    /// Every operator with the key it has in the spec, logical ones first.
    pub fn operators(&self) -> [(&'static str, &Operator); 10] {
        [
            ("and", &self.and),
            ("or", &self.or),
            ("equal", &self.equal),
            ("not_equal", &self.not_equal),
            ("greater_than", &self.greater_than),
            ("greater_or_equal", &self.greater_or_equal),
            ("less_than", &self.less_than),
            ("less_or_equal", &self.less_or_equal),
            ("one_of", &self.one_of),
            ("none_of", &self.none_of),
        ]
    }
}

/// One filter node type.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Operator {
    /// Its name on the wire.
    pub name: String,
    /// Tokens that each node of it adds to a query.
    pub cost: Setting<u32>,
    /// What it means, and for which fields.
    pub description: Option<String>,
    /// How well it is known.
    pub provenance: Provenance,
}
