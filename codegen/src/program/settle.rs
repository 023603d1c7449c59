//! `settle`: applies evidence of the live API to the spec, and keeps the exchanges that settled something.

use std::fs::{self, File};
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};

use placewise_model::exit::{Failure, Outcome};
use placewise_model::{Evidence, MOST_EVIDENCE_BYTES};
use serde_json::json;

use super::check::write;
use super::files::{cannot, label, replace};
use super::lockstep::Lockstep;
use super::spec_dir::{read, spec_dir};
use super::terminal::{Format, counted, plural, print_findings, say};
use crate::evidence::{self, EvidenceFile, KEPT, Open, Origin, Settlement, SpecChange, Unsettled, When};
use crate::finding::{Finding, Severity, has_errors};
use crate::source::InputFile;

#[derive(clap::Args)]
pub(super) struct Arguments {
    /// Evidence that `placewise settle` wrote
    #[arg(required = true)]
    evidence: Vec<PathBuf>,
    /// The spec directory [default: the project's spec/]
    #[arg(long, value_name = "DIR")]
    spec: Option<PathBuf>,
    /// The folder that keeps exchanges/ [default: lockstep/ beside the spec]
    #[arg(long, value_name = "DIR")]
    lockstep: Option<PathBuf>,
    /// Write nothing; exit with status 1 if anything would change
    #[arg(long)]
    check: bool,
}

pub(super) fn run(arguments: Arguments, format: Format) -> Outcome {
    let spec = spec_dir(arguments.spec)?;
    let folder = arguments.lockstep.unwrap_or_else(|| Lockstep::beside(&spec)).join(KEPT);
    let mut evidence = Vec::new();
    for path in &arguments.evidence {
        evidence.push(EvidenceFile { label: label(path), evidence: load(path)?, origin: Origin::Given });
    }
    for path in kept(&folder)? {
        evidence.push(EvidenceFile { label: label(&path), evidence: load(&path)?, origin: Origin::Kept });
    }
    let before = read(&spec)?;
    let settlement = match evidence::settle(before.clone(), &evidence) {
        Ok(settlement) => settlement,
        Err(Unsettled::Evidence(problem)) => return Err(Failure::CannotRun(format!("{problem}; nothing was changed"))),
        Err(Unsettled::Spec(checked, when)) => {
            let errors: Vec<Finding> =
                checked.findings.iter().filter(|finding| finding.severity == Severity::Error).cloned().collect();
            print_findings(&errors, &checked.sources, format)?;
            let verb = if when == When::Before { "has" } else { "would have" };
            let found = counted(&errors);
            return Err(Failure::Findings(format!("{}: the spec {verb} {found}; nothing was changed", spec.display())));
        }
    };
    if !arguments.check {
        let same = |now: &[InputFile]| now.iter().map(|file| &file.bytes).eq(before.iter().map(|file| &file.bytes));
        if !same(&read(&spec)?) {
            let message = format!("{} changed while it was checked; nothing was written; run the command again", spec.display());
            return Err(Failure::CannotRun(message));
        }
        for kept in &settlement.kept {
            fs::create_dir_all(&folder).map_err(|error| cannot(&folder, &error))?;
            replace(&folder.join(&kept.name), &kept.text)?;
        }
        for (old, new) in before.iter().zip(&settlement.files).filter(|(old, new)| old.bytes != new.bytes) {
            write(&spec, old, new)?;
        }
    }
    print(&settlement, format)?;
    closing(&settlement, arguments.check, format)
}

/// Reads one file. No more of it is read than evidence may have.
fn load(path: &Path) -> Result<Evidence, Failure> {
    let mut bytes = Vec::new();
    let file = File::open(path).map_err(|error| cannot(path, &error))?;
    file.take(MOST_EVIDENCE_BYTES as u64 + 1).read_to_end(&mut bytes).map_err(|error| cannot(path, &error))?;
    if bytes.len() > MOST_EVIDENCE_BYTES {
        let most = MOST_EVIDENCE_BYTES >> 20;
        return Err(cannot(path, &format!("it is larger than {most} MiB; evidence of `placewise settle` never is")));
    }
    Evidence::parse(&bytes).map_err(|error| cannot(path, &format!("no evidence of `placewise settle`: {error}")))
}

/// The files that earlier runs kept, in order. Other files in the folder are somebody's own.
fn kept(folder: &Path) -> Result<Vec<PathBuf>, Failure> {
    let entries = match fs::read_dir(folder) {
        Ok(entries) => entries,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(cannot(folder, &error)),
    };
    let mut found = Vec::new();
    for entry in entries {
        let path = entry.map_err(|error| cannot(folder, &error))?.path();
        if path.extension().is_some_and(|extension| extension == "json") {
            found.push(path);
        }
    }
    found.sort();
    Ok(found)
}

fn print(settlement: &Settlement, format: Format) -> io::Result<()> {
    let Settlement { changes, open, findings, sources, .. } = settlement;
    match format {
        Format::Text | Format::Markdown => {
            changes.iter().try_for_each(|SpecChange { link, change }| writeln!(io::stdout(), "{link} {change}"))?;
            open.iter().try_for_each(|Open { id, reason }| writeln!(io::stdout(), "open: {id}: {reason}"))?;
            print_findings(findings, sources, format)
        }
        Format::Json => {
            let changed = changes.iter().map(
                |SpecChange { link, change }| json!({ "at": link, "what": change.path, "from": change.from, "to": change.to }),
            );
            let open = open.iter().map(|Open { id, reason }| json!({ "what": id, "reason": reason }));
            let findings = crate::finding::to_json(findings, sources);
            let all = json!({ "changed": changed.collect::<Vec<_>>(), "open": open.collect::<Vec<_>>(), "findings": findings });
            writeln!(io::stdout(), "{}", serde_json::to_string_pretty(&all).unwrap_or_default())
        }
        Format::Sarif | Format::Github => print_findings(findings, sources, format),
    }
}

fn closing(settlement: &Settlement, check: bool, format: Format) -> Outcome {
    let Settlement { changes, open, findings, kept, confirmed, .. } = settlement;
    let verb = if check { "would be changed" } else { "changed" };
    let mut parts = vec![format!("{} {verb}", plural(changes.len(), "fact"))];
    parts.extend((*confirmed > 0).then(|| format!("{confirmed} already so")));
    parts.extend((!open.is_empty()).then(|| format!("{} open", open.len())));
    parts.extend((!kept.is_empty() && !check).then(|| format!("{} kept in {KEPT}/", plural(kept.len(), "file"))));
    let line = parts.join(", ");
    if has_errors(findings) {
        return Err(Failure::Findings(format!("{line}; {} for you to judge", counted(findings))));
    }
    if check && !changes.is_empty() {
        return Err(Failure::Findings(line));
    }
    if format == Format::Text {
        say(&line);
    }
    Ok(())
}
