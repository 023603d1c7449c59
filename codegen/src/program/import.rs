//! `import`: makes a report file from a published page, or merges a page of any kind into its file of the spec.

use std::io::{self, Write};
use std::path::{Path, PathBuf};

use placewise_model::exit::{Failure, Outcome};

use super::files::{self, cannot, label, replace};
use super::pages;
use super::spec_dir;
use super::terminal::{Format, counted, for_machines, plural, print_findings, say};
use crate::check::check_spec;
use crate::finding::{Finding, Sources, codes, has_errors, sort};
use crate::published::{self, AmendedSpec, Change, Kind, PublishedPage, ReadPage};

#[derive(clap::Args)]
pub(super) struct Arguments {
    /// The text of a published page; - for standard input
    page: PathBuf,
    /// The page's address, for the report's `source`
    #[arg(long, value_name = "URL")]
    source: Option<String>,
    /// Write a new report file here, completely or not at all [default: standard output]
    #[arg(long, value_name = "FILE", conflicts_with = "into")]
    out: Option<PathBuf>,
    /// Merge the page into this file of the spec and print each changed fact; comments, order and descriptions stay
    #[arg(long, value_name = "FILE")]
    into: Option<PathBuf>,
    /// What the page is, if its title does not tell
    #[arg(long, value_enum)]
    kind: Option<Kind>,
}

pub(super) fn run(arguments: &Arguments, format: Format) -> Outcome {
    let mut sources = Sources::default();
    let bytes = pages::bytes(&arguments.page)?;
    let capture = Capture { label: label(&arguments.page), bytes: &bytes, kind: arguments.kind };
    let mut read = capture.pages(&mut sources);
    if read.len() > 1 {
        return Err(Failure::CannotRun(format!("{}: {} pages; import one at a time", arguments.page.display(), read.len())));
    }
    let Some(mut read) = read.pop() else { return Ok(()) };
    if let Some(file) = arguments.into.as_ref().filter(|_| read.page.is_some()) {
        match spec_of(file) {
            Some((_, inner)) if read.report().is_some() && inner.starts_with("reports/") => {}
            Some((spec, inner)) => return amend(&spec, &inner, &read, &capture, arguments, &sources, format),
            None if read.report().is_some() => {}
            None => return Err(cannot(file, &"no such file in a spec, which is a folder with api.yaml")),
        }
    }
    read.number_lines(&sources);
    let mut findings = read.plain_findings();
    if let Some(place) = read.ends_early.clone().filter(|_| read.page.is_some()) {
        let finding = Finding::new(codes::PAGE_ENDS_EARLY, "the page's text ends early; the rest is unknown").at(place);
        findings.push(finding.help("copy the whole page, from its title to its footer"));
    }
    if let Some(published::Page::Document(document)) = &read.page {
        let message = "this is not a report's page, so it states only a part of a file of the spec";
        let finding = Finding::new(codes::PAGE_NOT_A_REPORT, message).at(document.title.place.clone());
        findings.push(finding.help(
            "merge it into its file with `--into`: spec/filters.yaml, spec/formats.yaml, spec/endpoints.yaml, spec/api.yaml, or the \
             report's file for an example",
        ));
    }
    print_read(&findings, &sources, format)?;
    let failed = |closing: String| Err(Failure::Findings(if format == Format::Text { closing } else { String::new() }));
    let Some(page) = read.report() else { return failed("nothing was imported".into()) };
    match &arguments.into {
        Some(file) => into(file, &read, arguments.source.as_deref(), &mut sources, format)?,
        None => write(page, arguments, format)?,
    }
    if has_errors(&findings) { failed(counted(&findings)) } else { Ok(()) }
}

/// Standard output is for the report file or its changes, so findings go to standard error here.
fn print_read(findings: &[Finding], sources: &Sources, format: Format) -> io::Result<()> {
    match format {
        Format::Text => print_findings(findings, sources, format),
        _ => write!(io::stderr(), "{}", for_machines(findings, sources, format)),
    }
}

