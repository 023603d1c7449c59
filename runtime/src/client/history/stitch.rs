//! Puts charts together: parts of a range one after the other, and charts of different customers bucket by bucket. Series belong together
//! if they have the same label and zone.

use std::collections::{BTreeMap, HashMap};

use super::outcome::{HistoryChart, Unmerged};
use crate::client::customers::Customers;
use crate::decode::chart::{Buckets, Chart, Series};
use crate::decode::chart_reader::RawLabel;
use crate::decode::warning::{self, Warning};
use crate::json::{context::merge_counts, map::Other, misfit::Misfit, number::ExactSum};
use crate::{meta::Meta, time::moment::Moment};

type RawChart = Chart<RawLabel>;
type RawSeries = Series<RawLabel>;

/// What series of two charts have in common if they belong together: label, zone, and the number among those that the label does not tell
/// apart.
type SeriesKey = (String, Option<String>, usize);

/// The parts so far.
#[derive(Clone, Default)]
pub(super) struct Stitch {
    chart: Option<RawChart>,
    known: HashMap<SeriesKey, usize>,
    warnings: Vec<Warning>,
}

impl Stitch {
    /// Adds the part that follows.
    pub(super) fn push(&mut self, mut part: RawChart) {
        let keys = keys(&part);
        if keys.iter().any(|(_, _, number)| *number > 0) {
            let evidence = "several series have the same label, so parts are matched by the order of those series".to_owned();
            self.warn(evidence);
        }
        let Some(chart) = &mut self.chart else {
            self.known = keys.into_iter().enumerate().map(|(index, key)| (key, index)).collect();
            self.chart = Some(part);
            return;
        };
        let before = chart.buckets.len();
        let after = before + part.buckets.len();
        append(&mut chart.buckets, std::mem::replace(&mut part.buckets, Buckets::Zoned(Vec::new())));
        let mut places = Vec::new();
        for (key, series) in keys.into_iter().zip(std::mem::take(&mut part.series)) {
            let index = *self.known.entry(key).or_insert(chart.series.len());
            if index == chart.series.len() {
                chart.series.push(empty(&series, before));
            }
            places.push(index);
            if let Some(known) = chart.series.get_mut(index) {
                known.values.extend(series.values);
                series.other.into_iter().for_each(|(key, json)| keep(&mut known.other, key, json));
            }
        }
        let place = |misfit: &mut Misfit| misfit.row = places.get(misfit.row).copied().unwrap_or(misfit.row);
        part.misfits.kept.iter_mut().for_each(place);
        chart.series.iter_mut().for_each(|series| series.values.resize(after, None));
        chart.data_points = chart.data_points.zip(part.data_points).map(|(one, other)| one.saturating_add(other));
        join(chart, part);
    }

    /// Adds something odd about the whole.
    pub(super) fn warn(&mut self, evidence: String) {
        warning::merge(&mut self.warnings, vec![Warning { assumption: None, evidence }]);
    }

    /// The chart of all parts so far; none without any.
    pub(super) fn finish(self) -> Option<RawChart> {
        let mut chart = self.chart?;
        warning::merge(&mut chart.warnings, self.warnings);
        Some(chart)
    }
}

/// The same series without values.
fn empty(series: &RawSeries, buckets: usize) -> RawSeries {
    Series { label: series.label.clone(), values: vec![None; buckets], zone: series.zone.clone(), other: series.other.clone() }
}

fn append(buckets: &mut Buckets, more: Buckets) {
    match (buckets, more) {
        (Buckets::Zoned(buckets), Buckets::Zoned(more)) => buckets.extend(more),
        (Buckets::Local(buckets), Buckets::Local(more)) => buckets.extend(more),
        // A chart without buckets may be of either kind.
        (buckets, more) if buckets.is_empty() => *buckets = more,
        _ => {}
    }
}

