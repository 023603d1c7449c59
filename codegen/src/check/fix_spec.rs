//! Applies the fixes of a spec's findings until none is left.

use super::check_spec::{Checked, check_spec};
use crate::finding::{Code, Finding, Fixed, Sources, apply_fixes, codes};
use crate::source::InputFile;

/// A spec after its fixes.
#[derive(Debug)]
pub struct FixedSpec {
    /// The spec as it is now, with the findings that are left.
    pub checked: Checked,
    /// All files.
    pub files: Vec<InputFile>,
    /// What was fixed, in this order.
    pub fixed: Vec<Applied>,
}

/// A fix that was applied.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Applied {
    /// The code of the finding.
    pub code: Code,
    /// Where it was: `path:line`.
    pub link: String,
    /// What was done.
    pub title: String,
}

impl Applied {
    fn new(finding: &Finding, sources: &Sources) -> Self {
        Self {
            code: finding.code,
            link: finding.place.as_ref().map(|place| sources.link(place)).unwrap_or_default(),
            title: finding.fix.as_ref().map(|fix| fix.title.clone()).unwrap_or_default(),
        }
    }
}

/// At most this many rounds. Each applies every fix that overlaps no other, so a few are enough.
const MOST_ROUNDS: usize = 20;

/// Applies every fix whose finding it really ends. A fix that breaks something else, such as one that makes a duplicate key, is not applied.
pub fn fix_spec(mut files: Vec<InputFile>) -> FixedSpec {
    let mut checked = check_spec(files.clone());
    let mut fixed = Vec::new();
    for _ in 0..MOST_ROUNDS {
        let (findings, fixes): (Vec<&Finding>, Vec<_>) = checked
            .findings
            .iter()
            .filter_map(|finding| Some((finding, finding.fix.as_ref()?.replacements(&checked.sources)?)))
            .unzip();
        // One fix that breaks something must not hold back the others.
        let each = (0..fixes.len()).map(|at| at..at + 1);
        let better = std::iter::once(0..fixes.len()).chain(each).find_map(|range| {
            let result = apply_fixes(&fixes[range.clone()], &checked.sources);
            let applied: Vec<Finding> = result.applied.iter().map(|at| findings[range.start + at].clone()).collect();
            let next = with(&files, &result);
            let after = (!applied.is_empty()).then(|| check_spec(next.clone()))?;
            mends(&applied, &checked.findings, &after.findings).then_some((next, after, applied))
        });
        let Some((next, after, applied)) = better else { break };
        fixed.extend(applied.into_iter().map(|finding| Applied::new(&finding, &checked.sources)));
        (files, checked) = (next, after);
    }
    FixedSpec { checked, files, fixed }
}

/// Whether the findings are gone and no file is worse YAML than before.
fn mends(applied: &[Finding], before: &[Finding], after: &[Finding]) -> bool {
    let is_broken = |finding: &&Finding| finding.code == codes::DUPLICATE_KEY || finding.code.name().starts_with("yaml-");
    let broken = |findings: &[Finding]| findings.iter().filter(is_broken).count();
    let same = |one: &Finding, findings: &[Finding]| {
        findings.iter().filter(|other| (other.code, &other.message) == (one.code, &one.message)).count()
    };
    broken(after) <= broken(before) && applied.iter().all(|one| same(one, after) < same(one, before))
}

/// The files with new texts. A spec's texts have the order of its files.
fn with(files: &[InputFile], fixed: &Fixed) -> Vec<InputFile> {
    let mut files = files.to_vec();
    for (id, text) in &fixed.texts {
        if let Some(file) = files.get_mut(id.0) {
            file.bytes = text.clone().into_bytes();
        }
    }
    files
}
