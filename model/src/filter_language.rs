//! The filter language: operators, their wire names and their costs.

use serde::{Deserialize, Serialize};

use crate::setting::Setting;
use crate::vocabulary::{Coverage, Provenance};

/// The filter language: keys and operators of filter nodes.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct FilterLanguage {
    /// How much of its page is known.
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
    /// All children hold.
    pub and: Operator,
    /// At least one child holds.
    pub or: Operator,
    /// The field equals the value; null matches null.
    pub equal: Operator,
    /// The field differs from the value; null matches values that are not null.
    pub not_equal: Operator,
    /// The field is greater.
    pub greater_than: Operator,
    /// The field is greater or equal.
    pub greater_or_equal: Operator,
    /// The field is less.
    pub less_than: Operator,
    /// The field is less or equal.
    pub less_or_equal: Operator,
    /// The field is one of the values, or a list that contains one of them.
    pub one_of: Operator,
    /// The field is none of the values.
    pub none_of: Operator,
}

impl FilterLanguage {
    /// Every operator with its key in the spec, logical ones first.
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
    /// Cost in tokens that each node adds to a query.
    pub cost: Setting<u32>,
    /// What it means, and which fields it applies to.
    pub description: Option<String>,
    /// How well it is known.
    pub provenance: Provenance,
}
