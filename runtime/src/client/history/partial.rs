//! What is left of a history that failed, and the requests to come.

use std::fmt;

use super::outcome::{History, MissingRange};
use super::run::Run;
use crate::error::Error;

/// The charts before an error, and what is missing.
pub struct PartialHistory<Label> {
    /// The charts so far, never merged.
    pub history: Box<History<Label>>,
    /// What they lack.
    pub missing: Vec<MissingRange>,
    /// The error.
    pub error: Error,
    /// The requests to come; none if the error came before the first one.
    pub(in crate::client) rest: Option<Box<Run>>,
}

impl<Label> fmt::Display for PartialHistory<Label> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.history.parts, &*self.missing) {
            (0, _) | (_, []) => self.error.fmt(f),
            (parts, [first, ..]) => {
                write!(f, "after {parts} parts, from {}: {} (go on with `resume_from`)", first.range.from, self.error)
            }
        }
    }
}

/// The message, without the charts.
impl<Label> fmt::Debug for PartialHistory<Label> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl<Label> std::error::Error for PartialHistory<Label> {
    /// The source of the error, whose own text is in this message.
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        self.error.source()
    }
}

impl<Label> From<PartialHistory<Label>> for Error {
    /// Drops the charts.
    fn from(partial: PartialHistory<Label>) -> Self {
        partial.error
    }
}
