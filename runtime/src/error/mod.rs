//! Everything that can go wrong with a query, as one enumeration: a variant per documented error status, and one each for what happens
//! before, between and after. In comes what the transport and the decoder found; out goes a value that says what to do next. No secret
//! is ever in it: replies are searched for the token before any of their text gets here.

mod invalid;
mod parts;
mod range;
mod resting;

pub use invalid::{Invalid, ParameterError};
pub use parts::{ConfigurationError, DecodeError, StatusReply, TransportError, TransportKind};
pub use range::{RangeError, RangeProblem};
pub use resting::AssumptionError;

pub(crate) use resting::Resting;

use std::{fmt, time::Duration};

use crate::{Assumption, ErrorName};

/// Why a query, or the building of a client, failed.
#[derive(Debug)]
#[non_exhaustive]
pub enum Error {
    /// The request cannot be parsed.
    BadRequest(Box<StatusReply>),
    /// The token is not accepted.
    Unauthorized(Box<StatusReply>),
    /// The feature is not enabled for the club.
    FeatureNotEnabled(Box<StatusReply>),
    /// The token lacks a permit.
    Forbidden(Box<StatusReply>),
    /// The thing asked for does not exist.
    NotFound(Box<StatusReply>),
    /// The action is not possible.
    NotPossible(Box<StatusReply>),
    /// Parameters are invalid.
    InvalidParameters {
        /// What the server replied.
        reply: Box<StatusReply>,
        /// Which parameters, as a tree that mirrors the request.
        invalid: Box<Invalid>,
    },
    /// The rate limit is used up, and waiting longer was not allowed.
    TooManyRequests {
        /// What the server replied.
        reply: Box<StatusReply>,
        /// The least time to wait before asking again, if the server said it.
        retry_after: Option<Duration>,
    },
    /// The firewall refused.
    Firewall(Box<StatusReply>),
    /// The action's OAuth token is invalid.
    OauthToken(Box<StatusReply>),
    /// A required header is missing.
    HeaderMissing(Box<StatusReply>),
    /// A header is wrong.
    HeaderIncorrect(Box<StatusReply>),
    /// The API is in maintenance.
    Maintenance(Box<StatusReply>),
    /// A status that the API does not document.
    Status(Box<StatusReply>),
    /// The server sent the client elsewhere, and the client did not go.
    Redirect {
        /// What was asked: `report sendings`, or `endpoint metadata`.
        asked: Box<str>,
        /// The HTTP status.
        status: u16,
        /// The host it pointed to; none if the reply named none that can be read.
        target: Option<Box<str>>,
    },
    /// The request did not get through, or the answer did not arrive whole.
    Transport(Box<TransportError>),
    /// The answer is larger than the client accepts.
    BodyTooLarge {
        /// What was asked: `report sendings`, or `endpoint metadata`.
        asked: Box<str>,
        /// The most bytes accepted.
        limit: u64,
    },
    /// The answer is not what the report's format promises.
    Decode(Box<DecodeError>),
    /// A page named a cursor that this run had seen before, so that it would never end.
    RepeatedCursor {
        /// The report.
        report: &'static str,
        /// The cursor.
        cursor: Box<str>,
        /// What the run rested on.
        rests: Rests,
    },
    /// A timeseries that the documented limits do not allow; nothing was sent.
    Range(Box<RangeError>),
    /// An answer proves wrong what was taken as given.
    Assumption(Box<AssumptionError>),
    /// The client or the query was put together wrongly; nothing was sent.
    Configuration(Box<ConfigurationError>),
}

/// The assumptions that a failed request rested on; [`Error::assumptions`] names them.
#[derive(Debug)]
pub struct Rests(Box<Box<[Resting]>>);

impl Rests {
    pub(crate) fn new(rests: impl IntoIterator<Item = Resting>) -> Self {
        Self(Box::new(rests.into_iter().collect()))
    }
}

impl Error {
    pub(crate) fn configuration(what: &'static str, problem: impl Into<String>) -> Self {
        Self::configuration_resting(what, problem.into(), Vec::new())
    }

