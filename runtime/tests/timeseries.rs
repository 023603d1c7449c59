//! Timeseries queries: their bodies, and the limits that the client checks before sending.

mod stub;

use harbour_api::{
    Call, ClientBuilder, Error, Fog, JsonRow, JsonTimeseries, Moment, Query, RangeError, RangeProblem, Records, ReportingApi,
    Statistics, Swell, TimeRange, Timeseries, Timestamp, Traffic, Wrecks, endpoints::ExportLines, find_report, interval, jiff,
    traffic::NAME,
};
use placewise_runtime::machinery::Setting;
use serde_json::json;
use stub::{Stub, builder, empty_chart, ids, reply};

fn traffic(range: impl Into<TimeRange>) -> JsonTimeseries {
    find_report("traffic").unwrap().series(range).unwrap()
}

/// Nothing listens here, so a query that passes the checks is a transport error.
const NOBODY: &str = "http://127.0.0.1:9";

fn range(from: &str, to: &str) -> TimeRange {
    TimeRange { from: from.parse().unwrap(), to: to.parse().unwrap() }
}

fn days(from: &str, to: &str) -> TimeRange {
    range(&format!("{from}T00:00:00Z"), &format!("{to}T00:00:00Z"))
}

async fn rejected(query: impl Query<ReportingApi>) -> RangeError {
    rejected_by(builder(NOBODY), query).await
}

async fn rejected_by(builder: ClientBuilder<harbour_api::Client>, query: impl Query<ReportingApi>) -> RangeError {
    match builder.build().unwrap().fetch(query).await {
        Err(Error::Range(error)) => *error,
        Err(error) => panic!("{error:?}"),
        Ok(_) => panic!("it was sent"),
    }
}

async fn is_allowed(query: impl Query<ReportingApi>) {
    let error = builder(NOBODY).build().unwrap().fetch(query).await.err().unwrap();
    assert!(matches!(error, Error::Transport(_)), "{error}");
}

#[tokio::test]
async fn sends_the_documented_body() {
    let stub = Stub::start(vec![empty_chart(); 3]);
    let client = builder(&stub.url).build().unwrap();
    let query = Traffic::by_name(range("2024-04-08T00:00:00.000-06:00", "2024-04-25T00:00:00.000-06:00"))
        .filter(NAME.eq("f"))
        .interval(interval::Day);
    client.fetch(query).await.unwrap();
    client.fetch(Traffic::series(days("2024-06-01", "2024-06-03")).interval(interval::Auto)).await.unwrap();
    let instant = |text: &str| text.parse::<jiff::Timestamp>().unwrap();
    let instants = instant("2024-06-01T00:00:00Z")..instant("2024-06-02T00:00:00.1234567Z");
    client.fetch(traffic(instants).aggregated_by("x").unwrap().interval("1h")).await.unwrap();
    let bodies: Vec<_> = stub.seen().into_iter().map(|seen| seen.body).collect();
    assert_eq!(
        bodies,
        [
            json!({
                "what": "traffic", "per": "name", "step": "1d", "where": {"op": "is", "name": "name", "to": "f"},
                "since": "2024-04-08T00:00:00.000-06:00", "until": "2024-04-25T00:00:00.000-06:00",
            }),
            json!({"what": "traffic", "step": "choose", "since": "2024-06-01T00:00:00Z", "until": "2024-06-03T00:00:00Z"}),
            json!({
                "what": "traffic", "per": "x", "step": "1h",
                "since": "2024-06-01T00:00:00.000Z", "until": "2024-06-02T00:00:00.123456700Z",
            }),
        ]
    );
    let named = Traffic::aggregated_by(String::from("y"), days("2024-06-01", "2024-06-03"));
    assert_eq!((named.body()["per"].clone(), named.body().get("step").cloned()), (json!("y"), None));
    assert_eq!(Traffic::series(days("2024-06-01", "2024-06-03")).filter(NAME.eq("f") | NAME.is_null()).cost(), Some(10));
}

#[test]
fn moments_need_a_zone() {
    let error = Moment::parse("2024-06-01T00:00:00").unwrap_err().to_string();
    assert!(error.contains("has no zone") && error.contains("+02:00"), "{error}");
    assert!(Moment::try_from(Timestamp::parse("2024-06-01T00:00:00").unwrap()).is_err());
    assert!("soon".parse::<Moment>().is_err());
    let zone = jiff::tz::TimeZone::fixed(jiff::tz::offset(2));
    let zoned = "2024-06-01T00:00:00Z".parse::<jiff::Timestamp>().unwrap().to_zoned_datetime(zone);
    assert_eq!(Moment::from(&zoned).to_string(), "2024-06-01T02:00:00.000+02:00");
    assert_eq!(Moment::from(zoned.clone()).instant(), zoned.timestamp());
}

