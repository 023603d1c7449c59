//! What histories tell, refuse and leave to the caller.

#[path = "stub/simulated.rs"]
mod simulated;
mod stub;

use std::sync::Arc;

use harbour_api::jiff::{SignedDuration, Timestamp, tz::TimeZone};
use harbour_api::{
    Buckets, Chart, Client, Craning, Customers, Error, Fog, History, HttpResponse, JsonRow, Moment, RangeProblem, RetryPolicy,
    Swell, TimeRange, Traffic, Transport, Unmerged, ZoneSource, find_report, interval, traffic,
};
use placewise_simulator::{FaultPlan, SimulatedApi, Simulator};
use serde_json::{Value, json};
use simulated::{Failing, InProcess, simulator};
use stub::{Step, ok, scripted};

fn range(from: &str, to: &str) -> TimeRange {
    TimeRange { from: from.parse().unwrap(), to: to.parse().unwrap() }
}

fn now() -> Timestamp {
    stub::NOW.parse().unwrap()
}

/// 300 days of Oslo, across a DST change: five or six parts of at most 60 days.
fn days() -> TimeRange {
    range("2023-08-20T00:00:00+02:00", "2024-06-15T00:00:00+02:00")
}

fn api() -> Arc<SimulatedApi> {
    Arc::new(simulator(60, 100_000, 4).seed(3).rows(80).customers(1..=9).clock(now).build().unwrap())
}

fn client_of(transport: impl Transport) -> Client {
    let builder = Client::builder().base_url("http://127.0.0.1").token(stub::TOKEN).customers(1).clock(now);
    builder.retry(RetryPolicy::none()).transport(transport).build().unwrap()
}

type Points = Vec<(String, String, Option<f64>)>;

/// The values of a chart, sorted.
fn points(charts: &[&Chart<traffic::Label>]) -> Points {
    let of = |chart: &&Chart<traffic::Label>| -> Points {
        let values = chart.points().filter(|point| point.value.is_some());
        values
            .map(|point| (format!("{:?}", point.label), point.bucket.to_string(), point.value.map(|value| value.as_f64())))
            .collect()
    };
    let mut points: Points = charts.iter().flat_map(of).collect();
    points.sort_by(|one, other| one.partial_cmp(other).unwrap());
    points
}

#[tokio::test]
async fn a_value_that_does_not_fit_costs_its_point_and_is_never_added_up() {
    let query = || Traffic::series(days()).interval(interval::Day);
    let client = |simulator: Simulator| {
        let api = Arc::new(simulator.seed(3).rows(2000).customers(1..=9).clock(now).build().unwrap());
        let builder = Client::builder().base_url("http://127.0.0.1").token(stub::TOKEN).customers(1).clock(now);
        builder.lenient(true).transport(InProcess(api)).build().unwrap()
    };
    let odd = json!({"set": {"at": "/lines/0/heights/0", "to": "many"}});
    let plan = json!({"faults": [{"on": {"report": "traffic"}, "nth": 3, "do": [odd]}]}).to_string();
    let lacking = || client(simulator(60, 100_000, 4).faults(FaultPlan::from_json(&plan).unwrap()));

    let whole = client(simulator(60, 100_000, 4)).history(query()).fetch().await.unwrap().chart().unwrap();
    let chart = lacking().history(query()).fetch().await.unwrap().chart().unwrap();
    let [misfit] = &chart.misfits().kept[..] else { panic!("{:?}", chart.misfits()) };
    let (label, bucket) = (format!("{:?}", chart.series[misfit.row].label), misfit.field.as_deref().unwrap());
    let (whole, chart) = (points(&[&whole]), points(&[&chart]));
    let lost: Vec<_> = whole.iter().filter(|point| !chart.contains(point)).collect();
    let [(of, at, _)] = lost[..] else { panic!("{lost:?}") };
    assert_eq!((of, format!("lines.heights.{at}"), whole.len() - chart.len()), (&label, bucket.to_owned(), 1));

    let several = lacking().history(query()).customers(Customers::ids(1..=9)).fetch().await.unwrap();
    assert_eq!((several.unmerged, several.charts.len()), (Some(Unmerged::Misfits), 3));
}

