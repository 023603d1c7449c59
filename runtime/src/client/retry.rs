//! When a request is sent again: which failures may pass, how long to wait, and how much retrying a struggling server bears.
//!
//! The budget is that of the AWS SDKs: a retry takes tokens of the client, a success gives them back. It has nothing to do with the API's tokens.

use std::hash::{BuildHasher as _, RandomState};
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use super::patience::LONGEST;
use crate::error::{Error, retryable::Class};
use crate::meta::GaveUp;

/// How often a request that only reads is sent again after a passing failure, and how long the client waits before it does.
///
/// The wait grows by the factor 2 from try to try, and a random part of it is taken, so that clients do not return at the same moment. A
/// request that may have an effect, such as an export, is only sent again if no connection was made. The rate limit has a setting of its
/// own: [`max_rate_limit_wait`](crate::ClientBuilder::max_rate_limit_wait).
///
/// ```
/// # use harbour_api::{Client, Customers, RetryPolicy};
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let builder = Client::builder().base_url("https://harbour.invalid").token("secret").customers(Customers::all());
/// let client = builder.retry(RetryPolicy::standard().max_tries(8)).build()?;
/// // For one call, or a few.
/// let once = client.with_retry(RetryPolicy::none());
/// # Ok(()) }
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RetryPolicy {
    max_tries: u32,
    first_wait: Duration,
    longest_wait: Duration,
}

impl RetryPolicy {
    /// Five tries; waits of up to 1, 2, 4 and 8 s.
    pub const fn standard() -> Self {
        Self { max_tries: 5, first_wait: Duration::from_secs(1), longest_wait: Duration::from_secs(20) }
    }

    /// One try, except for the rate limit, which has a setting of its own.
    pub const fn none() -> Self {
        Self::standard().max_tries(1)
    }

    /// Sets how often a request is sent at most.
    #[must_use]
    pub const fn max_tries(self, tries: u32) -> Self {
        Self { max_tries: tries, ..self }
    }

    /// Sets the longest wait before the second try, and before any try. A server that names a longer wait in `Retry-After` is waited for.
    #[must_use]
    pub const fn waits(self, first: Duration, longest: Duration) -> Self {
        Self { first_wait: first, longest_wait: longest, ..self }
    }

    /// A random wait before the next try.
    fn backoff(self, tries: u32) -> Duration {
        random_part(doubled(self.first_wait, tries).min(self.longest_wait))
    }
}

impl Default for RetryPolicy {
    fn default() -> Self {
        Self::standard()
    }
}

fn doubled(first: Duration, tries: u32) -> Duration {
    first.saturating_mul(2_u32.saturating_pow(tries.saturating_sub(1)))
}

/// Between nothing and all of it.
fn random_part(whole: Duration) -> Duration {
    // The keys of a hasher are random, and nothing here needs to be secret.
    let random = RandomState::new().hash_one(0_u8) >> 32;
    // A longer wait could overflow.
    whole.min(LONGEST).mul_f64(random as f64 / f64::from(u32::MAX))
}

/// How much retrying all clones of a client may do.
#[derive(Debug)]
pub(super) struct Budget(AtomicU32);

const FULL: u32 = 500;
const AFTER_FAILURE: u32 = 14;
const AFTER_REFUSAL: u32 = 5;

impl Default for Budget {
    fn default() -> Self {
        Self(AtomicU32::new(FULL))
    }
}

impl Budget {
    fn take(&self, tokens: u32) -> bool {
        self.0.fetch_update(Ordering::AcqRel, Ordering::Acquire, |left| left.checked_sub(tokens)).is_ok()
    }

    fn give(&self, tokens: u32) {
        let add = |left: u32| Some(left.saturating_add(tokens).min(FULL));
        let _ = self.0.fetch_update(Ordering::AcqRel, Ordering::Acquire, add);
    }
}

/// Giving up on a wait that would take so long.
pub(super) fn too_long(now: jiff::Timestamp, wait: Duration) -> GaveUp {
    let wait = jiff::SignedDuration::try_from(wait).ok();
    GaveUp::WaitTooLong { until: Some(wait.and_then(|wait| now.checked_add(wait).ok()).unwrap_or(jiff::Timestamp::MAX)) }
}

