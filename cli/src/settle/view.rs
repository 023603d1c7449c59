//! Exchanges as the judges read them: which report a request asks for, and what its reply holds.
//!
//! A reply counts only if the server gives it again for the same request. Requests that were answered in several ways are left out.

use std::collections::{BTreeSet, HashMap};

use jiff::Timestamp;
use placewise_model::{Endpoint, Exchange, Format, Model, Report, RequestKey};
use serde_json::{Map, Value};

/// Exchanges, and the model that they are read by.
pub(crate) struct View<'a> {
    pub model: &'a Model,
    pub asked: Vec<Asked<'a>>,
    /// The indices of replies that differ from another one to the same request.
    pub unstable: BTreeSet<usize>,
    /// When the first request was sent.
    pub start: Timestamp,
}

/// One exchange.
#[derive(Clone, Copy)]
pub(crate) struct Asked<'a> {
    pub index: usize,
    pub exchange: &'a Exchange,
    pub body: Option<&'a Map<String, Value>>,
    /// The report that the request names, and the key that names it.
    pub report: Option<(&'a str, &'a Report)>,
    pub target: Target<'a>,
}

/// What a path serves.
#[derive(Clone, Copy)]
pub(crate) enum Target<'a> {
    /// Queries of that format.
    Format(Format),
    Endpoint(&'a Endpoint),
    Unknown,
}

/// The cursor of a page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Next<'a> {
    Absent,
    Null,
    Empty,
    Text(&'a str),
}

impl<'a> View<'a> {
    pub(crate) fn new(model: &'a Model, exchanges: &'a [Exchange], start: Timestamp) -> Self {
        let asked: Vec<Asked<'a>> =
            exchanges.iter().enumerate().map(|(index, exchange)| Asked::of(model, index, exchange)).collect();
        let mut same: HashMap<String, Vec<usize>> = HashMap::new();
        for one in asked.iter().filter(|one| one.is_answer(model)) {
            same.entry(identity(one.exchange)).or_default().push(one.index);
        }
        let differs =
            |group: &&Vec<usize>| group.windows(2).any(|pair| asked[pair[0]].essence(model) != asked[pair[1]].essence(model));
        let unstable = same.values().filter(differs).flatten().copied().collect();
        Self { model, asked, unstable, start }
    }

