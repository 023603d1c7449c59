//! Counts events in time buckets and prints the series as the documented examples show them.
//!
//! Values of a metric that never adds up count distinct things, so that whoever adds them up has a wrong number. Data that lag behind do not
//! exist yet.
//!
//! Undocumented, and so the simulator's choice: values cover whole buckets, also at the ends of a range; changes omit empty buckets (the
//! example's buckets have gaps), while levels fill every bucket up to the current time; of too many data points the earliest remain.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use jiff::tz::TimeZone;
use placewise_model::{Adds, Model, Report};
use serde::ser::{Serialize, SerializeMap, Serializer};
use serde_json::Value;

use crate::charts::time_zones::QueryZone;
use crate::charts::timeseries_query::TimeseriesQuery;
use crate::data::counting_modes::CountingModes;
use crate::data::events::{Event, Events};
use crate::data::row::Row;
use crate::query::customer_scope::CustomerScope;

/// The most buckets of any range; far above the limits of a model, so that no query runs away.
const MOST_BUCKETS: usize = 100_000;

/// What distinguishes series: customer and zone, if customers have different zones, and the label's values. In a report without a customer
/// field, all customers of one zone are one series.
type SeriesKey<'q> = (Option<i64>, Option<&'q str>, Vec<String>);

/// One series: its label, and values by the start of their bucket.
#[derive(Clone, Debug, Default)]
struct Series {
    label: Vec<(String, Value)>,
    customer: Option<i64>,
    values: BTreeMap<Timestamp, i64>,
    /// For counts of distinct things: how often each was counted in a bucket, or at all for levels.
    counted: BTreeMap<(Option<Timestamp>, u64), i64>,
}

impl Series {
    /// What a count of distinct things changes by if one of them is counted that many times more, or fewer.
    fn distinct(&mut self, bucket: Option<Timestamp>, thing: u64, count: i64) -> i64 {
        let counted = self.counted.entry((bucket, thing)).or_default();
        let before = *counted;
        *counted = before.saturating_add(count);
        i64::from(*counted > 0) - i64::from(before > 0)
    }

    /// Turns the changes in each bucket into the level at its end.
    fn accumulate(&mut self) {
        let mut level = 0_i64;
        for value in self.values.values_mut() {
            level = level.saturating_add(*value);
            *value = level;
        }
    }
}

/// A response; serializes as JSON.
#[derive(Debug)]
pub(crate) struct Chart<'a> {
    model: &'a Model,
    query: &'a TimeseriesQuery<'a>,
    buckets: Vec<Timestamp>,
    series: Vec<Series>,
    data_points: usize,
}

impl Chart<'_> {
    /// Number of time buckets.
    pub(crate) fn bucket_count(&self) -> usize {
        self.buckets.len()
    }
}

/// What charts are made from.
pub(crate) struct ChartSource<'a> {
    pub(crate) model: &'a Model,
    pub(crate) report: &'a Report,
    pub(crate) events: &'a Events,
    pub(crate) scope: &'a CustomerScope,
    /// Name of the customer field, which labels series of different zones.
    pub(crate) customer_field: Option<&'a str>,
    /// The time of the latest data: the current time, earlier by the data lag if that is known.
    pub(crate) latest: Timestamp,
    /// The zone of timestamps without one.
    pub(crate) zone: &'a TimeZone,
}

