//! The request of a query or a call: body, path and URL parameters.

use std::sync::OnceLock;

use serde_json::{Map, Value as Json};

use super::builder::{Request, RequestBuilder};
use super::spec::{CallSpec, FormatSpec, IntervalChoice, QueryKind, QuerySpec};
use crate::text::path::{encode, has_dots};
use crate::{error::Error, facts::formats::Part, facts::setting::Setting, facts::vocabulary::Format, overrides::Overrides};

impl QuerySpec {
    /// The body.
    pub(crate) fn body(&self, overrides: &Overrides) -> Json {
        match &self.kind {
            QueryKind::Call(call) if call.bare_body().is_some() => call.bare_body().cloned().unwrap_or_default(),
            _ => Json::Object(self.builder(overrides).body),
        }
    }

    /// The request.
    pub(crate) fn request(&self, overrides: &Overrides) -> Result<Request, Error> {
        let path = self.path(overrides.spec);
        let target = overrides.get(path).ok_or_else(|| self.no_path(path, overrides))?;
        let RequestBuilder { mut body, parts, used, .. } = self.builder(overrides);
        let keys = body.keys().cloned().collect();
        let path_id = path.assumption;
        let (method, path, body, permit, values) = match &self.kind {
            QueryKind::Report(info, _) => {
                ("POST", target.into_owned(), Some(Json::Object(body).to_string()), info.permit, OnceLock::new())
            }
            QueryKind::Call(call) => {
                let values = if call.in_url() { OnceLock::from(Json::Object(body.clone())) } else { OnceLock::new() };
                let (path, body) = self.place(call, &target, &mut body)?;
                (call.info.method, path, body, call.info.permit, values)
            }
        };
        let of_report = matches!(self.kind, QueryKind::Report(..));
        Ok(Request { method, path, body, path_id, permit, of_report, keys, parts, values, used })
    }

    /// The path and the body of a call with these keys.
    fn place(&self, call: &CallSpec, path: &str, keys: &mut Map<String, Json>) -> Result<(String, Option<String>), Error> {
        let mut target = self.fill(path, keys)?;
        let body = if call.in_url() {
            append(&mut target, keys);
            None
        } else {
            Some(call.bare_body().map_or_else(|| Json::Object(std::mem::take(keys)).to_string(), Json::to_string))
        };
        Ok((target, body))
    }

