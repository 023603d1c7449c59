//! The limiter against the simulator, in simulated time: requests and answers take a while, and others drain the bucket.

mod stub;

use std::future::poll_fn;
use std::path::PathBuf;
use std::pin::pin;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::task::Poll;
use std::time::Duration;

use harbour_api::{
    Berths, BucketState, Client, ClientBuilder, Customers, Error, GaveUp, HttpRequest, HttpResponse, JsonRow, MODEL, Meta,
    Passages, RateLimiter, Sending, Transport, berths, blocking, endpoints::ExportFigures, passages,
};
use placewise_simulator::{Model, Request, SimulatedApi, Simulator};
use stub::{Step, page_body, refused, scripted};
use tokio::task::JoinSet;
use tokio::time::{Instant, sleep, sleep_until};

const SECOND: Duration = Duration::from_secs(1);
const HEADERS: [&str; 5] = ["content-type", "retry-after", "x-bucket", "x-remaining", "x-cost"];

/// Random numbers that are the same in each run.
#[derive(Clone)]
struct Random(Arc<AtomicU64>);

impl Random {
    fn new(seed: u64) -> Self {
        Self(Arc::new(AtomicU64::new(seed)))
    }

    fn below(&self, end: u64) -> u64 {
        let mut mixed = self.0.fetch_add(0x9e37_79b9_7f4a_7c15, Ordering::Relaxed);
        for factor in [0xbf58_476d_1ce4_e5b9, 0x94d0_49bb_1331_11eb] {
            mixed = (mixed ^ (mixed >> 29)).wrapping_mul(factor);
        }
        (mixed ^ (mixed >> 32)) % end
    }
}

/// The simulator behind the client's transport. A request arrives after a while, and so does its answer.
#[derive(Clone)]
struct Line {
    api: Arc<SimulatedApi>,
    random: Random,
    /// Requests, and those that the rate limit refused.
    counts: Arc<Mutex<(u32, u32)>>,
}

impl Transport for Line {
    fn send(&self, request: HttpRequest) -> Sending {
        let line = self.clone();
        Box::pin(async move {
            // 50 to 300 ms in all.
            sleep(Duration::from_millis(25 + line.random.below(125))).await;
            let mut copy = Request::new(request.method.as_str(), request.url.path());
            copy.body = Some(request.body.unwrap_or_default().into_bytes());
            copy.headers = request.headers.iter().map(|(name, value)| (name.to_string(), value.as_bytes().to_vec())).collect();
            let reply = line.api.answer(&copy);
            {
                let mut counts = line.counts.lock().unwrap();
                *counts = (counts.0 + 1, counts.1 + u32::from(reply.status == 429));
            }
            sleep(Duration::from_millis(25 + line.random.below(125))).await;
            let mut response = HttpResponse::new(reply.status);
            for name in HEADERS {
                response = reply.header(name).into_iter().fold(response, |response, value| response.header(name, value));
            }
            Ok(response.body(reply.body))
        })
    }
}

/// What can be set about the simulated bucket.
#[derive(Clone, Copy)]
struct Setting {
    capacity: u32,
    refill: u32,
    drain: f64,
    on_every_response: bool,
}

impl Setting {
    fn line(self, seed: u64) -> Line {
        let mut model: Model = serde_json::from_str(MODEL).unwrap();
        let limit = &mut model.api.rate_limit;
        (limit.capacity.value, limit.refill.value) = (self.capacity, self.refill);
        limit.on_every_response.value = self.on_every_response;
        let start = Instant::now();
        let simulator = Simulator::new(model).seed(seed).rows(12).drain(self.drain).customers([1, 2]);
        let now = "2024-06-15T12:00:00Z".parse().unwrap();
        let api = simulator.clock(move || now).rate_limit_clock(move || start.elapsed()).build().unwrap();
        Line { api: Arc::new(api), random: Random::new(seed), counts: Arc::default() }
    }
}

fn builder(line: &Line) -> ClientBuilder<Client> {
    let client = Client::builder().base_url("http://harbour.test").allow_plain_http(true).token("secret");
    client.customers(Customers::id(1)).transport(line.clone())
}

