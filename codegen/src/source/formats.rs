//! The form of `formats.yaml` and `endpoints.yaml`, as written. Plain serde types whose derived JSON Schema judges each file.

use std::borrow::Cow;

use indexmap::IndexMap;
use placewise_model::{Auto, BeyondRetention, Coverage, Format, Period, Provenance, TimePoints};
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::Deserialize;

use super::{FieldDef, SettingDef};

/// `formats.yaml`
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct FormatsFile {
    /// Rows with cursor pages.
    pub records: RecordsDef,
    /// Values over time buckets.
    pub timeseries: TimeseriesDef,
    /// Figures; their form is not known.
    pub statistics: StatisticsDef,
}

/// The records format.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RecordsDef {
    /// How much of it is known.
    #[serde(default)]
    pub coverage: Coverage,
    /// What it is.
    pub description: Option<String>,
    /// The page that documents it.
    pub source: Option<String>,
    /// The endpoint in `endpoints.yaml` that is asked.
    pub endpoint: String,
    /// Keys of the request body.
    pub request: RecordsRequestDef,
    /// Keys of the response body.
    pub response: RecordsResponseDef,
    /// Rows in a page when none is asked for.
    pub default_page_size: SettingDef<u32>,
    /// The most rows a page may hold.
    pub most_page_size: SettingDef<u32>,
    /// Whether a null cursor means the last page.
    pub null_cursor_ends: SettingDef<bool>,
    /// The zone in which timestamps without one are compared.
    pub zoneless_timestamps_in: SettingDef<String>,
}

/// Keys of a records request.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RecordsRequestDef {
    /// The report's name.
    pub report: SettingDef<String>,
    /// The filter.
    pub filter: SettingDef<String>,
    /// The aggregation's name.
    pub aggregation: SettingDef<String>,
    /// The cursor.
    pub cursor: SettingDef<String>,
    /// Rows a page should hold.
    pub page_size: SettingDef<String>,
}

/// Keys of a records response.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RecordsResponseDef {
    /// The rows.
    pub rows: String,
    /// The object about the page.
    pub pagination: String,
    /// In that object: the cursor to the next page.
    pub next: String,
    /// The format's name.
    pub result_type: String,
    /// What the format's name is.
    pub result_type_value: String,
}

/// The timeseries format.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct TimeseriesDef {
    /// How much of it is known.
    #[serde(default)]
    pub coverage: Coverage,
    /// What it is.
    pub description: Option<String>,
    /// The page that documents it.
    pub source: Option<String>,
    /// The endpoint in `endpoints.yaml` that is asked.
    pub endpoint: String,
    /// Keys of the request body.
    pub request: TimeseriesRequestDef,
    /// Keys of the response body.
    pub response: TimeseriesResponseDef,
    /// The intervals by their name on the wire, finest first.
    pub intervals: IndexMap<String, IntervalDef>,
    /// How an interval is chosen when none is asked for.
    pub auto: Auto,
    /// Most time points that a query may ask for.
    pub most_time_points: u32,
    /// Most data points of an answer; more are left out in silence.
    pub most_data_points: u32,
    /// How the time points of a range are counted.
    pub time_points: SettingDef<TimePoints>,
    /// What a server makes of a range that begins before the interval's data do.
    pub beyond_retention: SettingDef<BeyondRetention>,
}

/// Keys of a timeseries request.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct TimeseriesRequestDef {
    /// The report's name.
    pub report: SettingDef<String>,
    /// The filter.
    pub filter: SettingDef<String>,
    /// The aggregation's name.
    pub aggregation: SettingDef<String>,
    /// The interval's name.
    pub interval: SettingDef<String>,
    /// Start of the range.
    pub from: SettingDef<String>,
    /// End of the range.
    pub to: SettingDef<String>,
}

