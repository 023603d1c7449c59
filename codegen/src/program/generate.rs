//! `generate`: writes the generated folder, or says how it is stale.

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::SystemTime;

use super::{Failure, Format, Outcome, code, counted, load, print_findings, relative, say, spec_dir};
use crate::finding::Severity;
use crate::output::{Difference, Stale};
use crate::{emit, lock, output};

#[derive(clap::Args)]
pub(super) struct Arguments {
    /// The spec directory [default: the project's spec/]
    #[arg(long, value_name = "DIR")]
    spec: Option<PathBuf>,
    /// Where to write [default: generated/ beside the spec]
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
    /// Write nothing; print a unified diff of what is stale, missing or orphaned, and exit 1 if there is any
    #[arg(long)]
    check: bool,
    /// Give what is written the time of this file (for the build script)
    #[arg(long, value_name = "FILE", hide = true)]
    stamp: Option<PathBuf>,
}

pub(super) fn run(arguments: &Arguments, format: Format) -> Outcome {
    // The lock covers the project's own tree; a spec elsewhere has no build script that would read one.
    let spec = spec_dir(arguments.spec.clone())?;
    let whole =
        spec.canonicalize().map_err(|error| Failure::Impossible(format!("cannot read the spec: {}: {error}", spec.display())))?;
    let beside = whole.parent().unwrap_or(Path::new("")).to_owned();
    let out = arguments.out.clone().unwrap_or_else(|| relative(&beside.join("generated")));
    let root = is_project(&beside, &whole, &out).then_some(beside);
    let checked = load(&spec)?;
    let errors = checked.findings.iter().any(|finding| finding.severity == Severity::Error);
    if errors || format == Format::Text {
        print_findings(&checked.findings, &checked.sources, format)?;
    }
    let Some(model) = checked.model else {
        say(&format!("nothing was generated: {}", counted(&checked.findings)));
        return Ok(ExitCode::from(1));
    };
    // The texts and their trees have served; what is emitted can have their memory.
    drop((checked.spec, checked.sources));
    if arguments.check {
        return stale(&emit::emit(&model), &out, root.as_deref(), format);
    }
    let stamp = match &arguments.stamp {
        Some(file) => Some(
            fs::metadata(file)
                .and_then(|meta| meta.modified())
                .map_err(|error| Failure::Impossible(format!("{}: {error}", file.display())))?,
        ),
        None => None,
    };
    let (count, mut written) = output::write(&model, &out, stamp)?;
    if let Some(root) = &root
        && write_lock(root, stamp)?
    {
        written.push(lock::LOCK.into());
    }
    if let Some(stamp) = stamp.filter(|_| !written.is_empty()) {
        output::stamp_folders(&out, stamp)?;
    }
    match format {
        Format::Json => writeln!(std::io::stdout(), "{}", serde_json::to_string(&written).unwrap_or_default())?,
        Format::Text if written.is_empty() => say(&format!("{} was fresh already", out.display())),
        Format::Text => say(&format!("{}: wrote {} of {} files", out.display(), written.len(), count)),
    }
    Ok(ExitCode::SUCCESS)
}

/// Whether this is a project whose build script reads the lock: its own spec, into its own generated folder.
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
    output::write_one(&path, &want, stamp)?;
    Ok(true)
}

fn stale(files: &emit::Files, out: &Path, root: Option<&Path>, format: Format) -> Outcome {
    let mut stale = output::compare(files, out)?;
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
                say(&format!("{} is fresh: {} files", out.display(), files.len()));
            } else {
                say(&format!(
                    "{} file{} not as the spec says; run `cargo codegen generate`",
                    stale.len(),
                    if stale.len() == 1 { " is" } else { "s are" }
                ));
            }
        }
    }
    Ok(code(stale.is_empty()))
}
