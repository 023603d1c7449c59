//! The records format and the costs with every assumption decided. In come the API's constants and what the caller turned; out go plain
//! values. A turned value of the wrong type, or an id that does not exist, is an error that names the nearest.

use std::{borrow::Cow, collections::BTreeMap};

use serde_json::Value as Json;

use crate::{ApiSpec, Error, FilterLanguage, Setting, text::nearest};

/// Everything about a query's form that may rest on an assumption.
#[derive(Clone, Debug)]
pub(crate) struct Settings {
    pub(crate) spec: &'static ApiSpec,
    pub(crate) path: Cow<'static, str>,
    pub(crate) report_key: Cow<'static, str>,
    pub(crate) filter_key: Cow<'static, str>,
    pub(crate) aggregation_key: Cow<'static, str>,
    pub(crate) cursor_key: Cow<'static, str>,
    pub(crate) page_size_key: Cow<'static, str>,
    pub(crate) null_cursor_ends: bool,
    pub(crate) costs: Costs,
}

/// Tokens that each kind of filter node takes.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Costs {
    pub(crate) and: u32,
    pub(crate) or: u32,
    pub(crate) equal: u32,
    pub(crate) not_equal: u32,
    pub(crate) greater_than: u32,
    pub(crate) greater_or_equal: u32,
    pub(crate) less_than: u32,
    pub(crate) less_or_equal: u32,
    pub(crate) one_of: u32,
    pub(crate) none_of: u32,
}

impl Costs {
    /// The same by wire name.
    pub(crate) fn by_name(&self, keys: &FilterLanguage) -> [(&'static str, u32); 10] {
        [
            (keys.and.name, self.and),
            (keys.or.name, self.or),
            (keys.equal.name, self.equal),
            (keys.not_equal.name, self.not_equal),
            (keys.greater_than.name, self.greater_than),
            (keys.greater_or_equal.name, self.greater_or_equal),
            (keys.less_than.name, self.less_than),
            (keys.less_or_equal.name, self.less_or_equal),
            (keys.one_of.name, self.one_of),
            (keys.none_of.name, self.none_of),
        ]
    }
}

impl Settings {
    /// The API's own values, nothing turned.
    pub(crate) fn untouched(spec: &'static ApiSpec) -> Self {
        let (format, filter) = (&spec.records, &spec.filter);
        Self {
            spec,
            path: format.path.value.into(),
            report_key: format.report_key.value.into(),
            filter_key: format.filter_key.value.into(),
            aggregation_key: format.aggregation_key.value.into(),
            cursor_key: format.cursor_key.value.into(),
            page_size_key: format.page_size_key.value.into(),
            null_cursor_ends: format.null_cursor_ends.value,
            costs: Costs {
                and: filter.and.cost.value,
                or: filter.or.cost.value,
                equal: filter.equal.cost.value,
                not_equal: filter.not_equal.cost.value,
                greater_than: filter.greater_than.cost.value,
                greater_or_equal: filter.greater_or_equal.cost.value,
                less_than: filter.less_than.cost.value,
                less_or_equal: filter.less_or_equal.cost.value,
                one_of: filter.one_of.cost.value,
                none_of: filter.none_of.cost.value,
            },
        }
    }

    /// The API's values with those assumptions turned.
    pub(crate) fn turned(spec: &'static ApiSpec, turned: &BTreeMap<String, Json>) -> Result<Self, Error> {
        if let Some(id) = turned.keys().find(|id| !spec.assumptions.iter().any(|known| known.id == id.as_str())) {
            return Err(unknown(spec, id));
        }
        let mut settings = Self::untouched(spec);
        let (format, filter, costs) = (&spec.records, &spec.filter, &mut settings.costs);
        for (place, setting) in [
            (&mut settings.path, format.path),
            (&mut settings.report_key, format.report_key),
            (&mut settings.filter_key, format.filter_key),
            (&mut settings.aggregation_key, format.aggregation_key),
            (&mut settings.cursor_key, format.cursor_key),
            (&mut settings.page_size_key, format.page_size_key),
        ] {
            turn(place, setting, turned, "text that is not empty", |json| {
                json.as_str().filter(|text| !text.is_empty()).map(|text| text.to_owned().into())
            })?;
        }
        turn(&mut settings.null_cursor_ends, format.null_cursor_ends, turned, "true or false", Json::as_bool)?;
        for (place, operator) in [
            (&mut costs.and, filter.and),
            (&mut costs.or, filter.or),
            (&mut costs.equal, filter.equal),
            (&mut costs.not_equal, filter.not_equal),
            (&mut costs.greater_than, filter.greater_than),
            (&mut costs.greater_or_equal, filter.greater_or_equal),
            (&mut costs.less_than, filter.less_than),
            (&mut costs.less_or_equal, filter.less_or_equal),
            (&mut costs.one_of, filter.one_of),
            (&mut costs.none_of, filter.none_of),
        ] {
            turn(place, operator.cost, turned, "a whole number from zero", |json| {
                json.as_u64().and_then(|cost| u32::try_from(cost).ok())
            })?;
        }
        settings.distinct_keys()?;
        Ok(settings)
    }

    /// Two request keys of one name would overwrite each other.
    fn distinct_keys(&self) -> Result<(), Error> {
        let keys = [&self.report_key, &self.filter_key, &self.aggregation_key, &self.cursor_key, &self.page_size_key];
        for (index, key) in keys.iter().enumerate() {
            if keys.iter().skip(index + 1).any(|other| other == key) {
                return Err(Error::configuration("assume", format!("two parts of a request would both be sent as `{key}`")));
            }
        }
        Ok(())
    }
}

fn turn<T, U>(
    place: &mut T,
    setting: Setting<U>,
    turned: &BTreeMap<String, Json>,
    expected: &str,
    read: impl Fn(&Json) -> Option<T>,
) -> Result<(), Error> {
    let Some((id, json)) = setting.assumption.and_then(|id| turned.get_key_value(id)) else { return Ok(()) };
    *place = read(json).ok_or_else(|| Error::configuration("assume", format!("`{id}` must be {expected}, not {json}")))?;
    Ok(())
}

fn unknown(spec: &'static ApiSpec, id: &str) -> Error {
    let ids = || spec.assumptions.iter().map(|known| known.id);
    let hint = match nearest(id, ids()) {
        Some(near) => format!("did you mean `{near}`?"),
        None => format!("there are: {}", ids().collect::<Vec<_>>().join(", ")),
    };
    Error::configuration("assume", format!("there is no assumption `{id}`; {hint}"))
}
