//! Tests of the policy.

use super::*;

/// A request of the limiter 1.
fn ticket(number: u64, cost: f64) -> Ticket {
    Ticket { reserve: 0, id: (number, 1), cost, expires: f64::INFINITY }
}

fn rate(remaining: impl Into<Option<i64>>, cost: i64) -> RateLimit {
    RateLimit { bucket: None, remaining: remaining.into(), cost: Some(cost) }
}

impl Bucket {
    fn asks(&mut self, number: u64, cost: f64, now: f64) -> Step {
        self.ask(ticket(number, cost), 600.0, now)
    }

    /// Sends a request of no importance, whose answer names the level.
    fn hears(&mut self, remaining: i64, now: f64) {
        let id = (1_000_000, 9);
        self.flights.push(Flight { id, cost: 0.0, sent: now, settled: self.settled });
        self.answered(id, Some(&rate(remaining, 0)), now);
    }
}

/// A bucket of 100 tokens at the time 0, whose refill of 10 tokens per second was measured for a minute.
fn known(level: i64) -> Bucket {
    let mut bucket = Bucket { rate: 10.0, measured: 60.0, ..Bucket::default() };
    bucket.hears(100, 0.0);
    bucket.hears(level, 0.0);
    assert_eq!((bucket.estimate(0.0), bucket.capacity, bucket.rate), (Some(level as f64), 100.0, 10.0));
    bucket
}

fn waits(step: Step) -> f64 {
    match step {
        Step::Wait(seconds) => seconds,
        other => panic!("{other:?}"),
    }
}

#[test]
fn the_first_come_is_served_first_however_large_it_is() {
    let mut bucket = known(15);
    // 50 tokens, and a second's refill as a margin.
    assert_eq!(waits(bucket.asks(1, 50.0, 0.0)), 5.0);
    assert_eq!(waits(bucket.asks(2, 2.0, 0.0)), 5.0);
    assert_eq!(waits(bucket.asks(3, 2.0, 0.0)), 5.0);
    for now in [1.0, 3.0, 4.9] {
        waits(bucket.asks(3, 2.0, now));
        waits(bucket.asks(2, 2.0, now));
    }
    assert_eq!(bucket.asks(1, 50.0, 5.0), Step::Go);
    assert_eq!((bucket.asks(2, 2.0, 5.0), bucket.asks(3, 2.0, 5.0)), (Step::Go, Step::Go));
}

#[test]
fn later_requests_go_before_a_slow_one_only_if_tokens_for_both_are_there() {
    let mut bucket = known(15);
    waits(bucket.asks(1, 20.0, 0.0));
    // Nobody sends the first one, although it could go at 2.
    waits(bucket.asks(2, 5.0, 1.9));
    assert_eq!(bucket.asks(2, 5.0, 3.0), Step::Go);
    assert_eq!(bucket.asks(1, 20.0, 3.0), Step::Go);
}

#[test]
fn who_leaves_the_line_holds_up_nobody() {
    let mut bucket = known(15);
    waits(bucket.asks(1, 50.0, 0.0));
    waits(bucket.asks(2, 2.0, 0.0));
    bucket.leave((1, 1));
    assert_eq!(bucket.asks(2, 2.0, 0.0), Step::Go);
    assert!(bucket.tickets.is_empty() && bucket.flights.len() == 1);
}

#[test]
fn requests_of_a_dead_process_expire() {
    let mut bucket = known(15);
    let dead = |number| Ticket { id: (number, 2), expires: 10.0, ..ticket(number, 50.0) };
    waits(bucket.ask(dead(1), 600.0, 0.0));
    waits(bucket.asks(2, 2.0, 0.0));
    assert_eq!(bucket.tickets.len(), 2);
    // A living process renews all its requests when it asks for one.
    waits(bucket.ask(Ticket { expires: 12.0, ..dead(3) }, 600.0, 1.0));
    waits(bucket.asks(4, 5000.0, 11.0));
    assert_eq!(bucket.tickets.len(), 4);
    waits(bucket.asks(4, 5000.0, 12.0));
    assert_eq!(bucket.tickets.iter().map(|ticket| ticket.id.0).collect::<Vec<_>>(), [2, 4]);
    // A request on its way is reckoned with for longer.
    bucket.hears(100, 20.0);
    assert_eq!(bucket.asks(2, 2.0, 20.0), Step::Go);
    waits(bucket.asks(4, 5000.0, 20.0 + LONGEST_FLIGHT));
    assert_eq!(bucket.flights.len(), 1);
    waits(bucket.asks(4, 5000.0, 20.1 + LONGEST_FLIGHT));
    assert!(bucket.flights.is_empty());
}

