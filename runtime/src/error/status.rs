//! A response with an error status.

use std::{fmt, time::Duration};

use super::{assumption::AssumedValue, subject::Subject};
use crate::rate_limit::RateLimit;

/// A response with an error status.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct StatusReply {
    /// The report; empty if the request was for none.
    pub report: &'static str,
    /// The endpoint, unless the request was a query of a report.
    pub endpoint: Option<&'static str>,
    /// The HTTP status.
    pub status: u16,
    /// The server's message, if the body has one.
    pub message: Option<String>,
    /// The documented meaning of the status.
    pub description: Option<&'static str>,
    /// The documented advice for the status.
    pub advice: Option<&'static str>,
    /// The request id, if the server sent one.
    pub request_id: Option<String>,
    /// The minimum wait before a retry, if the server sent one.
    pub retry_after: Option<Duration>,
    /// The state of the rate limit, if the server sent it.
    pub rate: Option<RateLimit>,
    /// The start of the body.
    pub snippet: String,
    pub(crate) assumptions: Vec<AssumedValue>,
}

impl StatusReply {
    pub(super) fn write(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: status {}", Subject { report: self.report, endpoint: self.endpoint }, self.status)?;
        if let Some(description) = self.description {
            write!(f, ": {}", description.trim_end_matches('.'))?;
        }
        match &self.message {
            Some(message) => write!(f, "; server message: {}", message.trim_end_matches('.'))?,
            None if !self.snippet.is_empty() => write!(f, "; body: {}", self.snippet)?,
            None => {}
        }
        if let Some(id) = &self.request_id {
            write!(f, " (request id {id})")?;
        }
        Ok(())
    }

    pub(super) fn write_advice(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.advice.map_or(Ok(()), |advice| write!(f, ". {}", advice.trim_end_matches('.')))
    }
}
