//! Timeseries over a socket: limits, time zones, nulls, gaps and truncated responses.

mod common;

use common::{CUSTOMERS, client, now, simulator, start};
use placewise_reporting::jiff::{self, SignedDuration, Timestamp, civil, tz};
use placewise_reporting::member_balance::{self, ByOptinPlatform, Label, Type};
use placewise_reporting::{
    Buckets, Chart, Client, Customers, Error, JsonRow, LocalInstant, MemberBalance, MembersCountHistory, MembersCountSnapshot,
    Moment, RangeProblem, SendingsRecipientsStatistics, TimeRange, find_report, interval, members_count_history,
};
use placewise_simulator::{Server, Simulator};
use serde_json::json;

fn at(text: &str) -> Moment {
    Moment::parse(text).expect("a time")
}

fn range(from: &str, to: &str) -> TimeRange {
    TimeRange::new(at(from), at(to))
}

fn served(simulator: Simulator) -> Server {
    start(simulator)
}

/// Nothing may be sent when a range is refused.
async fn refused<L: placewise_reporting::FromObject>(
    client: &Client,
    query: placewise_reporting::Timeseries<MemberBalance, L>,
) -> Box<placewise_reporting::RangeError> {
    match client.fetch(query).await {
        Err(Error::Range(refused)) => refused,
        other => panic!("{:?}", other.map(|chart| chart.interval)),
    }
}

