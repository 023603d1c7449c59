//! Tests of the policy.

use super::super::learn::LEAST_RATE;
use super::*;
use crate::rate_limit::RateLimit;

/// A request of the limiter 1.
fn ticket(number: u64, cost: f64) -> Ticket {
    Ticket { reserve: 0, id: (number, 1), cost, cost_known: true, expires: f64::INFINITY }
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
        self.in_flight.push(InFlight { id, cost: 0.0, sent: now, settled: self.settled });
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

fn too_long(step: Step) -> TooLong {
    match step {
        Step::TooLong(too_long) => too_long,
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
    assert!(bucket.tickets.is_empty() && bucket.in_flight.len() == 1);
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
    let late = || Ticket { reserve: 5000, ..ticket(4, 1.0) };
    bucket.leave((4, 1));
    bucket.hears(100, 20.0);
    assert_eq!(bucket.asks(2, 2.0, 20.0), Step::Go);
    waits(bucket.ask(late(), 600.0, 20.0 + LONGEST_FLIGHT));
    assert_eq!(bucket.in_flight.len(), 1);
    waits(bucket.ask(late(), 600.0, 20.1 + LONGEST_FLIGHT));
    assert!(bucket.in_flight.is_empty());
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
        assert_eq!((bucket.estimate(0.0), bucket.in_flight.len()), (Some(then), 0));
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
    let unknown = |assumed| Ticket { cost_known: false, ..ticket(9, assumed) };
    assert_eq!(
        [unknown(1.0), unknown(0.0), ticket(9, 0.0), ticket(9, 7.0)].map(|ticket| bucket.cost(&ticket)),
        [1.0, 1.0, 1.0, 7.0]
    );
    assert_eq!(bucket.asks(1, 1.0, 0.0), Step::Go);
    bucket.answered((1, 1), Some(&rate(92, 8)), 0.1);
    assert_eq!([unknown(1.0), unknown(9.0), ticket(9, 2.0)].map(|ticket| bucket.cost(&ticket)), [8.0, 9.0, 2.0]);
}

#[test]
fn a_wait_that_would_be_too_long_is_not_begun() {
    let mut bucket = known(0);
    let asks = |bucket: &mut Bucket, left| bucket.ask(ticket(1, 40.0), left, 0.0);
    assert_eq!(too_long(asks(&mut bucket, 3.0)).wait, Some(5.0));
    assert!(bucket.tickets.is_empty());
    assert_eq!(asks(&mut bucket, 4.5), Step::Wait(5.0), "a prediction may be wrong");
    assert_eq!(too_long(asks(&mut bucket, 0.0)).wait, Some(5.0));
    // The margin is for those who can wait.
    bucket.hears(40, 0.0);
    assert_eq!(asks(&mut bucket, 0.0), Step::Go);
    // What the server says is certain.
    bucket.refused((1, 1), Some(&rate(-5, 0)), 30.0, 0.0);
    let TooLong { wait, shortage } = too_long(asks(&mut bucket, 29.0));
    assert!(wait == Some(30.0) && shortage.closed, "{shortage:?}");
    // A refill that was not measured predicts nothing.
    bucket = Bucket { measured: 1.0, rate: 0.5, ..known(0) };
    waits(asks(&mut bucket, 3.0));
    assert_eq!(too_long(asks(&mut bucket, 0.0)).wait, None);
}

#[test]
fn a_refusal_closes_the_bucket_for_everybody() {
    let mut bucket = known(50);
    assert_eq!(bucket.asks(1, 5.0, 0.0), Step::Go);
    bucket.refused((1, 1), Some(&rate(-3, 0)), 2.0, 0.1);
    assert!(bucket.estimate(0.1).is_some_and(|level| level <= -3.0) && bucket.in_flight.is_empty());
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

/// A bucket of 100 tokens as the server keeps it, which others drain to the refill of each second.
struct Server {
    level: f64,
}

/// Sends a request of 2 tokens every second that may wait for a minute, and says how many went.
fn run(bucket: &mut Bucket, server: &mut Server, seconds: std::ops::Range<u32>, refill: f64) -> usize {
    let mut sent = 0;
    for second in seconds {
        let (now, number) = (f64::from(second), u64::from(second));
        server.level = (server.level + refill).min(100.0);
        if bucket.ask(ticket(number, 2.0), 60.0, now) == Step::Go {
            sent += 1;
            match server.level > 0.0 {
                true => {
                    server.level -= 2.0;
                    bucket.answered((number, 1), Some(&rate(server.level as i64, 2)), now + 0.1);
                }
                false => bucket.refused((number, 1), Some(&rate(server.level as i64, 0)), 1.0, now + 0.1),
            }
        }
        // Whoever waits gives up and comes again.
        bucket.leave((number, 1));
    }
    sent
}

#[test]
fn an_estimate_that_is_too_low_corrects_itself() {
    let (mut bucket, mut server) = (Bucket::default(), Server { level: 100.0 });
    assert_eq!(run(&mut bucket, &mut server, 0..5, 10.0), 5);
    // A neighbour leaves almost nothing, overdraws the bucket and stops.
    server.level = 10.0;
    run(&mut bucket, &mut server, 5..25, 0.3);
    server.level = -60.0;
    assert!(run(&mut bucket, &mut server, 25..40, 10.0) > 0);
    let sent = run(&mut bucket, &mut server, 40..100, 10.0);
    assert!(sent >= 55, "{sent}: {bucket:?}");
}

#[test]
fn an_odd_answer_is_forgotten() {
    for (odd, charged) in [(-1_000_000, 2), (i64::MIN, 2), (i64::MAX, 2), (90, 5000), (90, i64::MAX), (i64::MIN, i64::MIN)] {
        let (mut bucket, mut server) = (Bucket::default(), Server { level: 100.0 });
        assert_eq!(run(&mut bucket, &mut server, 0..5, 10.0), 5);
        assert_eq!(bucket.asks(5, 2.0, 5.0), Step::Go);
        bucket.answered((5, 1), Some(&rate(odd, charged)), 5.1);
        run(&mut bucket, &mut server, 6..12, 10.0);
        let sent = run(&mut bucket, &mut server, 12..72, 10.0);
        assert!(sent == 60 && bucket.rate < 30.0, "{odd} {charged}: {sent} {bucket:?}");
        // A request of unknown cost fits, too.
        let unknown = Ticket { cost_known: false, ..ticket(100, 1.0) };
        assert!(bucket.cost(&unknown) <= 200.0 || odd == i64::MAX, "{bucket:?}");
        let step = bucket.ask(unknown, 60.0, 72.0);
        assert!(step == Step::Go || waits(step) <= FIRST_PROBE);
    }
}

#[test]
fn an_odd_refusal_is_forgotten() {
    for odd in [Some(i64::MIN), Some(-1_000_000), Some(i64::MAX), None] {
        let mut bucket = Bucket { knowledge: Knowledge::Unlimited, ..Bucket::default() };
        assert_eq!(bucket.asks(1000, 2.0, 0.0), Step::Go);
        bucket.refused((1000, 1), Some(&rate(odd, 0)), 1.0, 0.0);
        let mut level = 0.0;
        let mut counts = (0, 0);
        for second in 1..=300_u32 {
            let (now, number) = (f64::from(second), u64::from(second));
            level += 1.0;
            if bucket.asks(number, 2.0, now) == Step::Go {
                counts.0 += 1;
                if level > 0.0 {
                    level -= 2.0;
                    bucket.answered((number, 1), None, now);
                } else {
                    counts.1 += 1;
                    bucket.refused((number, 1), Some(&rate(level as i64, 0)), 1.0, now);
                }
            }
            bucket.leave((number, 1));
        }
        assert!(counts.0 - counts.1 >= 100 && counts.1 <= 60, "{odd:?}: {counts:?} {bucket:?}");
    }
}

#[test]
fn probes_come_less_often_while_they_are_needed() {
    let mut bucket = known(-10_000);
    let mut probes = Vec::new();
    for second in 1..250_u32 {
        let (now, number) = (f64::from(second), u64::from(second));
        if bucket.asks(number, 2.0, now) == Step::Go {
            probes.push(second);
            bucket.refused((number, 1), Some(&rate(-10_000, 0)), 1.0, now);
        }
        bucket.leave((number, 1));
    }
    assert_eq!(probes, [5, 15, 35, 75, 135, 195]);
}

#[test]
fn reserved_tokens_are_probed_for_once_a_minute() {
    let mut bucket = known(0);
    bucket.rate = LEAST_RATE;
    let backfill = |number, reserve| Ticket { reserve, ..ticket(number, 5.0) };
    assert_eq!(waits(bucket.ask(backfill(1, 50), 600.0, 0.0)), 60.0);
    assert_eq!(bucket.ask(backfill(1, 50), 600.0, 60.0), Step::Go);
    // What the bucket was never seen to hold is waited for no longer than it may take.
    let Shortage { cost, reserve, capacity, .. } = too_long(bucket.ask(backfill(2, 96), 60.0, 60.0)).shortage;
    assert_eq!((cost, reserve, capacity), (5.0, 96, Some(100.0)));
}

#[test]
fn a_queued_request_of_unknown_cost_follows_what_is_learned() {
    let mut bucket = known(0);
    bucket.largest = 90.0;
    let unknown = |number| Ticket { cost_known: false, ..ticket(number, 1.0) };
    bucket.in_flight.push(InFlight { id: (0, 1), cost: 0.0, sent: 0.0, settled: 0.0 });
    assert_eq!(waits(bucket.ask(unknown(1), 600.0, 0.0)), 10.0);
    bucket.largest = 5.0;
    assert_eq!(waits(bucket.ask(unknown(1), 600.0, 0.0)), 2.0);
    assert_eq!(waits(bucket.ask(unknown(2), 600.0, 0.0)), 2.0);
}
