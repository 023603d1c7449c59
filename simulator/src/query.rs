//! Queries in the records format. In comes the body of a request; out comes a query that can be answered, or every fault in it.

use placewise_model::{Aggregation, Report};
use serde_json::Value;

use crate::body::{Body, names};
use crate::customers::Scope;
use crate::filter::Filter;
use crate::invalid::{GREATER_OR_EQUAL, INVALID, LESS_OR_EQUAL, NOT_AN_INTEGER};
use crate::page;
use crate::random::hash;
use crate::reply::Refusal;

/// A query for a page of rows.
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

/// Reads a query about that report.
pub(crate) fn query<'a>(body: &mut Body<'a, '_>, report: (usize, &'a Report), scope: &Scope) -> Result<Query<'a>, Refusal> {
    let keys = &body.model.records;
    let (place, report) = report;
    body.only(&names([&keys.report_key, &keys.filter_key, &keys.aggregation_key, &keys.cursor_key, &keys.page_size_key]));
    let (filter, nodes) = body.filter(&keys.filter_key.value, report);
    let aggregation = aggregation(body, report);
    let page_size = page_size(body);
    let fingerprint = fingerprint(body, scope);
    let offset = offset(body, fingerprint);
    body.finish()?;
    let cost = body.report_cost(report, Some(&keys.aggregation_key.value)).saturating_add(nodes);
    Ok(Query { report: place, filter, aggregation, page_size, offset, fingerprint, cost })
}

fn aggregation<'a>(body: &mut Body<'a, '_>, report: &'a Report) -> Option<&'a Aggregation> {
    let key = &body.model.records.aggregation_key.value;
    let wanted = body.parameter(key)?;
    let found = wanted.as_str().and_then(|name| report.aggregation(name));
    if found.is_none() {
        let known = report.aggregations.iter().map(|aggregation| aggregation.name.as_str());
        body.faults.not_in(std::slice::from_ref(key), known);
    }
    found
}

fn page_size(body: &mut Body<'_, '_>) -> usize {
    let keys = &body.model.records;
    let (key, most) = (std::slice::from_ref(&keys.page_size_key.value), keys.most_page_size.value);
    let size = match body.parameter(&keys.page_size_key.value) {
        None => Some(u64::from(keys.default_page_size.value)),
        Some(value) if value.as_i64().is_some_and(|size| size < 1) => {
            body.faults.add_with(key, GREATER_OR_EQUAL, [("number", 1.into())]);
            None
        }
        Some(value) => match value.as_u64() {
            Some(size) if size > most.into() => {
                body.faults.add_with(key, LESS_OR_EQUAL, [("number", most.into())]);
                None
            }
            Some(size) => Some(size),
            None => {
                body.faults.add(key, NOT_AN_INTEGER);
                None
            }
        },
    };
    size.and_then(|size| usize::try_from(size).ok()).unwrap_or(1)
}

/// What a cursor belongs to: report, filter, aggregation and customers.
fn fingerprint(body: &Body<'_, '_>, scope: &Scope) -> u64 {
    let keys = &body.model.records;
    let parts = [&keys.report_key, &keys.filter_key, &keys.aggregation_key];
    let texts = parts.map(|key| body.keys.get(&key.value).unwrap_or(&Value::Null).to_string());
    let scope = format!("{scope:?}");
    hash(texts.iter().map(String::as_str).chain([scope.as_str()]))
}

fn offset(body: &mut Body<'_, '_>, fingerprint: u64) -> usize {
    let key = &body.model.records.cursor_key.value;
    let Some(cursor) = body.parameter(key) else { return 0 };
    let offset = cursor.as_str().and_then(|cursor| page::offset(fingerprint, cursor));
    if offset.is_none() {
        body.faults.add(std::slice::from_ref(key), INVALID);
    }
    offset.unwrap_or(0)
}