/// Rows of a query that costs so many tokens, from 2 to 10.
async fn ask(client: &Client, cost: u32) -> Result<(Vec<JsonRow>, Meta), Error> {
    let filter = |count: u32| (0..count).map(|most| passages::SHIPS.ge(-i64::from(most))).reduce(|all, one| all & one);
    let passages = |count| Passages::records().filter(filter(count).unwrap()).rows_as::<JsonRow>();
    let page = match cost {
        2 => client.fetch(passages(1)).await?,
        3 => client.fetch(Berths::records().rows_as::<JsonRow>()).await?,
        4 => client.fetch(Berths::records().filter(berths::ID.ge(0)).rows_as::<JsonRow>()).await?,
        _ => client.fetch(passages(cost - 3)).await?,
    };
    Ok((page.rows, page.meta))
}

/// The rows of each cost, as a server without limits sends them.
async fn truth(line: &Line) -> Vec<Vec<JsonRow>> {
    let mut all = vec![Vec::new(); 2];
    let client = builder(line).rate_limiter(RateLimiter::disabled()).build().unwrap();
    for cost in 2..=10 {
        let (rows, meta) = ask(&client, cost).await.unwrap();
        assert!(!rows.is_empty() && meta.tokens.is_none_or(|tokens| tokens == i64::from(cost)), "{cost}: {meta:?}");
        all.push(rows);
    }
    all
}

/// What became of a run.
#[derive(Debug)]
struct Outcome {
    /// Tokens of each task.
    tokens: Vec<f64>,
    failed: Vec<String>,
    sent: u32,
    refused: u32,
    /// Part of the tokens that others left.
    used: f64,
    /// The longest wait in units of the time that one request of each task takes.
    shares: f64,
}

impl Outcome {
    /// Jain's index of fairness: 1 if all tasks got the same.
    fn jain(&self) -> f64 {
        let sum: f64 = self.tokens.iter().sum();
        sum * sum / (self.tokens.len() as f64 * self.tokens.iter().map(|tokens| tokens * tokens).sum::<f64>())
    }
}

/// Lets 32 or more tasks of each client ask for a time, and compares every row with the truth.
async fn run(setting: Setting, clients: Vec<Client>, line: Line, tasks: usize, time: Duration) -> Outcome {
    let ample = Setting { capacity: 1_000_000, drain: 0.0, ..setting };
    let truth = Arc::new(truth(&ample.line(7)).await);
    let start = Instant::now();
    let total = clients.len() * tasks;
    let log: Arc<Mutex<Vec<(usize, u32, Duration)>>> = Arc::default();
    let failed: Arc<Mutex<Vec<String>>> = Arc::default();
    let mut set = JoinSet::new();
    for task in 0..total {
        let (client, truth) = (clients[task % clients.len()].clone(), Arc::clone(&truth));
        let (log, failed, random) = (Arc::clone(&log), Arc::clone(&failed), Random::new(1000 + task as u64));
        set.spawn(async move {
            loop {
                let cost = 2 + random.below(9) as u32;
                let cost = if setting.capacity < 100 { 3 } else { cost };
                match ask(&client, cost).await {
                    Ok((rows, meta)) => {
                        assert_eq!(rows, truth[cost as usize]);
                        log.lock().unwrap().push((task, cost, meta.waited));
                    }
                    Err(error) => failed.lock().unwrap().push(error.to_string()),
                }
            }
        });
    }
    sleep_until(start + time).await;
    let (spent, drained) = (line.api.spent() as f64, line.api.drained() as f64);
    set.abort_all();
    while let Some(task) = set.join_next().await {
        // A wrong row panics.
        assert!(task.unwrap_err().is_cancelled());
    }
    let log = log.lock().unwrap();
    let mut tokens = vec![0.0; total];
    log.iter().for_each(|(task, cost, _)| tokens[*task] += f64::from(*cost));
    let longest = log.iter().map(|(.., waited)| *waited).max().unwrap();
    let left = time.as_secs_f64() * f64::from(setting.refill) - drained;
    let share = total as f64 * (tokens.iter().sum::<f64>() / log.len() as f64) / (left / time.as_secs_f64());
    let (sent, refused) = *line.counts.lock().unwrap();
    let failed = failed.lock().unwrap().clone();
    let used = spent / (left + f64::from(setting.capacity));
    let outcome = Outcome { tokens, failed, sent, refused, used, shares: longest.as_secs_f64() / share };
    println!(
        "used {used:.3}, refused {refused} of {sent}, Jain {:.3}, longest {longest:?} = {:.2} shares",
        outcome.jain(),
        outcome.shares
    );
    outcome
}

