//! The platform files whose top level is not a type of the model. Only their schemas are used: `resolve` reads the parts.

use indexmap::IndexMap;
use placewise_model::{Endpoint, RecordsFormat, Scope, StatisticsFormat, TimeseriesFormat};
use schemars::JsonSchema;
use serde_json::Value;

use super::report::FieldDef;

/// `formats.yaml`
#[derive(JsonSchema)]
#[serde(deny_unknown_fields)]
#[expect(dead_code, reason = "only the schema is used")]
pub(super) struct FormatsFile {
    /// Rows with cursor pages.
    records: RecordsFormat,
    /// Values over time buckets.
    timeseries: TimeseriesFormat,
    /// Figures of unknown form.
    statistics: StatisticsFormat,
}

/// `endpoints.yaml`
#[derive(JsonSchema)]
#[serde(deny_unknown_fields)]
#[expect(dead_code, reason = "only the schema is used")]
pub(super) struct EndpointsFile {
    /// The endpoints by name.
    endpoints: IndexMap<String, Endpoint<IndexMap<String, FieldDef>>>,
}

/// `assumptions.yaml`
#[derive(JsonSchema)]
#[serde(deny_unknown_fields)]
#[expect(dead_code, reason = "only the schema is used")]
pub(super) struct AssumptionsFile {
    /// The assumptions by id.
    assumptions: IndexMap<String, AssumptionDef>,
}

/// A named value that is used because no page states it. It has either `settled_by` or `settled`.
#[derive(JsonSchema)]
#[serde(deny_unknown_fields)]
#[expect(dead_code, reason = "only the schema is used")]
struct AssumptionDef {
    /// The assumed value; null for a path that is not known.
    value: Value,
    /// Why this value.
    reason: String,
    /// What would settle it.
    settled_by: Option<String>,
    /// What the live API showed that settled it. `cargo codegen settle` writes this in place of `settled_by`.
    settled: Option<String>,
    /// What it affects.
    scope: Scope,
}