impl<'a> ChartSource<'a> {
    /// Answers a query.
    pub(crate) fn chart(&self, query: &'a TimeseriesQuery<'a>) -> Chart<'a> {
        let series = self.series(query);
        let mut series: Vec<Series> = series.into_values().filter(|series| !series.values.is_empty()).collect();
        let most = usize::try_from(self.model.timeseries.most_data_points).unwrap_or(usize::MAX);
        let data_points = keep_earliest(&mut series, most);
        let buckets: BTreeSet<Timestamp> = series.iter().flat_map(|series| series.values.keys().copied()).collect();
        Chart { model: self.model, query, buckets: buckets.into_iter().collect(), series, data_points }
    }

    fn series<'q>(&self, query: &'q TimeseriesQuery<'_>) -> BTreeMap<SeriesKey<'q>, Series> {
        let mut series: BTreeMap<SeriesKey<'q>, Series> = BTreeMap::new();
        let buckets = self.buckets(query);
        let running = self.events.running;
        let zeros: BTreeMap<Timestamp, i64> =
            if running { buckets.starts.iter().map(|start| (*start, 0)).collect() } else { BTreeMap::new() };
        // Unless the label distinguishes additions from removals, a level subtracts removals.
        let subtracts = running && !self.events.direction.as_ref().is_some_and(|name| query.labels.0.contains(name));
        let modes = self.counting_modes(query);
        let distinct = self.report.adds.as_ref().is_some_and(Adds::is_never);
        let visible = |event: &&Event| event.at <= self.latest && self.scope.includes(event.customer);
        for event in self.events.all.iter().filter(visible) {
            let bucket = buckets.bucket_of(query.zone.position(event.at, event.customer), running);
            // Levels exist even if their events are outside of the range.
            if bucket.is_none() && !running {
                continue;
            }
            let count = if event.removed && subtracts { -event.count } else { event.count };
            for row in counted_rows(event, modes) {
                if query.filter.as_ref().is_some_and(|filter| !filter.matches(&self.events.fields, &row, self.zone)) {
                    continue;
                }
                let zone = query.zone.series_zone(event.customer);
                let customer = event.customer.filter(|_| zone.is_some() && self.customer_field.is_some());
                let label = self.label(query, &row, customer);
                let key = (customer, zone, label.iter().map(|(_, value)| value.to_string()).collect());
                let new = || Series { label, customer: event.customer, values: zeros.clone(), ..Series::default() };
                let series = series.entry(key).or_insert_with(new);
                if let Some(bucket) = bucket {
                    let of = Some(bucket).filter(|_| !running);
                    let count = if distinct { series.distinct(of, event.thing, count) } else { count };
                    let value = series.values.entry(bucket).or_default();
                    *value = value.saturating_add(count);
                }
            }
        }
        if running {
            series.values_mut().for_each(Series::accumulate);
        }
        series
    }

    /// The counting modes, if the query refers to their field.
    fn counting_modes(&self, query: &TimeseriesQuery<'_>) -> Option<&CountingModes> {
        self.events.counting_modes.as_ref().filter(|modes| {
            let labels = self.events.fields.get(modes.field).is_some_and(|field| query.labels.0.contains(&field.name));
            labels || query.filter.as_ref().is_some_and(|filter| filter.refers_to(modes.field))
        })
    }

    fn label(&self, query: &TimeseriesQuery<'_>, row: &Row, customer: Option<i64>) -> Vec<(String, Value)> {
        let customer = self.customer_field.zip(customer).map(|(name, id)| (name.to_owned(), Value::from(id)));
        let value = |name: &String| row.get(&self.events.fields, name).cloned().unwrap_or(Value::Null);
        let others = query.labels.0.iter().filter(|name| customer.as_ref().is_none_or(|(field, _)| field != *name));
        let others: Vec<(String, Value)> = others.map(|name| (name.clone(), value(name))).collect();
        customer.into_iter().chain(others).collect()
    }

    /// The buckets of the range whose data is kept; for levels, only those up to the latest data.
    fn buckets(&self, query: &TimeseriesQuery<'_>) -> Buckets {
        let mut starts = query.buckets.starts(query.from, query.to, MOST_BUCKETS);
        starts.retain(|start| query.retained_since.is_none_or(|since| *start >= since));
        if self.events.running {
            // All levels have the same buckets; with different zones the latest local time decides.
            let customers: BTreeSet<Option<i64>> = self.events.all.iter().map(|event| event.customer).collect();
            let included = customers.into_iter().filter(|customer| self.scope.includes(*customer));
            let latest = included.map(|customer| query.zone.position(self.latest, customer)).max().unwrap_or(self.latest);
            starts.retain(|start| *start <= latest);
        }
        let end = starts.last().and_then(|last| query.buckets.next_start(*last));
        Buckets { starts, end }
    }
}