fn patient(line: &Line) -> ClientBuilder<Client> {
    builder(line).max_rate_limit_wait(600 * SECOND)
}

/// A file that does not exist yet.
fn file(name: &str) -> PathBuf {
    let path = std::env::temp_dir().join(format!("placewise-limiter-{name}-{}", std::process::id()));
    let _ = std::fs::remove_file(&path);
    path
}

const SHARED: Setting = Setting { capacity: 100, refill: 10, drain: 0.6, on_every_response: true };

#[tokio::test(start_paused = true)]
async fn three_limiters_over_one_file_share_what_others_leave() {
    let (path, line) = (file("shared"), SHARED.line(7));
    let client = |_| patient(&line).rate_limiter(RateLimiter::in_file(&path).unwrap()).build().unwrap();
    let outcome = run(SHARED, (0..3).map(client).collect(), line.clone(), 32, 1800 * SECOND).await;
    let text = std::fs::read_to_string(&path).unwrap();
    assert!(text.contains("harbour.test customer 1") && !text.contains("secret"), "{text}");
    std::fs::remove_file(&path).unwrap();
    assert!(outcome.failed.is_empty(), "{:?}", outcome.failed);
    assert!(outcome.used >= 0.9 && outcome.refused * 200 <= outcome.sent, "{outcome:?}");
    assert!(outcome.jain() >= 0.95 && outcome.shares <= 2.0, "{outcome:?}");
}

#[tokio::test(start_paused = true)]
async fn with_headers_on_refusals_only_no_row_is_lost() {
    let (setting, path) = (Setting { on_every_response: false, ..SHARED }, file("blind"));
    let line = setting.line(7);
    let client = |_| {
        // The processes' clocks differ a little.
        std::thread::sleep(Duration::from_millis(5));
        patient(&line).rate_limiter(RateLimiter::in_file(&path).unwrap()).build().unwrap()
    };
    let outcome = run(setting, (0..3).map(client).collect(), line.clone(), 32, 600 * SECOND).await;
    std::fs::remove_file(&path).unwrap();
    assert!(outcome.failed.is_empty(), "{:?}", outcome.failed);
    // Only a refusal says that the bucket is empty, so some are needed.
    assert!(outcome.used >= 0.8 && outcome.refused * 10 <= outcome.sent, "{outcome:?}");
}

#[tokio::test(start_paused = true)]
async fn many_tasks_share_a_small_bucket() {
    let setting = Setting { capacity: 10, refill: 5, drain: 0.0, on_every_response: true };
    let line = setting.line(7);
    let outcome = run(setting, vec![builder(&line).build().unwrap()], line.clone(), 64, 600 * SECOND).await;
    assert!(outcome.failed.is_empty(), "{:?}", outcome.failed);
    assert!(outcome.used >= 0.9 && outcome.refused * 100 <= outcome.sent && outcome.jain() >= 0.95, "{outcome:?}");
}

#[tokio::test(start_paused = true)]
async fn without_a_limiter_the_same_tasks_are_refused() {
    let setting = Setting { capacity: 10, refill: 5, drain: 0.0, on_every_response: true };
    let line = setting.line(7);
    let client = builder(&line).rate_limiter(RateLimiter::disabled()).build().unwrap();
    let outcome = run(setting, vec![client], line.clone(), 64, 60 * SECOND).await;
    assert!(outcome.refused > outcome.sent / 2, "{outcome:?}");
}

