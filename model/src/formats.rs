//! The formats of responses: keys of requests and responses, limits, and the intervals of timeseries.

use serde::{Deserialize, Serialize};

use crate::period::{Period, Retention};
use crate::setting::Setting;
use crate::vocabulary::{BeyondRetention, Coverage, Provenance, RequestKey, TimePoints};

/// The keys of a format's requests.
pub type RequestKeys<'a> = Vec<(RequestKey, &'a Setting<String>)>;

/// Declares the keys of a format's requests.
macro_rules! request_keys {
    ($(#[$meta:meta])* pub struct $name:ident { $($(#[$of:meta])* $field:ident: $key:ident,)+ }) => {
        $(#[$meta])*
        #[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
        #[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
        #[serde(deny_unknown_fields)]
        pub struct $name { $($(#[$of])* pub $field: Setting<String>,)+ }

        impl $name {
            /// Every key.
            pub fn keys(&self) -> RequestKeys<'_> {
                vec![$((RequestKey::$key, &self.$field)),+]
            }
        }
    };
}

/// The records format: rows with cursor pages.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct RecordsFormat {
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
    pub request: RecordsRequest,
    /// The page size if a request has none. Only the simulator uses it.
    pub default_page_size: Setting<u32>,
    /// The largest page size.
    pub most_page_size: Setting<u32>,
    /// Keys of the response body.
    pub response: RecordsResponse,
    /// Whether a null cursor marks the last page.
    pub null_cursor_ends: Setting<bool>,
    /// Whether a cursor without text marks the last page.
    pub empty_cursor_ends: Setting<bool>,
    /// The time zone of timestamps without one: an IANA name or `UTC`.
    pub zoneless_timestamps_in: Setting<String>,
}

request_keys! {
    /// Keys of a records request.
    pub struct RecordsRequest {
        /// The report's name.
        report: Report,
        /// The filter.
        filter: Filter,
        /// The aggregation's name.
        aggregation: Aggregation,
        /// The cursor.
        cursor: Cursor,
        /// The page size.
        page_size: PageSize,
    }
}

/// Keys of a records response.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct RecordsResponse {
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

/// The timeseries format: values over time buckets.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct TimeseriesFormat {
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
    pub request: TimeseriesRequest,
    /// Keys of the response body.
    pub response: TimeseriesResponse,
    /// The intervals by wire name, finest first.
    #[cfg_attr(feature = "schema", schemars(with = "indexmap::IndexMap<String, Interval>"))]
    pub intervals: Vec<Interval>,
    /// How the server chooses an interval if a request has none.
    pub auto: Auto,
    /// The most time points in a query. The server rejects a query for more.
    pub most_time_points: u32,
    /// The most data points (values that are not null) in a response. The server drops the rest silently.
    pub most_data_points: u32,
    /// How time points of a range are counted.
    pub time_points: Setting<TimePoints>,
    /// How the server handles a range that starts before the interval's retention.
    pub beyond_retention: Setting<BeyondRetention>,
}

request_keys! {
    /// Keys of a timeseries request.
    pub struct TimeseriesRequest {
        /// The report's name.
        report: Report,
        /// The filter.
        filter: Filter,
        /// The aggregation's name.
        aggregation: Aggregation,
        /// The interval's name.
        interval: Interval,
        /// The start of the range.
        from: From,
        /// The end of the range.
        to: To,
    }
}

/// Keys of a timeseries response.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct TimeseriesResponse {
    /// The interval that the server used.
    pub interval: String,
    /// The time zone of the range.
    pub zone: String,
    /// The value of `zone` if customers have different time zones. Buckets are then local to each series.
    pub local_zone: String,
    /// The zone of the documented examples: the simulator's default for customers. UTC if left out.
    pub example_zone: Option<String>,
    /// The time buckets.
    pub buckets: String,
    /// The series.
    pub series: String,
    /// In a series: its label.
    pub label: String,
    /// In a series: its values, one per bucket.
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

impl TimeseriesFormat {
    /// The interval of that name.
    pub fn interval(&self, name: &str) -> Option<&Interval> {
        self.intervals.iter().find(|interval| interval.name == name)
    }
}

/// One interval of timeseries.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Interval {
    /// Its name on the wire: its key in the spec.
    #[cfg_attr(feature = "schema", schemars(skip))]
    pub name: String,
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

/// How the server chooses an interval by the length of the range.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Auto {
    /// The interval name that requests it.
    pub name: String,
    /// The steps, shortest range first.
    pub steps: Vec<AutoStep>,
    /// The interval of longer ranges.
    pub otherwise: String,
    /// Further notes.
    pub description: Option<String>,
}

/// One step of choosing an interval.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct AutoStep {
    /// The length of the longest range that it applies to.
    pub up_to: Period,
    /// The interval of these ranges.
    pub interval: String,
}

/// The statistics format. Only its name is known; its requests are assumed to be like those of the other formats.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct StatisticsFormat {
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
    pub request: StatisticsRequest,
}

request_keys! {
    /// Keys of a statistics request.
    pub struct StatisticsRequest {
        /// The report's name.
        report: Report,
        /// The filter.
        filter: Filter,
        /// The aggregation's name.
        aggregation: Aggregation,
        /// The start of the range.
        from: From,
        /// The end of the range.
        to: To,
    }
}
