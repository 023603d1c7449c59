//! One run of `drift` over any number of pages: the spec, and what was found and compared so far.

use std::collections::BTreeSet;

use placewise_model::Model;

use crate::check::{Checked, Valid};
use crate::disk::lock::digest;
use crate::finding::{Finding, Sources, codes};
use crate::published::{self, Captures, Drift, FactDigests, FactFinding, ReadPage, fact_id, is_space};
use crate::source::Spec;

pub(super) struct Comparison {
    pub model: Valid<Model>,
    pub spec: Spec,
    pub sources: Sources,
    pub found: Vec<Finding>,
    /// The facts that were compared to the end: each page's root, such as `reports/sendings`.
    pub complete: BTreeSet<String>,
    pub pages: usize,
    pub facts: usize,
}

impl Comparison {
    /// A comparison with a spec, or the spec if it is not valid.
    pub fn new(mut checked: Checked) -> Result<Self, Box<Checked>> {
        let Some(model) = checked.model.take() else { return Err(Box::new(checked)) };
        let Checked { spec, sources, .. } = checked;
        let (found, complete) = (Vec::new(), BTreeSet::new());
        Ok(Self { model, spec, sources, found, complete, pages: 0, facts: 0 })
    }

    /// Compares a page. `source` is its address, if it was fetched. Returns what it states.
    pub fn page(&mut self, read: &ReadPage, source: Option<&str>, captures: &Captures) -> FactDigests {
        self.pages += 1;
        let Drift { findings, facts, unreached, .. } = published::compare(read, source, &self.model, &self.spec);
        let open = findings.iter().any(|one| matches!(one.finding.code.name(), "page-unread" | "page-unreached"));
        // A report has one page, so all that is decided about it was judged, whatever its navigation lacks. Of other files, a page states a
        // part.
        match read.report() {
            _ if open => {}
            Some(page) => {
                let root = fact_id(&["reports", &page.name.value]);
                if !unreached.iter().any(|fact| is_within(fact, &root)) {
                    self.complete.insert(root);
                }
            }
            None if unreached.is_empty() => self.complete.extend(facts.iter().map(|fact| fact.fact.clone())),
            None => {}
        }
        // A page that no part of the spec is found for is known by its address alone.
        let fact = |fact: &str| match source {
            Some(source) if fact == "page" => format!("sources/{source}"),
            _ => fact.to_owned(),
        };
        let named = |one: FactFinding| with_fact(one.finding, fact(&one.fact), &self.sources);
        let mut found: Vec<Finding> = findings.into_iter().map(named).collect();
        let stated = published::digests(&facts);
        if let Some(source) = source {
            captures.explain(source, &stated, &mut found);
        }
        self.facts += facts.len();
        // All pages of a capture have the same navigation.
        found.retain(|one| one.code != codes::PAGE_FOLDER_CLOSED || self.found.iter().all(|had| had.message != one.message));
        self.found.extend(found);
        stated
    }
}

/// What was not reached or looked for has no fingerprint: nobody can decide that all is well with what nobody read. That of text which was
/// not understood has a digest of the text, so that a decision on it hides no other text.
fn with_fact(finding: Finding, fact: String, sources: &Sources) -> Finding {
    match (&finding.place, finding.code) {
        (_, codes::PAGE_UNREACHED | codes::PAGE_FOLDER_CLOSED) => finding,
        (Some(place), codes::PAGE_UNREAD) => {
            let text = sources.get(place.file).text.get(place.span.clone()).unwrap_or_default();
            let words: Vec<&str> = text.split(is_space).filter(|word| !word.is_empty()).collect();
            let digest = digest(words.join(" ").as_bytes());
            finding.fact(format!("{fact}/{digest:016x}"))
        }
        _ => finding.fact(fact),
    }
}

/// Whether a fact is another one or a part of it.
pub(super) fn is_within(fact: &str, root: &str) -> bool {
    fact.strip_prefix(root).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}
