//! The form of a rule.

use placewise_model::Report;

use crate::finding::Finding;
use crate::resolve::UncheckedModel;
use crate::source::{Doc, ReportFile, Spec};

/// One rule.
pub enum Rule {
    /// Checks one report, with its document.
    Report(fn(&Report, &Doc<ReportFile>, &UncheckedModel, &mut Vec<Finding>)),
    /// Checks the whole spec.
    Whole(fn(&UncheckedModel, &Spec, &mut Vec<Finding>)),
}