/// The keys of a chart's series.
fn keys(chart: &RawChart) -> Vec<SeriesKey> {
    let mut counts: HashMap<(String, Option<String>), usize> = HashMap::new();
    let key = |series: &RawSeries| {
        // Read and written again, because servers may order keys differently each time.
        let label = serde_json::from_str::<serde_json::Value>(&series.label);
        let label = label.map_or_else(|_| series.label.to_string(), |json| json.to_string());
        let number = counts.entry((label.clone(), series.zone.clone())).or_default();
        *number += 1;
        (label, series.zone.clone(), *number - 1)
    };
    chart.series.iter().map(key).collect()
}

/// Keeps only some of the buckets.
pub(super) fn retain(chart: &mut RawChart, keep: &[bool]) {
    fn only<T>(items: &mut Vec<T>, keep: &[bool]) {
        let mut keep = keep.iter();
        items.retain(|_| keep.next().is_none_or(|keep| *keep));
    }
    match &mut chart.buckets {
        Buckets::Zoned(buckets) => only(buckets, keep),
        Buckets::Local(buckets) => only(buckets, keep),
    }
    chart.series.iter_mut().for_each(|series| only(&mut series.values, keep));
    chart.data_points = chart.data_points.map(|_| count(&chart.series));
}

/// Whether labels and buckets tell the values of a chart apart.
fn is_distinct(chart: &RawChart) -> bool {
    let instants = chart.buckets.instants();
    let distinct = instants.is_some_and(|mut instants| {
        instants.sort_unstable();
        instants.windows(2).all(|pair| pair.first() != pair.last())
    });
    distinct && keys(chart).iter().all(|(_, _, number)| *number == 0)
}

/// The buckets and series of charts of different customers, added up; none if a sum is not exact. A value is none where no customer has one.
fn sum(charts: &[HistoryChart<RawLabel>]) -> Option<(Buckets, Vec<RawSeries>)> {
    let mut buckets = BTreeMap::new();
    for HistoryChart { chart, .. } in charts {
        let Buckets::Zoned(starts) = &chart.buckets else { continue };
        buckets.extend(starts.iter().filter_map(|start| Some((start.instant()?, *start))));
    }
    let places: HashMap<jiff::Timestamp, usize> = buckets.keys().enumerate().map(|(place, start)| (*start, place)).collect();
    let mut known: HashMap<SeriesKey, usize> = HashMap::new();
    let mut all: Vec<(RawSeries, Vec<Option<ExactSum>>)> = Vec::new();
    for HistoryChart { chart, .. } in charts {
        let instants = chart.buckets.instants().unwrap_or_default();
        for (key, series) in keys(chart).into_iter().zip(&chart.series) {
            let index = *known.entry(key).or_insert(all.len());
            if index == all.len() {
                all.push((empty(series, 0), vec![None; buckets.len()]));
            }
            let Some((_, sums)) = all.get_mut(index) else { continue };
            for (start, value) in instants.iter().zip(&series.values) {
                let Some(sum) = places.get(start).and_then(|place| sums.get_mut(*place)) else { continue };
                if let Some(value) = value {
                    *sum = Some(sum.unwrap_or_default().plus(*value)?);
                }
            }
        }
    }
    let exact = |(series, sums): (RawSeries, Vec<Option<ExactSum>>)| {
        let values = sums.into_iter().map(|sum| sum.map_or(Some(None), |sum| sum.number().map(Some))).collect::<Option<_>>()?;
        Some(Series { values, ..series })
    };
    let series = all.into_iter().map(exact).collect::<Option<_>>()?;
    Some((Buckets::Zoned(buckets.into_values().collect()), series))
}

/// The number of values.
fn count(series: &[RawSeries]) -> u64 {
    let count = series.iter().map(|series| series.values.iter().flatten().count()).sum::<usize>();
    u64::try_from(count).unwrap_or(u64::MAX)
}

