//! The code of a finding, and its page: what it reports, why that is bad, how to mend it, a bad and a good example.
//!
//! The page is one Markdown file under `codes/`. It is documentation, the text of `explain` and a fixture of `tests/findings.rs`, and the
//! only place that states the severity.

use std::fmt;

/// How bad a finding is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Severity {
    /// The spec or page cannot be used like this.
    Error,
    /// It works, but should be reviewed.
    Warning,
}

/// The code of a finding, such as `unknown-key`. Only [`super::codes`] makes codes, so each has a page.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Code {
    pub(super) name: &'static str,
    pub(super) page: &'static str,
}

impl Code {
    /// The code as printed.
    pub fn name(self) -> &'static str {
        self.name
    }

    /// Its page, as Markdown.
    pub fn page(self) -> &'static str {
        self.page
    }

    /// How bad its findings are: the page's third line.
    pub fn severity(self) -> Severity {
        match self.page.lines().nth(2) {
            Some("Severity: warning") => Severity::Warning,
            _ => Severity::Error,
        }
    }

    /// The text under a heading of its page.
    pub fn section(self, heading: &str) -> Option<&'static str> {
        let (_, rest) = self.page.split_once(&format!("\n## {heading}\n"))?;
        Some(rest.split_once("\n## ").map_or(rest, |(section, _)| section).trim())
    }

    /// What it reports, in one sentence.
    pub fn summary(self) -> &'static str {
        self.section("What it does").and_then(|text| text.lines().next()).unwrap_or_default()
    }
}

impl fmt::Debug for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name)
    }
}

impl fmt::Display for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name)
    }
}
