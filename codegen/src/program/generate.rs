//! `generate`: writes the generated folder, or reports what is stale.

use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use placewise_model::exit::{Failure, Outcome};

use super::files::label;
use super::spec_dir::{read, relative, spec_dir};
use super::terminal::{Format, counted, plural, print_findings, say};
use crate::check::{Checked, check_spec};
use crate::disk::generated_folder::{self, Difference, Stale};
use crate::disk::write::write;
use crate::finding::{Finding, Place, Severity, Sources, brief, codes, has_errors};

#[derive(clap::Args)]
pub(super) struct Arguments {
    /// The spec directory [default: the project's spec/]
    #[arg(long, value_name = "DIR")]
    spec: Option<PathBuf>,
    /// Where to write [default: generated/ beside the spec]
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
    /// Write nothing; list stale, missing and orphaned files, and exit with status 1 if there are any
    ///
    /// Each file has a line with the number of lines that `generate` would add and remove. The first of them follow as a short diff from
    /// the file on disk to the generated one. Results go to standard output, the rest to standard error. JSON has an array with an
    /// object for every file: `path`, `difference` (`stale`, `missing` or `orphaned`), `added`, `removed`, `diff`, and `cut`, the number of
    /// lines that `diff` leaves out. In SARIF and for GitHub each file is a finding, after those of the spec.
    #[arg(long)]
    check: bool,
    /// With --check: print every file and the whole diff
    #[arg(long, requires = "check")]
    diff: bool,
    /// Serve the build script: give written files the modification time of this file, and print warnings for cargo
    #[arg(long, value_name = "FILE", hide = true)]
    stamp: Option<PathBuf>,
}

pub(super) fn run(arguments: Arguments, format: Format) -> Outcome {
    // Only the project's own tree has a build script that reads the locks.
    let spec = spec_dir(arguments.spec)?;
    let whole =
        spec.canonicalize().map_err(|error| Failure::CannotRun(format!("cannot read the spec: {}: {error}", spec.display())))?;
    let beside = whole.parent().unwrap_or(Path::new("")).to_owned();
    let out = arguments.out.unwrap_or_else(|| relative(&beside.join("generated")));
    let root = is_project(&beside, &whole, &out).then_some(beside);
    let files = read(&spec)?;
    let inputs = root.as_deref().map(|root| generated_folder::inputs(root, &files)).transpose()?;
    let Checked { model, spec, mut sources, mut findings } = check_spec(files);
    // A log of findings is one document, so it waits for those of the generated files.
    let as_findings = arguments.check && matches!(format, Format::Sarif | Format::Github);
    if has_errors(&findings) || (format != Format::Json && !as_findings) {
        print_findings(&findings, &sources, format)?;
    }
    let Some(model) = model else {
        return Err(Failure::Findings(format!("nothing was generated: {}", counted(&findings))));
    };
    if arguments.stamp.is_some() {
        for warning in findings.iter().filter(|finding| finding.severity == Severity::Warning) {
            writeln!(io::stdout(), "cargo::warning={}", brief(warning, &sources))?;
        }
    }
    drop(spec);
    if arguments.check {
        let files = generated_folder::expected(&model, inputs.as_ref());
        let stale = generated_folder::compare(&files, &out)?;
        if as_findings {
            findings.extend(stale.iter().map(|one| finding(one, &out, &mut sources)));
            print_findings(&findings, &sources, format)?;
        }
        return report(&stale, files.len(), &out, format, arguments.diff);
    }
    // Frees the texts before emitting.
    drop(sources);
    let stamp = match &arguments.stamp {
        Some(file) => Some(
            fs::metadata(file)
                .and_then(|meta| meta.modified())
                .map_err(|error| Failure::CannotRun(format!("{}: {error}", file.display())))?,
        ),
        None => None,
    };
    let (count, written) = write(&model, &out, inputs.as_ref(), stamp)?;
    match format {
        Format::Json => writeln!(io::stdout(), "{}", serde_json::to_string(&written).unwrap_or_default())?,
        _ if written.is_empty() => say(&format!("{} is fresh", out.display())),
        _ => say(&format!("{}: wrote {} of {} files", out.display(), written.len(), count)),
    }
    Ok(())
}

