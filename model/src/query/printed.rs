//! A query of one report, and its JSON body.

use serde::{Serialize, Serializer};

use super::filter::{Filter, FilterBody};
use crate::formats::Interval;
use crate::model::Model;
use crate::report::{Aggregation, Report};
use crate::vocabulary::RequestKey;

/// A query of one report.
#[derive(Clone, Debug)]
pub struct Query<'a> {
    /// The API.
    pub model: &'a Model,
    /// The report.
    pub report: &'a Report,
    /// The aggregation.
    pub aggregation: Option<&'a Aggregation>,
    /// The filter.
    pub filter: Option<Filter<'a>>,
    /// For a timeseries: the interval.
    pub interval: Option<&'a Interval>,
    /// Start and end of the range: ISO 8601 with a zone.
    pub range: Option<(&'static str, &'static str)>,
}

impl<'a> Query<'a> {
    /// The query without any parameter.
    pub const fn new(model: &'a Model, report: &'a Report) -> Self {
        Self { model, report, aggregation: None, filter: None, interval: None, range: None }
    }

    /// The JSON body on one line.
    pub fn json(&self) -> String {
        // Neither the names nor the values of a query can fail to serialize.
        serde_json::to_string(self).unwrap_or_default()
    }

    /// The JSON body, indented.
    pub fn pretty_json(&self) -> String {
        serde_json::to_string_pretty(self).unwrap_or_default()
    }

    /// The path that it is sent to, or `<path: assumption id>` if the path is not known.
    pub fn path(&self) -> String {
        let path = self.model.endpoint(self.model.endpoint_of(self.report.format)).map(|endpoint| &endpoint.path);
        match path.map(|path| (&path.value, &path.assumption)) {
            Some((Some(path), _)) => path.clone(),
            Some((None, Some(id))) => format!("<path: {id}>"),
            Some((None, None)) | None => "<path: not known>".into(),
        }
    }

    /// The ids of the assumptions that the path and the keys of the body depend on.
    pub fn assumptions(&self) -> Vec<&'a str> {
        let path = self.model.endpoint(self.model.endpoint_of(self.report.format)).map(|endpoint| &endpoint.path);
        let keys = self.model.request_keys(self.report.format);
        let keys = keys
            .into_iter()
            .filter(|(key, _)| self.carried(*key).is_some())
            .filter_map(|(_, setting)| setting.assumption.as_deref());
        path.and_then(|path| path.assumption.as_deref()).into_iter().chain(keys).collect()
    }

    /// What the body carries under a key.
    fn carried(&self, key: RequestKey) -> Option<Carried<'_>> {
        match key {
            RequestKey::Report => Some(Carried::Text(&self.report.name)),
            RequestKey::Filter => self.filter.as_ref().map(|filter| Carried::Filter(FilterBody(filter, &self.model.filter))),
            RequestKey::Aggregation => self.aggregation.map(|aggregation| Carried::Text(&aggregation.name)),
            RequestKey::Interval => self.interval.map(|interval| Carried::Text(&interval.name)),
            RequestKey::From => self.range.map(|(from, _)| Carried::Text(from)),
            RequestKey::To => self.range.map(|(_, to)| Carried::Text(to)),
            RequestKey::Cursor | RequestKey::PageSize => None,
        }
    }
}

#[derive(Serialize)]
#[serde(untagged)]
enum Carried<'a> {
    Text(&'a str),
    Filter(FilterBody<'a>),
}

/// The body of the request, with keys in the format's order on every platform.
impl Serialize for Query<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let keys = self.model.request_keys(self.report.format);
        serializer.collect_map(keys.iter().filter_map(|(of, key)| Some((&key.value, self.carried(*of)?))))
    }
}