    pub(crate) fn configuration_resting(what: &'static str, problem: String, rests: Vec<Resting>) -> Self {
        Self::Configuration(Box::new(ConfigurationError { what, problem, rests }))
    }

    /// The variant that the documented name of the status asks for.
    pub(crate) fn from_status(name: Option<ErrorName>, reply: StatusReply, invalid: impl FnOnce() -> Invalid) -> Self {
        let retry_after = reply.retry_after;
        let reply = Box::new(reply);
        match name {
            None => Self::Status(reply),
            Some(ErrorName::BadRequest) => Self::BadRequest(reply),
            Some(ErrorName::Unauthorized) => Self::Unauthorized(reply),
            Some(ErrorName::FeatureNotEnabled) => Self::FeatureNotEnabled(reply),
            Some(ErrorName::Forbidden) => Self::Forbidden(reply),
            Some(ErrorName::NotFound) => Self::NotFound(reply),
            Some(ErrorName::NotPossible) => Self::NotPossible(reply),
            Some(ErrorName::InvalidParameters) => Self::InvalidParameters { reply, invalid: Box::new(invalid()) },
            Some(ErrorName::TooManyRequests) => Self::TooManyRequests { reply, retry_after },
            Some(ErrorName::Firewall) => Self::Firewall(reply),
            Some(ErrorName::OauthToken) => Self::OauthToken(reply),
            Some(ErrorName::HeaderMissing) => Self::HeaderMissing(reply),
            Some(ErrorName::HeaderIncorrect) => Self::HeaderIncorrect(reply),
            Some(ErrorName::Maintenance) => Self::Maintenance(reply),
        }
    }

    /// What the server replied, for every error status.
    pub fn reply(&self) -> Option<&StatusReply> {
        match self {
            Self::BadRequest(reply)
            | Self::Unauthorized(reply)
            | Self::FeatureNotEnabled(reply)
            | Self::Forbidden(reply)
            | Self::NotFound(reply)
            | Self::NotPossible(reply)
            | Self::InvalidParameters { reply, .. }
            | Self::TooManyRequests { reply, .. }
            | Self::Firewall(reply)
            | Self::OauthToken(reply)
            | Self::HeaderMissing(reply)
            | Self::HeaderIncorrect(reply)
            | Self::Maintenance(reply)
            | Self::Status(reply) => Some(reply),
            _ => None,
        }
    }

    /// The same for those who have more to say about it.
    pub(crate) fn reply_mut(&mut self) -> Option<&mut StatusReply> {
        match self {
            Self::NotFound(reply) | Self::HeaderIncorrect(reply) | Self::InvalidParameters { reply, .. } => Some(reply),
            _ => None,
        }
    }

    /// What the failed request rested on that no page states, as far as it may be to blame. Each can be turned where the client is built,
    /// or, if the types rest on it, in the description that they are made from.
    pub fn assumptions(&self) -> Vec<&'static Assumption> {
        self.rests().iter().map(|rest| rest.assumption).collect()
    }

    fn rests(&self) -> &[Resting] {
        match self {
            Self::Decode(error) => &error.rests,
            Self::RepeatedCursor { rests, .. } => &rests.0,
            Self::Range(error) => &error.rests,
            Self::Assumption(error) => std::slice::from_ref(&error.rests),
            Self::Configuration(error) => &error.rests,
            other => other.reply().map_or(&[], |reply| &reply.rests),
        }
    }

    /// The HTTP status, if it was a status that made this an error.
    pub fn status(&self) -> Option<u16> {
        match self {
            Self::Redirect { status, .. } => Some(*status),
            other => other.reply().map(|reply| reply.status),
        }
    }

    /// The tree of invalid parameters.
    pub fn invalid(&self) -> Option<&Invalid> {
        match self {
            Self::InvalidParameters { invalid, .. } => Some(invalid),
            _ => None,
        }
    }

    /// The least time to wait before asking again, if the server said it.
    pub fn retry_after(&self) -> Option<Duration> {
        self.reply().and_then(|reply| reply.retry_after)
    }

    /// Whether the rate limit refused.
    pub fn is_rate_limited(&self) -> bool {
        matches!(self, Self::TooManyRequests { .. })
    }

    /// Whether the same request may succeed later without being changed.
    pub fn is_retryable(&self) -> bool {
        match self {
            Self::TooManyRequests { .. } | Self::Maintenance(_) => true,
            Self::Status(reply) => reply.status >= 500,
            Self::Transport(error) => error.kind() != TransportKind::Request,
            _ => false,
        }
    }

    /// Whether waiting for the server took too long.
    pub fn is_timeout(&self) -> bool {
        matches!(self, Self::Transport(error) if error.kind() == TransportKind::Timeout)
    }

    /// Whether the token or its permits were refused.
    pub fn is_access_refused(&self) -> bool {
        matches!(self, Self::Unauthorized(_) | Self::Forbidden(_) | Self::FeatureNotEnabled(_) | Self::OauthToken(_))
    }

    /// Whether nothing was sent because client or query were put together wrongly.
    pub fn is_configuration(&self) -> bool {
        matches!(self, Self::Configuration(_))
    }

    /// Whether nothing was sent because the limits of timeseries do not allow the range or the interval.
    pub fn is_range(&self) -> bool {
        matches!(self, Self::Range(_))
    }

    /// Whether the answer was not what the report's format promises.
    pub fn is_decode(&self) -> bool {
        matches!(self, Self::Decode(_))
    }
}

