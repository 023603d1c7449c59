//! The folder `lockstep/`: decisions about differences, and what was last seen of each page. Neither the build nor `check` reads it.

use std::path::{Path, PathBuf};

use clap::builder::{PossibleValuesParser, TypedValueParser};
use placewise_model::exit::{Failure, Outcome};

use super::files::{label, read, replace};
use super::spec_dir::relative;
use super::terminal::{Format, counted, print_findings, say};
use crate::finding::{Finding, Sources, codes, has_errors};
use crate::published::{self, Captures, Date, Decisions};
use crate::source::{Decision, Verdict};

// The command has several structs of this name.
#[derive(clap::Args)]
#[group(skip)]
pub(super) struct Arguments {
    /// Write a decision on this finding to drift.yaml and stop
    #[arg(long, value_name = "FINGERPRINT", requires_all = ["verdict", "reason"])]
    decide: Option<String>,
    /// What is decided
    #[arg(long = "as", value_name = "VERDICT", value_parser = verdicts(), requires = "decide")]
    verdict: Option<Verdict>,
    /// The last day of a waiver
    #[arg(long, value_name = "DATE", requires = "decide")]
    until: Option<String>,
    /// Why it is decided so
    #[arg(long, value_name = "TEXT", requires = "decide")]
    reason: Option<String>,
}

impl Arguments {
    pub fn is_given(&self) -> bool {
        self.decide.is_some()
    }
}

fn verdicts() -> impl TypedValueParser<Value = Verdict> {
    const ALL: [Verdict; 3] = [Verdict::Accepted, Verdict::Disputed, Verdict::Waived];
    let read = |word: String| ALL.into_iter().find(|verdict| verdict.word() == word).ok_or("no verdict");
    PossibleValuesParser::new(ALL.map(Verdict::word)).try_map(read)
}

/// What the folder holds. A missing file holds nothing.
pub(super) struct Lockstep {
    pub decisions: Decisions,
    pub captures: Captures,
    /// What is wrong with either file.
    pub findings: Vec<Finding>,
}

const DECISIONS: &str = "drift.yaml";
pub(super) const CAPTURES: &str = "captures.lock";

impl Lockstep {
    /// The folder beside a spec.
    pub fn beside(spec: &Path) -> PathBuf {
        let spec = spec.canonicalize().unwrap_or_else(|_| spec.to_owned());
        relative(&spec.parent().unwrap_or(Path::new("")).join("lockstep"))
    }

    pub fn read(folder: &Path, today: Date, sources: &mut Sources) -> Result<Self, Failure> {
        let mut lockstep = Self { decisions: Decisions::default(), captures: Captures::default(), findings: Vec::new() };
        if let Some(text) = read(&folder.join(DECISIONS))? {
            let file = sources.add(label(&folder.join(DECISIONS)), text.as_str());
            let (decisions, findings) = Decisions::read(file, &text, today);
            lockstep.decisions = decisions;
            lockstep.findings.extend(findings);
        }
        if let Some(text) = read(&folder.join(CAPTURES))? {
            let file = sources.add(label(&folder.join(CAPTURES)), text.as_str());
            let (captures, findings) = Captures::read(file, &text);
            lockstep.captures = captures;
            lockstep.findings.extend(findings);
        }
        Ok(lockstep)
    }

    /// Writes what was seen, unless the file on disk could not be read completely.
    pub fn write_captures(&self, folder: &Path) -> Outcome {
        if self.findings.iter().any(|finding| finding.code == codes::CAPTURES_LINE) {
            return Ok(());
        }
        replace(&folder.join(CAPTURES), &self.captures.to_string())
    }
}

/// Adds a decision to the file.
pub(super) fn decide(folder: &Path, arguments: &Arguments, today: Date, format: Format) -> Outcome {
    let (Some(fingerprint), Some(verdict), Some(reason)) = (&arguments.decide, arguments.verdict, &arguments.reason) else {
        return Err(Failure::CannotRun("`--decide` needs `--as` and `--reason`".into()));
    };
    let path = folder.join(DECISIONS);
    let decision = Decision { verdict, reason: reason.clone(), until: arguments.until.clone() };
    let mut sources = Sources::default();
    let old = read(&path)?.unwrap_or_default();
    let file = sources.add(label(&path), old.as_str());
    let (text, findings) = match published::decide(file, &old, fingerprint, &decision) {
        Ok(text) => {
            // The new entry is judged as any other, before it is written.
            let new = sources.add(label(&path), text.as_str());
            let (_, findings) = Decisions::read(new, &text, today);
            (text, findings)
        }
        Err(findings) => (old, findings),
    };
    if has_errors(&findings) {
        print_findings(&findings, &sources, format)?;
        return Err(Failure::Findings(format!("nothing was written: {}", counted(&findings))));
    }
    replace(&path, &text)?;
    if format == Format::Text {
        say(&format!("{}: `{fingerprint}` is {}", path.display(), verdict.word()));
    }
    Ok(())
}
