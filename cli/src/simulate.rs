//! `placewise simulate`: serves the reports of the spec on this machine until Ctrl-C.
//!
//! The first word on standard output is the URL, so that scripts can read it.

use std::path::PathBuf;
use std::pin::pin;

use placewise_model::exit::{Failure, Outcome};
use placewise_model::{Coverage, Format, Model, Query, Target};
use placewise_reporting::MODEL;
use placewise_simulator::{FaultPlan, Permits, Server, Simulator, StartError};
use serde_json::{Value, json};

use crate::terminal::{self, Output};

#[derive(clap::Args)]
pub(crate) struct Arguments {
    /// Port on 127.0.0.1; 0 picks a free one
    #[arg(long, default_value_t = 0)]
    port: u16,
    /// Rows to serve, one JSON object per line; name the file like the report, or put the report before it
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
    /// Let others use the rate limit too: in each second they take up to this share of the refill
    #[arg(long, value_name = "PERCENT", value_parser = share)]
    drain: Option<f64>,
    /// Faults that replies get (a JSON file); Ctrl-C prints what became of each, and the status is 1 if one was never met
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
}

pub(crate) async fn run(arguments: &Arguments, output: Output) -> Outcome {
    let model: Model = serde_json::from_str(MODEL)?;
    let mut simulator =
        Simulator::from_json(MODEL).map_err(start_failure)?.seed(arguments.seed).rows(arguments.rows).port(arguments.port);
    for data in &arguments.data {
        let (report, path) = split_data(data)?;
        simulator = simulator.data_file(report, path);
    }
    if let Some(token) = &arguments.token {
        simulator = simulator.token(token.as_str(), Permits::all());
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
    if let Some(most) = arguments.drain {
        simulator = simulator.drain(most);
    }
    if let Some(path) = &arguments.faults {
        let plan = FaultPlan::from_json(&read(path)?).map_err(|error| Failure::Findings(format!("`{path}`: {error}")))?;
        simulator = simulator.faults(plan);
    }
    simulator = simulator.strict_keys(arguments.strict_keys);
    for assume in &arguments.assume {
        let (id, value) = pair("assume", assume, "cursor-key=after")?;
        let value = serde_json::from_str(value).unwrap_or_else(|_| Value::from(value));
        simulator = simulator.assume(id, value);
    }
    let server = simulator.start().map_err(start_failure)?;
    let told = serve(arguments, &model, &server, output).await;
    let unmet = server.check_faults();
    server.stop();
    told?;
    unmet.map_err(|unmet| Failure::Findings(unmet.to_string()))
}

/// Tells how to reach the server, and what it did once Ctrl-C stops it.
async fn serve(arguments: &Arguments, model: &Model, server: &Server, output: Output) -> Outcome {
    // Polled once before anything is printed, so that whoever has read the URL can stop the server.
    let mut stopped = pin!(tokio::signal::ctrl_c());
    tokio::select! {
        biased;
        result = &mut stopped => return Ok(result?),
        () = std::future::ready(()) => {}
    }
    match output {
        Output::Text => {
            let token = if arguments.token.is_some() { "<token>" } else { "any" };
            let curl = curl(model, &server.url(), token, arguments.customers.first().copied());
            terminal::line(&format!("{}  (Ctrl-C stops)\n\n{curl}\n", server.url()))?;
        }
        Output::Json => terminal::json(&json!({ "url": server.url() }))?,
    }
    stopped.await?;
    if output == Output::Text {
        let requests = server.requests().len();
        terminal::line(&format!("{requests} request{}, {} tokens", if requests == 1 { "" } else { "s" }, server.spent()))?;
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
const EFFECTS: &str = r#"{"latency_ms": 200}                                  wait before the response
{"slow_body": {"piece": 100, "pause_ms": 50}}        pause after each piece of the body
{"cut": {"at": 0}}                                   reset the connection; "how": "close", "of": "body"
{"close_idle_ms": 0}                                 close the connection after the response
{"refuse": "maintenance"}                            refuse with an error of the API, by name
{"reply": {"status": 429, "retry_after": {"text": "1"}}}
                                                     a reply of your own, also with "json"
{"headers": {"retry-after": "soon", "date": null}}   replace or drop headers
{"set": {"at": "/records/*/id", "to": "x"}}          set a value of the body
{"remove": "/records/0/id"}                          remove a value of the body
{"encode": "utf16-le"}                               or utf8-bom, utf16-be
{"truncate_body": 100}                               a complete response with half a body
{"giant": {"bytes": 1000000000, "of": "rows"}}       or padding, keys
{"next": "asked"}                                    or "end", {"text": ""}, {"page": 2}
{"endless": "empty"}                                 or full"#;

fn examples() -> String {
    let [faults, effects] = [FAULTS, EFFECTS].map(|text| text.trim_end().replace('\n', "\n  "));
    let model: Option<Model> = serde_json::from_str(MODEL).ok();
    let curl = model.map(|model| curl(&model, "http://127.0.0.1:8080", "any", None)).unwrap_or_default().replace('\n', "\n  ");
    format!(
        "Examples:
  placewise simulate --port 8080
  placewise simulate --data sendings.ndjson         one row per line, checked
  placewise simulate --data sendings=march.ndjson --token secret
  placewise simulate --assume cursor-key=after      override an assumption
  placewise simulate --drain 60%                    others use up to 60 % of each second's refill
  placewise simulate --faults faults.json           order faults, such as
  {faults}
A request meets at most one fault: the first that is due. Of the requests that match `on`, `nth`,
`every`, `chance` and `times` say which. What faults `do`, in JSON:
  {effects}
Send the queries that you would send to the API:
  {curl}"
    )
}

/// A query of the first complete report of rows, without a filter, so that the response has rows.
fn curl(model: &Model, base_url: &str, token: &str, customer: Option<i64>) -> String {
    let complete = model.reports.iter().find(|report| report.format == Format::Records && report.coverage == Coverage::Whole);
    let Some(query) = complete.map(|report| Query::new(model, report)) else { return String::new() };
    let customer = customer.map(|id| format!("{}{id}", model.api.customers.id_prefix));
    let target = query.documented_target();
    query.curl(&Target { base_url, token, customer: customer.as_deref().unwrap_or(target.customer) })
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
    std::fs::read_to_string(path).map_err(|error| Failure::CannotRun(format!("cannot read `{path}`: {error}")))
}

fn read_json(path: &str) -> Result<Value, Failure> {
    serde_json::from_str(&read(path)?).map_err(|error| Failure::Findings(format!("`{path}` is not JSON: {error}")))
}

/// `report=file`, or a file with the name of its report.
fn split_data(data: &str) -> Result<(String, PathBuf), Failure> {
    if let Some((report, path)) = data.split_once('=') {
        return Ok((report.to_owned(), PathBuf::from(path)));
    }
    let path = PathBuf::from(data);
    match path.file_stem().and_then(|stem| stem.to_str()) {
        Some(stem) => Ok((stem.to_owned(), path)),
        None => Err(Failure::CannotRun(format!("`{data}` has no file name; write `--data REPORT=FILE`"))),
    }
}

/// Rows that do not match the spec are findings, and so are faults of a plan.
fn start_failure(error: StartError) -> Failure {
    match &error {
        StartError::Data { .. } | StartError::Faults(_) => Failure::Findings(error.to_string()),
        _ => Failure::CannotRun(error.to_string()),
    }
}