#[test]
fn one_request_finds_out_and_others_wait_for_its_answer() {
    let mut bucket = Bucket::default();
    assert_eq!(bucket.asks(1, 5.0, 0.0), Step::Go);
    assert_eq!(waits(bucket.asks(2, 5.0, 0.0)), 1.0);
    assert_eq!(waits(bucket.asks(3, 5.0, 0.0)), 2.0);
    // A slow answer does not stop everything.
    assert_eq!(bucket.asks(2, 5.0, 1.0), Step::Go);
    bucket.answered((1, 1), Some(&rate(95, 5)), 1.5);
    assert_eq!(bucket.asks(3, 5.0, 1.5), Step::Go);
    // Nobody is turned away for a limit that nobody has seen.
    let mut bucket = Bucket::default();
    assert_eq!(bucket.ask(ticket(1, 5.0), 0.0, 0.0), Step::Go);
    assert_eq!(bucket.ask(ticket(2, 5.0), 0.0, 0.0), Step::Go);
}

#[test]
fn without_headers_nothing_is_held_back_until_a_refusal() {
    let ends: [fn(&mut Bucket); 3] =
        [|bucket| bucket.answered((0, 1), None, 0.0), |bucket| bucket.unsent((0, 1)), |bucket| bucket.unanswered((0, 1))];
    for end in ends {
        let mut bucket = Bucket::default();
        assert_eq!(bucket.asks(0, 5.0, 0.0), Step::Go);
        end(&mut bucket);
        assert!((1..100).all(|number| bucket.asks(number, 5.0, 0.0) == Step::Go));
        bucket.refused((1, 1), None, 3.0, 0.0);
        assert_eq!(waits(bucket.asks(1, 5.0, 1.0)), 2.0);
        // Then one goes, and the others follow its answer.
        assert!(waits(bucket.asks(100, 5.0, 1.0)) >= 2.0);
        assert_eq!(bucket.asks(1, 5.0, 3.0), Step::Go);
        waits(bucket.asks(100, 5.0, 3.0));
    }
}

#[test]
fn an_overdrawn_bucket_is_waited_for() {
    let mut bucket = known(15);
    bucket.hears(-20, 0.0);
    // 20 tokens back to nothing, 2 for the request and a margin of 10.
    assert_eq!(waits(bucket.asks(1, 2.0, 0.0)), 4.0);
    assert_eq!(bucket.asks(1, 2.0, 4.0), Step::Go);
}

#[test]
fn an_answer_may_be_older_than_another() {
    let mut bucket = known(50);
    assert_eq!(bucket.asks(1, 10.0, 0.0), Step::Go);
    assert_eq!(bucket.asks(2, 10.0, 0.0), Step::Go);
    assert_eq!(bucket.estimate(0.0), Some(30.0));
    // The second was charged last, and its answer comes first: it counts both.
    bucket.answered((2, 1), Some(&rate(30, 10)), 0.0);
    assert_eq!(bucket.estimate(0.0), Some(30.0));
    bucket.answered((1, 1), Some(&rate(40, 10)), 0.0);
    assert_eq!(bucket.estimate(0.0), Some(30.0), "the late answer does not bring tokens back");
    // Others took some: an answer lowers the estimate, whatever it counts.
    assert_eq!(bucket.asks(3, 10.0, 0.4), Step::Go);
    bucket.answered((3, 1), Some(&rate(3, 10)), 0.5);
    assert!(bucket.estimate(0.5).is_some_and(|level| level < 5.0), "{bucket:?}");
    // And raises it as far as it is sure.
    bucket.hears(90, 0.6);
    assert_eq!(bucket.estimate(0.6), Some(90.0));
}

#[test]
fn a_reservation_becomes_what_was_charged() {
    let mut bucket = known(50);
    for (number, charged, then) in [(1, Some(25), 25.0), (2, Some(0), 25.0), (3, None, 20.0)] {
        assert_eq!(bucket.asks(number, 5.0, 0.0), Step::Go);
        let rate = RateLimit { bucket: None, remaining: None, cost: charged };
        bucket.answered((number, 1), Some(&rate), 0.0);
        assert_eq!(bucket.estimate(0.0), Some(then));
    }
    // What never reached the server costs nothing; what may have reached it does.
    type End = fn(&mut Bucket, Id);
    let ends: [(End, f64); 3] = [(Bucket::unsent, 20.0), (Bucket::unanswered, 15.0), (Bucket::abandoned, 10.0)];
    for (number, (end, then)) in (4..).zip(ends) {
        bucket.margin_free(number);
        end(&mut bucket, (number, 1));
        assert_eq!((bucket.estimate(0.0), bucket.flights.len()), (Some(then), 0));
    }
}

impl Bucket {
    /// Sends a request of 5 tokens at the time 0, which may wait for nothing.
    fn margin_free(&mut self, number: u64) {
        assert_eq!(self.ask(ticket(number, 5.0), 0.0, 0.0), Step::Go);
    }
}

