//! One finding, and how to build it.

use std::cmp::Ordering;

use super::code::{Code, Severity};
use super::fix::Fix;
use super::place::{Place, Sources};

/// One finding.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// The rule's code, such as `unknown-key`.
    pub code: Code,
    /// How bad it is: as its page says, unless a decision or an option softened it.
    pub severity: Severity,
    /// What is wrong: one sentence without a period.
    pub message: String,
    /// Where it is.
    pub place: Option<Place>,
    /// What the marked text is, if the message does not say.
    pub label: Option<String>,
    /// Related places, each with a label.
    pub related: Vec<(Place, String)>,
    /// What to do next.
    pub help: Option<String>,
    /// How to mend it, if that is sure.
    pub fix: Option<Fix>,
    /// A stable name of the fact that it is about, for fingerprints. It has no line and no wording.
    pub fact: Option<String>,
}

impl Finding {
    /// A finding, as bad as its code.
    pub fn new(code: Code, message: impl Into<String>) -> Self {
        Self {
            code,
            severity: code.severity(),
            message: message.into(),
            place: None,
            label: None,
            related: Vec::new(),
            help: None,
            fix: None,
            fact: None,
        }
    }

    /// Makes it a warning.
    #[must_use]
    pub fn softened(self) -> Self {
        Self { severity: Severity::Warning, ..self }
    }

    /// Sets the place.
    #[must_use]
    pub fn at(mut self, place: Place) -> Self {
        self.place = Some(place);
        self
    }

    /// Sets what the marked text is.
    #[must_use]
    pub fn label(mut self, label: impl Into<String>) -> Self {
        self.label = Some(label.into());
        self
    }

    /// Adds a related place.
    #[must_use]
    pub fn related(mut self, place: Place, what: impl Into<String>) -> Self {
        self.related.push((place, what.into()));
        self
    }

    /// Sets the stable name of the fact that it is about.
    #[must_use]
    pub fn fact(mut self, fact: impl Into<String>) -> Self {
        self.fact = Some(fact.into());
        self
    }

    /// The kind and the fact, which neither line nor wording change: `drift-cost:reports/sendings/cost`.
    pub fn fingerprint(&self) -> Option<String> {
        self.fact.as_ref().map(|fact| format!("{}:{fact}", self.code))
    }

    /// Sets what to do next.
    #[must_use]
    pub fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }

    /// Sets how to mend it.
    #[must_use]
    pub fn fix(mut self, fix: Fix) -> Self {
        self.fix = Some(fix);
        self
    }
}

/// Whether any finding is an error.
pub fn has_errors<'a>(findings: impl IntoIterator<Item = &'a Finding>) -> bool {
    findings.into_iter().any(|finding| finding.severity == Severity::Error)
}

/// Orders findings by file, place and code, so that every run prints the same.
pub fn sort(findings: &mut [Finding], sources: &Sources) {
    let key = |finding: &Finding| {
        let place = finding.place.as_ref().map(|place| sources.shown(place))?;
        Some((sources.get(place.file).path.clone(), place.span.start, place.span.end))
    };
    findings.sort_by(|a, b| match key(a).cmp(&key(b)) {
        Ordering::Equal => (a.code.name(), &a.message).cmp(&(b.code.name(), &b.message)),
        other => other,
    });
}
