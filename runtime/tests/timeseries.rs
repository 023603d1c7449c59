//! What a timeseries sends, and what is refused before anything is sent.

mod fixture;
mod stub;

use fixture as api;
use fixture::{Client, charts::*, interval};
use placewise_runtime::{
    ClientBuilder, Error, JsonRecords, JsonStatistics, JsonTimeseries, Moment, RangeError, RangeProblem, Report, TimeRange,
    Timestamp, jiff,
};
use serde_json::json;
use stub::{Stub, reply};

/// The day on which all tests run.
const NOW: &str = "2024-06-15T12:00:00Z";

fn range(from: &str, to: &str) -> TimeRange {
    TimeRange { from: from.parse().unwrap(), to: to.parse().unwrap() }
}

fn days(from: &str, to: &str) -> TimeRange {
    range(&format!("{from}T00:00:00Z"), &format!("{to}T00:00:00Z"))
}

fn builder(url: &str) -> ClientBuilder<Client> {
    Client::builder().base_url(url).token("s3cr3t-token").clock(|| NOW.parse().unwrap())
}

/// Refused with nothing listening: had anything been sent, it would be an error of the transport.
async fn refused(query: impl placewise_runtime::Query<fixture::Placewise>) -> RangeError {
    refused_by(builder("http://127.0.0.1:9"), query).await
}

async fn refused_by(builder: ClientBuilder<Client>, query: impl placewise_runtime::Query<fixture::Placewise>) -> RangeError {
    match builder.build().unwrap().fetch(query).await {
        Err(Error::Range(error)) => *error,
        Err(error) => panic!("{error:?}"),
        Ok(_) => panic!("it was sent"),
    }
}

#[tokio::test]
async fn sends_the_documented_body() {
    let body = json!({"interval": "1d", "range_timezone": "UTC", "time_buckets": [], "series": []}).to_string();
    let stub = Stub::start(vec![reply(200, &[], &body); 3]);
    let client = builder(&stub.url).build().unwrap();
    let query = MemberBalance::by_optin_platform(range("2024-04-08T00:00:00.000-06:00", "2024-04-25T00:00:00.000-06:00"))
        .filter(GENDER.eq("f"))
        .interval(interval::Day);
    client.fetch(query).await.unwrap();
    client.fetch(MemberBalance::series(days("2024-06-01", "2024-06-03")).interval(interval::Auto)).await.unwrap();
    let instant = |text: &str| text.parse::<jiff::Timestamp>().unwrap();
    let instants = instant("2024-06-01T00:00:00Z")..instant("2024-06-02T00:00:00.1234567Z");
    client.fetch(JsonTimeseries::new(MemberBalance::INFO, instants).aggregated("x").interval("1h")).await.unwrap();
    let bodies: Vec<_> = stub.seen().into_iter().map(|seen| seen.body).collect();
    assert_eq!(
        bodies,
        [
            json!({
                "report": "member_balance", "aggregate_by": "optin_platform", "interval": "1d",
                "filter": {"type": "equal", "field": "gender", "value": "f"},
                "from": "2024-04-08T00:00:00.000-06:00", "to": "2024-04-25T00:00:00.000-06:00",
            }),
            json!({"report": "member_balance", "interval": "auto", "from": "2024-06-01T00:00:00Z", "to": "2024-06-03T00:00:00Z"}),
            json!({
                "report": "member_balance", "aggregate_by": "x", "interval": "1h",
                "from": "2024-06-01T00:00:00.000Z", "to": "2024-06-02T00:00:00.123456700Z",
            }),
        ]
    );
    let named = MemberBalance::aggregated_by(String::from("y"), days("2024-06-01", "2024-06-03"));
    assert_eq!((named.body()["aggregate_by"].clone(), named.body().get("interval").cloned()), (json!("y"), None));
    assert_eq!(MemberBalance::series(days("2024-06-01", "2024-06-03")).filter(GENDER.eq("f") | GENDER.is_null()).cost(), Some(6));
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
    let empty = refused(MemberBalance::series(days("2024-06-01", "2024-06-01"))).await;
    assert_eq!(empty.problem, RangeProblem::Empty);
    let backwards = refused(OffersHistory::series(days("2024-06-02", "2024-06-01"))).await;
    assert_eq!(backwards.problem, RangeProblem::Backwards);
    assert!(
        backwards.to_string().contains("offers_events_history") && backwards.to_string().contains("backwards"),
        "{backwards}"
    );
    // The same moment in two offsets.
    let same = refused(OffersHistory::series(range("2024-06-01T00:00:00Z", "2024-06-01T02:00:00+02:00"))).await;
    assert_eq!(same.problem, RangeProblem::Empty);
    let statistics = SendingsStats::statistics().range(days("2024-06-02", "2024-06-01"));
    let client = builder("http://127.0.0.1:9").assume("statistics-path", "/s").build().unwrap();
    assert!(client.fetch(statistics).await.unwrap_err().is_range());
}

