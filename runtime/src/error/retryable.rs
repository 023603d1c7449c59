//! Which failures may pass: the one table that `is_retryable` and the client's own retries read.

use super::Error;

/// How a failure that may pass is treated.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Class {
    /// The rate limit refused the request, so it had no effect.
    Throttled,
    /// No connection was made, so the request had no effect.
    NeverSent,
    /// The server may have acted on the request.
    Failed,
}

impl Error {
    /// The class of a failure that may pass; none if the same request would fail again.
    pub(crate) fn class(&self) -> Option<Class> {
        match self {
            Self::TooManyRequests { .. } | Self::Held { .. } => Some(Class::Throttled),
            Self::Transport(error) if error.kind().never_sent() => Some(Class::NeverSent),
            Self::Transport(error) => error.kind().is_retryable().then_some(Class::Failed),
            other => matches!(other.reply()?.status, 408 | 425 | 429 | 500 | 502..=504).then_some(Class::Failed),
        }
    }

    /// Whether the same request may succeed later.
    pub fn is_retryable(&self) -> bool {
        self.class().is_some()
    }
}
