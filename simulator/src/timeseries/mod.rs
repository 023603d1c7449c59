//! The timeseries format. In come a query and the events of its report; out come series of values over time buckets, as the examples
//! of the documentation print them.
//!
//! Not documented, and so the simulator's choice: values are those of whole buckets, also at the ends of a range; a bucket in which
//! nothing happened is left out (the example's buckets have gaps), while levels stand in every bucket up to now; of too many data
//! points the earliest come.

pub(crate) mod events;
pub(crate) mod grid;
pub(crate) mod labels;
pub(crate) mod read;
pub(crate) mod zones;

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use placewise_model::Model;
use serde::ser::{Serialize, SerializeMap, Serializer};
use serde_json::Value;

use crate::customers::Scope;
use crate::row::Row;
use crate::timeseries::events::{Event, Events, Ways};
use crate::timeseries::read::SeriesQuery;

/// The most buckets that any range has; far above what a model allows, so that no query runs away.
const MOST_BUCKETS: usize = 100_000;

/// What tells series apart: the customer and its zone, where customers have different ones, and the label's values. A report that does not
/// tell of customers has no label for one: then all customers of a zone are one series.
type Key<'q> = (Option<i64>, Option<&'q str>, Vec<String>);

/// One series: its label and the values by the begin of their bucket.
#[derive(Clone, Debug, Default)]
struct Series {
    label: Vec<(String, Value)>,
    club: Option<i64>,
    values: BTreeMap<Timestamp, i64>,
}

impl Series {
    /// Turns what happened in each bucket into the level at its end.
    fn add_up(&mut self) {
        let mut level = 0_i64;
        for value in self.values.values_mut() {
            level = level.saturating_add(*value);
            *value = level;
        }
    }
}

/// An answer before it is printed.
#[derive(Debug)]
pub(crate) struct Chart<'a> {
    model: &'a Model,
    query: &'a SeriesQuery<'a>,
    buckets: Vec<Timestamp>,
    series: Vec<Series>,
    data_points: usize,
}

/// What a query is answered from, beside itself.
pub(crate) struct Source<'a> {
    pub(crate) model: &'a Model,
    pub(crate) events: &'a Events,
    pub(crate) scope: &'a Scope,
    /// The name of a customer's id in labels of local series.
    pub(crate) club_name: Option<&'a str>,
    pub(crate) now: Timestamp,
    /// The zone of timestamps that name none.
    pub(crate) zone: &'a jiff::tz::TimeZone,
}

impl<'a> Source<'a> {
    /// Answers a query.
    pub(crate) fn chart(&self, query: &'a SeriesQuery<'a>) -> Chart<'a> {
        let series = self.grouped(query);
        let mut series: Vec<Series> = series.into_values().filter(|series| !series.values.is_empty()).collect();
        let most = usize::try_from(self.model.timeseries.most_data_points).unwrap_or(usize::MAX);
        let data_points = keep_earliest(&mut series, most);
        let buckets: BTreeSet<Timestamp> = series.iter().flat_map(|series| series.values.keys().copied()).collect();
        Chart { model: self.model, query, buckets: buckets.into_iter().collect(), series, data_points }
    }

    /// The series by customer and zone (where customers have different ones) and label.
    fn grouped<'q>(&self, query: &'q SeriesQuery<'_>) -> BTreeMap<Key<'q>, Series> {
        let mut series: BTreeMap<Key<'q>, Series> = BTreeMap::new();
        let buckets = self.buckets(query);
        let levels: BTreeMap<Timestamp, i64> =
            if self.events.running { buckets.begins.iter().map(|begin| (*begin, 0)).collect() } else { BTreeMap::new() };
        // Where the label does not tell what came from what went, a level counts the one against the other.
        let told = self.events.direction.as_ref().is_some_and(|name| query.labels.0.contains(name));
        let ways = self.ways(query);
        for event in self.events.all.iter().filter(|event| self.scope.holds(event.club)) {
            let bucket = buckets.hold(query.times.place(event.at, event.club), self.events.running);
            // A series of levels stands also where its events are outside of the range.
            if bucket.is_none() && !self.events.running {
                continue;
            }
            let count = if event.gone && self.events.running && !told { -event.count } else { event.count };
            for row in rows(event, ways) {
                if query.filter.as_ref().is_some_and(|filter| !filter.holds(&self.events.fields, &row, self.zone)) {
                    continue;
                }
                let zone = query.times.of_series(event.club);
                let club = event.club.filter(|_| zone.is_some() && self.club_name.is_some());
                let label = self.label(query, &row, club);
                let key = (club, zone, label.iter().map(|(_, value)| value.to_string()).collect());
                let series = series.entry(key).or_insert_with(|| Series { label, club: event.club, values: levels.clone() });
                if let Some(bucket) = bucket {
                    let value = series.values.entry(bucket).or_default();
                    *value = value.saturating_add(count);
                }
            }
        }
        if self.events.running {
            series.values_mut().for_each(Series::add_up);
        }
        series
    }

    /// The ways of counting, where the query asks for them.
    fn ways(&self, query: &SeriesQuery<'_>) -> Option<&Ways> {
        self.events.ways.as_ref().filter(|ways| {
            let labelled = self.events.fields.get(ways.place).is_some_and(|field| query.labels.0.contains(&field.name));
            labelled || query.filter.as_ref().is_some_and(|filter| filter.asks(ways.place))
        })
    }

    fn label(&self, query: &SeriesQuery<'_>, row: &Row, club: Option<i64>) -> Vec<(String, Value)> {
        let of_club = self.club_name.zip(club).map(|(name, club)| (name.to_owned(), Value::from(club)));
        let value = |name: &String| row.get(&self.events.fields, name).cloned().unwrap_or(Value::Null);
        let others = query.labels.0.iter().filter(|name| of_club.as_ref().is_none_or(|(club, _)| club != *name));
        let others: Vec<(String, Value)> = others.map(|name| (name.clone(), value(name))).collect();
        of_club.into_iter().chain(others).collect()
    }

    /// The buckets of the range of which something is left; where levels stand, all up to now.
    fn buckets(&self, query: &SeriesQuery<'_>) -> Buckets {
        let mut begins = query.grid.begins(query.from, query.to, MOST_BUCKETS);
        begins.retain(|begin| query.kept_from.is_none_or(|retention| *begin >= retention));
        if self.events.running {
            // Of customers with different zones the one that is furthest ahead decides: all levels stand in the same buckets.
            let clubs: BTreeSet<Option<i64>> = self.events.all.iter().map(|event| event.club).collect();
            let asked = clubs.into_iter().filter(|club| self.scope.holds(*club));
            let now = asked.map(|club| query.times.place(self.now, club)).max().unwrap_or(self.now);
            begins.retain(|begin| *begin <= now);
        }
        let end = begins.last().and_then(|last| query.grid.next(*last));
        Buckets { begins, end }
    }
}

