//! `import`: makes a report file from a published page, or merges the page into one.

use std::io::{self, Write};
use std::path::{Path, PathBuf};

use placewise_model::exit::{Failure, Outcome};

use super::files::{self, cannot, label, replace};
use super::pages;
use super::terminal::{Format, counted, for_machines, plural, print_findings, say};
use crate::finding::{Finding, Sources, codes, has_errors};
use crate::published::{self, Change, PublishedPage, ReadPage};

#[derive(clap::Args)]
pub(super) struct Arguments {
    /// The text of a published page; - for standard input
    page: PathBuf,
    /// The page's address, for the report's `source`
    #[arg(long, value_name = "URL")]
    source: Option<String>,
    /// Write the report file here, completely or not at all [default: standard output]
    #[arg(long, value_name = "FILE", conflicts_with = "into")]
    out: Option<PathBuf>,
    /// Merge the page into this report file and print each changed fact; comments, order and descriptions stay
    #[arg(long, value_name = "FILE")]
    into: Option<PathBuf>,
}

pub(super) fn run(arguments: &Arguments, format: Format) -> Outcome {
    let mut sources = Sources::default();
    let mut read = pages::read(&arguments.page, None, &mut sources)?;
    if read.len() > 1 {
        return Err(Failure::CannotRun(format!("{}: {} pages; import one at a time", arguments.page.display(), read.len())));
    }
    let Some(mut read) = read.pop() else { return Ok(()) };
    read.number_lines(&sources);
    let mut findings = read.plain_findings();
    if let Some(place) = read.ends_early.clone().filter(|_| read.page.is_some()) {
        let finding = Finding::new(codes::PAGE_ENDS_EARLY, "the page's text ends early; the rest is unknown").at(place);
        findings.push(finding.help("copy the whole page, from its title to its footer"));
    }
    if let Some(published::Page::Document(document)) = &read.page {
        let finding =
            Finding::new(codes::PAGE_NOT_A_REPORT, "this is not a report's page, and `import` writes report files only");
        findings.push(finding.at(document.title.place.clone()).help("compare the page with `cargo codegen drift`"));
    }
    // Standard output is for the report file or its changes, so findings go to standard error here.
    match format {
        Format::Text => print_findings(&findings, &sources, format)?,
        _ => write!(io::stderr(), "{}", for_machines(&findings, &sources, format))?,
    }
    let failed = |closing: String| Err(Failure::Findings(if format == Format::Text { closing } else { String::new() }));
    let Some(page) = read.report() else { return failed("nothing was imported".into()) };
    match &arguments.into {
        Some(file) => into(file, &read, arguments.source.as_deref(), &mut sources, format)?,
        None => write(page, arguments, format)?,
    }
    if has_errors(&findings) { failed(counted(&findings)) } else { Ok(()) }
}

fn write(page: &PublishedPage, arguments: &Arguments, format: Format) -> Outcome {
    let text = published::import(page, arguments.source.as_deref());
    let Some(out) = &arguments.out else { return Ok(write!(io::stdout(), "{text}")?) };
    replace(out, &text)?;
    if format == Format::Text {
        say(&format!("{}: wrote the report `{}`", out.display(), page.name.value));
    }
    Ok(())
}

fn into(path: &Path, read: &ReadPage, source: Option<&str>, sources: &mut Sources, format: Format) -> Outcome {
    let Some(text) = files::read(path)? else { return Err(cannot(path, &"no such file; write a new one with `--out`")) };
    let file = sources.add(label(path), text.as_str());
    let merged = match published::merge(read, file, &text, source) {
        Ok(merged) => merged,
        Err(findings) => {
            print_findings(&findings, sources, format)?;
            return Err(Failure::Findings(format!("{}: nothing was merged: {}", path.display(), counted(&findings))));
        }
    };
    if merged.text != text {
        replace(path, &merged.text)?;
    }
    print_changes(&merged.changes, format)?;
    if format == Format::Text {
        let changed = merged.changes.iter().filter(|change| change.left.is_none()).count();
        let left = merged.changes.len() - changed;
        let left = if left == 0 { String::new() } else { format!(", {left} left for you to judge") };
        say(&format!("{}: {} changed{left}", path.display(), plural(changed, "fact")));
    }
    Ok(())
}

fn print_changes(changes: &[Change], format: Format) -> io::Result<()> {
    match format {
        Format::Text | Format::Sarif | Format::Github => changes.iter().try_for_each(|change| writeln!(io::stdout(), "{change}")),
        Format::Json => {
            let list: Vec<_> = changes
                .iter()
                .map(|one| serde_json::json!({ "path": one.path, "from": one.from, "to": one.to, "left": one.left }))
                .collect();
            writeln!(io::stdout(), "{}", serde_json::to_string_pretty(&list).unwrap_or_default())
        }
    }
}
