//! One finding, and how to build it.

use std::cmp::Ordering;

use super::place::{Place, Sources};

/// How bad a finding is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Severity {
    /// The spec or page cannot be used like this.
    Error,
    /// It works, but should be reviewed.
    Warning,
}

/// One finding.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// The rule's code, such as `unknown-key`.
    pub code: &'static str,
    /// How bad it is.
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
    /// A stable name of the fact that it is about, for fingerprints. It has no line and no wording.
    pub fact: Option<String>,
}

impl Finding {
    /// An error.
    pub fn error(code: &'static str, message: impl Into<String>) -> Self {
        Self {
            code,
            severity: Severity::Error,
            message: message.into(),
            place: None,
            label: None,
            related: Vec::new(),
            help: None,
            fact: None,
        }
    }

    /// A warning.
    pub fn warning(code: &'static str, message: impl Into<String>) -> Self {
        Self { severity: Severity::Warning, ..Self::error(code, message) }
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
        Ordering::Equal => (a.code, &a.message).cmp(&(b.code, &b.message)),
        other => other,
    });
}
