//! Queries in the statistics format. Only its name is documented; the model assumes that requests look like those of other formats.

use placewise_model::{Format, Report};

use crate::query::faults::NOT_A_TIME;
use crate::query::refusal::Refusal;
use crate::query::request_body::RequestBody;
use crate::typed_value::parse_timestamp;

/// Checks a query for that report and returns its cost.
pub(crate) fn statistics_cost<'a>(body: &mut RequestBody<'a, '_>, report: &'a Report) -> Result<u32, Refusal> {
    let keys = &body.model.statistics;
    body.check_keys_of(Format::Statistics);
    let (_, node_cost) = body.filter(&keys.request.filter.value, report);
    let key = &keys.request.aggregation.value;
    if let Some(name) = body.parameter(key)
        && !report.more_aggregations
        && name.as_str().and_then(|name| report.aggregation(name)).is_none()
    {
        let known = report.aggregations.iter().map(|aggregation| aggregation.name.as_str());
        body.faults.not_in(std::slice::from_ref(key), known);
    }
    for key in [&keys.request.from.value, &keys.request.to.value] {
        let time = body.parameter(key).map(|value| value.as_str().and_then(|text| parse_timestamp(text, body.zone)));
        if time == Some(None) {
            body.faults.add(std::slice::from_ref(key), NOT_A_TIME);
        }
    }
    body.check_faults()?;
    Ok(body.report_cost(report, Some(key)).saturating_add(node_cost))
}
