//! The program `placewise`: reports in the terminal, without writing Rust.
//!
//! Results go to standard output, everything else to standard error.

mod demo;
mod reports;
mod simulate;
mod terminal;

use std::io::Write;
use std::process::ExitCode;

use clap::{CommandFactory, FromArgMatches, Parser, Subcommand};
use placewise_model::exit;

use terminal::Output;

const ABOUT: &str = "Placewise's Reporting API in the terminal. You can use `placewise` without writing Rust.";

#[derive(Parser)]
#[command(name = "placewise", version, about = ABOUT, after_help = exit::HELP)]
struct Arguments {
    /// Format of the results
    #[arg(long, global = true, value_enum, default_value_t = Output::Text)]
    format: Output,
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
    /// Print a completion script for a shell
    #[command(after_help = "Example:\n  placewise completions bash > /etc/bash_completion.d/placewise")]
    Completions {
        /// The shell
        shell: clap_complete::Shell,
    },
}

/// The command line. The examples of `simulate` print a query of the spec, which no other command should read for them.
fn command() -> clap::Command {
    Arguments::command().mut_subcommand("simulate", |command| command.defer(simulate::with_examples))
}

#[tokio::main]
async fn main() -> ExitCode {
    let arguments = match command().try_get_matches().and_then(|matches| Arguments::from_arg_matches(&matches)) {
        Ok(arguments) => arguments,
        Err(error) => {
            let _ = error.print();
            return if error.use_stderr() { ExitCode::from(2) } else { ExitCode::SUCCESS };
        }
    };
    let output = arguments.format;
    let outcome = match arguments.command {
        Command::Demo(arguments) => demo::run(&arguments, output).await,
        Command::Simulate(arguments) => simulate::run(&arguments, output).await,
        Command::Reports(arguments) => reports::run(&arguments, output),
        Command::Completions { shell } => {
            let mut script = Vec::new();
            clap_complete::generate(shell, &mut command(), "placewise", &mut script);
            std::io::stdout().write_all(&script).map_err(exit::Failure::from)
        }
    };
    exit::status(outcome, terminal::error)
}
