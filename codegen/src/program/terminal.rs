//! Prints findings and closing lines. Results go to standard output, text for people to standard error.

use std::io::{self, IsTerminal, Write};

use clap::ValueEnum;

use crate::finding::{Finding, Severity, Sources, render, to_json};

/// How findings and results are printed.
#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum Format {
    /// For people
    Text,
    /// One JSON array
    Json,
}

/// Prints findings for people to standard error, or as JSON to standard output.
pub(super) fn print_findings(findings: &[Finding], sources: &Sources, format: Format) -> io::Result<()> {
    match format {
        Format::Json => {
            let json = serde_json::to_string_pretty(&to_json(findings, sources)).unwrap_or_default();
            writeln!(io::stdout(), "{json}")
        }
        Format::Text => {
            let color = io::stderr().is_terminal() && std::env::var_os("NO_COLOR").is_none();
            write!(anstream::stderr(), "{}", render(findings, sources, color))
        }
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

/// `1 file`, `2 files`
pub(super) fn plural(count: usize, word: &str) -> String {
    format!("{count} {word}{}", if count == 1 { "" } else { "s" })
}

/// Prints a closing line for people, apart from results on standard output.
pub(super) fn say(line: &str) {
    let _ = writeln!(anstream::stderr(), "{line}");
}
