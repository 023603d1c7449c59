//! The rules over a resolved model, one file each. In: a draft of the model and the documents it came from; out: findings, and, when
//! none is an error, the only thing that can be emitted: a [`Valid`] model.

mod coverage;
mod descriptions;
mod endpoints;
mod examples;
mod format_keys;
mod formats;
mod groups;
pub(crate) mod nulls;
mod places;
mod platform;
mod references;
mod relations;
mod rust_names;
mod simulate;
mod values;

use placewise_model::{Model, Report};
use rayon::prelude::*;

use crate::finding::{Finding, Severity};
use crate::resolve::Draft;
use crate::source::{Doc, ReportFile, Spec};

/// A model that passed every rule. Nothing else makes one.
#[derive(Clone, Debug)]
pub struct Valid<M>(M);

impl<M> std::ops::Deref for Valid<M> {
    type Target = M;

    fn deref(&self) -> &M {
        &self.0
    }
}

/// One rule.
pub struct Rule {
    /// The codes that its findings carry.
    pub codes: &'static [&'static str],
    /// What it demands and why, in a sentence or two.
    pub description: &'static str,
    check: Check,
}

enum Check {
    /// Sees one report at a time, with the document it stands in.
    Report(fn(&Report, &Doc<ReportFile>, &Draft, &mut Vec<Finding>)),
    /// Sees the whole.
    Whole(fn(&Draft, &Spec, &mut Vec<Finding>)),
}

/// Every rule, in the order of their files.
pub const RULES: &[Rule] = &[
    descriptions::RULE,
    descriptions::ENDPOINTS,
    coverage::RULE,
    endpoints::RULE,
    format_keys::RULE,
    formats::RULE,
    groups::RULE,
    nulls::RULE,
    places::RULE,
    platform::RULE,
    references::RULE,
    relations::RULE,
    rust_names::RULE,
    rust_names::ENDPOINTS,
    examples::RULE,
    simulate::RULE,
    values::RULE,
    values::ENDPOINTS,
];

/// Applies every rule. `before` are the findings of the earlier stages: a model with errors there is not valid either.
pub fn check(draft: Draft, spec: &Spec, before: &[Finding]) -> (Option<Valid<Model>>, Vec<Finding>) {
    let one = |(report, (_, doc)): (&Report, &(String, Doc<ReportFile>))| {
        let mut findings = Vec::new();
        for rule in RULES {
            if let Check::Report(check) = rule.check {
                check(report, doc, &draft, &mut findings);
            }
        }
        findings
    };
    let mut findings: Vec<Finding> = draft.reports.par_iter().zip(&spec.reports).flat_map_iter(one).collect();
    for rule in RULES {
        if let Check::Whole(check) = rule.check {
            check(&draft, spec, &mut findings);
        }
    }
    let failed = before.iter().chain(&findings).any(|finding| finding.severity == Severity::Error);
    let model = if failed { None } else { complete(draft) };
    (model.map(Valid), findings)
}

fn complete(draft: Draft) -> Option<Model> {
    let mut reports = draft.reports;
    reports.sort_by(|a, b| (&a.group, &a.name).cmp(&(&b.group, &b.name)));
    Some(Model {
        api: draft.api?,
        filter: draft.filter?,
        records: draft.records?,
        timeseries: draft.timeseries?,
        statistics: draft.statistics?,
        endpoints: draft.endpoints,
        assumptions: draft.assumptions,
        reports,
    })
}
