//! Reading requests. In come method, path, headers and body; out comes a query that can be answered, or the first reason why not,
//! in this order: path, method, required headers, token, media type, customers, body, permits, parameters. The order is the
//! simulator's; the documentation tells only what each status means.

use axum::http::HeaderMap;
use jiff::tz::TimeZone;
use placewise_model::{Aggregation, ErrorName, Model, Report, Tristate};
use serde_json::{Map, Value};

use crate::access::{Permits, Tokens};
use crate::customers::{self, Scope};
use crate::filter::Filter;
use crate::filter_read::FilterReader;
use crate::invalid::{Faults, GREATER_OR_EQUAL, INVALID, LESS_OR_EQUAL, NOT_AN_INTEGER};
use crate::page;
use crate::random::hash;
use crate::reply::Refusal;

/// What a report costs whose cost is not known.
const UNKNOWN_COST: u32 = 1;

/// A request that can be answered.
#[derive(Debug)]
pub(crate) struct Query<'a> {
    /// Place of the report in the model.
    pub(crate) report: usize,
    pub(crate) filter: Option<Filter>,
    pub(crate) aggregation: Option<&'a Aggregation>,
    pub(crate) page_size: usize,
    /// The row at which the page starts.
    pub(crate) offset: usize,
    /// What makes it the same query on the next page: all but page size and cursor.
    pub(crate) fingerprint: u64,
    pub(crate) cost: u32,
}

/// The value of a header: none where it is missing or empty. One that is not text is incorrect.
pub(crate) fn header<'a>(headers: &'a HeaderMap, name: &str) -> Result<Option<&'a str>, Refusal> {
    let Some(value) = headers.get(name) else { return Ok(None) };
    let text = value.to_str().map_err(|_| incorrect(format!("{name} is not plain text")))?.trim();
    Ok(Some(text).filter(|text| !text.is_empty()))
}

fn incorrect(message: String) -> Refusal {
    Refusal::Error(ErrorName::HeaderIncorrect, message)
}

fn missing(message: String) -> Refusal {
    Refusal::Error(ErrorName::HeaderMissing, message)
}

/// Checks the headers that every request needs; out come the permits of its token.
pub(crate) fn check_headers(model: &Model, tokens: &Tokens, headers: &HeaderMap) -> Result<Permits, Refusal> {
    let named = &model.api.headers;
    for (key, wanted) in named.all() {
        // Customers are chosen by either of two headers; `scope` sees to them.
        let either = key == "customer" || key == "loyalty_club_slug";
        if wanted.required == Tristate::Yes && !either && header(headers, &wanted.name)?.is_none() {
            return Err(missing(format!("the header {} is missing", wanted.name)));
        }
    }
    let prefix = named.token.value.as_deref().unwrap_or_default();
    let token = header(headers, &named.token.name)?.and_then(|value| value.strip_prefix(prefix));
    let Some(permits) = token.and_then(|token| tokens.permits(token)) else {
        return Err(Refusal::Error(ErrorName::Unauthorized, format!("the token in {} is not accepted", named.token.name)));
    };
    // Which status a wrong media type gets, or none, is not documented; it is a header that is wrong or missing.
    if let Some(wanted) = &named.content_type.value {
        let name = &named.content_type.name;
        let given = header(headers, name)?.ok_or_else(|| missing(format!("the header {name} is missing")))?;
        let media_type = given.split(';').next().unwrap_or_default().trim();
        if !media_type.eq_ignore_ascii_case(wanted) {
            return Err(incorrect(format!("{name} must be {wanted}")));
        }
    }
    Ok(permits)
}

/// Finds out which customers a request is about. Where both headers are there, the one that can name several decides: what the
/// server does then is not documented.
pub(crate) fn scope(model: &Model, clubs: &[i64], slugs: &[(String, i64)], headers: &HeaderMap) -> Result<Scope, Refusal> {
    let named = &model.api.headers;
    if let Some(value) = header(headers, &named.customer.name)? {
        let wrong = |message| incorrect(format!("{}: {message}", named.customer.name));
        let scope = customers::read(value, &model.api.customers).map_err(wrong)?;
        if let Scope::Clubs(ids) = &scope
            && let Some(unknown) = ids.iter().find(|id| !clubs.contains(id))
        {
            // Not documented; an empty answer would hide the mistake.
            return Err(Refusal::Error(ErrorName::NotFound, format!("there is no customer {unknown}; known: {clubs:?}")));
        }
        return Ok(scope);
    }
    let Some(slug) = header(headers, &named.loyalty_club_slug.name)? else {
        return Err(missing(format!(
            "one of the headers {} and {} is needed",
            named.customer.name, named.loyalty_club_slug.name
        )));
    };
    match slugs.iter().find(|(known, _)| known == slug) {
        Some((_, id)) => Ok(Scope::Clubs(vec![*id])),
        None => Err(Refusal::Error(ErrorName::NotFound, format!("no loyalty club has the slug {slug}"))),
    }
}

