//! The resolved description of a reporting API, as plain serde values: what emitters, diffs and the simulator read. In comes
//! nothing but data (`codegen` resolves the spec into it, or `serde_json` reads `generated/model.json`); out goes the same data.
//! No parser, no generator and no rule lives here.
#![warn(missing_docs)]

mod filters;
mod formats;
mod period;
mod platform;
mod report;
mod simulate;
mod types;

pub use filters::*;
pub use formats::*;
pub use period::*;
pub use platform::*;
pub use report::*;
pub use simulate::*;
pub use types::*;

use serde::{Deserialize, Serialize};

/// Everything the spec says, every reference followed.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Model {
    /// Hosts, headers, authorization, rate limits and errors.
    pub api: Api,
    /// Filter nodes and what each costs.
    pub filter: FilterLanguage,
    /// The records format: request and response keys.
    pub records: RecordsFormat,
    /// The timeseries format: request and response keys, intervals, limits.
    pub timeseries: TimeseriesFormat,
    /// The statistics format.
    pub statistics: StatisticsFormat,
    /// The API's endpoints by name, in the spec's order.
    pub endpoints: Vec<Endpoint>,
    /// What no page says and the client takes as given, in the spec's order.
    pub assumptions: Vec<Assumption>,
    /// Every report, ordered by group and name.
    pub reports: Vec<Report>,
}

impl Model {
    /// The report of that name.
    pub fn report(&self, name: &str) -> Option<&Report> {
        self.reports.iter().find(|report| report.name == name)
    }

    /// The intervals that a report offers, finest first: all of them where no page says.
    pub fn intervals<'a>(&'a self, report: &'a Report) -> impl Iterator<Item = &'a Interval> {
        let offered = |interval: &&Interval| report.intervals.as_ref().is_none_or(|names| names.contains(&interval.name));
        self.timeseries.intervals.iter().filter(offered)
    }

    /// The assumption with that id.
    pub fn assumption(&self, id: &str) -> Option<&Assumption> {
        self.assumptions.iter().find(|assumption| assumption.id == id)
    }

    /// The endpoint of that name.
    pub fn endpoint(&self, name: &str) -> Option<&Endpoint> {
        self.endpoints.iter().find(|endpoint| endpoint.name == name)
    }
}