#[tokio::test]
async fn intervals_are_those_of_the_report() {
    let error = refused(MemberBalance::series(days("2024-06-01", "2024-06-02")).interval_named("5m")).await;
    assert_eq!(error.problem, RangeProblem::NotOffered { offered: vec!["1h", "1d", "1w"] });
    assert_eq!(error.to_string(), "report member_balance: no interval `5m`; use one of 1h, 1d, 1w");
    let error = refused(OffersHistory::series(days("2024-06-01", "2024-06-02")).interval_named("2d")).await;
    assert!(matches!(&error.problem, RangeProblem::NotOffered { offered } if offered.len() == 5));
}

#[tokio::test]
async fn too_many_points_are_rejected_with_advice() {
    let stub = Stub::start(vec![]);
    let query = MemberBalance::series(days("2024-01-01", "2024-05-31")).interval(interval::Day);
    let error = refused_by(builder(&stub.url), query.clone()).await;
    assert_eq!(error.problem, RangeProblem::TooManyPoints { points: 151, most: 150 });
    assert_eq!(error.coarser, Some("1w"));
    let parts: Vec<_> = error.split.iter().map(TimeRange::to_string).collect();
    assert_eq!(parts, ["2024-01-01T00:00:00Z to 2024-05-28T23:59:59.999Z", "2024-05-29T00:00:00.000Z to 2024-05-31T00:00:00Z"]);
    let text = error.to_string();
    assert!(text.contains("151 time points") && text.contains("`1w`") && text.contains("2 parts"), "{text}");
    assert!(stub.seen().is_empty());
    // The split is a list of queries that are allowed.
    let empty = json!({"interval": "1d", "range_timezone": "UTC", "time_buckets": [], "series": []}).to_string();
    let stub = Stub::start(vec![reply(200, &[], &empty); 2]);
    let client = builder(&stub.url).build().unwrap();
    let queries = query.split();
    assert_eq!(queries.len(), 2);
    for query in queries {
        client.fetch(query).await.unwrap();
    }
    assert_eq!(stub.seen()[1].body["from"], "2024-05-29T00:00:00.000Z");
    assert_eq!(stub.seen()[1].body["interval"], "1d");
    // What is few enough stays as it is.
    let few = MemberBalance::series(days("2024-01-01", "2024-05-29"));
    assert_eq!(few.split(), [few]);
}

