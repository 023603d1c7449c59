//! `check`: prints all findings of a spec, and applies fixes with `--fix`.

use std::fs;
use std::path::{Path, PathBuf};

use placewise_model::exit::{Failure, Outcome};

use super::files::cannot;
use super::spec_dir::{load, read, spec_dir};
use super::terminal::{Format, counted, plural, print_findings, say};
use crate::check::{Checked, FixedSpec, fix_spec};
use crate::disk::write::write_one;
use crate::source::InputFile;

#[derive(clap::Args)]
pub(super) struct Arguments {
    /// The spec directory [default: the project's spec/]
    #[arg(long, value_name = "DIR")]
    spec: Option<PathBuf>,
    /// Apply the fixes that are sure, then print what is left
    #[arg(long)]
    fix: bool,
}

pub(super) fn run(arguments: Arguments, format: Format) -> Outcome {
    let spec = spec_dir(arguments.spec)?;
    let checked = if arguments.fix { fix(&spec)? } else { load(&spec)? };
    print_findings(&checked.findings, &checked.sources, format)?;
    let fixable =
        checked.findings.iter().filter(|one| one.fix.as_ref().is_some_and(|fix| fix.replacements(&checked.sources).is_some()));
    let fixable = if arguments.fix { 0 } else { fixable.count() };
    let hint = if fixable > 0 { format!("; `cargo codegen check --fix` mends {fixable} of them") } else { String::new() };
    if checked.model.is_none() {
        return Err(Failure::Findings(format!("{}: {}{hint}", spec.display(), counted(&checked.findings))));
    }
    if format == Format::Text {
        let warnings =
            if checked.findings.is_empty() { String::new() } else { format!(", {}{hint}", counted(&checked.findings)) };
        say(&format!("{}: {} checked{warnings}", spec.display(), plural(checked.spec.reports.len(), "report")));
    }
    Ok(())
}

/// Applies fixes and writes the changed files. Each fix is told on standard error, whatever the format of the findings that are left.
fn fix(spec: &Path) -> Result<Checked, Failure> {
    let before = read(spec)?;
    let FixedSpec { checked, files, fixed } = fix_spec(before.clone());
    for (old, new) in before.iter().zip(&files).filter(|(old, new)| old.bytes != new.bytes) {
        write(spec, old, new)?;
    }
    for one in &fixed {
        say(&format!("fixed: {} [{}] {}", one.link, one.code, one.title));
    }
    Ok(checked)
}

/// Writes a changed file, unless someone else changed it meanwhile.
pub(super) fn write(spec: &Path, old: &InputFile, new: &InputFile) -> Result<(), Failure> {
    let path = spec.join(&old.path);
    // The file behind a symbolic link is what changes, not the link.
    let target = path.canonicalize()?;
    if fs::read(&target)? != old.bytes {
        return Err(Failure::CannotRun(format!("{} changed while it was checked; run the command again", path.display())));
    }
    let permissions = fs::metadata(&target)?.permissions();
    write_one(&target, &String::from_utf8_lossy(&new.bytes), None)
        .and_then(|()| fs::set_permissions(&target, permissions))
        .map_err(|error| cannot(&path, &error))
}