    /// The exchanges that may decide something: the server answered, and in one way.
    pub(crate) fn all(&self) -> impl Iterator<Item = &Asked<'a>> {
        self.asked.iter().filter(|one| one.is_answer(self.model) && !self.unstable.contains(&one.index))
    }

    /// Queries of a format.
    pub(crate) fn queries(&self, format: Format) -> impl Iterator<Item = &Asked<'a>> {
        self.all().filter(move |one| matches!(one.target, Target::Format(of) if of == format))
    }

    /// Pairs of a request and the same one with one more key.
    pub(crate) fn with_key<'v>(&'v self, key: &'v str) -> impl Iterator<Item = (&'v Asked<'a>, &'v Asked<'a>, &'a Value)> {
        self.all().filter_map(move |with| Some((with, with.body?.get(key)?))).flat_map(move |(with, value)| {
            let without = move |other: &&Asked<'a>| {
                other.exchange.path == with.exchange.path
                    && other.exchange.headers == with.exchange.headers
                    && without_key(with.body, key, other.body)
            };
            self.all().filter(without).map(move |other| (other, with, value))
        })
    }

    pub(crate) fn key(&self, format: Format, role: RequestKey) -> Option<&'a str> {
        self.model.request_keys(format).into_iter().find(|(of, _)| *of == role).map(|(_, key)| key.value.as_str())
    }

    pub(crate) fn rows<'e>(&self, of: &Asked<'e>) -> Option<&'e Vec<Value>> {
        of.ok()?.get(&self.model.records.response.rows)?.as_array()
    }

    pub(crate) fn next<'e>(&self, of: &Asked<'e>) -> Option<Next<'e>> {
        let keys = &self.model.records.response;
        self.rows(of)?;
        Some(match of.ok()?.get(&keys.pagination).and_then(|page| page.get(&keys.next)) {
            None => Next::Absent,
            Some(Value::String(text)) if text.trim().is_empty() => Next::Empty,
            Some(Value::String(text)) => Next::Text(text),
            Some(_) => Next::Null,
        })
    }

    pub(crate) fn buckets<'e>(&self, of: &Asked<'e>) -> Option<&'e Vec<Value>> {
        of.ok()?.get(&self.model.timeseries.response.buckets)?.as_array()
    }

    pub(crate) fn series<'e>(&self, of: &Asked<'e>) -> Option<&'e Vec<Value>> {
        of.ok()?.get(&self.model.timeseries.response.series)?.as_array()
    }

    /// Whether any series of a chart has a value.
    pub(crate) fn has_values(&self, of: &Asked<'_>) -> Option<bool> {
        let keys = &self.model.timeseries.response;
        let values = self.series(of)?.iter().filter_map(|series| series.get(&keys.values)?.as_array()).flatten();
        Some(values.into_iter().any(|value| !value.is_null() && value.as_f64() != Some(0.0)))
    }

    pub(crate) fn header<'e>(&self, of: &Asked<'e>, name: &str) -> Option<&'e str> {
        of.exchange.reply_headers.get(&name.to_ascii_lowercase()).map(String::as_str)
    }

    /// The tokens that a request cost, as the server says.
    pub(crate) fn cost(&self, of: &Asked<'_>) -> Option<i64> {
        self.header(of, &self.model.api.rate_limit.cost)?.trim().parse().ok()
    }

    /// Whether more rows follow a page: the same query with another size, or without one, has more of them.
    pub(crate) fn is_followed(&self, one: &Asked<'_>) -> bool {
        let Some(key) = self.key(Format::Records, RequestKey::PageSize) else { return false };
        let (Some(body), Some(rows)) = (one.body, self.rows(one)) else { return false };
        let rest = |body: &Map<String, Value>| {
            let mut rest = body.clone();
            rest.shift_remove(key);
            sorted(&Value::Object(rest))
        };
        let same = |other: &Asked<'_>| {
            other.exchange.path == one.exchange.path
                && other.exchange.headers == one.exchange.headers
                && other.body.is_some_and(|other| rest(other) == rest(body))
        };
        // Both pages are the first one.
        let more = |other: &Asked<'_>| self.rows(other).is_some_and(|more| more.len() > rows.len() && more.starts_with(rows));
        self.queries(Format::Records).any(|other| more(other) && same(other))
    }

    /// What a 422 says about a key of the request.
    pub(crate) fn named<'e>(&self, of: &Asked<'e>, key: &str) -> Option<&'e Value> {
        self.details(of)?.get(key)
    }

    pub(crate) fn details<'e>(&self, of: &Asked<'e>) -> Option<&'e Map<String, Value>> {
        if of.exchange.status != 422 {
            return None;
        }
        of.exchange.reply.as_ref()?.get(&self.model.api.error_body.details)?.as_object()
    }

    /// The keys that 422s say the server knows: those in lists of options, and required ones that were missing.
    pub(crate) fn told_keys(&self, of: &Asked<'_>) -> BTreeSet<String> {
        let Some(details) = self.details(of) else { return BTreeSet::new() };
        let mut told = BTreeSet::new();
        for (key, leaves) in details {
            if of.body.is_none_or(|body| !body.contains_key(key)) {
                told.insert(key.clone());
                continue;
            }
            let options = leaves.as_array().into_iter().flatten().filter_map(|leaf| leaf.get(&self.model.api.error_body.options));
            for list in options.filter_map(Value::as_object).flat_map(Map::values).filter_map(Value::as_array) {
                told.extend(list.iter().filter_map(Value::as_str).filter(|name| is_key(name)).map(str::to_owned));
            }
        }
        told
    }
}

impl<'a> Asked<'a> {
    fn of(model: &'a Model, index: usize, exchange: &'a Exchange) -> Self {
        let body = exchange.body.as_ref().and_then(Value::as_object);
        let named = |(key, value): (&'a String, &'a Value)| Some((key.as_str(), model.report(value.as_str()?)?));
        let report = body.into_iter().flatten().find_map(named);
        let at: Vec<&Endpoint> = model
            .endpoints
            .iter()
            .filter(|endpoint| {
                endpoint.path.value.as_deref() == Some(&exchange.path) && endpoint.method.eq_ignore_ascii_case(&exchange.method)
            })
            .collect();
        let formats =
            Format::ALL.iter().copied().filter(|format| at.iter().any(|endpoint| endpoint.name == model.endpoint_of(*format)));
        let formats: Vec<Format> = formats.collect();
        let target = match (formats.first(), at.first()) {
            (Some(first), _) => {
                let own = report.map(|(_, report)| report.format).filter(|format| formats.contains(format));
                Target::Format(own.unwrap_or(*first))
            }
            (None, Some(endpoint)) => Target::Endpoint(endpoint),
            (None, None) => Target::Unknown,
        };
        Self { index, exchange, body, report, target }
    }

