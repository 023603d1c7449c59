//! Holds requests back until their tokens are in the bucket, first come, first served.
//!
//! `bucket` decides, `learn` corrects what it decides by, `store` keeps that, and this module waits. A waiting request asks again when its turn
//! may have come, or when the one before it or an answer wakes it. Nobody depends on another's future being polled: each asks for itself, only
//! less often. Only the first few of a line have tickets in the store, so a long line costs it nothing; the others wait here until they are
//! among them.

mod bucket;
mod learn;
mod store;

use std::collections::BTreeMap;
use std::hash::{BuildHasher as _, RandomState};
use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, SystemTime};
use std::{fmt, mem};

use tokio::sync::Notify;
use tokio::time::{Instant, timeout};

use super::trace;
use crate::{error::Error, rate_limit::RateLimit};
pub(super) use bucket::TooLong;
use bucket::{Bucket, Id, Step, Ticket};
use store::{Buckets, SharedFile};

/// A request in a file is given up when its process has not looked at the file for this long.
const LEASE: Duration = Duration::from_secs(10);
/// The first in line looks at the file this often, because other processes change it.
const LOOK: Duration = Duration::from_secs(1);
/// How many requests of a limiter have tickets in a bucket's line.
const WINDOW: usize = 32;

/// Holds requests back until the bucket has their tokens, so that the server refuses few.
///
/// Each bucket has a line of its own: first come, first served, however large a request is. A request reserves its cost before it is sent.
/// The limiter learns the level of the bucket and its refill from answers, because the bucket belongs to the customer and others use it too.
/// Until answers name the level, it holds nothing back that the server has not refused.
///
/// Each client has its own limiter, which its clones share. Give several clients one limiter with
/// [`ClientBuilder::rate_limiter`](crate::ClientBuilder::rate_limiter), and several processes one file with [`in_file`](Self::in_file).
/// Clients of different organizations need limiters of their own. [`max_rate_limit_wait`](crate::ClientBuilder::max_rate_limit_wait)
/// bounds how long a request is held.
///
/// ```
/// # use harbour_api::{Client, Customers, RateLimiter};
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let folder = std::env::temp_dir();
/// # let file = folder.join(format!("harbour-{}.limiter", std::process::id()));
/// let limiter = RateLimiter::in_file(&file)?;
/// let builder = Client::builder().base_url("https://harbour.invalid").token("secret").customers(Customers::all());
/// let client = builder.rate_limiter(limiter.clone()).build()?;
/// // A backfill leaves 50 tokens for the dashboards.
/// let backfill = client.with_reserve(50);
/// assert!(limiter.buckets().is_empty(), "nothing was sent yet");
/// # std::fs::remove_file(&file)?;
/// # Ok(()) }
/// ```
#[derive(Clone)]
pub struct RateLimiter(Option<Arc<Shared>>);

/// A bucket as a [`RateLimiter`] knows it.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct BucketState {
    /// Base URL, customer and type of requests.
    pub key: String,
    /// The server's name for the bucket, once an answer named it.
    pub bucket: Option<String>,
    /// Tokens that the next request may take; negative if the bucket is overdrawn. None until an answer names the level or a refusal comes.
    pub remaining: Option<f64>,
    /// Tokens per second that others leave, once measured.
    pub refill: Option<f64>,
    /// The most tokens that it was seen to hold; the real capacity may be larger. None until an answer names the level.
    pub capacity: Option<f64>,
    /// How long it stays closed, because the server refused a request and named a time.
    pub closed: Option<Duration>,
    /// Time since the last request was sent, so no answer is more recent.
    pub idle: Duration,
    /// Requests that wait: all of this limiter, and at most 32 of each other one on the same file.
    pub waiting: usize,
    /// Requests on their way.
    pub in_flight: usize,
}

/// What the clones of a limiter share.
struct Shared {
    instance: u64,
    /// Whether other processes share the store.
    in_file: bool,
    store: Mutex<Store>,
    /// Who waits here, by the key of the bucket. Locked after the store, if both are.
    lines: Mutex<BTreeMap<String, Line>>,
}

