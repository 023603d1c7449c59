//! The caller's overrides of assumptions. A setting's value is its override, or else the default that the spec states or assumes.

use std::{borrow::Cow, collections::BTreeMap};

use serde_json::Value as Json;

use crate::facts::api::ApiSpec;
use crate::facts::vocabulary::{Format, OverrideAt, TimePoints};
use crate::{
    error::assumption::AssumedValue, error::configuration::ConfigurationError, facts::setting::Setting, text::nearest,
    text::path::is_path,
};

/// The API's settings with the caller's overrides.
#[derive(Clone, Debug)]
pub(crate) struct Overrides {
    pub(crate) spec: &'static ApiSpec,
    /// By the id of the assumption.
    overrides: BTreeMap<String, Json>,
}

/// A value that an assumption may have.
pub(crate) trait Overridable: Copy {
    /// The value with its override.
    type Out;
    /// What an override must be.
    const EXPECTED: &'static str;
    /// The default.
    fn default(self) -> Self::Out;
    /// The override; none if it has the wrong type.
    fn read(json: &Json) -> Option<Self::Out>;
}

impl Overridable for &'static str {
    type Out = Cow<'static, str>;
    const EXPECTED: &'static str = "non-empty text";

    fn default(self) -> Self::Out {
        self.into()
    }

    fn read(json: &Json) -> Option<Self::Out> {
        json.as_str().filter(|text| !text.is_empty()).map(|text| text.to_owned().into())
    }
}

impl Overridable for Option<&'static str> {
    type Out = Option<Cow<'static, str>>;
    const EXPECTED: &'static str =
        "null or a path that starts with `/`, without `#`, backslash, white space, a segment `.` or `..`, or a lone brace";

    fn default(self) -> Self::Out {
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

impl Overridable for bool {
    type Out = Self;
    const EXPECTED: &'static str = "true or false";

    fn default(self) -> Self {
        self
    }

    fn read(json: &Json) -> Option<Self> {
        json.as_bool()
    }
}

impl Overridable for u32 {
    type Out = Self;
    const EXPECTED: &'static str = "a whole number, zero or more";

    fn default(self) -> Self {
        self
    }

    fn read(json: &Json) -> Option<Self> {
        json.as_u64().and_then(|number| Self::try_from(number).ok())
    }
}

impl Overridable for TimePoints {
    type Out = Self;
    const EXPECTED: &'static str = "\"length\" or \"buckets\"";

    fn default(self) -> Self {
        self
    }

    fn read(json: &Json) -> Option<Self> {
        [Self::Length, Self::Buckets].into_iter().find(|counting| json.as_str() == Some(counting.word()))
    }
}

impl Overrides {
    /// The defaults alone.
    pub(crate) fn none(spec: &'static ApiSpec) -> Self {
        Self { spec, overrides: BTreeMap::new() }
    }

    /// The defaults with these overrides, each of which must have the right type.
    pub(crate) fn new(spec: &'static ApiSpec, overrides: BTreeMap<String, Json>) -> Result<Self, ConfigurationError> {
        let all = Self { spec, overrides };
        let mut problems = Problems::new();
        all.check_settings(&mut problems);
        for (id, json) in &all.overrides {
            if let Err(problem) = check_by_default(spec, id, json) {
                problems.entry(id).or_insert(problem);
            }
        }
        if problems.is_empty() {
            return Ok(all);
        }
        let mut error = ConfigurationError::none();
        problems.into_values().for_each(|problem| error.add("assume", problem));
        Err(error)
    }

    /// The value of a setting.
    pub(crate) fn get<T: Overridable>(&self, setting: Setting<T>) -> T::Out {
        let value = setting.assumption.and_then(|id| self.overrides.get(id)).and_then(T::read);
        value.unwrap_or_else(|| setting.value.default())
    }

    /// The assumption behind a setting, with its value; none if a page states the setting.
    pub(crate) fn assumed(&self, id: Option<&'static str>) -> Option<AssumedValue> {
        let assumption = self.spec.assumption(id?)?;
        let value = self.overrides.get(assumption.id).map(Json::to_string);
        Some(AssumedValue { assumption, value: value.unwrap_or_else(|| assumption.value.to_owned()) })
    }

    /// Every assumption that determines generated types.
    pub(crate) fn of_types(&self) -> Vec<AssumedValue> {
        let types = self.spec.assumptions.iter().filter(|assumption| assumption.override_at == OverrideAt::Spec);
        types.filter_map(|assumption| self.assumed(Some(assumption.id))).collect()
    }

    fn check<'a, T: Overridable>(&'a self, setting: Setting<T>, problems: &mut Problems<'a>) {
        if let Some((id, json)) = setting.assumption.and_then(|id| self.overrides.get_key_value(id))
            && T::read(json).is_none()
        {
            problems.insert(id, wrong_type(id, T::EXPECTED, json));
        }
    }

    fn check_settings<'a>(&'a self, problems: &mut Problems<'a>) {
        let ApiSpec { records, timeseries, filter, customers, rate_limit, .. } = self.spec;
        for format in [Format::Records, Format::Timeseries, Format::Statistics] {
            let path = self.spec.path(format);
            self.check(path, problems);
            // Queries have a body for everything they say.
            if let Some(id) = path.assumption.filter(|_| self.get(path).is_some_and(|path| path.contains('{'))) {
                let problem =
                    format!("`{id}` must be a path without `{{placeholders}}`; only the paths of endpoints may have them");
                problems.insert(id, problem);
            }
            self.check_keys(format, problems);
        }
        self.check(customers.several_prefixed, problems);
        self.check(rate_limit.aggregation_cost, problems);
        self.check(rate_limit.unknown_cost, problems);
        self.check(records.null_cursor_ends, problems);
        self.check(records.empty_cursor_ends, problems);
        self.check(timeseries.time_points, problems);
        filter.operators().iter().for_each(|operator| self.check(operator.cost, problems));
    }

    /// Two keys of one request with the same name would overwrite each other.
    fn check_keys<'a>(&'a self, format: Format, problems: &mut Problems<'a>) {
        let keys = self.spec.request_keys(format);
        for (index, (_, key)) in keys.iter().enumerate() {
            self.check(*key, problems);
            let name = self.get(*key);
            let same = keys.iter().skip(index + 1).find(|(_, other)| self.get(*other) == name);
            // One of the two is overridden: the spec's own keys differ.
            let overridden = |id: &&str| self.overrides.contains_key(*id);
            if let Some(id) = same.and_then(|(_, other)| other.assumption.filter(overridden).or(key.assumption)) {
                problems.entry(id).or_insert_with(|| format!("two parts of a request would have the same key `{name}`"));
            }
        }
    }
}

