//! `import` and `drift`: read published pages.

use std::fs;
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};

use placewise_model::exit::{Failure, Outcome};

use super::spec_dir::{load, spec_dir};
use super::terminal::{Format, counted, plural, print_findings, say};
use crate::finding::{Finding, Sources, has_errors, sort, to_json};
use crate::published::{self, ReadPage};

#[derive(clap::Args)]
pub(super) struct ImportArguments {
    /// The text of a published page; - for standard input
    page: PathBuf,
    /// The page's address, for the report's `source`
    #[arg(long, value_name = "URL")]
    source: Option<String>,
}

#[derive(clap::Args)]
pub(super) struct DriftArguments {
    /// The texts of published pages; - for standard input
    #[arg(required = true)]
    pages: Vec<PathBuf>,
    /// The spec directory [default: the project's spec/]
    #[arg(long, value_name = "DIR")]
    spec: Option<PathBuf>,
}

pub(super) fn import(arguments: &ImportArguments, format: Format) -> Outcome {
    let mut sources = Sources::default();
    let read = read(&arguments.page, &mut sources)?;
    // Standard output is for the report file, so JSON findings go to standard error here.
    match format {
        Format::Text => print_findings(&read.findings, &sources, format)?,
        Format::Json => say(&to_json(&read.findings, &sources).to_string()),
    }
    let failed = |closing: String| Err(Failure::Findings(if format == Format::Text { closing } else { String::new() }));
    let Some(page) = &read.page else { return failed("nothing was imported".into()) };
    write!(io::stdout(), "{}", published::import(page, arguments.source.as_deref()))?;
    if has_errors(&read.findings) { failed(counted(&read.findings)) } else { Ok(()) }
}

pub(super) fn drift(arguments: DriftArguments, format: Format) -> Outcome {
    let mut checked = load(&spec_dir(arguments.spec)?)?;
    let Some(model) = checked.model.take() else {
        print_findings(&checked.findings, &checked.sources, format)?;
        return Err(Failure::Findings(format!("the spec has {}; nothing was compared", counted(&checked.findings))));
    };
    let mut found: Vec<Finding> = Vec::new();
    for path in &arguments.pages {
        let read = read(path, &mut checked.sources)?;
        let Some(page) = &read.page else {
            found.extend(read.findings);
            continue;
        };
        let name = page.name.value.as_str();
        let doc = checked.spec.reports.iter().map(|(_, doc)| doc).find(|doc| doc.value.report == name);
        match (model.report(name), doc) {
            (Some(report), Some(doc)) => found.extend(published::drift(&read, report, &|path| doc.at(path))),
            _ => found.push(
                Finding::error("drift-report-missing", format!("the spec has no report `{name}`"))
                    .at(page.name.place.clone())
                    .help(format!("create it with `cargo codegen import {}`", path.display())),
            ),
        }
    }
    sort(&mut found, &checked.sources);
    print_findings(&found, &checked.sources, format)?;
    let compared = format!("{} compared", plural(arguments.pages.len(), "page"));
    if has_errors(&found) {
        return Err(Failure::Findings(format!("{compared}: {}", counted(&found))));
    }
    if format == Format::Text {
        say(&format!("{compared}: no drift"));
    }
    Ok(())
}

/// Reads a published page. Bytes that are not UTF-8 become replacement characters, since people save pages with many tools.
fn read(path: &Path, sources: &mut Sources) -> Result<ReadPage, Failure> {
    let bytes = if path == Path::new("-") {
        let mut bytes = Vec::new();
        io::stdin().read_to_end(&mut bytes).map(|_| bytes)
    } else {
        fs::read(path)
    };
    let bytes = bytes.map_err(|error| Failure::CannotRun(format!("{}: {error}", path.display())))?;
    let file = sources.add(path.to_string_lossy().replace('\\', "/"), String::from_utf8_lossy(&bytes));
    Ok(published::read(file, &sources.get(file).text))
}
