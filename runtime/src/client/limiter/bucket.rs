//! One token bucket as far as it is known, and who may send next. It takes the time and does no I/O, so it is the same in memory and in a file.
//!
//! The bucket belongs to the customer: others drain it, so its level is an estimate that each answer corrects. An answer may or may not count
//! the requests that were on their way together with it, so it only says between what the level is. Tokens that wait in the bucket are not
//! lost, so a margin costs nothing and spares refusals. No estimate stops everything: the first in line becomes a probe.

use crate::rate_limit::Shortage;

/// Assumed refill in tokens per second before it is measured: whole tokens are added every second.
const FIRST_RATE: f64 = 1.0;
/// Seconds of measurement after which a prediction is good enough to give up on.
const MEASURED: f64 = 5.0;
/// A request is no longer reckoned with this many seconds after it was sent: its process may have died.
const LONGEST_FLIGHT: f64 = 120.0;
/// Seconds after the last request until the first in line is sent as a probe, whatever the estimate says.
const FIRST_PROBE: f64 = 5.0;
/// Each probe that was needed doubles the wait for the next, up to this.
const LAST_PROBE: f64 = 60.0;
/// An answer that takes longer than this many seconds does not hold up a probe.
const SLOW: f64 = 10.0;
/// Longest time that a bucket stays closed, in seconds.
pub(super) const LONGEST_CLOSED: f64 = 86_400.0;
/// Timers are inexact by less than this, in seconds.
const TICK: f64 = 0.002;

/// What the server's answers say about the bucket.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Knowledge {
    /// No answer came yet.
    #[default]
    Unknown,
    /// Answers do not name the level, and none was a refusal.
    Unlimited,
    /// Only refusals say anything.
    RefusalsOnly,
    /// Answers name the level.
    Observed,
}

/// A request: its number in the order of arrival, and the limiter that it came to.
pub(super) type Id = (u64, u64);

/// A request that waits.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Ticket {
    /// Tokens to leave for others.
    pub(super) reserve: u32,
    pub(super) id: Id,
    /// Its cost, or what is reserved at least if that is unknown.
    pub(super) cost: f64,
    pub(super) cost_known: bool,
    /// When it is given up, unless its limiter renews it.
    pub(super) expires: f64,
}

/// A request on its way.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct InFlight {
    pub(super) id: Id,
    pub(super) cost: f64,
    pub(super) sent: f64,
    /// `Bucket::settled` when it was sent.
    pub(super) settled: f64,
}

/// What a request is told.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Step {
    Go,
    /// Ask again after this many seconds.
    Wait(f64),
    /// The wait would be longer than allowed.
    TooLong(TooLong),
}

#[derive(Clone, Debug, PartialEq)]
pub(in crate::client) struct TooLong {
    /// How many seconds it would take, if that was measured.
    pub(in crate::client) wait: Option<f64>,
    pub(in crate::client) shortage: Shortage,
}

/// What is known of a bucket.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Bucket {
    /// The server's name for it.
    pub(super) name: Option<String>,
    pub(super) knowledge: Knowledge,
    /// Tokens available at `at`; those of requests on their way are already taken off.
    pub(super) base: f64,
    pub(super) at: f64,
    /// The highest level that an answer named.
    pub(super) capacity: f64,
    /// Tokens per second that others leave.
    pub(super) rate: f64,
    /// Seconds over which the rate was measured.
    pub(super) measured: f64,
    /// A time and all tokens supplied until then, to measure the rate from.
    pub(super) anchor: Option<(f64, f64)>,
    /// Tokens of all requests, and of those that were answered.
    pub(super) spent: f64,
    pub(super) settled: f64,
    pub(super) closed_until: f64,
    /// Whether the server promised that one request will pass once the bucket opens.
    pub(super) promise: bool,
    pub(super) refused: f64,
    pub(super) sent: f64,
    /// Seconds from the last request to a probe.
    pub(super) probe: f64,
    /// The largest cost lately.
    pub(super) largest: f64,
    /// In the order in which they are served.
    pub(super) tickets: Vec<Ticket>,
    pub(super) in_flight: Vec<InFlight>,
}

impl Default for Bucket {
    fn default() -> Self {
        Self {
            name: None,
            knowledge: Knowledge::Unknown,
            base: 0.0,
            at: 0.0,
            capacity: 0.0,
            rate: FIRST_RATE,
            measured: 0.0,
            anchor: None,
            spent: 0.0,
            settled: 0.0,
            closed_until: 0.0,
            promise: false,
            refused: 0.0,
            sent: 0.0,
            probe: FIRST_PROBE,
            largest: 0.0,
            tickets: Vec::new(),
            in_flight: Vec::new(),
        }
    }
}

impl Bucket {
    /// What to reserve for a request: its cost, or the largest lately, which a full bucket holds.
    pub(super) fn cost(&self, ticket: &Ticket) -> f64 {
        let full = if self.capacity > 0.0 { self.capacity } else { f64::MAX };
        let cost = if ticket.cost_known { ticket.cost } else { self.largest.min(full).max(ticket.cost) };
        cost.max(1.0)
    }

