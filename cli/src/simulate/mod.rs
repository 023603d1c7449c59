//! `placewise simulate`: serves the reports of the spec on this machine until Ctrl-C.
//!
//! The first word on standard output is the URL, so that scripts can read it.

mod csv_rows;
mod data;
mod log;
mod start_failure;

use std::path::PathBuf;
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use placewise_model::exit::{Failure, Outcome};
use placewise_model::{Coverage, Format, Model, Query, Target};
use placewise_reporting::MODEL;
use placewise_simulator::{FaultPlan, Permits, Server, Simulator};
use serde_json::{Value, json};

use crate::api::Api;
use crate::terminal::{self, Output, plural};
use start_failure::start_failure;

#[derive(clap::Args)]
pub(crate) struct Arguments {
    /// Model of another API: a `model.json` of the generator
    #[arg(long, value_name = "FILE", value_hint = clap::ValueHint::FilePath)]
    model: Option<PathBuf>,
    /// Port on 127.0.0.1; 0 picks a free one
    #[arg(long, default_value_t = 0)]
    port: u16,
    /// Rows to serve: JSON (an object per line, a list or a saved response) or CSV; name the file like the report, or put the report before it
    #[arg(long, value_name = "[REPORT=]FILE")]
    data: Vec<String>,
    /// Generated rows per report without data
    #[arg(long, default_value_t = 500)]
    rows: usize,
    /// Seed of the generated rows; the same seed generates the same rows
    #[arg(long, default_value_t = 7)]
    seed: u64,
    /// Token to accept, with every permit; without one, the server accepts every token
    #[arg(long, env = "PLACEWISE_TOKEN", hide_env_values = true)]
    token: Option<String>,
    /// Customers to serve [default: the documentation's examples]
    #[arg(long, value_name = "ID", value_delimiter = ',')]
    customers: Vec<i64>,
    /// Override an assumption. The value is JSON or plain text
    #[arg(long, value_name = "ID=VALUE")]
    assume: Vec<String>,
    /// Time zone of a customer's clubs [default: Europe/Oslo]
    #[arg(long, value_name = "CUSTOMER=ZONE")]
    zone: Vec<String>,
    /// Let others use the rate limit too: each second they take up to this share of the refill
    #[arg(long, value_name = "PERCENT", value_parser = share)]
    drain: Option<f64>,
    /// Add faults to replies (a JSON file). Ctrl-C prints what became of each; exit status 1 if one was never met
    #[arg(long, value_name = "FILE")]
    faults: Option<String>,
    /// Canned response (a JSON file) for an endpoint whose response is undocumented
    #[arg(long, value_name = "ENDPOINT=FILE")]
    reply: Vec<String>,
    /// The current time of the server, such as 2026-01-15T12:00:00Z; history ends there and is the same in every run
    #[arg(long, value_name = "TIME")]
    now: Option<jiff::Timestamp>,
    /// Reject unknown request keys instead of ignoring them
    #[arg(long)]
    strict_keys: bool,
    /// Print each request to standard error, with status, tokens and rows; as JSON lines with `--format json`
    #[arg(long)]
    log: bool,
}

impl Arguments {
    /// The token, if one is set.
    fn token(&self) -> Option<&str> {
        self.token.as_deref().filter(|token| !token.is_empty())
    }
}

pub(crate) async fn run(arguments: &Arguments, output: Output) -> Outcome {
    let (simulator, given) = simulator(arguments)?;
    let (all, answered) = (arguments.log, Arc::new(AtomicU64::new(0)));
    let counted = Arc::clone(&answered);
    let simulator = simulator.on_request(move |request| {
        counted.fetch_add(1, Ordering::Relaxed);
        log::tell(request, all, output);
    });
    let server = simulator.start().map_err(start_failure)?;
    let told = serve(&server, &curl(arguments, &server, given.as_deref()), &answered, output).await;
    let unmet = server.check_faults();
    server.stop();
    told?;
    unmet.map_err(|unmet| Failure::Findings(unmet.to_string()))
}