/// Adds what a chart tells besides its values.
fn join(chart: &mut RawChart, more: RawChart) {
    chart.complete &= more.complete;
    chart.rate = more.rate.or(chart.rate.take());
    add_meta(&mut chart.meta, &more.meta);
    more.other.into_iter().for_each(|(key, json)| keep(&mut chart.other, key, json));
    merge_counts(&mut chart.unknown_keys, more.unknown_keys);
    chart.misfits.merge(more.misfits);
    warning::merge(&mut chart.warnings, more.warnings);
}

/// Keeps the first value of a key.
fn keep(known: &mut Other, key: String, json: serde_json::Value) {
    if !known.contains_key(&key) {
        known.insert(key, json);
    }
}

/// Adds up what became of two requests. What only one request has is that of the later one.
pub(super) fn add_meta(sum: &mut Meta, later: &Meta) {
    let Meta { tries, tokens, bucket, waited, held, request_id, status, bytes, cursor, gave_up, server_time } = later.clone();
    *sum = Meta {
        tries: sum.tries.saturating_add(tries),
        tokens: sum.tokens.map_or(tokens, |sum| Some(sum.saturating_add(tokens.unwrap_or(0)))),
        bucket: bucket.or(sum.bucket.take()),
        waited: sum.waited.saturating_add(waited),
        held: sum.held.saturating_add(held),
        request_id,
        status,
        bytes: sum.bytes.saturating_add(bytes),
        cursor,
        gave_up,
        server_time: server_time.or(sum.server_time),
    };
}

/// One chart of all customers if their figures add and their buckets start at the same times; otherwise all charts, and why.
pub(super) fn merged(charts: Vec<HistoryChart<RawLabel>>, adds: Option<bool>) -> (Vec<HistoryChart<RawLabel>>, Option<Unmerged>) {
    let Some(first) = charts.first().filter(|_| charts.len() > 1) else { return (charts, None) };
    let same_zone = charts.iter().all(|one| one.chart.range_zone == first.chart.range_zone);
    let reason = match adds {
        _ if !same_zone => Unmerged::Zones,
        None => Unmerged::NotKnownToAdd,
        Some(false) => Unmerged::DoNotAdd,
        Some(true) if !charts.iter().all(|one| is_distinct(&one.chart)) => Unmerged::NotDistinct,
        Some(true) if !charts.iter().all(|one| one.chart.misfits.is_empty()) => Unmerged::Misfits,
        Some(true) => match sum(&charts) {
            None => Unmerged::NotExact,
            Some((buckets, series)) => {
                let ids: Vec<i64> = charts.iter().flat_map(|one| one.customers.listed().iter().copied()).collect();
                let mut incomplete: Vec<Moment> = charts.iter().flat_map(|one| one.incomplete.iter().copied()).collect();
                incomplete.sort_by_key(|start| start.instant());
                incomplete.dedup_by_key(|start| start.instant());
                let mut charts = charts.into_iter();
                let total = charts.next().map(|mut total| {
                    charts.for_each(|one| join(&mut total.chart, one.chart));
                    let data_points = Some(count(&series));
                    let chart = Chart { buckets, series, data_points, ..total.chart };
                    HistoryChart { customers: Customers::ids(ids), chart, incomplete, ..total }
                });
                return (total.into_iter().collect(), None);
            }
        },
    };
    (charts, Some(reason))
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn meta_of_several_requests_is_their_sum_and_the_rest_of_the_latest() {
        let second = Duration::from_secs(1);
        let first = Meta { tries: 1, tokens: Some(3), waited: second * 3, held: second * 2, bytes: 5, ..Meta::default() };
        let first = Meta { bucket: Some("b".into()), status: Some(503), ..first };
        let mut sum = Meta::default();
        for meta in [&first, &Meta { tokens: None, bucket: None, status: Some(200), ..first.clone() }] {
            add_meta(&mut sum, meta);
        }
        let expected = Meta { tries: 2, tokens: Some(3), waited: second * 6, held: second * 4, bytes: 10, ..first };
        assert_eq!(sum, Meta { status: Some(200), ..expected });
    }
}
