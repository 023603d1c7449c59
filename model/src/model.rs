//! The resolved spec as one value.

use serde::{Deserialize, Serialize};
use serde_json::Value;

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

    /// Sets the value of every setting that depends on an assumption, and of the assumption itself. Returns the number of settings.
    ///
    /// # Errors
    /// The value does not fit a setting. The model is unchanged.
    pub fn assume(&mut self, id: &str, value: &Value) -> serde_json::Result<usize> {
        // Reports have no settings and are most of a model.
        let reports = std::mem::take(&mut self.reports);
        let changed = serde_json::to_value(&*self).and_then(|mut json| {
            let changed = set(&mut json, id, value);
            if changed > 0 {
                *self = serde_json::from_value(json)?;
            }
            Ok(changed)
        });
        self.reports = reports;
        let changed = changed?;
        for assumption in self.assumptions.iter_mut().filter(|assumption| assumption.id == id) {
            assumption.value = value.clone();
        }
        Ok(changed)
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

/// Sets the value of every setting that depends on the assumption; returns their number. A setting is any object with `assumption` and
/// `value`, so new ones need no code here.
fn set(json: &mut Value, id: &str, value: &Value) -> usize {
    match json {
        Value::Object(object) if object.get("assumption").and_then(Value::as_str) == Some(id) && object.contains_key("value") => {
            object.insert("value".to_owned(), value.clone());
            1
        }
        Value::Object(object) => object.values_mut().map(|inner| set(inner, id, value)).sum(),
        Value::Array(items) => items.iter_mut().map(|inner| set(inner, id, value)).sum(),
        _ => 0,
    }
}
