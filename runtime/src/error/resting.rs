//! What a failure may come from that nobody stated: the assumptions that a request rested on. In comes an assumption and what it is
//! taken to be; out goes a sentence on how to turn it.

use std::fmt;

use crate::{Assumption, OverrideAt};

/// An assumption that something rests on, and what it is taken to be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Resting {
    pub(crate) assumption: &'static Assumption,
    /// As JSON text.
    pub(crate) value: String,
}

/// Adds the sentence to a message.
pub(super) fn write(f: &mut fmt::Formatter<'_>, rests: &[Resting]) -> fmt::Result {
    for (index, Resting { assumption, value }) in rests.iter().enumerate() {
        let id = assumption.id;
        f.write_str(if index == 0 { "; this rests on the assumption" } else { "; and on the assumption" })?;
        write!(f, " `{id}` ({value}): ")?;
        match assumption.override_at {
            OverrideAt::Client => write!(f, "turn it with `.assume(\"{id}\", …)` when building the client")?,
            OverrideAt::Spec => f.write_str(
                "the types are made from it, so change the description they are made from; meanwhile read rows as JSON with \
                 `rows_as::<JsonRow>()`, and labels with `labels_as::<JsonRow>()`",
            )?,
        }
    }
    Ok(())
}

/// An assumption that an answer proves wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct AssumptionError {
    /// The report asked for.
    pub report: &'static str,
    /// What was taken as given.
    pub assumption: &'static Assumption,
    /// What the server did instead.
    pub evidence: String,
    pub(crate) rests: Resting,
}

impl fmt::Display for AssumptionError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "report {}: {}", self.report, self.evidence)
    }
}

impl std::error::Error for AssumptionError {}
