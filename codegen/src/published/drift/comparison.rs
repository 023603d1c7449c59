//! The state of a comparison: both sides, and the differences so far.

use placewise_model::{QuirkKind, Report};

use crate::finding::{Finding, Place, Severity};
use crate::published::read::PublishedPage;

/// Returns the place of a path of keys in the report file.
pub(super) type PlaceOf<'a> = &'a dyn Fn(&[&str]) -> Place;

pub(super) struct Comparison<'a> {
    pub page: &'a PublishedPage,
    pub report: &'a Report,
    pub place_of: PlaceOf<'a>,
    pub out: Vec<Finding>,
}

impl<'a> Comparison<'a> {
    /// Adds a difference. `edit` names the key of the report file to change.
    pub fn differs(&mut self, code: &'static str, message: String, at: &Place, path: &[&str], edit: &str) {
        self.differs_and(code, message, at, path, edit, None);
    }

    /// Adds a difference with a further hint.
    pub fn differs_and(
        &mut self,
        code: &'static str,
        message: String,
        at: &Place,
        path: &[&str],
        edit: &str,
        hint: Option<String>,
    ) {
        let help = format!("if the page is right, edit {edit} in the report file; if it is wrong, add a quirk");
        let help = hint.map_or(help.clone(), |hint| format!("{hint}; {help}"));
        let label = if code.ends_with("-missing") { "missing after this" } else { "the page" };
        self.out.push(
            Finding::error(code, message).at(at.clone()).label(label).related((self.place_of)(path), "the spec").help(help),
        );
    }

    /// Turns the last difference into a warning.
    pub fn soften(&mut self) {
        if let Some(last) = self.out.last_mut() {
            last.severity = Severity::Warning;
        }
    }

    /// Whether the spec records that quirk of a field.
    pub fn has_quirk(&self, kind: QuirkKind, at: &str) -> bool {
        self.report.quirks.iter().any(|quirk| quirk.kind == kind && quirk.at.iter().any(|known| known == at))
    }

    /// The permit on a page that prints permit and cost without a separator, if that text ends with the spec's cost.
    pub fn permit_before_cost(&self) -> Option<&'a str> {
        let (page, cost) = (self.page, self.report.cost?);
        page.permit_and_cost.as_ref()?.value.strip_suffix(&cost.to_string())
    }
}

/// A value as part of a sentence.
pub(super) fn word(value: Option<&str>) -> String {
    value.map_or("none".into(), |value| format!("`{value}`"))
}

/// Several values as part of a sentence.
pub(super) fn list(values: &[&str]) -> String {
    if values.is_empty() { "none".into() } else { values.iter().map(|value| format!("`{value}`")).collect::<Vec<_>>().join(", ") }
}