impl Error {
    /// The message without what it rests on.
    fn write(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::InvalidParameters { reply, invalid } => {
                reply.write(f)?;
                for (path, error) in invalid.iter() {
                    write!(f, "\n  {}: {error}", if path.is_empty() { "(request)" } else { &path })?;
                }
                reply.write_advice(f)
            }
            Self::TooManyRequests { reply, retry_after } => {
                reply.write(f)?;
                if let Some(wait) = retry_after {
                    write!(f, " (wait at least {} s)", wait.as_secs())?;
                }
                reply.write_advice(f)
            }
            Self::Redirect { asked, status, target } => {
                let target = target.as_deref().unwrap_or("an unnamed place");
                write!(
                    f,
                    "{asked}: the server redirects to {target} (status {status}); redirects are not followed, because the token would go along. \
                     Set the base address to where the API is served"
                )
            }
            Self::Transport(error) => fmt::Display::fmt(error, f),
            Self::BodyTooLarge { asked, limit } => write!(
                f,
                "{asked}: the answer is larger than the {limit} bytes that the client accepts; ask for smaller pages or raise `max_body_bytes`"
            ),
            Self::Decode(error) => fmt::Display::fmt(error, f),
            Self::RepeatedCursor { report, cursor, .. } => {
                write!(f, "report {report}: the server named the cursor `{cursor}` twice, so the pages would never end")
            }
            Self::Range(error) => fmt::Display::fmt(error, f),
            Self::Assumption(error) => fmt::Display::fmt(error, f),
            Self::Configuration(error) => fmt::Display::fmt(error, f),
            other => {
                // Every variant not named above holds a reply.
                let Some(reply) = other.reply() else { return Ok(()) };
                reply.write(f)?;
                reply.write_advice(f)
            }
        }
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.write(f)?;
        // A wrong setup says itself what to turn.
        if self.is_configuration() { Ok(()) } else { resting::write(f, self.rests()) }
    }
}

impl std::error::Error for Error {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Transport(error) => std::error::Error::source(&**error),
            _ => None,
        }
    }
}

/// A run over all pages that broke off: the rows read until then, and why.
#[derive(Debug)]
pub struct Partial<Row> {
    /// The rows that were read.
    pub rows: Vec<Row>,
    /// Why there are no more.
    pub error: Error,
}

impl<Row> fmt::Display for Partial<Row> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "after {} rows: {}", self.rows.len(), self.error)
    }
}

impl<Row: fmt::Debug> std::error::Error for Partial<Row> {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        Some(&self.error)
    }
}

impl<Row> From<Partial<Row>> for Error {
    /// Drops the rows.
    fn from(partial: Partial<Row>) -> Self {
        partial.error
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stays_small() {
        assert!(size_of::<Error>() <= 48, "{}", size_of::<Error>());
    }
}
