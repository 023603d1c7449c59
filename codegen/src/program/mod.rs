//! The command line. In: arguments; out: the stages run in their order, findings rendered, and the exit code: 0 well, 1 findings, 2 could
//! not do it.

mod generate;
mod pages;

use std::io::{IsTerminal, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::{CommandFactory, Parser, Subcommand, ValueEnum};

use crate::Checked;
use crate::finding::{self, Finding, Severity, Sources};
use crate::source;

const AFTER: &str = "\
Exit codes:
  0  well
  1  findings: errors in the spec, a stale tree, drift
  2  could not do it: wrong arguments, a file that cannot be read or written";

#[derive(Parser)]
#[command(name = "cargo codegen", version, about = "Keeps the typed client, its docs and its schemas in lockstep with spec/", after_help = AFTER)]
struct Arguments {
    /// How findings are printed
    #[arg(long, global = true, value_enum, default_value_t = Format::Text)]
    format: Format,
    #[command(subcommand)]
    command: Command,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Format {
    /// For people
    Text,
    /// One JSON array
    Json,
}

#[derive(Subcommand)]
enum Command {
    /// Write generated/ from spec/
    #[command(after_help = "Examples:
  cargo codegen generate            write what is stale
  cargo codegen generate --check    write nothing; print a diff of what is stale and exit 1
  cargo codegen generate --spec other/spec --out /tmp/out")]
    Generate(generate::Arguments),
    /// Check a spec and print every finding
    #[command(after_help = "Examples:
  cargo codegen check
  cargo codegen check --spec tests/fixtures/harbour/spec --format json")]
    Check {
        /// The spec directory
        #[arg(long, value_name = "DIR")]
        spec: Option<PathBuf>,
    },
    /// Print a report file made from the text of a published page
    #[command(after_help = "Open the page in a browser, select all, copy, and save the text. Then:
  cargo codegen import page.txt > spec/reports/sendings/sendings.yaml
  cargo codegen import page.txt --source https://api.developer.placewise.com/doc-354454
Descriptions are left out: write each in your own words at the line of the page that a comment names.")]
    Import(pages::ImportArguments),
    /// Compare published pages with the spec, fact by fact
    #[command(after_help = "Examples:
  cargo codegen drift page.txt
  cargo codegen drift pages/*.txt --spec spec --format json
Prose is not compared. A page that ends early is said to end early; what it no longer shows is not taken as removed.")]
    Drift(pages::DriftArguments),
    /// Print a completion script for a shell
    #[command(after_help = "Example:\n  cargo codegen completions bash > /etc/bash_completion.d/placewise-codegen")]
    Completions {
        /// The shell
        shell: clap_complete::Shell,
    },
}

/// What a command can end with.
enum Failure {
    /// Whoever read the output has seen enough.
    Closed,
    /// It could not be done.
    Impossible(String),
}

impl From<std::io::Error> for Failure {
    fn from(error: std::io::Error) -> Self {
        if error.kind() == std::io::ErrorKind::BrokenPipe { Self::Closed } else { Self::Impossible(error.to_string()) }
    }
}

type Outcome = Result<ExitCode, Failure>;

/// Runs the program on the process's arguments.
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
        Command::Generate(arguments) => generate::run(&arguments, format),
        Command::Check { spec } => check(spec, format),
        Command::Import(arguments) => pages::import(&arguments, format),
        Command::Drift(arguments) => pages::drift(&arguments, format),
        Command::Completions { shell } => {
            let mut script = Vec::new();
            clap_complete::generate(shell, &mut Arguments::command(), "placewise-codegen", &mut script);
            std::io::stdout().write_all(&script).map_err(Failure::from).map(|()| ExitCode::SUCCESS)
        }
    };
    match outcome {
        Ok(code) => code,
        Err(Failure::Closed) => ExitCode::SUCCESS,
        Err(Failure::Impossible(message)) => {
            eprintln!("error: {message}");
            ExitCode::from(2)
        }
    }
}

fn check(spec: Option<PathBuf>, format: Format) -> Outcome {
    let spec = spec_dir(spec)?;
    let checked = load(&spec)?;
    print_findings(&checked.findings, &checked.sources, format)?;
    if format == Format::Text {
        let reports = checked.spec.reports.len();
        say(&match &checked.model {
            Some(_) => {
                format!("{}: {reports} report{} and the platform are well", spec.display(), if reports == 1 { "" } else { "s" })
            }
            None => format!("{}: {}", spec.display(), counted(&checked.findings)),
        });
    }
    Ok(code(checked.model.is_some()))
}

fn code(well: bool) -> ExitCode {
    if well { ExitCode::SUCCESS } else { ExitCode::from(1) }
}

fn load(spec: &Path) -> Result<Checked, Failure> {
    let files = source::read_dir(spec).map_err(|error| Failure::Impossible(format!("cannot read the spec: {error}")))?;
    Ok(crate::check_spec(files))
}

/// The spec directory: as given, or that of the project around the current directory.
fn spec_dir(given: Option<PathBuf>) -> Result<PathBuf, Failure> {
    match given {
        Some(dir) => Ok(dir),
        None => Ok(relative(&project_root()?.join("spec"))),
    }
}

/// The nearest folder at or above the current one that holds a spec.
fn project_root() -> Result<PathBuf, Failure> {
    let current = std::env::current_dir()?;
    let found = current.ancestors().find(|dir| dir.join("spec").join("api.yaml").is_file());
    found
        .map(Path::to_owned)
        .ok_or_else(|| Failure::Impossible("no folder here or above holds spec/api.yaml; name the spec with --spec DIR".into()))
}

/// Paths read better from where the user stands.
fn relative(path: &Path) -> PathBuf {
    let current = std::env::current_dir().unwrap_or_default();
    path.strip_prefix(&current).map(Path::to_owned).unwrap_or_else(|_| path.to_owned())
}

fn print_findings(findings: &[Finding], sources: &Sources, format: Format) -> Result<(), Failure> {
    match format {
        Format::Json => {
            let json = serde_json::to_string_pretty(&finding::to_json(findings, sources)).unwrap_or_default();
            writeln!(std::io::stdout(), "{json}")?;
        }
        Format::Text => {
            let color = std::io::stderr().is_terminal() && std::env::var_os("NO_COLOR").is_none();
            write!(anstream::stderr(), "{}", finding::render(findings, sources, color))?;
        }
    }
    Ok(())
}

fn counted(findings: &[Finding]) -> String {
    let count = |severity| findings.iter().filter(|finding| finding.severity == severity).count();
    let words = |count: usize, word: &str| format!("{count} {word}{}", if count == 1 { "" } else { "s" });
    match (count(Severity::Error), count(Severity::Warning)) {
        (errors, 0) => words(errors, "error"),
        (errors, warnings) => format!("{}, {}", words(errors, "error"), words(warnings, "warning")),
    }
}

/// A closing line for people, apart from results on standard output.
fn say(line: &str) {
    let _ = writeln!(anstream::stderr(), "{line}");
}
