//! Charts read from JSON: the documented forms, and what is kept or rejected of others.

mod stub;

use harbour_api::{
    Buckets, Chart, Client, DecodeError, Error, JsonRow, LocalInstant, Number, TimeRange, Traffic, interval, jiff, traffic::*,
};
use proptest::prelude::*;
use serde_json::{Value, json};
use stub::{Stub, TOKEN, client_of, ids, reply};

fn range() -> TimeRange {
    let at = |text: &str| text.parse::<jiff::Timestamp>().unwrap();
    (at("2024-04-08T00:00:00Z")..at("2024-04-25T00:00:00Z")).into()
}

fn client(body: &str) -> Client {
    client_of(reply(200, &[], body))
}

async fn traffic(body: &str) -> Result<Chart<Label>, Error> {
    client(body).fetch(Traffic::series(range())).await
}

async fn undecodable(body: &str) -> DecodeError {
    let error = traffic(body).await.unwrap_err();
    assert!(!format!("{error} {error:?}").contains(TOKEN), "{error:?}");
    assert!(error.to_string().contains("traffic"), "{error}");
    match error {
        Error::Decode(decode) => *decode,
        other => panic!("{other:?}"),
    }
}

/// An irregular grid in one zone, with nulls.
fn example() -> Value {
    json!({
        "step": "1d",
        "clock": "Europe/Oslo",
        "marks": ["2024-04-08T00:00:00.000+02:00", "2024-04-09T00:00:00.000+02:00", "2024-04-22T00:00:00.000+02:00"],
        "lines": [
            {"tag": {"way": "in"}, "heights": [1, null, 2.5]},
            {"tag": {"way": "out"}, "heights": [null, -3, 0]}
        ],
        "count": 4,
        "kind": "marks"
    })
}

fn changed(change: impl FnOnce(&mut Value)) -> String {
    let mut json = example();
    change(&mut json);
    json.to_string()
}

#[tokio::test]
async fn charts_with_the_same_content_are_equal() {
    let chart = traffic(&example().to_string()).await.unwrap();
    assert_eq!(traffic(&example().to_string()).await.unwrap(), chart);
    let other = traffic(&changed(|json| json["lines"][1]["heights"][2] = json!(1))).await.unwrap();
    assert!(other != chart && other.series[0] == chart.series[0] && other.series[1] != chart.series[1]);
}

#[tokio::test]
async fn reads_a_chart_and_writes_it_again() {
    let chart = traffic(&example().to_string()).await.unwrap();
    assert_eq!((chart.interval.as_str(), chart.range_zone.as_str(), chart.data_points), ("1d", "Europe/Oslo", Some(4)));
    assert!(chart.complete && chart.unknown_keys().is_empty() && chart.warnings().is_empty());
    assert_eq!(chart.series[0].values, [Some(Number::Integer(1)), None, Some(Number::Float(2.5))]);
    assert_eq!((chart.series[1].label.way.clone(), chart.series[1].zone.clone()), (Some(Way::Out), None));
    let Buckets::Zoned(buckets) = &chart.buckets else { panic!("{chart:?}") };
    assert_eq!(buckets[2].to_string(), "2024-04-22T00:00:00.000+02:00");
    assert_eq!(chart.buckets.instants().unwrap()[0].to_string(), "2024-04-07T22:00:00Z");
    assert_eq!(serde_json::to_value(&chart).unwrap(), example());
}

