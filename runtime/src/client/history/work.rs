//! The requests for some customers: what is there, what is to come, and whether a chart belongs to the others.

use std::collections::VecDeque;

use jiff::tz::TimeZone;

use super::outcome::{HistoryChart, ZoneSource};
use super::plan::{Part, Plan};
use super::stitch::Stitch;
use crate::client::customers::Customers;
use crate::decode::chart::{Buckets, Chart};
use crate::decode::chart_reader::RawLabel;
use crate::{text::excerpt::snippet, time::moment::Moment};

/// Where the buckets of some customers start.
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
pub(super) struct Work {
    pub(super) plan: Plan,
    pub(super) rest: VecDeque<Part>,
    pub(super) layout: Layout,
    pub(super) stitch: Stitch,
    pub(super) incomplete: Vec<Moment>,
}

impl Work {
    /// Checks that a chart belongs to the others; if not, says at which key and why.
    pub(super) fn agree(&mut self, chart: &Chart<RawLabel>, part: &Part) -> Result<(), (String, String)> {
        let keys = chart.format;
        match &self.layout.name {
            Some(name) if *name != chart.range_zone => {
                let problem =
                    format!("expected the zone `{}` of the parts before, found `{}`", snippet(name), snippet(&chart.range_zone));
                return Err((keys.zone_key.to_owned(), problem));
            }
            Some(_) => {}
            None => self.agree_on_zone(&chart.range_zone).map_err(|problem| (keys.zone_key.to_owned(), problem))?,
        }
        let zone = self.plan.grid().zone();
        let starts: Vec<Option<jiff::Timestamp>> = match &chart.buckets {
            Buckets::Zoned(starts) => starts.iter().map(|start| start.instant()).collect(),
            Buckets::Local(starts) => starts.iter().map(|start| zone.to_timestamp(start.civil()).ok()).collect(),
        };
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
    fn agree_on_zone(&mut self, name: &str) -> Result<(), String> {
        self.layout.name = Some(name.to_owned());
        let asked = self.layout.zone.iana_name();
        if asked == Some(name) {
            return Ok(());
        }
        let (zone, name, asked) = (TimeZone::get(name), snippet(name), asked.unwrap_or("the caller's"));
        match zone {
            Ok(zone) if !self.plan.fits(&zone) => {
                Err(format!("expected the zone `{asked}`, in which parts are cut, found `{name}`"))
            }
            Ok(_) => Ok(()),
            Err(_) => {
                self.stitch.warn(format!(
                    "charts name the zone `{name}`, which no time zone database here has; parts were cut in `{asked}`"
                ));
                Ok(())
            }
        }
    }

    /// The chart so far.
    pub(super) fn finish(self, customers: &Customers) -> Option<Box<HistoryChart<RawLabel>>> {
        let range = self.plan.range_of(&self.plan.whole());
        let (customers, zone_from) = (customers.clone(), self.layout.from);
        self.stitch
            .finish()
            .map(|chart| Box::new(HistoryChart { customers, range, chart, incomplete: self.incomplete, zone_from }))
    }
}