#[tokio::test]
async fn a_failed_history_has_the_parts_so_far_and_goes_on_where_it_stopped() {
    // The interval of the whole range is not that of its end.
    let query = || Traffic::series(days());
    let client = client_of(InProcess(api()));
    // A task may run it.
    let whole = tokio::spawn(client.history(query()).fetch()).await.unwrap().unwrap();
    assert_eq!((whole.interval, whole.requests, whole.probes, whole.parts, whole.further_splits), ("1d", 6, 0, 6, 0));
    let whole = whole.chart().unwrap();
    for answered in 0..6 {
        let client = client_of(Failing { api: InProcess(api()), left: answered.into() });
        let partial = client.history(query()).fetch().await.unwrap_err();
        assert!(matches!(partial.error, Error::Maintenance(_)), "{partial}");
        assert_eq!(usize::try_from(partial.history.parts).unwrap(), answered.saturating_sub(1));
        assert_eq!(partial.missing.len(), 1);
        // What is missing is also there for a query of that range and interval.
        let mut charts: Vec<Chart<traffic::Label>> = partial.history.charts.iter().map(|one| one.chart.clone()).collect();
        let rest = Traffic::series(partial.missing[0].range).interval(interval::Day);
        let rest = client_of(InProcess(api())).history(rest).customers(partial.missing[0].customers.clone());
        charts.push(rest.fetch().await.unwrap().chart().unwrap());
        assert_eq!(points(&charts.iter().collect::<Vec<_>>()), points(&[&whole]), "{answered}");
        // Another query is refused, and loses nothing.
        let other =
            client.history(Traffic::series(days()).interval(interval::Day)).resume_from(partial).fetch().await.unwrap_err();
        assert!(other.error.to_string().contains("resume with the same query, over the same range"), "{other}");
        let api = api();
        let resumed = client_of(InProcess(Arc::clone(&api))).history(query()).resume_from(other).fetch().await.unwrap();
        assert_eq!((api.requests().len(), resumed.requests, resumed.parts), (6 - answered, 7, 6));
        assert_eq!((resumed.interval, resumed.charts.len(), resumed.charts[0].range), ("1d", 1, days()));
        let resumed = resumed.chart().unwrap();
        assert_eq!((&resumed.series, &resumed.buckets), (&whole.series, &whole.buckets), "{answered}");
    }
}

#[tokio::test]
async fn a_resumed_history_asks_no_customer_twice_and_merges_all() {
    let query = || Traffic::series(days()).interval(interval::Day);
    let nine = || Customers::ids(1..=9);
    let whole = client_of(InProcess(api())).history(query()).customers(nine()).fetch().await.unwrap();
    assert_eq!((whole.requests, whole.unmerged, whole.charts.len()), (18, None, 1));
    for answered in [3, 6, 11, 17] {
        let client = client_of(Failing { api: InProcess(api()), left: answered.into() });
        let partial = client.history(query()).customers(nine()).fetch().await.unwrap_err();
        assert_eq!(partial.missing.len(), 3 - answered / 6);
        let api = api();
        let resumed = client_of(InProcess(Arc::clone(&api))).history(query()).resume_from(partial).fetch().await.unwrap();
        assert_eq!((api.requests().len(), resumed.unmerged, resumed.charts.len()), (18 - answered, None, 1));
        assert_eq!(resumed.charts[0].customers, nine());
        assert_eq!(resumed.charts[0].chart.series, whole.charts[0].chart.series);
    }
}

#[tokio::test]
async fn a_range_of_as_many_buckets_as_one_request_may_have_takes_one_in_a_known_zone() {
    let requests = async |days: i64, zone: Option<&str>, customers: Customers| {
        let to: Moment = "2024-06-14T23:00:00+02:00".parse().unwrap();
        let from = to.instant() - SignedDuration::from_hours(days * 24 - 2);
        let range = TimeRange { from: Moment::from(from.to_zoned_datetime(TimeZone::get("Europe/Oslo").unwrap())), to };
        let api = api();
        let client = client_of(InProcess(Arc::clone(&api)));
        let mut query = client.history(Traffic::series(range).interval(interval::Day)).customers(customers);
        if let Some(zone) = zone {
            query = query.zone(TimeZone::get(zone).unwrap());
        }
        let history = query.fetch().await.unwrap();
        assert_eq!((history.probes, history.parts), (0, history.requests));
        history.requests
    };
    for (days, known, unknown, several) in [(59, 1, 1, 1), (60, 1, 2, 2), (61, 2, 2, 2), (119, 2, 3, 2), (120, 3, 3, 3)] {
        assert_eq!(requests(days, Some("Europe/Oslo"), Customers::id(1)).await, known, "{days}");
        assert_eq!(requests(days, None, Customers::id(1)).await, unknown, "{days}");
        assert_eq!(requests(days, Some("Europe/Oslo"), Customers::ids([1, 2])).await, several, "{days}");
    }
}

