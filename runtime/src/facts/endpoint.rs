//! The constants of one endpoint.

use super::{setting::Setting, vocabulary::Coverage};

/// The facts of an endpoint.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct EndpointInfo {
    /// Its name.
    pub name: &'static str,
    /// Its title in the documentation.
    pub title: &'static str,
    /// Its HTTP method.
    pub method: &'static str,
    /// Its path; none if unknown. A name in braces is a placeholder for a value of the request.
    pub path: Setting<Option<&'static str>>,
    /// The cost of a call in tokens; none if unknown, or if the report decides.
    pub cost: Option<u32>,
    /// The permit that a token needs; none if unknown.
    pub permit: Option<&'static str>,
    /// Whether a call only reads, so that it may be sent again after a failure.
    pub only_reads: bool,
    /// How much of its page is known.
    pub coverage: Coverage,
}
