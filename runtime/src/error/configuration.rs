//! A client or a query with a wrong setup.

use std::fmt;

use super::assumption::AssumedValue;

/// A client or a query with a wrong setup.
#[derive(Clone, Debug)]
pub struct ConfigurationError {
    pub(crate) what: &'static str,
    pub(crate) problem: String,
    pub(crate) assumptions: Vec<AssumedValue>,
}

impl ConfigurationError {
    /// The wrong setting: `token`, `customers`, `assume`.
    pub fn what(&self) -> &'static str {
        self.what
    }
}

impl fmt::Display for ConfigurationError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.what, self.problem)
    }
}

impl std::error::Error for ConfigurationError {}