/// Reads the body. Keys that are not known are ignored, as the documentation of no endpoint says otherwise: a cursor under a wrong
/// key therefore gives the first page again.
pub(crate) fn query<'a>(
    model: &'a Model,
    zone: &TimeZone,
    permits: &Permits,
    scope: &Scope,
    body: &[u8],
) -> Result<Query<'a>, Refusal> {
    let Ok(Value::Object(body)) = serde_json::from_slice(body) else { return Err(Refusal::NotJson) };
    let general = &model.api.permit;
    if general.with_report.value {
        check_permit(permits, &general.name)?;
    }
    let keys = &model.records;
    let mut faults = Faults::default();
    let name = body.get(&keys.report_key.value).and_then(Value::as_str);
    let found = model.reports.iter().enumerate().find(|(_, report)| Some(report.name.as_str()) == name);
    let Some((place, report)) = found else {
        faults.not_in(std::slice::from_ref(&keys.report_key.value), model.reports.iter().map(|report| report.name.as_str()));
        return Err(Refusal::Invalid(faults));
    };
    if let Some(permit) = &report.permit {
        check_permit(permits, permit)?;
    }
    let (filter, nodes) = filter(model, report, zone, &body, &mut faults);
    let aggregation = aggregation(model, report, &body, &mut faults);
    let page_size = page_size(model, &body, &mut faults);
    let fingerprint = fingerprint(model, scope, &body);
    let offset = offset(model, fingerprint, &body, &mut faults);
    if !faults.is_empty() {
        return Err(Refusal::Invalid(faults));
    }
    let cost = report.cost.unwrap_or(UNKNOWN_COST).saturating_add(nodes);
    Ok(Query { report: place, filter, aggregation, page_size, offset, fingerprint, cost })
}

fn check_permit(permits: &Permits, name: &str) -> Result<(), Refusal> {
    if permits.include(name) {
        Ok(())
    } else {
        Err(Refusal::Error(ErrorName::Forbidden, format!("the token lacks the permit {name}")))
    }
}

/// A parameter, where it is there and not null.
fn parameter<'a>(body: &'a Map<String, Value>, key: &str) -> Option<&'a Value> {
    body.get(key).filter(|value| !value.is_null())
}

fn filter(
    model: &Model,
    report: &Report,
    zone: &TimeZone,
    body: &Map<String, Value>,
    faults: &mut Faults,
) -> (Option<Filter>, u32) {
    let key = &model.records.filter_key.value;
    let Some(node) = parameter(body, key) else { return (None, 0) };
    let mut reader = FilterReader { language: &model.filter, report, zone, faults, cost: 0 };
    let filter = reader.node(node, &mut vec![key.clone()], 0);
    (filter, reader.cost)
}

fn aggregation<'a>(model: &Model, report: &'a Report, body: &Map<String, Value>, faults: &mut Faults) -> Option<&'a Aggregation> {
    let key = &model.records.aggregation_key.value;
    let wanted = parameter(body, key)?;
    let found = wanted.as_str().and_then(|name| report.aggregation(name));
    if found.is_none() {
        faults.not_in(std::slice::from_ref(key), report.aggregations.iter().map(|aggregation| aggregation.name.as_str()));
    }
    found
}

fn page_size(model: &Model, body: &Map<String, Value>, faults: &mut Faults) -> usize {
    let keys = &model.records;
    let (key, most) = (std::slice::from_ref(&keys.page_size_key.value), keys.most_page_size.value);
    let size = match parameter(body, &keys.page_size_key.value) {
        None => Some(u64::from(keys.default_page_size.value)),
        Some(value) if value.as_i64().is_some_and(|size| size < 1) => {
            faults.add_with(key, GREATER_OR_EQUAL, [("number", 1.into())]);
            None
        }
        Some(value) => match value.as_u64() {
            Some(size) if size > most.into() => {
                faults.add_with(key, LESS_OR_EQUAL, [("number", most.into())]);
                None
            }
            Some(size) => Some(size),
            None => {
                faults.add(key, NOT_AN_INTEGER);
                None
            }
        },
    };
    size.and_then(|size| usize::try_from(size).ok()).unwrap_or(1)
}

/// What a cursor belongs to: report, filter, aggregation and customers.
fn fingerprint(model: &Model, scope: &Scope, body: &Map<String, Value>) -> u64 {
    let keys = &model.records;
    let parts = [&keys.report_key, &keys.filter_key, &keys.aggregation_key];
    let texts = parts.map(|key| body.get(&key.value).unwrap_or(&Value::Null).to_string());
    let scope = format!("{scope:?}");
    hash(texts.iter().map(String::as_str).chain([scope.as_str()]))
}

fn offset(model: &Model, fingerprint: u64, body: &Map<String, Value>, faults: &mut Faults) -> usize {
    let key = &model.records.cursor_key.value;
    let Some(cursor) = parameter(body, key) else { return 0 };
    let offset = cursor.as_str().and_then(|cursor| page::offset(fingerprint, cursor));
    if offset.is_none() {
        faults.add(std::slice::from_ref(key), INVALID);
    }
    offset.unwrap_or(0)
}
