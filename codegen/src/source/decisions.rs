//! `lockstep/drift.yaml` as written: what was decided about differences between pages and spec. It is no part of a spec; only `drift`
//! reads it.

use indexmap::IndexMap;
use schemars::JsonSchema;
use serde::Deserialize;

/// Decisions on findings of `cargo codegen drift`.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct DecisionsFile {
    /// The decisions by fingerprint, as `drift` prints it: `drift-cost:reports/sendings/cost`.
    pub decisions: IndexMap<String, Decision>,
}

/// A decision on one finding.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Decision {
    /// What was decided.
    #[serde(rename = "as")]
    pub verdict: Verdict,
    /// Why, for whoever reads it in a year.
    pub reason: String,
    /// The last day of a waiver, such as `2026-12-31`. Only for `waived`.
    pub until: Option<String>,
}

/// What was decided.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Verdict {
    /// The spec differs from the page on purpose.
    Accepted,
    /// The page is wrong, and its publisher was told.
    Disputed,
    /// It is ignored until a date.
    Waived,
}

impl Verdict {
    /// The word in the file.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Accepted => "accepted",
            Self::Disputed => "disputed",
            Self::Waived => "waived",
        }
    }
}