#[tokio::test]
async fn a_range_before_the_retention_is_an_error_unless_clipping_was_asked_for() {
    let old = range("2022-08-20T00:00:00+02:00", "2024-06-15T00:00:00+02:00");
    let query = || Traffic::series(old).interval(interval::Day);
    let api = api();
    let client = client_of(InProcess(Arc::clone(&api)));
    let refused = client.history(query()).fetch().await.unwrap_err();
    assert!(matches!(&refused.error, Error::Range(error) if matches!(error.problem, RangeProblem::BeyondRetention { .. })));
    assert_eq!((api.requests().len(), refused.missing.len(), refused.missing[0].range), (0, 1, old));
    let clipped = client.history(query()).clip_to_retention().fetch().await.unwrap();
    // A year before the time of the test is within a day, whose data may be cut: the next one is the first.
    assert_eq!(clipped.clipped.unwrap().to_string(), "2022-08-20T00:00:00+02:00 to 2023-06-16T00:00:00.000+02:00");
    assert_eq!(clipped.charts[0].range.from, clipped.clipped.unwrap().to);
    let whole = clipped.charts[0].range;
    let same = client.history(Traffic::series(whole).interval(interval::Day)).fetch().await.unwrap();
    assert_eq!(same.clipped, None);
    assert_eq!(points(&[&same.chart().unwrap()]), points(&[&clipped.chart().unwrap()]));
    // Nothing is left of a range that is wholly lost.
    let lost = Traffic::series(range("2022-01-01T00:00:00Z", "2022-06-01T00:00:00Z")).interval(interval::Day);
    assert!(client.history(lost).clip_to_retention().fetch().await.unwrap_err().error.is_range());
}

#[tokio::test]
async fn a_wrong_zone_is_an_error_and_a_zone_of_the_same_clock_is_not() {
    let client = client_of(InProcess(api()));
    let query = || client.history(Traffic::series(days()).interval(interval::Day));
    let wrong = query().zone(TimeZone::get("America/Denver").unwrap()).fetch().await.unwrap_err();
    assert_eq!(
        wrong.to_string(),
        "history: `zone` is America/Denver, but the charts are in Europe/Oslo; leave `zone` out or set Europe/Oslo"
    );
    assert!(wrong.error.is_configuration());
    let right = query().fetch().await.unwrap();
    assert_eq!((right.charts[0].zone_from, right.warnings().count()), (ZoneSource::Chart, 0));
    let other = query().zone(TimeZone::get("Europe/Berlin").unwrap()).fetch().await.unwrap();
    assert_eq!((other.charts[0].zone_from, other.probes, other.warnings().count()), (ZoneSource::Caller, 0, 0));
    assert_eq!(points(&[&other.chart().unwrap()]), points(&[&right.chart().unwrap()]));
}

/// A chart with a bucket at the start of each request.
fn chart(body: &Value, step: &str, zone: &str, tags: &[&str]) -> Value {
    let lines: Vec<Value> = tags.iter().map(|tag| json!({"tag": {"way": tag}, "heights": [1]})).collect();
    json!({"step": step, "clock": zone, "marks": [body["since"]], "lines": lines, "kind": "marks"})
}