/// The simulator, and the first report with given rows.
fn simulator(arguments: &Arguments) -> Result<(Simulator, Option<String>), Failure> {
    let model = Api::read(arguments.model.as_deref())?.model;
    let mut simulator = Simulator::new(model.clone()).seed(arguments.seed).rows(arguments.rows).port(arguments.port);
    simulator = simulator.strict_keys(arguments.strict_keys).drain(arguments.drain.unwrap_or_default());
    let mut given = None;
    for data in &arguments.data {
        let (with_data, report) = data::provide(simulator, &model, data)?;
        simulator = with_data;
        given.get_or_insert(report);
    }
    if let Some(token) = arguments.token() {
        simulator = simulator.token(token, Permits::all());
    }
    if !arguments.customers.is_empty() {
        simulator = simulator.customers(arguments.customers.iter().copied());
    }
    for zone in &arguments.zone {
        let (customer, name) = pair("zone", zone, "1000941=America/Denver")?;
        let customer = customer
            .parse()
            .map_err(|_| Failure::CannotRun(format!("`--zone {zone}`: `{customer}` is not the id of a customer")))?;
        simulator = simulator.customer_zone(customer, name);
    }
    for reply in &arguments.reply {
        let (endpoint, path) = pair("reply", reply, "metadata=metadata.json")?;
        simulator = simulator.reply(endpoint, read_json(path)?);
    }
    if let Some(now) = arguments.now {
        simulator = simulator.clock(move || now);
    }
    if let Some(path) = &arguments.faults {
        let plan = FaultPlan::from_json(&read(path)?).map_err(|error| Failure::Findings(format!("`{path}`: {error}")))?;
        simulator = simulator.faults(plan);
    }
    for assume in &arguments.assume {
        let (id, value) = pair("assume", assume, "cursor-key=after")?;
        let value = serde_json::from_str(value).unwrap_or_else(|_| Value::from(value));
        simulator = simulator.assume(id, value);
    }
    Ok((simulator, given))
}

/// Tells how to reach the server, and what it did once Ctrl-C stops it.
async fn serve(server: &Server, curl: &str, answered: &AtomicU64, output: Output) -> Outcome {
    // Polled once before anything is printed, so that whoever has read the URL can stop the server.
    let mut stopped = pin!(tokio::signal::ctrl_c());
    tokio::select! {
        biased;
        result = &mut stopped => return Ok(result?),
        () = std::future::ready(()) => {}
    }
    match output {
        Output::Text => terminal::line(&format!("{}  (Ctrl-C stops)\n\n{curl}\n", server.url()))?,
        Output::Json => terminal::json(&json!({ "url": server.url(), "curl": curl }))?,
    }
    stopped.await?;
    if output == Output::Text {
        let requests = answered.load(Ordering::Relaxed);
        terminal::line(&format!("{}, {} tokens", plural(requests, "request"), server.spent()))?;
        server.faults().iter().try_for_each(|fault| terminal::line(&format!("fault {fault}")))?;
    }
    Ok(())
}

/// Adds the examples of the help.
pub(crate) fn with_examples(command: clap::Command) -> clap::Command {
    command.after_help(examples())
}

/// A plan of faults for the help.
const FAULTS: &str = include_str!("faults.json");

/// The effects of faults for the help.
const EFFECTS: &str = r#"{"latency_ms": 200}                                  waits before the response
{"slow_body": {"piece": 100, "pause_ms": 50}}        pauses after each piece of the body
{"cut": {"at": 9, "of": "body"}}                     resets the connection; or "how": "close"
{"close_idle_ms": 0}                                 closes the connection after the response
{"refuse": "maintenance"}                            refuses with an error of the API, by name
{"reply": {"status": 429, "retry_after": {"text": "1"}}}
                                                     sends this reply; also with "json" or "text"
{"headers": {"retry-after": "soon", "date": null}}   replaces headers, and drops those with null
{"set": {"at": "/records/*/id", "to": "x"}}          sets a value of the body; * is every item
{"remove": "/records/0/id"}                          removes a value of the body
{"encode": "utf16-le"}                               encodes the body; or "utf16-be", "utf8-bom"
{"truncate_body": 100}                               sends only the start of the body
{"giant": {"bytes": 1000000000, "of": "rows"}}       adds bytes; or "of": "keys", "padding"
{"next": "asked"}                                    repeats the cursor; or "end", {"page": 2}
{"endless": "empty"}                                 gives every page a new cursor; or "full""#;

