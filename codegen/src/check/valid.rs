//! Applies all rules to a model. Only a [`Valid`] model can be emitted, and nothing else makes one.

use placewise_model::{Model, Report};
use rayon::prelude::*;

use super::registry::RULES;
use super::rule::Rule;
use crate::finding::{Finding, has_errors};
use crate::resolve::UncheckedModel;
use crate::source::{Doc, ReportFile, Spec};

/// A model that passed all rules.
#[derive(Clone, Debug)]
pub struct Valid<M>(M);

impl<M> std::ops::Deref for Valid<M> {
    type Target = M;

    fn deref(&self) -> &M {
        &self.0
    }
}

/// Applies all rules. `before` are the findings of earlier stages; errors there make the model invalid too.
pub fn check(unchecked: UncheckedModel, spec: &Spec, before: &[Finding]) -> (Option<Valid<Model>>, Vec<Finding>) {
    let one = |(report, (_, doc)): (&Report, &(String, Doc<ReportFile>))| {
        let mut findings = Vec::new();
        for rule in RULES {
            if let Rule::Report(check) = rule {
                check(report, doc, &unchecked, &mut findings);
            }
        }
        findings
    };
    let mut findings: Vec<Finding> = unchecked.reports.par_iter().zip(&spec.reports).flat_map_iter(one).collect();
    for rule in RULES {
        if let Rule::Whole(check) = rule {
            check(&unchecked, spec, &mut findings);
        }
    }
    let failed = has_errors(before.iter().chain(&findings));
    let model = if failed { None } else { complete(unchecked) };
    (model.map(Valid), findings)
}

fn complete(unchecked: UncheckedModel) -> Option<Model> {
    let mut reports = unchecked.reports;
    reports.sort_by(|a, b| (&a.group, &a.name).cmp(&(&b.group, &b.name)));
    Some(Model {
        api: unchecked.api?,
        filter: unchecked.filter?,
        records: unchecked.records?,
        timeseries: unchecked.timeseries?,
        statistics: unchecked.statistics?,
        endpoints: unchecked.endpoints,
        assumptions: unchecked.assumptions,
        reports,
    })
}
