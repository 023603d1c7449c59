//! What checking the examples of a report collects.

use placewise_model::Report;

use crate::finding::Finding;
use crate::source::{Doc, ReportFile};

pub(super) struct Checker<'a> {
    pub report: &'a Report,
    pub doc: &'a Doc<ReportFile>,
    pub findings: &'a mut Vec<Finding>,
    /// Whether the example is cut, so that missing keys mean nothing.
    pub cut: bool,
    /// Quirk targets with timestamps without a time zone.
    pub zoneless: Vec<String>,
    /// Quirk targets that an example has.
    pub present: Vec<String>,
    /// Quirk targets that a row of an example lacks.
    pub absent: Vec<String>,
}

impl Checker<'_> {
    /// Adds an error.
    pub fn say(&mut self, code: &'static str, message: String, path: &[String], help: &str) {
        self.findings.push(Finding::error(code, message).at(self.doc.at(path)).help(help));
    }
}