#[tokio::test]
async fn points_are_tidy_and_name_the_zone_of_local_buckets() {
    let lines = |chart: &Chart<Label>| -> Vec<String> {
        chart.points().map(|point| serde_json::to_string(&point.flat()).unwrap()).collect()
    };
    let chart = traffic(&example().to_string()).await.unwrap();
    let first = r#"{"bucket":"2024-04-08T00:00:00.000+02:00","way":"in","other":null,"value":1}"#;
    let last = r#"{"bucket":"2024-04-22T00:00:00.000+02:00","way":"out","other":null,"value":0}"#;
    let all = lines(&chart);
    assert_eq!((all.len(), &*all[0], &*all[5]), (6, first, last));
    let local = changed(|json| {
        json["clock"] = json!("everywhere");
        json["marks"] = json!(["2024-04-08T00:00:00"]);
        json["lines"] = json!([{"tag": {"way": "in"}, "heights": [null], "own_clock": "Europe/Oslo"}]);
    });
    let chart = traffic(&local).await.unwrap();
    assert_eq!(lines(&chart), [r#"{"bucket":"2024-04-08T00:00:00","zone":"Europe/Oslo","way":"in","other":null,"value":null}"#]);
}

#[derive(Clone)]
struct Clashing {
    bucket: Option<i64>,
    value: Option<i64>,
}
harbour_api::object! { Clashing: bucket, value }

#[tokio::test]
async fn a_label_with_the_names_of_a_point_hides_neither() {
    let body = changed(|json| json["lines"] = json!([{"tag": {"bucket": 7, "value": 8}, "heights": [1, 2, 3]}]));
    let chart = client(&body).fetch(Traffic::series(range()).labels_as::<Clashing>()).await.unwrap();
    let point = chart.points().next().unwrap();
    let written = r#"{"bucket_":"2024-04-08T00:00:00.000+02:00","bucket":7,"value":8,"value_":1}"#;
    assert_eq!((point.label.bucket, point.label.value, &*serde_json::to_string(&point).unwrap()), (Some(7), Some(8), written));
}

#[tokio::test]
async fn local_buckets_are_never_read_as_utc() {
    let body = json!({
        "step": "1d",
        "clock": "everywhere",
        "marks": ["2024-04-30T00:00:00.000", "2024-05-01T00:00:00.000"],
        "lines": [
            {"tag": {"harbour": 1}, "heights": [1, 2], "own_clock": "Europe/Oslo"},
            {"tag": {"harbour": 2}, "heights": [3, 4], "own_clock": "America/Denver"}
        ],
        "kind": "marks"
    });
    let chart: Chart<JsonRow> = client(&body.to_string()).fetch(Traffic::series(range()).labels_as::<JsonRow>()).await.unwrap();
    let Buckets::Local(buckets) = &chart.buckets else { panic!("{chart:?}") };
    assert_eq!((buckets[0].to_string().as_str(), buckets[0].civil().day()), ("2024-04-30T00:00:00.000", 30));
    assert_eq!(chart.buckets.instants(), None);
    let denver = jiff::tz::TimeZone::fixed(jiff::tz::offset(-6));
    assert_eq!(chart.buckets.instants_in(&denver).unwrap()[0], LocalInstant::Once("2024-04-30T06:00:00Z".parse().unwrap()));
    assert_eq!((chart.series[1].zone.as_deref(), chart.data_points), (Some("America/Denver"), None));
    assert_eq!(serde_json::to_value(&chart).unwrap(), body);
}

#[tokio::test]
async fn hours_that_clocks_skip_or_repeat_show_in_the_type() {
    let oslo = jiff::tz::TimeZone::posix("CET-1CEST,M3.5.0,M10.5.0/3").unwrap();
    let body = json!({
        "step": "1h",
        "clock": "everywhere",
        "marks": ["2026-03-29T01:00:00", "2026-03-29T02:00:00", "2026-03-29T03:00:00", "2026-10-25T02:00:00"],
        "lines": [],
        "kind": "marks"
    });
    let chart: Chart<JsonRow> = client(&body.to_string()).fetch(Traffic::series(range()).labels_as::<JsonRow>()).await.unwrap();
    let at = |text: &str| text.parse::<jiff::Timestamp>().unwrap();
    let expected = [
        LocalInstant::Once(at("2026-03-29T00:00:00Z")),
        // The instant of 03:00 too.
        LocalInstant::Skipped(at("2026-03-29T01:00:00Z")),
        LocalInstant::Once(at("2026-03-29T01:00:00Z")),
        LocalInstant::Twice { earlier: at("2026-10-25T00:00:00Z"), later: at("2026-10-25T01:00:00Z") },
    ];
    assert_eq!(chart.buckets.instants_in(&oslo).unwrap(), expected);
}

#[tokio::test]
async fn odd_charts_and_pages_have_warnings() {
    let warnings = async |step: &str, clock: &str, marks: &[&str], other: serde_json::Value| {
        let mut body = json!({"step": step, "clock": clock, "marks": marks, "lines": [], "kind": "marks"});
        body.as_object_mut().unwrap().extend(other.as_object().unwrap().clone());
        let query = Traffic::series(range()).interval(interval::Day).labels_as::<JsonRow>();
        let chart = client(&body.to_string()).fetch(query).await.unwrap();
        chart.warnings().iter().map(|warning| warning.evidence.clone()).collect::<Vec<_>>().join("; ")
    };
    let (first, second) = ("2024-04-10T00:00:00Z", "2024-04-11T00:00:00Z");
    let none = json!({});
    assert_eq!(warnings("1d", "UTC", &[first, second], none.clone()).await, "");
    assert_eq!(warnings("1d", "UTC", &["2024-04-09T22:00:00+00:00", first, second], none.clone()).await, "");
    assert_eq!(warnings("1d", "everywhere", &["2024-04-10T00:00:00", "2024-04-11T00:00:00"], none.clone()).await, "");
    for (step, clock, marks, other, expected) in [
        ("1h", "UTC", &[first][..], none.clone(), "the chart has the interval \"1h\"; the query asked for `1d`"),
        ("1d", "UTC", &[second, first], none.clone(), "2024-04-10T00:00:00 comes after 2024-04-11T00:00:00"),
        ("1d", "UTC", &[first, "2024-04-10T02:00:00+02:00"], none.clone(), "the time bucket 2024-04-10T00:00:00 comes twice"),
        ("1d", "everywhere", &["2024-04-10T00:00:00"; 2], none.clone(), "comes twice"),
        ("1d", "UTC", &["1970-01-01T00:00:00Z", first], none.clone(), "1970-01-01T00:00:00 is outside the range of the query"),
        ("1d", "UTC", &[first, "2024-05-09T00:00:00Z"], none.clone(), "2024-05-09T00:00:00 is outside the range"),
        ("1d", "UTC", &[], json!({"error": "\u{1b}[2J"}), "the response has the key `error`"),
    ] {
        let found = warnings(step, clock, marks, other).await;
        assert!(found.contains(expected) && found.matches("the time bucket").count() <= 1, "{found}");
    }
    let page = client(r#"{"error": "no disk", "lines": []}"#).fetch(harbour_api::Berths::by_kind()).await.unwrap();
    assert!(page.warnings().iter().any(|warning| warning.evidence.contains("key `error`")), "{:?}", page.warnings());
    // An error that says nothing is none.
    for empty in [json!({"error": null}), json!({"errors": []}), json!({"error": {}})] {
        assert_eq!(warnings("1d", "UTC", &[], empty.clone()).await, "");
        let mut body = json!({"lines": [], "more": {"at": null}});
        body.as_object_mut().unwrap().extend(empty.as_object().unwrap().clone());
        let page = client(&body.to_string()).fetch(harbour_api::Berths::by_kind()).await.unwrap();
        assert!(page.warnings().is_empty() && page.unknown_keys().len() == 1, "{:?}", page.warnings());
    }
    // Where clocks go back, local buckets come again.
    let hours = ["2024-04-10T02:00:00", "2024-04-10T02:55:00", "2024-04-10T02:00:00", "2024-04-10T02:55:00"];
    assert!(!warnings("1h", "everywhere", &hours, none.clone()).await.contains("order"));
    assert!(warnings("1h", "everywhere", &["2024-04-10T05:00:00", "2024-04-10T02:55:00"], none).await.contains("order"));
}

#[tokio::test]
async fn unknown_keys_of_a_chart_take_memory() {
    let body = changed(|json| {
        json["lines"] = json!([]);
        json.as_object_mut().unwrap().extend((0..1000).map(|key| (format!("k{key}"), json!(1))));
    });
    let limited = |most| stub::builder(&Stub::start(vec![reply(200, &[], &body)]).url).max_body_bytes(most).build().unwrap();
    let query = || Traffic::series(range()).labels_as::<JsonRow>();
    assert!(limited(1_000_000).fetch(query()).await.is_ok());
    let error = limited(u64::try_from(body.len()).unwrap()).fetch(query()).await.unwrap_err();
    assert!(error.to_string().contains("max_body_bytes"), "{error}");
}

#[tokio::test]
async fn empty_buckets_follow_the_zone() {
    for (zone, local) in [("everywhere", true), ("Europe/Oslo", false)] {
        let body = json!({"step": "1d", "clock": zone, "marks": [], "lines": []});
        let chart = traffic(&body.to_string()).await.unwrap();
        assert_eq!(matches!(chart.buckets, Buckets::Local(_)), local);
        assert!(chart.buckets.is_empty());
        assert_eq!(serde_json::to_value(&chart).unwrap(), body);
    }
}

#[tokio::test]
async fn truncation_is_reported() {
    let with = |data_points: Value, values: usize| {
        let hour = |n: usize| format!("2024-04-{:02}T{:02}:00:00Z", n / 24 + 1, n % 24);
        let buckets: Vec<_> = (0..values.min(20)).map(hour).collect();
        let series: Vec<_> =
            (0..values.div_ceil(20).max(1)).map(|_| json!({"tag": {"way": "in"}, "heights": vec![1; buckets.len()]})).collect();
        json!({"step": "1h", "clock": "UTC", "marks": buckets, "lines": series, "count": data_points})
    };
    assert!(traffic(&with(json!(39), 3).to_string()).await.unwrap().complete);
    assert!(!traffic(&with(json!(40), 3).to_string()).await.unwrap().complete);
    // If the server sends no count, the client counts.
    let chart = traffic(&with(json!(null), 40).to_string()).await.unwrap();
    assert!(!chart.complete && chart.data_points.is_none());
    assert_eq!(serde_json::to_value(&chart).unwrap(), with(json!(null), 40));
    assert!(traffic(&with(json!(null), 20).to_string()).await.unwrap().complete);
}

#[tokio::test]
async fn unknown_keys_and_values_are_kept() {
    let body = changed(|json| {
        json["new"] = json!({"a": [1]});
        json["lines"][0]["odd"] = json!("x");
        json["lines"][0]["own_clock"] = json!(null);
        json["lines"][1]["tag"] = json!({"way": "sideways", "kind": null});
    });
    let chart = traffic(&body).await.unwrap();
    assert_eq!(chart.series[1].label.way, Some(Way::from("sideways")));
    let counted: Vec<_> = chart.unknown_keys().iter().map(|(key, count)| (key.as_str(), *count)).collect();
    assert_eq!(counted, [("lines.odd", 1), ("lines.tag.kind", 1), ("new", 1)]);
    assert_eq!(serde_json::to_value(&chart).unwrap(), serde_json::from_str::<Value>(&body).unwrap());
}

#[tokio::test]
async fn undecodable_values_name_series_and_path() {
    type Change = fn(&mut Value);
    let cases: [(Change, Option<usize>, &str, &str); 12] = [
        (
            |json| json["lines"][1]["heights"] = json!([1, 2]),
            Some(1),
            "lines.1.heights",
            "expected 3 values, one per time bucket, found 2: [1,2]",
        ),
        (|json| json["lines"][0]["heights"][2] = json!("5"), Some(0), "lines.0.heights.2", "expected a number, found \"5\""),
        (|json| json["lines"][0]["heights"] = json!(7), Some(0), "lines.0.heights", "expected a list, found 7"),
        (|json| json["lines"][1]["tag"] = json!("in"), Some(1), "lines.1.tag", "expected an object, found \"in\""),
        (|json| json["lines"][1]["tag"] = json!({"way": 1}), Some(1), "lines.1.tag.way", "expected text, found 1"),
        (|json| json["lines"][1]["own_clock"] = json!(5), Some(1), "lines.1.own_clock", "expected text, found 5"),
        (|json| json["lines"][0] = json!(null), Some(0), "lines.0", "expected an object, found null"),
        (|json| json["lines"] = json!({}), None, "lines", "expected a list of series"),
        (|json| json["count"] = json!("4"), None, "count", "expected a whole number, zero or more, found \"4\""),
        (|json| json["count"] = json!(-1), None, "count", "expected a whole number, zero or more, found -1"),
        (
            |json| json["marks"][1] = json!("2024-04-09T00:00:00.000"),
            None,
            "marks.1",
            "expected every time bucket with a zone or every one without; 2024-04-09T00:00:00.000 lacks one, the first has one",
        ),
        (|json| json["marks"][1] = json!("09.04.2024"), None, "marks.1", "expected an ISO 8601 timestamp, found \"09.04.2024\""),
    ];
    for (change, series, field, problem) in cases {
        let error = undecodable(&changed(change)).await;
        assert_eq!((error.series, error.field.as_deref(), error.problem.as_str()), (series, Some(field), problem));
        assert!(!error.snippet.is_empty() && error.to_string().contains(field), "{error}");
    }
    assert_eq!(traffic(&changed(|json| json["count"] = json!(4.0))).await.unwrap().data_points, Some(4));
}

#[tokio::test]
async fn responses_that_are_not_charts() {
    assert!(undecodable(&format!("<html>{TOKEN}</html>")).await.problem.contains("HTML"));
    assert!(undecodable("").await.problem.contains("empty"));
    assert!(undecodable("[]").await.problem.contains("object"));
    assert!(undecodable("{\"lines\": [").await.problem.contains("EOF"));
    for key in ["step", "clock", "marks", "lines"] {
        let without = changed(|json| {
            json.as_object_mut().unwrap().remove(key);
        });
        assert!(undecodable(&without).await.problem.contains(&format!("`{key}`")));
        assert_eq!(undecodable(&changed(|json| json[key] = json!(null))).await.field.as_deref(), Some(key));
    }
    let twice = example().to_string().replacen('{', "{\"step\": \"1d\",", 1);
    assert!(undecodable(&twice).await.problem.contains("each key once"));
    // A wrong format is reported before the keys that are missing for that reason.
    let records = undecodable(&json!({"lines": [], "kind": "lines"}).to_string()).await;
    assert_eq!(records.field.as_deref(), Some("kind"));
    // The path is an assumption.
    let error = traffic("{}").await.unwrap_err();
    assert_eq!(error.assumptions()[0].id, "series-path");
    assert!(error.to_string().contains("`series-path` (\"/ask/series\")"), "{error}");
    // The error shows the value without the token.
    assert!(undecodable(&changed(|json| json["lines"][0]["heights"][0] = json!(TOKEN))).await.problem.contains("(hidden)"));
}

#[tokio::test]
async fn a_null_label_names_the_assumption_about_types() {
    let by_name = async |label: Value| {
        let body = changed(|json| json["lines"][0]["tag"] = label);
        client(&body).fetch(Traffic::by_name(range())).await.unwrap_err()
    };
    let error = by_name(json!({"way": "in", "mood": null})).await;
    assert_eq!(ids(&error), ["never-null"]);
    assert!(error.to_string().contains("labels_as::<JsonRow>()"), "{error}");
    let error = by_name(json!({"way": "in"})).await;
    assert!(error.to_string().contains("`lines.0.tag.mood`: expected a value, found nothing"), "{error}");
}

#[tokio::test]
async fn numbers_stay_what_they_were() {
    let values = json!([0, -7, i64::MAX]);
    let chart = traffic(&changed(|json| json["lines"][0]["heights"] = values.clone())).await.unwrap();
    assert_eq!(chart.series[0].values[2].map(|number| number.to_string()), Some(i64::MAX.to_string()));
    for text in ["-0.0", "12.0", "-1.25"] {
        let chart = traffic(&example().to_string().replace("2.5", text)).await.unwrap();
        assert_eq!(chart.series[0].values[2].map(|number| number.to_string()).as_deref(), Some(text));
        assert!(serde_json::to_string(&chart).unwrap().contains(text));
    }
    for text in ["9223372036854775808", "true", "[1]"] {
        assert!(traffic(&example().to_string().replace("2.5", text)).await.unwrap_err().is_decode(), "{text}");
    }
    assert_eq!((Number::Float(12.0).as_i64(), Number::Float(0.5).as_i64(), Number::Integer(3).as_f64()), (Some(12), None, 3.0));
}

fn series(buckets: usize) -> impl Strategy<Value = Value> {
    let value = prop_oneof![Just(Value::Null), any::<i64>().prop_map(Value::from), (-1e12..1e12_f64).prop_map(Value::from)];
    (
        "in|out|[a-z]{1,4}",
        prop::collection::vec(value, buckets),
        prop::option::of("[A-Z][a-z]+/[A-Z][a-z]+"),
        prop::option::of(any::<bool>()),
    )
        .prop_map(|(kind, values, zone, extra)| {
            let mut series = json!({"tag": {"way": kind}, "heights": values});
            let object = series.as_object_mut().unwrap();
            zone.map(|zone| object.insert("own_clock".into(), zone.into()));
            extra.map(|extra| object.insert("extra".into(), json!([extra])));
            series
        })
}

fn any_chart() -> impl Strategy<Value = Value> {
    (0..6_usize, any::<bool>(), prop::option::of(0..80_u32), any::<bool>()).prop_flat_map(|(buckets, local, count, typed)| {
        prop::collection::vec(series(buckets), 0..4).prop_map(move |series| {
            let bucket = |n| format!("2024-04-{:02}T00:00:00{}", n * 3 + 1, if local { "" } else { "+02:00" });
            let mut chart = json!({
                "step": "1d", "clock": if local { "everywhere" } else { "Europe/Oslo" },
                "marks": (0..buckets).map(bucket).collect::<Vec<_>>(), "lines": series,
            });
            let object = chart.as_object_mut().unwrap();
            count.map(|count| object.insert("count".into(), count.into()));
            if typed {
                object.insert("kind".into(), "marks".into());
            }
            chart
        })
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn any_chart_round_trips(body in any_chart(), pretty in any::<bool>()) {
        let text = if pretty { serde_json::to_string_pretty(&body) } else { serde_json::to_string(&body) }.unwrap();
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        let chart = runtime.block_on(traffic(&text)).unwrap();
        prop_assert_eq!(serde_json::to_value(&chart).unwrap(), body);
    }
}
