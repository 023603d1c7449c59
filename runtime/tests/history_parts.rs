//! Responses of a history that another process goes on with.

#[path = "stub/simulated.rs"]
mod simulated;
mod stub;

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use harbour_api::jiff::Timestamp;
use harbour_api::{
    Client, Customers, History, HistoryPart, JsonRow, JsonTimeseries, RateLimiter, RetryPolicy, TimeRange, find_report,
};
use placewise_simulator::{SimulatedApi, Simulator};
use proptest::prelude::*;
use simulated::{Failing, InProcess, simulator};

fn now() -> Timestamp {
    stub::NOW.parse().unwrap()
}

/// What a history is asked for, and of whom.
struct Case {
    api: fn() -> Simulator,
    from: &'static str,
    clip: bool,
    customers: i64,
}

impl Case {
    fn api(&self) -> Arc<SimulatedApi> {
        Arc::new((self.api)().seed(3).customers(1..=9).clock(now).build().unwrap())
    }

    fn query(&self) -> JsonTimeseries {
        let range = TimeRange { from: self.from.parse().unwrap(), to: "2024-06-15T00:00:00+02:00".parse().unwrap() };
        find_report("traffic").unwrap().series(range).unwrap().interval("1d").aggregated_by("name").unwrap()
    }

    /// The history, with what it kept. The server answers only so many requests.
    async fn fetch(
        &self,
        api: &Arc<SimulatedApi>,
        left: usize,
        time: Timestamp,
        known: &[String],
    ) -> (Option<History<JsonRow>>, Vec<String>) {
        let client = Client::builder().base_url("http://127.0.0.1").token(stub::TOKEN).customers(1).clock(move || time);
        let client = client
            .retry(RetryPolicy::none())
            .rate_limiter(RateLimiter::disabled())
            .transport(Failing { api: InProcess(Arc::clone(api)), left: left.into() });
        let kept = Arc::new(Mutex::new(Vec::new()));
        let keep = Arc::clone(&kept);
        let query = client.build().unwrap().history(self.query()).customers(Customers::ids(1..=self.customers));
        let query = if self.clip { query.clip_to_retention() } else { query };
        let known: Vec<HistoryPart> = known.iter().map(|line| HistoryPart::from_json(line).unwrap()).collect();
        let query = query.resume_with(known).on_part(move |part| keep.lock().unwrap().push(part.to_json()));
        let mut history = query.fetch().await.ok();
        // The bucket goes on filling.
        history.iter_mut().flat_map(|history| &mut history.charts).for_each(|one| one.chart.rate = None);
        let kept = kept.lock().unwrap().clone();
        (history, kept)
    }
}

const YEAR: &str = "2023-08-20T00:00:00+02:00";

#[tokio::test]
async fn a_history_stopped_at_any_request_becomes_what_an_unbroken_one_is() {
    let plain = || simulator(60, 100_000, 4).rows(120);
    let cases = [
        Case { api: plain, from: YEAR, clip: false, customers: 1 },
        // Parts are split further.
        Case { api: || simulator(60, 40, 4).rows(2000), from: YEAR, clip: false, customers: 1 },
        // Several batches of customers, added up.
        Case { api: plain, from: YEAR, clip: false, customers: 7 },
        // Customers of several zones, asked one by one.
        Case { api: || simulator(60, 100_000, 4).rows(120).customer_zone(2, "UTC"), from: YEAR, clip: false, customers: 4 },
        Case { api: plain, from: "2022-01-01T00:00:00+02:00", clip: true, customers: 1 },
    ];
    for (number, case) in cases.iter().enumerate() {
        let (whole, lines) = case.fetch(&case.api(), usize::MAX, now(), &[]).await;
        let whole = whole.unwrap();
        let met = (whole.further_splits > 0, whole.charts.len(), whole.unmerged.is_some(), whole.clipped.is_some());
        let expected = [(false, 1, false, false), (true, 1, false, false), (false, 1, false, false), (false, 4, true, false)];
        assert_eq!(met, expected.get(number).copied().unwrap_or((false, 1, false, true)), "{number}");
        let requests = usize::try_from(whole.requests).unwrap();
        assert_eq!(lines.len(), requests, "{number}: each request is kept once");
        assert!(lines.iter().all(|line| !line.contains('\n') && !line.contains(stub::TOKEN)), "{number}");
        for answered in (0..=requests).step_by(1 + requests / 8) {
            let api = case.api();
            let (_, mut kept) = case.fetch(&api, answered, now(), &[]).await;
            assert_eq!(kept.len(), answered, "{number}");
            // What is settled counts from when the history began too.
            let later = if answered == 0 { now() } else { "2024-06-15T18:00:00Z".parse().unwrap() };
            let (history, more) = case.fetch(&api, usize::MAX, later, &kept).await;
            assert!(history.unwrap() == whole, "{number}: after {answered} of {requests}");
            kept.extend(more);
            assert_eq!((api.requests().len(), kept.len()), (requests, requests), "{number}: nothing is fetched twice");
        }
    }
}

