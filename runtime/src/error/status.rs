//! A response with an error status.

use std::{fmt, time::Duration};

use super::{assumption::AssumedValue, subject::Subject};
use crate::{meta::Meta, rate_limit::RateLimit};

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
    /// What the client knows about the cause and the server does not say: the permits of the query, where the token was sent, which setting
    /// made which header.
    pub hint: Option<String>,
    /// The permits that the request may lack, if the status says that one is missing: the one that the server names, or all.
    pub permits: Vec<&'static str>,
    /// The header that the server names, if the status says that one is missing or wrong.
    pub header: Option<String>,
    /// The proxy that the request went through, as far as the environment names it.
    pub proxy: Option<Box<str>>,
    /// The start of the body.
    pub snippet: String,
    /// A `Retry-After` header that is neither a number nor a date.
    pub unreadable_wait: Option<String>,
    pub(crate) assumptions: Vec<AssumedValue>,
    pub(crate) meta: Box<Meta>,
}

impl StatusReply {
    pub(super) fn write(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: status {}", Subject { report: self.report, endpoint: self.endpoint }, self.status)?;
        match (self.description, reqwest::StatusCode::from_u16(self.status).ok().and_then(|status| status.canonical_reason())) {
            (Some(description), _) => write!(f, ": {}", description.trim_end_matches('.'))?,
            (None, Some(reason)) => write!(f, " ({reason})")?,
            (None, None) => {}
        }
        match &self.message {
            Some(message) => write!(f, "; server message: {}", message.trim_end_matches('.'))?,
            None if !self.snippet.is_empty() => write!(f, "; body: {}", self.snippet)?,
            None => {}
        }
        if let Some(id) = &self.request_id {
            write!(f, " (request id {id})")?;
        }
        if let Some(proxy) = &self.proxy {
            write!(f, " (through the proxy {proxy}, which the environment sets)")?;
        }
        Ok(())
    }

    pub(super) fn write_advice(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let advice = self.advice.or_else(|| advice(self.status));
        advice.into_iter().chain(self.hint.as_deref()).try_for_each(|advice| write!(f, ". {}", advice.trim_end_matches('.')))
    }
}

/// What to do about a status that the API's documentation does not mention.
const fn advice(status: u16) -> Option<&'static str> {
    match status {
        304 => Some("The client sends no conditional requests, so a cache between it and the API answered; bypass that cache"),
        407 => Some("The proxy asks for a user and a password; put them into its URL, in the environment or with `http`"),
        408 | 425 | 500 | 502..=504 => Some("Retry later"),
        413 => Some("Send a shorter filter"),
        501 | 505 => Some("The server does not support such requests; check the base URL"),
        511 => Some("Sign in to this network"),
        _ => None,
    }
}
