//! The rate limit: one token bucket per customer, and one for all queries about several customers.
//!
//! A bucket belongs to the customer, so others drain it too: [`Drain`]. Everything happens at the start of a second: first the refill, then
//! what others take.

use std::collections::HashMap;
use std::fmt;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use crate::random::{Random, mix};

/// Others take fractions of a token; whole ones leave the bucket.
const FRACTIONS: u64 = 1_000_000;
/// Seconds without a request that are simulated one by one; before them, others take nothing.
const MOST_SECONDS: u64 = 1_000_000;

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

/// What others take of each bucket: in each second a share of the refill, uniform from 0 to `most` and determined by seed, bucket and
/// second. They take what is there and never overdraw.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(crate) struct Drain {
    pub(crate) most: f64,
    pub(crate) seed: u64,
}

impl Drain {
    /// Fractions of a token that others want in a second.
    fn wanted(self, owner: BucketOwner, second: u64, refill: u32) -> u64 {
        let bucket = match owner {
            BucketOwner::Customer(id) => id.unsigned_abs(),
            BucketOwner::Several => 0,
        };
        let most = self.most * f64::from(refill) * FRACTIONS as f64;
        Random::new(self.seed ^ mix(bucket ^ mix(second))).below(most as u64 + 1)
    }
}

/// All token buckets.
pub(crate) struct RateLimit {
    capacity: u32,
    refill: u32,
    drain: Drain,
    clock: ElapsedClock,
    buckets: Mutex<HashMap<BucketOwner, Bucket>>,
    spent: AtomicU64,
}

struct Bucket {
    level: i64,
    /// The second of its last refill.
    second: u64,
    /// Fractions of a token that others want and have not taken.
    wanted: u64,
    /// Tokens that others took.
    drained: u64,
}

impl RateLimit {
    pub(crate) fn new(capacity: u32, refill: u32, drain: Drain, clock: ElapsedClock) -> Self {
        Self { capacity, refill, drain, clock, buckets: Mutex::default(), spent: AtomicU64::new(0) }
    }

    /// Refills a bucket, and lets others drain it, up to a second.
    fn advance(&self, owner: BucketOwner, bucket: &mut Bucket, second: u64) {
        let seconds = second.saturating_sub(bucket.second);
        let one_by_one = if self.drain.most > 0.0 { seconds.min(MOST_SECONDS) } else { 0 };
        self.fill(bucket, seconds - one_by_one);
        for ago in (0..one_by_one).rev() {
            self.fill(bucket, 1);
            bucket.wanted += self.drain.wanted(owner, second - ago, self.refill);
            let taken = (bucket.wanted / FRACTIONS).min(u64::try_from(bucket.level).unwrap_or(0));
            bucket.level -= i64::try_from(taken).unwrap_or(bucket.level);
            bucket.drained += taken;
            // What others could not take, they do without.
            bucket.wanted %= FRACTIONS;
        }
        bucket.second = bucket.second.max(second);
    }

    fn fill(&self, bucket: &mut Bucket, seconds: u64) {
        let added = i64::try_from(seconds).unwrap_or(i64::MAX).saturating_mul(self.refill.into());
        bucket.level = bucket.level.saturating_add(added).min(self.capacity.into());
    }

