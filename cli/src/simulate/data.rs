//! `--data`: which report the rows of a file belong to, and whether the file is CSV or JSON.

use std::fs;
use std::path::Path;

use placewise_model::exit::Failure;
use placewise_model::{Format, Model, Report, nearest};
use placewise_simulator::{Simulator, StartError};

use super::csv_rows;
use super::start_failure::start_failure;

/// Provides the rows of a file; returns their report.
pub(super) fn provide(simulator: Simulator, model: &Model, option: &str) -> Result<(Simulator, String), Failure> {
    let (report, path) = split(model, option)?;
    let text = match fs::read(path).map(String::from_utf8) {
        Ok(Ok(text)) => text,
        Ok(Err(_)) => return Err(start_failure(StartError::DataEncoding { path: path.into() })),
        Err(error) => return Err(start_failure(StartError::DataFile { path: path.into(), error })),
    };
    let name = report.name.clone();
    let simulator = if is_csv(path, &text) {
        let problems = |problems| start_failure(StartError::Data { report: name.clone(), source: Some(path.into()), problems });
        simulator.data_lines(&name, path, csv_rows::read(report, &text).map_err(problems)?)
    } else {
        simulator.data_text(&name, path, text)
    };
    Ok((simulator, name))
}

/// The report and the path of `REPORT=FILE`, or of a file with the name of its report. A path may contain `=`.
fn split<'a, 'o>(model: &'a Model, option: &'o str) -> Result<(&'a Report, &'o str), Failure> {
    if let Some((report, path)) = option.split_once('=')
        && let Some(report) = model.report(report)
    {
        return Ok((report, path));
    }
    let stem = Path::new(option).file_stem().and_then(|stem| stem.to_str()).unwrap_or_default();
    if let Some(report) = model.report(stem) {
        return Ok((report, option));
    }
    let is_name = |text: &&str| text.chars().all(|c| c.is_ascii_alphanumeric() || "_-".contains(c));
    let (name, path) = match option.split_once('=').filter(|(name, _)| is_name(name)) {
        Some((name, path)) => (name, path),
        None => (stem, option),
    };
    let reports = || model.reports.iter().filter(|report| report.format == Format::Records).map(|report| report.name.as_str());
    let advice = match nearest(name, reports()) {
        Some(near) => format!("did you mean `--data {near}={path}`?"),
        None => format!("write `--data REPORT={path}` with one of {}", reports().collect::<Vec<_>>().join(", ")),
    };
    Err(Failure::CannotRun(format!("no report is named `{name}`; {advice}")))
}

/// Whether a file is CSV: by its name, unless it starts like JSON.
fn is_csv(path: &str, text: &str) -> bool {
    let extension = Path::new(path).extension().and_then(|extension| extension.to_str()).unwrap_or_default();
    let named_json = ["json", "ndjson", "jsonl"].iter().any(|json| extension.eq_ignore_ascii_case(json));
    let start = text.trim_start_matches('\u{feff}').trim_start();
    !named_json && !start.is_empty() && !start.starts_with(['{', '['])
}
