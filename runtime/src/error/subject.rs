//! The subject of a request, which every error names first.

use std::fmt;

/// A report, an endpoint, or an endpoint called for a report.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Subject {
    /// The report; empty if there is none.
    pub(crate) report: &'static str,
    /// The endpoint, unless it is the query endpoint of the report's format.
    pub(crate) endpoint: Option<&'static str>,
}

impl fmt::Display for Subject {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self { report, endpoint: None } => write!(f, "report {report}"),
            Self { report: "", endpoint: Some(endpoint) } => write!(f, "endpoint {endpoint}"),
            Self { report, endpoint: Some(endpoint) } => write!(f, "endpoint {endpoint}, report {report}"),
        }
    }
}
