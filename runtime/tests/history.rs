//! Histories against what a server without limits answers in one request. `HISTORY_SEEDS=10000` tries more of them.

#[path = "../../tests/support/random.rs"]
mod random;
#[path = "stub/simulated.rs"]
mod simulated;
mod stub;

use std::collections::BTreeMap;
use std::sync::Arc;

use harbour_api::berths::Row;
use harbour_api::jiff::{SignedDuration, Timestamp, tz::TimeZone};
use harbour_api::{
    Chart, Client, Customers, History, HistoryChart, Json, JsonRow, JsonTimeseries, Moment, RetryPolicy, TimeRange, Unmerged,
    ZoneSource, find_report,
};
use placewise_simulator::{FaultPlan, Request, SimulatedApi, Simulator};
use random::Random;
use serde_json::json;
use simulated::{InProcess, simulator};

/// Zones, and times shortly after their clocks changed.
const ZONES: [(&str, &[&str]); 8] = [
    ("Europe/Oslo", &["2024-03-31T01:00:00Z", "2024-10-27T01:00:00Z"]),
    ("America/St_Johns", &["2024-03-10T05:30:00Z", "2024-11-03T04:30:00Z"]),
    ("Australia/Lord_Howe", &["2024-04-06T15:00:00Z", "2024-10-05T15:30:00Z"]),
    ("America/Santiago", &["2024-04-07T03:00:00Z", "2024-09-08T04:00:00Z"]),
    ("Africa/Cairo", &["2024-04-25T22:00:00Z", "2024-10-31T21:00:00Z"]),
    ("Antarctica/Troll", &["2024-03-31T01:00:00Z", "2024-10-27T01:00:00Z"]),
    ("Asia/Kathmandu", &["2024-06-15T12:00:00Z"]),
    ("UTC", &["2024-06-15T12:00:00Z"]),
];

/// One random history: what there is, and what is asked.
struct Case {
    seed: u64,
    random: Random,
    now: Timestamp,
    zones: Vec<&'static str>,
    customers: Customers,
    report: &'static str,
    aggregation: Option<&'static str>,
    interval: &'static str,
    range: TimeRange,
    rows: usize,
    near: Option<Vec<Json>>,
}

impl Case {
    fn new(seed: u64) -> Self {
        let mut random = Random(seed);
        let (zone, changes) = random.pick(&ZONES);
        let change: Timestamp = random.pick(changes).parse().unwrap();
        // Intervals, with the seconds that they retain and that a bucket has.
        let (interval, retained, step) = random.pick(&[
            ("10m", 2 * 86_400, 600),
            ("1h", 30 * 86_400, 3600),
            ("1d", 365 * 86_400, 86_400),
            ("1w", 900 * 86_400, 604_800),
            ("1mo", 1500 * 86_400, 2_600_000),
        ]);
        let (report, aggregation) = match interval {
            "10m" | "1h" | "1d" => {
                random.pick(&[("traffic", None), ("traffic", Some("name")), ("traffic", Some("total")), ("craning", None)])
            }
            _ => random.pick(&[("swell", None), ("craning", None)]),
        };
        let now = change + SignedDuration::from_secs(random.below(retained.min(40 * 86_400)));
        let longest = retained - 3 * 3600;
        let start = random.below(longest);
        let from = now - SignedDuration::from_secs(longest - start);
        let length = match random.below(4) {
            0 => 1 + random.below(step * 3),
            _ => 1 + random.below(longest - start + step),
        };
        let to = from + SignedDuration::from_secs(length.min(step * 1200));
        let aligned = |at: Timestamp, random: &mut Random| match random.below(3) {
            // Ends that lie exactly on buckets are the ones that go wrong.
            0 => Timestamp::from_second(at.as_second() - at.as_second().rem_euclid(1800)).unwrap(),
            1 => at.to_zoned_datetime(TimeZone::get(zone).unwrap()).start_of_day().unwrap().timestamp(),
            _ => at,
        };
        let offset = TimeZone::get(random.pick(&["UTC", zone, "Asia/Kolkata"])).unwrap();
        let moment = |at: Timestamp| Moment::from(at.to_zoned_datetime(offset.clone()));
        let (from, to) = (aligned(from, &mut random).max(from), aligned(to, &mut random));
        let to = if to > from { to } else { from + SignedDuration::from_secs(step) };
        let ids = 1 + random.below(9);
        let several = random.below(4) == 0;
        let zones = (0..ids).map(|_| if several { random.pick(&ZONES).0 } else { zone }).collect();
        let customers = match random.below(4) {
            0 => Customers::all(),
            1 => Customers::id(1 + random.below(ids)),
            _ => Customers::ids(1..=ids),
        };
        let rows = usize::try_from(random.pick(&[0, 5, 60])).unwrap();
        let near = (random.below(4) > 0).then(|| {
            // Rows whose events are in the range.
            let (from, to) = (from.as_second(), to.as_second().min(now.as_second()).max(from.as_second() + 1));
            // Many series in one bucket reach the limit of data points.
            let (names, to) = random.pick(&[(2, to), (90, to), (90, to.min(from + step))]);
            let example = serde_json::to_value(Row::example().wire()).unwrap();
            let row = |id| {
                let built = Timestamp::from_second(from + random.below(to - from)).unwrap();
                let mut row = example.clone();
                let name = random.below(names).to_string();
                for (key, value) in [
                    ("id", json!(id)),
                    ("harbour", json!(1 + random.below(ids))),
                    ("name", json!(name)),
                    ("built_at", json!(built.to_string())),
                    ("maybe", json!(1 + random.below(9))),
                ] {
                    row[key] = value;
                }
                row
            };
            (1..=100).map(row).collect()
        });
        let range = TimeRange { from: moment(from), to: moment(to) };
        Self { seed, random, now, zones, customers, report, aggregation, interval, range, rows, near }
    }