    /// Queues a request, unless it is queued already, and sends it if its tokens and those of all before it are there. `left` is how long
    /// it may wait, in seconds.
    pub(super) fn ask(&mut self, ticket: Ticket, left: f64, now: f64) -> Step {
        self.expire(&ticket, now);
        let place = self.place(&ticket);
        match self.tickets.get_mut(place) {
            Some(queued) if queued.id == ticket.id => *queued = ticket.clone(),
            _ => self.tickets.insert(place, ticket.clone()),
        }
        let step = self.step(&ticket, place, self.ahead(place), left, now);
        match step {
            Step::Go => self.send(place, now),
            Step::TooLong(_) => self.leave(ticket.id),
            Step::Wait(_) => {}
        }
        step
    }

    /// What a request is told that is not queued yet, because this many of its own limiter are in line before it.
    pub(super) fn ask_behind(&self, before: usize, ticket: &Ticket, left: f64, now: f64) -> Step {
        let place = before.max(1);
        match self.step(ticket, place, place as f64 * self.cost(ticket), left, now) {
            Step::Go => Step::Wait(0.0),
            step => step,
        }
    }

    fn place(&self, ticket: &Ticket) -> usize {
        let order = |ticket: &Ticket| (ticket.reserve, ticket.id);
        self.tickets.partition_point(|other| order(other) < order(ticket))
    }

    fn step(&self, ticket: &Ticket, place: usize, ahead: f64, left: f64, now: f64) -> Step {
        let closed = self.closed_until - now;
        let wait = self.wait(ticket, place, ahead, self.margin(self.cost(ticket)), now).max(closed);
        let measured = self.measured >= MEASURED;
        // A prediction is only an estimate. Without one, the wait ends when it has taken too long.
        let predicted = measured || self.exceeds_capacity(ticket);
        let too_long = left <= 0.0 || closed > left || (predicted && wait > left * 1.25);
        if wait <= 0.0 {
            return Step::Go;
        }
        if !too_long {
            return Step::Wait(wait);
        }
        // The margin is for those who can wait, and nobody is turned away for a limit that nobody has seen.
        if closed <= 0.0 && (self.knowledge == Knowledge::Unknown || self.wait(ticket, place, ahead, 0.0, now) <= 0.0) {
            return Step::Go;
        }
        let wait = (measured || closed >= wait).then_some(wait.max(TICK));
        let shortage = Shortage {
            cost: self.cost(ticket),
            reserve: ticket.reserve,
            level: self.estimate(now),
            refill: self.refill(),
            capacity: (self.capacity > 0.0).then_some(self.capacity),
            requests_before: place,
            closed: closed > 0.0,
        };
        Step::TooLong(TooLong { wait, shortage })
    }

    fn exceeds_capacity(&self, ticket: &Ticket) -> bool {
        ticket.reserve > 0 && self.capacity > 0.0 && f64::from(ticket.reserve) + self.cost(ticket) > self.capacity
    }

    /// Seconds until the request at this place, with so many tokens before it, may go, were the bucket open.
    fn wait(&self, ticket: &Ticket, place: usize, ahead: f64, margin: f64, now: f64) -> f64 {
        let in_flight = self.in_flight.len();
        let seconds = match self.knowledge {
            Knowledge::Unlimited => return 0.0,
            // One request finds out. If it takes long, others follow it one by one.
            Knowledge::Unknown if in_flight + place == 0 => return 0.0,
            Knowledge::Unknown => return (in_flight + place) as f64 - (now - self.at),
            Knowledge::RefusalsOnly | Knowledge::Observed => {
                self.seconds_until(ahead + f64::from(ticket.reserve) + self.cost(ticket) + margin, now)
            }
        };
        if place == 0 { seconds.min(self.seconds_until_probe(ticket, now)) } else { seconds }
    }

    /// Seconds until the first in line goes whatever the estimate says, because only an answer corrects a wrong one. A refusal costs no
    /// tokens.
    fn seconds_until_probe(&self, ticket: &Ticket, now: f64) -> f64 {
        if ticket.reserve > 0 {
            // It would take tokens from those that they are reserved for.
            let useless = !self.in_flight.is_empty() || self.exceeds_capacity(ticket);
            return if useless { f64::INFINITY } else { self.sent + LAST_PROBE - now };
        }
        if self.promise && (self.knowledge == Knowledge::RefusalsOnly || self.measured == 0.0) {
            return 0.0;
        }
        if !self.in_flight.is_empty() && now - self.sent < SLOW {
            return f64::INFINITY;
        }
        // While the refill is unknown, requests go one by one as long as the server accepts them, and then every second.
        if self.measured == 0.0 {
            let empty = self.knowledge == Knowledge::Observed && self.supply(now, f64::floor) <= 0.0;
            return if empty { self.at + 1.0 - now } else { 0.0 };
        }
        self.sent + self.probe - now
    }

