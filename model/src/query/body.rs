//! A query of one report, and its JSON body.

use serde::{Serialize, Serializer};
use serde_json::Value;

use crate::filter_language::FilterLanguage;
use crate::model::Model;
use crate::report::Report;
use crate::vocabulary::RequestKey;

/// A query of one report.
#[derive(Clone, Debug)]
pub struct Query<'a> {
    /// The API.
    pub model: &'a Model,
    /// The report.
    pub report: &'a Report,
    values: Vec<(RequestKey, Value)>,
}

impl<'a> Query<'a> {
    /// The query without any parameter.
    pub fn new(model: &'a Model, report: &'a Report) -> Self {
        Self { model, report, values: vec![(RequestKey::Report, report.name.as_str().into())] }
    }

    /// The query with a value in its body, if there is one.
    #[must_use]
    pub fn with(mut self, key: RequestKey, value: Option<impl Into<Value>>) -> Self {
        self.values.extend(value.map(|value| (key, value.into())));
        self
    }

    /// The query of a body; none if it has an unknown key or a value that no client sends. Null means the same as no key.
    pub fn read(model: &'a Model, report: &'a Report, body: &Value) -> Option<Self> {
        let keys = model.request_keys(report.format);
        let mut query = Self::new(model, report);
        for (name, value) in body.as_object()?.iter().filter(|(_, value)| !value.is_null()) {
            let (key, _) = keys.iter().find(|(_, key)| key.value == *name)?;
            let sendable = match key {
                RequestKey::Filter | RequestKey::Report => true,
                RequestKey::PageSize => value.as_u64().is_some_and(|size| u32::try_from(size).is_ok()),
                _ => value.is_string(),
            };
            query = query.with(*key, (*key != RequestKey::Report).then(|| value.clone()));
            if !sendable {
                return None;
            }
        }
        Some(query)
    }

    /// What the body carries under a key.
    pub fn value(&self, key: RequestKey) -> Option<&Value> {
        self.values.iter().find_map(|(of, value)| (*of == key).then_some(value))
    }

    pub(super) fn text(&self, key: RequestKey) -> Option<&str> {
        self.value(key)?.as_str()
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

    /// The JSON of the filter, indented.
    pub fn pretty_filter(&self) -> String {
        let filter = self.value(RequestKey::Filter).map(|filter| Ordered(filter, &self.model.filter));
        serde_json::to_string_pretty(&filter).unwrap_or_default()
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
            .filter(|(key, _)| self.value(*key).is_some())
            .filter_map(|(_, setting)| setting.assumption.as_deref());
        path.and_then(|path| path.assumption.as_deref()).into_iter().chain(keys).collect()
    }
}

/// The body of the request, with keys in the format's order on every platform.
impl Serialize for Query<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let keys = self.model.request_keys(self.report.format);
        let carried = |of| Some(Ordered(self.value(of)?, &self.model.filter));
        serializer.collect_map(keys.iter().filter_map(|(of, key)| Some((&key.value, carried(*of)?))))
    }
}

/// A value with the keys of filter nodes in the documented order.
struct Ordered<'a>(&'a Value, &'a FilterLanguage);

impl Serialize for Ordered<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Self(value, language) = self;
        let keys = [&language.keys.ty, &language.keys.operations, &language.keys.field, &language.keys.value];
        match value {
            Value::Object(node) => {
                let mut entries: Vec<_> = node.iter().collect();
                entries.sort_by_key(|(key, _)| keys.iter().position(|known| known == key).unwrap_or(keys.len()));
                serializer.collect_map(entries.into_iter().map(|(key, value)| (key, Self(value, language))))
            }
            Value::Array(values) => serializer.collect_seq(values.iter().map(|value| Self(value, language))),
            other => other.serialize(serializer),
        }
    }
}
