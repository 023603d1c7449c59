//! The platform files whose top level is not a type of the model. Only their schemas are used: `resolve` reads the parts.

use indexmap::IndexMap;
use placewise_model::{Assumption, Endpoint, RecordsFormat, StatisticsFormat, TimeseriesFormat};
use schemars::JsonSchema;

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
    assumptions: IndexMap<String, Assumption>,
}