/// Merges a page into the file at `inner` of a spec, and prints what the page still says otherwise.
fn amend(
    spec: &Path,
    inner: &str,
    read: &ReadPage,
    capture: &Capture<'_>,
    arguments: &Arguments,
    sources: &Sources,
    format: Format,
) -> Outcome {
    let source = arguments.source.as_deref();
    let files = spec_dir::read(spec)?;
    let before = check_spec(files.clone());
    if before.model.is_none() {
        print_read(&before.findings, &before.sources, format)?;
        return Err(Failure::Findings(format!("the spec has {}; nothing was merged", counted(&before.findings))));
    }
    let AmendedSpec { files: merged, changes, mut checked, file } = match published::amend(read, source, files.clone(), inner) {
        Ok(amended) => amended,
        Err(about) => {
            let help = match about {
                Some(about) => format!("the page is about `{about}`; merge it into that file"),
                None => "say what the page is with `--kind KIND`".into(),
            };
            let message = format!("the page states nothing of `{inner}`");
            let place = read.page.as_ref().map(|page| page.title().clone());
            print_read(&[Finding { place, ..Finding::new(codes::IMPORT_OTHER_FILE, message).help(help) }], sources, format)?;
            return Err(Failure::Findings(format!("{inner}: nothing was merged")));
        }
    };
    for file in merged.iter().filter(|file| !files.iter().any(|old| old.path == file.path && old.bytes == file.bytes)) {
        replace(&spec.join(&file.path), &String::from_utf8_lossy(&file.bytes))?;
    }
    print_changes(&changes, format)?;
    let mut left = Vec::new();
    if let (Some(model), Some(read)) = (&checked.model, capture.pages(&mut checked.sources).pop()) {
        let drift = published::compare_with_file(&read, source, model, &checked.spec, file);
        left = drift.map(|drift| drift.plain_findings()).unwrap_or_default();
    }
    sort(&mut left, &checked.sources);
    print_read(&left, &checked.sources, format)?;
    let changed = changes.iter().filter(|change| change.left.is_none()).count();
    let closing = format!("{inner}: {} changed", plural(changed, "fact"));
    if has_errors(&left) {
        return Err(Failure::Findings(format!("{closing}, {} left for you to judge", left.len())));
    }
    if format == Format::Text {
        say(&closing);
    }
    Ok(())
}

/// The bytes of a page. They are read again beside the texts of a changed spec.
struct Capture<'a> {
    label: String,
    bytes: &'a [u8],
    kind: Option<Kind>,
}

impl Capture<'_> {
    fn pages(&self, sources: &mut Sources) -> Vec<ReadPage> {
        pages::read_bytes(&self.label, self.bytes, self.kind, sources)
    }
}

/// The spec that a file belongs to, and its path in there.
fn spec_of(path: &Path) -> Option<(PathBuf, String)> {
    let full = path.canonicalize().ok()?;
    let spec = full.ancestors().skip(1).find(|folder| folder.join("api.yaml").is_file())?;
    let inner = label(full.strip_prefix(spec).ok()?);
    // The folder as the user wrote it.
    let depth = inner.split('/').count();
    let shown = path.ancestors().nth(depth).filter(|folder| !folder.as_os_str().is_empty());
    Some((shown.map_or_else(|| spec_dir::relative(spec), Path::to_owned), inner))
}

fn write(page: &PublishedPage, arguments: &Arguments, format: Format) -> Outcome {
    let text = published::import(page, arguments.source.as_deref());
    let Some(out) = &arguments.out else { return Ok(write!(io::stdout(), "{text}")?) };
    if out.exists() {
        return Err(cannot(out, &"the file exists; merge the page into it with `--into`"));
    }
    if out.parent().is_some_and(|folder| folder != Path::new("") && !folder.is_dir()) {
        return Err(cannot(out, &"no such folder; make it first, if it is a new group of reports"));
    }
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
        Format::Text | Format::Sarif | Format::Github | Format::Markdown => {
            changes.iter().try_for_each(|change| writeln!(io::stdout(), "{change}"))
        }
        Format::Json => {
            let list: Vec<_> = changes
                .iter()
                .map(|one| serde_json::json!({ "path": one.path, "from": one.from, "to": one.to, "left": one.left }))
                .collect();
            writeln!(io::stdout(), "{}", serde_json::to_string_pretty(&list).unwrap_or_default())
        }
    }
}