#[tokio::test(start_paused = true)]
async fn a_backfill_leaves_tokens_for_a_dashboard() {
    for (reserve, longest) in [(0, 20 * SECOND), (40, Duration::ZERO)] {
        let line = Setting { drain: 0.0, ..SHARED }.line(7);
        let dashboard = patient(&line).build().unwrap();
        let mut set = JoinSet::new();
        for task in 0..8 {
            let (client, random) = (dashboard.with_reserve(reserve), Random::new(task));
            set.spawn(async move {
                loop {
                    ask(&client, 5 + random.below(6) as u32).await.unwrap();
                }
            });
        }
        let mut held = Vec::new();
        for _ in 0..20 {
            sleep(30 * SECOND).await;
            let asks = (0..4).map(|_| ask(&dashboard, 5));
            held.extend(futures_util::future::join_all(asks).await.into_iter().map(|answer| answer.unwrap().1.held));
        }
        let most = *held.iter().max().unwrap();
        assert!(most <= longest && most.is_zero() == (reserve > 0), "{reserve}: {held:?}");
        let seconds = 20.0 * 30.0;
        assert!(line.api.spent() as f64 > 0.9 * 10.0 * seconds, "the backfill uses the rest: {}", line.api.spent());
        assert_eq!(line.counts.lock().unwrap().1, 0);
    }
}