    fn builder<'o>(&self, overrides: &'o Overrides) -> RequestBuilder<'o> {
        let mut builder = RequestBuilder::new(overrides);
        match &self.kind {
            QueryKind::Report(_, format) => self.put_keys(format, &mut builder),
            QueryKind::Call(call) => call.put_keys(&mut builder),
        }
        builder.body.extend(self.with.iter().map(|(key, json)| (key.clone().into_owned(), json.clone())));
        builder
    }

    /// Adds the parts of a query under the keys of its format.
    fn put_keys(&self, spec: &FormatSpec, builder: &mut RequestBuilder<'_>) {
        let (overrides, format) = (builder.overrides, spec.format());
        let mut counted = Vec::new();
        for (part, key) in overrides.spec.request_keys(format) {
            builder.parts.push((overrides.get(key).into_owned(), part));
            match part {
                Part::Report => builder.put_report(key, self.subject.report, overrides.spec.path(format)),
                _ => builder.put(key, self.part(part, spec, overrides)),
            }
            if matches!(part, Part::Interval | Part::From | Part::To) {
                counted.push(overrides.get(key));
            }
        }
        if format == Format::Timeseries {
            let counted: Vec<&str> = counted.iter().map(|key| &**key).collect();
            builder.depends_on(overrides.spec.timeseries.time_points.assumption, &counted);
        }
    }

    /// The value of one part; none if the query does not have it.
    fn part(&self, part: Part, spec: &FormatSpec, overrides: &Overrides) -> Option<Json> {
        let range = match spec {
            FormatSpec::Timeseries { range, .. } => Some(range),
            FormatSpec::Statistics { range } => range.as_ref(),
            FormatSpec::Records { .. } => None,
        };
        match (part, spec) {
            (Part::Report, _) => Some(self.subject.report.into()),
            (Part::Filter, _) => self.filter.as_ref().map(|filter| filter.to_json(overrides)),
            (Part::Aggregation, _) => self.aggregation.as_deref().map(Json::from),
            (Part::PageSize, FormatSpec::Records { page_size, .. }) => page_size.map(Json::from),
            (Part::Cursor, FormatSpec::Records { cursor, .. }) => cursor.as_deref().map(Json::from),
            (Part::Interval, FormatSpec::Timeseries { interval, .. }) => interval.as_ref().map(|interval| match interval {
                IntervalChoice::Auto => overrides.spec.timeseries.auto.name.into(),
                IntervalChoice::Named(name) => (**name).into(),
            }),
            (Part::From, _) => range.map(|range| range.from.to_string().into()),
            (Part::To, _) => range.map(|range| range.to.to_string().into()),
            (Part::PageSize | Part::Cursor | Part::Interval, _) => None,
        }
    }

    fn no_path(&self, path: Setting<Option<&'static str>>, overrides: &Overrides) -> Error {
        let assumed = overrides.assumed(path.assumption);
        let advice = match &assumed {
            Some(assumed) => {
                let id = assumed.assumption.id;
                format!("set the assumption `{id}` with `.assume(\"{id}\", \"/…\")` when building the client")
            }
            None => "add it to the spec and regenerate".into(),
        };
        let problem = format!("{}: the path is unknown; {advice}", self.subject);
        Error::configuration_assuming("path", problem, assumed.into_iter().collect())
    }

    /// Replaces the placeholders of a path by values, and removes their keys.
    fn fill(&self, path: &str, keys: &mut Map<String, Json>) -> Result<String, Error> {
        let (mut filled, mut rest, mut used) = (String::new(), path, Vec::new());
        while let Some((before, name, after)) = rest.split_once('{').and_then(|(before, inner)| {
            let (name, after) = inner.split_once('}')?;
            Some((before, name, after))
        }) {
            filled.push_str(before);
            let value = keys.get(name).filter(|json| !json.is_null()).map(plain).filter(|text| !text.is_empty());
            let value = value.ok_or_else(|| {
                let subject = self.subject;
                let problem = format!("{subject}: the path `{path}` needs a value for `{name}`; add `.with(\"{name}\", …)`");
                Error::configuration("call", problem)
            })?;
            filled.push_str(&encode(&value));
            used.push(name);
            rest = after;
        }
        filled.push_str(rest);
        if has_dots(&filled) {
            let problem = format!("{}: the values turn the path `{path}` into `{filled}`, which is another path", self.subject);
            return Err(Error::configuration("call", problem));
        }
        // A placeholder may occur twice, so its key is removed only now.
        for name in used {
            keys.remove(name);
        }
        Ok(filled)
    }
}

impl CallSpec {
    fn put_keys(&self, builder: &mut RequestBuilder<'_>) {
        if let Some(body) = &self.body {
            builder.body.extend(body.as_object().cloned().unwrap_or_default());
        }
        if let Some((query, whole)) = self.query.as_ref().filter(|(_, whole)| builder.overrides.get(*whole)) {
            let inner = query.builder(builder.overrides);
            let keys: Vec<&str> = inner.body.keys().map(String::as_str).collect();
            builder.depends_on(whole.assumption, &keys);
            builder.body.extend(inner.body);
            builder.parts.extend(inner.parts);
            // The request goes to the endpoint's path, not to that of the query's format.
            let other = query.path(builder.overrides.spec).assumption;
            builder.used.extend(inner.used.into_iter().filter(|used| Some(used.id) != other));
        }
        for (key, name) in self.report.iter().chain(&self.field) {
            builder.put_report(*key, name, self.info.path);
        }
    }
}

/// Appends the keys as URL parameters, sorted by name.
fn append(target: &mut String, keys: &Map<String, Json>) {
    let mut given: Vec<(&String, &Json)> = keys.iter().filter(|(_, json)| !json.is_null()).collect();
    given.sort_by_key(|(key, _)| *key);
    for (key, json) in given {
        // The path may have parameters of its own.
        match target.contains('?') {
            false => target.push('?'),
            true if target.ends_with(['?', '&']) => {}
            true => target.push('&'),
        }
        target.push_str(&encode(key));
        target.push('=');
        target.push_str(&encode(&plain(json)));
    }
}

/// A value in a URL: text as it is, everything else as JSON.
fn plain(json: &Json) -> String {
    json.as_str().map_or_else(|| json.to_string(), str::to_owned)
}