    fn fill(&self, simulator: Simulator) -> Arc<SimulatedApi> {
        let now = self.now;
        let ids = 1..=i64::try_from(self.zones.len()).unwrap();
        let mut simulator = simulator.seed(self.seed).rows(self.rows).customers(ids.clone()).clock(move || now);
        for (id, zone) in ids.zip(&self.zones) {
            simulator = simulator.customer_zone(id, *zone);
        }
        if let Some(rows) = &self.near {
            simulator = simulator.data("berths", rows.clone());
        }
        Arc::new(simulator.build().expect("a simulator"))
    }

    fn query(&self) -> JsonTimeseries {
        let query = find_report(self.report).unwrap().series(self.range).unwrap().interval(self.interval);
        match self.aggregation {
            Some(name) => query.aggregated_by(name).unwrap(),
            None => query,
        }
    }

    /// What a server without limits answers in one request.
    fn truth(&self, api: &SimulatedApi, customers: &str) -> Json {
        let Self { report, interval, range, aggregation, .. } = self;
        let mut body = json!({"what": report, "step": interval, "since": range.from.to_string(), "until": range.to.to_string()});
        if let Some(name) = aggregation {
            body["per"] = json!(name);
        }
        let reply = api.answer(
            &Request::post("/ask/series", &body)
                .header("X-Harbour", customers)
                .header("X-Token", stub::TOKEN)
                .header("X-Agent", "a")
                .header("X-Product", "p"),
        );
        assert_eq!(reply.status, 200, "{body} {:?}", reply.json());
        reply.json().unwrap()
    }
}

/// The values of a chart by label and bucket, the buckets, and the number of values.
type Figures = (Vec<String>, BTreeMap<String, Vec<Json>>, Json);

fn figures(chart: &Json) -> Figures {
    let marks = chart["marks"].as_array().unwrap().iter().map(|mark| mark.as_str().unwrap().to_owned()).collect();
    let mut lines = BTreeMap::new();
    for line in chart["lines"].as_array().unwrap() {
        // Whether JSON keeps the order of keys depends on who else builds it.
        let tag: BTreeMap<_, _> = line["tag"].as_object().unwrap().iter().collect();
        let before = lines.insert(format!("{tag:?} {}", line["own_clock"]), line["heights"].as_array().unwrap().clone());
        assert!(before.is_none(), "a series came twice");
    }
    (marks, lines, json!([chart["step"], chart["clock"], chart["count"]]))
}

/// The same without the buckets that a history cannot know.
fn known((marks, mut lines, head): Figures, unknown: &[String]) -> Figures {
    let keep: Vec<bool> = marks.iter().map(|mark| !unknown.contains(mark)).collect();
    for values in lines.values_mut() {
        let mut keep = keep.iter();
        values.retain(|_| *keep.next().unwrap());
    }
    lines.retain(|_, values| values.iter().any(|value| !value.is_null()));
    let head = if unknown.is_empty() { head } else { Json::Null };
    let mut keep = keep.iter();
    (marks.into_iter().filter(|_| *keep.next().unwrap()).collect(), lines, head)
}

fn json_of(chart: &Chart<JsonRow>) -> Json {
    serde_json::to_value(chart).unwrap()
}

/// The header that names the customers.
fn header(customers: &Customers) -> String {
    let text = format!("{customers:?}");
    let ids: Vec<&str> = text.split(|c: char| !c.is_ascii_digit()).filter(|id| !id.is_empty()).collect();
    if ids.is_empty() { "h=*".into() } else { format!("h={}", ids.join(",")) }
}

