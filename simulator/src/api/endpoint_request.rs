//! Requests to endpoints that are not a format's own: checks the report, field or query they carry, as far as the model knows.

use jiff::Timestamp;
use placewise_model::{Endpoint, ErrorName, Format, Report};

use crate::charts::time_zones::QueryZone;
use crate::charts::timeseries_query::timeseries_query;
use crate::query::customer_scope::CustomerScope;
use crate::query::faults::INVALID;
use crate::query::records_query::records_query;
use crate::query::refusal::Refusal;
use crate::query::request_body::{RequestBody, report_key};
use crate::query::statistics_query::statistics_cost;

/// What reading a query needs beside its body.
pub(crate) struct QueryContext<'a> {
    pub(crate) scope: &'a CustomerScope,
    pub(crate) zone: QueryZone,
    pub(crate) now: Timestamp,
}

/// Checks a request and returns its cost.
pub(crate) fn endpoint_cost<'a>(
    body: &mut RequestBody<'a, '_>,
    endpoint: &'a Endpoint,
    context: QueryContext<'_>,
) -> Result<u32, Refusal> {
    let carries = &endpoint.carries;
    body.check_endpoint_permit(endpoint)?;
    let cost = match &carries.query {
        Some(whole_body) if whole_body.value => Some(query_cost(body, carries.query_format.unwrap_or(Format::Records), context)?),
        Some(_) => {
            // No key of the body belongs to the query, so every key is a fault.
            body.sent_keys().for_each(|key| {
                body.faults.add(std::slice::from_ref(key), INVALID);
            });
            None
        }
        None => report_of(body, endpoint)?.map(|report| body.report_cost(report, None)),
    };
    body.check_faults()?;
    Ok(endpoint.cost.or(cost).unwrap_or(body.model.api.rate_limit.unknown_cost.value))
}

/// Checks the report and the field that a request names.
fn report_of<'a>(body: &mut RequestBody<'a, '_>, endpoint: &Endpoint) -> Result<Option<&'a Report>, Refusal> {
    let carries = &endpoint.carries;
    let carried = carries.report.iter().chain(&carries.field).map(|key| key.value.as_str());
    let known: Vec<&str> = carried.chain(endpoint.request.iter().map(|field| field.name.as_str())).collect();
    // If no key is documented, any key may be right.
    if !known.is_empty() {
        body.check_keys(&known);
    }
    let report = carries.report.as_ref().map(|key| body.report(&key.value, |_| true)).transpose()?.map(|(_, report)| report);
    if let Some(key) = &carries.field
        && let Ok(name) = body.text(&key.value)
        // If the spec knows no field of the report, any field may be right.
        && let Some(report) = report.filter(|report| !report.fields.is_empty())
        && report.field(name).is_none()
    {
        let fields = report.fields.iter().map(|field| field.name.as_str());
        body.faults.not_in(std::slice::from_ref(&key.value), fields);
    }
    Ok(report)
}

/// Reads a body that is a query and returns its cost.
fn query_cost(body: &mut RequestBody<'_, '_>, format: Format, context: QueryContext<'_>) -> Result<u32, Refusal> {
    let report = body.report(report_key(body.model, format), |report| report.format == format)?;
    match format {
        Format::Records => records_query(body, report, context.scope).map(|query| query.cost),
        Format::Timeseries => timeseries_query(body, report, context.zone, context.now).map(|query| query.cost),
        Format::Statistics => statistics_cost(body, report.1),
    }
}

/// The refusal if an endpoint has neither a documented response nor a canned reply. The simulator is to blame, so it costs nothing.
pub(crate) fn no_reply(endpoint: &Endpoint) -> Refusal {
    let name = &endpoint.name;
    let message = format!(
        "The response of endpoint `{name}` is undocumented. Add a canned reply with `.reply(\"{name}\", …)` or \
         `.reply_bytes(\"{name}\", …)`."
    );
    Refusal::Error(ErrorName::NotFound, message)
}