#[tokio::test]
async fn charts_that_do_not_belong_together_are_never_mixed() {
    let history = async |answer: fn(&Value, usize) -> Value| {
        let client = scripted(move |body, sent| Step::Reply(ok(&answer(body, sent)))).0.build().unwrap();
        client.history(Traffic::series(days()).interval(interval::Day)).zone(TimeZone::get("Europe/Oslo").unwrap()).fetch().await
    };
    let step = history(|body, sent| chart(body, if sent == 2 { "1h" } else { "1d" }, "Europe/Oslo", &["in"])).await.unwrap_err();
    assert!(step.to_string().contains("`step`: expected the interval `1d`, which was asked for, found `1h`"), "{step}");
    assert_eq!((step.history.parts, step.missing.len(), step.history.requests), (2, 1, 3));
    let zone = history(|body, sent| chart(body, "1d", if sent == 1 { "UTC" } else { "Europe/Oslo" }, &["in"])).await.unwrap_err();
    assert!(zone.to_string().contains("`clock`: expected the zone `Europe/Oslo` of the parts before, found `UTC`"), "{zone}");
    let double = history(|body, sent| {
        let mut chart = chart(body, "1d", "Europe/Oslo", &["in"]);
        if sent == 3 {
            chart["marks"] = json!(["2023-08-20T00:00:00+02:00"]);
        }
        chart
    });
    assert!(double.await.unwrap_err().to_string().contains("`marks.0`: expected buckets from"));
    // Series that their labels do not tell apart.
    let alike = history(|body, _| chart(body, "1d", "Europe/Oslo", &["in", "out", "in"])).await.unwrap();
    assert!(alike.warnings().any(|warning| warning.evidence.contains("several series have the same label")));
    let alike = alike.chart().unwrap();
    assert_eq!(alike.series.iter().map(|series| series.values.iter().flatten().count()).collect::<Vec<_>>(), [6, 6, 6]);
    // A series that some parts lack has no values there.
    let some =
        history(|body, sent| chart(body, "1d", "Europe/Oslo", if sent % 2 == 0 { &["in"] } else { &["out"] })).await.unwrap();
    let some = some.chart().unwrap();
    let values = |index: usize| some.series[index].values.iter().map(|value| value.is_some()).collect::<Vec<_>>();
    assert_eq!(
        (values(0), values(1)),
        (vec![true, false, true, false, true, false], vec![false, true, false, true, false, true])
    );
}

#[tokio::test]
async fn a_refusal_of_a_later_part_blames_no_assumption_that_earlier_parts_proved() {
    for answered in 0..3 {
        let (client, _) = scripted(move |body, sent| {
            let refusal =
                HttpResponse::new(422).body(json!({"message": "x", "problems": {"what": [{"code": "odd"}]}}).to_string());
            Step::Reply(if sent < answered { ok(&chart(body, "1d", "Europe/Oslo", &["in"])) } else { refusal })
        });
        let partial = client.build().unwrap().history(Traffic::series(days())).fetch().await.unwrap_err();
        let blamed: &[&str] = if answered == 0 { &["series-path"] } else { &[] };
        assert_eq!(stub::ids(&partial.error), blamed, "{partial}");
    }
}

/// The history of many customers, each of whose batches has this value.
async fn merged(batches: usize, value: fn(usize) -> Value) -> History<traffic::Label> {
    let (client, _) = scripted(move |body, sent| {
        let mut chart = chart(body, "1d", "Europe/Oslo", &["in"]);
        chart["lines"][0]["heights"] = json!([value(sent)]);
        Step::Reply(ok(&chart))
    });
    let week = range("2024-06-01T00:00:00+02:00", "2024-06-07T00:00:00+02:00");
    let customers = Customers::ids(1..=3 * i64::try_from(batches).unwrap());
    client.build().unwrap().history(Traffic::series(week)).customers(customers).fetch().await.unwrap()
}

#[tokio::test]
async fn customers_are_merged_only_if_the_sums_are_exact() {
    let tenths = merged(34, |_| json!(0.1)).await;
    assert_eq!(tenths.chart().unwrap().series[0].values[0].map(|sum| sum.to_string()), Some("3.4".to_owned()));
    for value in [
        |sent| if sent == 0 { json!(9_007_199_254_740_993_i64) } else { json!(0.5) },
        |sent| if sent == 0 { json!(i64::MAX) } else { json!(1) },
        |_| json!(1e308),
    ] {
        let apart = merged(2, value).await;
        assert_eq!((apart.unmerged, apart.charts.len()), (Some(Unmerged::NotExact), 2));
        let values: Vec<String> =
            apart.charts.iter().flat_map(|one| one.chart.points()).map(|point| json!(point.value).to_string()).collect();
        assert_eq!(values, [value(0), value(1)].map(|value| value.to_string()), "each is as it was sent");
    }
}

