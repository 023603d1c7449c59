//! Whether a key of a request does what it is assumed to do: the reply with the key is compared with the one without it.
//!
//! A server may ignore a key that it does not know, so a request that succeeds shows nothing by itself. It may also refuse the value and not
//! the key. That is told apart by a request with a key that no server knows.

use std::collections::BTreeSet;

use placewise_model::{Format, RequestKey};
use serde_json::Value;

use crate::settle::finding::Finding;
use crate::settle::view::{Asked, Next, Target, View, names};

/// A key that no server knows.
pub(crate) const NONSENSE_KEY: &str = "settle_control_key";
/// A text that no field has.
pub(crate) const NONSENSE: &str = "settle-control-value";

/// What pairs of exchanges say about a key.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Votes {
    pub yes: Vec<usize>,
    pub no: Vec<usize>,
}

impl Votes {
    pub(crate) fn add(&mut self, works: Option<bool>, pair: [usize; 2]) {
        match works {
            Some(true) => self.yes.extend(pair),
            Some(false) => self.no.extend(pair),
            None => {}
        }
    }

    pub(crate) fn decided(&self) -> Option<bool> {
        match (self.yes.is_empty(), self.no.is_empty()) {
            (false, true) => Some(true),
            (true, false) => Some(false),
            _ => None,
        }
    }
}

/// The verdict on the key of a part of requests.
pub(crate) fn key(view: &View<'_>, format: Format, role: RequestKey) -> Option<Finding> {
    let assumed = view.key(format, role)?;
    let votes = votes(view, format, role, assumed);
    if !votes.yes.is_empty() && !votes.no.is_empty() {
        return Some(Finding::cannot_tell(format!("`{assumed}` works in one request and not in another."), votes.no));
    }
    let what = role.describe();
    if votes.decided() == Some(true) {
        return Some(Finding::holds(format!("`{assumed}` is the key of the {what}: it changes the reply."), votes.yes));
    }
    let working: Vec<(String, Votes)> = candidates(view, format)
        .into_iter()
        .filter(|other| other != assumed && !is_taken(view, format, role, other))
        .map(|other| (other.clone(), self::votes(view, format, role, &other)))
        .filter(|(_, votes)| votes.decided() == Some(true))
        .collect();
    match &*working {
        [(other, found)] => {
            let exchanges = found.yes.iter().chain(&votes.no).copied();
            Some(Finding::refuted(
                Some(other.as_str().into()),
                format!("`{other}` is the key of the {what}: it changes the reply."),
                exchanges,
            ))
        }
        _ if votes.decided() == Some(false) => {
            Some(Finding::refuted(None, format!("the server does not take `{assumed}` as the key of the {what}."), votes.no))
        }
        _ => None,
    }
}

/// Keys of requests of a format that may be the one: those that were sent, except for those of parts that a page states.
fn candidates(view: &View<'_>, format: Format) -> BTreeSet<String> {
    let stated: BTreeSet<&str> = view
        .model
        .request_keys(format)
        .into_iter()
        .filter(|(_, key)| key.assumption.is_none())
        .map(|(_, key)| key.value.as_str())
        .collect();
    let sent = view.queries(format).filter_map(|one| one.body).flat_map(|body| body.keys());
    sent.filter(|key| !stated.contains(key.as_str()) && *key != NONSENSE_KEY).cloned().collect()
}

/// Whether a key is that of another part of the requests, as far as it is known.
fn is_taken(view: &View<'_>, format: Format, role: RequestKey, key: &str) -> bool {
    let mut others = view.model.request_keys(format).into_iter().filter(|(of, _)| *of != role);
    others.any(|(of, other)| other.value == key && votes(view, format, of, key).decided() == Some(true))
}

/// Whether a key works, by every pair that can show it.
pub(crate) fn votes(view: &View<'_>, format: Format, role: RequestKey, key: &str) -> Votes {
    let mut votes = Votes::default();
    let of_format = |one: &Asked<'_>| matches!(one.target, Target::Format(of) if of == format);
    for (without, with, value) in view.with_key(key).filter(|(_, with, _)| of_format(with)) {
        let works = refused(view, format, without, with, key, role).or_else(|| effect(view, format, role, without, with, value));
        votes.add(works, [without.index, with.index]);
    }
    // What a request cannot do without has no reply without it: two values are compared.
    if format == Format::Timeseries && matches!(role, RequestKey::From | RequestKey::To) {
        for (one, other) in differing(view, format, key) {
            let same = view.buckets(one) == view.buckets(other);
            let shown = view.buckets(one).is_some_and(|buckets| !buckets.is_empty()) && view.buckets(other).is_some();
            votes.add(shown.then_some(!same), [one.index, other.index]);
        }
    }
    if role == RequestKey::Report {
        for (one, other) in differing(view, format, key) {
            votes.add(other_report(view, one, other, key), [one.index, other.index]);
        }
    }
    if format == Format::Statistics {
        votes_by_value(view, role, key, &mut votes);
    }
    votes
}

