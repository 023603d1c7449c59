//! One token bucket as far as it is known, and who may send next. It takes the time and does no I/O, so it is the same in memory and in a file.
//!
//! The bucket belongs to the customer: others drain it, so its level is an estimate that each answer corrects. An answer may or may not count
//! the requests that were on their way together with it, so it only says between what the level is. Tokens that wait in the bucket are not
//! lost, so a margin costs nothing and spares refusals.

use crate::rate_limit::RateLimit;

/// Assumed refill in tokens per second before it is measured: whole tokens are added every second.
const FIRST_RATE: f64 = 1.0;
/// The least refill that is reckoned with. Others may take all of it for a while, and nothing says when they stop.
const LEAST_RATE: f64 = 0.5;
/// Seconds over which the refill is averaged.
const MEMORY: f64 = 20.0;
/// Seconds of measurement after which a prediction is good enough to give up on.
const MEASURED: f64 = 5.0;
/// A request is no longer reckoned with this many seconds after it was sent: its process may have died.
const LONGEST_FLIGHT: f64 = 120.0;
/// Longest time that a bucket stays closed, in seconds.
pub(super) const LONGEST_CLOSED: f64 = 86_400.0;
/// Timers are inexact by less than this, in seconds.
const TICK: f64 = 0.002;

/// What the server's answers say about the bucket.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Sight {
    /// No answer came yet.
    #[default]
    Dark,
    /// Answers do not name the level, and none was a refusal.
    Free,
    /// Only refusals say anything.
    Blind,
    /// Answers name the level.
    Sighted,
}

/// A request: its number in the order of arrival, and the limiter that it came to.
pub(super) type Id = (u64, u64);

/// A request that waits.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Ticket {
    /// Tokens to leave for others.
    pub(super) reserve: u32,
    pub(super) id: Id,
    pub(super) cost: f64,
    /// When it is given up, unless its limiter renews it.
    pub(super) expires: f64,
}

/// A request on its way.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Flight {
    pub(super) id: Id,
    pub(super) cost: f64,
    pub(super) sent: f64,
    /// `Bucket::settled` when it was sent.
    pub(super) settled: f64,
}

/// What a request is told.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Step {
    Go,
    /// Ask again after this many seconds.
    Wait(f64),
    /// The wait would take this many seconds, which is more than allowed.
    TooLong(f64),
}

/// What is known of a bucket.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Bucket {
    /// The server's name for it.
    pub(super) name: Option<String>,
    pub(super) sight: Sight,
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
    pub(super) largest: f64,
    /// In the order in which they are served.
    pub(super) tickets: Vec<Ticket>,
    pub(super) flights: Vec<Flight>,
}

impl Default for Bucket {
    fn default() -> Self {
        Self {
            name: None,
            sight: Sight::Dark,
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
            largest: 0.0,
            tickets: Vec::new(),
            flights: Vec::new(),
        }
    }
}

impl Bucket {
    /// What to reserve for a request: its cost, or the largest that was seen or is assumed.
    pub(super) fn cost(&self, known: Option<u32>, assumed: u32) -> f64 {
        known.map_or(self.largest.max(assumed.into()), f64::from).max(1.0)
    }

    /// Queues a request, unless it is queued already, and sends it if its tokens and those of all before it are there. `left` is how long
    /// it may wait, in seconds.
    pub(super) fn ask(&mut self, ticket: Ticket, left: f64, now: f64) -> Step {
        self.expire(&ticket, now);
        let order = |ticket: &Ticket| (ticket.reserve, ticket.id);
        let place = self.tickets.partition_point(|other| order(other) < order(&ticket));
        let id = ticket.id;
        if self.tickets.get(place).is_none_or(|other| order(other) != order(&ticket)) {
            self.tickets.insert(place, ticket);
        }
        let closed = self.closed_until - now;
        let wait = self.wait(place, now).max(closed);
        // A prediction is only an estimate. Without one, the wait ends when it has taken too long.
        let predicted = if self.measured >= MEASURED { wait } else { closed };
        let too_long = left <= 0.0 || closed > left || predicted > left * 1.25;
        if wait <= 0.0 || (too_long && closed <= 0.0 && self.would_pass(place, now)) {
            self.send(place, now);
            return Step::Go;
        }
        if too_long {
            self.leave(id);
            return Step::TooLong(wait.max(TICK));
        }
        Step::Wait(wait)
    }