    /// Charges a query. It is accepted if any token is left and may overdraw the bucket: the documentation says that `remaining` can be
    /// negative, and a report may cost more than the capacity. A refused query costs nothing.
    pub(crate) fn charge(&self, owner: BucketOwner, cost: u32) -> Charge {
        let second = (self.clock)().as_secs();
        let mut buckets = self.buckets.lock().unwrap_or_else(PoisonError::into_inner);
        let full = Bucket { level: self.capacity.into(), second, wanted: 0, drained: 0 };
        let bucket = buckets.entry(owner).or_insert(full);
        self.advance(owner, bucket, second);
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

    /// Tokens that others took so far from all buckets.
    pub(crate) fn drained(&self) -> u64 {
        let second = (self.clock)().as_secs();
        let mut buckets = self.buckets.lock().unwrap_or_else(PoisonError::into_inner);
        buckets.iter_mut().for_each(|(owner, bucket)| self.advance(*owner, bucket, second));
        buckets.values().map(|bucket| bucket.drained).sum()
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
        let limit = RateLimit::new(5, 2, Drain::default(), Arc::new(clock.reader()));
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

    /// The tokens that others take in each of these seconds from the bucket of a customer.
    fn drained(seed: u64, most: f64, customer: i64, seconds: u64) -> Vec<u64> {
        let clock = ManualClock::new();
        let limit = RateLimit::new(100, 10, Drain { most, seed }, Arc::new(clock.reader()));
        limit.charge(BucketOwner::Customer(customer), 1);
        let mut before = 0;
        let mut second = || {
            clock.advance(Duration::from_secs(1));
            let total = limit.drained();
            total - std::mem::replace(&mut before, total)
        };
        (0..seconds).map(|_| second()).collect()
    }

    #[test]
    fn others_take_a_uniform_share_of_the_refill_determined_by_seed_bucket_and_second() {
        let series = drained(1, 0.6, 7, 2000);
        assert_eq!(drained(1, 0.6, 7, 2000), series);
        assert_ne!(drained(2, 0.6, 7, 2000), series);
        assert_ne!(drained(1, 0.6, 8, 2000), series);
        let total: u64 = series.iter().sum();
        assert!((5700..6300).contains(&total), "3 tokens a second on average, not {total} in 2000 seconds");
        for tokens in 0..=6 {
            let seconds = series.iter().filter(|taken| **taken == tokens).count();
            assert!((100..=420).contains(&seconds), "{tokens} tokens in {seconds} of 2000 seconds");
        }
        assert!(series.iter().all(|taken| *taken <= 6));
        assert!(drained(1, 0.0, 7, 100).iter().all(|taken| *taken == 0));
    }

    #[test]
    fn what_others_take_does_not_depend_on_when_the_bucket_is_looked_at() {
        let clock = ManualClock::new();
        let limit = RateLimit::new(100, 10, Drain { most: 0.6, seed: 1 }, Arc::new(clock.reader()));
        let charge = || limit.charge(BucketOwner::Customer(7), 0).remaining;
        assert_eq!((charge(), limit.drained()), (100, 0), "nothing in the second of the first query");
        clock.advance(Duration::from_secs(2000));
        let series = drained(1, 0.6, 7, 2000);
        assert_eq!(limit.drained(), series.iter().sum::<u64>());
        assert!((94..=100).contains(&charge()), "others take after the refill: {}", charge());
        clock.advance(Duration::from_secs(u64::MAX / 1000));
        assert!(limit.drained() > 0, "and a jump of the clock ends");
    }

    #[test]
    fn others_never_overdraw() {
        let clock = ManualClock::new();
        let limit = RateLimit::new(10, 10, Drain { most: 1.0, seed: 3 }, Arc::new(clock.reader()));
        assert_eq!(limit.charge(BucketOwner::Several, 1000).remaining, -990);
        clock.advance(Duration::from_secs(99));
        assert_eq!((limit.charge(BucketOwner::Several, 0).remaining, limit.drained()), (0, 0), "nothing to take");
        clock.advance(Duration::from_secs(50));
        assert!(limit.charge(BucketOwner::Several, 0).remaining >= 0);
        assert!(limit.drained() > 0);
    }

    #[test]
    fn a_bucket_without_refill_has_no_retry_time() {
        let limit = RateLimit::new(0, 0, Drain::default(), Arc::new(|| Duration::ZERO));
        assert_eq!(limit.charge(BucketOwner::Several, 1), Charge { accepted: false, remaining: 0, cost: 0, retry_after: None });
    }
}
