//! The API's settings with every assumption decided. In come the API's constants and what the caller turned; out come plain values, and
//! for each the assumption that it rests on. A turned value of the wrong type, or an id that does not exist, is an error when the client
//! is built.

use std::{borrow::Cow, collections::BTreeMap};

use serde_json::Value as Json;

use crate::{ApiSpec, Assumption, Error, OverrideAt, Setting, TimePoints, error::Resting, text::nearest};

/// Everything about a query's form that may rest on an assumption.
#[derive(Clone, Debug)]
pub(crate) struct Settings {
    pub(crate) spec: &'static ApiSpec,
    turned: BTreeMap<String, Json>,
}

/// A value that an assumption may be turned to.
pub(crate) trait Turned: Copy {
    /// The value once it is decided.
    type Out;
    /// What a turned value must be.
    const EXPECTED: &'static str;
    /// The API's own value.
    fn own(self) -> Self::Out;
    /// A turned value; none if it is of the wrong type.
    fn read(json: &Json) -> Option<Self::Out>;
}

impl Turned for &'static str {
    type Out = Cow<'static, str>;
    const EXPECTED: &'static str = "text that is not empty";

    fn own(self) -> Self::Out {
        self.into()
    }

    fn read(json: &Json) -> Option<Self::Out> {
        json.as_str().filter(|text| !text.is_empty()).map(|text| text.to_owned().into())
    }
}

impl Turned for Option<&'static str> {
    type Out = Option<Cow<'static, str>>;
    const EXPECTED: &'static str =
        "a path that begins with `/` and holds no `#`, backslash, white space, `.` or `..` as a step, or lone brace; or null";

    fn own(self) -> Self::Out {
        self.map(Cow::Borrowed)
    }

    fn read(json: &Json) -> Option<Self::Out> {
        match json {
            Json::Null => Some(None),
            Json::String(path) if is_path(path) => Some(Some(path.clone().into())),
            _ => None,
        }
    }
}

impl Turned for bool {
    type Out = Self;
    const EXPECTED: &'static str = "true or false";

    fn own(self) -> Self {
        self
    }

    fn read(json: &Json) -> Option<Self> {
        json.as_bool()
    }
}

impl Turned for u32 {
    type Out = Self;
    const EXPECTED: &'static str = "a whole number from zero";

    fn own(self) -> Self {
        self
    }

    fn read(json: &Json) -> Option<Self> {
        json.as_u64().and_then(|number| Self::try_from(number).ok())
    }
}

impl Turned for TimePoints {
    type Out = Self;
    const EXPECTED: &'static str = "\"length\" or \"buckets\"";

    fn own(self) -> Self {
        self
    }

    fn read(json: &Json) -> Option<Self> {
        [Self::Length, Self::Buckets].into_iter().find(|way| json.as_str() == Some(way.word()))
    }
}

impl Settings {
    /// The API's own values, nothing turned.
    pub(crate) fn untouched(spec: &'static ApiSpec) -> Self {
        Self { spec, turned: BTreeMap::new() }
    }

    /// The API's values with those assumptions turned.
    pub(crate) fn turned(spec: &'static ApiSpec, turned: BTreeMap<String, Json>) -> Result<Self, Error> {
        let settings = Self { spec, turned };
        settings.check_formats()?;
        settings.turned.iter().try_for_each(|(id, json)| check_by_default(spec, id, json))?;
        Ok(settings)
    }

    /// The value of a setting. One of the wrong type was refused when the client was built.
    pub(crate) fn get<T: Turned>(&self, setting: Setting<T>) -> T::Out {
        self.json(setting.assumption).and_then(T::read).unwrap_or_else(|| setting.value.own())
    }

    /// What a value rests on, with what it is taken to be; none where a page states it.
    pub(crate) fn resting(&self, id: Option<&'static str>) -> Option<Resting> {
        let assumption = self.spec.assumption(id?)?;
        let turned = self.turned.get(assumption.id).map(Json::to_string);
        Some(Resting { assumption, value: turned.unwrap_or_else(|| assumption.value.to_owned()) })
    }

    /// Every assumption that types rest on.
    pub(crate) fn types(&self) -> Vec<Resting> {
        let types = self.spec.assumptions.iter().filter(|assumption| assumption.override_at == OverrideAt::Spec);
        types.filter_map(|assumption| self.resting(Some(assumption.id))).collect()
    }

    fn json(&self, id: Option<&'static str>) -> Option<&Json> {
        self.turned.get(id?)
    }

    fn check<T: Turned>(&self, setting: Setting<T>) -> Result<(), Error> {
        match setting.assumption.and_then(|id| self.turned.get_key_value(id)) {
            Some((id, json)) if T::read(json).is_none() => Err(wrong(id, T::EXPECTED, json)),
            _ => Ok(()),
        }
    }