    /// Tokens of the requests before this place.
    fn ahead(&self, place: usize) -> f64 {
        self.tickets.iter().take(place).map(|ticket| self.cost(ticket)).sum()
    }

    pub(super) fn tokens_in_flight(&self) -> f64 {
        self.in_flight.iter().map(|request| request.cost).sum()
    }

    /// Tokens to leave in the bucket, because its level is an estimate: a second's refill, if the bucket is large enough. More if only
    /// refusals correct the estimate.
    fn margin(&self, cost: f64) -> f64 {
        if self.knowledge == Knowledge::RefusalsOnly {
            return 2.0 * self.rate;
        }
        self.rate.min(self.capacity / 4.0).min(self.capacity - cost).max(0.0)
    }

    /// Tokens available, as if the bucket had no capacity. Refill comes once a second, so `round` says how many of those to reckon with.
    pub(super) fn supply(&self, now: f64, round: impl Fn(f64) -> f64) -> f64 {
        let seconds = (now - self.at).max(0.0);
        if self.knowledge == Knowledge::RefusalsOnly {
            // Nothing but a refusal says that the rate is wrong, so it grows: slowly at first, then faster.
            let grown = |seconds: f64| 0.95 * seconds + seconds.powi(4) / 864_000.0;
            let since = (self.at - self.refused).max(0.0);
            return self.base + self.rate * (grown(since + seconds) - grown(since));
        }
        self.base + self.rate * round(seconds + TICK)
    }

    /// Seconds until so many tokens are available.
    fn seconds_until(&self, tokens: f64, now: f64) -> f64 {
        let missing = tokens - self.supply(now, f64::floor);
        match self.knowledge {
            _ if missing <= 0.0 => 0.0,
            Knowledge::RefusalsOnly => {
                let slope = 0.95 + (now - self.refused).max(0.0).powi(3) / 216_000.0;
                missing / (self.rate * slope)
            }
            _ => self.at + ((tokens - self.base) / self.rate).ceil() - now,
        }
    }

    fn send(&mut self, place: usize, now: f64) {
        let ahead = self.ahead(place);
        let ticket = self.tickets.remove(place);
        let (id, cost) = (ticket.id, self.cost(&ticket));
        let tokens = ahead + cost + f64::from(ticket.reserve);
        // Whether its tokens are there, or it is a probe.
        let there = tokens <= self.supply(now, f64::floor);
        self.probe = if there { FIRST_PROBE } else { (2.0 * self.probe).min(LAST_PROBE) };
        if self.knowledge == Knowledge::Unknown && self.in_flight.is_empty() {
            self.at = now;
        }
        // What the full bucket could not take is lost, and says nothing about the refill.
        let full = if self.knowledge == Knowledge::Observed { self.capacity } else { 10.0 * self.rate };
        let full = full.max(tokens + self.margin(cost));
        if self.supply(now, f64::floor) > full {
            (self.base, self.at, self.anchor) = (full, now, None);
        }
        self.charge(cost);
        (self.promise, self.sent) = (false, now);
        self.in_flight.push(InFlight { id, cost, sent: now, settled: self.settled });
    }

    pub(super) fn charge(&mut self, cost: f64) {
        self.base -= cost;
        self.spent += cost;
    }

    /// The request waits no longer.
    pub(super) fn leave(&mut self, id: Id) {
        self.tickets.retain(|ticket| ticket.id != id);
    }

    /// Drops what nobody renews.
    fn expire(&mut self, asking: &Ticket, now: f64) {
        for ticket in self.tickets.iter_mut().filter(|ticket| ticket.id.1 == asking.id.1) {
            ticket.expires = asking.expires;
        }
        self.tickets.retain(|ticket| ticket.expires > now);
        while let Some(lost) = self.in_flight.iter().find(|request| now - request.sent > LONGEST_FLIGHT) {
            self.abandoned(lost.id);
        }
    }

    /// Whether nothing has happened for an hour.
    pub(super) fn is_forgotten(&self, now: f64) -> bool {
        self.tickets.iter().all(|ticket| ticket.expires <= now) && now - self.sent.max(self.closed_until) > 3600.0
    }

    /// Tokens available, if anything is known.
    pub(super) fn estimate(&self, now: f64) -> Option<f64> {
        let full = if self.knowledge == Knowledge::Observed { self.capacity } else { f64::MAX };
        matches!(self.knowledge, Knowledge::RefusalsOnly | Knowledge::Observed).then(|| self.supply(now, f64::floor).min(full))
    }

    /// Tokens per second that others leave, if measured.
    pub(super) fn refill(&self) -> Option<f64> {
        (self.measured > 0.0).then_some(self.rate)
    }
}

#[cfg(test)]
#[path = "bucket_tests.rs"]
mod tests;