    /// Whether the server would probably take the request at this place, although caution says to wait.
    fn would_pass(&self, place: usize, now: f64) -> bool {
        let tokens = |ticket: &Ticket| self.ahead(place) + f64::from(ticket.reserve) + ticket.cost;
        let there = |ticket: &Ticket| tokens(ticket) <= self.supply(now, f64::floor);
        self.sight == Sight::Dark || self.tickets.get(place).is_some_and(there)
    }

    /// Seconds until the request at this place may go, were the bucket open.
    fn wait(&self, place: usize, now: f64) -> f64 {
        let Some(Ticket { reserve, cost, .. }) = self.tickets.get(place) else { return 0.0 };
        let (reserve, in_flight) = (f64::from(*reserve), self.flights.len());
        match self.sight {
            Sight::Free => return 0.0,
            // One request finds out. If it takes long, others follow it one by one.
            Sight::Dark if in_flight + place == 0 => return 0.0,
            Sight::Dark => return (in_flight + place) as f64 - (now - self.at),
            Sight::Blind | Sight::Sighted => {}
        }
        let seconds = self.seconds_until(self.ahead(place) + reserve + cost + self.margin(*cost), now);
        if place > 0 || reserve > 0.0 {
            return seconds;
        }
        if self.promise && (self.sight == Sight::Blind || self.measured == 0.0) {
            return 0.0;
        }
        // While the refill is unknown, requests go one by one as long as the server accepts them, and then every second.
        let alone = in_flight == 0 || now - self.sent >= 10.0;
        if self.measured == 0.0 && alone {
            let empty = self.sight == Sight::Sighted && self.supply(now, f64::floor) <= 0.0;
            return seconds.min(if empty { self.at + 1.0 - now } else { 0.0 });
        }
        seconds
    }

    /// Tokens of the requests before this place.
    fn ahead(&self, place: usize) -> f64 {
        self.tickets.iter().take(place).map(|ticket| ticket.cost).sum()
    }

    fn in_flight(&self) -> f64 {
        self.flights.iter().map(|flight| flight.cost).sum()
    }

    /// Tokens to leave in the bucket, because its level is an estimate: a second's refill, if the bucket is large enough. More if only
    /// refusals correct the estimate.
    fn margin(&self, cost: f64) -> f64 {
        if self.sight == Sight::Blind {
            return 2.0 * self.rate;
        }
        self.rate.min(self.capacity / 4.0).min(self.capacity - cost).max(0.0)
    }

