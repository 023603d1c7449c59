//! Facts that may depend on an assumption.

use serde::{Deserialize, Serialize};

/// A value, and the assumption that it depends on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Setting<T> {
    /// The value to use.
    pub value: T,
    /// The id of the assumption that it comes from; none if a page states it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub assumption: Option<String>,
}
