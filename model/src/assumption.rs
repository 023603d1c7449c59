//! Assumptions: named values that the client or the simulator uses because no page states them.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::vocabulary::Scope;

/// A named value that is used because no page states it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Assumption {
    /// Its name, in kebab case: its key in the spec.
    #[cfg_attr(feature = "schema", schemars(skip))]
    pub id: String,
    /// The assumed value; null for a path that is not known.
    pub value: Value,
    /// Why this value.
    pub reason: String,
    /// What would settle it, or what settled it.
    pub settled_by: String,
    /// Whether the live API settled it. Its value was seen then, but still no page states it.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    #[cfg_attr(feature = "schema", schemars(skip))]
    pub settled: bool,
    /// What it affects.
    pub scope: Scope,
}
