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
    for assume in &arguments.assume {
        let Some((id, value)) = assume.split_once('=') else {
            return Err(Failure::Impossible(format!("`--assume {assume}` is not ID=VALUE, as in `--assume cursor-key=after`")));
        };
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