    pub(crate) const fn is_ok(&self) -> bool {
        self.exchange.status >= 200 && self.exchange.status < 300
    }

    /// The reply of a request that succeeded.
    pub(crate) fn ok(&self) -> Option<&'a Value> {
        self.exchange.reply.as_ref().filter(|_| self.is_ok())
    }

    /// Whether the status says something about the request, and not about the state of the server or the token.
    pub(crate) fn is_answer(&self, model: &Model) -> bool {
        let status = self.exchange.status;
        (200..300).contains(&status)
            || (400..500).contains(&status) && ![401, 402, 403, 408, 425, 444, 460, model.api.rate_limit.status].contains(&status)
    }

    /// A query of a report without filter, aggregation and paging.
    pub(crate) fn is_plain(&self, view: &View<'_>) -> bool {
        let Target::Format(format) = self.target else { return false };
        let plain = [RequestKey::Report, RequestKey::Interval, RequestKey::From, RequestKey::To, RequestKey::PageSize];
        let keys: Vec<&str> = plain.into_iter().filter_map(|role| view.key(format, role)).collect();
        self.body.is_some_and(|body| body.iter().all(|(key, value)| keys.contains(&key.as_str()) || value.is_null()))
    }

    /// What must be the same in every reply to one request. A cursor may be another one each time.
    pub(crate) fn essence(&self, model: &Model) -> Value {
        let mut reply = self.exchange.reply.clone().unwrap_or_default();
        if let Some(page) = reply.get_mut(&model.records.response.pagination)
            && let Some(next) = page.get_mut(&model.records.response.next)
            && next.as_str().is_some_and(|text| !text.trim().is_empty())
        {
            *next = Value::Bool(true);
        }
        Value::Array(vec![self.exchange.status.into(), reply])
    }
}

/// What makes two requests the same.
pub(crate) fn identity(exchange: &Exchange) -> String {
    let Exchange { method, path, headers, body, .. } = exchange;
    let body = body.as_ref().map(sorted).unwrap_or_default();
    format!("{method} {path} {headers:?} {body}")
}

fn sorted(value: &Value) -> String {
    match value {
        Value::Object(map) => {
            let mut entries: Vec<String> =
                map.iter().map(|(key, value)| format!("{}:{}", Value::from(key.as_str()), sorted(value))).collect();
            entries.sort();
            format!("{{{}}}", entries.join(","))
        }
        Value::Array(items) => format!("[{}]", items.iter().map(sorted).collect::<Vec<_>>().join(",")),
        other => other.to_string(),
    }
}

/// Whether the one body is the other with one more key. A key that is null counts as absent.
fn without_key(with: Option<&Map<String, Value>>, key: &str, other: Option<&Map<String, Value>>) -> bool {
    let (Some(with), Some(other)) = (with, other) else { return false };
    let rest = |map: &Map<String, Value>| -> Vec<(String, Value)> {
        let mut rest: Vec<(String, Value)> = map
            .iter()
            .filter(|(name, value)| *name != key && !value.is_null())
            .map(|(name, value)| (name.clone(), value.clone()))
            .collect();
        rest.sort_by(|a, b| a.0.cmp(&b.0));
        rest
    };
    other.get(key).is_none_or(Value::is_null) && with.get(key).is_some_and(|value| !value.is_null()) && rest(with) == rest(other)
}

/// Whether a text can be a key of a request: a word.
pub(crate) fn is_key(text: &str) -> bool {
    (1..=64).contains(&text.len()) && text.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.'))
}

/// The names of the keys of an object.
pub(crate) fn names(value: &Value) -> BTreeSet<&str> {
    value.as_object().into_iter().flat_map(Map::keys).map(String::as_str).collect()
}