#[tokio::test]
async fn the_way_of_counting_can_be_overridden() {
    let query = || MemberBalance::series(days("2024-01-01", "2024-05-30")).interval(interval::Day);
    // 150 days from midnight to midnight: allowed by length, one too many by buckets.
    let turned = builder("http://127.0.0.1:9").assume("time-points", "buckets");
    let error = refused_by(turned, query()).await;
    assert_eq!(error.problem, RangeProblem::TooManyPoints { points: 151, most: 150 });
    let shown = Error::Range(Box::new(error));
    assert_eq!(shown.assumptions()[0].id, "time-points");
    assert!(shown.to_string().contains(".assume(\"time-points\", …)") && shown.to_string().contains("(\"buckets\")"), "{shown}");
    let wrong = builder("http://127.0.0.1:9").assume("time-points", "points").build().unwrap_err().to_string();
    assert_eq!(wrong, "assume: `time-points` must be \"length\" or \"buckets\", not \"points\"");
    // Counted either way too many: nothing to turn.
    let error = refused(MemberBalance::series(days("2024-01-01", "2024-06-14")).interval(interval::Day)).await;
    assert!(Error::Range(Box::new(error)).assumptions().is_empty());
    // And what the server refuses though it was judged allowed may rest on it.
    let stub =
        Stub::start(vec![reply(422, &[], r#"{"error": "Invalid parameters", "details": {"to": [{"error": "too_long"}]}}"#)]);
    let error = builder(&stub.url).build().unwrap().fetch(query()).await.unwrap_err();
    let ids: Vec<_> = error.assumptions().iter().map(|assumption| assumption.id).collect();
    assert_eq!(ids, ["time-points"]);
    // A report that is not known here may be known at another path.
    let stub = Stub::start(vec![reply(422, &[], r#"{"error": "x", "details": {"report": [{"error": "inclusion"}]}}"#)]);
    let error = builder(&stub.url).build().unwrap().fetch(query()).await.unwrap_err();
    let ids: Vec<_> = error.assumptions().iter().map(|assumption| assumption.id).collect();
    assert_eq!(ids, ["timeseries-path"]);
}

#[tokio::test]
async fn a_range_before_the_retention_is_rejected_and_never_clamped() {
    let error = refused(OffersHistory::series(days("2024-05-30", "2024-05-31")).interval(interval::Minutes5)).await;
    let RangeProblem::BeyondRetention { retention, since } = error.problem.clone() else { panic!("{error:?}") };
    assert_eq!((retention.to_string().as_str(), since.to_string().as_str()), ("14 days", "2024-06-01T12:00:00.000Z"));
    assert_eq!(error.coarser, Some("1h"));
    assert!(error.to_string().contains("`5m`") && error.to_string().contains("14 days") && error.to_string().contains("`1h`"));
    // Not to the second coarsest that is kept, but to one that does for all.
    let old = refused(OffersHistory::series(days("2021-01-01", "2021-01-02")).interval(interval::Hour)).await;
    assert_eq!(old.coarser, Some("1w"));
    // On the edge it is allowed: the error is that nothing listens.
    let client = builder("http://127.0.0.1:9").build().unwrap();
    let edge = OffersHistory::series(range("2024-06-01T12:00:00Z", "2024-06-01T13:00:00Z")).interval(interval::Minutes5);
    assert!(!client.fetch(edge).await.unwrap_err().is_range());
    let forever = OffersHistory::series(days("1999-01-01", "1999-03-01")).interval(interval::Month);
    assert!(!client.fetch(forever).await.unwrap_err().is_range());
}

#[tokio::test]
async fn auto_is_checked_as_the_interval_it_resolves_to() {
    // Up to 12 hours: 5m, of which only 14 days are kept.
    let error = refused(OffersHistory::series(range("2024-05-01T00:00:00Z", "2024-05-01T12:00:00Z"))).await;
    assert_eq!(&*error.interval, "5m");
    // A second more: 1h, which is kept for longer.
    let client = builder("http://127.0.0.1:9").build().unwrap();
    let hours = OffersHistory::series(range("2024-05-01T00:00:00Z", "2024-05-01T12:00:01Z"));
    assert!(!client.fetch(hours).await.unwrap_err().is_range());
    // Three days: still 1h. Longer: 1d.
    let error = refused(OffersHistory::series(days("2023-10-01", "2023-10-04"))).await;
    assert_eq!(&*error.interval, "1h");
    let error = refused(OffersHistory::series(days("2022-01-01", "2022-01-05"))).await;
    assert_eq!((&*error.interval, error.coarser), ("1d", Some("1w")));
    // This report has no 5m, so it is judged by the next coarser one.
    let error = refused(MemberBalance::series(range("2023-05-01T00:00:00Z", "2023-05-01T12:00:00Z"))).await;
    assert_eq!(&*error.interval, "1h");
    // The word itself is a name too.
    let named = refused(JsonTimeseries::new(MemberBalance::INFO, days("2023-10-01", "2023-10-02")).interval("auto")).await;
    assert_eq!(&*named.interval, "1h");
    let error = refused(OffersHistory::series(days("2023-01-01", "2024-06-01"))).await;
    assert!(matches!(error.problem, RangeProblem::TooManyPoints { points: 517, .. }), "{error:?}");
}

#[tokio::test]
async fn auto_follows_elapsed_time() {
    // Three days of the calendar, but an hour less or more on the clock: up to 72 hours it is `1h`, which is kept for 6 months.
    for (from, to, interval) in [
        ("2023-03-25T00:00:00+01:00", "2023-03-28T00:00:00+02:00", "1h"),
        ("2023-03-25T00:00:00+01:00", "2023-03-28T01:00:00+02:00", "1h"),
        ("2023-10-28T00:00:00+02:00", "2023-10-30T23:00:00+01:00", "1h"),
    ] {
        assert_eq!(&*refused(OffersHistory::series(range(from, to))).await.interval, interval, "{from} {to}");
    }
    let client = builder("http://127.0.0.1:9").build().unwrap();
    for (from, to) in
        [("2023-10-28T00:00:00+02:00", "2023-10-31T00:00:00+01:00"), ("2023-03-25T00:00:00+01:00", "2023-03-28T01:00:01+02:00")]
    {
        // `1d`, which is kept for 2 years: the error is that nothing listens.
        let error = client.fetch(OffersHistory::series(range(from, to))).await.unwrap_err();
        assert!(!error.is_range(), "{error}");
    }
}

#[tokio::test]
async fn dates_of_two_places_are_not_one_calendar() {
    let daily = |from: &str, to: &str| OffersHistory::series(range(from, to)).interval(interval::Day);
    let error = refused(daily("2024-01-01T00:00:00+14:00", "2024-05-29T23:00:00-12:00")).await;
    assert_eq!(error.problem, RangeProblem::TooManyPoints { points: 152, most: 150 });
    let client = builder("http://127.0.0.1:9").build().unwrap();
    let error = client.fetch(daily("2024-01-01T00:00:00-12:00", "2024-05-31T00:00:00+14:00")).await.unwrap_err();
    assert!(!error.is_range(), "{error}");
}

#[tokio::test]
async fn parts_are_allowed_by_either_way_of_counting() {
    let clients = ["length", "buckets"].map(|way| builder("http://127.0.0.1:9").assume("time-points", way).build().unwrap());
    for (from, to, pieces) in [
        ("2024-01-01T00:00:00Z", "2024-05-29T23:59:59Z", 1),
        ("2024-01-01T00:00:00Z", "2024-05-30T00:00:00Z", 2),
        ("2023-08-04T12:00:00Z", "2024-05-30T12:00:00Z", 3),
        ("2023-08-04T12:00:00+02:00", "2024-05-30T12:00:00+01:00", 3),
    ] {
        let parts = OffersHistory::series(range(from, to)).interval(interval::Day).split();
        assert_eq!(parts.len(), pieces, "{from} {to}");
        for part in parts {
            for client in &clients {
                let error = client.fetch(part.clone()).await.unwrap_err();
                assert!(!error.is_range(), "{error}");
            }
        }
    }
}

#[tokio::test]
async fn errors_tell_of_splits_across_a_dst_change() {
    let query = OffersHistory::series(days("2023-01-01", "2024-01-01"));
    let error = refused(query.clone().interval(interval::Day)).await;
    assert!(error.to_string().contains("`split_in` with the zone of the charts"), "{error}");
    // One less than may be asked for: by another clock than the cut's, a part touches one more.
    assert_eq!(error.split[0].to.to_string(), "2023-05-29T23:59:59.999Z");
    let error = refused(OffersHistory::series(days("2024-06-01", "2024-06-10")).interval(interval::Hour)).await;
    assert!(error.split.len() == 2 && !error.to_string().contains("split_in"), "{error}");
    // What would fall into very many parts is not cut, and is refused.
    let long = OffersHistory::series(days("2024-06-10", "2034-06-10")).interval(interval::Minutes5);
    assert!(matches!(&*long.split(), [whole] if *whole == long));
    assert!(refused(long).await.split.is_empty());
}

#[tokio::test]
async fn a_report_is_queried_in_its_own_format() {
    let client = builder("http://127.0.0.1:9").assume("statistics-path", "/s").assume("export-path", "/e").build().unwrap();
    let rows = JsonRecords::new(MemberBalance::INFO);
    let chart = JsonTimeseries::new(SendingsStats::INFO, days("2024-06-01", "2024-06-02"));
    let figures = JsonStatistics::new(MemberBalance::INFO);
    let errors = [
        client.fetch(rows.clone()).await.err(),
        client.collect_all(rows.clone()).await.err().map(|partial| partial.error),
        client.fetch(chart).await.err(),
        client.fetch(figures).await.err(),
        client.fetch(fixture::endpoints::Export.of(&rows)).await.err(),
    ];
    for error in errors {
        let error = error.unwrap();
        assert!(error.is_configuration() && error.to_string().contains("query it as"), "{error}");
    }
}
