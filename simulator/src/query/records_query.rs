//! Queries in the records format.

use placewise_model::{Aggregation, Format, Report};
use serde_json::Value;

use crate::query::cursor;
use crate::query::customer_scope::CustomerScope;
use crate::query::faults::{GREATER_OR_EQUAL, INVALID, Invalid, LESS_OR_EQUAL, NOT_AN_INTEGER};
use crate::query::filter::Filter;
use crate::query::refusal::Refusal;
use crate::query::request_body::RequestBody;
use crate::random::hash;

/// A query for a page of rows.
#[derive(Debug)]
pub(crate) struct RecordsQuery<'a> {
    /// Index of the report in the model.
    pub(crate) report: usize,
    pub(crate) filter: Option<Filter>,
    pub(crate) aggregation: Option<&'a Aggregation>,
    pub(crate) page_size: usize,
    /// The first row of the page.
    pub(crate) offset: usize,
    /// Hash of the query without page size and cursor; the same on every page.
    pub(crate) fingerprint: u64,
    pub(crate) cost: u32,
}

/// Reads a query for that report, given with its index.
pub(crate) fn records_query<'a>(
    body: &mut RequestBody<'a, '_>,
    (index, report): (usize, &'a Report),
    scope: &CustomerScope,
) -> Result<RecordsQuery<'a>, Refusal> {
    let keys = &body.model.records;
    body.check_keys_of(Format::Records);
    let (filter, node_cost) = body.filter(&keys.request.filter.value, report);
    let aggregation = aggregation(body, report);
    let page_size = page_size(body);
    let fingerprint = fingerprint(body, scope);
    let offset = match page_size {
        // If a cursor without text is a cursor, it is the one of the second page; what a server would do is undocumented.
        Ok(size) if !keys.empty_cursor_ends.value && body.parameter(&keys.request.cursor.value) == Some(&"".into()) => {
            Ok(usize::try_from(size).unwrap_or(usize::MAX))
        }
        _ => offset(body, fingerprint),
    };
    body.check_faults()?;
    Ok(RecordsQuery {
        report: index,
        filter: body.accept(filter)?,
        aggregation: body.accept(aggregation)?,
        page_size: usize::try_from(body.accept(page_size)?).unwrap_or(usize::MAX),
        offset: body.accept(offset)?,
        fingerprint,
        cost: body.report_cost(report, Some(&keys.request.aggregation.value)).saturating_add(node_cost),
    })
}

fn aggregation<'a>(body: &mut RequestBody<'a, '_>, report: &'a Report) -> Result<Option<&'a Aggregation>, Invalid> {
    let key = &body.model.records.request.aggregation.value;
    let Some(name) = body.parameter(key) else { return Ok(None) };
    let found = name.as_str().and_then(|name| report.aggregation(name));
    found.map(Some).ok_or_else(|| {
        let known = report.aggregations.iter().map(|aggregation| aggregation.name.as_str());
        body.faults.not_in(std::slice::from_ref(key), known)
    })
}

fn page_size(body: &mut RequestBody<'_, '_>) -> Result<u32, Invalid> {
    let keys = &body.model.records;
    let (key, most) = (std::slice::from_ref(&keys.request.page_size.value), keys.most_page_size.value);
    let Some(value) = body.parameter(&keys.request.page_size.value) else { return Ok(keys.default_page_size.value) };
    if value.as_i64().is_some_and(|size| size < 1) {
        return Err(body.faults.add_with(key, GREATER_OR_EQUAL, [("number", 1.into())]));
    }
    let Some(size) = value.as_u64() else { return Err(body.faults.add(key, NOT_AN_INTEGER)) };
    match u32::try_from(size) {
        Ok(size) if size <= most => Ok(size),
        _ => Err(body.faults.add_with(key, LESS_OR_EQUAL, [("number", most.into())])),
    }
}

/// Hash of report, filter, aggregation and customers.
fn fingerprint(body: &RequestBody<'_, '_>, scope: &CustomerScope) -> u64 {
    let keys = &body.model.records;
    let parts = [&keys.request.report, &keys.request.filter, &keys.request.aggregation];
    let texts = parts.map(|key| body.keys.get(&key.value).unwrap_or(&Value::Null).to_string());
    let scope = format!("{scope:?}");
    hash(texts.iter().map(String::as_str).chain([scope.as_str()]))
}

fn offset(body: &mut RequestBody<'_, '_>, fingerprint: u64) -> Result<usize, Invalid> {
    let key = &body.model.records.request.cursor.value;
    let Some(value) = body.parameter(key) else { return Ok(0) };
    let offset = value.as_str().and_then(|text| cursor::offset(fingerprint, text));
    offset.ok_or_else(|| body.faults.add(std::slice::from_ref(key), INVALID))
}
