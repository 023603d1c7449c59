//! Three processes that share one limiter's file, against a simulator whose bucket others drain too.
//!
//! `cargo bench --bench limiter` takes half a minute and prints how much of the rest was used, how much was refused, and Jain's index of
//! fairness. `-- SECONDS TASKS` sets the time and the number of tasks in each process.

use std::error::Error;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};
use std::{env, fs};

use placewise_reporting::{Client, Customers, MODEL, Members, RateLimiter, Sendings, SendingsLinks};
use placewise_simulator::Simulator;

const PROCESSES: usize = 3;
const CAPACITY: u32 = 400;
const REFILL: u32 = 200;
const CUSTOMER: i64 = 1_000_941;

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = env::args().skip(1).filter(|argument| argument != "--bench").collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match arguments[..] {
        ["worker", url, file, seconds, tasks] => work(url, file, Duration::from_secs(seconds.parse()?), tasks.parse()?),
        [] => measure(30, 8),
        [seconds, tasks] => measure(seconds.parse()?, tasks.parse()?),
        _ => Err("usage: limiter [SECONDS TASKS]".into()),
    }
}

fn measure(seconds: u64, tasks: usize) -> Result<(), Box<dyn Error>> {
    let simulator = Simulator::from_json(MODEL)?.customers([CUSTOMER]).rows(20).drain(0.6);
    let server = simulator.assume("bucket-capacity", CAPACITY).assume("bucket-refill", REFILL).start()?;
    let file = env::temp_dir().join(format!("placewise-bench-{}.limiter", std::process::id()));
    let start = Instant::now();
    let worker = |_| {
        let mut worker = Command::new(env::current_exe()?);
        worker.arg("worker").arg(server.url()).arg(&file).args([seconds.to_string(), tasks.to_string()]);
        worker.stdout(Stdio::piped()).spawn()
    };
    let workers = (0..PROCESSES).map(worker).collect::<Result<Vec<_>, _>>()?;
    let mut tokens: Vec<f64> = Vec::new();
    for worker in workers {
        let output = worker.wait_with_output()?;
        if !output.status.success() {
            return Err(format!("a process failed: {}", output.status).into());
        }
        for line in String::from_utf8(output.stdout)?.lines() {
            tokens.push(line.parse()?);
        }
    }
    let left = start.elapsed().as_secs_f64() * f64::from(REFILL) + f64::from(CAPACITY) - server.drained() as f64;
    fs::remove_file(&file)?;
    let requests = server.requests();
    let refused = requests.iter().filter(|request| request.status == 429).count();
    let (sum, squares) = (tokens.iter().sum::<f64>(), tokens.iter().map(|tokens| tokens * tokens).sum::<f64>());
    println!("{PROCESSES} processes, {tasks} tasks each, {:.1} s", start.elapsed().as_secs_f64());
    println!("used     {:.1} % of what others left", 100.0 * server.spent() as f64 / left);
    println!("refused  {refused} of {} requests", requests.len());
    println!("Jain     {:.3} of tokens per task", sum * sum / (tokens.len() as f64 * squares));
    Ok(())
}

/// Asks until the time is over, and prints the tokens of each task.
#[tokio::main(flavor = "current_thread")]
async fn work(url: &str, file: &str, time: Duration, tasks: usize) -> Result<(), Box<dyn Error>> {
    let client =
        Client::builder().base_url(url.to_owned()).token("bench").customers(Customers::id(CUSTOMER)).product_name("bench");
    let client = client.rate_limiter(RateLimiter::in_file(file)?).build()?;
    let end = Instant::now() + time;
    let tasks = (0..tasks).map(|task| {
        let client = client.clone();
        tokio::spawn(async move {
            let mut tokens = 0;
            let mut turn = task;
            while Instant::now() < end {
                let meta = match turn % 3 {
                    0 => client.fetch(Members::records()).await?.meta,
                    1 => client.fetch(Sendings::records()).await?.meta,
                    _ => client.fetch(SendingsLinks::records()).await?.meta,
                };
                turn += 1;
                tokens += meta.tokens.unwrap_or_default();
            }
            Ok::<_, placewise_reporting::Error>(tokens)
        })
    });
    for task in tasks.collect::<Vec<_>>() {
        println!("{}", task.await??);
    }
    Ok(())
}