#[tokio::test]
async fn ranges_run_forward() {
    let empty = rejected(Traffic::series(days("2024-06-01", "2024-06-01"))).await;
    assert_eq!(empty.problem, RangeProblem::Empty);
    let backwards = rejected(Fog::series(days("2024-06-02", "2024-06-01"))).await;
    assert_eq!(backwards.problem, RangeProblem::Backwards);
    assert!(
        backwards.to_string().starts_with("report fog: the range") && backwards.to_string().contains("backwards"),
        "{backwards}"
    );
    // The same moment in two offsets.
    let same = rejected(Fog::series(range("2024-06-01T00:00:00Z", "2024-06-01T02:00:00+02:00"))).await;
    assert_eq!(same.problem, RangeProblem::Empty);
    let figures = rejected(Wrecks::statistics().range(days("2024-06-02", "2024-06-01"))).await;
    assert_eq!(figures.problem, RangeProblem::Backwards);
}

#[tokio::test]
async fn intervals_are_those_of_the_report() {
    let error = rejected(Traffic::series(days("2024-06-01", "2024-06-02")).interval_named("1w")).await;
    assert_eq!(error.problem, RangeProblem::NotOffered { offered: vec!["10m", "1h", "1d"] });
    assert_eq!(error.to_string(), "report traffic: no interval `1w`; use one of 10m, 1h, 1d");
    let error = rejected(Fog::series(days("2024-06-01", "2024-06-02")).interval_named("2d")).await;
    assert!(matches!(&error.problem, RangeProblem::NotOffered { offered } if offered.len() == 6));
}

#[tokio::test]
async fn too_many_points_are_rejected_with_advice() {
    let query = Fog::series(days("2024-04-01", "2024-05-31")).interval(interval::Day);
    let error = rejected(query.clone()).await;
    assert_eq!(error.problem, RangeProblem::TooManyPoints { points: 61, most: 60 });
    assert_eq!(error.coarser, Some("1w"));
    let text = error.to_string();
    assert!(text.contains("61 time points") && text.contains("`1w`") && text.contains("`history`"), "{text}");
}

#[tokio::test]
async fn the_way_of_counting_can_be_overridden() {
    // 60 days from midnight to midnight: allowed by length, one too many by buckets, which is the default here.
    let query = || Fog::series(days("2024-04-01", "2024-05-31")).interval(interval::Day);
    let error = Error::Range(Box::new(rejected(query()).await));
    assert_eq!(ids(&error), ["time-points"]);
    assert!(error.to_string().contains(".assume(\"time-points\", …)") && error.to_string().contains("(\"buckets\")"), "{error}");
    let wrong = builder(NOBODY).assume("time-points", "points").build().unwrap_err().to_string();
    assert_eq!(wrong, "assume: `time-points` must be \"length\" or \"buckets\", not \"points\"");
    // Too many by either way: no override helps.
    let error = rejected(Fog::series(days("2024-01-01", "2024-06-14")).interval(interval::Day)).await;
    assert!(Error::Range(Box::new(error)).assumptions().is_empty());
    // If the server rejects what the override allows, the override may be wrong; if it rejects the report, the path may be.
    for (key, id) in [("until", "time-points"), ("what", "series-path")] {
        let stub = Stub::start(vec![reply(422, &[], &json!({"message": "x", "problems": {key: [{"code": "odd"}]}}).to_string())]);
        let client = builder(&stub.url).assume("time-points", "length").build().unwrap();
        assert_eq!(ids(&client.fetch(query()).await.unwrap_err()), [id]);
    }
}

#[tokio::test]
async fn a_range_before_the_retention_is_rejected_and_never_clamped() {
    let error = rejected(Fog::series(days("2024-06-12", "2024-06-13")).interval(interval::Minutes10)).await;
    let RangeProblem::BeyondRetention { retention, since } = error.problem.clone() else { panic!("{error:?}") };
    assert_eq!((retention.to_string().as_str(), since.to_string().as_str()), ("2 days", "2024-06-13T12:00:00.000Z"));
    assert_eq!(error.coarser, Some("1h"));
    assert!(error.to_string().contains("`10m`") && error.to_string().contains("2 days") && error.to_string().contains("`1h`"));
    // The advice is the next coarser interval that works for the whole range.
    let old = rejected(Fog::series(days("2021-01-01", "2021-01-02")).interval(interval::Hour)).await;
    assert_eq!(old.coarser, Some("1w"));
    is_allowed(Fog::series(range("2024-06-13T12:00:00Z", "2024-06-13T13:00:00Z")).interval(interval::Minutes10)).await;
    is_allowed(Fog::series(days("1999-01-01", "1999-03-01")).interval(interval::Month)).await;
}