/// Who waits for a bucket, in the order of its line.
type Line = BTreeMap<(u32, Id), Arc<Notify>>;

/// Key of the bucket, and reserve and id of a request.
type Place = (String, (u32, Id));

struct Store {
    buckets: Buckets,
    file: Option<SharedFile>,
    /// Both clocks started here: tokio's, and the one of the store in seconds. All who share a file join the clock furthest ahead.
    start: (Instant, f64),
}

impl RateLimiter {
    /// A limiter for the clients of this process.
    pub fn new() -> Self {
        Self::with(None, 0.0)
    }

    /// A limiter that shares its state with every process that names this file, which is created for its owner alone if it is missing. A
    /// damaged file starts anew. The path must be local, so that the file can be locked. A call reads and writes it about three times and a
    /// waiting one once a second, on the thread that polls it; a few kB take well under a millisecond.
    ///
    /// # Errors
    /// If the file cannot be written or locked, is no regular file or something else, or was written by a newer version.
    pub fn in_file(path: impl AsRef<Path>) -> Result<Self, Error> {
        let file = SharedFile::new(path.as_ref()).map_err(|problem| Error::configuration("rate_limiter", problem))?;
        let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
        Ok(Self::with(Some(file), now.as_secs_f64()))
    }

    /// Holds nothing back. Calls with a [reserve](crate::ApiClient::with_reserve) fail.
    pub const fn disabled() -> Self {
        Self(None)
    }

    fn with(file: Option<SharedFile>, now: f64) -> Self {
        Self(Some(Arc::new(Shared {
            instance: RandomState::new().hash_one(0_u8),
            in_file: file.is_some(),
            store: Mutex::new(Store { buckets: Buckets::default(), file, start: (Instant::now(), now) }),
            lines: Mutex::default(),
        })))
    }

    /// Whether it holds requests back.
    pub(super) fn is_on(&self) -> bool {
        self.0.is_some()
    }

    /// All buckets that requests went to in the last hour.
    pub fn buckets(&self) -> Vec<BucketState> {
        let Some(shared) = &self.0 else { return Vec::new() };
        shared.change(|buckets, now| {
            buckets.forget(now);
            let lines = lock(&shared.lines);
            let here = |key: &String| lines.get(key).map_or(0, Line::len);
            let elsewhere = |bucket: &Bucket| bucket.tickets.iter().filter(|ticket| ticket.id.1 != shared.instance).count();
            let state = |(key, bucket): (&String, &Bucket)| BucketState {
                key: key.clone(),
                bucket: bucket.name.clone(),
                remaining: bucket.estimate(now),
                refill: bucket.refill(),
                capacity: (bucket.capacity > 0.0).then_some(bucket.capacity),
                closed: seconds(bucket.closed_until - now),
                idle: seconds(now - bucket.sent).unwrap_or_default(),
                waiting: here(key) + elsewhere(bucket),
                in_flight: bucket.in_flight.len(),
            };
            buckets.all.iter().map(state).collect()
        })
    }

    /// Requests of this process that it holds back now. Cheaper than [`buckets`](Self::buckets), because no file is read.
    pub fn waiting(&self) -> usize {
        self.0.as_ref().map_or(0, |shared| lock(&shared.lines).values().map(Line::len).sum())
    }

    /// A call's place in the line of its bucket.
    pub(super) fn call(&self, key: BucketKey, cost: Option<u32>, assumed: u32, reserve: u32) -> LimitedCall {
        LimitedCall { shared: self.0.clone(), key, place: None, cost, assumed, reserve }
    }
}

impl Default for RateLimiter {
    fn default() -> Self {
        Self::new()
    }
}

impl fmt::Debug for RateLimiter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Some(shared) = &self.0 else { return f.write_str("RateLimiter(disabled)") };
        f.debug_struct("RateLimiter").field("file", &lock(&shared.store).file).finish_non_exhaustive()
    }
}

