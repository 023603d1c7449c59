//! Errors: one variant per documented status, and one each for what fails before, between and after. No error holds a secret.

pub(crate) mod assumption;
pub(crate) mod configuration;
pub(crate) mod decode;
pub(crate) mod invalid;
pub(crate) mod message;
pub(crate) mod partial;
pub(crate) mod range;
pub(crate) mod retryable;
pub(crate) mod status;
pub(crate) mod subject;
pub(crate) mod transport;

use std::time::Duration;

use crate::facts::{api::Assumption, vocabulary::ErrorName};
use crate::{meta::Meta, rate_limit::Shortage};
use assumption::{AssumedValue, AssumedValues, AssumptionError};
use configuration::ConfigurationError;
use decode::DecodeError;
use invalid::Invalid;
use range::RangeError;
use status::StatusReply;
use transport::{TransportError, TransportKind};

/// Why a query or the setup of a client failed.
///
/// Each documented status has its own variant. The message says what to do next and never contains a token.
///
/// ```
/// use harbour_api::Error;
///
/// fn advice(error: &Error) -> String {
///     match error {
///         Error::InvalidParameters { invalid, .. } => {
///             let faults = invalid.iter().map(|(path, fault)| format!("{path}: {fault}"));
///             faults.collect::<Vec<_>>().join(", ")
///         }
///         Error::Range(range) => format!("use the interval {:?}", range.coarser),
///         error if error.is_retryable() => format!("retry in {:?}", error.retry_after()),
///         error => error.to_string(),
///     }
/// }
/// ```
#[non_exhaustive]
pub enum Error {
    /// The server cannot parse the request.
    BadRequest(Box<StatusReply>),
    /// The server does not accept the token.
    Unauthorized(Box<StatusReply>),
    /// The feature is not enabled for the club.
    FeatureNotEnabled(Box<StatusReply>),
    /// The token lacks a permit.
    Forbidden(Box<StatusReply>),
    /// The requested thing does not exist.
    NotFound(Box<StatusReply>),
    /// The action is not possible.
    NotPossible(Box<StatusReply>),
    /// Parameters are invalid.
    InvalidParameters {
        /// The response.
        reply: Box<StatusReply>,
        /// The invalid parameters, as a tree that mirrors the request.
        invalid: Box<Invalid>,
    },
    /// The rate limit is used up, and the client may not wait longer.
    TooManyRequests {
        /// The response.
        reply: Box<StatusReply>,
        /// The minimum wait before a retry, if the server sent one.
        retry_after: Option<Duration>,
    },
    /// The client's [`RateLimiter`](crate::RateLimiter) would hold the request longer than the client may wait. It was not sent.
    Held {
        /// The subject: `report sendings`, or `endpoint metadata`.
        subject: Box<str>,
        /// What the request lacked.
        shortage: Box<Shortage>,
        /// What became of the call; says until when it would wait, if that is known.
        meta: Box<Meta>,
    },
    /// The request could pass the client's [maximum of tokens](crate::ApiClient::with_max_tokens). It was not sent.
    MaxTokens {
        /// The subject: `report sendings`, or `endpoint metadata`.
        subject: Box<str>,
        /// The maximum.
        most: u64,
        /// Tokens spent of it, and reserved by requests under way.
        spent: u64,
        /// What the request costs: as calculated, or as the server charged for one like it; none if that is not known.
        cost: Option<u32>,
        /// What became of the call, which sent nothing.
        meta: Box<Meta>,
    },
    /// The firewall rejected the request.
    Firewall(Box<StatusReply>),
    /// The action's OAuth token is invalid.
    OauthToken(Box<StatusReply>),
    /// A required header is missing.
    HeaderMissing(Box<StatusReply>),
    /// A header has a wrong value.
    HeaderIncorrect(Box<StatusReply>),
    /// The API is in maintenance.
    Maintenance(Box<StatusReply>),
    /// An undocumented status.
    Status(Box<StatusReply>),
    /// A redirect, which the client does not follow.
    Redirect {
        /// The subject: `report sendings`, or `endpoint metadata`.
        subject: Box<str>,
        /// The HTTP status.
        status: u16,
        /// The host it points to; none if the response names no valid one.
        target: Option<Box<str>>,
        /// What became of the request.
        meta: Box<Meta>,
    },
    /// The request failed before a whole response arrived.
    Transport(Box<TransportError>),
    /// The response is larger than the client accepts.
    BodyTooLarge {
        /// The subject: `report sendings`, or `endpoint metadata`.
        subject: Box<str>,
        /// The maximum in bytes.
        limit: u64,
        /// What became of the request.
        meta: Box<Meta>,
    },
    /// The response does not match its format.
    Decode(Box<DecodeError>),
    /// A page returned a cursor that the stream has already followed.
    RepeatedCursor {
        /// The report.
        report: &'static str,
        /// The start of the cursor.
        cursor: Box<str>,
        /// The assumptions that the query depended on.
        assumptions: AssumedValues,
        /// What became of the request for the page.
        meta: Box<Meta>,
    },
    /// Many pages in a row without rows, each with a new cursor. The rows before them are good.
    EmptyPages {
        /// The report.
        report: &'static str,
        /// How many pages came without rows.
        pages: u32,
        /// What became of the request for the last of them. Its cursor is where to go on.
        meta: Box<Meta>,
    },
    /// A timeseries query that the documented limits do not allow. Nothing was sent.
    Range(Box<RangeError>),
    /// A response disproves an assumption.
    Assumption(Box<AssumptionError>),
    /// The client or the query has a wrong setup. Nothing was sent.
    Configuration(Box<ConfigurationError>),
}