fn examples() -> String {
    let [faults, effects] = [FAULTS, EFFECTS].map(|text| text.trim_end().replace('\n', "\n  "));
    let model: Option<Model> = serde_json::from_str(MODEL).ok();
    let query = model.as_ref().and_then(|model| example(model, None));
    let curl =
        query.map(|query| query.curl(&Target { base_url: "http://127.0.0.1:8080", token: "any", ..query.documented_target() }));
    let curl = curl.unwrap_or_default().replace('\n', "\n  ");
    format!(
        "Examples:
  placewise simulate --port 8080 --log
  placewise simulate --data sendings.ndjson         rows of your own, checked
  placewise simulate --data sendings=march.csv --token secret
  placewise simulate --assume cursor-key=after      override an assumption
  placewise simulate --drain 60%                    others use up to 60 % of each second's refill
  placewise simulate --faults faults.json           add faults to replies, such as
  {faults}

A request meets at most one fault: the first that is due. A fault counts the requests that match
`on`; `nth`, `every`, `chance` and `times` say which of them meet it.

What a fault can `do`, in JSON:
  {effects}

Send the queries that you would send to the API:
  {curl}"
    )
}

/// What a shell puts in place of the token, which is not printed.
const TOKEN_VARIABLE: &str = "'\"$PLACEWISE_TOKEN\"'";

/// A curl command that works as it is, if a token is in `PLACEWISE_TOKEN`.
fn curl(arguments: &Arguments, server: &Server, given: Option<&str>) -> String {
    let model = server.model();
    let Some(query) = example(model, given) else { return String::new() };
    let customer = match arguments.customers.first() {
        Some(id) => format!("{}{id}", model.api.customers.id_prefix),
        // The customers of given rows are theirs.
        None if given.is_some() => model.api.customers.all.clone(),
        None => query.documented_target().customer.to_owned(),
    };
    let placeholder = "<token>";
    let token = if arguments.token().is_some() { placeholder } else { "any" };
    // The header has a space, so it stands in single quotes, which end before the variable and start anew after it.
    let curl = query.curl(&Target { base_url: &server.url(), token, customer: &customer }).replace(placeholder, TOKEN_VARIABLE);
    let is_set = std::env::var("PLACEWISE_TOKEN").ok().as_deref() == arguments.token();
    if token == placeholder && !is_set { format!("# Set PLACEWISE_TOKEN to the token first.\n{curl}") } else { curl }
}

/// A query without a filter, so that the response has rows: of that report, or of the first complete one.
fn example<'a>(model: &'a Model, report: Option<&str>) -> Option<Query<'a>> {
    let mut complete =
        model.reports.iter().filter(|report| report.format == Format::Records && report.coverage == Coverage::Whole);
    let report = report.and_then(|name| model.report(name)).or_else(|| complete.next())?;
    Some(Query::new(model, report))
}

/// A share of one, written as a percentage.
fn share(text: &str) -> Result<f64, String> {
    let percent = text.strip_suffix('%').and_then(|number| number.parse().ok()).filter(|percent| (0.0..=100.0).contains(percent));
    percent.map(|percent| percent / 100.0).ok_or_else(|| "write a percentage from 0% to 100%, such as `60%`".to_owned())
}

/// The two sides of an equals sign.
fn pair<'a>(option: &str, value: &'a str, example: &str) -> Result<(&'a str, &'a str), Failure> {
    let wrong = || Failure::CannotRun(format!("`--{option} {value}` has no `=`; write for example `--{option} {example}`"));
    value.split_once('=').ok_or_else(wrong)
}

fn read(path: &str) -> Result<String, Failure> {
    let text = std::fs::read_to_string(path).map_err(|error| Failure::CannotRun(format!("cannot read `{path}`: {error}")))?;
    Ok(text.trim_start_matches('\u{feff}').to_owned())
}

fn read_json(path: &str) -> Result<Value, Failure> {
    serde_json::from_str(&read(path)?).map_err(|error| Failure::Findings(format!("`{path}` is not JSON: {error}")))
}
