//! The stages from files to a valid model: read, resolve, check.

use placewise_model::Model;

use super::consequences::drop_consequences;
use super::valid::{Valid, check};
use crate::finding::{Finding, Sources, sort};
use crate::resolve::resolve;
use crate::source::{InputFile, Read, Spec, read};

/// A spec after reading, resolving and checking.
#[derive(Debug)]
pub struct Checked {
    /// The model, unless a finding is an error.
    pub model: Option<Valid<Model>>,
    /// The documents, with the place of every value.
    pub spec: Spec,
    /// The texts that findings refer to.
    pub sources: Sources,
    /// All findings of all stages, sorted by place.
    pub findings: Vec<Finding>,
}

/// Reads, resolves and checks a spec, and reports all findings at once.
pub fn check_spec(files: Vec<InputFile>) -> Checked {
    let Read { spec, sources, mut findings } = read(files);
    let (unchecked, resolved) = resolve(&spec);
    findings.extend(resolved);
    let (model, checked) = check(unchecked, &spec, &findings);
    findings.extend(checked);
    drop_consequences(&mut findings, &spec, &sources);
    sort(&mut findings, &sources);
    Checked { model, spec, sources, findings }
}
