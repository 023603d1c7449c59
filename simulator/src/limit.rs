//! The rate limit: one token bucket per customer, and one for queries about several. In come who asks and what the query costs; out
//! comes whether it may go on, what is left and how long to wait. Time comes from a clock that tests can turn by hand.

use std::collections::HashMap;
use std::fmt;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

/// A clock that stands still until it is turned.
#[derive(Clone, Debug, Default)]
pub struct ManualClock(Arc<AtomicU64>);

impl ManualClock {
    /// A clock at zero.
    pub fn new() -> Self {
        Self::default()
    }

    /// Moves the clock on by whole milliseconds of `by`.
    pub fn advance(&self, by: Duration) {
        self.0.fetch_add(u64::try_from(by.as_millis()).unwrap_or(u64::MAX), Ordering::SeqCst);
    }

    /// What [`clock`](crate::Simulator::clock) takes.
    pub fn reader(&self) -> impl Fn() -> Duration + Send + Sync + 'static {
        let time = Arc::clone(&self.0);
        move || Duration::from_millis(time.load(Ordering::SeqCst))
    }
}

/// Time since some fixed moment.
pub(crate) type Clock = Arc<dyn Fn() -> Duration + Send + Sync>;

/// The real time, from now on.
pub(crate) fn real_clock() -> Clock {
    let start = Instant::now();
    Arc::new(move || start.elapsed())
}

/// Whose bucket pays.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Owner {
    /// A query about that one customer.
    One(i64),
    /// A query about several customers, all or those of a filter. All such queries share one bucket.
    Several,
}

/// What a bucket answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Taken {
    pub(crate) accepted: bool,
    /// Tokens left; below zero where a query cost more than there was.
    pub(crate) remaining: i64,
    /// Tokens that this query took.
    pub(crate) cost: u32,
    /// After a refusal: least whole seconds until a query is accepted; none where waiting does not help.
    pub(crate) retry_after: Option<u64>,
}

/// All buckets.
pub(crate) struct Limiter {
    capacity: u32,
    refill: u32,
    clock: Clock,
    buckets: Mutex<HashMap<Owner, Bucket>>,
    spent: AtomicU64,
}

struct Bucket {
    level: i64,
    /// The whole second up to which it was refilled.
    second: u64,
}

impl Limiter {
    pub(crate) fn new(capacity: u32, refill: u32, clock: Clock) -> Self {
        Self { capacity, refill, clock, buckets: Mutex::default(), spent: AtomicU64::new(0) }
    }

    /// Takes the tokens of a query. It is accepted as long as any token is left and may overdraw the bucket: `remaining` is
    /// documented to go below zero, and so a report that costs more than the capacity can be asked at all. A refusal is free.
    pub(crate) fn take(&self, owner: Owner, cost: u32) -> Taken {
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
            return Taken { accepted: true, remaining: bucket.level, cost, retry_after: None };
        }
        let missing = bucket.level.abs_diff(1);
        let helps = self.refill > 0 && self.capacity > 0;
        Taken {
            accepted: false,
            remaining: bucket.level,
            cost: 0,
            retry_after: helps.then(|| missing.div_ceil(self.refill.into())),
        }
    }

    /// All tokens taken so far, from all buckets.
    pub(crate) fn spent(&self) -> u64 {
        self.spent.load(Ordering::SeqCst)
    }
}

impl fmt::Debug for Limiter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Limiter").field("capacity", &self.capacity).field("refill", &self.refill).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bucket_overdraws_and_refills() {
        let clock = ManualClock::new();
        let limiter = Limiter::new(5, 2, Arc::new(clock.reader()));
        let one = Owner::One(1);
        assert_eq!(limiter.take(one, 3), Taken { accepted: true, remaining: 2, cost: 3, retry_after: None });
        assert_eq!(limiter.take(one, 9), Taken { accepted: true, remaining: -7, cost: 9, retry_after: None });
        assert_eq!(limiter.take(one, 1), Taken { accepted: false, remaining: -7, cost: 0, retry_after: Some(4) });
        assert!(limiter.take(Owner::Several, 1).accepted, "another bucket is not touched");
        clock.advance(Duration::from_millis(3999));
        assert_eq!(limiter.take(one, 1).retry_after, Some(1));
        clock.advance(Duration::from_millis(1));
        assert_eq!(limiter.take(one, 1), Taken { accepted: true, remaining: 0, cost: 1, retry_after: None });
        clock.advance(Duration::from_secs(1000));
        assert_eq!(limiter.take(one, 1).remaining, 4, "never above the capacity");
        assert_eq!(limiter.spent(), 15);
    }

    #[test]
    fn an_empty_bucket_without_refill_names_no_time() {
        let limiter = Limiter::new(0, 0, Arc::new(|| Duration::ZERO));
        assert_eq!(limiter.take(Owner::Several, 1), Taken { accepted: false, remaining: 0, cost: 0, retry_after: None });
    }
}
