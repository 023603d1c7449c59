//! The tokens that the calls of a client may spend together. Each try reserves its cost before it is sent, so tries at the same time do not
//! pass the maximum either. A try counts in full unless the server says what it charged or no connection was made.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::Notify;
use tokio::time::{Instant, timeout_at};

use crate::{error::Error, error::subject::Subject, meta::Meta};

/// Requests that are known to cost the same: their report, their endpoint and their calculated cost.
type Kind = (&'static str, Option<&'static str>, Option<u32>);

/// What the clones of a client with a maximum share.
#[derive(Debug)]
pub(super) struct MaxTokens {
    most: u64,
    spending: Mutex<Spending>,
    /// Wakes calls that wait for what others have reserved.
    settled: Notify,
}

#[derive(Debug, Default)]
struct Spending {
    spent: u64,
    reserved: u64,
    /// The most that the server charged for requests of a kind.
    charged: BTreeMap<Kind, u32>,
}

/// The maximum allows no further request.
#[derive(Clone, Copy, Debug)]
pub(super) struct UsedUp {
    most: u64,
    /// With what requests under way have reserved.
    spent: u64,
    cost: Option<u32>,
}

impl UsedUp {
    pub(super) fn error(self, subject: Subject) -> Error {
        let Self { most, spent, cost } = self;
        Error::MaxTokens { subject: subject.to_string().into(), most, spent, cost, meta: Box::new(Meta::default()) }
    }
}

enum Short {
    /// Until a request under way takes less than it reserved.
    ForNow(UsedUp),
    ForGood(UsedUp),
}

impl MaxTokens {
    pub(super) fn new(most: u64) -> Self {
        Self { most, spending: Mutex::default(), settled: Notify::new() }
    }

    /// What may still be spent; what requests under way have reserved may not.
    pub(super) fn left(&self) -> u64 {
        let spending = self.spending();
        self.most.saturating_sub(spending.spent).saturating_sub(spending.reserved)
    }

    /// Reserves the cost of a try. Waits for requests under way, at most for so long, if it may turn out that they leave enough.
    pub(super) async fn reserve(
        self: &Arc<Self>,
        subject: Subject,
        cost: Option<u32>,
        left: Duration,
    ) -> Result<Reserved, UsedUp> {
        let kind = (subject.report, subject.endpoint, cost);
        let until = Instant::now() + left;
        loop {
            // Created before the look at what is reserved, so that no change is missed.
            let settled = self.settled.notified();
            let used_up = match self.try_reserve(kind) {
                Ok(tokens) => return Ok(Reserved { of: Arc::clone(self), kind, tokens, sent: false, open: true }),
                Err(Short::ForGood(used_up)) => return Err(used_up),
                Err(Short::ForNow(used_up)) => used_up,
            };
            timeout_at(until, settled).await.map_err(|_| used_up)?;
        }
    }

    fn try_reserve(&self, kind: Kind) -> Result<u64, Short> {
        let mut spending = self.spending();
        // What the server charges counts more than what was calculated.
        let cost = kind.2.max(spending.charged.get(&kind).copied());
        let free = self.most.saturating_sub(spending.spent);
        let used_up = |spent| UsedUp { most: self.most, spent, cost };
        let (tokens, alone) = match cost {
            Some(cost) => (u64::from(cost), false),
            // An unknown cost may be all that is left. One such request goes at a time, to learn it.
            None => (free.max(1), true),
        };
        if tokens > free {
            return Err(Short::ForGood(used_up(spending.spent)));
        }
        if tokens > free.saturating_sub(spending.reserved) || (alone && spending.reserved > 0) {
            return Err(Short::ForNow(used_up(spending.spent.saturating_add(spending.reserved))));
        }
        spending.reserved += tokens;
        Ok(tokens)
    }

    fn spending(&self) -> MutexGuard<'_, Spending> {
        self.spending.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The tokens of one try. Dropped after the try was sent, they count as spent.
#[must_use = "a try that is not sent is dropped at once"]
#[derive(Debug)]
pub(super) struct Reserved {
    of: Arc<MaxTokens>,
    kind: Kind,
    tokens: u64,
    sent: bool,
    open: bool,
}

impl Reserved {
    /// The try is about to be sent.
    pub(super) fn sent(&mut self) {
        self.sent = true;
    }

    /// The head of the response is there.
    pub(super) fn answered(&mut self, charged: Option<i64>, success: bool) {
        let charged = charged.map(|charged| u64::try_from(charged).unwrap_or(0));
        // An error may be charged less than what is to be learned. A page for nothing does not make the next one free.
        if let Some(charged) = charged.filter(|_| success || self.kind.2.is_some()) {
            let charged = u32::try_from(charged).unwrap_or(u32::MAX).max(1);
            let mut spending = self.of.spending();
            let most = spending.charged.entry(self.kind).or_default();
            *most = charged.max(*most);
        }
        self.settle(charged.unwrap_or(self.tokens));
    }

    /// No connection was made.
    pub(super) fn unsent(&mut self) {
        self.settle(0);
    }

    fn settle(&mut self, charged: u64) {
        if std::mem::replace(&mut self.open, false) {
            let mut spending = self.of.spending();
            spending.reserved = spending.reserved.saturating_sub(self.tokens);
            spending.spent = spending.spent.saturating_add(charged);
            drop(spending);
            self.of.settled.notify_waiters();
        }
    }
}

impl Drop for Reserved {
    fn drop(&mut self) {
        self.settle(if self.sent { self.tokens } else { 0 });
    }
}
