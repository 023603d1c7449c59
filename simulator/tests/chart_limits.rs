//! The range of a timeseries query: its automatic interval, its limits, and faults in it.

mod common;

use common::charts::{ALL, body, by_bucket, chart, marks};
use common::{CHART, post, simulator};
use placewise_simulator::SimulatedApi;
use serde_json::{Value, json};

#[test]
fn the_automatic_interval_follows_from_the_range() {
    let api = simulator().build().expect("an API");
    let used = |subject: &str, until: &str, step: Value| {
        let reply = chart(&api, &body(subject, ["2026-01-05T00:00:00.000Z", until], json!({"step": step})));
        reply["stepped"].as_str().expect("text").to_owned()
    };
    for (until, expected) in [
        ("2026-01-05T12:00:00.000Z", "5m"),
        ("2026-01-05T12:00:00.001Z", "1h"),
        ("2026-01-08T00:00:00.000Z", "1h"),
        ("2026-01-08T00:00:01.000Z", "1d"),
        ("2026-01-15T00:00:00.000Z", "1d"),
    ] {
        assert_eq!([used("traffic", until, json!(null)), used("traffic", until, json!("any"))], [expected, expected], "{until}");
    }
    assert_eq!(used("loads", "2026-01-05T12:00:00.000Z", json!(null)), "1h", "the next coarser one that the report has");
    let (status, reply) =
        post(&api, CHART, "id=11", &body("loads", ["2026-01-05T00:00:00Z", "2026-01-05T01:00:00Z"], json!({"step": "5m"})));
    let offered = json!([{"error": "inclusion", "options": {"in": ["1h", "1d", "1w", "1mo", "any"]}}]);
    assert_eq!((status, &reply["where"]["step"]), (422, &offered));
}

#[test]
fn too_many_time_points_are_refused() {
    let refused = |api: &SimulatedApi, range: [&str; 2], step: &str| {
        let (status, reply) = post(api, CHART, "id=11", &body("traffic", range, json!({"step": step})));
        if status == 422 {
            let fault = json!([{"error": "invalid", "options": {"interval": step, "max": 150}}]);
            assert_eq!(reply["where"], json!({"since": fault, "until": fault}));
        }
        status
    };
    let by_length = simulator().build().expect("an API");
    let by_buckets = simulator().assume("time-points", "buckets").build().expect("an API");
    for (range, step, statuses) in [
        // 150 days in the customers' zone, across the end of DST.
        (["2025-08-01T00:00:00.000+02:00", "2025-12-29T00:00:00.000+01:00"], "1d", [200, 422]),
        (["2025-08-01T00:00:00.000+02:00", "2025-12-28T23:00:00.000+01:00"], "1d", [200, 200]),
        (["2025-08-01T00:00:00.000+02:00", "2025-12-29T00:00:00.001+01:00"], "1d", [422, 422]),
        (["2026-01-05T00:01:00.000Z", "2026-01-05T12:31:00.000Z"], "5m", [200, 422]),
        (["2026-01-05T00:00:00.000Z", "2026-01-05T12:31:00.000Z"], "5m", [422, 422]),
        (["0001-01-01T00:00:00.000Z", "9999-01-01T00:00:00.000Z"], "1mo", [422, 422]),
    ] {
        assert_eq!([refused(&by_length, range, step), refused(&by_buckets, range, step)], statuses, "{range:?}");
    }
}

#[test]
fn a_range_before_retained_data_is_refused_or_empty_as_assumed() {
    let range = ["2025-12-31T00:00:00.000Z", "2025-12-31T06:00:00.000Z"];
    let api = simulator().build().expect("an API");
    let (status, reply) = post(&api, CHART, "id=11", &body("traffic", range, json!({"step": "5m"})));
    let fault = json!({"since": [{"error": "invalid", "options": {"interval": "5m", "retention": "14 days"}}]});
    assert_eq!((status, &reply["where"]), (422, &fault));
    assert_eq!(post(&api, CHART, "id=11", &body("traffic", range, json!({"step": "1h"}))).0, 200);
    let retained = ["2026-01-01T12:00:00.000Z", "2026-01-01T18:00:00.000Z"];
    assert_eq!(post(&api, CHART, "id=11", &body("traffic", retained, json!({"step": "5m"}))).0, 200);
    let api = simulator().rows(2000).assume("beyond-retention", "empty").build().expect("an API");
    assert_eq!(chart(&api, &body("traffic", range, json!({"step": "5m"})))["points"], 0);
    let years =
        |step: &str| marks(&chart(&api, &body("fleet", ["2024-01-10T00:00:00Z", "2024-01-20T00:00:00Z"], json!({"step": step}))));
    assert_eq!(years("1d").first().map(String::as_str), Some("2024-01-16T00:00:00.000+01:00"));
    assert_eq!(years("1w").len(), 2);
}

#[test]
fn data_points_above_the_limit_are_omitted() {
    let api = simulator().rows(1500).build().expect("an API");
    let range = ["2025-06-01T00:00:00.000Z", "2025-10-20T00:00:00.000Z"];
    let query = body("loads", range, json!({"step": "1d", "per": "voyage"}));
    let cut = chart(&api, &query);
    assert_eq!(cut["points"], 1000);
    let mut model = common::model();
    model.timeseries.most_data_points = 1_000_000;
    let whole = common::of_model(model).rows(1500);
    let whole = chart(&whole.build().expect("an API"), &query);
    let last = marks(&cut).last().cloned().expect("a bucket");
    assert!(whole["points"].as_i64() > Some(1000) && marks(&whole).last() > Some(&last));
    let (cut, whole) = (by_bucket(&cut), by_bucket(&whole));
    for (mark, value) in &cut {
        assert!(*mark == last || whole[mark] == *value, "the earliest are complete: {mark}");
    }
}

#[test]
fn faults_are_reported_at_their_keys() {
    let api = simulator().build().expect("an API");
    let one = |symbol: &str| json!([{"error": symbol}]);
    let send = |body: Value| {
        let (status, reply) = post(&api, CHART, "id=11", &body);
        assert_eq!(status, 422, "{body}");
        reply["where"].clone()
    };
    assert_eq!(send(json!({"subject": "traffic"})), json!({"since": one("blank"), "until": one("blank")}));
    let wrong = send(body("traffic", ["yesterday", "2026-01-01"], json!({"step": 5, "per": "berth", "where": {"op": "?"}})));
    assert_eq!([&wrong["since"], &wrong["until"]], [&one("invalid_iso_8601_time"), &one("invalid_iso_8601_time")]);
    assert_eq!(wrong["step"][0]["options"]["in"], json!(["5m", "1h", "1d", "1w", "1mo", "any"]));
    let known = json!(["total", "cargo", "harbour_id", "way", "ship", "insured", "legs"]);
    assert_eq!(wrong["per"][0]["options"]["in"], known);
    assert_eq!(wrong["where"]["op"][0]["error"], "inclusion");
    let backwards = send(body("traffic", [ALL[1], ALL[0]], json!({"step": "1mo"})));
    assert_eq!(backwards, json!({"until": [{"error": "greater_than_property", "options": {"property": "since"}}]}));
    assert_eq!(send(body("loads", ALL, json!({"step": "1mo", "per": "ship"})))["per"][0]["options"]["in"][0], "voyage");
    assert_eq!(api.spent(), 0);
}