#[test]
fn reserved_tokens_are_left_for_others() {
    let mut bucket = known(60);
    let backfill = |number| Ticket { reserve: 50, ..ticket(number, 5.0) };
    // 50 for others, 5 for itself and a margin of 10.
    assert_eq!(waits(bucket.ask(backfill(1), 600.0, 0.0)), 1.0);
    assert_eq!(bucket.asks(2, 5.0, 0.0), Step::Go, "a dashboard does not wait for it");
    assert_eq!(bucket.ask(backfill(1), 600.0, 1.0), Step::Go);
    assert_eq!(waits(bucket.ask(backfill(3), 600.0, 1.0)), 1.0);
    assert_eq!(waits(bucket.asks(4, 70.0, 1.0)), 2.0);
    assert_eq!(waits(bucket.ask(backfill(3), 600.0, 1.0)), 8.0, "and goes after a dashboard that came later");
}

#[test]
fn an_unknown_cost_is_the_largest_seen_or_assumed() {
    let mut bucket = known(100);
    assert_eq!(
        (bucket.cost(None, 1), bucket.cost(None, 0), bucket.cost(Some(0), 1), bucket.cost(Some(7), 9)),
        (1.0, 1.0, 1.0, 7.0)
    );
    assert_eq!(bucket.asks(1, 1.0, 0.0), Step::Go);
    bucket.answered((1, 1), Some(&rate(92, 8)), 0.1);
    assert_eq!((bucket.cost(None, 1), bucket.cost(None, 9), bucket.cost(Some(2), 9)), (8.0, 9.0, 2.0));
}

#[test]
fn a_wait_that_would_be_too_long_is_not_begun() {
    let mut bucket = known(0);
    let asks = |bucket: &mut Bucket, left| bucket.ask(ticket(1, 40.0), left, 0.0);
    assert_eq!(asks(&mut bucket, 3.0), Step::TooLong(5.0));
    assert!(bucket.tickets.is_empty());
    assert_eq!(asks(&mut bucket, 4.5), Step::Wait(5.0), "a prediction may be wrong");
    assert_eq!(asks(&mut bucket, 0.0), Step::TooLong(5.0));
    // The margin is for those who can wait.
    bucket.hears(40, 0.0);
    assert_eq!(asks(&mut bucket, 0.0), Step::Go);
    // What the server says is certain.
    bucket.refused((1, 1), Some(&rate(-5, 0)), 30.0, 0.0);
    assert_eq!(asks(&mut bucket, 29.0), Step::TooLong(30.0));
    // A refill that was not measured predicts nothing.
    bucket = Bucket { measured: 1.0, rate: 0.5, ..known(0) };
    waits(asks(&mut bucket, 3.0));
}

#[test]
fn a_refusal_closes_the_bucket_for_everybody() {
    let mut bucket = known(50);
    assert_eq!(bucket.asks(1, 5.0, 0.0), Step::Go);
    bucket.refused((1, 1), Some(&rate(-3, 0)), 2.0, 0.1);
    assert!(bucket.estimate(0.1).is_some_and(|level| level <= -3.0) && bucket.flights.is_empty());
    assert!(waits(bucket.asks(2, 1.0, 0.2)) >= 1.9);
    assert!(waits(bucket.asks(1, 5.0, 0.2)) >= 1.9);
    // The refused request keeps its place.
    assert_eq!(bucket.tickets.iter().map(|ticket| ticket.id.0).collect::<Vec<_>>(), [1, 2]);
    let mut bucket = known(50);
    bucket.refused((1, 1), None, f64::MAX, 0.0);
    assert_eq!(bucket.closed_until, LONGEST_CLOSED);
}

#[test]
fn the_refill_is_what_others_leave() {
    let mut bucket = known(50);
    bucket.rate = 3.0;
    // 100 s, each with 10 tokens of refill, of which others take 4; a request of 6 tokens takes the rest.
    for second in 1..=100_u32 {
        let now = f64::from(second);
        bucket.hears(56, now);
        bucket.margin_free_at(u64::from(second), now);
    }
    assert!((bucket.rate - 6.0).abs() < 0.1, "{bucket:?}");
    // A full bucket says nothing about it.
    for second in 101..200_u32 {
        bucket.hears(100, f64::from(second));
    }
    assert!((bucket.rate - 6.0).abs() < 0.5, "{bucket:?}");
    assert_eq!(bucket.estimate(10_000.0), Some(100.0));
}

impl Bucket {
    /// Sends a request of 6 tokens, which is charged at once.
    fn margin_free_at(&mut self, number: u64, now: f64) {
        assert_eq!(self.ask(ticket(number, 6.0), 0.0, now), Step::Go);
        self.answered((number, 1), Some(&rate(None, 6)), now);
    }
}