/// Whether the server refuses a key because it does not know it. That it reads a key shows where it finds fault inside a filter.
fn refused(view: &View<'_>, format: Format, without: &Asked<'_>, with: &Asked<'_>, key: &str, role: RequestKey) -> Option<bool> {
    let leaf = view.named(with, key)?;
    if view.named(without, key).is_some() && with.body.is_none_or(|body| !body.contains_key(key)) {
        return None;
    }
    if role == RequestKey::Filter && leaf.is_object() {
        let keys = &view.model.filter.keys;
        return names(leaf)
            .iter()
            .any(|name| [&keys.ty, &keys.field, &keys.value, &keys.operations].iter().any(|key| *key == name))
            .then_some(true);
    }
    let unknown = view.named(nonsense(view, format, without)?, NONSENSE_KEY)?;
    (shape(view, leaf) == shape(view, unknown)).then_some(false)
}

/// The reply to the same request with a key that no server knows.
fn nonsense<'v, 'a>(view: &'v View<'a>, format: Format, like: &Asked<'_>) -> Option<&'v Asked<'a>> {
    let like_it = |one: &&Asked<'a>| {
        one.exchange.path == like.exchange.path && one.body.is_some_and(|body| body.contains_key(NONSENSE_KEY))
    };
    view.queries(format).find(like_it)
}

/// Symbols and options of a leaf without their values, which name the key or the value.
pub(crate) fn shape(view: &View<'_>, leaf: &Value) -> BTreeSet<String> {
    let keys = &view.model.api.error_body;
    let one = |leaf: &Value| {
        let symbol = leaf.get(&keys.symbol).and_then(Value::as_str).unwrap_or_default();
        let options = leaf.get(&keys.options).map(names).unwrap_or_default();
        format!("{symbol} {options:?}")
    };
    leaf.as_array().into_iter().flatten().map(one).collect()
}

/// Pairs of requests that differ in the value of one key.
fn differing<'v, 'a>(view: &'v View<'a>, format: Format, key: &str) -> Vec<(&'v Asked<'a>, &'v Asked<'a>)> {
    let all: Vec<&Asked<'a>> = view.queries(format).filter(|one| one.body.is_some_and(|body| body.contains_key(key))).collect();
    let rest = |one: &Asked<'a>| {
        let mut rest = one.body.cloned().unwrap_or_default();
        let value = rest.remove(key);
        (crate::settle::view::identity(&placewise_model::Exchange { body: Some(Value::Object(rest)), ..head(one) }), value)
    };
    let all: Vec<_> = all.into_iter().map(|one| (one, rest(one))).collect();
    let mut pairs = Vec::new();
    for (index, (one, (rest, value))) in all.iter().enumerate() {
        let others = all.iter().skip(index + 1).filter(|(_, (other, at))| other == rest && at != value);
        pairs.extend(others.map(|(other, _)| (*one, *other)));
        if pairs.len() > 500 {
            break;
        }
    }
    pairs
}

fn head(one: &Asked<'_>) -> placewise_model::Exchange {
    let exchange = one.exchange;
    placewise_model::Exchange {
        method: exchange.method.clone(),
        path: exchange.path.clone(),
        headers: exchange.headers.clone(),
        ..placewise_model::Exchange::default()
    }
}

fn other_report(view: &View<'_>, one: &Asked<'_>, other: &Asked<'_>, key: &str) -> Option<bool> {
    let known = |asked: &Asked<'_>| asked.report.filter(|(named, _)| *named == key).map(|(_, report)| report.name.clone());
    match (known(one), known(other)) {
        (Some(_), Some(_)) if one.is_ok() && other.is_ok() => {
            let first = |asked: &Asked<'_>| {
                view.rows(asked)?.first().map(|row| names(row).into_iter().map(str::to_owned).collect::<BTreeSet<_>>())
            };
            let (one, other) = (first(one)?, first(other)?);
            (one != other).then_some(true)
        }
        (Some(_), None) if one.is_ok() => view.named(other, key).map(|_| true),
        (None, Some(_)) if other.is_ok() => view.named(one, key).map(|_| true),
        _ => None,
    }
}

/// Whether a key changed the reply as its part of a request does; `Some(false)` if the reply is that of the request without it.
fn effect(
    view: &View<'_>,
    format: Format,
    role: RequestKey,
    without: &Asked<'_>,
    with: &Asked<'_>,
    value: &Value,
) -> Option<bool> {
    if !(with.is_ok() && without.is_ok()) {
        return None;
    }
    match format {
        Format::Records => rows_effect(view, role, without, with, value),
        Format::Timeseries => chart_effect(view, role, without, with, value),
        Format::Statistics => None,
    }
}

