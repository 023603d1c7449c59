//! The requests for some customers: what is there, what is to come, and whether a chart belongs to the others.

use std::collections::VecDeque;

use jiff::tz::TimeZone;

use super::outcome::{HistoryChart, ZoneSource};
use super::plan::{Part, Plan};
use super::stitch::{self, Stitch};
use crate::client::customers::Customers;
use crate::decode::chart::{Buckets, Chart};
use crate::decode::chart_reader::RawLabel;
use crate::time::{moment::Moment, range::TimeRange};
use crate::{error::Error, text::excerpt::snippet};

/// Where the buckets of some customers start.
#[derive(Clone)]
pub(super) struct Layout {
    pub(super) zone: TimeZone,
    pub(super) from: ZoneSource,
    /// The zone's name in charts, once one has told it.
    pub(super) name: Option<String>,
}

impl Layout {
    /// Customers of several zones: the server takes the range as UTC, and lays buckets as if local times were UTC.
    pub(super) fn local(name: &str) -> Self {
        Self { zone: TimeZone::UTC, from: ZoneSource::Chart, name: Some(name.to_owned()) }
    }
}

/// The requests for some customers: what is there, and what is to come.
#[derive(Clone)]
pub(super) struct Work {
    pub(super) plan: Plan,
    pub(super) rest: VecDeque<Part>,
    /// The chart of a part to come, if it is there already.
    pub(super) answered: Option<(Part, Chart<RawLabel>)>,
    pub(super) layout: Layout,
    pub(super) stitch: Stitch,
    pub(super) incomplete: Vec<Moment>,
    /// The most buckets of a part that probably stay below the limit of data points, learned from the parts before.
    pub(super) longest: usize,
}

impl Work {
    /// No part is asked for yet.
    pub(super) fn new(plan: Plan, layout: Layout) -> Self {
        let (rest, stitch) = (VecDeque::new(), Stitch::default());
        Self { plan, rest, answered: None, layout, stitch, incomplete: Vec::new(), longest: usize::MAX }
    }

    /// Asks for these buckets, in parts of which the first has at most so many time points.
    pub(super) fn ask_for(&mut self, part: Part, first: u32) {
        self.rest = self.plan.parts(part, first).into();
    }

    /// Takes the chart of the range's end as the last part, and asks for the others. The range may cut the first bucket, which belongs to the
    /// part before. False if the chart cannot be used.
    pub(super) fn end_with(&mut self, asked: TimeRange, mut chart: Chart<RawLabel>, most: u32) -> bool {
        let last = self.plan.since(asked.from);
        let (first, from) = (self.plan.start(last.start).instant(), asked.from.instant());
        // Data points that the server left out may be those of the other buckets.
        if last.is_empty() || (from < first && !chart.complete) {
            self.ask_for(self.plan.whole(), most);
            return false;
        }
        let cut = self.plan.grid().start_of(from);
        let is_cut = |start: &Option<jiff::Timestamp>| start.is_some_and(|start| start < first && Some(start) >= cut);
        let keep: Vec<bool> = self.starts(&chart).iter().map(|start| !is_cut(start)).collect();
        stitch::retain(&mut chart, &keep);
        self.ask_for(0..last.start, most);
        self.rest.push_back(last.clone());
        self.answered = Some((last, chart));
        true
    }

    /// The instants of a chart's buckets. Local ones start as if local times were those of the grid.
    fn starts(&self, chart: &Chart<RawLabel>) -> Vec<Option<jiff::Timestamp>> {
        let zone = self.plan.grid().zone();
        match &chart.buckets {
            Buckets::Zoned(starts) => starts.iter().map(|start| start.instant()).collect(),
            Buckets::Local(starts) => starts.iter().map(|start| zone.to_timestamp(start.civil()).ok()).collect(),
        }
    }

    /// The next part, which is cut if it would probably reach the limit of data points.
    pub(super) fn next_part(&mut self) -> Option<Part> {
        let part = self.rest.front()?.clone();
        let is_answered = self.answered.as_ref().is_some_and(|(answered, _)| *answered == part);
        if is_answered || part.len() <= self.longest {
            return Some(part);
        }
        let middle = part.start + self.longest.max(1);
        self.rest.pop_front();
        self.rest.push_front(middle..part.end);
        self.rest.push_front(part.start..middle);
        Some(part.start..middle)
    }

