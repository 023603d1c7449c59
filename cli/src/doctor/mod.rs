//! `placewise doctor`: what is wrong with a connection, and what to do.
//!
//! Settings, proxy, name and connection are checked without a request. Only what is left costs tokens, and it is sent after its price was named
//! and accepted.

mod findings;
mod network;
mod probe;
mod settings;

use placewise_model::exit::Outcome;

use crate::connection::{Connection, ConnectionArguments};
use crate::terminal::{self, Output};
use findings::Findings;
use probe::{Answer, Price};

#[derive(clap::Args)]
pub(crate) struct Arguments {
    /// Ask every report, to see which ones the token may query
    #[arg(long)]
    permits: bool,
    /// Send the requests without asking
    #[arg(long, short)]
    yes: bool,
    #[command(flatten)]
    connection: ConnectionArguments,
}

/// The help after the arguments.
pub(crate) fn help() -> String {
    crate::config::help(
        "Examples:
  placewise doctor
  placewise doctor --profile staging --yes
  placewise doctor --permits --yes --format json

Each line is ok, wrong or unknown. Settings, proxy, host and connection are checked without a request. The rest takes one request, or with
--permits one for each report; the price is named first, and a terminal is asked. Elsewhere nothing is sent without --yes.
Here, status 1 says that something is wrong, and 2 that the server was not asked.",
    )
}

pub(crate) async fn run(arguments: &Arguments, output: Output) -> Outcome {
    let connection = Connection::of(&arguments.connection)?;
    let mut findings = Findings::new(output);
    settings::check(&connection, &mut findings)?;
    let reports = probe::reports(&connection, arguments.permits);
    let price = Price::of(&reports);
    // What is wrong with a setting need not stop the rest, such as a token file that others can read.
    let client = match connection.client() {
        Ok(client) => client,
        Err(_) if findings.is_wrong() => return findings.conclude(&price.json(), 0, None, None),
        Err(failure) => {
            findings.wrong("client", settings::message(failure), "")?;
            return findings.conclude(&price.json(), 0, None, None);
        }
    };
    let before = findings.wrong_count();
    network::check(&connection, &client, &mut findings).await?;
    if findings.wrong_count() > before {
        return findings.conclude(&price.json(), 0, None, None);
    }
    if reports.is_empty() {
        findings.unknown(
            "request",
            "no path of a query is known",
            "set one with --assume; `placewise assumptions` lists them",
        )?;
        return findings.conclude(&price.json(), 0, None, None);
    }
    if let Some(unsent) = terminal::refusal(arguments.yes, &price.text()) {
        return findings.conclude(&price.json(), 0, None, Some(unsent));
    }
    let mut answers: Vec<Answer<'_>> = Vec::new();
    for report in reports {
        answers.push(Answer::to(&connection, &client, report).await);
    }
    probe::check(&connection, &answers, &mut findings)?;
    let tokens = answers.iter().filter_map(Answer::tokens).reduce(i64::saturating_add);
    findings.conclude(&price.json(), answers.len(), tokens, None)
}