/// By the id of the override: settings with the same assumption have the same problem.
type Problems<'a> = BTreeMap<&'a str, String>;

/// An override that no format reads may belong to an endpoint: it must have the type of the default.
fn check_by_default(spec: &'static ApiSpec, id: &str, json: &Json) -> Result<(), String> {
    let assumption = spec.assumption(id).ok_or_else(|| unknown(spec, id))?;
    if assumption.override_at == OverrideAt::Spec {
        return Err(format!(
            "`{id}` cannot be overridden at run time because it determines generated types; change it in the spec and regenerate"
        ));
    }
    let expected = match serde_json::from_str(assumption.value) {
        Ok(Json::Null) => mismatch::<Option<&'static str>>(json),
        Ok(Json::String(path)) if path.starts_with('/') => mismatch::<Option<&'static str>>(json),
        Ok(Json::String(_)) => mismatch::<&'static str>(json),
        Ok(Json::Bool(_)) => mismatch::<bool>(json),
        Ok(Json::Number(_)) => mismatch::<u32>(json),
        _ => None,
    };
    expected.map_or(Ok(()), |expected| Err(wrong_type(id, expected, json)))
}

/// What was expected, if the override is something else.
fn mismatch<T: Overridable>(json: &Json) -> Option<&'static str> {
    T::read(json).is_none().then_some(T::EXPECTED)
}

fn wrong_type(id: &str, expected: &str, json: &Json) -> String {
    format!("`{id}` must be {expected}, not {json}")
}

fn unknown(spec: &'static ApiSpec, id: &str) -> String {
    let ids = spec.assumptions.iter().filter(|known| known.override_at == OverrideAt::Client).map(|known| known.id);
    nearest::unknown("assumption", id, ids)
}
