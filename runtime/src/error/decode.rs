//! A response that does not match its format.

use std::fmt;

use super::{assumption::AssumedValue, subject::Subject};
use crate::meta::Meta;

/// A response that does not match its format.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct DecodeError {
    /// The report; empty if the request was for none.
    pub report: &'static str,
    /// The endpoint, unless the request was a query of a report.
    pub endpoint: Option<&'static str>,
    /// Index of the row in its page; none if the fault is outside the rows.
    pub row: Option<usize>,
    /// Index of the series in its chart; none if the fault is outside the series.
    pub series: Option<usize>,
    /// Path in the row or the response: `timeseries_time_ranges.1h.from`.
    pub field: Option<String>,
    /// What was expected and what was found.
    pub problem: String,
    /// The start of the text at fault.
    pub snippet: String,
    pub(crate) assumptions: Vec<AssumedValue>,
    pub(crate) meta: Box<Meta>,
}

impl fmt::Display for DecodeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: cannot decode the response", Subject { report: self.report, endpoint: self.endpoint })?;
        if let Some(row) = self.row {
            write!(f, " at row {row}")?;
        }
        if let Some(field) = &self.field {
            write!(f, ", `{field}`")?;
        }
        write!(f, ": {}", self.problem)?;
        // For a row, the problem already shows the value.
        if self.row.is_none() && !self.snippet.is_empty() { write!(f, "; text: {}", self.snippet) } else { Ok(()) }
    }
}

impl std::error::Error for DecodeError {}
