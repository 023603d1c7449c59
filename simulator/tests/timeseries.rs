//! Timeseries: counts agree with the rows they derive from, at every interval and in every zone.

mod common;

use std::collections::BTreeMap;

use common::charts::{ALL, body, by_bucket, chart, chart_of, marks, series, sum_of, total};
use common::{CHART, PATH, example, of_model, post, request, rows, send, simulator};
use proptest::prelude::*;
use serde_json::{Value, json};

#[test]
fn additions_minus_removals_are_the_existing_rows() {
    let api = simulator().build().expect("an API");
    let monthly = chart(&api, &body("traffic", ALL, json!({"step": "1mo"})));
    let (added, removed) = (sum_of(&monthly, r#""in""#), sum_of(&monthly, r#""out""#));
    assert_eq!((added - removed, removed), (60, 15));
    assert_eq!(series(&monthly).iter().map(|(tag, _)| tag.as_str()).collect::<Vec<_>>(), [r#"{"way":"in"}"#, r#"{"way":"out"}"#]);
    for (key, value) in [("cargo", json!("tea")), ("insured", json!(true)), ("ship", json!(null))] {
        let filter = json!({"op": "is", "of": key, "to": value});
        let monthly = chart(&api, &body("traffic", ALL, json!({"step": "1mo", "where": filter})));
        let there = rows(&api, &json!({"subject": "voyages", "where": filter, "size": 1000})).len();
        assert_eq!(sum_of(&monthly, r#""in""#) - sum_of(&monthly, r#""out""#), i64::try_from(there).expect("number"), "{filter}");
        assert!(there > 0 && there < 60);
    }
    for customer in ["id=11", "id=12"] {
        let monthly = chart_of(&api, customer, &body("traffic", ALL, json!({"step": "1mo"})));
        assert_eq!(sum_of(&monthly, r#""in""#) - sum_of(&monthly, r#""out""#), 30, "{customer}");
    }
}

#[test]
fn groups_add_up_to_the_plain_series() {
    let api = simulator().rows(200).build().expect("an API");
    let plain = chart(&api, &body("traffic", ALL, json!({"step": "1mo"})));
    for per in ["total", "cargo", "way", "ship", "insured", "harbour_id", "legs"] {
        let grouped = chart(&api, &body("traffic", ALL, json!({"step": "1mo", "per": per})));
        assert_eq!(by_bucket(&grouped), by_bucket(&plain), "{per}");
    }
    let tags = |per: &str| -> Vec<String> {
        let grouped = chart(&api, &body("traffic", ALL, json!({"step": "1mo", "per": per})));
        series(&grouped).into_iter().map(|(tag, _)| tag).collect()
    };
    assert_eq!(tags("total"), ["{}"]);
    assert_eq!(tags("cargo").len(), 6);
    // A field that is not a listed aggregation follows the plain labels; an object adds no label.
    let insured: Vec<Value> = tags("insured").iter().map(|tag| serde_json::from_str(tag).expect("JSON")).collect();
    assert!(insured.contains(&json!({"insured": false, "way": "in"})), "{insured:?}");
    assert_eq!(tags("legs"), [r#"{"way":"in"}"#, r#"{"way":"out"}"#]);
    assert_eq!(tags("harbour_id").len(), 4);
}

#[test]
fn levels_end_at_the_number_of_existing_rows() {
    let api = simulator().build().expect("an API");
    for subject in ["fleet", "balance"] {
        for range in [ALL, ["2026-01-01T00:00:00.000Z", "2026-12-31T00:00:00.000Z"]] {
            let levels = by_bucket(&chart(&api, &body(subject, range, json!({"step": "1mo"}))));
            assert_eq!(levels.last_key_value().map(|(mark, level)| (&mark[..7], *level)), Some(("2026-01", 60)), "{subject}");
        }
        let whole = chart(&api, &body(subject, ALL, json!({"step": "1mo"})));
        assert_eq!(marks(&whole).len(), 73, "levels fill every bucket");
        assert_eq!(by_bucket(&whole).first_key_value().map(|(_, level)| *level), Some(0));
    }
    let grouped = chart(&api, &body("fleet", ALL, json!({"step": "1mo", "per": "cargo"})));
    assert_eq!(by_bucket(&grouped), by_bucket(&chart(&api, &body("fleet", ALL, json!({"step": "1mo"})))));
    for (tag, values) in series(&grouped) {
        assert!(values.values().collect::<Vec<_>>().is_sorted(), "without removals levels never fall: {tag}");
    }
}

#[test]
fn a_timeseries_may_derive_from_another() {
    let api = simulator().build().expect("an API");
    let traffic = chart(&api, &body("traffic", ALL, json!({"step": "1mo"})));
    let berthed = by_bucket(&chart(&api, &body("berthed", ALL, json!({"step": "1mo"}))));
    assert_eq!(berthed.values().next_back(), Some(&60));
    let mut level = 0;
    for (mark, berthed) in &berthed {
        let change = |tag: &str| -> i64 {
            series(&traffic).iter().filter(|(label, _)| label.contains(tag)).filter_map(|(_, values)| values.get(mark)).sum()
        };
        level += change(r#""in""#) - change(r#""out""#);
        assert_eq!(*berthed, level, "{mark}");
    }
    // A removal has the generated values of its addition: no level is negative.
    let piers = chart(&api, &body("berthed", ALL, json!({"step": "1mo", "per": "pier"})));
    assert_eq!(
        series(&piers).iter().map(|(tag, _)| tag.as_str()).collect::<Vec<_>>(),
        [r#"{"pier":"north"}"#, r#"{"pier":"south"}"#]
    );
    assert!(series(&piers).iter().all(|(_, values)| values.values().all(|level| *level >= 0)));
    assert_eq!(by_bucket(&piers), berthed);
}

#[test]
fn events_add_up_to_the_counts_of_rows() {
    let api = simulator().build().expect("an API");
    let grouped = chart(&api, &body("loads", ALL, json!({"step": "1mo", "per": "voyage"})));
    let by_voyage: BTreeMap<String, i64> = series(&grouped).into_iter().map(|(tag, values)| (tag, total(&values))).collect();
    let voyages = rows(&api, &json!({"subject": "voyages", "size": 1000}));
    let expected: BTreeMap<String, i64> = voyages
        .iter()
        .map(|row| (json!({"voyage": row["id"].to_string()}).to_string(), row["tons_count"].as_i64().expect("count")))
        .filter(|(_, tons)| *tons > 0)
        .collect();
    assert_eq!(by_voyage, expected);
    let steps = chart(&api, &body("loads", ALL, json!({"step": "1mo", "per": "step"})));
    assert_eq!(series(&steps).len(), 2, "{steps}");
    assert_eq!(total(&by_bucket(&steps)), expected.values().sum::<i64>());
    // Without known labels the label is empty.
    let plain = chart(&api, &body("loads", ALL, json!({"step": "1mo"})));
    assert_eq!(series(&plain).iter().map(|(tag, _)| tag.as_str()).collect::<Vec<_>>(), ["{}"]);
}

#[test]
fn time_ranges_in_rows_agree_with_their_events() {
    let mut model = common::model();
    let mut spans = model.reports[0].field("legs").expect("a field").clone();
    spans.name = "spans".into();
    model.reports[0].fields.push(spans);
    let example = json!({"name": "spans", "field": "spans", "response": {"1h": {}, "1d": {}, "other": {}}});
    model.reports[0].examples.push(serde_json::from_value(example).expect("an example"));
    let now = "2025-12-01T00:00:00Z";
    let api = of_model(model).rows(200).clock(move || now.parse().expect("a timestamp")).build().expect("an API");
    let mut open = 0;
    for row in rows(&api, &json!({"subject": "voyages", "size": 1000})).iter().filter(|row| row["spans"].is_object()) {
        let sailed = row["sailed_at"].as_str().expect("text");
        assert_eq!(row["spans"]["1d"]["from"], format!("{}T00:00:00.000000Z", &sailed[..10]), "{row}");
        assert_eq!(row["spans"]["1h"]["from"], format!("{}:00:00.000000Z", &sailed[..13]));
        let to = &row["spans"]["1h"]["to"];
        open += usize::from(to.is_null());
        assert_eq!(to.is_null(), &sailed[..10] >= "2025-11-29", "{row}");
        let filter = json!({"op": "is", "of": "voyage", "to": row["id"].to_string()});
        let range = ["2024-11-01T00:00:00.000Z", "2026-01-01T00:00:00.000Z"];
        let events = chart(&api, &body("loads", range, json!({"step": "1mo", "where": filter})));
        assert_eq!(total(&by_bucket(&events)), row["tons_count"].as_i64().expect("count"));
        if let (Some(from), Some(to)) = (row["spans"]["1h"]["from"].as_str(), to.as_str())
            && &sailed[..10] > "2025-06-02"
        {
            let hours = chart(&api, &body("loads", [from, to], json!({"step": "1h", "where": filter})));
            assert_eq!(total(&by_bucket(&hours)), row["tons_count"].as_i64().expect("count"), "{row}");
        }
    }
    assert!((1..100).contains(&open), "{open}");
}

#[test]
fn events_derive_from_given_rows() {
    let mut row = example();
    row["tons_count"] = json!(1);
    let api = simulator().data("voyages", [row]).build().expect("an API");
    let reply = chart(&api, &body("loads", ["2025-04-10T00:00:00.000Z", "2025-04-14T00:00:00.000Z"], json!({})));
    // 08:29 UTC is the same day in Oslo.
    assert_eq!(reply["marks"], json!(["2025-04-11T00:00:00.000+02:00"]));
    assert_eq!(reply["lines"], json!([{"tag": {}, "heights": [1]}]));
}

#[test]
fn a_timeseries_has_its_own_permit_and_cost() {
    let permits = |names: &[&str]| placewise_simulator::Permits::of(names.iter().copied());
    let query = body("traffic", ALL, json!({"step": "1mo"}));
    let api = simulator().token("k", permits(&["Ask"])).build().expect("an API");
    assert_eq!(post(&api, CHART, "id=11", &query).0, 403);
    let api = simulator().token("k", permits(&["Ask", "Ask:Traffic"])).build().expect("an API");
    let part = json!({"op": "is", "of": "cargo", "to": "tea"});
    assert_eq!(
        post(&api, CHART, "id=11", &body("traffic", ALL, json!({"step": "1mo", "where": {"op": "either", "parts": [part]}}))).0,
        200
    );
    assert_eq!(api.spent(), 3 + 3);
}

#[test]
fn a_report_without_known_fields_is_empty() {
    let api = simulator().build().expect("an API");
    let reply = chart(&api, &body("dark", ALL, json!({"step": "1mo"})));
    assert_eq!(reply, json!({"stepped": "1mo", "clock": "Europe/Oslo", "marks": [], "lines": [], "points": 0, "shape": "chart"}));
    assert_eq!(post(&api, CHART, "id=11", &body("dark", ALL, json!({"step": "1mo", "per": "x"}))).0, 422);
}

#[test]
fn formats_can_share_a_path() {
    let api = simulator().assume("chart-path", PATH).build().expect("an API");
    let (status, reply) = send(&api, &body("traffic", ALL, json!({"step": "1mo"})));
    assert_eq!((status, &reply["shape"]), (200, &json!("chart")));
    assert_eq!(rows(&api, &json!({"subject": "voyages"})).len(), 50);
    assert_eq!(post(&api, CHART, "id=11", &json!({})).0, 404);
    let reports = send(&api, &json!({"subject": "keel"})).1["where"]["subject"][0]["options"]["in"].clone();
    assert!(
        reports.as_array().is_some_and(|names| names.contains(&json!("traffic")) && names.contains(&json!("bare"))),
        "{reports}"
    );
    assert_eq!(send(&api, &json!({"subject": "sums"})).0, 404, "another format");
    // With separate paths each serves only its own reports.
    let api = simulator().build().expect("an API");
    assert_eq!(send(&api, &body("traffic", ALL, json!({}))).0, 404);
    assert_eq!(post(&api, CHART, "id=11", &json!({"subject": "voyages"})).0, 404);
}

#[test]
fn keys_can_be_overridden_and_unknown_ones_refused() {
    let query = body("traffic", ALL, json!({"step": "1mo", "pace": "1w"}));
    let api = simulator().assume("step-key", "pace").build().expect("an API");
    assert_eq!(
        post(&api, CHART, "id=11", &body("traffic", ["2025-12-01T00:00:00Z", ALL[1]], json!({"pace": "1w"}))).1["stepped"],
        "1w"
    );
    let api = simulator().strict_keys(true).build().expect("an API");
    let (status, reply) = post(&api, CHART, "id=11", &query);
    assert_eq!((status, &reply["where"]["pace"][0]["error"]), (422, &json!("invalid")));
    assert_eq!(reply["where"].as_object().map(serde_json::Map::len), Some(1));
    let known = json!(["subject", "where", "per", "step", "since", "until"]);
    assert_eq!(reply["where"]["pace"][0]["options"]["known"], known);
}

#[test]
fn keys_have_the_order_of_the_examples() {
    let api = simulator().customer_zone(12, "America/Denver").build().expect("an API");
    let query = body("traffic", ALL, json!({"step": "1mo", "per": "cargo"}));
    let text = String::from_utf8(api.answer(&request(CHART, "all=all", &query)).body).expect("UTF-8");
    let keys = [
        "stepped",
        "clock",
        "marks",
        "lines",
        "tag",
        "harbour_id",
        "way",
        "cargo",
        "heights",
        "clock\":\"Europe/Oslo",
        "points",
        "shape",
    ];
    let positions: Vec<usize> =
        keys.iter().map(|key| text.find(&format!("\"{key}\"")).unwrap_or_else(|| panic!("{key} in {text}"))).collect();
    assert!(positions.is_sorted(), "{positions:?} {text}");
}

/// Zones with DST on either hemisphere, and without.
const ZONES: [&str; 5] = ["Europe/Oslo", "America/Denver", "Australia/Sydney", "Asia/Kolkata", "America/St_Johns"];

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, failure_persistence: None, ..ProptestConfig::default() })]

    /// The hours of a day add up to the day and the days of a month to the month, also on days of 23 and 25 hours.
    #[test]
    fn every_interval_has_the_same_total(seed: u64, first in 0..160_i64, zones in prop::collection::vec(prop::sample::select(ZONES.to_vec()), 2)) {
        let api = simulator().rows(300).seed(seed).customer_zone(11, zones[0]).customer_zone(12, zones[1]).build().expect("an API");
        let begin: jiff::Timestamp = "2025-07-20T00:00:00Z".parse().expect("an instant");
        let begin = begin + jiff::SignedDuration::from_hours(24 * first);
        let range = |days: i64| [begin.to_string(), (begin + jiff::SignedDuration::from_hours(24 * days)).to_string()];
        let send = |subject: &str, days: i64, step: &str| {
            let [since, until] = range(days);
            by_bucket(&chart(&api, &body(subject, [&since, &until], json!({"step": step}))))
        };
        // The ends of the range may cut days of other zones; the days between are whole.
        let ([first, _], [_, last]) = (range(0), range(5));
        for subject in ["loads", "traffic"] {
            let (hours, days) = (send(subject, 6, "1h"), send(subject, 6, "1d"));
            for (day, count) in days.iter().filter(|(day, _)| day[..10] > first[..10] && day[..10] < last[..10]) {
                let of_day: i64 = hours.iter().filter(|(hour, _)| hour[..10] == day[..10]).map(|(_, count)| count).sum();
                prop_assert_eq!(of_day, *count, "{} {:?} {}", subject, zones, day);
            }
        }
        let months = by_bucket(&chart(&api, &body("traffic", ["2025-06-15T00:00:00Z", "2026-01-10T00:00:00Z"], json!({"step": "1mo"}))));
        let mut daily: BTreeMap<String, i64> = BTreeMap::new();
        for [since, until] in [["2025-05-25T00:00:00Z", "2025-09-30T23:00:00Z"], ["2025-09-30T00:00:00Z", "2026-02-05T00:00:00Z"]] {
            daily.extend(by_bucket(&chart(&api, &body("traffic", [since, until], json!({"step": "1d"})))));
        }
        for (month, count) in &months {
            let of_month: i64 = daily.iter().filter(|(day, _)| day[..7] == month[..7]).map(|(_, count)| count).sum();
            prop_assert_eq!(of_month, *count, "{}", month);
        }
    }

    #[test]
    fn history_agrees_with_records_for_any_seed(seed: u64, count in 0..80_usize, zone in prop::sample::select(ZONES.to_vec())) {
        let api = simulator().rows(count).seed(seed).customer_zone(12, zone).build().expect("an API");
        let existing = i64::try_from(count).expect("a number");
        let monthly = chart(&api, &body("traffic", ALL, json!({"step": "1mo"})));
        prop_assert_eq!(sum_of(&monthly, r#""in""#) - sum_of(&monthly, r#""out""#), existing);
        let levels = chart(&api, &body("balance", ALL, json!({"step": "1mo"})));
        let end: i64 = series(&levels).iter().filter_map(|(_, values)| values.values().next_back()).sum();
        prop_assert_eq!(end, existing);
    }
}
