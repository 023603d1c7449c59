//! A request that failed before a whole response arrived.

use std::fmt;

use super::subject::Subject;

/// A request that failed before a whole response arrived.
#[derive(Debug)]
pub struct TransportError {
    subject: Subject,
    kind: TransportKind,
    source: reqwest::Error,
}

/// The kind of a transport failure.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum TransportKind {
    /// No connection to the server.
    Connect,
    /// A timeout.
    Timeout,
    /// The connection broke during the response.
    Body,
    /// The request could not be built.
    Request,
}

impl TransportError {
    pub(crate) fn new(subject: Subject, source: reqwest::Error) -> Self {
        let kind = if source.is_timeout() {
            TransportKind::Timeout
        } else if source.is_connect() {
            TransportKind::Connect
        } else if source.is_builder() {
            TransportKind::Request
        } else {
            TransportKind::Body
        };
        // The URL may hold something that must not reach a log.
        Self { subject, kind, source: source.without_url() }
    }

    /// The kind of the failure.
    pub fn kind(&self) -> TransportKind {
        self.kind
    }
}

impl fmt::Display for TransportError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let what = match self.kind {
            TransportKind::Connect => "no connection to the server; check the base URL and the network",
            TransportKind::Timeout => "the request timed out; request smaller pages or raise the timeouts",
            TransportKind::Body => "the connection broke during the response; retry",
            TransportKind::Request => "the request could not be built",
        };
        write!(f, "{}: {what}", self.subject)
    }
}

impl std::error::Error for TransportError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        Some(&self.source)
    }
}
