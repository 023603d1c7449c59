//! Charts as they are read: the documented forms, and what is refused or kept of others.

mod fixture;
mod stub;

use fixture as api;
use fixture::{Client, charts::*};
use placewise_runtime::{Buckets, Chart, DecodeError, Error, JsonRow, Number, TimeRange, jiff};
use proptest::prelude::*;
use serde_json::{Value, json};
use stub::{Stub, reply};

const TOKEN: &str = "s3cr3t-token";

fn range() -> TimeRange {
    let at = |text: &str| text.parse::<jiff::Timestamp>().unwrap();
    (at("2024-04-08T00:00:00Z")..at("2024-04-25T00:00:00Z")).into()
}

fn client(stub: &Stub) -> Client {
    Client::builder().base_url(&stub.url).token(TOKEN).clock(|| "2024-06-15T12:00:00Z".parse().unwrap()).build().unwrap()
}

async fn balance(body: &str) -> Result<Chart<Label>, Error> {
    let stub = Stub::start(vec![reply(200, &[], body)]);
    client(&stub).fetch(MemberBalance::series(range())).await
}

async fn refused(body: &str) -> DecodeError {
    let error = balance(body).await.unwrap_err();
    assert!(!format!("{error} {error:?}").contains(TOKEN), "{error:?}");
    assert!(error.to_string().contains("member_balance"), "{error}");
    match error {
        Error::Decode(decode) => *decode,
        other => panic!("{other:?}"),
    }
}

/// An irregular grid in one zone, with nulls.
fn example() -> Value {
    json!({
        "interval": "1d",
        "range_timezone": "Europe/Oslo",
        "time_buckets": ["2024-04-08T00:00:00.000+02:00", "2024-04-09T00:00:00.000+02:00", "2024-04-22T00:00:00.000+02:00"],
        "series": [
            {"label": {"type": "in"}, "values": [1, null, 2.5]},
            {"label": {"type": "out"}, "values": [null, -3, 0]}
        ],
        "data_points": 4,
        "result_type": "timeseries"
    })
}

fn changed(change: impl FnOnce(&mut Value)) -> String {
    let mut json = example();
    change(&mut json);
    json.to_string()
}

#[tokio::test]
async fn reads_a_chart_and_writes_it_again() {
    let chart = balance(&example().to_string()).await.unwrap();
    assert_eq!((chart.interval.as_str(), chart.range_zone.as_str(), chart.data_points), ("1d", "Europe/Oslo", Some(4)));
    assert!(chart.complete && chart.unknown_keys().is_empty() && chart.warnings().is_empty());
    assert_eq!(chart.series[0].values, [Some(Number::Integer(1)), None, Some(Number::Float(2.5))]);
    assert_eq!((chart.series[1].label.kind.clone(), chart.series[1].zone.clone()), (Kind::Out, None));
    let Buckets::Zoned(buckets) = &chart.buckets else { panic!("{chart:?}") };
    assert_eq!(buckets[2].to_string(), "2024-04-22T00:00:00.000+02:00");
    assert_eq!(chart.buckets.instants().unwrap()[0].to_string(), "2024-04-07T22:00:00Z");
    assert_eq!(serde_json::to_value(&chart).unwrap(), example());
}

#[tokio::test]
async fn local_buckets_are_never_read_as_utc() {
    let body = json!({
        "interval": "1d",
        "range_timezone": "local",
        "time_buckets": ["2024-04-30T00:00:00.000", "2024-05-01T00:00:00.000"],
        "series": [
            {"label": {"loyalty_club_id": 1}, "values": [1, 2], "timezone": "Europe/Oslo"},
            {"label": {"loyalty_club_id": 2}, "values": [3, 4], "timezone": "America/Denver"}
        ],
        "result_type": "timeseries"
    });
    let stub = Stub::start(vec![reply(200, &[], &body.to_string())]);
    let chart: Chart<JsonRow> = client(&stub).fetch(MemberBalance::series(range()).labels_as::<JsonRow>()).await.unwrap();
    let Buckets::Local(buckets) = &chart.buckets else { panic!("{chart:?}") };
    assert_eq!((buckets[0].to_string().as_str(), buckets[0].civil().day()), ("2024-04-30T00:00:00.000", 30));
    assert_eq!(chart.buckets.instants(), None);
    let denver = jiff::tz::TimeZone::fixed(jiff::tz::offset(-6));
    assert_eq!(chart.buckets.instants_in(&denver).unwrap()[0].to_string(), "2024-04-30T06:00:00Z");
    assert_eq!((chart.series[1].zone.as_deref(), chart.data_points), (Some("America/Denver"), None));
    assert_eq!(serde_json::to_value(&chart).unwrap(), body);
}

