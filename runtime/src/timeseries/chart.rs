//! The answer of a timeseries: time buckets, and series of values over them. In comes what the decoder read; out come typed parts, and
//! the server's own JSON again. Buckets without a zone are another type than those with one, so that they are not taken for UTC.

use std::{collections::BTreeMap, fmt};

use jiff::{civil, tz::TimeZone};
use serde::{Serialize, Serializer};

use super::Number;
use crate::{Cell, Other, RateLimit, Record, TimeseriesFormat, Timestamp, Value, Warning};

/// The answer of a timeseries.
///
/// The grid of buckets need not be regular: the server may leave out buckets without data. Written as JSON, it is what the server sent.
#[derive(Clone)]
#[non_exhaustive]
pub struct Chart<Label> {
    /// The interval that was used.
    pub interval: String,
    /// The zone of the range, as the server names it.
    pub range_zone: String,
    /// The start of each bucket.
    pub buckets: Buckets,
    /// The series, each with one value for every bucket.
    pub series: Vec<Series<Label>>,
    /// How many values that are not null came, where the server told it.
    pub data_points: Option<u64>,
    /// False where the server may have left out data: it cuts what is over its limit of data points without a word. Narrow the filter or
    /// the range then.
    pub complete: bool,
    /// The rate limit's state, where the server told it.
    pub rate: Option<RateLimit>,
    /// Keys that the format does not model, as they came.
    pub other: Other,
    pub(super) format: &'static TimeseriesFormat,
    pub(super) has_result_type: bool,
    pub(super) unknown_keys: BTreeMap<String, u64>,
    pub(super) warnings: Vec<Warning>,
}

impl<Label> Chart<Label> {
    /// Keys that the server sent and no type models, by dotted path, with how often each came.
    pub fn unknown_keys(&self) -> &BTreeMap<String, u64> {
        &self.unknown_keys
    }

    /// What the answer speaks against of that which is taken as given.
    pub fn warnings(&self) -> &[Warning] {
        &self.warnings
    }
}

/// One series of a chart.
#[derive(Clone)]
#[non_exhaustive]
pub struct Series<Label> {
    /// What the series is about.
    pub label: Label,
    /// Its values, one for each bucket; none where the server has no value.
    pub values: Vec<Option<Number>>,
    /// Its time zone, which the server names where buckets are local.
    pub zone: Option<String>,
    /// Keys that the format does not model, as they came.
    pub other: Other,
}

/// The starts of a chart's buckets.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Buckets {
    /// With a zone: each is one moment.
    Zoned(Vec<Timestamp>),
    /// Without a zone: each is another moment in every series, by the series' own zone.
    Local(Vec<LocalTime>),
}

impl Buckets {
    /// How many there are.
    pub fn len(&self) -> usize {
        match self {
            Self::Zoned(buckets) => buckets.len(),
            Self::Local(buckets) => buckets.len(),
        }
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The moments; none where buckets are local, as they mean no moments without a zone.
    pub fn instants(&self) -> Option<Vec<jiff::Timestamp>> {
        match self {
            // A zoned timestamp always has an instant.
            Self::Zoned(buckets) => buckets.iter().map(|bucket| bucket.instant()).collect(),
            Self::Local(_) => None,
        }
    }

    /// The moments, taking local buckets to be times in that zone: the one that a series names. Zoned ones mean what they say.
    pub fn instants_in(&self, zone: &TimeZone) -> Result<Vec<jiff::Timestamp>, jiff::Error> {
        let instant = |time: Timestamp| time.in_zone(zone).map(|zoned| zoned.timestamp());
        match self {
            Self::Zoned(buckets) => buckets.iter().map(|bucket| instant(*bucket)).collect(),
            Self::Local(buckets) => buckets.iter().map(|bucket| instant(bucket.0)).collect(),
        }
    }

    fn cell(&self) -> Cell<'_> {
        match self {
            Self::Zoned(buckets) => Cell::List(buckets.iter().map(Value::cell).collect()),
            Self::Local(buckets) => Cell::List(buckets.iter().map(|bucket| bucket.0.cell()).collect()),
        }
    }
}

/// A date and time without a zone, as written.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct LocalTime(pub(super) Timestamp);

impl LocalTime {
    /// The date and time.
    pub fn civil(self) -> civil::DateTime {
        self.0.civil()
    }
}

impl fmt::Display for LocalTime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl fmt::Debug for LocalTime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// The known entries of an object, then the others.
fn object<'a>(known: impl IntoIterator<Item = (&'static str, Option<Cell<'a>>)>, other: &'a Other) -> Cell<'a> {
    let known = known.into_iter().filter_map(|(key, cell)| cell.map(|cell| (key, cell)));
    Cell::Object(known.chain(other.iter().map(|(key, json)| (key.as_str(), Cell::Json(json)))).collect())
}

impl<Label: Record> Series<Label> {
    fn cell(&self, format: &TimeseriesFormat) -> Cell<'_> {
        let values = self.values.iter().map(Value::cell).collect();
        let known = [
            (format.label_key, Some(Cell::Object(self.label.cells()))),
            (format.values_key, Some(Cell::List(values))),
            (format.series_zone_key, self.zone.as_ref().map(Value::cell)),
        ];
        object(known, &self.other)
    }
}

impl<Label: Record> Chart<Label> {
    fn cell(&self) -> Cell<'_> {
        let format = self.format;
        let count = self.data_points.map(|count| Cell::Integer(i64::try_from(count).unwrap_or(i64::MAX)));
        let result_type = self.has_result_type.then(|| Cell::Text(format.result_type.into()));
        let known = [
            (format.used_interval_key, Some(self.interval.cell())),
            (format.zone_key, Some(self.range_zone.cell())),
            (format.buckets_key, Some(self.buckets.cell())),
            (format.series_key, Some(Cell::List(self.series.iter().map(|series| series.cell(format)).collect()))),
            (format.data_points_key, count),
            (format.result_type_key, result_type),
        ];
        object(known, &self.other)
    }
}

/// What the server sent.
impl<Label: Record> Serialize for Chart<Label> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.cell().serialize(serializer)
    }
}

impl<Label: fmt::Debug> fmt::Debug for Chart<Label> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Chart")
            .field("interval", &self.interval)
            .field("range_zone", &self.range_zone)
            .field("buckets", &self.buckets)
            .field("series", &self.series)
            .field("data_points", &self.data_points)
            .field("complete", &self.complete)
            .field("rate", &self.rate)
            .field("other", &self.other)
            .finish_non_exhaustive()
    }
}

impl<Label: fmt::Debug> fmt::Debug for Series<Label> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Series")
            .field("label", &self.label)
            .field("values", &self.values)
            .field("zone", &self.zone)
            .field("other", &self.other)
            .finish()
    }
}
