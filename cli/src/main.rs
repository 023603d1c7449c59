//! The program `placewise`: reports in the terminal, without writing Rust. In: arguments; out: tables or JSON on standard output, words on
//! standard error, and an exit code: 0 well, 1 findings, 2 could not do it.

mod demo;
mod output;
mod reports;
mod simulate;

use std::io::Write;
use std::process::ExitCode;

use clap::{CommandFactory, Parser, Subcommand};

use output::Format;

const AFTER: &str = "\
Exit codes:
  0  well
  1  findings: rows that do not fit the spec, a report that does not exist
  2  could not do it: wrong arguments, a file that cannot be read, a port that is taken, the network";

#[derive(Parser)]
#[command(name = "placewise", version, about = "Placewise's Reporting API in the terminal, without writing Rust", after_help = AFTER)]
struct Arguments {
    /// How results are printed
    #[arg(long, global = true, value_enum, default_value_t = Format::Text)]
    format: Format,
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Query rows and a chart through generated types, against an embedded server
    #[command(after_help = "Examples:
  placewise demo
  placewise demo --rows 5000 --seed 42
  placewise demo --format json | jq .tokens")]
    Demo(demo::Arguments),
    /// Serve the reports of the spec on this machine; what no page shows is served once it is given (--assume, --reply)
    #[command(after_help = "Examples:
  placewise simulate --port 8080
  placewise simulate --data sendings.ndjson                one row a line, checked against the spec
  placewise simulate --data sendings=march.ndjson --token secret
  placewise simulate --assume cursor-key=after             turn an assumption another way
The server stops at Ctrl-C. Ask it as you would ask the API:
  curl -s http://127.0.0.1:8080/v1/reporting/query -H 'Content-Type: application/json' -H 'X-Client-Authorization: any' \\
    -H 'X-Customer: id=1000941' -H 'X-Product-Name: demo' -H 'X-User-Agent: curl' -d '{\"report\":\"sendings\",\"limit\":2}'")]
    Simulate(simulate::Arguments),
    /// List the reports, or tell what is known of one
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

/// Why a command ended early.
enum Failure {
    /// Whoever read the output has seen enough.
    Closed,
    /// Something was found wrong; exit code 1.
    Findings(String),
    /// It could not be done; exit code 2.
    Impossible(String),
}

impl From<std::io::Error> for Failure {
    fn from(error: std::io::Error) -> Self {
        if error.kind() == std::io::ErrorKind::BrokenPipe { Self::Closed } else { Self::Impossible(error.to_string()) }
    }
}

impl From<placewise_reporting::Error> for Failure {
    fn from(error: placewise_reporting::Error) -> Self {
        Self::Impossible(error.to_string())
    }
}

type Outcome = Result<(), Failure>;

#[tokio::main]
async fn main() -> ExitCode {
    let arguments = match Arguments::try_parse() {
        Ok(arguments) => arguments,
        Err(error) => {
            let _ = error.print();
            return if error.use_stderr() { ExitCode::from(2) } else { ExitCode::SUCCESS };
        }
    };
    let format = arguments.format;
    let outcome = match arguments.command {
        Command::Demo(arguments) => demo::run(&arguments, format).await,
        Command::Simulate(arguments) => simulate::run(&arguments, format).await,
        Command::Reports(arguments) => reports::run(&arguments, format),
        Command::Completions { shell } => {
            let mut script = Vec::new();
            clap_complete::generate(shell, &mut Arguments::command(), "placewise", &mut script);
            std::io::stdout().write_all(&script).map_err(Failure::from)
        }
    };
    match outcome {
        Ok(()) | Err(Failure::Closed) => ExitCode::SUCCESS,
        Err(Failure::Findings(message)) => {
            output::error(&message);
            ExitCode::from(1)
        }
        Err(Failure::Impossible(message)) => {
            output::error(&message);
            ExitCode::from(2)
        }
    }
}
