//! The resolved spec as one value.

use serde::{Deserialize, Serialize};

use crate::api::Api;
use crate::assumption::Assumption;
use crate::endpoint::Endpoint;
use crate::filter_language::FilterLanguage;
use crate::formats::{Interval, RecordsFormat, RequestKeys, StatisticsFormat, TimeseriesFormat};
use crate::report::Report;
use crate::vocabulary::Format;

/// Everything in the spec, with every reference resolved.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Model {
    /// Hosts, headers, authorization, rate limits and errors.
    pub api: Api,
    /// The filter language.
    pub filter: FilterLanguage,
    /// The records format.
    pub records: RecordsFormat,
    /// The timeseries format.
    pub timeseries: TimeseriesFormat,
    /// The statistics format.
    pub statistics: StatisticsFormat,
    /// The API's endpoints, in the spec's order.
    pub endpoints: Vec<Endpoint>,
    /// The assumptions, in the spec's order.
    pub assumptions: Vec<Assumption>,
    /// Every report, by group and name.
    pub reports: Vec<Report>,
}

impl Model {
    /// The report of that name.
    pub fn report(&self, name: &str) -> Option<&Report> {
        self.reports.iter().find(|report| report.name == name)
    }

    /// The intervals of a report, finest first: all of them if not documented.
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

    /// The name of the endpoint that serves a format.
    pub fn endpoint_of(&self, format: Format) -> &str {
        match format {
            Format::Records => &self.records.endpoint,
            Format::Timeseries => &self.timeseries.endpoint,
            Format::Statistics => &self.statistics.endpoint,
        }
    }

    /// Every key of a format's requests.
    pub fn request_keys(&self, format: Format) -> RequestKeys<'_> {
        match format {
            Format::Records => self.records.request.keys(),
            Format::Timeseries => self.timeseries.request.keys(),
            Format::Statistics => self.statistics.request.keys(),
        }
    }
}