#[tokio::test]
async fn what_is_retained_counts_from_when_the_history_began() {
    let case = Case { api: || simulator(60, 100_000, 4), from: "2022-01-01T00:00:00+02:00", clip: true, customers: 1 };
    let api = case.api();
    let (whole, kept) = case.fetch(&api, usize::MAX, now(), &[]).await;
    let sent = api.requests().len();
    let two_days_later = "2024-06-17T12:00:00Z".parse().unwrap();
    let (again, _) = case.fetch(&api, usize::MAX, two_days_later, &kept).await;
    assert!(again == whole && api.requests().len() == sent);
}

#[tokio::test]
async fn parts_of_another_history_are_ignored() {
    let case = |customers| Case { api: || simulator(60, 100_000, 4), from: YEAR, clip: false, customers };
    let (_, of_two) = case(2).fetch(&case(2).api(), usize::MAX, now(), &[]).await;
    let api = case(1).api();
    let (history, kept) = case(1).fetch(&api, usize::MAX, now(), &of_two).await;
    assert_eq!((api.requests().len(), kept.len()), (of_two.len(), of_two.len()));
    assert!(history.is_some());
}

#[tokio::test]
async fn a_response_that_does_not_belong_to_the_others_is_not_kept() {
    let (builder, _) = stub::scripted(|body, sent| {
        let step = if sent < 2 { "1d" } else { "1h" };
        let clock = if sent < 1 { "Europe/Oslo" } else { "UTC" };
        stub::Step::Reply(stub::ok(&serde_json::json!({"step": step, "clock": clock, "marks": [body["since"]], "lines": []})))
    });
    let kept = Arc::new(AtomicUsize::new(0));
    let keep = Arc::clone(&kept);
    let query = Case { api: || simulator(60, 1, 4), from: YEAR, clip: false, customers: 1 }.query();
    let query = builder.build().unwrap().history(query).on_part(move |_| {
        keep.fetch_add(1, Ordering::Relaxed);
    });
    let partial = query.fetch().await.unwrap_err();
    assert!(partial.error.is_decode(), "{partial}");
    assert_eq!(kept.load(Ordering::Relaxed), 1, "only the end, which told the zone");
}

#[test]
fn a_text_that_is_no_part_is_an_error_and_not_shown() {
    let good = r#"{"version":1,"started":"2024-06-15T12:00:00Z","request":"r","response":"b","rate":null,
        "meta":{"tries":1,"waited":0,"held":0,"bytes":1}}"#;
    let part = HistoryPart::from_json(good).unwrap();
    assert_eq!((part.meta().tries, part.meta().tokens), (1, None));
    assert!(!format!("{part:?}").contains("\"b\""));
    for (from, to, said) in [
        ("\"version\":1", "\"version\":2", "expected the version 1, found 2"),
        ("\"version\":1", "\"ver\":1", "found null"),
        ("\"tries\":1", "\"tries\":-1", "a key is missing"),
        ("2024-06", "2024-66", "a key is missing"),
        ("\"response\"", "\"responds\"", "a key is missing"),
        ("{\"version\"", "{{\"version\"", "no part of a history"),
    ] {
        let error = HistoryPart::from_json(&good.replacen(from, to, 1)).unwrap_err();
        assert!(error.is_configuration() && error.to_string().contains(said), "{to}: {error}");
    }
}

proptest! {
    #[test]
    fn a_part_is_the_same_after_its_json(
        (tries, tokens, waited) in (any::<u32>(), any::<Option<i64>>(), any::<u64>()),
        (request, response, bucket) in (any::<String>(), any::<String>(), any::<Option<String>>()),
        (status, cost, bytes) in (any::<Option<u16>>(), any::<Option<i64>>(), any::<u64>()),
    ) {
        let json = serde_json::json!({
            "version": 1, "started": "2024-06-15T12:00:00.123456789Z", "request": request, "response": response,
            "rate": { "bucket": bucket, "remaining": cost, "cost": cost },
            "meta": {
                "tries": tries, "tokens": tokens, "bucket": bucket, "waited": waited, "held": waited, "request_id": bucket,
                "status": status, "server_time": "2024-06-15T12:00:00Z", "bytes": bytes,
            },
        });
        let part = HistoryPart::from_json(&json.to_string()).unwrap();
        let again = serde_json::from_str::<serde_json::Value>(&part.to_json()).unwrap();
        prop_assert_eq!(&again, &json);
        prop_assert_eq!(HistoryPart::from_json(&part.to_json()).unwrap(), part);
    }
}
