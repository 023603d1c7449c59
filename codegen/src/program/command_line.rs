//! The command line: arguments, help and exit status.

use std::io::{self, Write};
use std::process::ExitCode;

use clap::{CommandFactory, Parser, Subcommand};
use placewise_model::exit::{self, Outcome};

use super::terminal::{Format, say};
use super::{check, generate, published};

#[derive(Parser)]
#[command(name = "cargo codegen", version, about = "Keep the typed client, its docs and its schemas in step with spec/", after_help = exit::HELP)]
struct Arguments {
    /// How findings are printed
    #[arg(long, global = true, value_enum, default_value_t = Format::Text)]
    format: Format,
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Write generated/ from spec/
    #[command(after_help = "Examples:
  cargo codegen generate            write the files that are stale
  cargo codegen generate --check    write nothing; list stale files with a short diff and exit with status 1
  cargo codegen generate --check --diff
  cargo codegen generate --spec other/spec --out /tmp/out")]
    Generate(generate::Arguments),
    /// Check a spec and print all findings
    #[command(after_help = "Examples:
  cargo codegen check
  cargo codegen check --spec tests/fixtures/harbour/spec --format json")]
    Check(check::Arguments),
    /// Print a report file made from a published page of a records report
    #[command(after_help = "Reads pages of records reports only; write the files of timeseries and statistics reports by hand.
Open the page in a browser, select all, copy, and save the text. Then:
  cargo codegen import page.txt > spec/reports/sendings/sendings.yaml
  cargo codegen import page.txt --source https://api.developer.placewise.com/doc-354454
Descriptions are not copied. Comments name the page's line; describe each in your own words.")]
    Import(published::ImportArguments),
    /// Compare published pages of records reports with the spec
    #[command(after_help = "Examples:
  cargo codegen drift page.txt
  cargo codegen drift pages/*.txt --spec spec --format json
Compares facts, not prose. If a page's text ends early, what is missing after its end does not count as removed.
Reads pages of records reports only.")]
    Drift(published::DriftArguments),
    /// Print the digest of the sources that this program was compiled from (for the build script)
    #[command(hide = true)]
    Sources,
    /// Print a completion script for a shell
    #[command(after_help = "Example:\n  cargo codegen completions bash > /etc/bash_completion.d/placewise-codegen")]
    Completions {
        /// The shell
        shell: clap_complete::Shell,
    },
}

/// Runs the program with the process's arguments.
pub fn main() -> ExitCode {
    let arguments = match Arguments::try_parse() {
        Ok(arguments) => arguments,
        Err(error) => {
            let _ = error.print();
            return if error.use_stderr() { ExitCode::from(2) } else { ExitCode::SUCCESS };
        }
    };
    let format = arguments.format;
    let outcome = match arguments.command {
        Command::Generate(arguments) => generate::run(arguments, format),
        Command::Check(arguments) => check::run(arguments, format),
        Command::Import(arguments) => published::import(&arguments, format),
        Command::Drift(arguments) => published::drift(arguments, format),
        Command::Sources => writeln!(io::stdout(), env!("PLACEWISE_CODEGEN_SOURCES")).map_err(Into::into),
        Command::Completions { shell } => completions(shell),
    };
    exit::status(outcome, |message| say(&format!("error: {message}")))
}

fn completions(shell: clap_complete::Shell) -> Outcome {
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut Arguments::command(), "placewise-codegen", &mut script);
    Ok(io::stdout().write_all(&script)?)
}
