//! The form of a rule.

use placewise_model::Report;

use crate::finding::Finding;
use crate::resolve::UncheckedModel;
use crate::source::{Doc, ReportFile, Spec};

/// One rule: a check, and the codes of its findings.
pub struct Rule {
    /// The codes of its findings.
    pub codes: &'static [&'static str],
    pub(super) check: Check,
}

/// The function of a rule.
pub(super) enum Check {
    /// Checks one report, with its document.
    Report(fn(&Report, &Doc<ReportFile>, &UncheckedModel, &mut Vec<Finding>)),
    /// Checks the whole spec.
    Whole(fn(&UncheckedModel, &Spec, &mut Vec<Finding>)),
}