/// Which bucket a request is charged to.
#[derive(Clone, Debug)]
pub(super) struct BucketKey {
    /// Base URL and owner, and then the type.
    pub(super) reporting: String,
    /// The same for a request whose type no page states; none for a query.
    pub(super) own: Option<String>,
}

impl BucketKey {
    /// The key in use: two that the server calls by one name are one bucket.
    fn resolve(&self, buckets: &Buckets) -> String {
        let name = |key: &String| buckets.all.get(key).and_then(|bucket| bucket.name.as_ref());
        match &self.own {
            Some(own) if name(own).is_none() || name(own) != name(&self.reporting) => own.clone(),
            _ => self.reporting.clone(),
        }
    }
}

/// A span of time that is not over.
fn seconds(left: f64) -> Option<Duration> {
    Duration::try_from_secs_f64(left).ok().filter(|left| !left.is_zero())
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Shared {
    fn change<T>(&self, act: impl FnOnce(&mut Buckets, f64) -> T) -> T {
        let Store { buckets, file, start } = &mut *lock(&self.store);
        let act = |buckets: &mut Buckets| {
            let now = start.1 + start.0.elapsed().as_secs_f64();
            start.1 += (buckets.now - now).max(0.0);
            buckets.now = now.max(buckets.now);
            act(buckets, buckets.now)
        };
        match file {
            None => act(buckets),
            Some(file) => file.update(buckets, act),
        }
    }

    /// How many wait here before this place, up to the number of those that have tickets.
    fn rank(&self, (key, place): &Place) -> usize {
        lock(&self.lines).get(key).map_or(0, |line| line.range(..place).take(WINDOW).count())
    }

    /// Wakes the first of a bucket's line, and who is now among those that have tickets.
    fn wake(&self, key: &str) {
        let lines = lock(&self.lines);
        let mut line = lines.get(key).into_iter().flat_map(Line::values);
        let (first, last) = (line.next(), line.nth(WINDOW - 2));
        first.into_iter().chain(last).for_each(|notify| notify.notify_one());
    }
}

/// A call's place in the line, which it keeps over its tries.
pub(super) struct LimitedCall {
    shared: Option<Arc<Shared>>,
    key: BucketKey,
    place: Option<Place>,
    cost: Option<u32>,
    assumed: u32,
    reserve: u32,
}

/// In line; leaves it when dropped.
struct Waiter<'a> {
    shared: &'a Shared,
    place: Place,
    notify: Arc<Notify>,
    /// Whether the bucket knows that it waits.
    has_ticket: bool,
}

impl Waiter<'_> {
    /// Waits until it is worth to ask again.
    async fn wait(&self, seconds: f64, left: Duration) {
        let rank = self.shared.rank(&self.place);
        // Within a millisecond, a timer may be early.
        let wait = Duration::try_from_secs_f64(seconds).unwrap_or(LEASE).saturating_add(Duration::from_millis(1));
        let wait = match rank {
            0 if self.shared.in_file => wait.min(LOOK),
            0 => wait,
            1..WINDOW => wait.max(LOOK),
            // It is woken once its turn to ask has come.
            _ => left,
        };
        let _ = timeout(wait.min(left), self.notify.notified()).await;
    }
}

impl Drop for Waiter<'_> {
    fn drop(&mut self) {
        let (key, (reserve, id)) = &self.place;
        {
            let mut lines = lock(&self.shared.lines);
            if let Some(line) = lines.get_mut(key) {
                line.remove(&(*reserve, *id));
                if line.is_empty() {
                    lines.remove(key);
                }
            }
        }
        if self.has_ticket {
            self.shared.change(|buckets, now| buckets.of(key, now).leave(*id));
        }
        self.shared.wake(key);
    }
}

impl LimitedCall {
    /// Waits until the request may be sent, and says for how long it was held.
    pub(super) async fn admit(&mut self, left: Duration) -> (Result<Permit, TooLong>, Duration) {
        let start = Instant::now();
        let mut held = false;
        let permit = self.wait_in_line(start, left, &mut held).await;
        (permit, if held { start.elapsed() } else { Duration::ZERO })
    }