/// What the client may do for one call.
#[derive(Clone, Copy)]
pub(super) struct Bounds {
    pub(super) policy: RetryPolicy,
    /// Whether the request only reads.
    pub(super) repeatable: bool,
    /// The maximum total wait for the rate limit.
    pub(super) rate_limit_wait: Duration,
    /// Time that the call may still take.
    pub(super) left: Duration,
    pub(super) now: jiff::Timestamp,
}

/// The tries of one call so far.
#[derive(Default)]
pub(super) struct Tries {
    /// Tries after failures, which the policy counts.
    failures: u32,
    refusals: u32,
    waited_for_limit: Duration,
    /// What the retries took from the budget.
    taken: u32,
}

impl Tries {
    /// The wait before the next try. None if the error is final, with the reason if another try might have helped.
    pub(super) fn next(&mut self, error: &Error, bounds: Bounds, budget: &Budget) -> Result<Duration, Option<GaveUp>> {
        let class = error.class().ok_or(None)?;
        let (wait, most, cost) = match class {
            Class::Throttled => {
                self.refusals += 1;
                let most = self.left_for_limit(bounds.rate_limit_wait).min(bounds.left);
                let jitter = random_part(doubled(Duration::from_millis(100), self.refusals).min(Duration::from_secs(1)));
                let backoff = || RetryPolicy::standard().backoff(self.refusals);
                let least = error.retry_after();
                // A wait that the server names is no load on it.
                let cost = if least.is_some_and(|least| !least.is_zero()) { 0 } else { AFTER_REFUSAL };
                (least.map_or_else(backoff, |least| least.saturating_add(jitter.min(most.saturating_sub(least)))), most, cost)
            }
            // The timeout of the call has passed, which its error says.
            Class::Failed | Class::NeverSent if bounds.left.is_zero() => return Err(None),
            Class::Failed if !bounds.repeatable => return Err(Some(GaveUp::NotRepeatable)),
            Class::Failed | Class::NeverSent => {
                self.failures += 1;
                if self.failures >= bounds.policy.max_tries {
                    return Err(Some(GaveUp::Tries));
                }
                let wait = bounds.policy.backoff(self.failures);
                (error.retry_after().map_or(wait, |least| least.max(wait)), bounds.left, AFTER_FAILURE)
            }
        };
        if wait > most || most.is_zero() {
            return Err(Some(too_long(bounds.now, wait)));
        }
        if !budget.take(cost) {
            return Err(Some(GaveUp::Budget));
        }
        self.taken += cost;
        Ok(wait)
    }

    /// The wait for the rate limit that is left.
    pub(super) fn left_for_limit(&self, most: Duration) -> Duration {
        most.saturating_sub(self.waited_for_limit)
    }

    /// The call waited for the rate limit.
    pub(super) fn waited_for_limit(&mut self, wait: Duration) {
        self.waited_for_limit += wait;
    }

    /// A success: the retries were worth their tokens.
    pub(super) fn succeeded(&self, budget: &Budget) {
        budget.give(self.taken.max(1));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_double_and_are_random() {
        let policy = RetryPolicy::standard();
        for (tries, longest) in [(1, 1), (2, 2), (4, 8), (5, 16), (6, 20), (u32::MAX, 20)] {
            let waits: Vec<_> = (0..64).map(|_| policy.backoff(tries)).collect();
            assert!(waits.iter().all(|wait| *wait <= Duration::from_secs(longest)), "{waits:?}");
            assert!(waits.iter().any(|wait| *wait > Duration::from_secs(longest) / 2));
            assert!(waits.iter().any(|wait| *wait < Duration::from_secs(longest) / 2));
        }
    }

    #[test]
    fn the_longest_waits_do_not_overflow() {
        let policy = RetryPolicy::standard().waits(Duration::MAX, Duration::MAX);
        (1..100).for_each(|tries| assert!(policy.backoff(tries) <= LONGEST));
    }

    #[test]
    fn the_budget_runs_dry_and_recovers() {
        let budget = Budget::default();
        assert_eq!((0..).take_while(|_| budget.take(AFTER_FAILURE)).count(), 35);
        assert!(budget.take(AFTER_REFUSAL) && budget.take(AFTER_REFUSAL) && !budget.take(AFTER_REFUSAL));
        budget.give(AFTER_FAILURE);
        assert!(budget.take(AFTER_FAILURE) && !budget.take(1));
        budget.give(u32::MAX);
        assert!(budget.take(FULL) && !budget.take(1));
    }
}