/// Keys of a timeseries response.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct TimeseriesResponseDef {
    /// The interval used.
    pub interval: String,
    /// The zone of the range.
    pub zone: String,
    /// The zone's name when the customers have different ones.
    pub local_zone: String,
    /// The time buckets.
    pub buckets: String,
    /// The series.
    pub series: String,
    /// In a series: its label.
    pub label: String,
    /// In a series: its values.
    pub values: String,
    /// In a series: its time zone, where buckets are local.
    pub series_zone: String,
    /// How many data points came.
    pub data_points: String,
    /// The format's name.
    pub result_type: String,
    /// What the format's name is.
    pub result_type_value: String,
}

/// One interval of timeseries.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct IntervalDef {
    /// The length of a bucket.
    pub bucket_length: Period,
    /// How long its data are kept.
    pub retention: Kept,
    /// What else a reader should know.
    pub description: Option<String>,
    /// How well it is known.
    #[serde(default)]
    pub provenance: Provenance,
}

/// How long data are kept: a length of time, or the word `forever`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub struct Kept(pub Option<Period>);

impl TryFrom<String> for Kept {
    type Error = String;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        if text == "forever" { Ok(Self(None)) } else { Period::try_from(text).map(|span| Self(Some(span))) }
    }
}

impl JsonSchema for Kept {
    fn schema_name() -> Cow<'static, str> {
        "Kept".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "description": "A length of time: `14 days`, `2 years`, or the word `forever`.",
            "type": "string",
            "pattern": "^(forever|[1-9][0-9]{0,5} (minute|hour|day|week|month|year)s?)$"
        })
    }
}

/// The statistics format.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct StatisticsDef {
    /// How much of it is known.
    #[serde(default)]
    pub coverage: Coverage,
    /// What it is.
    pub description: Option<String>,
    /// The page that documents it.
    pub source: Option<String>,
    /// The endpoint in `endpoints.yaml` that is asked.
    pub endpoint: String,
    /// Keys of the request body.
    pub request: StatisticsRequestDef,
}

/// Keys of a statistics request.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct StatisticsRequestDef {
    /// The report's name.
    pub report: SettingDef<String>,
    /// The filter.
    pub filter: SettingDef<String>,
    /// The aggregation's name.
    pub aggregation: SettingDef<String>,
    /// Start of the range.
    pub from: SettingDef<String>,
    /// End of the range.
    pub to: SettingDef<String>,
}

/// `endpoints.yaml`
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct EndpointsFile {
    /// The endpoints by name.
    pub endpoints: IndexMap<String, EndpointDef>,
}

/// One endpoint.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct EndpointDef {
    /// Its title on the documentation's site.
    pub title: Option<String>,
    /// The group it stands in there, where it is not the API's own.
    pub group: Option<String>,
    /// Its HTTP method.
    pub method: String,
    /// Its path. A name in braces stands for a value of the request. Where it is not known, an assumption of value null.
    pub path: Option<SettingDef<String>>,
    /// The permit it needs; left out where not known.
    pub permit: Option<String>,
    /// Tokens that a call takes.
    pub cost: Option<u32>,
    /// How much of it this file holds.
    #[serde(default = "whole")]
    pub coverage: Coverage,
    /// What a request carries of a report.
    #[serde(default)]
    pub carries: CarriesDef,
    /// Keys of the request; left out where not known.
    #[serde(default)]
    pub request: IndexMap<String, FieldDef>,
    /// Keys of the reply; left out where not known.
    #[serde(default)]
    pub response: IndexMap<String, FieldDef>,
    /// What it is for.
    pub description: Option<String>,
    /// How well it is known.
    #[serde(default)]
    pub provenance: Provenance,
    /// The page that documents it.
    pub source: Option<String>,
}

/// What is covered when nothing is said.
pub(super) const fn whole() -> Coverage {
    Coverage::Whole
}

/// What a request carries of a report.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct CarriesDef {
    /// The key of the report's name.
    pub report: Option<SettingDef<String>>,
    /// The key of a field's name; only beside `report`.
    pub field: Option<SettingDef<String>>,
    /// Whether the whole body is that of a query; only together with `query_format`.
    pub query: Option<SettingDef<bool>>,
    /// The format of that query.
    pub query_format: Option<Format>,
}
