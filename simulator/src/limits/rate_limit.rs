//! The rate limit: one token bucket per customer, and one for all queries about several customers.

use std::collections::HashMap;
use std::fmt;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

/// A clock for tests that only moves when advanced.
#[derive(Clone, Debug, Default)]
pub struct ManualClock(Arc<AtomicU64>);

impl ManualClock {
    /// A clock at zero.
    pub fn new() -> Self {
        Self::default()
    }

    /// Advances the clock, rounded down to milliseconds.
    pub fn advance(&self, by: Duration) {
        self.0.fetch_add(u64::try_from(by.as_millis()).unwrap_or(u64::MAX), Ordering::SeqCst);
    }

    /// The function to pass to [`rate_limit_clock`](crate::Simulator::rate_limit_clock).
    pub fn reader(&self) -> impl Fn() -> Duration + Send + Sync + 'static {
        let time = Arc::clone(&self.0);
        move || Duration::from_millis(time.load(Ordering::SeqCst))
    }
}

/// Time elapsed since a fixed instant.
pub(crate) type ElapsedClock = Arc<dyn Fn() -> Duration + Send + Sync>;

/// Time elapsed since this call.
pub(crate) fn system_clock() -> ElapsedClock {
    let start = Instant::now();
    Arc::new(move || start.elapsed())
}

/// The owner of a bucket.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum BucketOwner {
    /// One customer.
    Customer(i64),
    /// All queries about several customers, all customers, or a filter of them.
    Several,
}

/// The outcome of a query for the rate limit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Charge {
    pub(crate) accepted: bool,
    /// Tokens left; negative if a query cost more than the bucket held.
    pub(crate) remaining: i64,
    /// Tokens that this query cost.
    pub(crate) cost: u32,
    /// After a refusal: seconds until a query is accepted; `None` if waiting does not help.
    pub(crate) retry_after: Option<u64>,
}

/// All token buckets.
pub(crate) struct RateLimit {
    capacity: u32,
    refill: u32,
    clock: ElapsedClock,
    buckets: Mutex<HashMap<BucketOwner, Bucket>>,
    spent: AtomicU64,
}

struct Bucket {
    level: i64,
    /// The second of its last refill.
    second: u64,
}

impl RateLimit {
    pub(crate) fn new(capacity: u32, refill: u32, clock: ElapsedClock) -> Self {
        Self { capacity, refill, clock, buckets: Mutex::default(), spent: AtomicU64::new(0) }
    }

    /// Charges a query. It is accepted if any token is left and may overdraw the bucket: the documentation says that `remaining` can be
    /// negative, and a report may cost more than the capacity. A refused query costs nothing.
    pub(crate) fn charge(&self, owner: BucketOwner, cost: u32) -> Charge {
        let second = (self.clock)().as_secs();
        let capacity = i64::from(self.capacity);
        let mut buckets = self.buckets.lock().unwrap_or_else(PoisonError::into_inner);
        let bucket = buckets.entry(owner).or_insert(Bucket { level: capacity, second });
        let added =
            i64::try_from(second.saturating_sub(bucket.second)).unwrap_or(i64::MAX).saturating_mul(i64::from(self.refill));
        bucket.level = bucket.level.saturating_add(added).min(capacity);
        bucket.second = bucket.second.max(second);
        if bucket.level > 0 {
            bucket.level -= i64::from(cost);
            self.spent.fetch_add(cost.into(), Ordering::SeqCst);
            return Charge { accepted: true, remaining: bucket.level, cost, retry_after: None };
        }
        let missing = bucket.level.abs_diff(1);
        let helps = self.refill > 0 && self.capacity > 0;
        Charge {
            accepted: false,
            remaining: bucket.level,
            cost: 0,
            retry_after: helps.then(|| missing.div_ceil(self.refill.into())),
        }
    }

    /// Tokens spent so far from all buckets.
    pub(crate) fn spent(&self) -> u64 {
        self.spent.load(Ordering::SeqCst)
    }
}

impl fmt::Debug for RateLimit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RateLimit").field("capacity", &self.capacity).field("refill", &self.refill).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bucket_can_be_overdrawn_and_refills_every_second() {
        let clock = ManualClock::new();
        let limit = RateLimit::new(5, 2, Arc::new(clock.reader()));
        let one = BucketOwner::Customer(1);
        assert_eq!(limit.charge(one, 3), Charge { accepted: true, remaining: 2, cost: 3, retry_after: None });
        assert_eq!(limit.charge(one, 9), Charge { accepted: true, remaining: -7, cost: 9, retry_after: None });
        assert_eq!(limit.charge(one, 1), Charge { accepted: false, remaining: -7, cost: 0, retry_after: Some(4) });
        assert!(limit.charge(BucketOwner::Several, 1).accepted, "another bucket is unaffected");
        clock.advance(Duration::from_millis(3999));
        assert_eq!(limit.charge(one, 1).retry_after, Some(1));
        clock.advance(Duration::from_millis(1));
        assert_eq!(limit.charge(one, 1), Charge { accepted: true, remaining: 0, cost: 1, retry_after: None });
        clock.advance(Duration::from_secs(1000));
        assert_eq!(limit.charge(one, 1).remaining, 4, "at most the capacity");
        assert_eq!(limit.spent(), 15);
    }

    #[test]
    fn a_bucket_without_refill_has_no_retry_time() {
        let limit = RateLimit::new(0, 0, Arc::new(|| Duration::ZERO));
        assert_eq!(limit.charge(BucketOwner::Several, 1), Charge { accepted: false, remaining: 0, cost: 0, retry_after: None });
    }
}
