//! The formats of responses: keys of requests and responses, limits, and the intervals of timeseries.

use serde::{Deserialize, Serialize};

use crate::period::Period;
use crate::setting::Setting;
use crate::vocabulary::{BeyondRetention, Coverage, Provenance, RequestKey, TimePoints};

/// The keys of a format's requests.
pub type RequestKeys<'a> = Vec<(RequestKey, &'a Setting<String>)>;

/// The records format: one page of rows and a cursor to the next.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct RecordsFormat {
    /// How much of its page is known.
    #[serde(default)]
    pub coverage: Coverage,
    /// What it is.
    pub description: Option<String>,
    /// The page that documents it.
    pub source: Option<String>,
    /// The endpoint that serves it.
    pub endpoint: String,
    /// Request key: the report's name.
    pub report_key: Setting<String>,
    /// Request key: the filter.
    pub filter_key: Setting<String>,
    /// Request key: the aggregation's name.
    pub aggregation_key: Setting<String>,
    /// Request key: the cursor of the requested page.
    pub cursor_key: Setting<String>,
    /// Request key: the rows per page.
    pub page_size_key: Setting<String>,
    /// Rows per page if the request does not say. Only the simulator uses it.
    pub default_page_size: Setting<u32>,
    /// The maximum of rows per page.
    pub most_page_size: Setting<u32>,
    /// Response key: the rows.
    pub rows_key: String,
    /// Response key: the object that describes the page.
    pub pagination_key: String,
    /// In that object: the cursor to the next page; null on the last page.
    pub next_key: String,
    /// Whether a null cursor means the last page.
    pub null_cursor_ends: Setting<bool>,
    /// Response key: the format's name.
    pub result_type_key: String,
    /// The format's name in responses.
    pub result_type: String,
    /// The zone of timestamps that have none: an IANA name or `UTC`.
    pub zoneless_timestamps_in: Setting<String>,
}

impl RecordsFormat {
    /// Every key of a request.
    pub fn request_keys(&self) -> RequestKeys<'_> {
        vec![
            (RequestKey::Report, &self.report_key),
            (RequestKey::Filter, &self.filter_key),
            (RequestKey::Aggregation, &self.aggregation_key),
            (RequestKey::Cursor, &self.cursor_key),
            (RequestKey::PageSize, &self.page_size_key),
        ]
    }
}

/// The timeseries format: values over time buckets.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct TimeseriesFormat {
    /// How much of its page is known.
    #[serde(default)]
    pub coverage: Coverage,
    /// What it is.
    pub description: Option<String>,
    /// The page that documents it.
    pub source: Option<String>,
    /// The endpoint that serves it.
    pub endpoint: String,
    /// Request key: the report's name.
    pub report_key: Setting<String>,
    /// Request key: the filter.
    pub filter_key: Setting<String>,
    /// Request key: the aggregation's name.
    pub aggregation_key: Setting<String>,
    /// Request key: the interval's name.
    pub interval_key: Setting<String>,
    /// Request key: start of the range.
    pub from_key: Setting<String>,
    /// Request key: end of the range.
    pub to_key: Setting<String>,
    /// Response key: the interval that the server used.
    pub used_interval_key: String,
    /// Response key: the zone of the range.
    pub zone_key: String,
    /// The name of the zone if the customers' zones differ; buckets are then local to each series.
    pub local_zone: String,
    /// The zone of the documented examples. The simulator's default for customers.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub example_zone: Option<String>,
    /// Response key: the time buckets.
    pub buckets_key: String,
    /// Response key: the series.
    pub series_key: String,
    /// In a series: its label.
    pub label_key: String,
    /// In a series: its values, one per bucket.
    pub values_key: String,
    /// In a series: its time zone, if buckets are local.
    pub series_zone_key: String,
    /// Response key: the number of data points.
    pub data_points_key: String,
    /// Response key: the format's name.
    pub result_type_key: String,
    /// The format's name in responses.
    pub result_type: String,
    /// The intervals, finest first.
    pub intervals: Vec<Interval>,
    /// How the server chooses the interval of a request without one.
    pub auto: Auto,
    /// Maximum of time points per request; the server rejects a request for more.
    pub most_time_points: u32,
    /// Maximum of data points (values that are not null) per response; the server silently drops the rest.
    pub most_data_points: u32,
    /// How the time points of a range are counted.
    pub time_points: Setting<TimePoints>,
    /// What the server does with a range that begins before the retention of its interval.
    pub beyond_retention: Setting<BeyondRetention>,
}

impl TimeseriesFormat {
    /// Every key of a request.
    pub fn request_keys(&self) -> RequestKeys<'_> {
        vec![
            (RequestKey::Report, &self.report_key),
            (RequestKey::Filter, &self.filter_key),
            (RequestKey::Aggregation, &self.aggregation_key),
            (RequestKey::Interval, &self.interval_key),
            (RequestKey::From, &self.from_key),
            (RequestKey::To, &self.to_key),
        ]
    }

    /// The interval of that name.
    pub fn interval(&self, name: &str) -> Option<&Interval> {
        self.intervals.iter().find(|interval| interval.name == name)
    }
}

/// One interval of timeseries.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Interval {
    /// Its name on the wire.
    pub name: String,
    /// The length of a bucket.
    pub bucket_length: Period,
    /// How long its data are retained; none means forever.
    pub retention: Option<Period>,
    /// Further notes.
    pub description: Option<String>,
    /// How well it is known.
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
    #[serde(default, skip_serializing_if = "Option::is_none")]
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
pub struct StatisticsFormat {
    /// How much of its page is known.
    #[serde(default)]
    pub coverage: Coverage,
    /// What it is.
    pub description: Option<String>,
    /// The page that documents it.
    pub source: Option<String>,
    /// The endpoint that serves it.
    pub endpoint: String,
    /// Request key: the report's name.
    pub report_key: Setting<String>,
    /// Request key: the filter.
    pub filter_key: Setting<String>,
    /// Request key: the aggregation's name.
    pub aggregation_key: Setting<String>,
    /// Request key: start of the range.
    pub from_key: Setting<String>,
    /// Request key: end of the range.
    pub to_key: Setting<String>,
}

impl StatisticsFormat {
    /// Every key of a request.
    pub fn request_keys(&self) -> RequestKeys<'_> {
        vec![
            (RequestKey::Report, &self.report_key),
            (RequestKey::Filter, &self.filter_key),
            (RequestKey::Aggregation, &self.aggregation_key),
            (RequestKey::From, &self.from_key),
            (RequestKey::To, &self.to_key),
        ]
    }
}
