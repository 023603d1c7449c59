//! What endpoints answer whose replies no page shows: what the user gives, or an object of the keys that the spec knows. In come an
//! endpoint and a request's keys; out come a reply, or a refusal that says how to give one.

use placewise_model::{Endpoint, ErrorName, Format, Model, Report};

use crate::body::{Body, names};
use crate::customers::Scope;
use crate::invalid::{INVALID, NOT_A_TIME};
use crate::query::query;
use crate::reply::Refusal;
use crate::timeseries::read::series_query;
use crate::timeseries::zones::Times;
use crate::value::instant;

/// A body as it is sent, with its media type.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Given {
    pub(crate) content_type: Option<String>,
    pub(crate) body: Vec<u8>,
}

/// What a query is read with, beside its body.
pub(crate) struct Around<'a> {
    pub(crate) scope: &'a Scope,
    pub(crate) times: Times,
    pub(crate) now: jiff::Timestamp,
}

/// Checks a request to an endpoint that is none of a format's own, as far as the model tells what it carries; out comes its cost.
pub(crate) fn check<'a>(body: &mut Body<'a, '_>, endpoint: &'a Endpoint, around: Around<'_>) -> Result<u32, Refusal> {
    let carries = &endpoint.carries;
    body.check_endpoint_permit(endpoint)?;
    let cost = match &carries.query {
        Some(whole) if whole.value => Some(carried(body, carries.query_format.unwrap_or(Format::Records), around)?),
        Some(_) => {
            // The query is in none of the body's keys, so any key is one too many.
            body.sent().for_each(|key| body.faults.add(std::slice::from_ref(key), INVALID));
            None
        }
        None => named(body, endpoint)?.map(|report| body.report_cost(report, None)),
    };
    body.finish()?;
    Ok(endpoint.cost.or(cost).unwrap_or(body.model.api.rate_limit.unknown_cost.value))
}

/// Checks the report and the field that a request names.
fn named<'a>(body: &mut Body<'a, '_>, endpoint: &Endpoint) -> Result<Option<&'a Report>, Refusal> {
    let carries = &endpoint.carries;
    let mut known = names(carries.report.iter().chain(&carries.field));
    known.extend(endpoint.request.iter().map(|field| field.name.as_str()));
    // Of a request of which no key is known any key may be right.
    if !known.is_empty() {
        body.only(&known);
    }
    let report = carries.report.as_ref().map(|key| body.report(&key.value, |_| true)).transpose()?.map(|(_, report)| report);
    if let Some(key) = &carries.field
        && let Some(name) = body.text(&key.value)
        // Of a report that is known by name only any field may be right.
        && let Some(report) = report.filter(|report| !report.fields.is_empty())
        && report.field(name).is_none()
    {
        let fields = report.fields.iter().map(|field| field.name.as_str());
        body.faults.not_in(std::slice::from_ref(&key.value), fields);
    }
    Ok(report)
}

/// Reads a body that is a query; out comes what the query costs.
fn carried(body: &mut Body<'_, '_>, format: Format, around: Around<'_>) -> Result<u32, Refusal> {
    let key = report_key(body.model, format);
    let report = body.report(key, |report| report.format == format)?;
    match format {
        Format::Records => query(body, report, around.scope).map(|query| query.cost),
        Format::Timeseries => series_query(body, report, around.times, around.now).map(|query| query.cost),
        Format::Statistics => statistics(body, report.1),
    }
}

/// The key under which a query of that format names its report.
pub(crate) fn report_key(model: &Model, format: Format) -> &str {
    match format {
        Format::Records => &model.records.report_key.value,
        Format::Timeseries => &model.timeseries.report_key.value,
        Format::Statistics => &model.statistics.report_key.value,
    }
}

/// Checks a query in the statistics format, of which no page tells more than the name: that what it carries is as in the other formats
/// is the model's assumption.
pub(crate) fn statistics<'a>(body: &mut Body<'a, '_>, report: &'a Report) -> Result<u32, Refusal> {
    let keys = &body.model.statistics;
    body.only(&names([&keys.report_key, &keys.filter_key, &keys.aggregation_key, &keys.from_key, &keys.to_key]));
    let (_, nodes) = body.filter(&keys.filter_key.value, report);
    let key = &keys.aggregation_key.value;
    if let Some(wanted) = body.parameter(key)
        && !report.more_aggregations
        && wanted.as_str().and_then(|name| report.aggregation(name)).is_none()
    {
        let known = report.aggregations.iter().map(|aggregation| aggregation.name.as_str());
        body.faults.not_in(std::slice::from_ref(key), known);
    }
    for key in [&keys.from_key.value, &keys.to_key.value] {
        let time = body.parameter(key).map(|value| value.as_str().and_then(|text| instant(text, body.zone)));
        if time == Some(None) {
            body.faults.add(std::slice::from_ref(key), NOT_A_TIME);
        }
    }
    body.finish()?;
    Ok(body.report_cost(report, Some(key)).saturating_add(nodes))
}

/// The refusal where nobody gave a reply. It is the simulator that does not know, so nothing is paid.
pub(crate) fn unknown(endpoint: &Endpoint) -> Refusal {
    let name = &endpoint.name;
    let message = format!(
        "what the endpoint `{name}` answers is not known; give the simulator a reply for it with .reply(\"{name}\", …) or \
         .reply_bytes(\"{name}\", …)"
    );
    Refusal::Error(ErrorName::NotFound, message)
}
