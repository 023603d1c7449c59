//! When made-up rows happen, and that one answer waits for no other.

mod common;

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, mpsc};

use common::charts::{body, by_bucket, chart, total};
use common::{CHART, model, post, rows, simulator};
use jiff::{SignedDuration, Timestamp};
use placewise_simulator::{Server, Simulator};
use serde_json::{Value, json};

fn at(text: &str) -> Timestamp {
    text.parse().expect("an instant")
}

fn voyages(server: &Server) -> Vec<Value> {
    rows(server, &json!({"subject": "voyages", "size": 1000}))
}

/// When a row sailed: the examples print it without a zone, which is UTC here.
fn sailed(row: &Value) -> Timestamp {
    at(&format!("{}Z", row["sailed_at"].as_str().expect("text")))
}

#[test]
fn rows_happen_in_the_year_before_the_start() {
    let year = SignedDuration::from_hours(365 * 24);
    let month = SignedDuration::from_hours(31 * 24);
    for now in ["2026-01-15T12:00:00Z", "2019-03-01T00:00:00Z", "2031-07-20T23:59:59.123456789Z"].map(at) {
        let served = || simulator().rows(100).now(move || now).start().expect("start");
        let made = voyages(&served());
        let moments: Vec<Timestamp> = made.iter().map(sailed).collect();
        assert!(moments.is_sorted(), "later rows happen later");
        assert!(
            moments.iter().all(|moment| now - year - SignedDuration::from_secs(1) <= *moment && *moment < now),
            "{moments:?}"
        );
        assert!(moments[0] < now - year + month && now - month < moments[99], "they fill it");
        assert_eq!(voyages(&served()), made, "the same moment and seed");
    }
}

#[test]
fn rows_of_today_have_a_history_of_today() {
    // No time is given here, so it is the system's.
    let server = Simulator::new(model()).rows(240).start().expect("start");
    let now = Timestamp::now();
    let year = SignedDuration::from_hours(365 * 24 + 1);
    let moments: Vec<Timestamp> = voyages(&server).iter().map(sailed).collect();
    assert!(moments.iter().all(|moment| now - year < *moment && *moment < now), "{moments:?}");
    let days = [(now - SignedDuration::from_hours(24 * 149)).to_string(), now.to_string()];
    let loads = chart(&server, &body("loads", [&days[0], &days[1]], json!({"step": "1d"})));
    assert!(total(&by_bucket(&loads)) > 0, "{loads}");
}

#[test]
fn times_far_off_are_no_fault() {
    for now in [Timestamp::MIN, Timestamp::MAX] {
        let server = simulator().now(move || now).start().expect("start");
        assert_eq!(voyages(&server).len(), 60);
    }
}

/// A clock that holds up the next request that looks at it, once told to, until it is let go.
fn gate() -> (Arc<AtomicBool>, mpsc::Receiver<()>, mpsc::Sender<()>, impl Fn() -> Timestamp + Send + Sync + 'static) {
    let closed = Arc::new(AtomicBool::new(false));
    let ((held, holds), (go, let_go)) = (mpsc::channel(), mpsc::channel::<()>());
    let (flag, let_go) = (Arc::clone(&closed), Mutex::new(let_go));
    let clock = move || {
        if flag.swap(false, Ordering::SeqCst) {
            held.send(()).expect("a test that waits");
            // An end that is gone lets go too.
            let _ = let_go.lock().expect("no panic").recv();
        }
        at(common::NOW)
    };
    (closed, holds, go, clock)
}

#[test]
fn an_answer_that_takes_long_holds_up_no_other() {
    let (closed, holds, go, clock) = gate();
    let server = simulator().now(clock).start().expect("start");
    let query = body("traffic", ["2026-01-01T00:00:00Z", common::NOW], json!({"step": "1d"}));
    closed.store(true, Ordering::SeqCst);
    std::thread::scope(|scope| {
        let first = scope.spawn(|| post(&server, CHART, "id=11", &query).0);
        holds.recv().expect("the first request is being answered");
        assert_eq!(post(&server, CHART, "id=11", &query).0, 200);
        assert!(!first.is_finished());
        go.send(()).expect("still waiting");
        assert_eq!(first.join().expect("no panic"), 200);
    });
}

#[test]
fn an_answer_that_takes_long_does_not_hold_up_the_stop() {
    let (closed, holds, go, clock) = gate();
    let server = simulator().now(clock).start().expect("start");
    let url = server.url();
    closed.store(true, Ordering::SeqCst);
    std::thread::scope(|scope| {
        let asked = scope.spawn(move || {
            let request = reqwest::blocking::Client::new().post(format!("{url}{CHART}")).json(&json!({"subject": "traffic"}));
            request.header("X-Key", "Key k").header("X-Agent", "tests").header("X-Port", "id=11").send().is_ok()
        });
        holds.recv().expect("the request is being answered");
        server.stop();
        assert!(!asked.join().expect("no panic"), "the connection ends");
    });
    go.send(()).expect("still waiting");
}