    async fn wait_in_line(&mut self, start: Instant, left: Duration, held: &mut bool) -> Result<Permit, TooLong> {
        let Some(shared) = &self.shared else { return Ok(Permit(None)) };
        let mut waiter: Option<Waiter<'_>> = None;
        loop {
            let left = left.saturating_sub(start.elapsed());
            // Its turn to ask has not come.
            if let Some(waiter) = &waiter
                && !left.is_zero()
                && shared.rank(&waiter.place) == WINDOW
            {
                waiter.wait(0.0, left).await;
                continue;
            }
            let lease = if shared.in_file { LEASE.as_secs_f64() } else { f64::INFINITY };
            let (step, asked) = shared.change(|buckets, now| {
                let take = || (self.key.resolve(buckets), (self.reserve, (buckets.number(), shared.instance)));
                let place = self.place.get_or_insert_with(take);
                let (reserve, id) = place.1;
                let cost = f64::from(self.cost.unwrap_or(self.assumed));
                let ticket = Ticket { reserve, id, cost, cost_known: self.cost.is_some(), expires: now + lease };
                let (bucket, left) = (buckets.of(&place.0, now), left.as_secs_f64());
                if shared.rank(place) < WINDOW {
                    return (bucket.ask(ticket, left, now), true);
                }
                let waiting = lock(&shared.lines).get(&place.0).map_or(0, Line::len);
                (bucket.ask_behind(waiting, &ticket, left, now), false)
            });
            if let Some(waiter) = waiter.as_mut().filter(|_| asked) {
                waiter.has_ticket = matches!(step, Step::Wait(_));
            }
            // The place was taken above.
            let Some(place) = &self.place else { return Ok(Permit(None)) };
            let seconds = match step {
                Step::Wait(seconds) => seconds,
                Step::Go => return Ok(Permit(Some((Arc::clone(shared), place.clone())))),
                Step::TooLong(too_long) => return Err(too_long),
            };
            match &waiter {
                Some(waiter) => waiter.wait(seconds, left).await,
                // An answer that came before it stood in line woke nobody, so it asks again.
                None => {
                    *held = true;
                    trace::held(seconds);
                    let notify = Arc::new(Notify::new());
                    lock(&shared.lines).entry(place.0.clone()).or_default().insert(place.1, Arc::clone(&notify));
                    waiter = Some(Waiter { shared, place: place.clone(), notify, has_ticket: asked });
                }
            }
        }
    }
}

/// A request that may be sent. Says what became of it; if it is dropped before, nobody knows.
pub(super) struct Permit(Option<(Arc<Shared>, Place)>);

impl Permit {
    /// An answer other than a refusal.
    pub(super) fn answered(&mut self, rate: Option<&RateLimit>) {
        self.settle(|bucket, id, now| bucket.answered(id, rate, now));
    }

    /// The rate limit refused it, and will for this long.
    pub(super) fn refused(&mut self, rate: Option<&RateLimit>, wait: Duration) {
        self.settle(|bucket, id, now| bucket.refused(id, rate, wait.as_secs_f64(), now));
    }

    /// It never reached the server.
    pub(super) fn unsent(&mut self) {
        self.settle(|bucket, id, _| bucket.unsent(id));
    }

    /// It may have reached the server, and no answer came.
    pub(super) fn unanswered(&mut self) {
        self.settle(|bucket, id, _| bucket.unanswered(id));
    }

    fn settle(&mut self, act: impl FnOnce(&mut Bucket, Id, f64)) {
        if let Some((shared, (key, (_, id)))) = mem::take(&mut self.0) {
            shared.change(|buckets, now| act(buckets.of(&key, now), id, now));
            shared.wake(&key);
        }
    }
}

impl Drop for Permit {
    fn drop(&mut self) {
        self.settle(|bucket, id, _| bucket.abandoned(id));
    }
}
