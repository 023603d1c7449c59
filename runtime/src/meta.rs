//! What became of a request over all its tries. Every answer of a client and every error after sending has it.

use std::{fmt, time::Duration};

/// What became of a request over all its tries.
#[derive(Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Meta {
    /// How often the request was sent.
    pub tries: u32,
    /// Tokens charged for all tries, as far as the server said.
    pub tokens: Option<i64>,
    /// The bucket that was charged last.
    pub bucket: Option<String>,
    /// Time spent waiting before and between tries.
    pub waited: Duration,
    /// The part of it for which the [`RateLimiter`](crate::RateLimiter) held the request.
    pub held: Duration,
    /// The request id of the last try, if the server sent one.
    pub request_id: Option<String>,
    /// The HTTP status of the last try; none if no response arrived.
    pub status: Option<u16>,
    /// The server's clock at the last try, from the header `Date`; none without that header.
    pub server_time: Option<jiff::Timestamp>,
    /// Bytes of all response bodies, after decompression.
    pub bytes: u64,
    /// The cursor that the request started at; none for a first page.
    pub cursor: Option<String>,
    /// Why there was no further try; none after a success, and after an error that no retry can mend.
    pub gave_up: Option<GaveUp>,
}

/// Without the cursor: a server may put anything into it.
impl fmt::Debug for Meta {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { tries, tokens, bucket, waited, held, request_id, status, server_time, bytes, cursor, gave_up } = self;
        f.debug_struct("Meta")
            .field("tries", tries)
            .field("tokens", tokens)
            .field("bucket", bucket)
            .field("waited", waited)
            .field("held", held)
            .field("request_id", request_id)
            .field("status", status)
            .field("server_time", server_time)
            .field("bytes", bytes)
            .field("has_cursor", &cursor.is_some())
            .field("gave_up", gave_up)
            .finish()
    }
}

/// Why a request that may succeed later was not sent again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum GaveUp {
    /// The policy allows no more tries.
    Tries,
    /// The wait would pass the maximum wait or the timeout of the call.
    WaitTooLong {
        /// When the request may be sent again; none if that was not measured, or is a day or more away by an estimate.
        until: Option<jiff::Timestamp>,
    },
    /// The client's retry budget is used up, because too many requests failed lately.
    Budget,
    /// The request may have had an effect, so it is not sent twice.
    NotRepeatable,
    /// Another try could pass the client's [maximum of tokens](crate::ApiClient::with_max_tokens).
    MaxTokens,
}

impl fmt::Display for GaveUp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Tries => f.write_str("the retry policy allows no more tries"),
            Self::WaitTooLong { until: None } => f.write_str("the wait would be longer than the client may wait"),
            Self::WaitTooLong { until: Some(until) } => {
                // Whole seconds, rounded up: an earlier request would come too soon.
                let second = until.as_second().saturating_add(i64::from(until.subsec_nanosecond() > 0));
                let until = jiff::Timestamp::from_second(second).unwrap_or(*until);
                write!(f, "retry at {until} or later, which is longer than the client may wait")
            }
            Self::Budget => f.write_str("the client's retry budget is used up, because too many requests failed lately"),
            Self::MaxTokens => f.write_str("another try could pass `with_max_tokens`"),
            Self::NotRepeatable => f.write_str("the server may have acted on it, so the client does not send it again"),
        }
    }
}