/// Whether this generates a project's own folder from its own spec, so that its build script reads the locks.
fn is_project(root: &Path, spec: &Path, out: &Path) -> bool {
    let current = std::env::current_dir().unwrap_or_default();
    spec == root.join("spec") && current.join(out) == root.join("generated") && root.join("build.rs").is_file()
}

/// The most files that are listed one by one.
const FILES: usize = 20;
/// The most lines of the diff of one file, and of all.
const LINES: (usize, usize) = (12, 60);
/// The most characters of a line.
const COLUMNS: usize = 160;

fn report(stale: &[Stale<'_>], count: usize, out: &Path, format: Format, whole: bool) -> Outcome {
    match format {
        Format::Json => print_json(stale, whole)?,
        _ if stale.is_empty() => say(&format!("{} is fresh: {}", out.display(), plural(count, "file"))),
        Format::Text => print_text(stale, out, whole)?,
        Format::Sarif | Format::Github | Format::Markdown => {}
    }
    if stale.is_empty() {
        return Ok(());
    }
    Err(Failure::Findings(format!("{} stale, missing or orphaned; run `cargo codegen generate`", plural(stale.len(), "file"))))
}

/// A file as a finding, at the first line that differs.
fn finding(stale: &Stale<'_>, out: &Path, sources: &mut Sources) -> Finding {
    let (have, at) = stale.first_difference();
    let place = Place { file: sources.add(label(&out.join(&stale.path)), have), span: at..at };
    let (_, added, removed) = stale.diff();
    let message = format!("a generated file is {}: `generate` adds {added} lines and removes {removed}", word(stale.difference));
    Finding::new(codes::STALE_FILE, message).at(place).help("run `cargo codegen generate` and commit the result")
}

fn word(difference: Difference) -> &'static str {
    match difference {
        Difference::Missing => "missing",
        Difference::Changed => "stale",
        Difference::Orphaned => "orphaned",
    }
}

fn print_json(stale: &[Stale<'_>], whole: bool) -> io::Result<()> {
    let one = |one: &Stale<'_>| {
        let (diff, added, removed) = one.diff();
        let (diff, cut) = if whole { (diff, 0) } else { shortened(&diff, LINES.0) };
        serde_json::json!({
            "path": one.path, "difference": word(one.difference), "added": added, "removed": removed, "diff": diff, "cut": cut
        })
    };
    let list: Vec<_> = stale.iter().map(one).collect();
    writeln!(io::stdout(), "{}", serde_json::to_string_pretty(&list).unwrap_or_default())
}

fn print_text(stale: &[Stale<'_>], out: &Path, whole: bool) -> io::Result<()> {
    let (mut left, mut cut) = (LINES.1, 0);
    for one in stale.iter().take(if whole { stale.len() } else { FILES }) {
        let (diff, added, removed) = one.diff();
        say(&format!("{}: {} (+{added} -{removed})", word(one.difference), out.join(&one.path).display()));
        let shown = if whole {
            diff
        } else {
            let (shown, more) = shortened(&diff, LINES.0.min(left));
            left -= shown.lines().count();
            cut += more;
            shown
        };
        // Someone else may have written the file: its control characters must not reach the terminal.
        let plain = shown.chars().map(|c| if c.is_control() && c != '\n' && c != '\t' { '\u{fffd}' } else { c });
        write!(io::stdout(), "{}", plain.collect::<String>())?;
    }
    let files = stale.len().saturating_sub(FILES);
    if !whole && (files > 0 || cut > 0) {
        let files = if files > 0 { format!("{}, ", plural(files, "more file")) } else { String::new() };
        say(&format!("not shown: {files}{} of diff; `--diff` prints everything", plural(cut, "line")));
    }
    Ok(())
}

/// The first lines of a diff, each cut too, and the number of those left out.
fn shortened(diff: &str, lines: usize) -> (String, usize) {
    let mut out = String::new();
    for line in diff.lines().take(lines) {
        let cut = line.char_indices().nth(COLUMNS).map_or(line.len(), |(at, _)| at);
        out.push_str(&line[..cut]);
        out.push_str(if cut < line.len() { " …\n" } else { "\n" });
    }
    (out, diff.lines().count().saturating_sub(lines))
}
