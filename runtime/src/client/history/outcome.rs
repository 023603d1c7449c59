//! What a history is, and what one lacks that failed.

use std::fmt;

use crate::client::customers::Customers;
use crate::decode::chart::Chart;
use crate::decode::warning::Warning;
use crate::error::Error;
use crate::json::mismatch::Mismatch;
use crate::json::object::FromObject;
use crate::meta::Meta;
use crate::time::{moment::Moment, range::TimeRange};
use crate::{decode::chart_reader::RawLabel, decode::chart_reader::typed};

/// A timeseries over any range, and what it took.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct History<Label> {
    /// The charts. There is one, unless the figures of several requests about different customers cannot be added; then
    /// [`unmerged`](Self::unmerged) says why.
    pub charts: Vec<HistoryChart<Label>>,
    /// Why there are several charts.
    pub unmerged: Option<Unmerged>,
    /// The interval of every chart; empty if an error came before it was known.
    pub interval: &'static str,
    /// The requested range.
    pub range: TimeRange,
    /// What was not requested of it, because it is older than the retention of the interval.
    pub clipped: Option<TimeRange>,
    /// Requests, with those for a zone and those for parts that were split further. [`meta`](Self::meta) counts their tries.
    pub requests: u32,
    /// Requests whose charts only told the zone, because nothing else of them could be used.
    pub probes: u32,
    /// Parts that the charts are made of.
    pub parts: u32,
    /// Parts that reached the limit of data points, and were requested again in halves.
    pub further_splits: u32,
    /// The time up to which data are settled, if the report's data lag is known. Values of buckets that end later may still change.
    pub settled_until: Option<Moment>,
    /// What became of all requests: the sum of their tries, tokens, bytes and waits, and the rest of the latest one.
    pub meta: Meta,
}

/// A chart of a history.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct HistoryChart<Label> {
    /// The customers whose figures it has.
    pub customers: Customers,
    /// The range that the chart covers.
    pub range: TimeRange,
    /// The chart, as one response would have it. A series that a part lacks has no values there.
    pub chart: Chart<Label>,
    /// The starts of the buckets that alone reach the limit of data points: the server may have left out some of their values.
    pub incomplete: Vec<Moment>,
    /// How the zone in which parts were cut is known.
    pub zone_from: ZoneSource,
}

/// How the zone in which parts of a history are cut is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ZoneSource {
    /// The caller said so.
    Caller,
    /// The charts name it.
    Chart,
}

/// Why the charts of different customers are not merged.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Unmerged {
    /// The charts have different time zones.
    Zones,
    /// The figures do not add over customers.
    DoNotAdd,
    /// Whether the figures add over customers is not known.
    NotKnownToAdd,
    /// A chart has a bucket or a label twice.
    NotDistinct,
    /// A chart lacks values that did not fit their type, so sums would be too low.
    Misfits,
    /// A sum of their values has more digits than a [`Number`](crate::Number) holds.
    NotExact,
}

impl fmt::Display for Unmerged {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Zones => "they have different time zones",
            Self::DoNotAdd => "their figures do not add over customers",
            Self::NotKnownToAdd => "whether their figures add over customers is not known",
            Self::NotDistinct => "one of them has a bucket or a label twice",
            Self::Misfits => "one of them lacks values that did not fit",
            Self::NotExact => "a sum of their values has more digits than a number holds",
        })
    }
}

impl<Label> History<Label> {
    /// The only chart.
    ///
    /// # Errors
    ///
    /// A configuration error if there are several, because the figures of different customers cannot be added.
    pub fn chart(mut self) -> Result<Chart<Label>, Error> {
        match (self.charts.pop(), self.unmerged) {
            (Some(one), _) if self.charts.is_empty() => Ok(one.chart),
            (_, reason) => {
                let (count, reason) =
                    (self.charts.len() + 1, reason.map_or(String::new(), |reason| format!(", because {reason}")));
                let problem = format!("{count} charts of different customers cannot be merged{reason}; use `charts`");
                Err(Error::configuration("history", problem))
            }
        }
    }

    /// Whether the charts hold all data. If not, [`incomplete`](HistoryChart::incomplete) has the buckets.
    pub fn is_complete(&self) -> bool {
        self.charts.iter().all(|one| one.chart.complete)
    }

    /// What is odd about the charts, such as assumptions that they contradict.
    pub fn warnings(&self) -> impl Iterator<Item = &Warning> {
        self.charts.iter().flat_map(|one| one.chart.warnings())
    }
}

impl History<RawLabel> {
    /// Nothing of a range.
    pub(super) fn new(range: TimeRange) -> Self {
        Self {
            charts: Vec::new(),
            unmerged: None,
            interval: "",
            range,
            clipped: None,
            requests: 0,
            probes: 0,
            parts: 0,
            further_splits: 0,
            settled_until: None,
            meta: Meta::default(),
        }
    }

    /// The same with labels of a type. If one cannot be read, there are no charts.
    pub(super) fn typed<Label: FromObject>(self) -> (History<Label>, Option<Mismatch>) {
        let typed = |HistoryChart { customers, range, chart, incomplete, zone_from }| {
            typed(chart).map(|chart| HistoryChart { customers, range, chart, incomplete, zone_from })
        };
        let (charts, unread) = match self.charts.into_iter().map(typed).collect() {
            Ok(charts) => (charts, None),
            Err(unread) => (Vec::new(), Some(unread)),
        };
        let Self { unmerged, interval, range, clipped, requests, probes, parts, further_splits, settled_until, meta, .. } = self;
        let history =
            History { charts, unmerged, interval, range, clipped, requests, probes, parts, further_splits, settled_until, meta };
        (history, unread)
    }
}

/// A range that a history lacks. A query of this range for these customers, at the [interval](History::interval) of the history, has it;
/// [`resume_from`](crate::HistoryQuery::resume_from) asks for what is missing, and puts it together with the rest.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct MissingRange {
    /// The customers.
    pub customers: Customers,
    /// The range.
    pub range: TimeRange,
}