#[tokio::test]
async fn a_zone_that_is_not_known_here_is_asked_of_the_caller() {
    let (client, log) = scripted(|body, _| Step::Reply(ok(&chart(body, "1d", "Port/Royal", &["in"]))));
    let client = client.build().unwrap();
    let error = client.history(Traffic::series(days()).interval(interval::Day)).fetch().await.unwrap_err();
    assert!(error.to_string().contains("`Port/Royal`") && error.to_string().contains("set `zone`"), "{error}");
    // The end of the range was asked for.
    let body = log.lock().unwrap()[0].1.clone();
    assert_eq!((&body["since"], &body["until"]), (&json!("2024-04-18T00:00:00.000+02:00"), &json!("2024-06-15T00:00:00+02:00")));
    // The caller knows best; the charts say what they say.
    let told = client.history(Traffic::series(days()).interval(interval::Day)).zone(TimeZone::get("Europe/Oslo").unwrap());
    let told = told.fetch().await.unwrap();
    assert!(told.warnings().any(|warning| warning.evidence.contains("`Port/Royal`")) && told.parts == 6);
    // A single request needs no zone.
    let week = range("2024-06-01T00:00:00Z", "2024-06-07T00:00:00Z");
    let history = client.history(Traffic::series(week).interval(interval::Day)).fetch().await.unwrap();
    assert_eq!((history.requests, history.charts[0].zone_from), (1, ZoneSource::Chart));
}

#[tokio::test]
async fn an_automatic_interval_is_chosen_once_for_the_whole_range() {
    let api = api();
    let client = client_of(InProcess(Arc::clone(&api)));
    let query = find_report("traffic").unwrap().series(days()).unwrap().interval("choose");
    let history = client.history(query).fetch().await.unwrap();
    assert_eq!(history.interval, "1d");
    assert!(api.requests().iter().all(|request| request.body.as_ref().unwrap()["step"] == "1d"));
    assert_eq!(points(&[&client.history(Traffic::series(days())).fetch().await.unwrap().chart().unwrap()]).len(), {
        let chart: Chart<JsonRow> = history.chart().unwrap();
        chart.points().filter(|point| point.value.is_some()).count()
    });
}

#[tokio::test]
async fn too_many_parts_are_refused_before_anything_is_sent() {
    let api = api();
    let client = client_of(InProcess(Arc::clone(&api)));
    let query = Fog::series(range("2024-06-14T00:00:00Z", "2034-06-14T00:00:00Z")).interval(interval::Minutes10);
    let error = client.history(query).fetch().await.unwrap_err();
    assert!(error.to_string().contains("needs more than 1000 requests at the interval `10m`"), "{error}");
    assert_eq!(api.requests().len(), 0);
}

#[tokio::test]
async fn parts_get_shorter_where_there_is_much_and_longer_again_where_there_is_little() {
    let days = range("2023-08-20T00:00:00Z", "2024-06-14T23:00:00Z");
    // 3 data points a day for half a year, and then none.
    let (builder, log) = scripted(move |body, _| {
        let at = |key: &str| body[key].as_str().unwrap().parse::<Moment>().unwrap().instant();
        let much = days.from.instant() + SignedDuration::from_hours(24 * 180);
        let counted = at("until").min(much).duration_since(at("since")).as_hours().max(0) / 8;
        let marks = json!([body["since"]]);
        Step::Reply(ok(&json!({"step": "1d", "clock": "UTC", "marks": marks, "lines": [], "count": counted.min(40)})))
    });
    let query = builder.build().unwrap().history(Traffic::series(days).interval(interval::Day)).zone(TimeZone::UTC);
    let history = query.fetch().await.unwrap();
    assert!(history.is_complete());
    let lengths: Vec<i64> = log
        .lock()
        .unwrap()
        .iter()
        .map(|(_, body)| {
            let at = |key: &str| body[key].as_str().unwrap().parse::<Moment>().unwrap().instant();
            at("until").duration_since(at("since")).as_hours() / 24 + 1
        })
        .collect();
    let expected = [59, 30, 15, 8, 7, 10, 5, 10, 10, 9, 10, 10, 10, 10, 10, 10, 10, 10, 10, 10, 10, 10, 10, 50, 60, 1];
    assert_eq!(lengths, expected, "the parts of 60 days are cut again where they must be");
    assert_eq!(history.further_splits, 3);
}