#[tokio::test]
async fn one_time_zone_returns_moments_and_typed_labels() {
    let server = served(simulator());
    let client = client(&server);
    // Winter and summer time on one range: every bucket begins at midnight in Oslo.
    let query = MemberBalance::series(range("2025-03-01T00:00:00+01:00", "2025-05-01T00:00:00+02:00")).interval(interval::Day);
    assert_eq!(query.cost(), Some(MemberBalance::COST));
    let chart: Chart<Label> = client.fetch(query).await.expect("a chart");
    assert_eq!((chart.interval.as_str(), chart.range_zone.as_str(), chart.complete), ("1d", "Europe/Oslo", true));
    let Buckets::Zoned(buckets) = &chart.buckets else { panic!("{:?}", chart.buckets) };
    assert!(buckets.iter().all(|bucket| bucket.civil().time() == civil::Time::midnight()));
    let offsets: std::collections::BTreeSet<i32> =
        buckets.iter().filter_map(|b| b.offset()).map(|o| o.seconds() / 3600).collect();
    assert_eq!(offsets.into_iter().collect::<Vec<_>>(), [1, 2]);
    let types: Vec<Option<Type>> = chart.series.iter().map(|series| series.label.r#type.clone()).collect();
    assert_eq!(types, [Some(Type::In), Some(Type::Out)]);
    assert!(chart.series.iter().all(|series| series.zone.is_none() && series.values.len() == buckets.len()));
    let values = chart.series.iter().flat_map(|series| series.values.iter().flatten()).count();
    assert_eq!(chart.data_points, u64::try_from(values).ok());
    assert!(chart.series.iter().any(|series| series.values.contains(&None)), "where nothing happened there is no value");
    assert!(chart.unknown_keys().is_empty() && chart.warnings().is_empty());
    // Written again, it is what the server sends, in the documented order of keys.
    let text = serde_json::to_string(&chart).expect("serializes");
    let keys = ["interval", "range_timezone", "time_buckets", "series", "data_points", "result_type"];
    let places: Vec<_> = keys.iter().map(|key| text.find(&format!("\"{key}\"")).expect(key)).collect();
    assert!(places.is_sorted(), "{text}");
}

#[tokio::test]
async fn several_time_zones_return_local_times() {
    let zones = [(CUSTOMERS[0], "Europe/Oslo"), (CUSTOMERS[1], "America/Denver"), (CUSTOMERS[2], "Europe/Oslo")];
    let server = served(zones.iter().fold(simulator(), |server, (id, zone)| server.customer_zone(*id, *zone)));
    let client = client(&server);
    let day = MemberBalance::series(range("2025-06-01T00:00:00Z", "2025-07-01T00:00:00Z")).interval(interval::Day);
    let chart = client.fetch(day.clone()).await.expect("a chart");
    assert_eq!(chart.range_zone, "local");
    let Buckets::Local(buckets) = &chart.buckets else { panic!("{:?}", chart.buckets) };
    assert!(chart.buckets.instants().is_none(), "never taken for UTC in silence");
    let denver = tz::TimeZone::fixed(tz::offset(-6));
    let moments = chart.buckets.instants_in(&denver).expect("moments");
    let first = format!("{}T06:00:00Z", buckets[0].civil().date()).parse().expect("a time");
    assert_eq!(moments[0], LocalInstant::Once(first));
    assert!(chart.series.len() > CUSTOMERS.len());
    for series in &chart.series {
        let club = series.label.other["community_id"].as_i64().expect("the club");
        let zone = zones.iter().find(|(id, _)| *id == club).expect("a customer").1;
        assert_eq!(series.zone.as_deref(), Some(zone));
    }
    // One customer of them has a zone again.
    let one = client.with_customers(Customers::id(CUSTOMERS[1])).expect("a client").fetch(day).await.expect("a chart");
    assert_eq!(one.range_zone, "America/Denver");
    assert!(matches!(one.buckets, Buckets::Zoned(_)));
}

#[tokio::test]
async fn auto_picks_the_interval_by_the_length_of_the_range() {
    let server = served(simulator());
    let client = client(&server);
    let end: Timestamp = "2026-01-15T00:00:00Z".parse().expect("a time");
    for (hours, chosen) in [(12, "5m"), (13, "1h"), (72, "1h"), (73, "1d"), (24 * 149, "1d")] {
        let range = TimeRange::new(end - SignedDuration::from_hours(hours), end);
        let left_out = client.fetch(MemberBalance::series(range)).await.expect("a chart");
        let asked = client.fetch(MemberBalance::series(range).interval(interval::Auto)).await.expect("a chart");
        assert_eq!((left_out.interval.as_str(), asked.interval.as_str()), (chosen, chosen), "{hours}");
    }
    let bodies = server.requests();
    assert!(bodies[0].body.as_ref().is_some_and(|body| body.get("interval").is_none()));
    assert!(bodies[1].body.as_ref().is_some_and(|body| body["interval"] == "auto"));
}

#[tokio::test]
async fn two_years_of_days_are_as_many_buckets_as_days_and_add_up_to_the_months() {
    let server = served(simulator());
    let client = client(&server);
    // Exactly as many as are allowed.
    let most = MemberBalance::series(range("2025-08-01T00:00:00+02:00", "2025-12-29T00:00:00+01:00")).interval(interval::Day);
    client.fetch(most).await.expect("a chart");
    let whole = range("2024-02-01T00:00:00+01:00", "2025-12-31T23:59:59+01:00");
    let days = MemberBalance::series(whole).interval(interval::Day);
    let sent = server.requests().len();
    let error = refused(&client, days.clone()).await;
    assert_eq!(server.requests().len(), sent);
    assert_eq!(error.problem, RangeProblem::TooManyPoints { points: 700, most: 150 });
    assert_eq!(error.coarser, Some("1w"));

    let history = client.history(days).fetch().await.expect("a history");
    let asked = server.requests().len() - sent;
    assert_eq!((history.requests, history.probes, history.parts), (5, 0, 5));
    assert_eq!((asked, history.meta.tokens), (5, Some(15)));
    let daily = history.chart().expect("one chart");
    assert!(daily.complete && daily.range_zone == "Europe/Oslo" && daily.warnings().is_empty(), "{:?}", daily.warnings());
    let starts = daily.buckets.instants().expect("one zone");
    assert!(starts.is_sorted_by(|one, next| one < next), "no day comes twice");
    let monthly = client.fetch(MemberBalance::series(whole).interval(interval::Month)).await.expect("a chart");
    for series in &monthly.series {
        let same = daily.series.iter().find(|same| same.label == series.label).expect("the same series");
        let total = |values: &[Option<placewise_reporting::Number>]| {
            values.iter().flatten().filter_map(|value| value.as_i64()).sum::<i64>()
        };
        assert_eq!(total(&same.values), total(&series.values), "days and months add up to the same");
        assert!(total(&series.values) > 0);
    }
}

#[tokio::test]
async fn a_range_beyond_retention_is_rejected_with_an_interval_that_works() {
    let server = served(simulator());
    let client = client(&server);
    for (from, to, coarser) in [
        ("2026-01-01T00:00:00Z", "2026-01-01T06:00:00Z", Some("1h")),
        ("2025-07-01T00:00:00Z", "2025-07-01T06:00:00Z", Some("1d")),
        ("2020-07-01T00:00:00Z", "2020-07-01T06:00:00Z", Some("1w")),
    ] {
        let error = refused(&client, MemberBalance::series(range(from, to)).interval(interval::Minutes5)).await;
        assert!(matches!(error.problem, RangeProblem::BeyondRetention { .. }), "{error}");
        assert_eq!(error.coarser, coarser, "{error}");
        let again = find_report("member_balance")
            .and_then(|info| info.series(range(from, to)))
            .expect("a query")
            .interval(coarser.expect("one"));
        client.fetch(again).await.expect("a chart");
    }
    // The server would have chosen five minutes; it is judged by that.
    let error = refused(&client, MemberBalance::series(range("2025-07-01T00:00:00Z", "2025-07-01T06:00:00Z"))).await;
    assert_eq!(&*error.interval, "5m");
    assert_eq!(server.requests().len(), 3);
}

#[tokio::test]
async fn missing_intervals_and_reversed_ranges_are_rejected() {
    let server = served(simulator());
    let client = client(&server);
    let day = range("2026-01-13T00:00:00Z", "2026-01-14T00:00:00Z");
    // By type it does not compile; by name it is refused.
    let query = SendingsRecipientsStatistics::series(day).interval_named("5m");
    let Err(Error::Range(error)) = client.fetch(query).await else { panic!("sent") };
    let words = error.to_string();
    assert!(words.contains("no interval `5m`") && words.contains("1h, 1d, 1w, 1mo"), "{words}");
    assert!(
        client.fetch(MembersCountSnapshot::series(day).interval_named("fortnight")).await.is_err_and(|error| error.is_range())
    );
    let backwards = TimeRange::new(day.to, day.from);
    assert!(matches!(refused(&client, MemberBalance::series(backwards)).await.problem, RangeProblem::Backwards));
    assert!(matches!(refused(&client, MemberBalance::series(TimeRange::new(day.to, day.to))).await.problem, RangeProblem::Empty));
    assert!(Moment::parse("2026-01-13T00:00:00").is_err_and(|error| error.to_string().contains("2026-01-13T00:00:00")));
    assert_eq!(server.requests().len(), 0);
}

#[tokio::test]
async fn a_truncated_response_is_never_complete() {
    // Ten zones of customers make twenty series; a hundred and more days of each are over the limit.
    let ids: Vec<i64> = (1..=10).collect();
    let zones = ["Europe/Oslo", "America/Denver"];
    let server = simulator().rows(4000).customers(ids.clone());
    let server = served(ids.iter().fold(server, |server, id| server.customer_zone(*id, zones[(*id % 2) as usize])));
    let client = client(&server);
    let query = |from, to| MemberBalance::series(range(from, to)).interval(interval::Day);
    let chart = client.fetch(query("2025-08-01T00:00:00Z", "2025-12-20T00:00:00Z")).await.expect("a chart");
    assert_eq!((chart.data_points, chart.complete), (Some(1000), false));
    let some = client.fetch(query("2025-08-01T00:00:00Z", "2025-08-15T00:00:00Z")).await.expect("a chart");
    assert!(some.complete && some.data_points < Some(1000));
    let text = format!("{chart:?}");
    assert!(text.contains("complete: false"));
}

#[tokio::test]
async fn aggregations_add_up_and_unknown_ones_are_rejected() {
    let server = served(simulator());
    let client = client(&server);
    let quarter = range("2025-10-01T00:00:00+02:00", "2025-12-31T00:00:00+01:00");
    let plain = client.fetch(MemberBalance::series(quarter).interval(interval::Month)).await.expect("a chart");
    let by_platform = client.fetch(MemberBalance::by_optin_platform(quarter).interval(interval::Month)).await.expect("a chart");
    let _: &Chart<ByOptinPlatform> = &by_platform;
    for kind in [Type::In, Type::Out] {
        let of = |chart: &Chart<ByOptinPlatform>| {
            let series = chart.series.iter().filter(|series| series.label.r#type == Some(kind.clone()));
            series.flat_map(|series| series.values.iter().flatten()).map(|value| value.as_f64()).sum::<f64>()
        };
        let series = plain.series.iter().find(|series| series.label.r#type == Some(kind.clone())).expect("a series");
        let total: f64 = series.values.iter().flatten().map(|value| value.as_f64()).sum();
        assert_eq!(of(&by_platform), total, "groups of {kind:?} add up");
    }
    // An example asks for an aggregation that no table lists; its labels are those of the plain series.
    let consents =
        client.fetch(MemberBalance::aggregated_by("consents", quarter).interval(interval::Month)).await.expect("a chart");
    let _: &Chart<JsonRow> = &consents;
    assert!(consents.series.iter().all(|series| series.label.contains_key("type")));
    let error = client.fetch(MemberBalance::aggregated_by("shoe_size", quarter)).await.expect_err("refused");
    assert!(error.invalid().is_some_and(|invalid| invalid.iter().any(|(path, _)| path == "aggregate_by")), "{error}");
}

#[tokio::test]
async fn filters_select_series_and_add_to_the_cost() {
    let server = served(simulator());
    let client = client(&server);
    let quarter = range("2025-10-01T00:00:00+02:00", "2025-12-31T00:00:00+01:00");
    let of = async |filter| client.fetch(MemberBalance::series(quarter).interval(interval::Month).filter(filter)).await;
    let joined = of(member_balance::TYPE.eq(Type::In)).await.expect("a chart");
    assert_eq!(joined.series.len(), 1);
    let cost = MemberBalance::series(quarter).filter(member_balance::TYPE.eq(Type::In) | member_balance::GENDER.is_null()).cost();
    assert_eq!(cost, Some(MemberBalance::COST + 3), "an `or` costs 3");
    let level = MembersCountHistory::series(quarter).interval(interval::Month);
    let chart = client.fetch(level.clone()).await.expect("a chart");
    assert!(chart.series.iter().all(|series| series.values.iter().all(Option::is_some)), "a level is there at every time");
    let none = level.filter(members_count_history::GROUPING_TYPE.eq(members_count_history::GroupingType::from("country")));
    assert!(client.fetch(none).await.is_ok());
}

#[test]
fn the_blocking_client_returns_the_same_chart() {
    let server = served(simulator());
    let client = placewise_reporting::blocking::Client::builder()
        .base_url(server.url())
        .token("any")
        .customers(Customers::id(CUSTOMERS[0]))
        .product_name("tests")
        .clock(now)
        .build()
        .expect("a client");
    let from = jiff::civil::date(2025, 12, 1).to_datetime(civil::Time::midnight());
    let zoned = |day: i8| {
        from.with().day(day).build().expect("a day").to_zoned_datetime(tz::TimeZone::fixed(tz::offset(1))).expect("a time")
    };
    let chart = client.fetch(MemberBalance::series(zoned(1)..zoned(20))).expect("a chart");
    assert_eq!(chart.interval, "1d");
    let body = server.requests()[0].body.clone().expect("a body");
    assert_eq!(body["from"], json!("2025-12-01T00:00:00.000+01:00"));
}