/// The row of an event, or one row per counting mode.
fn counted_rows<'e>(event: &'e Event, modes: Option<&'e CountingModes>) -> impl Iterator<Item = Cow<'e, Row>> {
    let once = modes.is_none().then_some(Cow::Borrowed(&event.row));
    let per_mode = |modes: &'e CountingModes| {
        modes.names.iter().map(|name| {
            let mut row = event.row.clone();
            if let Some(cell) = row.cells.get_mut(modes.field) {
                *cell = Some(name.as_str().into());
            }
            Cow::Owned(row)
        })
    };
    once.into_iter().chain(modes.into_iter().flat_map(per_mode))
}

/// Starts of contiguous buckets, ascending, and the end of the last one.
struct Buckets {
    starts: Vec<Timestamp>,
    end: Option<Timestamp>,
}

impl Buckets {
    /// The bucket of an instant. For levels, the first bucket also takes everything before it.
    fn bucket_of(&self, at: Timestamp, running: bool) -> Option<Timestamp> {
        if self.end.is_some_and(|end| at >= end) {
            return None;
        }
        let after = self.starts.partition_point(|start| *start <= at);
        let index = if after == 0 && running { 0 } else { after.checked_sub(1)? };
        self.starts.get(index).copied()
    }
}

/// Keeps the earliest `most` data points, removes series without any, and returns the number of data points left.
fn keep_earliest(series: &mut Vec<Series>, most: usize) -> usize {
    let count = series.iter().map(|series| series.values.len()).sum::<usize>();
    if count <= most {
        return count;
    }
    let mut points: Vec<(Timestamp, usize)> = Vec::with_capacity(count);
    for (index, series) in series.iter().enumerate() {
        points.extend(series.values.keys().map(|bucket| (*bucket, index)));
    }
    points.sort_unstable();
    for (bucket, index) in points.drain(most..) {
        if let Some(series) = series.get_mut(index) {
            series.values.remove(&bucket);
        }
    }
    series.retain(|series| !series.values.is_empty());
    most
}

impl Serialize for Chart<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let keys = &self.model.timeseries;
        let query_zone = &self.query.zone;
        let zone = match query_zone {
            QueryZone::Shared(named) => &named.name,
            QueryZone::Local(_) => &keys.response.local_zone,
        };
        let buckets: Vec<String> = self.buckets.iter().map(|bucket| query_zone.print(*bucket)).collect();
        let series: Vec<SeriesBody<'_>> = self.series.iter().map(|series| SeriesBody { chart: self, series }).collect();
        let mut map = serializer.serialize_map(Some(6))?;
        map.serialize_entry(&keys.response.interval, &self.query.interval.name)?;
        map.serialize_entry(&keys.response.zone, zone)?;
        map.serialize_entry(&keys.response.buckets, &buckets)?;
        map.serialize_entry(&keys.response.series, &series)?;
        map.serialize_entry(&keys.response.data_points, &self.data_points)?;
        map.serialize_entry(&keys.response.result_type, &keys.response.result_type_value)?;
        map.end()
    }
}

/// Serializes one series.
struct SeriesBody<'a> {
    chart: &'a Chart<'a>,
    series: &'a Series,
}

impl Serialize for SeriesBody<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let keys = &self.chart.model.timeseries;
        let values: Vec<Option<i64>> = self.chart.buckets.iter().map(|bucket| self.series.values.get(bucket).copied()).collect();
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry(&keys.response.label, &Label(&self.series.label))?;
        map.serialize_entry(&keys.response.values, &values)?;
        if let Some(zone) = self.chart.query.zone.series_zone(self.series.customer) {
            map.serialize_entry(&keys.response.series_zone, zone)?;
        }
        map.end()
    }
}

/// Serializes a label with its keys in order.
struct Label<'a>(&'a [(String, Value)]);

impl Serialize for Label<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.0.iter().map(|(key, value)| (key, value)))
    }
}
