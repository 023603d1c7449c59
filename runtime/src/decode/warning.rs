//! Warnings: a response contradicts an assumption, though it could be decoded.

use std::collections::BTreeMap;

use super::raw::{Exchange, RawResponse};
use crate::facts::api::Assumption;
use crate::request::spec::{FormatSpec, QueryKind};

/// An assumption that a response contradicts, though it could be decoded.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Warning {
    /// The assumption.
    pub assumption: &'static Assumption,
    /// What the server did instead.
    pub evidence: String,
}

/// The cost that the server charged differs from the calculated one.
pub(crate) fn of_cost(response: &RawResponse) -> Vec<Warning> {
    let Exchange { query, overrides, .. } = &response.exchange;
    let Some(charged) = response.rate.as_ref().and_then(|rate| rate.cost) else { return Vec::new() };
    let Some(expected) = query.cost(overrides).filter(|expected| i64::from(*expected) != charged) else { return Vec::new() };
    let assumptions = query.cost_assumptions(overrides).into_iter();
    let evidence = |value: &str| format!("the server charged {charged} tokens; expected {expected} with the value {value}");
    assumptions.map(|assumed| Warning { assumption: assumed.assumption, evidence: evidence(&assumed.value) }).collect()
}

/// Rows of an aggregation hold fields of the report, so the server may not have aggregated them.
pub(super) fn of_aggregation(exchange: &Exchange, unknown_keys: &BTreeMap<String, u64>) -> Option<Warning> {
    let overrides = &exchange.overrides;
    let name = exchange.query.aggregation.as_ref()?;
    let QueryKind::Report(report, FormatSpec::Records { own_rows: true, .. }) = &exchange.query.kind else { return None };
    let field = unknown_keys.keys().find(|key| report.keys.iter().any(|known| known.name == **key))?;
    let assumed = overrides.assumed(overrides.spec.records.aggregation_key.assumption)?;
    let evidence = format!("rows hold the report's field `{field}`, which the aggregation `{name}` is not known to return");
    Some(Warning { assumption: assumed.assumption, evidence })
}

/// The page lacks the cursor's key, or the object that holds it: the server marks the last page in another way, or not at all.
pub(super) fn of_end(exchange: &Exchange, missing: &str) -> Option<Warning> {
    let overrides = &exchange.overrides;
    let format = &overrides.spec.records;
    let assumed = overrides.assumed(format.null_cursor_ends.assumption).filter(|_| overrides.get(format.null_cursor_ends))?;
    let (pagination, next) = (format.pagination_key, format.next_key);
    let evidence = if missing == next {
        format!("the page has no key `{pagination}.{next}`; expected null on the last page")
    } else {
        format!(
            "the page has no object `{pagination}`; expected it with a null `{next}` on the last page. There may be further pages"
        )
    };
    Some(Warning { assumption: assumed.assumption, evidence })
}

/// The page has a cursor without text, which is taken as the end.
pub(super) fn of_empty_cursor(exchange: &Exchange) -> Option<Warning> {
    let overrides = &exchange.overrides;
    let format = &overrides.spec.records;
    let assumed = overrides.assumed(format.empty_cursor_ends.assumption).filter(|_| overrides.get(format.empty_cursor_ends))?;
    let (pagination, next) = (format.pagination_key, format.next_key);
    let evidence =
        format!("the cursor `{pagination}.{next}` has no text; taken as the end of the rows. There may be further pages");
    Some(Warning { assumption: assumed.assumption, evidence })
}

/// Adds new warnings. The first one per assumption is kept.
pub(crate) fn merge(known: &mut Vec<Warning>, more: Vec<Warning>) {
    for warning in more {
        if known.iter().all(|known| known.assumption.id != warning.assumption.id) {
            known.push(warning);
        }
    }
}
