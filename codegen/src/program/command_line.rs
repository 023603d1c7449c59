//! The command line: arguments, help and exit status.

use std::io::{self, Write};
use std::process::ExitCode;

use clap::{CommandFactory, Parser, Subcommand};
use placewise_model::exit::{self, Outcome};

use super::terminal::{Format, say};
use super::{changelog, check, diff, drift, explain, generate, import, settle};

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
  cargo codegen check --fix
  cargo codegen check --spec tests/fixtures/harbour/spec --format json
  cargo codegen check --format sarif > findings.sarif")]
    Check(check::Arguments),
    /// Explain a code: what it reports, why that is bad, how to mend it, with examples
    #[command(after_help = "Examples:
  cargo codegen explain                 list all codes
  cargo codegen explain unknown-key")]
    Explain(explain::Arguments),
    /// Make a report file from a published page, or merge a page into its file of the spec
    #[command(after_help = "Open the page in a browser, select all, copy, and save the text. A page saved
as HTML or Markdown will do as well. Then:
  cargo codegen import page.txt --source https://api.developer.placewise.com/doc-354454
  cargo codegen import page.txt --out spec/reports/sendings/sendings.yaml     a report without a file
  cargo codegen import page.txt --into spec/reports/sendings/sendings.yaml    a report that has a file
  cargo codegen import filters.txt --into spec/filters.yaml                   any other page
Descriptions are not copied. Comments name the page's line; describe each in your own words.
`--into` changes only what the page states, and prints it:
  fields.channel.values: [sms, email, push] → [sms, email, push, voice]
What the page does not have is removed only if the page was read completely; otherwise it is printed for you to judge.

A page that is no report's states a part of a file: the filter specification of filters.yaml; formats of formats.yaml; endpoints, and
the navigation before any page, of endpoints.yaml; limits, errors, validation and headers of api.yaml; an example of its report's file.
Such a file is only changed, never made: the page does not tell what each name means. A change is made if the spec stays valid. What
the page still says otherwise is printed as `drift` prints it, with exit status 1.")]
    Import(import::Arguments),
    /// Compare published pages with the spec
    #[command(after_help = "Examples:
  cargo codegen drift page.txt
  cargo codegen drift pages/*.txt --spec spec --format json
  cargo codegen drift limits.html --kind rate-limit
  cargo drift-site                  fetch every page that the spec names as a `source`, and compare them
  cargo drift-site https://api.developer.placewise.com      the same, from one host
Reads pages of reports, of formats, endpoints and examples, and of filters, limits, errors and headers; and the navigation before them.
A file is copied text, HTML or Markdown, and may hold several pages.
Compares facts, not prose. What a cut page does not reach is `page-unreached`, never drift; `--partial` accepts it.

Each finding has a fingerprint: the kind and the fact, such as drift-cost:reports/sendings/cost. Decide on it in lockstep/drift.yaml:
  cargo codegen drift --decide drift-cost:reports/sendings/cost --as disputed --reason 'The invoice says 2.'
  cargo codegen drift --decide drift-cost:reports/sendings/cost --as waived --until 2026-12-31 --reason 'They fix it.'
Exits with 1 only for what is not decided. A waiver that has ended and a decision that no page needs are errors.
`--site` records in lockstep/captures.lock what each page stated, so that later runs tell a changed page from a changed spec.")]
    Drift(drift::Arguments),
    /// Apply what exchanges with the live API showed to the spec
    #[command(after_help = "`placewise settle` asks the API, or reads a HAR file of a browser, and writes evidence. Then:
  cargo codegen settle evidence.json --check      print what would change, and write nothing
  cargo codegen settle evidence.json
  cargo codegen settle monday.json tuesday.json   files that contradict each other change nothing
It prints each change at its line, then what stays open and why:
  spec/assumptions.yaml:2:3 cursor-key: page_info → after
  spec/reports/sendings/sendings.yaml:4:1 reports/sendings/cost: 2 → 3
  open: statistics-path: the path is not known
An assumption that was seen gets its value, and `settled: …` in place of `settled_by: …`. A fact that was seen twice gets the provenance
`example`. Neither becomes documented. Comments and layout stay, and a second run changes nothing. If the edited spec would not check,
nothing is written.

The exchanges that settled something are kept in lockstep/exchanges/. `cargo test --test parity` replays them: client and simulator must do
what the API did.")]
    Settle(settle::Arguments),
    /// Tell what the differences of two specs break, why they differ, and which release they ask for
    #[command(after_help = "Examples:
  cargo codegen diff v0.1.0                      the spec of a tag, and that of the working tree
  cargo codegen diff main HEAD --format markdown
  cargo codegen diff old/spec new/spec --format json
  cargo codegen diff HEAD~3:spec HEAD --deny rust --deny wire --deny operation
Classes: rust (a program does not compile), wire (old client and new API do not understand each other), operation (a job stops though
everything compiles), additive, documentation. Each change has its cause: changed (the API), learned (we know more), corrected (the spec was
wrong), unknown (no captures in lockstep/). Each change that breaks has the smallest program that shows it.
Releases: what does not compile asks for a major one, texts for a patch, all else for a minor one. Before 1.0, major raises the second number
of a version, and the others the third.
`--format json` prints {changes: [{rule, class, cause, step, fact, message, old, new, witness}], step, counts}: old and new are {file, line,
column} or null, witness is {program, line, kind} or null, step is null if nothing differs, and counts has every class.
Exits with 0 whatever differs, with 1 if `--deny` meets a change, and with 2 if the specs could not be compared.
`cargo codegen explain RULE` explains a rule.")]
    Diff(diff::Arguments),
    /// Print the entries of CHANGELOG.md for what differs between two specs, or add those that it lacks
    #[command(after_help = "Examples:
  cargo codegen changelog v0.1.0                 print the entries
  cargo codegen changelog v0.1.0 HEAD --write    add those that CHANGELOG.md lacks under `## Unreleased`
Nothing is ever removed or reworded. An entry that you reword is added again by the next run, until you print instead.")]
    Changelog(changelog::Arguments),
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
    if format == Format::Markdown && !matches!(arguments.command, Command::Diff(_)) {
        say("error: `--format markdown` is for `diff` alone");
        return ExitCode::from(2);
    }
    let outcome = match arguments.command {
        Command::Generate(arguments) => generate::run(arguments, format),
        Command::Check(arguments) => check::run(arguments, format),
        Command::Explain(arguments) => explain::run(&arguments, format),
        Command::Import(arguments) => import::run(&arguments, format),
        Command::Changelog(arguments) => changelog::run(arguments, format),
        Command::Diff(arguments) => diff::run(arguments, format),
        Command::Drift(arguments) => drift::run(arguments, format),
        Command::Settle(arguments) => settle::run(arguments, format),
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
