//! The state of the rate limit after a request, as response headers report it, and what a request lacked.

use std::fmt;

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

/// What a request lacked that the client's [`RateLimiter`](crate::RateLimiter) did not send.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Shortage {
    /// Tokens that the request needs.
    pub cost: f64,
    /// Tokens that it leaves for others: [`with_reserve`](crate::ApiClient::with_reserve).
    pub reserve: u32,
    /// Tokens in the bucket, as estimated; negative if it is overdrawn.
    pub level: Option<f64>,
    /// Tokens per second that others leave, once measured.
    pub refill: Option<f64>,
    /// The most tokens that the bucket was seen to hold.
    pub capacity: Option<f64>,
    /// Requests before it in line.
    pub requests_before: usize,
    /// Whether the server refused a request and named a time that has not come.
    pub closed: bool,
}

impl Shortage {
    /// Whether the bucket was never seen to hold so many tokens that the request may go.
    pub fn exceeds_capacity(&self) -> bool {
        self.reserve > 0 && self.capacity.is_some_and(|capacity| f64::from(self.reserve) + self.cost > capacity)
    }
}

impl fmt::Display for Shortage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { cost, reserve, level, refill, capacity, requests_before, closed } = self;
        write!(f, "it needs {cost:.0} tokens")?;
        if *reserve > 0 {
            write!(f, " and leaves {reserve} for others")?;
        }
        match level {
            _ if *closed => f.write_str("; the server refused a request and named a time that has not come")?,
            Some(level) => write!(f, "; the bucket has about {level:.0}")?,
            None => f.write_str("; the level of the bucket is unknown")?,
        }
        if let Some(refill) = refill {
            write!(f, ", plus {refill:.1} per second")?;
        }
        match requests_before {
            0 => {}
            1 => f.write_str(", and 1 request is before it")?,
            count => write!(f, ", and {count} requests are before it")?,
        }
        if let Some(capacity) = capacity.filter(|_| self.exceeds_capacity()) {
            write!(f, "; lower `with_reserve`, because the bucket was never seen to hold more than {capacity:.0}")?;
        }
        Ok(())
    }
}
