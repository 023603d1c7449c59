//! `generate`: writes the generated folder, or reports what is stale.

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use placewise_model::exit::{Failure, Outcome};

use super::spec_dir::{load, relative, spec_dir};
use super::terminal::{Format, counted, plural, print_findings, say};
use crate::disk::generated_folder::{self, Difference, Stale};
use crate::disk::lock;
use crate::emit;
use crate::finding::has_errors;

#[derive(clap::Args)]
pub(super) struct Arguments {
    /// The spec directory [default: the project's spec/]
    #[arg(long, value_name = "DIR")]
    spec: Option<PathBuf>,
    /// Where to write [default: generated/ beside the spec]
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
    /// Write nothing; print a unified diff of stale, missing and orphaned files, and exit with status 1 if there are any
    #[arg(long)]
    check: bool,
    /// Give written files the modification time of this file (for the build script)
    #[arg(long, value_name = "FILE", hide = true)]
    stamp: Option<PathBuf>,
}

pub(super) fn run(arguments: Arguments, format: Format) -> Outcome {
    // Only the project's own tree has a build script that reads the lock.
    let spec = spec_dir(arguments.spec)?;
    let whole =
        spec.canonicalize().map_err(|error| Failure::CannotRun(format!("cannot read the spec: {}: {error}", spec.display())))?;
    let beside = whole.parent().unwrap_or(Path::new("")).to_owned();
    let out = arguments.out.unwrap_or_else(|| relative(&beside.join("generated")));
    let root = is_project(&beside, &whole, &out).then_some(beside);
    let checked = load(&spec)?;
    if has_errors(&checked.findings) || format == Format::Text {
        print_findings(&checked.findings, &checked.sources, format)?;
    }
    let Some(model) = checked.model else {
        return Err(Failure::Findings(format!("nothing was generated: {}", counted(&checked.findings))));
    };
    // Frees the texts and trees before emitting.
    drop((checked.spec, checked.sources));
    if arguments.check {
        return stale(&emit::emit(&model), &out, root.as_deref(), format);
    }
    let stamp = match &arguments.stamp {
        Some(file) => Some(
            fs::metadata(file)
                .and_then(|meta| meta.modified())
                .map_err(|error| Failure::CannotRun(format!("{}: {error}", file.display())))?,
        ),
        None => None,
    };
    let (count, mut written) = generated_folder::write(&model, &out, stamp)?;
    if let Some(root) = &root
        && write_lock(root, stamp)?
    {
        written.push(lock::LOCK.into());
    }
    if let Some(stamp) = stamp.filter(|_| !written.is_empty()) {
        generated_folder::stamp_folders(&out, stamp)?;
    }
    match format {
        Format::Json => writeln!(std::io::stdout(), "{}", serde_json::to_string(&written).unwrap_or_default())?,
        Format::Text if written.is_empty() => say(&format!("{} is fresh", out.display())),
        Format::Text => say(&format!("{}: wrote {} of {} files", out.display(), written.len(), count)),
    }
    Ok(())
}

/// Whether this generates a project's own folder from its own spec, so that its build script reads the lock.
fn is_project(root: &Path, spec: &Path, out: &Path) -> bool {
    let current = std::env::current_dir().unwrap_or_default();
    spec == root.join("spec") && current.join(out) == root.join("generated") && root.join("build.rs").is_file()
}

fn write_lock(root: &Path, stamp: Option<SystemTime>) -> Result<bool, Failure> {
    let path = root.join("generated").join(lock::LOCK);
    let want = lock::of_tree(root)?;
    if fs::read_to_string(&path).is_ok_and(|have| have == want) {
        return Ok(false);
    }
    generated_folder::write_one(&path, &want, stamp)?;
    Ok(true)
}

fn stale(files: &emit::Files, out: &Path, root: Option<&Path>, format: Format) -> Outcome {
    let mut stale = generated_folder::compare(files, out)?;
    if let Some(root) = root {
        let have = fs::read_to_string(out.join(lock::LOCK)).unwrap_or_default();
        let want = lock::of_tree(root)?;
        if have != want && stale.is_empty() {
            let diff = lock::differences(&have, &want).join("\n") + "\n";
            stale.push(Stale { path: lock::LOCK.into(), difference: Difference::Changed, diff });
        }
    }
    let word = |difference| match difference {
        Difference::Missing => "missing",
        Difference::Changed => "stale",
        Difference::Orphaned => "orphaned",
    };
    match format {
        Format::Json => {
            let list: Vec<_> = stale
                .iter()
                .map(|one| serde_json::json!({ "path": one.path, "difference": word(one.difference), "diff": one.diff }))
                .collect();
            writeln!(std::io::stdout(), "{}", serde_json::to_string_pretty(&list).unwrap_or_default())?;
        }
        Format::Text => {
            for one in &stale {
                say(&format!("{}: {}", word(one.difference), out.join(&one.path).display()));
                write!(std::io::stdout(), "{}", one.diff)?;
            }
            if stale.is_empty() {
                say(&format!("{} is fresh: {}", out.display(), plural(files.len(), "file")));
            }
        }
    }
    if stale.is_empty() {
        return Ok(());
    }
    Err(Failure::Findings(format!("{} stale, missing or orphaned; run `cargo codegen generate`", plural(stale.len(), "file"))))
}