#[tokio::test]
async fn customers_are_merged_only_if_the_report_says_that_figures_add() {
    let client = client_of(InProcess(api()));
    let week = range("2024-06-01T00:00:00Z", "2024-06-14T00:00:00Z");
    let nine = || Customers::ids((1..=9).chain([4, 1]));
    let adds = client.history(Traffic::series(week).interval(interval::Day)).customers(nine()).fetch().await.unwrap();
    assert_eq!((adds.requests, adds.unmerged, adds.charts.len()), (3, None, 1));
    assert_eq!(adds.charts[0].customers, Customers::ids(1..=9));
    // 15 minutes, by the report's page.
    assert_eq!(adds.settled_until, Some("2024-06-15T11:45:00.000Z".parse::<Moment>().unwrap()));
    let never = client.history(Swell::series(week).interval(interval::Day)).customers(nine()).fetch().await.unwrap();
    assert_eq!((never.unmerged, never.charts.len()), (Some(Unmerged::DoNotAdd), 3));
    assert_eq!(never.charts[1].customers, Customers::ids(4..=6));
    let refused = never.chart().unwrap_err().to_string();
    assert_eq!(
        refused,
        "history: 3 charts of different customers cannot be merged, because their figures do not add over customers; use `charts`"
    );
    // That is only assumed.
    let assumed = client.history(Craning::series(week).interval(interval::Day)).customers(nine()).fetch().await.unwrap();
    assert_eq!((assumed.unmerged, assumed.settled_until), (Some(Unmerged::NotKnownToAdd), None));
    // Ids beyond one request are only for histories.
    assert!(client.with_customers(nine()).unwrap_err().to_string().contains("`history` takes any number"));
    let batches = client.customer_batches((1..=9).chain([4, 1]));
    assert_eq!(batches, [Customers::ids(1..=3), Customers::ids(4..=6), Customers::ids(7..=9)]);
}

#[tokio::test]
async fn customers_of_several_zones_are_asked_one_by_one_and_all_stay_local() {
    let simulator = simulator(60, 100_000, 4).seed(3).rows(80).customers(1..=3).clock(now).customer_zone(2, "America/Denver");
    let api = Arc::new(simulator.build().unwrap());
    let client = client_of(InProcess(Arc::clone(&api)));
    let query = || client.history(Traffic::series(days()).interval(interval::Day));
    let each = query().customers(Customers::ids(1..=3)).fetch().await.unwrap();
    assert_eq!((each.charts.len(), each.unmerged), (3, Some(Unmerged::Zones)));
    assert_eq!(
        each.charts.iter().map(|one| &*one.chart.range_zone).collect::<Vec<_>>(),
        ["Europe/Oslo", "America/Denver", "Europe/Oslo"]
    );
    // One probe for all three.
    assert_eq!((each.probes, each.requests, api.requests().len()), (1, 1 + 18, 19));
    let told = query().customers(Customers::ids(1..=3)).zone(TimeZone::get("Europe/Oslo").unwrap()).fetch().await.unwrap();
    assert_eq!((told.charts.len(), told.probes), (3, 1), "a zone is not that of all three");
    let wrong = query().customers(Customers::ids([1, 2, 3, 0])).fetch().await.unwrap_err();
    assert!(wrong.to_string().contains("`0` is not a customer id") && wrong.history.requests == 0, "{wrong}");
    let all = query().customers(Customers::all()).zone(TimeZone::get("Europe/Oslo").unwrap()).fetch().await.unwrap();
    assert_eq!(all.charts[0].zone_from, ZoneSource::Chart);
    assert!(matches!(&all.chart().unwrap().buckets, Buckets::Local(buckets) if buckets.len() > 60));
}

#[test]
fn the_blocking_client_has_the_same_histories() {
    let server = simulator(60, 100_000, 4).seed(3).rows(80).customers(1..=9).clock(now).start().unwrap();
    let builder = harbour_api::blocking::Client::builder().base_url(server.url()).token(stub::TOKEN).customers(1).clock(now);
    let history = builder.build().unwrap().history(Traffic::series(days()).interval(interval::Day)).fetch().unwrap();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let client = client_of(InProcess(api()));
    let same = runtime.block_on(client.history(Traffic::series(days()).interval(interval::Day)).fetch()).unwrap();
    assert_eq!(points(&[&history.chart().unwrap()]), points(&[&same.chart().unwrap()]));
}
