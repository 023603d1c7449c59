//! What requests of every kind have in common: the keys of a body, looked at one after the other, and the faults found on the way.
//! In comes a JSON object; out come a report, a filter and what its nodes cost, or a refusal that names every fault.
//!
//! Keys that are not known are ignored unless the simulator is told to be strict: the documentation of no endpoint says which it
//! is. A cursor under a wrong key therefore gives the first page again.

use jiff::tz::TimeZone;
use placewise_model::{Endpoint, ErrorName, Model, Report, Setting};
use serde_json::{Map, Value};

use crate::access::Permits;
use crate::filter::Filter;
use crate::filter_read::FilterReader;
use crate::invalid::{BLANK, Faults, INVALID};
use crate::reply::Refusal;

/// The body of a request and what is found wrong with it.
pub(crate) struct Body<'a, 'b> {
    pub(crate) model: &'a Model,
    /// The zone of timestamps that name none.
    pub(crate) zone: &'a TimeZone,
    pub(crate) permits: &'b Permits,
    /// The keys of the body, or of the query string, and those of the path.
    pub(crate) keys: &'b Map<String, Value>,
    /// The keys that stand in the path.
    pub(crate) path: &'b Map<String, Value>,
    /// Whether a key that is not known is a fault.
    pub(crate) strict: bool,
    pub(crate) faults: Faults,
}

impl<'a, 'b> Body<'a, 'b> {
    /// A parameter, where it is there and not null.
    pub(crate) fn parameter(&self, key: &str) -> Option<&'b Value> {
        self.keys.get(key).filter(|value| !value.is_null())
    }

    /// The report that the key names, of those that `among` lets pass; a refusal that lists them where it names none.
    pub(crate) fn report(&mut self, key: &str, among: impl Fn(&Report) -> bool) -> Result<(usize, &'a Report), Refusal> {
        let model = self.model;
        let name = self.keys.get(key).and_then(Value::as_str);
        let mut reports = model.reports.iter().enumerate().filter(|(_, report)| among(report));
        let Some((place, report)) = reports.find(|(_, report)| Some(report.name.as_str()) == name) else {
            let names = model.reports.iter().filter(|report| among(report)).map(|report| report.name.as_str());
            self.faults.not_in(&[key.to_owned()], names);
            return Err(Refusal::Invalid(std::mem::take(&mut self.faults)));
        };
        if let Some(permit) = &report.permit {
            check_permit(self.permits, permit)?;
        }
        Ok((place, report))
    }

    /// Refuses a token that lacks the endpoint's own permit. Whether the general one is needed beside a report's is another question.
    pub(crate) fn check_endpoint_permit(&self, endpoint: &Endpoint) -> Result<(), Refusal> {
        let own = endpoint.permit.as_ref().filter(|permit| **permit != self.model.api.permit.name);
        own.map_or(Ok(()), |permit| check_permit(self.permits, permit))
    }

    /// What a report costs by itself, and with an aggregation where one is asked for under that key.
    pub(crate) fn report_cost(&self, report: &Report, aggregation_key: Option<&str>) -> u32 {
        let limits = &self.model.api.rate_limit;
        let aggregated = aggregation_key.is_some_and(|key| self.keys.get(key).is_some_and(|name| !name.is_null()));
        let own = report.cost.unwrap_or(limits.unknown_cost.value);
        own.saturating_add(if aggregated { limits.aggregation_cost.value } else { 0 })
    }

    /// The filter under that key and what its nodes cost.
    pub(crate) fn filter(&mut self, key: &str, report: &'a Report) -> (Option<Filter>, u32) {
        let Some(node) = self.parameter(key) else { return (None, 0) };
        let language = &self.model.filter;
        let mut reader = FilterReader { language, report, zone: self.zone, faults: &mut self.faults, cost: 0 };
        let filter = reader.node(node, &mut vec![key.to_owned()], 0);
        (filter, reader.cost)
    }

    /// A text that must be there.
    pub(crate) fn text(&mut self, key: &str) -> Option<&'b str> {
        let text = self.parameter(key).map(Value::as_str);
        if text.flatten().is_none() {
            self.faults.add(&[key.to_owned()], if text.is_none() { BLANK } else { INVALID });
        }
        text.flatten()
    }

    /// The keys that are not in the path.
    pub(crate) fn sent(&self) -> impl Iterator<Item = &'b String> + use<'b> {
        let path = self.path;
        self.keys.keys().filter(move |key| !path.contains_key(*key))
    }

    /// Where the simulator is strict, every other key is a fault.
    pub(crate) fn only(&mut self, known: &[&str]) {
        if !self.strict {
            return;
        }
        for key in self.sent().filter(|key| !known.contains(&key.as_str())) {
            let known: Value = known.iter().copied().collect();
            self.faults.add_with(std::slice::from_ref(key), INVALID, [("known", known)]);
        }
    }

    /// A refusal, where anything is wrong.
    pub(crate) fn finish(&mut self) -> Result<(), Refusal> {
        if self.faults.is_empty() { Ok(()) } else { Err(Refusal::Invalid(std::mem::take(&mut self.faults))) }
    }
}

/// The keys as plain texts.
pub(crate) fn names<'a>(keys: impl IntoIterator<Item = &'a Setting<String>>) -> Vec<&'a str> {
    keys.into_iter().map(|key| key.value.as_str()).collect()
}

/// Refuses a token that lacks a permit.
pub(crate) fn check_permit(permits: &Permits, name: &str) -> Result<(), Refusal> {
    if permits.include(name) {
        Ok(())
    } else {
        Err(Refusal::Error(ErrorName::Forbidden, format!("the token lacks the permit {name}")))
    }
}