#[tokio::test]
async fn empty_buckets_follow_the_zone() {
    for (zone, local) in [("local", true), ("Europe/Oslo", false)] {
        let body = json!({"interval": "1d", "range_timezone": zone, "time_buckets": [], "series": []});
        let chart = balance(&body.to_string()).await.unwrap();
        assert_eq!(matches!(chart.buckets, Buckets::Local(_)), local);
        assert!(chart.buckets.is_empty());
        assert_eq!(serde_json::to_value(&chart).unwrap(), body);
    }
}

#[tokio::test]
async fn truncation_is_reported() {
    let with = |data_points: Value, values: usize| {
        let hour = |n: usize| format!("2024-04-{:02}T{:02}:00:00Z", n / 24 + 1, n % 24);
        let buckets: Vec<_> = (0..values.min(500)).map(hour).collect();
        let series: Vec<_> = (0..values.div_ceil(500).max(1))
            .map(|_| json!({"label": {"type": "in"}, "values": vec![1; buckets.len()]}))
            .collect();
        json!({"interval": "1h", "range_timezone": "UTC", "time_buckets": buckets, "series": series, "data_points": data_points})
    };
    assert!(balance(&with(json!(999), 3).to_string()).await.unwrap().complete);
    assert!(!balance(&with(json!(1000), 3).to_string()).await.unwrap().complete);
    // Counted where the server does not tell.
    let chart = balance(&with(json!(null), 1000).to_string()).await.unwrap();
    assert!(!chart.complete && chart.data_points.is_none());
    assert_eq!(serde_json::to_value(&chart).unwrap(), with(json!(null), 1000));
    assert!(balance(&with(json!(null), 500).to_string()).await.unwrap().complete);
}

#[tokio::test]
async fn unknown_keys_and_values_are_kept() {
    let body = changed(|json| {
        json["new"] = json!({"a": [1]});
        json["series"][0]["odd"] = json!("x");
        json["series"][0]["timezone"] = json!(null);
        json["series"][1]["label"] = json!({"type": "sideways", "channel": null});
    });
    let chart = balance(&body).await.unwrap();
    assert_eq!(chart.series[1].label.kind, Kind::Unlisted("sideways".into()));
    let counted: Vec<_> = chart.unknown_keys().iter().map(|(key, count)| (key.as_str(), *count)).collect();
    assert_eq!(counted, [("new", 1), ("series.label.channel", 1), ("series.odd", 1)]);
    assert_eq!(serde_json::to_value(&chart).unwrap(), serde_json::from_str::<Value>(&body).unwrap());
}

#[tokio::test]
async fn undecodable_values_name_series_and_path() {
    type Change = fn(&mut Value);
    let cases: [(Change, Option<usize>, &str, &str); 12] = [
        (
            |json| json["series"][1]["values"] = json!([1, 2]),
            Some(1),
            "series.1.values",
            "expected 3 values, one per time bucket, found 2: [1,2]",
        ),
        (|json| json["series"][0]["values"][2] = json!("5"), Some(0), "series.0.values.2", "expected a number, found \"5\""),
        (|json| json["series"][0]["values"] = json!(7), Some(0), "series.0.values", "expected a list, found 7"),
        (|json| json["series"][1]["label"] = json!("in"), Some(1), "series.1.label", "expected an object, found \"in\""),
        (|json| json["series"][1]["label"] = json!({}), Some(1), "series.1.label.type", "expected a value, found nothing"),
        (|json| json["series"][1]["timezone"] = json!(5), Some(1), "series.1.timezone", "expected text, found 5"),
        (|json| json["series"][0] = json!(null), Some(0), "series.0", "expected an object, found null"),
        (|json| json["series"] = json!({}), None, "series", "expected a list of series"),
        (|json| json["data_points"] = json!("4"), None, "data_points", "expected a whole number, zero or more, found \"4\""),
        (|json| json["data_points"] = json!(-1), None, "data_points", "expected a whole number, zero or more, found -1"),
        (
            |json| json["time_buckets"][1] = json!("2024-04-09T00:00:00.000"),
            None,
            "time_buckets.1",
            "expected every time bucket with a zone or every one without; 2024-04-09T00:00:00.000 lacks one, the first has one",
        ),
        (
            |json| json["time_buckets"][1] = json!("09.04.2024"),
            None,
            "time_buckets.1",
            "expected an ISO 8601 timestamp, found \"09.04.2024\"",
        ),
    ];
    for (change, series, field, problem) in cases {
        let error = refused(&changed(change)).await;
        assert_eq!((error.series, error.field.as_deref(), error.problem.as_str()), (series, Some(field), problem));
        assert!(!error.snippet.is_empty() && error.to_string().contains(field), "{error}");
    }
    assert_eq!(balance(&changed(|json| json["data_points"] = json!(4.0))).await.unwrap().data_points, Some(4));
}

