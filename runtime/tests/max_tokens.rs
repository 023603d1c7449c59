//! The calls of a client stop before they pass its maximum of tokens, whoever sends them.

#[path = "stub/simulated.rs"]
mod simulated;
mod stub;

use std::sync::Arc;
use std::time::Duration;

use harbour_api::jiff::Timestamp;
use harbour_api::{
    Berths, Client, Customers, Error, GaveUp, HttpResponse, JsonRow, JsonTimeseries, RateLimiter, RetryPolicy, TimeRange,
    TransportKind, blocking, find_report,
};
use placewise_simulator::SimulatedApi;
use serde_json::json;
use simulated::{InProcess, simulator};
use stub::{Log, Step, ok, scripted};
use tokio::time::sleep;

/// A page of one row whose request was charged so many tokens, if the server says it.
fn page(charged: Option<i64>, next: Option<&str>) -> HttpResponse {
    let page = ok(&json!({"lines": [{"berths": 1}], "more": {"at": next}}));
    charged.into_iter().fold(page, |page, charged| page.header("x-cost", &charged.to_string()))
}

/// Endless pages.
fn endless(charged: Option<i64>) -> (Client, Log) {
    let (builder, log) = scripted(move |_, sent| Step::Reply(page(charged, Some(&sent.to_string()))));
    (builder.rate_limiter(RateLimiter::disabled()).build().unwrap(), log)
}

fn sent(log: &Log) -> usize {
    log.lock().unwrap().len()
}

fn cost(client: &Client) -> u64 {
    client.cost(&Berths::by_kind()).unwrap().into()
}

#[track_caller]
fn used_up(error: &Error) -> (u64, u64, Option<u32>) {
    let Error::MaxTokens { most, spent, cost, meta, .. } = error else { panic!("{error}") };
    assert_eq!(meta.tries, 0, "it was not sent");
    (*most, *spent, *cost)
}

