//! What errors carry: the server's reply, a failure of transport, an answer that cannot be read, a wrong setup. In come their parts; out
//! go sentences that name the place and the next step.

use std::{fmt, time::Duration};

use super::Resting;
use crate::{RateLimit, query::Asked};

/// A reply with an error status.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct StatusReply {
    /// The report asked for; empty where an endpoint was called that is about none.
    pub report: &'static str,
    /// The endpoint that was called, if it was no query of a report.
    pub endpoint: Option<&'static str>,
    /// The HTTP status.
    pub status: u16,
    /// The server's message, where the body has one.
    pub message: Option<String>,
    /// What the status means, where the API documents it.
    pub description: Option<&'static str>,
    /// What to do, where the API documents the status.
    pub advice: Option<&'static str>,
    /// The request's id, where the server named one.
    pub request_id: Option<String>,
    /// The least time to wait before asking again, where the server named one.
    pub retry_after: Option<Duration>,
    /// The rate limit's state, where the server told it.
    pub rate: Option<RateLimit>,
    /// The beginning of the body.
    pub snippet: String,
    pub(crate) rests: Vec<Resting>,
}

impl StatusReply {
    pub(super) fn write(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: status {}", Asked { report: self.report, endpoint: self.endpoint }, self.status)?;
        if let Some(description) = self.description {
            write!(f, ": {}", description.trim_end_matches('.'))?;
        }
        match &self.message {
            Some(message) => write!(f, "; the server says: {message}")?,
            None if !self.snippet.is_empty() => write!(f, "; the body begins: {}", self.snippet)?,
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

/// A request that did not get through, or an answer that did not arrive whole.
#[derive(Debug)]
pub struct TransportError {
    asked: Asked,
    kind: TransportKind,
    source: reqwest::Error,
}

/// What sort of failure of transport.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum TransportKind {
    /// No connection came about.
    Connect,
    /// It took too long.
    Timeout,
    /// The connection broke while the answer arrived.
    Body,
    /// The request could not be made.
    Request,
}

impl TransportError {
    pub(crate) fn new(asked: Asked, source: reqwest::Error) -> Self {
        let kind = if source.is_timeout() {
            TransportKind::Timeout
        } else if source.is_connect() {
            TransportKind::Connect
        } else if source.is_builder() {
            TransportKind::Request
        } else {
            TransportKind::Body
        };
        // The address is the caller's own; keeping it out keeps whatever stands in it out of logs.
        Self { asked, kind, source: source.without_url() }
    }

    /// What sort of failure.
    pub fn kind(&self) -> TransportKind {
        self.kind
    }
}

impl fmt::Display for TransportError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let what = match self.kind {
            TransportKind::Connect => "no connection to the server; check the host and the network",
            TransportKind::Timeout => "the server took too long; ask for smaller pages or raise the timeouts",
            TransportKind::Body => "the connection broke before the answer was whole; ask again",
            TransportKind::Request => "the request could not be made",
        };
        write!(f, "{}: {what}", self.asked)
    }
}

impl std::error::Error for TransportError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        Some(&self.source)
    }
}

/// An answer that is not what the report's format promises.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct DecodeError {
    /// The report asked for; empty where an endpoint was called that is about none.
    pub report: &'static str,
    /// The endpoint that was called, if it was no query of a report.
    pub endpoint: Option<&'static str>,
    /// The row in its page, from zero; none if no row is to blame.
    pub row: Option<usize>,
    /// The series in its chart, from zero; none if no series is to blame.
    pub series: Option<usize>,
    /// The place in the row or the answer: `timeseries_time_ranges.1h.from`.
    pub field: Option<String>,
    /// What was expected and what was found.
    pub problem: String,
    /// The beginning of what could not be read.
    pub snippet: String,
    pub(crate) rests: Vec<Resting>,
}

impl fmt::Display for DecodeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let asked = Asked { report: self.report, endpoint: self.endpoint };
        write!(f, "{asked}: the answer cannot be read")?;
        if let Some(row) = self.row {
            write!(f, " at row {row}")?;
        }
        if let Some(field) = &self.field {
            write!(f, ", `{field}`")?;
        }
        write!(f, ": {}", self.problem)?;
        // Of a row, the problem has already shown the value.
        if self.row.is_none() && !self.snippet.is_empty() { write!(f, "; it begins: {}", self.snippet) } else { Ok(()) }
    }
}

impl std::error::Error for DecodeError {}

/// A client or a query that was put together wrongly.
#[derive(Clone, Debug)]
pub struct ConfigurationError {
    pub(crate) what: &'static str,
    pub(crate) problem: String,
    pub(crate) rests: Vec<Resting>,
}

impl ConfigurationError {
    /// What was set up wrongly: `token`, `customers`, `assume`.
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
