//! The timestamps of generated rows and events relative to the clock.

mod common;

use common::charts::{body, by_bucket, chart, total};
use common::{model, rows, simulator};
use jiff::{SignedDuration, Timestamp};
use placewise_simulator::{SimulatedApi, Simulator};
use serde_json::{Value, json};

fn at(text: &str) -> Timestamp {
    text.parse().expect("an instant")
}

fn voyages(api: &SimulatedApi) -> Vec<Value> {
    rows(api, &json!({"subject": "voyages", "size": 1000}))
}

/// When a row sailed. The examples print it without a zone; here that is UTC.
fn sailed(row: &Value) -> Timestamp {
    at(&format!("{}Z", row["sailed_at"].as_str().expect("text")))
}

#[test]
fn rows_lie_in_the_year_before_the_start() {
    let year = SignedDuration::from_hours(365 * 24);
    let month = SignedDuration::from_hours(31 * 24);
    for now in ["2026-01-15T12:00:00Z", "2019-03-01T00:00:00Z", "2031-07-20T23:59:59.123456789Z"].map(at) {
        let build = || simulator().rows(100).clock(move || now).build().expect("an API");
        let made = voyages(&build());
        let moments: Vec<Timestamp> = made.iter().map(sailed).collect();
        assert!(moments.is_sorted(), "later rows have later times");
        assert!(
            moments.iter().all(|moment| now - year - SignedDuration::from_secs(1) <= *moment && *moment < now),
            "{moments:?}"
        );
        assert!(moments[0] < now - year + month && now - month < moments[99], "they fill the year");
        assert_eq!(voyages(&build()), made, "the same clock and seed");
    }
}

#[test]
fn without_a_clock_rows_and_events_reach_up_to_today() {
    let api = Simulator::new(model()).rows(240).build().expect("an API");
    let now = Timestamp::now();
    let year = SignedDuration::from_hours(365 * 24 + 1);
    let moments: Vec<Timestamp> = voyages(&api).iter().map(sailed).collect();
    assert!(moments.iter().all(|moment| now - year < *moment && *moment < now), "{moments:?}");
    let days = [(now - SignedDuration::from_hours(24 * 149)).to_string(), now.to_string()];
    let loads = chart(&api, &body("loads", [&days[0], &days[1]], json!({"step": "1d"})));
    assert!(total(&by_bucket(&loads)) > 0, "{loads}");
}

#[test]
fn the_clock_may_be_at_the_ends_of_the_calendar() {
    for now in [Timestamp::MIN, Timestamp::MAX] {
        let api = simulator().clock(move || now).build().expect("an API");
        assert_eq!(voyages(&api).len(), 60);
    }
}
