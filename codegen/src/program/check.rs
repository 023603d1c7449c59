//! `check`: prints all findings of a spec.

use std::path::PathBuf;

use placewise_model::exit::{Failure, Outcome};

use super::spec_dir::{load, spec_dir};
use super::terminal::{Format, counted, plural, print_findings, say};

#[derive(clap::Args)]
pub(super) struct Arguments {
    /// The spec directory [default: the project's spec/]
    #[arg(long, value_name = "DIR")]
    spec: Option<PathBuf>,
}

pub(super) fn run(arguments: Arguments, format: Format) -> Outcome {
    let spec = spec_dir(arguments.spec)?;
    let checked = load(&spec)?;
    print_findings(&checked.findings, &checked.sources, format)?;
    if checked.model.is_none() {
        return Err(Failure::Findings(format!("{}: {}", spec.display(), counted(&checked.findings))));
    }
    if format == Format::Text {
        let warnings = if checked.findings.is_empty() { String::new() } else { format!(", {}", counted(&checked.findings)) };
        say(&format!("{}: {} checked{warnings}", spec.display(), plural(checked.spec.reports.len(), "report")));
    }
    Ok(())
}
