//! The constants of each format: path, keys of requests and responses, limits and intervals.

use super::{setting::Setting, vocabulary::TimePoints};
use crate::time::period::Period;

/// A part of a request. Each format lists the parts that its requests have, with their keys.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Part {
    Report,
    Filter,
    Aggregation,
    PageSize,
    Cursor,
    Interval,
    From,
    To,
}

impl Part {
    /// What sets it in a query.
    pub(crate) const fn method(self) -> &'static str {
        match self {
            Self::Report => "report",
            Self::Filter => "filter",
            Self::Aggregation => "aggregation",
            Self::PageSize => "page_size",
            Self::Cursor => "cursor",
            Self::Interval => "interval",
            Self::From => "from",
            Self::To => "to",
        }
    }
}

/// The records format: pages of rows, with a cursor to the next page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RecordsFormat {
    /// The path; none if unknown.
    pub path: Setting<Option<&'static str>>,
    /// Request key: the report's name.
    pub report_key: Setting<&'static str>,
    /// Request key: the filter.
    pub filter_key: Setting<&'static str>,
    /// Request key: the aggregation's name.
    pub aggregation_key: Setting<&'static str>,
    /// Request key: the cursor of the requested page.
    pub cursor_key: Setting<&'static str>,
    /// Request key: the number of rows per page.
    pub page_size_key: Setting<&'static str>,
    /// Response key: the rows.
    pub rows_key: &'static str,
    /// Response key: the object that describes the page.
    pub pagination_key: &'static str,
    /// In that object: the cursor to the next page.
    pub next_key: &'static str,
    /// Whether a null cursor marks the last page.
    pub null_cursor_ends: Setting<bool>,
    /// Whether a cursor without text marks the last page.
    pub empty_cursor_ends: Setting<bool>,
    /// Response key: the format's name.
    pub result_type_key: &'static str,
    /// The format's name in responses.
    pub result_type: &'static str,
}

impl RecordsFormat {
    /// The keys of its requests.
    pub(crate) const fn request_keys(&self) -> [(Part, Setting<&'static str>); 5] {
        [
            (Part::Report, self.report_key),
            (Part::Filter, self.filter_key),
            (Part::Aggregation, self.aggregation_key),
            (Part::PageSize, self.page_size_key),
            (Part::Cursor, self.cursor_key),
        ]
    }
}

/// The timeseries format: values over time buckets.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TimeseriesFormat {
    /// The path; none if unknown.
    pub path: Setting<Option<&'static str>>,
    /// Request key: the report's name.
    pub report_key: Setting<&'static str>,
    /// Request key: the filter.
    pub filter_key: Setting<&'static str>,
    /// Request key: the aggregation's name.
    pub aggregation_key: Setting<&'static str>,
    /// Request key: the interval's name.
    pub interval_key: Setting<&'static str>,
    /// Request key: start of the range.
    pub from_key: Setting<&'static str>,
    /// Request key: end of the range.
    pub to_key: Setting<&'static str>,
    /// Response key: the interval used.
    pub used_interval_key: &'static str,
    /// Response key: the time zone of the range.
    pub zone_key: &'static str,
    /// The zone's name if customers have different zones: buckets are then local to each series.
    pub local_zone: &'static str,
    /// Response key: the time buckets.
    pub buckets_key: &'static str,
    /// Response key: the series.
    pub series_key: &'static str,
    /// In a series: its label.
    pub label_key: &'static str,
    /// In a series: its values, one per bucket.
    pub values_key: &'static str,
    /// In a series: its time zone, if buckets are local.
    pub series_zone_key: &'static str,
    /// Response key: the number of data points.
    pub data_points_key: &'static str,
    /// Response key: the format's name.
    pub result_type_key: &'static str,
    /// The format's name in responses.
    pub result_type: &'static str,
    /// The intervals, finest first.
    pub intervals: &'static [IntervalInfo],
    /// How the server chooses an interval if the query names none.
    pub auto: AutoInterval,
    /// Maximum of time points per query.
    pub most_time_points: u32,
    /// Maximum of data points (values that are not null) per response; the server silently drops the others.
    pub most_data_points: u32,
    /// How the time points of a range are counted.
    pub time_points: Setting<TimePoints>,
}

impl TimeseriesFormat {
    /// The keys of its requests.
    pub(crate) const fn request_keys(&self) -> [(Part, Setting<&'static str>); 6] {
        [
            (Part::Report, self.report_key),
            (Part::Filter, self.filter_key),
            (Part::Aggregation, self.aggregation_key),
            (Part::Interval, self.interval_key),
            (Part::From, self.from_key),
            (Part::To, self.to_key),
        ]
    }

    /// The interval with that name.
    pub fn interval(&self, name: &str) -> Option<&'static IntervalInfo> {
        self.intervals.iter().find(|interval| interval.name == name)
    }
}

/// One interval of timeseries.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct IntervalInfo {
    /// Its name on the wire.
    pub name: &'static str,
    /// The length of a bucket.
    pub bucket_length: Period,
    /// How long data are retained; none means forever.
    pub retention: Option<Period>,
}

/// How the server chooses an interval by the length of the range.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AutoInterval {
    /// The name that requests it.
    pub name: &'static str,
    /// The steps, shortest range first.
    pub steps: &'static [AutoStep],
    /// The interval of longer ranges.
    pub otherwise: &'static str,
}

/// One step of choosing an interval.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AutoStep {
    /// The longest range of the step.
    pub up_to: Period,
    /// The interval for such ranges.
    pub interval: &'static str,
}

/// The statistics format. Its responses are undocumented, and its request keys are assumptions.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct StatisticsFormat {
    /// The path; none if unknown.
    pub path: Setting<Option<&'static str>>,
    /// Request key: the report's name.
    pub report_key: Setting<&'static str>,
    /// Request key: the filter.
    pub filter_key: Setting<&'static str>,
    /// Request key: the aggregation's name.
    pub aggregation_key: Setting<&'static str>,
    /// Request key: start of the range.
    pub from_key: Setting<&'static str>,
    /// Request key: end of the range.
    pub to_key: Setting<&'static str>,
}

impl StatisticsFormat {
    /// The keys of its requests.
    pub(crate) const fn request_keys(&self) -> [(Part, Setting<&'static str>); 5] {
        [
            (Part::Report, self.report_key),
            (Part::Filter, self.filter_key),
            (Part::Aggregation, self.aggregation_key),
            (Part::From, self.from_key),
            (Part::To, self.to_key),
        ]
    }
}
