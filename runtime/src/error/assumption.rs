//! The assumptions behind a failure, and how to override them.

use std::fmt;

use crate::facts::{api::Assumption, vocabulary::OverrideAt};
use crate::meta::Meta;

/// An assumption with the value in use: the default, or an override.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct AssumedValue {
    pub(crate) assumption: &'static Assumption,
    /// As JSON text.
    pub(crate) value: String,
}

/// Assumptions that a failed request depended on; [`Error::assumptions`](crate::Error::assumptions) lists them.
#[derive(Debug)]
pub struct AssumedValues(pub(super) Box<Box<[AssumedValue]>>);

impl AssumedValues {
    pub(crate) fn new(values: impl IntoIterator<Item = AssumedValue>) -> Self {
        Self(Box::new(values.into_iter().collect()))
    }
}

/// Adds the assumptions to a message.
pub(super) fn write(f: &mut fmt::Formatter<'_>, assumptions: &[AssumedValue]) -> fmt::Result {
    for (index, AssumedValue { assumption, value }) in assumptions.iter().enumerate() {
        let id = assumption.id;
        f.write_str(if index == 0 { "; this depends on the assumption" } else { "; and on the assumption" })?;
        write!(f, " `{id}` ({value}): ")?;
        match assumption.override_at {
            OverrideAt::Client => write!(f, "override it with `.assume(\"{id}\", …)` when building the client")?,
            OverrideAt::Spec => f.write_str(
                "it determines generated types, so change it in the spec and regenerate; meanwhile read rows as JSON with \
                 `rows_as::<JsonRow>()` and labels with `labels_as::<JsonRow>()`",
            )?,
        }
    }
    Ok(())
}

/// A response that disproves an assumption.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct AssumptionError {
    /// The report.
    pub report: &'static str,
    /// The assumption.
    pub assumption: &'static Assumption,
    /// What the server did instead.
    pub evidence: String,
    pub(crate) assumed: AssumedValue,
    pub(crate) meta: Box<Meta>,
}

impl fmt::Display for AssumptionError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "report {}: {}", self.report, self.evidence)
    }
}

impl std::error::Error for AssumptionError {}