#[tokio::test]
async fn auto_is_checked_as_the_interval_it_resolves_to() {
    // Up to 3 hours: 10m, retained for 2 days. A second more: 1h, retained for 30 days.
    let error = rejected(Fog::series(range("2024-05-20T00:00:00Z", "2024-05-20T03:00:00Z"))).await;
    assert_eq!(&*error.interval, "10m");
    is_allowed(Fog::series(range("2024-05-20T00:00:00Z", "2024-05-20T03:00:01Z"))).await;
    // Up to a day: 1h. Longer: 1d.
    assert_eq!(&*rejected(Fog::series(days("2024-05-01", "2024-05-02"))).await.interval, "1h");
    let error = rejected(Fog::series(days("2022-01-01", "2022-01-05"))).await;
    assert_eq!((&*error.interval, error.coarser), ("1d", Some("1w")));
    // A report without 10m and 1h gets the next coarser interval.
    assert_eq!(&*rejected(Swell::series(range("2023-05-01T00:00:00Z", "2023-05-01T03:00:00Z"))).await.interval, "1d");
    // The name of the automatic interval means the same.
    let named = rejected(traffic(days("2024-05-01", "2024-05-02")).interval("choose")).await;
    assert_eq!(&*named.interval, "1h");
    let error = rejected(Fog::series(days("2023-07-01", "2024-06-01"))).await;
    assert!(matches!(error.problem, RangeProblem::TooManyPoints { points: 337, .. }), "{error:?}");
}

#[tokio::test]
async fn auto_follows_elapsed_time() {
    // Across a DST change a day has 23 or 25 hours. Up to 24 hours it is 1h, which is retained for 30 days.
    for (from, to) in [
        ("2024-03-31T00:00:00+01:00", "2024-04-01T00:00:00+02:00"),
        ("2024-03-31T00:00:00+01:00", "2024-04-01T01:00:00+02:00"),
        ("2023-10-29T00:00:00+02:00", "2023-10-29T23:00:00+01:00"),
    ] {
        assert_eq!(&*rejected(Fog::series(range(from, to))).await.interval, "1h", "{from} {to}");
    }
    // Longer, it is 1d, which is retained for a year.
    for (from, to) in
        [("2023-10-29T00:00:00+02:00", "2023-10-30T00:00:00+01:00"), ("2024-03-31T00:00:00+01:00", "2024-04-01T01:00:01+02:00")]
    {
        is_allowed(Fog::series(range(from, to))).await;
    }
}

#[tokio::test]
async fn dates_in_two_offsets_are_counted_in_one() {
    let daily = |from: &str, to: &str| Fog::series(range(from, to)).interval(interval::Day);
    let error = rejected(daily("2024-04-01T00:00:00+14:00", "2024-05-29T23:00:00-12:00")).await;
    assert_eq!(error.problem, RangeProblem::TooManyPoints { points: 61, most: 60 });
    is_allowed(daily("2024-04-01T00:00:00-12:00", "2024-05-31T00:00:00+14:00")).await;
}

#[tokio::test]
async fn a_report_is_queried_in_its_own_format() {
    let client = builder(NOBODY).assume("export-path", "/e").build().unwrap();
    let rows = Records::<Traffic, JsonRow>::of_report();
    let chart = Timeseries::<Wrecks, JsonRow>::of_report(days("2024-06-01", "2024-06-02"));
    let errors = [
        client.fetch(rows.clone()).await.err(),
        client.collect_all(rows.clone()).await.err().map(|partial| partial.error),
        client.fetch(chart).await.err(),
        client.fetch(Statistics::<Traffic, JsonRow>::of_report()).await.err(),
        client.fetch(Call::new(ExportLines).query(&rows, Setting::stated(true))).await.err(),
    ];
    for error in errors {
        let error = error.unwrap();
        assert!(error.is_configuration() && error.to_string().contains("query it as"), "{error}");
    }
}
