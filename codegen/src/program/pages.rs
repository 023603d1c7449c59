//! `import` and `drift`: published pages, as a browser copies them.

use std::fs;
use std::io::{Read, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use super::{Failure, Format, Outcome, code, counted, load, print_findings, say, spec_dir};
use crate::finding::{Finding, Place, Severity, Sources};
use crate::page;

#[derive(clap::Args)]
pub(super) struct ImportArguments {
    /// The page's text; - for standard input
    page: PathBuf,
    /// The page's address, for the report's `source`
    #[arg(long, value_name = "URL")]
    source: Option<String>,
}

#[derive(clap::Args)]
pub(super) struct DriftArguments {
    /// The texts of pages; - for standard input
    #[arg(required = true)]
    pages: Vec<PathBuf>,
    /// The spec directory [default: the project's spec/]
    #[arg(long, value_name = "DIR")]
    spec: Option<PathBuf>,
}

pub(super) fn import(arguments: &ImportArguments, format: Format) -> Outcome {
    let mut sources = Sources::default();
    let text = read(&arguments.page)?;
    let file = sources.add(arguments.page.to_string_lossy().replace('\\', "/"), text);
    let reading = page::read(file, &sources.get(file).text);
    // Standard output belongs to the report file, so findings for machines go to standard error here.
    match format {
        Format::Text => print_findings(&reading.findings, &sources, format)?,
        Format::Json => say(&crate::finding::to_json(&reading.findings, &sources).to_string()),
    }
    match &reading.page {
        Some(page) => {
            write!(std::io::stdout(), "{}", page::import(page, arguments.source.as_deref()))?;
            Ok(code(!reading.findings.iter().any(|finding| finding.severity == Severity::Error)))
        }
        None => Ok(ExitCode::from(1)),
    }
}

pub(super) fn drift(arguments: &DriftArguments, format: Format) -> Outcome {
    let spec = spec_dir(arguments.spec.clone())?;
    let mut checked = load(&spec)?;
    let Some(model) = checked.model.take() else {
        print_findings(&checked.findings, &checked.sources, format)?;
        say(&format!("the spec itself is not well: {}", counted(&checked.findings)));
        return Ok(ExitCode::from(1));
    };
    let mut findings: Vec<Finding> = Vec::new();
    for path in &arguments.pages {
        let text = read(path)?;
        let file = checked.sources.add(path.to_string_lossy().replace('\\', "/"), text);
        let reading = page::read(file, &checked.sources.get(file).text);
        let Some(page) = &reading.page else {
            findings.extend(reading.findings);
            continue;
        };
        let name = page.name.value.as_str();
        let doc = checked.spec.reports.iter().map(|(_, doc)| doc).find(|doc| doc.value.report == name);
        match (model.report(name), doc) {
            (Some(report), Some(doc)) => {
                let place_of = |path: &[&str]| doc.at(path);
                findings.extend(page::drift(&reading, report, &place_of));
            }
            _ => findings.push(
                Finding::error("drift-report-missing", format!("the spec has no report `{name}`"))
                    .at(Place { file, span: page.name.place.span.clone() })
                    .help(format!("make one with `cargo codegen import {}`", path.display())),
            ),
        }
    }
    crate::finding::sort(&mut findings, &checked.sources);
    print_findings(&findings, &checked.sources, format)?;
    let differs = findings.iter().any(|finding| finding.severity == Severity::Error);
    if format == Format::Text {
        let pages = arguments.pages.len();
        let pages = format!("{pages} page{}", if pages == 1 { "" } else { "s" });
        say(&if differs { format!("{pages} compared: {}", counted(&findings)) } else { format!("{pages} compared: no drift") });
    }
    Ok(code(!differs))
}

/// Pages are text that people save with many tools: bytes that are not UTF-8 become replacement marks and the rest still counts.
fn read(path: &Path) -> Result<String, Failure> {
    let bytes = if path == Path::new("-") {
        let mut bytes = Vec::new();
        std::io::stdin().read_to_end(&mut bytes).map(|_| bytes)
    } else {
        fs::read(path)
    };
    let bytes = bytes.map_err(|error| Failure::Impossible(format!("{}: {error}", path.display())))?;
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}
