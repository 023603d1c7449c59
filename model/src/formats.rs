//! The formats of answers and the endpoints they are asked from: keys of bodies, limits, and the intervals of timeseries. In and out:
//! plain data.

use serde::{Deserialize, Serialize};

use crate::{Coverage, Field, Period, Provenance, Setting};

/// One endpoint.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Endpoint {
    /// Its name in the spec.
    pub name: String,
    /// Its title on the documentation's site.
    pub title: Option<String>,
    /// The group it stands in there, where it is not the API's own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub group: Option<String>,
    /// Its HTTP method.
    pub method: String,
    /// Its path; no value where not known. A name in braces stands for a value of the request.
    pub path: Setting<Option<String>>,
    /// The permit it needs; none where not known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub permit: Option<String>,
    /// Tokens that a call takes, where it is not the report that decides.
    pub cost: Option<u32>,
    /// How much of it is known.
    pub coverage: Coverage,
    /// What a request carries of a report.
    #[serde(default)]
    pub carries: Carries,
    /// Keys of the request; empty where not known.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub request: Vec<Field>,
    /// Keys of the reply; empty where not known.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub response: Vec<Field>,
    /// What it is for.
    pub description: Option<String>,
    /// How well it is known.
    pub provenance: Provenance,
    /// The page that documents it.
    pub source: Option<String>,
}

/// What a request to an endpoint carries of a report, so that a client can fill it in.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Carries {
    /// The key of the report's name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub report: Option<Setting<String>>,
    /// The key of a field's name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub field: Option<Setting<String>>,
    /// Whether the whole body is that of a query. It says which format the query has by `query_format`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub query: Option<Setting<bool>>,
    /// The format of that query.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub query_format: Option<crate::Format>,
}

/// The records format: one page of rows and a cursor to the next.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct RecordsFormat {
    /// How much of it is known.
    #[serde(default)]
    pub coverage: Coverage,
    /// What it is.
    pub description: Option<String>,
    /// The page that documents it.
    pub source: Option<String>,
    /// The endpoint that is asked.
    pub endpoint: String,
    /// Request key: the report's name.
    pub report_key: Setting<String>,
    /// Request key: the filter.
    pub filter_key: Setting<String>,
    /// Request key: the aggregation's name.
    pub aggregation_key: Setting<String>,
    /// Request key: the cursor of the page asked for.
    pub cursor_key: Setting<String>,
    /// Request key: how many rows a page should hold.
    pub page_size_key: Setting<String>,
    /// Rows in a page when none is asked for. For the simulator; the client asks or leaves it out.
    pub default_page_size: Setting<u32>,
    /// The most rows a page may hold.
    pub most_page_size: Setting<u32>,
    /// Response key: the rows.
    pub rows_key: String,
    /// Response key: the object about the page.
    pub pagination_key: String,
    /// In that object: the cursor to the next page, null on the last.
    pub next_key: String,
    /// Whether a null cursor means the last page.
    pub null_cursor_ends: Setting<bool>,
    /// Response key: the format's name.
    pub result_type_key: String,
    /// The format's name in responses.
    pub result_type: String,
    /// The zone in which timestamps without one are compared; an IANA name or `UTC`.
    pub zoneless_timestamps_in: Setting<String>,
}

/// The timeseries format: values over time buckets.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct TimeseriesFormat {
    /// How much of it is known.
    #[serde(default)]
    pub coverage: Coverage,
    /// What it is.
    pub description: Option<String>,
    /// The page that documents it.
    pub source: Option<String>,
    /// The endpoint that is asked.
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
    /// Response key: the interval used.
    pub used_interval_key: String,
    /// Response key: the zone of the range.
    pub zone_key: String,
    /// The zone's name when the customers have different ones: buckets are then local to each series.
    pub local_zone: String,
    /// Response key: the time buckets.
    pub buckets_key: String,
    /// Response key: the series.
    pub series_key: String,
    /// In a series: its label.
    pub label_key: String,
    /// In a series: its values, one for each bucket.
    pub values_key: String,
    /// In a series: its time zone, where buckets are local.
    pub series_zone_key: String,
    /// Response key: how many data points came.
    pub data_points_key: String,
    /// Response key: the format's name.
    pub result_type_key: String,
    /// The format's name in responses.
    pub result_type: String,
    /// The intervals, finest first.
    pub intervals: Vec<Interval>,
    /// How an interval is chosen when none is asked for.
    pub auto: Auto,
    /// Most time points that a query may ask for; more is refused.
    pub most_time_points: u32,
    /// Most data points (values that are not null) of an answer; more are left out in silence.
    pub most_data_points: u32,
    /// How the time points of a range are counted.
    pub time_points: Setting<TimePoints>,
    /// What a server makes of a range that begins before the interval's data do.
    pub beyond_retention: Setting<BeyondRetention>,
}

impl TimeseriesFormat {
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
    /// How long its data are kept; none means forever.
    pub retention: Option<Period>,
    /// What else a reader should know.
    pub description: Option<String>,
    /// How well it is known.
    pub provenance: Provenance,
}

/// How an interval is chosen by the length of the range.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Auto {
    /// The word that asks for it.
    pub name: String,
    /// The steps, shortest range first.
    pub steps: Vec<AutoStep>,
    /// The interval of longer ranges.
    pub otherwise: String,
    /// What else a reader should know.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
}

/// One step of choosing an interval.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct AutoStep {
    /// Ranges up to this long, this long included.
    pub up_to: Period,
    /// The interval they get.
    pub interval: String,
}

/// How the time points of a range are counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum TimePoints {
    /// By the length of the range over that of a bucket, rounded up.
    Length,
    /// By the buckets that the range touches, the one that holds its end included.
    Buckets,
}

impl TimePoints {
    /// The word as written in the spec.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Length => "length",
            Self::Buckets => "buckets",
        }
    }
}

/// What a server makes of a range that begins before an interval's data do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum BeyondRetention {
    /// It refuses.
    Refused,
    /// It answers with what is left.
    Empty,
}

impl BeyondRetention {
    /// The word as written in the spec.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Refused => "refused",
            Self::Empty => "empty",
        }
    }
}

/// The statistics format, of which only the name is known. What a request carries is taken to be as in the other formats.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct StatisticsFormat {
    /// How much of it is known.
    #[serde(default)]
    pub coverage: Coverage,
    /// What it is.
    pub description: Option<String>,
    /// The page that documents it.
    pub source: Option<String>,
    /// The endpoint that is asked.
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
