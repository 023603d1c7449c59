//! The parameters of a request, read key by key while faults are collected.
//!
//! Unknown keys are ignored unless the simulator is strict; what the server does is undocumented. A cursor under a wrong key therefore
//! returns the first page again.

use jiff::tz::TimeZone;
use placewise_model::{Endpoint, ErrorName, Format, Model, Report};
use serde_json::{Map, Value};

use crate::limits::permits::Permits;
use crate::query::faults::{BLANK, Faults, INVALID, Invalid};
use crate::query::filter::Filter;
use crate::query::read_filter::FilterReader;
use crate::query::refusal::Refusal;

/// The parameters of a request and the faults found so far.
pub(crate) struct RequestBody<'a, 'b> {
    pub(crate) model: &'a Model,
    /// The zone of timestamps without one.
    pub(crate) zone: &'a TimeZone,
    pub(crate) permits: &'b Permits,
    /// Parameters of the body, or of the query string, and of the path.
    pub(crate) keys: &'b Map<String, Value>,
    /// Parameters of the path.
    pub(crate) path: &'b Map<String, Value>,
    /// Whether an unknown key is a fault.
    pub(crate) strict: bool,
    pub(crate) faults: Faults,
}

impl<'a, 'b> RequestBody<'a, 'b> {
    /// A parameter, unless it is absent or null.
    pub(crate) fn parameter(&self, key: &str) -> Option<&'b Value> {
        self.keys.get(key).filter(|value| !value.is_null())
    }

    /// The index of the report that the key names, out of those that `served` accepts, and the report.
    pub(crate) fn report(&mut self, key: &str, served: impl Fn(&Report) -> bool) -> Result<(usize, &'a Report), Refusal> {
        let name = self.keys.get(key).and_then(Value::as_str);
        let mut reports = self.model.reports.iter().enumerate().filter(|(_, report)| served(report));
        let Some((index, report)) = reports.find(|(_, report)| Some(report.name.as_str()) == name) else {
            return Err(self.unknown_report(key, served));
        };
        if let Some(permit) = &report.permit {
            check_permit(self.permits, permit)?;
        }
        Ok((index, report))
    }

    /// The refusal of a request that names no served report; it lists those.
    pub(crate) fn unknown_report(&mut self, key: &str, served: impl Fn(&Report) -> bool) -> Refusal {
        let names = self.model.reports.iter().filter(|report| served(report)).map(|report| report.name.as_str());
        let invalid = self.faults.not_in(&[key.to_owned()], names);
        self.refusal(invalid)
    }

    /// Refuses a token that lacks the endpoint's own permit. Whether a report needs the general permit too is checked elsewhere.
    pub(crate) fn check_endpoint_permit(&self, endpoint: &Endpoint) -> Result<(), Refusal> {
        let own = endpoint.permit.as_ref().filter(|permit| **permit != self.model.api.permit.name);
        own.map_or(Ok(()), |permit| check_permit(self.permits, permit))
    }

    /// The cost of a report, with an aggregation if there is one under that key.
    pub(crate) fn report_cost(&self, report: &Report, aggregation_key: Option<&str>) -> u32 {
        let limits = &self.model.api.rate_limit;
        let aggregated = aggregation_key.is_some_and(|key| self.parameter(key).is_some());
        let own = report.cost.unwrap_or(limits.unknown_cost.value);
        own.saturating_add(if aggregated { limits.aggregation_cost.value } else { 0 })
    }

    /// The filter under that key, and the cost of its nodes.
    pub(crate) fn filter(&mut self, key: &str, report: &'a Report) -> (Result<Option<Filter>, Invalid>, u32) {
        let Some(node) = self.parameter(key) else { return (Ok(None), 0) };
        let language = &self.model.filter;
        let mut reader = FilterReader { language, report, zone: self.zone, faults: &mut self.faults, cost: 0 };
        let filter = reader.node(node, &mut vec![key.to_owned()], 0);
        (filter.map(Some), reader.cost)
    }

    /// A required text.
    pub(crate) fn text(&mut self, key: &str) -> Result<&'b str, Invalid> {
        let Some(value) = self.parameter(key) else { return Err(self.faults.add(&[key.to_owned()], BLANK)) };
        value.as_str().ok_or_else(|| self.faults.add(&[key.to_owned()], INVALID))
    }

    /// The keys that are not in the path.
    pub(crate) fn sent_keys(&self) -> impl Iterator<Item = &'b String> + use<'b> {
        let path = self.path;
        self.keys.keys().filter(move |key| !path.contains_key(*key))
    }

    /// If the simulator is strict, adds a fault for every key that the format does not have.
    pub(crate) fn check_keys_of(&mut self, format: Format) {
        let known: Vec<&str> = self.model.request_keys(format).into_iter().map(|(_, key)| key.value.as_str()).collect();
        self.check_keys(&known);
    }

    /// If the simulator is strict, adds a fault for every key but these.
    pub(crate) fn check_keys(&mut self, known: &[&str]) {
        if !self.strict {
            return;
        }
        for key in self.sent_keys().filter(|key| !known.contains(&key.as_str())) {
            let known: Value = known.iter().copied().collect();
            self.faults.add_with(std::slice::from_ref(key), INVALID, [("known", known)]);
        }
    }

    /// The value that was read, or a refusal with all faults.
    pub(crate) fn accept<T>(&mut self, read: Result<T, Invalid>) -> Result<T, Refusal> {
        read.map_err(|invalid| self.refusal(invalid))
    }

    /// A refusal if there is any fault.
    pub(crate) fn check_faults(&mut self) -> Result<(), Refusal> {
        if self.faults.is_empty() { Ok(()) } else { Err(Refusal::Invalid(std::mem::take(&mut self.faults))) }
    }

    fn refusal(&mut self, _: Invalid) -> Refusal {
        Refusal::Invalid(std::mem::take(&mut self.faults))
    }
}

/// The request key that names the report.
pub(crate) fn report_key(model: &Model, format: Format) -> &str {
    match format {
        Format::Records => &model.records.request.report.value,
        Format::Timeseries => &model.timeseries.request.report.value,
        Format::Statistics => &model.statistics.request.report.value,
    }
}

/// Refuses a token that lacks a permit.
pub(crate) fn check_permit(permits: &Permits, name: &str) -> Result<(), Refusal> {
    if permits.include(name) {
        Ok(())
    } else {
        Err(Refusal::Error(ErrorName::Forbidden, format!("The token lacks the permit `{name}`.")))
    }
}