    /// Tokens available, as if the bucket had no capacity. Refill comes once a second, so `round` says how many of those to reckon with.
    fn supply(&self, now: f64, round: impl Fn(f64) -> f64) -> f64 {
        let seconds = (now - self.at).max(0.0);
        if self.sight == Sight::Blind {
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
        match self.sight {
            _ if missing <= 0.0 => 0.0,
            Sight::Blind => {
                let slope = 0.95 + (now - self.refused).max(0.0).powi(3) / 216_000.0;
                missing / (self.rate * slope)
            }
            _ => self.at + ((tokens - self.base) / self.rate).ceil() - now,
        }
    }

    fn send(&mut self, place: usize, now: f64) {
        let target = self.ahead(place);
        let Ticket { id, cost, reserve, .. } = self.tickets.remove(place);
        if self.sight == Sight::Dark && self.flights.is_empty() {
            self.at = now;
        }
        // What the full bucket could not take is lost, and says nothing about the refill.
        let full = if self.sight == Sight::Sighted { self.capacity } else { 10.0 * self.rate };
        let full = full.max(target + cost + f64::from(reserve) + self.margin(cost));
        if self.supply(now, f64::floor) > full {
            (self.base, self.at, self.anchor) = (full, now, None);
        }
        self.charge(cost);
        (self.promise, self.sent) = (false, now);
        self.flights.push(Flight { id, cost, sent: now, settled: self.settled });
    }

    fn charge(&mut self, cost: f64) {
        self.base -= cost;
        self.spent += cost;
    }

    /// The request waits no longer.
    pub(super) fn leave(&mut self, id: Id) {
        self.tickets.retain(|ticket| ticket.id != id);
    }

    fn land(&mut self, id: Id) -> Option<Flight> {
        let index = self.flights.iter().position(|flight| flight.id == id)?;
        Some(self.flights.swap_remove(index))
    }

    /// The request came to an end. If it says nothing about a limit, nothing is held back.
    fn ended(&mut self, id: Id) -> Option<Flight> {
        if self.sight == Sight::Dark {
            self.sight = Sight::Free;
        }
        self.land(id)
    }

    /// The request never reached the server, so it took nothing.
    pub(super) fn unsent(&mut self, id: Id) {
        if let Some(flight) = self.ended(id) {
            self.charge(-flight.cost);
        }
    }

    /// No answer came. The server may have charged the request.
    pub(super) fn unanswered(&mut self, id: Id) {
        self.settled += self.ended(id).map_or(0.0, |flight| flight.cost);
    }

    /// Nobody waits for the answer any more. The server may have charged the request.
    pub(super) fn abandoned(&mut self, id: Id) {
        self.settled += self.land(id).map_or(0.0, |flight| flight.cost);
    }

    /// An answer other than a refusal.
    pub(super) fn answered(&mut self, id: Id, rate: Option<&RateLimit>, now: f64) {
        let Some(flight) = self.ended(id) else { return };
        let charged = rate.and_then(|rate| rate.cost).map(|cost| cost.max(0) as f64);
        let cost = charged.unwrap_or(flight.cost);
        self.charge(cost - flight.cost);
        self.learn(rate, cost);
        // Those on their way, and those answered since this one was sent: its answer may not count them.
        let others = self.in_flight() + (self.settled - flight.settled).max(0.0);
        self.settled += cost;
        let Some(remaining) = rate.and_then(|rate| rate.remaining).map(|remaining| remaining as f64) else {
            return;
        };
        let full = self.sight == Sight::Sighted && remaining + cost >= self.capacity;
        self.capacity = self.capacity.max(remaining + cost);
        let refilled = if self.measured > 0.0 { self.rate * (now - flight.sent) } else { 0.0 };
        let before = if self.sight == Sight::Sighted { self.supply(now, |seconds| seconds) } else { f64::MIN };
        self.sight = Sight::Sighted;
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
        let remaining = rate.and_then(|rate| rate.remaining).map_or(0.0, |remaining| remaining.min(0) as f64);
        let mut level = remaining - self.in_flight();
        if self.sight == Sight::Sighted {
            level = level.min(self.supply(now, |seconds| seconds));
        } else {
            self.sight = Sight::Blind;
        }
        (self.base, self.at, self.refused, self.promise) = (level, now, now, true);
        self.measure(level, now);
        if self.measured == 0.0 {
            self.rate = ((1.0 - remaining) / wait.max(1.0)).max(LEAST_RATE);
        }
        self.closed_until = self.closed_until.max(now + wait.min(LONGEST_CLOSED));
    }

    fn learn(&mut self, rate: Option<&RateLimit>, cost: f64) {
        self.largest = self.largest.max(cost);
        if let Some(name) = rate.and_then(|rate| rate.bucket.as_ref()) {
            self.name = Some(name.clone());
        }
    }

    /// Measures the refill by the tokens supplied since the anchor.
    fn measure(&mut self, level: f64, now: f64) {
        let supplied = level + self.spent;
        if let Some((since, before)) = self.anchor {
            let seconds = now - since;
            if seconds < 1.0 {
                return;
            }
            let weight = seconds / (seconds + self.measured.min(MEMORY));
            self.rate = (self.rate + ((supplied - before) / seconds - self.rate) * weight).max(LEAST_RATE);
            self.measured += seconds;
        }
        self.anchor = Some((now, supplied));
    }

    /// Drops what nobody renews.
    fn expire(&mut self, asking: &Ticket, now: f64) {
        for ticket in self.tickets.iter_mut().filter(|ticket| ticket.id.1 == asking.id.1) {
            ticket.expires = asking.expires;
        }
        self.tickets.retain(|ticket| ticket.expires > now);
        while let Some(lost) = self.flights.iter().find(|flight| now - flight.sent > LONGEST_FLIGHT) {
            self.abandoned(lost.id);
        }
    }

    /// Whether nothing has happened for an hour.
    pub(super) fn is_forgotten(&self, now: f64) -> bool {
        self.tickets.is_empty() && self.flights.is_empty() && now - self.sent.max(self.closed_until) > 3600.0
    }

    /// Tokens available, if anything is known.
    pub(super) fn estimate(&self, now: f64) -> Option<f64> {
        let full = if self.sight == Sight::Sighted { self.capacity } else { f64::MAX };
        matches!(self.sight, Sight::Blind | Sight::Sighted).then(|| self.supply(now, f64::floor).min(full))
    }

    /// Tokens per second that others leave, if measured.
    pub(super) fn refill(&self) -> Option<f64> {
        (self.measured > 0.0).then_some(self.rate)
    }
}

#[cfg(test)]
#[path = "bucket_tests.rs"]
mod tests;
