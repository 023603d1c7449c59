//! A request while it is put together. In come keys, values and the settings that they come from; out goes the request, with the assumptions
//! that each of its keys rests on, so that a refusal can name those which may be to blame.

use serde_json::{Map, Value as Json};

use crate::{Invalid, Setting, settings::Settings};

/// A request's keys while they are put together, and what they rest on.
pub(crate) struct Draft<'s> {
    pub(crate) settings: &'s Settings,
    pub(crate) body: Map<String, Json>,
    pub(crate) used: Vec<Used>,
}

/// An assumption that a request rests on, and the keys of the request that show it.
#[derive(Clone, Debug)]
pub(crate) struct Used {
    pub(crate) keys: Vec<String>,
    pub(crate) id: &'static str,
}

impl<'s> Draft<'s> {
    pub(crate) fn new(settings: &'s Settings) -> Self {
        Self { settings, body: Map::new(), used: Vec::new() }
    }

    /// Puts a value under the key of a setting, if there is one.
    pub(crate) fn put(&mut self, key: Setting<&'static str>, value: Option<impl Into<Json>>) {
        let Some(value) = value else { return };
        let name = self.settings.get(key).into_owned();
        self.rests_on(key.assumption, &[&name]);
        self.body.insert(name, value.into());
    }

    /// Notes that a report which is not known may be known at another path.
    pub(crate) fn report_at(&mut self, path: Setting<Option<&'static str>>, report: Setting<&'static str>) {
        let key = self.settings.get(report);
        self.rests_on(path.assumption, &[&key]);
    }

    /// Notes an assumption.
    pub(crate) fn rests_on(&mut self, id: Option<&'static str>, keys: &[&str]) {
        let keys = keys.iter().map(|key| (*key).to_owned()).collect();
        self.used.extend(id.map(|id| Used { keys, id }));
    }
}

/// A request that is ready but for its address.
pub(crate) struct Request {
    pub(crate) method: &'static str,
    pub(crate) path: String,
    /// The JSON body; none where the keys went into the path.
    pub(crate) body: Option<String>,
    /// The assumption that the path rests on.
    pub(crate) path_id: Option<&'static str>,
    /// The keys that were sent.
    pub(crate) keys: Vec<String>,
    pub(crate) used: Vec<Used>,
}

impl Request {
    /// The assumptions that may have made parameters invalid: those of the keys that the server names. Where it names none, or one that
    /// was not sent, any may be to blame.
    pub(crate) fn suspects(&self, invalid: &Invalid) -> Vec<&'static str> {
        let named: Vec<String> = invalid.top_keys();
        let any = named.is_empty() || named.iter().any(|name| !self.keys.contains(name));
        let blamed = |used: &&Used| any || used.keys.iter().any(|key| named.contains(key));
        let mut ids: Vec<&'static str> = Vec::new();
        // What concerns single keys comes before the path.
        for used in self.used.iter().filter(blamed) {
            if !ids.contains(&used.id) && Some(used.id) != self.path_id {
                ids.push(used.id);
            }
        }
        ids.extend(self.path_id.filter(|path| any || self.used.iter().any(|used| used.id == *path && blamed(&used))));
        ids
    }
}
