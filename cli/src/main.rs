//! The program `placewise`: reports in the terminal, without writing Rust.
//!
//! Results go to standard output, everything else to standard error.

mod api;
mod assumptions;
mod completions;
mod condition;
mod config;
mod connection;
mod dates;
mod demo;
mod digest;
mod doctor;
mod drift;
mod explain;
mod folders;
mod limiter;
mod output;
mod query;
mod refusals;
mod reports;
mod settings;
mod settle;
mod simulate;
mod terminal;
mod zones;

use std::ffi::OsString;
use std::process::ExitCode;

use clap::{CommandFactory, FromArgMatches, Parser, Subcommand};
use placewise_model::exit::{self, Failure};

use output::Format;
use terminal::Output;

/// The allocator of musl is slow.
#[cfg(target_env = "musl")]
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

const ABOUT: &str = "Placewise's Reporting API in the terminal. You can use `placewise` without writing Rust.";

#[derive(Parser)]
#[command(name = "placewise", version, about = ABOUT, after_help = exit::HELP)]
struct Arguments {
    /// Format of the results [default: text, or as the name of --out tells]
    #[arg(long, global = true, value_enum)]
    format: Option<Format>,
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Query rows and a chart from an embedded server
    #[command(after_help = "Examples:
  placewise demo
  placewise demo --rows 5000 --seed 42
  placewise demo --format json | jq .tokens")]
    Demo(demo::Arguments),
    /// Serve the reports of the spec on this machine
    Simulate(Box<simulate::Arguments>),
    /// List the reports, or describe one
    #[command(after_help = "Examples:
  placewise reports
  placewise reports sendings
  placewise reports sendings --format json")]
    Reports(reports::Arguments),
    /// List what is assumed because no page states it, or what queries of one report depend on
    #[command(after_help = "Examples:
  placewise assumptions
  placewise assumptions sendings
  placewise assumptions sendings --format json")]
    Assumptions(assumptions::Arguments),
    /// Query rows, a chart or figures of any report
    #[command(after_help = query::help("  placewise query REPORT --where 'field = value' --limit 10
  placewise query REPORT --by AGGREGATION --out totals.csv
  placewise query TIMESERIES --from -30d --interval 1d --zone Europe/Oslo"))]
    Query(Box<query::Arguments>),
    /// Say what a query would take, without sending it
    #[command(after_help = query::help("  placewise plan REPORT --where 'field = value' --limit 1000
  placewise plan TIMESERIES --from 2025-01-01 --interval 1h --zone Europe/Oslo --format json"))]
    Plan(Box<query::Arguments>),
    /// Find what is wrong with the connection: settings, host, proxy, certificates, token, permits, customers, clock
    #[command(after_help = doctor::help())]
    Doctor(Box<doctor::Arguments>),
    /// Settle what is assumed: ask the server, or read a recording of a browser
    #[command(after_help = settle::help())]
    Settle(Box<settle::Arguments>),
    /// Compare the spec with what the API says of its reports
    #[command(after_help = drift::help())]
    Drift(Box<drift::Arguments>),
    /// Print the script that makes a shell complete commands, reports, fields and values
    #[command(after_help = "Examples:
  placewise completions bash > ~/.local/share/bash-completion/completions/placewise
  placewise completions zsh > ~/.zfunc/_placewise                     with ~/.zfunc in fpath
  placewise completions fish > ~/.config/fish/completions/placewise.fish
  placewise completions powershell >> $PROFILE")]
    Completions {
        /// The shell
        shell: completions::Shell,
    },
}

/// The command line. The examples of `simulate` print a query of the spec, which no other command should read for them.
fn command() -> clap::Command {
    Arguments::command().mut_subcommand("simulate", |command| command.defer(simulate::with_examples))
}

fn main() -> ExitCode {
    completions::complete(command);
    start()
}

#[tokio::main]
async fn start() -> ExitCode {
    let arguments = match command().try_get_matches().and_then(|matches| Arguments::from_arg_matches(&matches)) {
        Ok(arguments) => arguments,
        Err(error) => {
            if error.use_stderr() && wants_json(std::env::args_os().skip(1)) {
                terminal::usage_error(&error);
                return ExitCode::from(2);
            }
            let printed = error.print();
            if error.use_stderr() {
                return ExitCode::from(2);
            }
            // Help that nobody can read is no success.
            let printed = printed.map_err(|error| Failure::from(terminal::unwritten(error)));
            return exit::status(printed, |message| terminal::error(message, Output::Text));
        }
    };
    let format = arguments.format;
    let errors = if matches!(format, Some(Format::Json | Format::Ndjson)) { Output::Json } else { Output::Text };
    exit::status(run(arguments.command, format).await, |message| terminal::error(message, errors))
}

async fn run(command: Command, format: Option<Format>) -> exit::Outcome {
    match command {
        Command::Demo(arguments) => demo::run(&arguments, plain(format)?).await,
        Command::Simulate(arguments) => simulate::run(&arguments, plain(format)?).await,
        Command::Reports(arguments) => reports::run(&arguments, plain(format)?),
        Command::Assumptions(arguments) => assumptions::run(&arguments, plain(format)?),
        Command::Query(arguments) => query::run(&arguments, format).await,
        Command::Plan(arguments) => query::plan(&arguments, format).await,
        Command::Doctor(arguments) => doctor::run(&arguments, plain(format)?).await,
        Command::Settle(arguments) => settle::run(&arguments, plain(format)?).await,
        Command::Drift(arguments) => drift::run(&arguments, plain(format)?).await,
        Command::Completions { shell } => completions::print(shell, plain(format)?),
    }
}

/// The format of a command whose results are no rows.
fn plain(format: Option<Format>) -> Result<Output, Failure> {
    match format {
        None | Some(Format::Text) => Ok(Output::Text),
        Some(Format::Json) => Ok(Output::Json),
        Some(other) => {
            Err(Failure::CannotRun(format!("this command writes text or JSON, not {}; use --format json", other.name())))
        }
    }
}

/// Whether a command line that is not understood asks for JSON.
fn wants_json(arguments: impl Iterator<Item = OsString>) -> bool {
    let arguments: Vec<OsString> = arguments.collect();
    ["json", "ndjson"].into_iter().any(|format| {
        let joined = OsString::from(format!("--format={format}"));
        arguments.contains(&joined) || arguments.windows(2).any(|pair| pair[0] == "--format" && pair[1] == format)
    })
}
