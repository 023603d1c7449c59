//! The state of the rate limit after a request, as response headers report it.

/// The state of the rate limit after a request.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct RateLimit {
    /// The bucket that was charged.
    pub bucket: Option<String>,
    /// Tokens left in the bucket; may be negative.
    pub remaining: Option<i64>,
    /// Cost of the request in tokens.
    pub cost: Option<i64>,
}
