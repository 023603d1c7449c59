//! What a bucket learns from how its requests ended. No number of a server is believed without bound, and no answer for ever.

use super::bucket::{Bucket, Id, InFlight, Knowledge, LONGEST_CLOSED};
use crate::rate_limit::RateLimit;

/// The least refill that is reckoned with. Others may take all of it for a while, and nothing says when they stop.
pub(super) const LEAST_RATE: f64 = 0.5;
/// Seconds over which the refill is averaged.
const MEMORY: f64 = 20.0;
/// The highest refill per second that is measured while the capacity is unknown.
const MOST_RATE: f64 = 1000.0;
/// Headers beyond this many tokens are nonsense.
const MOST_TOKENS: i64 = 1_000_000_000;

impl Bucket {
    fn complete(&mut self, id: Id) -> Option<InFlight> {
        let index = self.in_flight.iter().position(|request| request.id == id)?;
        Some(self.in_flight.swap_remove(index))
    }

    /// The request came to an end. If it says nothing about a limit, nothing is held back.
    fn ended(&mut self, id: Id) -> Option<InFlight> {
        if self.knowledge == Knowledge::Unknown {
            self.knowledge = Knowledge::Unlimited;
        }
        self.complete(id)
    }

    /// The request never reached the server, so it took nothing.
    pub(super) fn unsent(&mut self, id: Id) {
        if let Some(request) = self.ended(id) {
            self.charge(-request.cost);
        }
    }

    /// No answer came. The server may have charged the request.
    pub(super) fn unanswered(&mut self, id: Id) {
        self.settled += self.ended(id).map_or(0.0, |request| request.cost);
    }

    /// Nobody waits for the answer any more. The server may have charged the request.
    pub(super) fn abandoned(&mut self, id: Id) {
        self.settled += self.complete(id).map_or(0.0, |request| request.cost);
    }

    /// An answer other than a refusal.
    pub(super) fn answered(&mut self, id: Id, rate: Option<&RateLimit>, now: f64) {
        let Some(request) = self.ended(id) else { return };
        let charged = rate.and_then(|rate| rate.cost).map(|cost| cost.clamp(0, MOST_TOKENS) as f64);
        let cost = charged.unwrap_or(request.cost);
        self.charge(cost - request.cost);
        self.learn(rate, cost);
        // Those on their way, and those answered since this one was sent: its answer may not count them.
        let others = self.tokens_in_flight() + (self.settled - request.settled).max(0.0);
        self.settled += cost;
        let Some(remaining) = remaining(rate) else {
            // The server accepts nothing from an overdrawn bucket.
            let least = -cost - others;
            if self.knowledge == Knowledge::RefusalsOnly && self.supply(now, |seconds| seconds) < least {
                (self.base, self.at) = (least, now);
            }
            return;
        };
        // A cost that is far more than what is left may be nonsense.
        let before = remaining + cost.min(remaining.max(0.0));
        let full = self.knowledge == Knowledge::Observed && before >= self.capacity;
        self.capacity = self.capacity.max(before);
        let refilled = if self.measured > 0.0 { self.rate * (now - request.sent) } else { 0.0 };
        let before = if self.knowledge == Knowledge::Observed { self.supply(now, |seconds| seconds) } else { f64::MIN };
        self.knowledge = Knowledge::Observed;
        let level = before.min(remaining + refilled).max(remaining - others);
        if level != before {
            (self.base, self.at) = (level, now);
        }
        if full {
            self.anchor = None;
        }
        self.measure(level, now);
    }

    /// A refusal: the server took nothing, and takes nothing for that many seconds.
    pub(super) fn refused(&mut self, id: Id, rate: Option<&RateLimit>, wait: f64, now: f64) {
        self.unsent(id);
        self.learn(rate, 0.0);
        let remaining = remaining(rate).map_or(0.0, |remaining| remaining.min(0.0));
        let mut level = remaining - self.tokens_in_flight();
        if self.knowledge == Knowledge::Observed {
            level = level.min(self.supply(now, |seconds| seconds));
        } else {
            self.knowledge = Knowledge::RefusalsOnly;
        }
        (self.base, self.at, self.refused, self.promise) = (level, now, now, true);
        self.measure(level, now);
        if self.measured == 0.0 {
            self.rate = ((1.0 - remaining) / wait.max(1.0)).min(self.most()).max(LEAST_RATE);
        }
        self.closed_until = self.closed_until.max(now + wait.min(LONGEST_CLOSED));
    }

    fn learn(&mut self, rate: Option<&RateLimit>, cost: f64) {
        // An odd cost is forgotten in time.
        self.largest = cost.max(0.98 * self.largest);
        if let Some(name) = rate.and_then(|rate| rate.bucket.as_ref()) {
            self.name = Some(name.clone());
        }
    }

    /// More tokens are neither supplied in a second nor overdrawn, as far as is known.
    fn most(&self) -> f64 {
        if self.capacity > 0.0 { self.capacity } else { MOST_RATE }
    }

    /// Measures the refill by the tokens supplied since the anchor.
    fn measure(&mut self, level: f64, now: f64) {
        // One query may overdraw the bucket, but what is far below nothing measures no refill.
        if level < -self.most() {
            self.anchor = None;
            return;
        }
        let supplied = level + self.spent;
        if let Some((since, before)) = self.anchor {
            let seconds = now - since;
            if seconds < 1.0 {
                return;
            }
            // In a long time the bucket was full, or a clock was set.
            if self.knowledge == Knowledge::RefusalsOnly || seconds <= MEMORY {
                let weight = seconds / (seconds + self.measured.min(MEMORY));
                let rate = ((supplied - before) / seconds).clamp(-self.most(), self.most());
                self.rate = (self.rate + (rate - self.rate) * weight).max(LEAST_RATE);
                self.measured += seconds;
            }
        }
        self.anchor = Some((now, supplied));
    }
}

fn remaining(rate: Option<&RateLimit>) -> Option<f64> {
    Some(rate?.remaining?.clamp(-MOST_TOKENS, MOST_TOKENS) as f64)
}