    fn check_formats(&self) -> Result<(), Error> {
        let ApiSpec { records, timeseries, statistics, filter, customers, rate_limit, .. } = self.spec;
        for path in [records.path, timeseries.path, statistics.path] {
            self.check(path)?;
            // The requests of formats have a body for all that they say.
            if let Some(id) = path.assumption.filter(|_| self.get(path).is_some_and(|path| path.contains('{'))) {
                let problem = format!("`{id}` must be a path without names in braces; only endpoints put values in their place");
                return Err(Error::configuration("assume", problem));
            }
        }
        self.check_keys(&[
            records.report_key,
            records.filter_key,
            records.aggregation_key,
            records.cursor_key,
            records.page_size_key,
        ])?;
        self.check_keys(&[
            timeseries.report_key,
            timeseries.filter_key,
            timeseries.aggregation_key,
            timeseries.interval_key,
            timeseries.from_key,
            timeseries.to_key,
        ])?;
        self.check_keys(&[
            statistics.report_key,
            statistics.filter_key,
            statistics.aggregation_key,
            statistics.from_key,
            statistics.to_key,
        ])?;
        self.check(customers.several_prefixed)?;
        self.check(rate_limit.aggregation_cost)?;
        self.check(records.null_cursor_ends)?;
        self.check(timeseries.time_points)?;
        filter.operators().iter().try_for_each(|operator| self.check(operator.cost))
    }

    /// The keys of one request; two of one name would overwrite each other.
    fn check_keys(&self, keys: &[Setting<&'static str>]) -> Result<(), Error> {
        keys.iter().try_for_each(|key| self.check(*key))?;
        let keys: Vec<_> = keys.iter().map(|key| self.get(*key)).collect();
        for (index, key) in keys.iter().enumerate() {
            if keys.iter().skip(index + 1).any(|other| other == key) {
                return Err(Error::configuration("assume", format!("two parts of a request would both be sent as `{key}`")));
            }
        }
        Ok(())
    }
}

/// Whether it is a path that an address can be made of without changing where it leads.
fn is_path(path: &str) -> bool {
    let plain = |letter: char| !letter.is_whitespace() && !letter.is_control() && !matches!(letter, '#' | '\\');
    path.starts_with('/') && path.chars().all(plain) && !has_dots(path) && has_whole_names(path)
}

/// Whether a step of the path is `.` or `..`, which leads to another path, percent-encoded or not.
pub(crate) fn has_dots(path: &str) -> bool {
    let steps = path.split('?').next().unwrap_or_default().split('/');
    let mut bare = steps.map(|step| step.replace("%2e", ".").replace("%2E", "."));
    bare.any(|step| matches!(&*step, "." | ".."))
}

/// Whether every brace belongs to a name in braces.
fn has_whole_names(path: &str) -> bool {
    let mut parts = path.split('{');
    let before = parts.next().unwrap_or_default();
    let whole = |part: &str| part.split_once('}').is_some_and(|(name, after)| !name.is_empty() && !after.contains('}'));
    !before.contains('}') && parts.all(whole)
}

/// What no format reads, an endpoint may: its turned value must be of the same sort as the API's own.
fn check_by_default(spec: &'static ApiSpec, id: &str, json: &Json) -> Result<(), Error> {
    let assumption = spec.assumption(id).ok_or_else(|| unknown(spec, id))?;
    if assumption.override_at == OverrideAt::Spec {
        let problem = format!("`{id}` cannot be turned here: the types rest on it. Change the description they are made from");
        return Err(Error::configuration("assume", problem));
    }
    let expected = match serde_json::from_str(assumption.value) {
        Ok(Json::Null) => fits::<Option<&'static str>>(json),
        Ok(Json::String(path)) if path.starts_with('/') => fits::<Option<&'static str>>(json),
        Ok(Json::String(_)) => fits::<&'static str>(json),
        Ok(Json::Bool(_)) => fits::<bool>(json),
        Ok(Json::Number(_)) => fits::<u32>(json),
        _ => None,
    };
    expected.map_or(Ok(()), |expected| Err(wrong(id, expected, json)))
}

/// What was expected, if it is not that.
fn fits<T: Turned>(json: &Json) -> Option<&'static str> {
    T::read(json).is_none().then_some(T::EXPECTED)
}

fn wrong(id: &str, expected: &str, json: &Json) -> Error {
    Error::configuration("assume", format!("`{id}` must be {expected}, not {json}"))
}

fn unknown(spec: &'static ApiSpec, id: &str) -> Error {
    let turnable = |known: &&Assumption| known.override_at == OverrideAt::Client;
    let ids = || spec.assumptions.iter().filter(turnable).map(|known| known.id);
    let hint = match nearest(id, ids()) {
        Some(near) => format!("did you mean `{near}`?"),
        None => format!("there are: {}", ids().collect::<Vec<_>>().join(", ")),
    };
    Error::configuration("assume", format!("there is no assumption `{id}`; {hint}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths() {
        for good in ["/", "/v1/query", "/a?b=1&c=..", "/a/{id}/b/{id}", "/...", "/a.b/.c", "/@x", "/%20", "//x"] {
            assert!(is_path(good), "{good}");
        }
        for bad in [
            "",
            "a",
            "/a#b",
            "/\\x",
            "/a b",
            "/a\nb",
            "/a\u{a0}",
            "/../x",
            "/x/.",
            "/%2e%2E/x",
            "/.%2e",
            "/a/./b?c",
            "/{",
            "/a}",
            "/{}",
            "/{a{b}}",
            "/{a}}",
        ] {
            assert!(!is_path(bad), "{bad}");
        }
    }
}