/// The row of an event, or one for each way in which it is counted.
fn rows<'e>(event: &'e Event, ways: Option<&'e Ways>) -> impl Iterator<Item = Cow<'e, Row>> {
    let once = ways.is_none().then_some(Cow::Borrowed(&event.row));
    let counted = |ways: &'e Ways| {
        ways.words.iter().map(|word| {
            let mut row = event.row.clone();
            if let Some(cell) = row.cells.get_mut(ways.place) {
                *cell = Some(word.as_str().into());
            }
            Cow::Owned(row)
        })
    };
    once.into_iter().chain(ways.into_iter().flat_map(counted))
}

/// The begins of buckets without a gap, ascending, and where the last one ends.
struct Buckets {
    begins: Vec<Timestamp>,
    end: Option<Timestamp>,
}

impl Buckets {
    /// The bucket that holds the instant. What happened before the first one raises the first level.
    fn hold(&self, at: Timestamp, running: bool) -> Option<Timestamp> {
        if self.end.is_some_and(|end| at >= end) {
            return None;
        }
        let place = self.begins.partition_point(|begin| *begin <= at);
        let place = if place == 0 && running { 0 } else { place.checked_sub(1)? };
        self.begins.get(place).copied()
    }
}

/// Keeps only so many data points, bucket by bucket; out comes how many there are then. Series that lose all of theirs go.
fn keep_earliest(series: &mut Vec<Series>, most: usize) -> usize {
    let count = series.iter().map(|series| series.values.len()).sum::<usize>();
    if count <= most {
        return count;
    }
    let mut points: Vec<(Timestamp, usize)> = Vec::with_capacity(count);
    for (place, series) in series.iter().enumerate() {
        points.extend(series.values.keys().map(|bucket| (*bucket, place)));
    }
    points.sort_unstable();
    for (bucket, place) in points.drain(most..) {
        if let Some(series) = series.get_mut(place) {
            series.values.remove(&bucket);
        }
    }
    series.retain(|series| !series.values.is_empty());
    most
}

impl Serialize for Chart<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let keys = &self.model.timeseries;
        let times = &self.query.times;
        let zone = match times {
            zones::Times::Shared(named) => &named.name,
            zones::Times::Local(_) => &keys.local_zone,
        };
        let buckets: Vec<String> = self.buckets.iter().map(|bucket| times.print(*bucket)).collect();
        let series: Vec<SeriesBody<'_>> = self.series.iter().map(|series| SeriesBody { chart: self, series }).collect();
        let mut map = serializer.serialize_map(Some(6))?;
        map.serialize_entry(&keys.used_interval_key, &self.query.interval.name)?;
        map.serialize_entry(&keys.zone_key, zone)?;
        map.serialize_entry(&keys.buckets_key, &buckets)?;
        map.serialize_entry(&keys.series_key, &series)?;
        map.serialize_entry(&keys.data_points_key, &self.data_points)?;
        map.serialize_entry(&keys.result_type_key, &keys.result_type)?;
        map.end()
    }
}

/// A series on its way out.
struct SeriesBody<'a> {
    chart: &'a Chart<'a>,
    series: &'a Series,
}

impl Serialize for SeriesBody<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let keys = &self.chart.model.timeseries;
        let values: Vec<Option<i64>> = self.chart.buckets.iter().map(|bucket| self.series.values.get(bucket).copied()).collect();
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry(&keys.label_key, &Label(&self.series.label))?;
        map.serialize_entry(&keys.values_key, &values)?;
        if let Some(zone) = self.chart.query.times.of_series(self.series.club) {
            map.serialize_entry(&keys.series_zone_key, zone)?;
        }
        map.end()
    }
}

/// A label whose keys stand in their order.
struct Label<'a>(&'a [(String, Value)]);

impl Serialize for Label<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.0.iter().map(|(key, value)| (key, value)))
    }
}
