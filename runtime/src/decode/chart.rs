//! The chart of a timeseries. Buckets without a zone have their own type, so that nobody reads them as UTC.

use std::{collections::BTreeMap, fmt};

use jiff::{civil, tz::AmbiguousOffset, tz::TimeZone};
use serde::{Serialize, Serializer};

use super::warning::Warning;
use crate::json::map::Other;
use crate::json::misfit::Misfits;
use crate::json::object::FromObject;
use crate::{
    facts::formats::TimeseriesFormat, json::number::Number, json::value::Value, json::value_ref::ValueRef, meta::Meta,
    rate_limit::RateLimit, time::timestamp::Timestamp,
};

/// The chart of a timeseries.
///
/// The buckets may be irregular, because the server may omit buckets without data. Serialized, a chart is the JSON that the server sent.
///
/// ```
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # use harbour_api::{Client, Customers, Moment};
/// # let server = placewise_simulator::Simulator::from_json(harbour_api::MODEL)?.start()?;
/// # let client = Client::builder().base_url(server.url()).token("secret").customers(Customers::id(1)).build()?;
/// # let now = harbour_api::jiff::Timestamp::now();
/// # let (from, to) = (now - harbour_api::jiff::SignedDuration::from_hours(48), now);
/// use harbour_api::{Traffic, interval};
///
/// let chart = client.fetch(Traffic::series(from..to).interval(interval::Hour)).await?;
/// for point in chart.points() {
///     println!("{} {:?} {:?}", point.bucket, point.label.way, point.value);
/// }
/// if !chart.complete {
///     eprintln!("the server stopped at its limit of data points: narrow the filter or the range");
/// }
/// # Ok(()) }
/// ```
#[derive(Clone, PartialEq)]
#[non_exhaustive]
pub struct Chart<Label> {
    /// The interval used.
    pub interval: String,
    /// The time zone of the range, as the server names it.
    pub range_zone: String,
    /// The start of each bucket.
    pub buckets: Buckets,
    /// The series, each with one value per bucket.
    pub series: Vec<Series<Label>>,
    /// The number of values that are not null, if the server sent it.
    pub data_points: Option<u64>,
    /// Whether the chart holds all data. If false, the server may have silently dropped data points over its limit; narrow the filter or
    /// the range.
    pub complete: bool,
    /// The state of the rate limit, if the server sent it.
    pub rate: Option<RateLimit>,
    /// What became of the request.
    pub meta: Meta,
    /// Unknown keys, as they were sent.
    pub other: Other,
    pub(crate) format: &'static TimeseriesFormat,
    pub(crate) has_result_type: bool,
    pub(crate) unknown_keys: BTreeMap<String, u64>,
    pub(crate) warnings: Vec<Warning>,
    pub(crate) misfits: Misfits,
}

impl<Label> Chart<Label> {
    /// Unknown keys that the server sent, by dotted path, with how often each occurred.
    pub fn unknown_keys(&self) -> &BTreeMap<String, u64> {
        &self.unknown_keys
    }

    /// The same chart with other labels, one per series.
    pub(crate) fn with_labels<Other>(self, labels: impl IntoIterator<Item = Other>) -> Chart<Other> {
        let labelled = |(label, series): (Other, Series<Label>)| {
            let Series { values, zone, other, .. } = series;
            Series { label, values, zone, other }
        };
        Chart {
            interval: self.interval,
            range_zone: self.range_zone,
            buckets: self.buckets,
            series: labels.into_iter().zip(self.series).map(labelled).collect(),
            data_points: self.data_points,
            complete: self.complete,
            rate: self.rate,
            meta: self.meta,
            other: self.other,
            format: self.format,
            has_result_type: self.has_result_type,
            unknown_keys: self.unknown_keys,
            warnings: self.warnings,
            misfits: self.misfits,
        }
    }

    /// What does not fit its type, if the client is [lenient](crate::ClientBuilder::lenient); otherwise that is an error. Those values are none.
    pub fn misfits(&self) -> &Misfits {
        &self.misfits
    }

    /// What is odd about this chart, such as assumptions that it contradicts.
    pub fn warnings(&self) -> &[Warning] {
        &self.warnings
    }
}

/// One series of a chart.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Series<Label> {
    /// The label.
    pub label: Label,
    /// The values, one per bucket; none where the server has no value.
    pub values: Vec<Option<Number>>,
    /// The time zone, if buckets are local.
    pub zone: Option<String>,
    /// Unknown keys, as they were sent.
    pub other: Other,
}

/// The starts of a chart's buckets.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Buckets {
    /// With a zone: each is an instant.
    Zoned(Vec<Timestamp>),
    /// Without a zone: each is local to the zone of every series.
    Local(Vec<LocalTime>),
}

impl Buckets {
    /// The number of buckets.
    pub fn len(&self) -> usize {
        match self {
            Self::Zoned(buckets) => buckets.len(),
            Self::Local(buckets) => buckets.len(),
        }
    }

