//! Costs, limits and lengths of time that rules compare.

use placewise_model::{Period, Unit};
use serde_json::Value;

use crate::diff::rule::Pair;
use crate::diff::side::Side;

pub(super) const COSTS: &[&str] = &[
    "reports/*/cost",
    "endpoints/*/cost",
    "filters/operators/?/cost",
    "api/rate_limit/aggregation_cost",
    "api/rate_limit/unknown_cost",
];
pub(super) const PERMITS: &[&str] = &["reports/*/permit", "endpoints/*/permit", "api/permit/name"];
pub(super) const RETENTIONS: &[&str] = &["formats/timeseries/intervals/*/retention"];
pub(super) const LIMITS: &[&str] = &[
    "formats/records/most_page_size",
    "formats/records/default_page_size",
    "formats/timeseries/most_time_points",
    "formats/timeseries/most_data_points",
    "api/customers/fewer_than",
    "api/rate_limit/capacity",
    "api/rate_limit/refill",
];

/// What a request costs on each side. A cost that is not known is the one that is assumed.
pub(super) fn costs(pair: &Pair<'_>) -> Option<(u64, u64)> {
    let unknown = |side: &Side<'_>| u64::from(side.model.api.rate_limit.unknown_cost.value);
    let old = number(pair.difference.old.as_ref()).unwrap_or(unknown(pair.old));
    let new = number(pair.difference.new.as_ref()).unwrap_or(unknown(pair.new));
    Some((old, new))
}

pub(super) fn numbers(pair: &Pair<'_>) -> Option<(u64, u64)> {
    Some((number(pair.difference.old.as_ref())?, number(pair.difference.new.as_ref())?))
}

/// Lengths of time in minutes, as far as they can be compared.
pub(super) fn lengths(pair: &Pair<'_>) -> Option<(u64, u64)> {
    let length = |value: Option<&Value>| match value?.as_str()? {
        "forever" => Some(u64::MAX),
        text => Period::try_from(text.to_owned()).ok().map(minutes),
    };
    Some((length(pair.difference.old.as_ref())?, length(pair.difference.new.as_ref())?))
}

/// In minutes. A month is a twelfth of a year, so that 12 months are a year.
fn minutes(period: Period) -> u64 {
    let unit = match period.unit {
        Unit::Minute => 1,
        Unit::Hour => 60,
        Unit::Day => 24 * 60,
        Unit::Week => 7 * 24 * 60,
        Unit::Month => 365 * 2 * 60,
        Unit::Year => 365 * 24 * 60,
    };
    unit * u64::from(period.count)
}

fn number(value: Option<&Value>) -> Option<u64> {
    value.and_then(Value::as_u64)
}