#[tokio::test(start_paused = true)]
async fn limiters_whose_clocks_differ_share_a_file() {
    for skew in [5, 30, 8 * 3600] {
        // Each limiter starts at the same time of the day, whatever the others' clocks have come to.
        let (path, mut limiters) = (file(&format!("skew-{skew}")), Vec::new());
        for _ in 0..3 {
            limiters.push(RateLimiter::in_file(&path).unwrap());
            tokio::time::advance(skew * SECOND).await;
        }
        let line = SHARED.line(7);
        let client = |limiter| patient(&line).rate_limiter(limiter).build().unwrap();
        let clients: Vec<_> = limiters.into_iter().map(client).collect();
        // The one furthest behind looks before and after the others.
        for client in clients.iter().rev().chain(&clients) {
            ask(client, 2).await.unwrap();
        }
        let outcome = run(SHARED, clients, line.clone(), 8, 300 * SECOND).await;
        std::fs::remove_file(&path).unwrap();
        assert!(outcome.failed.is_empty(), "{skew}: {:?}", outcome.failed);
        assert!(outcome.used >= 0.9 && outcome.refused * 50 <= outcome.sent && outcome.jain() >= 0.95, "{skew}: {outcome:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_long_line_takes_little_of_the_file_and_stays_fair() {
    let (path, line) = (file("long"), SHARED.line(7));
    let limiters: Vec<_> = (0..2).map(|_| RateLimiter::in_file(&path).unwrap()).collect();
    let clients = limiters.iter().map(|limiter| patient(&line).rate_limiter(limiter.clone()).build().unwrap());
    let looks = async {
        sleep(100 * SECOND).await;
        let waiting = only(&limiters[0]).waiting;
        // All of its own, and the first of the other one.
        assert!((120..=152).contains(&waiting), "{waiting}");
        let bytes = std::fs::metadata(&path).unwrap().len();
        assert!(bytes < 8_000, "{bytes}");
    };
    let (outcome, ()) = tokio::join!(run(SHARED, clients.collect(), line.clone(), 120, 900 * SECOND), looks);
    std::fs::remove_file(&path).unwrap();
    assert!(outcome.failed.is_empty(), "{:?}", outcome.failed);
    assert!(outcome.used >= 0.9 && outcome.refused * 200 <= outcome.sent && outcome.shares <= 2.0, "{outcome:?}");
}

#[tokio::test(start_paused = true)]
async fn a_held_request_says_what_it_lacked() {
    let line = Setting { drain: 0.0, ..SHARED }.line(7);
    let client = builder(&line).build().unwrap();
    for _ in 0..10 {
        ask(&client, 2).await.unwrap();
        sleep(SECOND).await;
    }
    let backfill = client.with_reserve(1_000_000).with_max_rate_limit_wait(600 * SECOND);
    let error = ask(&backfill, 2).await.unwrap_err();
    let Error::Held { shortage, .. } = &error else { panic!("{error}") };
    assert!(shortage.exceeds_capacity() && shortage.requests_before == 0 && !shortage.closed, "{shortage:?}");
    let text = error.to_string();
    for part in [
        "did not send the request: it needs 2 tokens and leaves 1000000 for others; the bucket has about ",
        "; lower `with_reserve`, because the bucket was never seen to hold more than 100; gave up before the first try: the \
         wait would be longer than the client may wait",
    ] {
        assert!(text.contains(part), "{text}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_backfill_may_wait_longer_than_its_client() {
    let (client, _) =
        scripted(|_, sent| if sent == 0 { refused(429, "retry-after", "90") } else { Step::Reply(page_body(1, None)) });
    let client = client.build().unwrap();
    assert!(client.fetch(Berths::by_kind()).await.is_err());
    assert!(client.fetch(Berths::by_kind()).await.is_err());
    let meta = client.with_max_rate_limit_wait(100 * SECOND).fetch(Berths::by_kind()).await.unwrap().meta;
    assert!(meta.held >= 90 * SECOND, "{meta:?}");
}

#[tokio::test]
async fn a_disabled_limiter_reserves_nothing_and_says_so() {
    let (client, log) = scripted(|_, _| Step::Reply(page_body(1, None)));
    let client = client.rate_limiter(RateLimiter::disabled()).build().unwrap();
    let error = client.with_reserve(1).fetch(Berths::by_kind()).await.unwrap_err();
    assert!(error.is_configuration() && error.to_string().contains("with_reserve: a client whose rate limiter is"), "{error}");
    assert_eq!(log.lock().unwrap().len(), 0);
    client.with_reserve(1).with_reserve(0).fetch(Berths::by_kind()).await.unwrap();
}

fn only(limiter: &RateLimiter) -> BucketState {
    let buckets = limiter.buckets();
    assert_eq!(buckets.len(), 1, "{buckets:?}");
    buckets.into_iter().next().unwrap()
}

#[tokio::test(start_paused = true)]
async fn a_dropped_call_gives_back_its_place_and_its_reservation() {
    let path = file("dropped");
    for limiter in [RateLimiter::new(), RateLimiter::in_file(&path).unwrap()] {
        // The first answer comes after a minute; until then all others wait.
        let (client, log) = scripted(|_, _| Step::After(60 * SECOND, page_body(1, None)));
        let client = client.rate_limiter(limiter.clone()).build().unwrap();
        let mut first = Box::pin(client.fetch(Berths::by_kind()));
        let mut second = Box::pin(client.fetch(Berths::by_kind()));
        poll_fn(|cx| {
            assert!(first.as_mut().poll(cx).is_pending() && second.as_mut().poll(cx).is_pending());
            Poll::Ready(())
        })
        .await;
        assert_eq!((only(&limiter).waiting, only(&limiter).in_flight, log.lock().unwrap().len()), (1, 1, 1));
        assert_eq!((limiter.waiting(), client.bucket()), (1, Some(only(&limiter))));
        drop(second);
        assert_eq!((only(&limiter).waiting, only(&limiter).in_flight, limiter.waiting()), (0, 1, 0));
        drop(first);
        assert_eq!((only(&limiter).waiting, only(&limiter).in_flight), (0, 0));
        // Nothing is in the way of the next.
        let mut third = pin!(client.fetch(Berths::by_kind()));
        assert!(poll_fn(|cx| Poll::Ready(third.as_mut().poll(cx).is_pending())).await);
        assert_eq!(log.lock().unwrap().len(), 2);
        assert_eq!(third.await.unwrap().meta.held, Duration::ZERO);
    }
    std::fs::remove_file(&path).unwrap();
}

#[tokio::test(start_paused = true)]
async fn a_refusal_with_a_long_wait_fails_everybody_at_once() {
    let (client, log) = scripted(|_, _| refused(429, "retry-after", "3600"));
    let client = client.build().unwrap();
    let start = Instant::now();
    assert!(matches!(client.fetch(Berths::by_kind()).await, Err(Error::TooManyRequests { .. })));
    let error = client.fetch(Berths::by_kind()).await.unwrap_err();
    assert!(matches!(error, Error::Held { .. }) && error.is_retryable() && error.is_rate_limited(), "{error}");
    let meta = error.meta().unwrap();
    assert!((meta.tries, meta.status, meta.held) == (0, None, Duration::ZERO), "{meta:?}");
    assert!(matches!(meta.gave_up, Some(GaveUp::WaitTooLong { .. })), "{meta:?}");
    assert_eq!(
        error.to_string(),
        "report berths: the rate limiter did not send the request: it needs 4 tokens; the server refused a request and named a time that \
         has not come; retry later, raise `max_rate_limit_wait` or `timeout`, or send fewer requests at a time; gave up before the first \
         try: retry at \
         2024-06-15T13:00:00Z or later, which is longer than the client may wait"
    );
    assert_eq!((log.lock().unwrap().len(), start.elapsed()), (1, Duration::ZERO));
    sleep(600 * SECOND).await;
    let bucket = client.bucket().unwrap();
    let closed = bucket.closed.map(|closed| closed.as_secs_f64().round());
    assert_eq!((closed, bucket.idle.as_secs_f64().round(), bucket.capacity), (Some(3000.0), 600.0, None));
    // Another customer has another bucket.
    let other = client.with_customers(Customers::id(2)).unwrap();
    assert_eq!(other.bucket(), None);
    assert!(matches!(other.fetch(Berths::by_kind()).await, Err(Error::TooManyRequests { .. })));
}

#[tokio::test(start_paused = true)]
async fn clients_with_one_limiter_wait_in_one_line() {
    let limiter = RateLimiter::new();
    let client = |refusals| {
        let answer =
            move |_: &_, sent| if sent < refusals { refused(429, "retry-after", "7") } else { Step::Reply(page_body(1, None)) };
        scripted(answer).0.rate_limiter(limiter.clone()).build().unwrap()
    };
    let (refused, other) = (client(1), client(0));
    let start = Instant::now();
    let refused = tokio::spawn(async move { refused.fetch(Berths::by_kind()).await });
    sleep(SECOND).await;
    assert_eq!(only(&limiter).waiting, 1);
    let meta = other.fetch(Berths::by_kind()).await.unwrap().meta;
    assert!(meta.held >= 6 * SECOND && meta.waited == meta.held && start.elapsed() >= 7 * SECOND, "{meta:?}");
    assert_eq!(refused.await.unwrap().unwrap().meta.tries, 2);
}

#[tokio::test(start_paused = true)]
async fn an_endpoint_has_the_bucket_that_its_answers_name() {
    for (name, shared) in [("reporting", true), ("general", false)] {
        let answer = move |body: &serde_json::Value, sent: usize| match (sent, body.get("per")) {
            (2.., Some(_)) => refused(429, "retry-after", "3600"),
            (_, Some(_)) => {
                Step::Reply(HttpResponse::new(200).header("x-bucket", "reporting").body(r#"{"lines": [], "more": {}}"#))
            }
            _ => Step::Reply(HttpResponse::new(200).header("x-bucket", name).body("{}")),
        };
        let client = scripted(answer).0.build().unwrap();
        client.fetch(Berths::by_kind()).await.unwrap();
        client.fetch(ExportFigures.with(serde_json::json!({}))).await.unwrap();
        client.fetch(Berths::by_kind()).await.unwrap_err();
        assert_eq!(client.fetch(ExportFigures.with(serde_json::json!({}))).await.is_err(), shared, "{name}");
    }
}

#[test]
fn a_blocking_client_waits_too() {
    let answer = |_: &_, sent| if sent == 0 { refused(429, "retry-after", "1") } else { Step::Reply(page_body(1, None)) };
    let client = blocking::ApiClient::new(scripted(answer).0.build().unwrap()).unwrap();
    let meta = client.fetch(Berths::by_kind()).unwrap().meta;
    assert!(meta.tries == 2 && meta.held >= SECOND, "{meta:?}");
}

#[test]
fn a_file_that_cannot_be_used_is_a_problem_at_once() {
    let error = RateLimiter::in_file(std::env::temp_dir()).unwrap_err();
    assert!(error.is_configuration() && error.to_string().contains("rate_limiter: cannot use the file"), "{error}");
}
