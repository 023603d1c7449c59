//! The formats of answers as constants: paths, keys of bodies, limits and intervals. Generated code fills these in; queries, settings and
//! decoders read them. In and out: plain data, all of it `'static`.

use std::fmt;

use crate::Setting;

/// The format of a report's answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Format {
    /// Rows with cursor pages.
    Records,
    /// Series of values over time buckets.
    Timeseries,
    /// Figures; their form is not known.
    Statistics,
}

impl Format {
    /// What the format's reports are made of.
    pub(crate) const fn word(self) -> &'static str {
        match self {
            Self::Records => "records",
            Self::Timeseries => "timeseries",
            Self::Statistics => "statistics",
        }
    }
}

/// The records format: one page of rows and a cursor to the next.
#[derive(Clone, Copy, Debug)]
pub struct RecordsFormat {
    /// The path that is asked; none where not known.
    pub path: Setting<Option<&'static str>>,
    /// Request key: the report's name.
    pub report_key: Setting<&'static str>,
    /// Request key: the filter.
    pub filter_key: Setting<&'static str>,
    /// Request key: the aggregation's name.
    pub aggregation_key: Setting<&'static str>,
    /// Request key: the cursor of the page asked for.
    pub cursor_key: Setting<&'static str>,
    /// Request key: how many rows a page should hold.
    pub page_size_key: Setting<&'static str>,
    /// Response key: the rows.
    pub rows_key: &'static str,
    /// Response key: the object about the page.
    pub pagination_key: &'static str,
    /// In that object: the cursor to the next page.
    pub next_key: &'static str,
    /// Whether a null cursor means the last page.
    pub null_cursor_ends: Setting<bool>,
    /// Response key: the format's name.
    pub result_type_key: &'static str,
    /// The format's name in responses.
    pub result_type: &'static str,
}

/// The timeseries format: values over time buckets.
#[derive(Clone, Copy, Debug)]
pub struct TimeseriesFormat {
    /// The path that is asked; none where not known.
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
    /// Response key: the zone of the range.
    pub zone_key: &'static str,
    /// The zone's name when the customers have different ones: buckets are then local to each series.
    pub local_zone: &'static str,
    /// Response key: the time buckets.
    pub buckets_key: &'static str,
    /// Response key: the series.
    pub series_key: &'static str,
    /// In a series: its label.
    pub label_key: &'static str,
    /// In a series: its values, one for each bucket.
    pub values_key: &'static str,
    /// In a series: its time zone, where buckets are local.
    pub series_zone_key: &'static str,
    /// Response key: how many data points came.
    pub data_points_key: &'static str,
    /// Response key: the format's name.
    pub result_type_key: &'static str,
    /// The format's name in responses.
    pub result_type: &'static str,
    /// The intervals, finest first.
    pub intervals: &'static [IntervalInfo],
    /// How an interval is chosen when none is asked for.
    pub auto: AutoInterval,
    /// Most time points that a query may ask for.
    pub most_time_points: u32,
    /// Most data points (values that are not null) of an answer; the server leaves out more in silence.
    pub most_data_points: u32,
    /// How the time points of a range are counted.
    pub time_points: Setting<TimePoints>,
}

impl TimeseriesFormat {
    /// The interval of that name.
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
    /// How long its data are kept; none means forever.
    pub retention: Option<Period>,
}

/// How an interval is chosen by the length of the range.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AutoInterval {
    /// The word that asks for it.
    pub name: &'static str,
    /// The steps, shortest range first.
    pub steps: &'static [AutoStep],
    /// The interval of longer ranges.
    pub otherwise: &'static str,
}

/// One step of choosing an interval.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AutoStep {
    /// Ranges up to this long, this long included.
    pub up_to: Period,
    /// The interval they get.
    pub interval: &'static str,
}

/// How the time points of a range are counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum TimePoints {
    /// By the length of the range over that of a bucket, rounded up.
    Length,
    /// By the buckets that the range touches, the one that holds its end included.
    Buckets,
}

impl TimePoints {
    /// The word that turns an assumption to it.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Length => "length",
            Self::Buckets => "buckets",
        }
    }

    /// The other way of counting.
    pub(crate) const fn other(self) -> Self {
        match self {
            Self::Length => Self::Buckets,
            Self::Buckets => Self::Length,
        }
    }
}

/// The statistics format, of which only the requests are guessed.
#[derive(Clone, Copy, Debug)]
pub struct StatisticsFormat {
    /// The path that is asked; none where not known.
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

/// A length of time in one unit of the calendar.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Period {
    /// How many.
    pub count: u32,
    /// Of what.
    pub unit: Unit,
}

impl Period {
    /// So many minutes.
    pub const fn minutes(count: u32) -> Self {
        Self { count, unit: Unit::Minute }
    }

    /// So many hours.
    pub const fn hours(count: u32) -> Self {
        Self { count, unit: Unit::Hour }
    }

    /// So many days.
    pub const fn days(count: u32) -> Self {
        Self { count, unit: Unit::Day }
    }

    /// So many weeks.
    pub const fn weeks(count: u32) -> Self {
        Self { count, unit: Unit::Week }
    }

    /// So many months.
    pub const fn months(count: u32) -> Self {
        Self { count, unit: Unit::Month }
    }

    /// So many years.
    pub const fn years(count: u32) -> Self {
        Self { count, unit: Unit::Year }
    }
}

impl fmt::Display for Period {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}{}", self.count, self.unit.word(), if self.count == 1 { "" } else { "s" })
    }
}

/// A unit of the calendar. Days and longer ones have no fixed length.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Unit {
    /// 60 seconds.
    Minute,
    /// 60 minutes.
    Hour,
    /// From midnight to midnight.
    Day,
    /// From Monday to Monday.
    Week,
    /// From the first to the first.
    Month,
    /// From the first of January to the first of January.
    Year,
}

impl Unit {
    /// The unit's name for one of it.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Minute => "minute",
            Self::Hour => "hour",
            Self::Day => "day",
            Self::Week => "week",
            Self::Month => "month",
            Self::Year => "year",
        }
    }
}