    /// Whether there are no buckets.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The instants; none if the buckets are local.
    pub fn instants(&self) -> Option<Vec<jiff::Timestamp>> {
        match self {
            // A zoned timestamp always has an instant.
            Self::Zoned(buckets) => buckets.iter().map(|bucket| bucket.instant()).collect(),
            Self::Local(_) => None,
        }
    }

    /// The instants. Local buckets are read in that zone, usually the one of a series; where its clocks change, a local time may be no
    /// instant there, or two.
    pub fn instants_in(&self, zone: &TimeZone) -> Result<Vec<LocalInstant>, jiff::Error> {
        match self {
            Self::Zoned(buckets) => {
                let instant = |bucket: &Timestamp| bucket.in_zone(zone).map(|zoned| LocalInstant::Once(zoned.timestamp()));
                buckets.iter().map(instant).collect()
            }
            Self::Local(buckets) => buckets.iter().map(|bucket| bucket.in_zone(zone)).collect(),
        }
    }

    /// The start of each, which has no offset if the buckets are local.
    pub(crate) fn starts(&self) -> impl Iterator<Item = Timestamp> {
        let (zoned, local): (&[Timestamp], &[LocalTime]) = match self {
            Self::Zoned(buckets) => (buckets, &[]),
            Self::Local(buckets) => (&[], buckets),
        };
        zoned.iter().copied().chain(local.iter().map(|bucket| bucket.0))
    }

    fn value_ref(&self) -> ValueRef<'_> {
        ValueRef::List(self.starts().map(|start| ValueRef::Text(start.to_string().into())).collect())
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

    /// The instant in a zone. Fails beyond the calendar's range.
    pub fn in_zone(self, zone: &TimeZone) -> Result<LocalInstant, jiff::Error> {
        let local = zone.to_ambiguous_timestamp(self.civil());
        Ok(match local.offset() {
            AmbiguousOffset::Unambiguous { .. } => LocalInstant::Once(local.compatible()?),
            AmbiguousOffset::Gap { .. } => LocalInstant::Skipped(local.compatible()?),
            AmbiguousOffset::Fold { .. } => LocalInstant::Twice { earlier: local.earlier()?, later: local.later()? },
        })
    }
}

/// The instant of a local time in a zone, whose clocks may skip that time or show it twice.
///
/// ```
/// use harbour_api::LocalInstant;
///
/// fn instant(start: LocalInstant) -> Option<harbour_api::jiff::Timestamp> {
///     match start {
///         LocalInstant::Once(instant) => Some(instant),
///         // No hour of that day is missing: the next bucket starts at this instant.
///         LocalInstant::Skipped(_) => None,
///         LocalInstant::Twice { earlier, .. } => Some(earlier),
///         _ => None,
///     }
/// }
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum LocalInstant {
    /// The only instant with this local time.
    Once(jiff::Timestamp),
    /// Clocks skip this local time. The instant is as far after the change as the time is after the start of what is skipped, so another
    /// local time has it too.
    Skipped(jiff::Timestamp),
    /// Clocks show this local time twice.
    Twice {
        /// Before the change.
        earlier: jiff::Timestamp,
        /// After the change.
        later: jiff::Timestamp,
    },
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

/// An object of the known entries, followed by the others.
fn object<'a>(known: impl IntoIterator<Item = (&'static str, Option<ValueRef<'a>>)>, other: &'a Other) -> ValueRef<'a> {
    let known = known.into_iter().filter_map(|(key, value)| value.map(|value| (key, value)));
    ValueRef::Map(known.chain(other.iter().map(|(key, json)| (key, ValueRef::Json(json)))).collect())
}

impl<Label: FromObject> Series<Label> {
    fn value_ref(&self, format: &TimeseriesFormat) -> ValueRef<'_> {
        let values = self.values.iter().map(Value::value_ref).collect();
        let known = [
            (format.label_key, Some(ValueRef::Object(self.label.object_ref()))),
            (format.values_key, Some(ValueRef::List(values))),
            (format.series_zone_key, self.zone.as_ref().map(Value::value_ref)),
        ];
        object(known, &self.other)
    }
}

impl<Label: FromObject> Chart<Label> {
    fn value_ref(&self) -> ValueRef<'_> {
        let format = self.format;
        let count = self.data_points.map(|count| ValueRef::Integer(i64::try_from(count).unwrap_or(i64::MAX)));
        let result_type = self.has_result_type.then(|| ValueRef::Text(format.result_type.into()));
        let known = [
            (format.used_interval_key, Some(self.interval.value_ref())),
            (format.zone_key, Some(self.range_zone.value_ref())),
            (format.buckets_key, Some(self.buckets.value_ref())),
            (format.series_key, Some(ValueRef::List(self.series.iter().map(|series| series.value_ref(format)).collect()))),
            (format.data_points_key, count),
            (format.result_type_key, result_type),
        ];
        object(known, &self.other)
    }
}

/// The JSON that the server sent.
impl<Label: FromObject> Serialize for Chart<Label> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.value_ref().wire().serialize(serializer)
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
            .field("meta", &self.meta)
            .field("other", &self.other)
            .finish_non_exhaustive()
    }
}