#[tokio::test]
async fn responses_that_are_not_charts() {
    assert!(refused(&format!("<html>{TOKEN}</html>")).await.problem.contains("HTML"));
    assert!(refused("").await.problem.contains("empty"));
    assert!(refused("[]").await.problem.contains("object"));
    assert!(refused("{\"series\": [").await.problem.contains("EOF"));
    for key in ["interval", "range_timezone", "time_buckets", "series"] {
        let without = changed(|json| {
            json.as_object_mut().unwrap().remove(key);
        });
        assert!(refused(&without).await.problem.contains(&format!("`{key}`")));
        assert_eq!(refused(&changed(|json| json[key] = json!(null))).await.field.as_deref(), Some(key));
    }
    let twice = example().to_string().replacen('{', "{\"interval\": \"1d\",", 1);
    assert!(refused(&twice).await.problem.contains("each key once"));
    // The wrong format is told before all that is missing for that reason.
    let records = refused(&json!({"records": [], "result_type": "records"}).to_string()).await;
    assert_eq!(records.field.as_deref(), Some("result_type"));
    // The path that gave it is assumed.
    let error = balance("{}").await.unwrap_err();
    assert_eq!(error.assumptions()[0].id, "timeseries-path");
    assert!(error.to_string().contains("`timeseries-path` (\"/v1/reporting/query\")"), "{error}");
    // A secret in a place that an error shows is hidden.
    assert!(refused(&changed(|json| json["series"][0]["values"][0] = json!(TOKEN))).await.problem.contains("(hidden)"));
}

#[tokio::test]
async fn a_null_label_blames_the_types() {
    let error = balance(&changed(|json| json["series"][0]["label"]["type"] = json!(null))).await.unwrap_err();
    let ids: Vec<_> = error.assumptions().iter().map(|assumption| assumption.id).collect();
    assert_eq!(ids, ["never-null"]);
    assert!(error.to_string().contains("labels_as::<JsonRow>()"), "{error}");
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
            let mut series = json!({"label": {"type": kind}, "values": values});
            let object = series.as_object_mut().unwrap();
            zone.map(|zone| object.insert("timezone".into(), zone.into()));
            extra.map(|extra| object.insert("extra".into(), json!([extra])));
            series
        })
}

fn any_chart() -> impl Strategy<Value = Value> {
    (0..6_usize, any::<bool>(), prop::option::of(0..2000_u32), any::<bool>()).prop_flat_map(|(buckets, local, count, typed)| {
        prop::collection::vec(series(buckets), 0..4).prop_map(move |series| {
            let bucket = |n| format!("2024-04-{:02}T00:00:00{}", n * 3 + 1, if local { "" } else { "+02:00" });
            let mut chart = json!({
                "interval": "1d", "range_timezone": if local { "local" } else { "Europe/Oslo" },
                "time_buckets": (0..buckets).map(bucket).collect::<Vec<_>>(), "series": series,
            });
            let object = chart.as_object_mut().unwrap();
            count.map(|count| object.insert("data_points".into(), count.into()));
            if typed {
                object.insert("result_type".into(), "timeseries".into());
            }
            chart
        })
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn any_chart_survives(body in any_chart(), pretty in any::<bool>()) {
        let text = if pretty { serde_json::to_string_pretty(&body) } else { serde_json::to_string(&body) }.unwrap();
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        let chart = runtime.block_on(balance(&text)).unwrap();
        prop_assert_eq!(serde_json::to_value(&chart).unwrap(), body);
    }
}