    /// Learns from a part of so many buckets how long others may be: as many data points each, and a quarter less than the limit.
    pub(super) fn learn(&mut self, buckets: usize, points: u64, most_points: u32) {
        let room = u64::from(most_points.saturating_sub(1)).saturating_mul(u64::try_from(buckets).unwrap_or(u64::MAX));
        let fit = (room / 4).saturating_mul(3).checked_div(points);
        self.longest = self.longest.max(fit.map_or(usize::MAX, |fit| usize::try_from(fit).unwrap_or(usize::MAX)));
    }

    /// The range from the next part on.
    pub(super) fn missing(&self) -> TimeRange {
        let next = self.rest.front().cloned().unwrap_or_else(|| self.plan.whole());
        // A range must end after it starts, also one of a bucket that starts where the whole ends.
        let (TimeRange { from, to: end }, to) = (self.plan.range_of(&next), self.plan.range_of(&self.plan.whole()).to);
        TimeRange { from, to: if to.instant() > from.instant() { to } else { end } }
    }

    /// The error without the assumptions that an earlier response to the same query, over another range, proved.
    pub(super) fn clear_proven(&self, mut error: Error) -> Error {
        if let Some(reply) = error.reply_mut().filter(|_| self.layout.name.is_some()) {
            reply.assumptions.clear();
        }
        error
    }

    /// Checks that a chart belongs to the others; if not, says at which key and why.
    pub(super) fn agree(&self, chart: &Chart<RawLabel>, part: &Part) -> Result<(), (String, String)> {
        let keys = chart.format;
        match &self.layout.name {
            Some(name) if *name != chart.range_zone => {
                let problem =
                    format!("expected the zone `{}` of the parts before, found `{}`", snippet(name), snippet(&chart.range_zone));
                return Err((keys.zone_key.to_owned(), problem));
            }
            _ => {}
        }
        let starts = self.starts(chart);
        let outside = starts.iter().position(|start| start.is_none_or(|start| !self.plan.holds(part, start)));
        let Some(index) = outside else { return Ok(()) };
        let (range, start) =
            (self.plan.range_of(part), chart.buckets.starts().nth(index).map_or(String::new(), |start| start.to_string()));
        let problem = format!(
            "expected buckets from {} to {}, found {start}; the parts may be cut in another zone than the server's",
            range.from, range.to
        );
        Err((format!("{}.{index}", keys.buckets_key), problem))
    }

    /// Takes the zone of the first chart, in which the caller's parts must start with buckets too.
    pub(super) fn agree_on_zone(&mut self, chart: &Chart<RawLabel>) -> Result<(), Error> {
        if self.layout.name.is_some() {
            return Ok(());
        }
        let asked = self.layout.zone.iana_name();
        if asked != Some(&chart.range_zone) {
            let (zone, name) = (TimeZone::get(&chart.range_zone), snippet(&chart.range_zone));
            let asked = asked.unwrap_or("one without a name");
            match zone {
                Ok(zone) if !self.plan.fits(&zone) => {
                    let problem = format!("`zone` is {asked}, but the charts are in {name}; leave `zone` out or set {name}");
                    return Err(Error::configuration("history", problem));
                }
                Ok(_) => {}
                Err(_) => self.stitch.warn(format!(
                    "charts name the zone `{name}`, which no time zone database here has; parts were cut in `{asked}`"
                )),
            }
        }
        self.layout.name = Some(chart.range_zone.clone());
        Ok(())
    }

    /// The chart so far.
    pub(super) fn chart(self, customers: &Customers) -> Option<Box<HistoryChart<RawLabel>>> {
        let range = self.plan.range_of(&self.plan.whole());
        let (customers, zone_from) = (customers.clone(), self.layout.from);
        let chart = self.stitch.finish()?;
        Some(Box::new(HistoryChart { customers, range, chart, incomplete: self.incomplete, zone_from }))
    }
}
