//! The limiter against the simulator, in simulated time: requests and answers take a while, and others drain the bucket.

use std::path::PathBuf;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use harbour_api::{
    Berths, Client, ClientBuilder, Customers, Error, Filter, GaveUp, HttpRequest, HttpResponse, JsonRow, MODEL, Meta, Passages,
    RateLimiter, Sending, Transport, passages,
};
use placewise_simulator::{Model, Request, SimulatedApi, Simulator};
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
        4 => client.fetch(Berths::records().filter(harbour_api::berths::ID.ge(0)).rows_as::<JsonRow>()).await?,
        _ => client.fetch(passages(cost - 3)).await?,
    };
    Ok((page.rows, page.meta))
}

/// The rows of each cost, as a server without limits sends them.
async fn truth(line: &Line) -> Vec<Vec<JsonRow>> {
    let mut all = vec![Vec::new(); 2];
    let client = builder(line).rate_limiter(RateLimiter::off()).build().unwrap();
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
    longest: Duration,
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
    let outcome = Outcome { tokens, longest, failed, sent, refused, used, shares: longest.as_secs_f64() / share };
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
    std::fs::remove_file(&path).unwrap();
    assert!(outcome.failed.is_empty(), "{:?}", outcome.failed);
    assert!(outcome.used >= 0.9 && outcome.refused * 200 <= outcome.sent, "{outcome:?}");
    assert!(outcome.jain() >= 0.95 && outcome.shares <= 2.0, "{outcome:?}");
}

#[tokio::test(start_paused = true)]
async fn with_headers_on_refusals_only_no_row_is_lost() {
    let (setting, path) = (Setting { on_every_response: false, ..SHARED }, file("blind"));
    let line = setting.line(7);
    let client = |_| patient(&line).rate_limiter(RateLimiter::in_file(&path).unwrap()).build().unwrap();
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