fn rows_effect(view: &View<'_>, role: RequestKey, without: &Asked<'_>, with: &Asked<'_>, value: &Value) -> Option<bool> {
    let (before, after) = (view.rows(without)?, view.rows(with)?);
    let ignored = (before == after && distinct(before)).then_some(false);
    match role {
        RequestKey::PageSize => {
            let size = usize::try_from(value.as_u64()?).ok()?;
            if before.len() <= size {
                return None;
            }
            if after.len() == size { Some(true) } else { ignored }
        }
        RequestKey::Cursor => {
            let (cursor, is_followed) = match view.next(without)? {
                Next::Text(cursor) => (cursor, true),
                Next::Empty => ("", view.is_followed(without)),
                _ => return None,
            };
            if value.as_str() != Some(cursor) || before.is_empty() {
                return None;
            }
            let none_again = || after.iter().all(|row| !before.contains(row));
            if distinct(before) && !after.is_empty() && none_again() { Some(true) } else { ignored.filter(|_| is_followed) }
        }
        RequestKey::Aggregation => {
            let (_, report) = with.report?;
            let aggregation = report.aggregation(value.as_str()?)?;
            let (plain, grouped) = (names(before.first()?), names(after.first()?));
            let returned: BTreeSet<&str> = aggregation.returns.iter().map(|returned| returned.field.name.as_str()).collect();
            if plain == grouped {
                ignored
            } else {
                (returned.is_empty() || grouped.iter().any(|name| returned.contains(name))).then_some(true)
            }
        }
        RequestKey::Filter => {
            if !says_nonsense(value) || before.is_empty() {
                return None;
            }
            if after.is_empty() { Some(true) } else { ignored }
        }
        _ => None,
    }
}

/// Whether rows can be told from others: there are several, and no two are the same.
fn distinct(rows: &[Value]) -> bool {
    rows.len() > 1 && rows.iter().enumerate().all(|(index, row)| !rows[..index].contains(row))
}

fn says_nonsense(value: &Value) -> bool {
    value.to_string().contains(NONSENSE)
}

fn chart_effect(view: &View<'_>, role: RequestKey, without: &Asked<'_>, with: &Asked<'_>, value: &Value) -> Option<bool> {
    let same = without.ok()? == with.ok()?;
    let keys = &view.model.timeseries.response;
    match role {
        RequestKey::Interval => {
            let used = |asked: &Asked<'_>| asked.ok()?.get(&keys.interval)?.as_str().map(str::to_owned);
            let (before, after) = (used(without)?, used(with)?);
            let wanted = value.as_str()?;
            if before == wanted || view.model.timeseries.interval(wanted).is_none() {
                return None;
            }
            if after == wanted { Some(true) } else { (after == before).then_some(false) }
        }
        RequestKey::Aggregation => {
            let labels = |asked: &Asked<'_>| {
                let series = view.series(asked)?;
                let labels: BTreeSet<String> =
                    series.iter().filter_map(|series| Some(format!("{:?}", names(series.get(&keys.label)?)))).collect();
                (!labels.is_empty()).then_some(labels)
            };
            let (before, after) = (labels(without)?, labels(with)?);
            if before == after { same.then_some(false) } else { Some(true) }
        }
        RequestKey::Filter => {
            if !says_nonsense(value) || !view.has_values(without)? {
                return None;
            }
            if view.has_values(with)? { same.then_some(false) } else { Some(true) }
        }
        _ => None,
    }
}

/// Replies of an unknown layout show a key only by what they refuse: a value that fits is accepted, and one that does not is named.
fn votes_by_value(view: &View<'_>, role: RequestKey, key: &str, votes: &mut Votes) {
    let all = || view.queries(Format::Statistics).filter(|one| one.body.is_some_and(|body| body.contains_key(key)));
    let fits = |one: &Asked<'_>| fits(role, one.body?.get(key)?, one);
    let unknown = view.queries(Format::Statistics).find_map(|one| view.named(one, NONSENSE_KEY));
    let like_unknown = |one: &Asked<'_>| Some(shape(view, view.named(one, key)?) == shape(view, unknown?));
    for good in all().filter(|one| fits(one) == Some(true) || fits(one).is_none()) {
        match view.named(good, key) {
            // A fault inside a filter shows that it was read as one.
            Some(leaf) if role == RequestKey::Filter && leaf.is_object() => votes.add(Some(true), [good.index; 2]),
            // The server says of this key what it says of one that it does not know.
            Some(_) if like_unknown(good) == Some(true) => votes.add(Some(false), [good.index; 2]),
            Some(_) => {}
            None => {
                let bad = all()
                    .find(|one| fits(one) == Some(false) && view.named(one, key).is_some() && like_unknown(one) != Some(true));
                if let Some(bad) = bad {
                    votes.add(Some(true), [good.index, bad.index]);
                }
            }
        }
    }
}

/// Whether a value fits a part of a request; none if that cannot be said.
fn fits(role: RequestKey, value: &Value, asked: &Asked<'_>) -> Option<bool> {
    let is_nonsense = value.as_str() == Some(NONSENSE);
    match role {
        RequestKey::Report => Some(!is_nonsense && asked.report.is_some()),
        RequestKey::From | RequestKey::To => match value.as_str() {
            Some(text) if text.parse::<jiff::Timestamp>().is_ok() => Some(true),
            _ if is_nonsense => Some(false),
            _ => None,
        },
        RequestKey::Filter => match value {
            Value::Object(_) => Some(true),
            _ if is_nonsense => Some(false),
            _ => None,
        },
        _ => None,
    }
}
