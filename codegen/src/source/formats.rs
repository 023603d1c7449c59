//! `formats.yaml` and `endpoints.yaml` as written. The derived JSON Schema validates the files, and its descriptions are these comments.

use std::borrow::Cow;

use indexmap::IndexMap;
use placewise_model::{Auto, BeyondRetention, Coverage, Format, Period, Provenance, TimePoints};
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::Deserialize;

use super::platform::SettingDef;
use super::report::{FieldDef, whole};

/// `formats.yaml`
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct FormatsFile {
    /// Rows with cursor pages.
    pub records: RecordsDef,
    /// Values over time buckets.
    pub timeseries: TimeseriesDef,
    /// Figures of unknown form.
    pub statistics: StatisticsDef,
}

/// The records format.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RecordsDef {
    /// How much of the format is known.
    #[serde(default)]
    pub coverage: Coverage,
    /// A description in your own words.
    pub description: Option<String>,
    /// The page that documents it.
    pub source: Option<String>,
    /// The endpoint of `endpoints.yaml` that receives queries.
    pub endpoint: String,
    /// Keys of the request body.
    pub request: RecordsRequestDef,
    /// Keys of the response body.
    pub response: RecordsResponseDef,
    /// The page size if a request has none.
    pub default_page_size: SettingDef<u32>,
    /// The largest page size.
    pub most_page_size: SettingDef<u32>,
    /// Whether a null cursor marks the last page.
    pub null_cursor_ends: SettingDef<bool>,
    /// The time zone of timestamps without one.
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
    /// The page size.
    pub page_size: SettingDef<String>,
}

/// Keys of a records response.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RecordsResponseDef {
    /// The rows.
    pub rows: String,
    /// The object with the cursor.
    pub pagination: String,
    /// In that object: the cursor of the next page.
    pub next: String,
    /// The key of the format's name.
    pub result_type: String,
    /// The format's name.
    pub result_type_value: String,
}

/// The timeseries format.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct TimeseriesDef {
    /// How much of the format is known.
    #[serde(default)]
    pub coverage: Coverage,
    /// A description in your own words.
    pub description: Option<String>,
    /// The page that documents it.
    pub source: Option<String>,
    /// The endpoint of `endpoints.yaml` that receives queries.
    pub endpoint: String,
    /// Keys of the request body.
    pub request: TimeseriesRequestDef,
    /// Keys of the response body.
    pub response: TimeseriesResponseDef,
    /// The intervals by wire name, finest first.
    pub intervals: IndexMap<String, IntervalDef>,
    /// How the server chooses an interval if a request has none.
    pub auto: Auto,
    /// The most time points in a query.
    pub most_time_points: u32,
    /// The most data points in a response. The server drops the rest silently.
    pub most_data_points: u32,
    /// How time points of a range are counted.
    pub time_points: SettingDef<TimePoints>,
    /// How the server handles a range that starts before the interval's retention.
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
    /// The start of the range.
    pub from: SettingDef<String>,
    /// The end of the range.
    pub to: SettingDef<String>,
}

/// Keys of a timeseries response.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct TimeseriesResponseDef {
    /// The interval that the server used.
    pub interval: String,
    /// The time zone of the range.
    pub zone: String,
    /// The value of `zone` if customers have different time zones.
    pub local_zone: String,
    /// The zone of the documented examples: the simulator's default for customers. UTC if left out.
    pub example_zone: Option<String>,
    /// The time buckets.
    pub buckets: String,
    /// The series.
    pub series: String,
    /// In a series: its label.
    pub label: String,
    /// In a series: its values.
    pub values: String,
    /// In a series: its time zone, if buckets are local.
    pub series_zone: String,
    /// The number of data points.
    pub data_points: String,
    /// The key of the format's name.
    pub result_type: String,
    /// The format's name.
    pub result_type_value: String,
}

/// One interval of timeseries.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct IntervalDef {
    /// The length of a bucket.
    pub bucket_length: Period,
    /// How long the API keeps its data.
    pub retention: Retention,
    /// Anything else worth knowing.
    pub description: Option<String>,
    /// How this is known.
    #[serde(default)]
    pub provenance: Provenance,
}

/// A retention: a length of time, or the word `forever`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub struct Retention(pub Option<Period>);

impl TryFrom<String> for Retention {
    type Error = String;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        if text == "forever" { Ok(Self(None)) } else { Period::try_from(text).map(|period| Self(Some(period))) }
    }
}

impl JsonSchema for Retention {
    fn schema_name() -> Cow<'static, str> {
        "Retention".into()
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
    /// How much of the format is known.
    #[serde(default)]
    pub coverage: Coverage,
    /// A description in your own words.
    pub description: Option<String>,
    /// The page that documents it.
    pub source: Option<String>,
    /// The endpoint of `endpoints.yaml` that receives queries.
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
    /// The start of the range.
    pub from: SettingDef<String>,
    /// The end of the range.
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
    /// Its title on the documentation site.
    pub title: Option<String>,
    /// Its group on that site, if not the API's own.
    pub group: Option<String>,
    /// Its HTTP method.
    pub method: String,
    /// Its path. A name in braces stands for a value of the request. If the path is unknown: an assumption with value null.
    pub path: Option<SettingDef<String>>,
    /// The permit it needs. Omit if unknown.
    pub permit: Option<String>,
    /// The tokens that a call costs.
    pub cost: Option<u32>,
    /// How much of the page this file covers.
    #[serde(default = "whole")]
    pub coverage: Coverage,
    /// What a request contains of a report.
    #[serde(default)]
    pub carries: CarriesDef,
    /// The keys of the request. Omit if unknown.
    #[serde(default)]
    pub request: IndexMap<String, FieldDef>,
    /// The keys of the reply. Omit if unknown.
    #[serde(default)]
    pub response: IndexMap<String, FieldDef>,
    /// A description in your own words.
    pub description: Option<String>,
    /// How this is known.
    #[serde(default)]
    pub provenance: Provenance,
    /// The page that documents it.
    pub source: Option<String>,
}

/// What a request contains of a report.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct CarriesDef {
    /// The key of the report's name.
    pub report: Option<SettingDef<String>>,
    /// The key of a field's name. Needs `report`.
    pub field: Option<SettingDef<String>>,
    /// Whether the body is a query. Needs `query_format`.
    pub query: Option<SettingDef<bool>>,
    /// The format of that query.
    pub query_format: Option<Format>,
}
