//! `placewise simulate`: the reports served on this machine. In: rows of the user's own or a seed; out: a server on a loopback port until
//! Ctrl-C, with its address as the first line on standard output.

use std::path::PathBuf;

use placewise_reporting::MODEL;
use placewise_simulator::{Permits, Simulator, StartError};
use serde_json::{Value, json};

use crate::output::{self, Format};
use crate::{Failure, Outcome};

#[derive(clap::Args)]
pub(crate) struct Arguments {
    /// The port on 127.0.0.1; 0 takes a free one
    #[arg(long, default_value_t = 0)]
    port: u16,
    /// Rows of your own, one JSON object a line; the file is called like the report, or the report is named before it
    #[arg(long, value_name = "[REPORT=]FILE")]
    data: Vec<String>,
    /// Made-up rows of each report without data
    #[arg(long, default_value_t = 500)]
    rows: usize,
    /// Seed of the made-up rows: the same seed gives the same rows
    #[arg(long, default_value_t = 7)]
    seed: u64,
    /// The token to accept, with every permit; without one, every token is accepted
    #[arg(long, env = "PLACEWISE_TOKEN", hide_env_values = true)]
    token: Option<String>,
    /// The customers to serve [default: the documentation's examples]
    #[arg(long, value_name = "ID", value_delimiter = ',')]
    customers: Vec<i64>,
    /// Turn an assumption another way; the value is JSON, or text
    #[arg(long, value_name = "ID=VALUE")]
    assume: Vec<String>,
    /// The time zone of a customer's clubs; Europe/Oslo if not given
    #[arg(long, value_name = "CUSTOMER=ZONE")]
    zone: Vec<String>,
    /// What an endpoint answers whose answer is not known: a JSON file
    #[arg(long, value_name = "ENDPOINT=FILE")]
    reply: Vec<String>,
    /// The time that the server takes to be now, such as 2026-01-15T12:00:00Z: history reaches up to it, and is the same in every run
    #[arg(long, value_name = "TIME")]
    now: Option<jiff::Timestamp>,
    /// Refuse request keys that are not known; they are ignored otherwise
    #[arg(long)]
    strict_keys: bool,
}

pub(crate) async fn run(arguments: &Arguments, format: Format) -> Outcome {
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
        let customer =
            customer.parse().map_err(|_| Failure::Impossible(format!("`--zone {zone}`: `{customer}` is no customer's id")))?;
        simulator = simulator.customer_zone(customer, name);
    }
    for reply in &arguments.reply {
        let (endpoint, path) = pair("reply", reply, "metadata=metadata.json")?;
        simulator = simulator.reply(endpoint, read_json(path)?);
    }
    if let Some(now) = arguments.now {
        simulator = simulator.now(move || now);
    }
    simulator = simulator.strict_keys(arguments.strict_keys);
    for assume in &arguments.assume {
        let (id, value) = pair("assume", assume, "cursor-key=after")?;
        let value = serde_json::from_str(value).unwrap_or_else(|_| Value::from(value));
        simulator = simulator.assume(id, value);
    }
    let server = simulator.start().map_err(start_failure)?;
    match format {
        Format::Text => output::line(&format!("{}  (Ctrl-C stops)", server.url()))?,
        Format::Json => output::json(&json!({ "url": server.url() }))?,
    }
    tokio::signal::ctrl_c().await?;
    let requests = server.requests().len();
    let spent = server.spent();
    server.stop();
    if format == Format::Text {
        output::line(&format!("{requests} request{}, {spent} tokens", if requests == 1 { "" } else { "s" }))?;
    }
    Ok(())
}

/// The two sides of an equals sign.
fn pair<'a>(option: &str, value: &'a str, example: &str) -> Result<(&'a str, &'a str), Failure> {
    let wrong = || Failure::Impossible(format!("`--{option} {value}` has no `=`; write it as in `--{option} {example}`"));
    value.split_once('=').ok_or_else(wrong)
}

fn read_json(path: &str) -> Result<Value, Failure> {
    let text = std::fs::read_to_string(path).map_err(|error| Failure::Impossible(format!("{path}: {error}")))?;
    serde_json::from_str(&text).map_err(|error| Failure::Findings(format!("{path} is no JSON: {error}")))
}

/// `report=file`, or a file that is called like its report.
fn split_data(data: &str) -> Result<(String, PathBuf), Failure> {
    if let Some((report, path)) = data.split_once('=') {
        return Ok((report.to_owned(), PathBuf::from(path)));
    }
    let path = PathBuf::from(data);
    match path.file_stem().and_then(|stem| stem.to_str()) {
        Some(stem) => Ok((stem.to_owned(), path)),
        None => Err(Failure::Impossible(format!("`{data}` has no file name; write `--data REPORT=FILE`"))),
    }
}

/// Rows that do not fit the spec are findings; all else could not be done.
fn start_failure(error: StartError) -> Failure {
    match &error {
        StartError::Data { .. } => Failure::Findings(error.to_string()),
        _ => Failure::Impossible(error.to_string()),
    }
}
