//! Prints findings and closing lines. Results go to standard output, text for people to standard error.

use std::io::{self, IsTerminal, Write};

use clap::ValueEnum;

pub(super) use crate::finding::plural;
use crate::finding::{Finding, Severity, Sources, render, to_github, to_json, to_sarif};

/// How findings and results are printed.
#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum Format {
    /// For people
    #[value(name = "human", alias = "text")]
    Text,
    /// One JSON array
    Json,
    /// SARIF 2.1.0, for code scanning
    Sarif,
    /// Workflow commands, which GitHub turns into annotations
    Github,
    /// Markdown, of `diff` alone
    Markdown,
}

/// Prints findings for people to standard error, or for machines to standard output.
pub(super) fn print_findings(findings: &[Finding], sources: &Sources, format: Format) -> io::Result<()> {
    match format {
        Format::Text | Format::Markdown => {
            let color = io::stderr().is_terminal() && std::env::var_os("NO_COLOR").is_none();
            write!(anstream::stderr(), "{}", render(findings, sources, color))
        }
        _ => write!(io::stdout(), "{}", for_machines(findings, sources, format)),
    }
}

/// Findings in a format for machines.
pub(super) fn for_machines(findings: &[Finding], sources: &Sources, format: Format) -> String {
    let pretty = |json: &serde_json::Value| serde_json::to_string_pretty(json).unwrap_or_default() + "\n";
    match format {
        Format::Sarif => pretty(&to_sarif(findings, sources)),
        Format::Github => to_github(findings, sources),
        Format::Json | Format::Text | Format::Markdown => pretty(&to_json(findings, sources)),
    }
}

/// `2 errors, 1 warning`
pub(super) fn counted(findings: &[Finding]) -> String {
    let count = |severity| findings.iter().filter(|finding| finding.severity == severity).count();
    match (count(Severity::Error), count(Severity::Warning)) {
        (errors, 0) => plural(errors, "error"),
        (errors, warnings) => format!("{}, {}", plural(errors, "error"), plural(warnings, "warning")),
    }
}

/// Prints a closing line for people, apart from results on standard output.
pub(super) fn say(line: &str) {
    let _ = writeln!(anstream::stderr(), "{line}");
}