/// Checks one random history; returns what happened in it.
async fn check(seed: u64) -> Vec<&'static str> {
    let mut case = Case::new(seed);
    let faulty = case.random.below(2) == 0;
    let faults = if faulty { FaultPlan::random(seed, 20) } else { FaultPlan::default() };
    let api = case.fill(simulator(60, 40, 4).faults(faults));
    let whole = case.fill(simulator(1_000_000, 1_000_000, 1000));
    let now = case.now;
    let builder = Client::builder().base_url("http://127.0.0.1").token(stub::TOKEN).customers(1).clock(move || now);
    // Without retries, each fault stops the history.
    let resumes = faulty && case.random.below(2) == 0;
    let retry = if resumes { RetryPolicy::none() } else { RetryPolicy::standard() };
    let client = builder.retry(retry).transport(InProcess(Arc::clone(&api))).build().unwrap();
    let mut query = client.history(case.query()).customers(case.customers.clone());
    let one_zone = case.zones.iter().all(|zone| *zone == case.zones[0]);
    if one_zone && case.random.below(3) == 0 {
        query = query.zone(TimeZone::get(case.zones[0]).unwrap());
    }
    let context = format!(
        "seed {seed}: {} {:?} at {} over {}, {:?} of {:?}",
        case.report, case.aggregation, case.interval, case.range, case.customers, case.zones
    );
    let (mut answer, mut resumed) = (query.fetch().await, 0);
    while let Err(partial) = answer {
        resumed += 1;
        assert!(resumes && resumed <= 20, "{context}: {partial}");
        answer = client.history(case.query()).resume_from(partial).fetch().await;
    }
    let history: History<JsonRow> = answer.unwrap();
    let (tokens, spent) = (history.meta.tokens.unwrap(), i64::try_from(api.spent()).unwrap());
    // A response that broke, or a refusal without the headers, does not tell what it cost.
    assert!(if faulty { tokens <= spent } else { tokens == spent }, "{context}: {tokens} of {spent}");
    assert_eq!(usize::try_from(history.meta.tries).unwrap(), api.requests().len(), "{context}");
    assert!(faulty || history.requests == history.meta.tries, "{context}");
    let answered = history.parts + history.further_splits + history.probes;
    assert_eq!(history.requests, answered + resumed, "{context}: each request is a part, a split part, a probe or a failure");
    assert_eq!(history.clipped, None);
    let mut ids = Vec::new();
    for HistoryChart { customers, chart, incomplete, .. } in &history.charts {
        assert_eq!(chart.complete, incomplete.is_empty(), "{context}");
        assert!(chart.warnings().is_empty(), "{context}: {:?}", chart.warnings());
        let truth = case.truth(&whole, &header(customers));
        // A local bucket starts at its time as if it were UTC.
        let local = chart.range_zone == "everywhere";
        let unknown: Vec<String> = incomplete.iter().map(|start| format!("{:.3}", start.civil())).collect();
        let unknown: Vec<String> = truth["marks"]
            .as_array()
            .unwrap()
            .iter()
            .filter_map(|mark| mark.as_str())
            .filter(|mark| {
                incomplete.iter().any(|start| {
                    if local {
                        unknown.contains(&(*mark).to_owned())
                    } else {
                        mark.parse::<Moment>().unwrap().instant() == start.instant()
                    }
                })
            })
            .map(str::to_owned)
            .collect();
        assert_eq!(unknown.len(), incomplete.len(), "{context}");
        assert_eq!(known(figures(&json_of(chart)), &unknown), known(figures(&truth), &unknown), "{context}");
        ids.extend(header(customers)[2..].split(',').map(str::to_owned));
    }
    assert_eq!(format!("h={}", ids.join(",")), header(&case.customers), "{context}: each customer once");
    assert_eq!(history.unmerged.is_some(), history.charts.len() > 1, "{context}");
    let any = |of: fn(&HistoryChart<JsonRow>) -> bool| history.charts.iter().any(of);
    let values = any(|one| one.chart.points().any(|point| point.value.is_some()));
    let met = [
        ("values", values),
        ("many parts", values && history.parts > 3),
        ("a further split", history.further_splits > 0),
        ("an incomplete bucket", !history.is_complete()),
        ("a probe", history.probes > 0),
        ("a zone given", any(|one| one.zone_from == ZoneSource::Caller)),
        ("local buckets", any(|one| one.chart.range_zone == "everywhere" && !one.chart.buckets.is_empty())),
        ("one by one", history.unmerged == Some(Unmerged::Zones)),
        ("merged", history.unmerged.is_none() && history.charts.iter().any(|one| header(&one.customers).split(',').count() > 3)),
        ("faults", history.requests < history.meta.tries),
        ("a resumed history", resumed > 1 && values),
        ("unmerged", history.unmerged == Some(Unmerged::NotKnownToAdd)),
    ];
    met.into_iter().filter(|(_, met)| *met).map(|(what, _)| what).collect()
}

#[tokio::test(start_paused = true)]
async fn a_history_is_what_one_request_without_limits_would_return() {
    let seeds = std::env::var("HISTORY_SEEDS").ok().and_then(|text| text.parse().ok()).unwrap_or(100);
    let mut met: BTreeMap<&str, usize> = BTreeMap::new();
    for seed in 0..seeds {
        for what in check(seed).await {
            *met.entry(what).or_default() += 1;
        }
    }
    eprintln!("{met:?}");
    assert_eq!(met.len(), 12, "too few kinds of histories: {met:?}");
}
