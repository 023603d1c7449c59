//! A case: edits of the invented API, what its pages stated then and now, and what `diff` must say about the difference.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use placewise_codegen::Checked;
use placewise_codegen::diff::Change;
use placewise_codegen::finding::{FileId, Place};
use placewise_codegen::published::{Captures, ComparedFact, Date, digests};
use serde::Deserialize;

use super::spec::{self, Edit, Texts};

/// A file of `cases/`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Case {
    /// Its name: that of its file.
    #[serde(skip)]
    pub name: String,
    /// Applied to both sides first, where the spec as it stands does not show the change.
    #[serde(default)]
    pub before: Vec<Edit>,
    /// From the old spec to the new one.
    pub edits: Vec<Edit>,
    /// What pages stated then and now: by source, then by fact.
    #[serde(default)]
    pages: BTreeMap<String, BTreeMap<String, Stated>>,
    /// Every change, in the order of `diff`.
    pub changes: Vec<Expected>,
    /// A program that compiles and runs with either side, for changes that break nothing.
    pub program: Option<String>,
}

/// What a page stated about a fact. A side that leaves it out did not state it.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Stated {
    then: Option<String>,
    now: Option<String>,
}

/// A change, as `diff` tells it.
#[derive(Clone, Debug, Deserialize, PartialEq)]
#[serde(deny_unknown_fields)]
pub struct Expected {
    pub rule: String,
    pub class: String,
    pub cause: String,
    pub step: String,
    pub fact: String,
    /// `file:line:column` in the old spec.
    pub old: Option<String>,
    /// The same in the new one.
    pub new: Option<String>,
    /// A part of what the old client says when it meets the new API, for changes that a request shows.
    pub says: Option<String>,
}

/// A side of a case.
pub struct Side {
    pub checked: Checked,
    pub captures: Captures,
}

impl Side {
    /// What `diff` takes.
    pub fn both(&self) -> (&Checked, &Captures) {
        (&self.checked, &self.captures)
    }
}

impl Case {
    /// All cases, by name.
    pub fn all(folder: &Path) -> Vec<Self> {
        let entries = std::fs::read_dir(folder.join("cases")).expect("readable");
        let mut paths: Vec<PathBuf> = entries.map(|entry| entry.expect("readable").path()).collect();
        paths.sort();
        let read = |path: PathBuf| {
            let name = path.file_stem().unwrap_or_default().to_string_lossy().replace('-', "_");
            Self { name, ..super::read(&path) }
        };
        paths.into_iter().map(read).collect()
    }

    /// The old and the new side.
    pub fn sides(&self) -> (Side, Side) {
        let mut texts: Texts = spec::harbour();
        spec::edit(&mut texts, &self.before);
        let old = spec::checked(&texts);
        spec::edit(&mut texts, &self.edits);
        let new = spec::checked(&texts);
        let (then, now) = (self.captures(|stated| stated.then.as_ref()), self.captures(|stated| stated.now.as_ref()));
        (Side { checked: old, captures: then }, Side { checked: new, captures: now })
    }

    fn captures<'a>(&'a self, side: impl Fn(&'a Stated) -> Option<&'a String>) -> Captures {
        let mut captures = Captures::default();
        for (source, facts) in &self.pages {
            let compared = |(fact, stated): (&String, &'a Stated)| {
                let place = Place { file: FileId(0), span: 0..0 };
                side(stated).map(|text| ComparedFact { fact: fact.clone(), stated: text.clone(), place })
            };
            let facts: Vec<ComparedFact> = facts.iter().filter_map(compared).collect();
            captures.saw(source, Date::from_unix(0), digests(&facts));
        }
        captures
    }
}

impl Expected {
    /// A change as a case writes it.
    pub fn of(change: &Change) -> Self {
        Self {
            rule: change.rule.to_owned(),
            class: change.class.to_string(),
            cause: change.cause.to_string(),
            step: change.step.word().to_owned(),
            fact: change.fact.clone(),
            old: change.old.as_ref().map(ToString::to_string),
            new: change.new.as_ref().map(ToString::to_string),
            says: None,
        }
    }

    /// In the words of a case.
    pub fn to_yaml(&self) -> String {
        let Self { rule, class, cause, step, fact, old, new, .. } = self;
        let place = |key: &str, at: &Option<String>| at.as_ref().map_or(String::new(), |at| format!("    {key}: {at}\n"));
        format!(
            "  - rule: {rule}\n    class: {class}\n    cause: {cause}\n    step: {step}\n    fact: {fact}\n{}{}",
            place("old", old),
            place("new", new)
        )
    }
}