#[tokio::test(start_paused = true)]
async fn a_stream_stops_before_the_maximum_and_says_where_to_go_on() {
    for ahead in [0, 1, 7] {
        for most in 0..25 {
            let (client, log) = endless(Some(4));
            let cost = cost(&client);
            let pages = most / cost;
            let within = client.with_max_tokens(most);
            let mut rows = within.stream(Berths::by_kind()).prefetch(ahead);
            let mut taken = 0;
            let error = loop {
                match rows.try_next_page().await {
                    Ok(page) => taken += page.expect("endless").len(),
                    Err(error) => break error,
                }
            };
            assert_eq!((taken as u64, sent(&log) as u64), (pages, pages), "{most}, {ahead} ahead");
            assert_eq!(used_up(&error), (most, pages * cost, u32::try_from(cost).ok()));
            assert_eq!(within.tokens_left(), Some(most - pages * cost));
            let cursor = pages.checked_sub(1).map(|page| page.to_string());
            assert_eq!((rows.cursor(), error.cursor()), (cursor.as_deref(), cursor.as_deref()));
            assert!(!error.is_retryable() && error.to_string().contains("go on with a higher maximum"), "{error}");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_try_counts_in_full_unless_it_is_known_to_cost_less() {
    let tries = |failure: fn() -> Step| async move {
        let (builder, log) = scripted(move |_, _| failure());
        let client = builder.retry(RetryPolicy::standard().max_tries(10)).read_timeout(Duration::from_secs(1)).build().unwrap();
        let client = client.with_max_tokens(3 * cost(&client) + 1);
        let error = client.fetch(Berths::by_kind()).await.unwrap_err();
        (sent(&log), client.tokens_left().unwrap(), error.meta().unwrap().gave_up)
    };
    let max_tokens = Some(GaveUp::MaxTokens);
    assert_eq!(tries(|| stub::refused(503, "", "")).await, (3, 1, max_tokens), "nobody says what it cost");
    assert_eq!(tries(|| Step::Silence).await, (3, 1, max_tokens), "no answer");
    assert_eq!(tries(|| stub::refused(429, "retry-after", "1")).await, (3, 1, max_tokens), "a refusal without a charge");
    assert_eq!(tries(|| stub::refused(503, "x-cost", "6")).await, (2, 1, max_tokens), "more than calculated");
    assert_eq!(tries(|| stub::refused(503, "x-cost", "0")).await.0, 10, "charged nothing");
    assert_eq!(tries(|| Step::Fault(TransportKind::Connect)).await, (10, 13, Some(GaveUp::Tries)), "never sent");
}

#[tokio::test]
async fn what_the_server_charges_counts_more_than_what_was_calculated() {
    let (client, log) = endless(Some(10));
    let within = client.with_max_tokens(27);
    let partial = within.collect_all(Berths::by_kind()).await.unwrap_err();
    assert_eq!((used_up(&partial.error), sent(&log)), ((27, 20, Some(10)), 2));
    // A cheaper one may go on, but is never trusted to stay as cheap as a page was.
    let (client, log) = endless(Some(1));
    let within = client.with_max_tokens(10);
    let partial = within.collect_all(Berths::by_kind()).await.unwrap_err();
    assert_eq!((used_up(&partial.error), sent(&log)), ((10, 7, Some(4)), 7));
    // What no calculation foresaw can pass the maximum once, and never again.
    let (client, log) = endless(Some(1000));
    let within = client.with_max_tokens(10);
    assert!(within.collect_all(Berths::by_kind()).await.is_err_and(|partial| used_up(&partial.error).1 == 1000));
    assert!(within.fetch(Berths::by_kind()).await.is_err() && sent(&log) == 1);
}

#[tokio::test]
async fn an_unknown_cost_is_learned_from_one_request_and_never_zero() {
    let unknown = || find_report("quays").unwrap().records().unwrap();
    let run = |charged: Option<i64>, most: u64| async move {
        let (client, log) = endless(charged);
        assert_eq!(client.cost(&unknown()), None);
        let partial = client.with_max_tokens(most).collect_all(unknown()).await.unwrap_err();
        (used_up(&partial.error), sent(&log))
    };
    assert_eq!(run(Some(5), 17).await, ((17, 15, Some(5)), 3));
    assert_eq!(run(Some(5), 0).await, ((0, 0, None), 0));
    assert_eq!(run(None, 17).await, ((17, 17, None), 1), "it may have cost all that was left");
}

#[tokio::test(start_paused = true)]
async fn calls_at_the_same_time_share_the_maximum() {
    for (charged, answered) in [(Some(4), 2), (None, 2), (Some(1), 4)] {
        let (builder, log) = scripted(move |_, _| Step::After(Duration::from_secs(1), page(charged, None)));
        let client = builder.rate_limiter(RateLimiter::disabled()).build().unwrap();
        let client = client.with_max_tokens(2 * cost(&client));
        // The same client for other customers spends of the same maximum.
        let calls = (1..=4).map(|id| client.with_customers(id).unwrap());
        let calls = calls.map(|client| async move { client.fetch(Berths::by_kind()).await });
        let answers = futures_util::future::join_all(calls).await;
        let (good, refused): (Vec<_>, Vec<_>) = answers.into_iter().partition(Result::is_ok);
        assert_eq!((good.len(), sent(&log)), (answered, answered), "{charged:?}");
        assert!(refused.iter().all(|refused| matches!(refused, Err(Error::MaxTokens { .. }))));
    }
}

#[tokio::test(start_paused = true)]
async fn a_call_waits_for_another_only_as_long_as_it_may() {
    let (builder, _) = scripted(|_, _| Step::Silence);
    let client = builder.rate_limiter(RateLimiter::disabled()).timeout(Duration::from_secs(30)).build().unwrap();
    let cost = cost(&client);
    let client = client.with_max_tokens(cost);
    let other = client.clone().with_timeout(Duration::from_secs(500));
    let other = tokio::spawn(async move { other.fetch(Berths::by_kind()).await });
    sleep(Duration::from_secs(1)).await;
    let start = tokio::time::Instant::now();
    let error = client.fetch(Berths::by_kind()).await.unwrap_err();
    assert_eq!((used_up(&error), start.elapsed()), ((cost, cost, u32::try_from(cost).ok()), Duration::from_secs(30)));
    // A call that is dropped was perhaps charged.
    other.abort();
    assert!(other.await.is_err());
    assert_eq!(client.tokens_left(), Some(0));
    assert!(client.fetch(Berths::by_kind()).await.is_err());
}

#[tokio::test(start_paused = true)]
async fn a_call_that_is_dropped_before_it_is_sent_spends_nothing() {
    // The server refuses, so the limiter holds the next call.
    let (builder, log) = scripted(|_, _| stub::refused(429, "retry-after", "30"));
    let client = builder.max_rate_limit_wait(Duration::ZERO).build().unwrap();
    assert!(client.fetch(Berths::by_kind()).await.is_err());
    let within = client.with_max_rate_limit_wait(Duration::from_secs(60)).with_max_tokens(100);
    let held = within.clone();
    let held = tokio::spawn(async move { held.fetch(Berths::by_kind()).await });
    sleep(Duration::from_secs(1)).await;
    assert_eq!(within.tokens_left(), Some(100 - cost(&client)), "reserved");
    held.abort();
    assert!(held.await.is_err());
    assert_eq!((within.tokens_left(), sent(&log)), (Some(100), 1));
}

fn now() -> Timestamp {
    stub::NOW.parse().unwrap()
}

/// Many series, so that parts are split further.
fn api() -> Arc<SimulatedApi> {
    Arc::new(simulator(60, 40, 4).seed(3).rows(400).customers(1..=9).clock(now).build().unwrap())
}

fn client_of(api: &Arc<SimulatedApi>) -> Client {
    let client = Client::builder().base_url("http://127.0.0.1").token(stub::TOKEN).customers(1).clock(now);
    client.transport(InProcess(Arc::clone(api))).build().unwrap()
}

fn chart() -> JsonTimeseries {
    let at = |text: &str| text.parse().unwrap();
    let range = TimeRange { from: at("2023-08-20T00:00:00+02:00"), to: at("2024-06-15T00:00:00+02:00") };
    find_report("traffic").unwrap().series(range).unwrap().interval("1d").aggregated_by("name").unwrap()
}

#[tokio::test(start_paused = true)]
async fn a_history_stops_at_any_request_and_goes_on_with_more() {
    let unbroken = api();
    let history = client_of(&unbroken).history(chart()).customers(Customers::ids(1..=4)).fetch().await.unwrap();
    assert!(history.further_splits > 0 && history.parts > 6, "{history:?}");
    let each = unbroken.spent() / u64::from(history.requests);
    for most in (0..unbroken.spent()).step_by(usize::try_from(3 * each).unwrap()) {
        let api = api();
        let client = client_of(&api);
        let query = client.with_max_tokens(most + each - 1).history(chart()).customers(Customers::ids(1..=4));
        let partial = query.fetch().await.unwrap_err();
        assert_eq!((used_up(&partial.error).1, api.spent()), (most, most));
        let rest = client.history(chart()).resume_from(partial).fetch().await.unwrap();
        assert_eq!((api.spent(), &rest.charts[0].chart.series), (unbroken.spent(), &history.charts[0].chart.series));
    }
}

#[test]
fn the_blocking_client_has_the_same_maximum() {
    let (client, log) = endless(Some(4));
    let client = blocking::ApiClient::new(client.with_max_tokens(9)).unwrap();
    let mut rows = client.stream(Berths::by_kind().rows_as::<JsonRow>());
    assert_eq!([rows.try_next_page(), rows.try_next_page()].map(|page| page.unwrap().unwrap().len()), [1, 1]);
    assert_eq!(used_up(&rows.try_next_page().unwrap_err()), (9, 8, Some(4)));
    assert!(rows.try_next_page().unwrap().is_none() && rows.cursor() == Some("1"));
    assert_eq!((client.tokens_left(), sent(&log)), (Some(1), 2));
    assert_eq!(client.with_max_tokens(4).fetch(Berths::by_kind()).unwrap().rows.len(), 1);
    let partial = client.with_max_tokens(4).collect_all(Berths::by_kind()).unwrap_err();
    assert_eq!((partial.rows.len(), used_up(&partial.error).1), (1, 4));
    let history = api();
    let history = blocking::ApiClient::new(client_of(&history)).unwrap().with_max_tokens(5).history(chart()).fetch();
    assert!(matches!(history.unwrap_err().error, Error::MaxTokens { spent: 4, .. }));
}