/// Every result carries its size.
const _: () = assert!(size_of::<Error>() <= 56);

/// The response of every error status, borrowed as the error is.
macro_rules! reply_of {
    ($error:expr) => {
        match $error {
            Error::BadRequest(reply)
            | Error::Unauthorized(reply)
            | Error::FeatureNotEnabled(reply)
            | Error::Forbidden(reply)
            | Error::NotFound(reply)
            | Error::NotPossible(reply)
            | Error::InvalidParameters { reply, .. }
            | Error::TooManyRequests { reply, .. }
            | Error::Firewall(reply)
            | Error::OauthToken(reply)
            | Error::HeaderMissing(reply)
            | Error::HeaderIncorrect(reply)
            | Error::Maintenance(reply)
            | Error::Status(reply) => Some(reply),
            _ => None,
        }
    };
}

impl Error {
    pub(crate) fn configuration(what: &'static str, problem: impl Into<String>) -> Self {
        ConfigurationError::new(what, problem).into()
    }

    pub(crate) fn configuration_assuming(what: &'static str, problem: String, assumptions: Vec<AssumedValue>) -> Self {
        let mut error = ConfigurationError::new(what, problem);
        error.assumptions = assumptions;
        error.into()
    }

    /// The variant for the documented name of the status.
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

    /// The response, for every error status.
    pub fn reply(&self) -> Option<&StatusReply> {
        reply_of!(self)
    }

    /// The same, to add what is known later.
    pub(crate) fn reply_mut(&mut self) -> Option<&mut StatusReply> {
        reply_of!(self)
    }

    /// The assumptions that may have caused the failure. Each can be overridden when building the client, or in the spec if it
    /// determines generated types.
    pub fn assumptions(&self) -> Vec<&'static Assumption> {
        self.assumed().iter().map(|assumed| assumed.assumption).collect()
    }

    pub(super) fn assumed(&self) -> &[AssumedValue] {
        match self {
            Self::Decode(error) => &error.assumptions,
            Self::RepeatedCursor { assumptions, .. } => &assumptions.0,
            Self::Range(error) => &error.assumptions,
            Self::Assumption(error) => std::slice::from_ref(&error.assumed),
            Self::Configuration(error) => &error.assumptions,
            other => other.reply().map_or(&[], |reply| &reply.assumptions),
        }
    }

    /// What became of the request over all its tries; none if nothing was sent.
    pub fn meta(&self) -> Option<&Meta> {
        match self {
            Self::Redirect { meta, .. }
            | Self::BodyTooLarge { meta, .. }
            | Self::RepeatedCursor { meta, .. }
            | Self::EmptyPages { meta, .. }
            | Self::Held { meta, .. }
            | Self::MaxTokens { meta, .. } => Some(meta),
            Self::Transport(error) => Some(&error.meta),
            Self::Decode(error) => Some(&error.meta),
            Self::Assumption(error) => Some(&error.meta),
            Self::Range(_) | Self::Configuration(_) => None,
            other => other.reply().map(|reply| &*reply.meta),
        }
    }

    pub(crate) fn with_meta(mut self, new: Meta) -> Self {
        match &mut self {
            Self::Redirect { meta, .. }
            | Self::BodyTooLarge { meta, .. }
            | Self::RepeatedCursor { meta, .. }
            | Self::EmptyPages { meta, .. }
            | Self::Held { meta, .. }
            | Self::MaxTokens { meta, .. } => **meta = new,
            Self::Transport(error) => *error.meta = new,
            Self::Decode(error) => *error.meta = new,
            Self::Assumption(error) => *error.meta = new,
            other => {
                if let Some(reply) = other.reply_mut() {
                    *reply.meta = new;
                }
            }
        }
        self
    }

    /// The cursor of the request that failed: a query that [resumes from](crate::Records::resume_from) it misses no row. None for a first
    /// page, and if nothing was sent.
    pub fn cursor(&self) -> Option<&str> {
        self.meta()?.cursor.as_deref()
    }

    /// The HTTP status, if a status caused the error.
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

    /// The minimum wait before a retry, if the server sent one.
    pub fn retry_after(&self) -> Option<Duration> {
        self.reply().and_then(|reply| reply.retry_after)
    }

    /// Whether the rate limit is used up.
    pub fn is_rate_limited(&self) -> bool {
        matches!(self, Self::TooManyRequests { .. } | Self::Held { .. })
    }

    /// Whether the request timed out.
    pub fn is_timeout(&self) -> bool {
        let late = [TransportKind::ConnectTimeout, TransportKind::Timeout, TransportKind::TotalTimeout];
        matches!(self, Self::Transport(error) if late.contains(&error.kind()))
    }

    /// Whether the server rejected the token or its permits.
    pub fn is_access_refused(&self) -> bool {
        matches!(self, Self::Unauthorized(_) | Self::Forbidden(_) | Self::FeatureNotEnabled(_) | Self::OauthToken(_))
    }

    /// Whether the client or the query has a wrong setup. Nothing was sent.
    pub fn is_configuration(&self) -> bool {
        matches!(self, Self::Configuration(_))
    }

    /// Whether the limits of timeseries do not allow the range or the interval. Nothing was sent.
    pub fn is_range(&self) -> bool {
        matches!(self, Self::Range(_))
    }

    /// Whether the response does not match its format.
    pub fn is_decode(&self) -> bool {
        matches!(self, Self::Decode(_))
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

impl From<ConfigurationError> for Error {
    fn from(error: ConfigurationError) -> Self {
        Self::Configuration(Box::new(error))
    }
}
