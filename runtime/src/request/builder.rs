//! A request under construction, with the assumptions behind each key, so that an error can name those at fault.

use std::sync::OnceLock;

use serde_json::{Map, Value as Json};

use crate::{error::invalid::Invalid, facts::formats::Part, facts::setting::Setting, overrides::Overrides};

/// The keys of a request, with the assumptions behind them.
pub(crate) struct RequestBuilder<'o> {
    pub(crate) overrides: &'o Overrides,
    pub(crate) body: Map<String, Json>,
    /// The parts of the query, set or not, by key.
    pub(crate) parts: Vec<(String, Part)>,
    pub(crate) used: Vec<UsedAssumption>,
}

/// An assumption that a request depends on, with the keys that show it.
#[derive(Clone, Debug)]
pub(crate) struct UsedAssumption {
    pub(crate) keys: Vec<String>,
    pub(crate) id: &'static str,
}

impl<'o> RequestBuilder<'o> {
    pub(crate) fn new(overrides: &'o Overrides) -> Self {
        Self { overrides, body: Map::new(), parts: Vec::new(), used: Vec::new() }
    }

    /// Adds a value, if there is one, under the key of a setting.
    pub(crate) fn put(&mut self, key: Setting<&'static str>, value: Option<Json>) {
        let Some(value) = value else { return };
        let name = self.overrides.get(key).into_owned();
        self.depends_on(key.assumption, &[&name]);
        self.body.insert(name, value);
    }

    /// Adds the report's name. A report that is unknown at one path may be known at another.
    pub(crate) fn put_report(&mut self, key: Setting<&'static str>, name: &str, path: Setting<Option<&'static str>>) {
        self.put(key, Some(name.into()));
        let key = self.overrides.get(key);
        self.depends_on(path.assumption, &[&key]);
    }

    /// Notes an assumption.
    pub(crate) fn depends_on(&mut self, id: Option<&'static str>, keys: &[&str]) {
        let keys = keys.iter().map(|key| (*key).to_owned()).collect();
        self.used.extend(id.map(|id| UsedAssumption { keys, id }));
    }
}

/// A request without its base URL.
pub(crate) struct Request {
    pub(crate) method: &'static str,
    pub(crate) path: String,
    /// The JSON body; none if the keys are in the path.
    pub(crate) body: Option<String>,
    /// The assumption behind the path.
    pub(crate) path_id: Option<&'static str>,
    /// The permit of the report or of the endpoint; none if unknown.
    pub(crate) permit: Option<&'static str>,
    /// Whether it is a query of a report.
    pub(crate) of_report: bool,
    /// The keys sent.
    pub(crate) keys: Vec<String>,
    /// The parts of the query, set or not, by key.
    pub(crate) parts: Vec<(String, Part)>,
    /// The values by key, once they are asked for. Those of a body are read from it.
    pub(crate) values: OnceLock<Json>,
    pub(crate) used: Vec<UsedAssumption>,
}

impl Request {
    /// The assumptions that may have made parameters invalid: those behind the keys that the server names. If it names none, or one
    /// that was not sent, every assumption may be at fault.
    pub(crate) fn suspects(&self, invalid: &Invalid) -> Vec<&'static str> {
        let named: Vec<String> = invalid.top_keys();
        let any = named.is_empty() || named.iter().any(|name| !self.keys.contains(name));
        let suspect = |used: &&UsedAssumption| any || used.keys.iter().any(|key| named.contains(key));
        let mut ids: Vec<&'static str> = Vec::new();
        // The path comes last, after the assumptions about single keys.
        for used in self.used.iter().filter(suspect) {
            if !ids.contains(&used.id) && Some(used.id) != self.path_id {
                ids.push(used.id);
            }
        }
        ids.extend(self.path_id.filter(|path| any || self.used.iter().any(|used| used.id == *path && suspect(&used))));
        ids
    }
}
