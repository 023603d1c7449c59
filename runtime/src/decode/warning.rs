//! Warnings: a response could be decoded, and yet contradicts an assumption or the request.

use std::{collections::BTreeMap, fmt};

use super::raw::{Exchange, RawResponse};
use crate::facts::api::Assumption;
use crate::request::spec::{FormatSpec, QueryKind};

/// Something odd about a response that could be decoded.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Warning {
    /// The assumption that the response contradicts; none if it contradicts the request or itself.
    pub assumption: Option<&'static Assumption>,
    /// What the server did.
    pub evidence: String,
}

/// What the server did, and the assumption that this contradicts.
impl fmt::Display for Warning {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.evidence)?;
        self.assumption.map_or(Ok(()), |assumption| write!(f, " (assumption `{}`)", assumption.id))
    }
}

/// The cost that the server charged differs from the calculated one.
pub(crate) fn of_cost(response: &RawResponse) -> Vec<Warning> {
    let Exchange { query, overrides, .. } = &response.exchange;
    let Some(charged) = response.rate.as_ref().and_then(|rate| rate.cost) else { return Vec::new() };
    let Some(expected) = query.cost(overrides).filter(|expected| i64::from(*expected) != charged) else { return Vec::new() };
    let assumptions = query.cost_assumptions(overrides).into_iter();
    let evidence = |value: &str| format!("the server charged {charged} tokens; expected {expected} with the value {value}");
    assumptions.map(|assumed| Warning { assumption: Some(assumed.assumption), evidence: evidence(&assumed.value) }).collect()
}

/// Rows of an aggregation hold fields of the report, so the server may not have aggregated them.
pub(super) fn of_aggregation(exchange: &Exchange, unknown_keys: &BTreeMap<String, u64>) -> Option<Warning> {
    let overrides = &exchange.overrides;
    let name = exchange.query.aggregation.as_ref()?;
    let QueryKind::Report(report, FormatSpec::Records { own_rows: true, .. }) = &exchange.query.kind else { return None };
    let field = unknown_keys.keys().find(|key| report.keys.iter().any(|known| known.name == **key))?;
    let assumed = overrides.assumed(overrides.spec.records.aggregation_key.assumption)?;
    let evidence = format!("rows hold the report's field `{field}`, which the aggregation `{name}` is not known to return");
    Some(Warning { assumption: Some(assumed.assumption), evidence })
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
    Some(Warning { assumption: Some(assumed.assumption), evidence })
}

/// The page has a cursor without text, which is taken as the end.
pub(super) fn of_empty_cursor(exchange: &Exchange) -> Option<Warning> {
    let overrides = &exchange.overrides;
    let format = &overrides.spec.records;
    let assumed = overrides.assumed(format.empty_cursor_ends.assumption).filter(|_| overrides.get(format.empty_cursor_ends))?;
    let (pagination, next) = (format.pagination_key, format.next_key);
    let evidence =
        format!("the cursor `{pagination}.{next}` has no text; taken as the end of the rows. There may be further pages");
    Some(Warning { assumption: Some(assumed.assumption), evidence })
}

/// A success that speaks of an error, as those do that a proxy or a part of the server turned into successes.
///
/// Keys of an [empty](says_nothing) value are to be left out: some servers send them with every success.
pub(super) fn of_error_key<'a>(exchange: &Exchange, mut unknown_keys: impl Iterator<Item = &'a str>) -> Option<Warning> {
    let body = &exchange.overrides.spec.error_body;
    let known = ["error", "errors", body.message, body.details];
    let key = unknown_keys.find(|key| known.contains(key))?;
    let evidence = format!("the response has the key `{key}`, as errors do, and is none by its status; rows may be missing");
    Some(Warning { assumption: None, evidence })
}

/// Whether the JSON is null, or a list or an object without entries.
pub(super) fn says_nothing(json: &str) -> bool {
    let inside = |open, close| json.strip_prefix(open)?.strip_suffix(close).map(str::trim);
    json == "null" || inside('[', ']') == Some("") || inside('{', '}') == Some("")
}

/// The most warnings that are kept of all pages.
const MOST_WARNINGS: usize = 100;

/// Adds new warnings. The first one per assumption is kept.
pub(crate) fn merge(known: &mut Vec<Warning>, more: Vec<Warning>) {
    for warning in more {
        let same = |known: &Warning| match (known.assumption, warning.assumption) {
            (None, None) => known.evidence == warning.evidence,
            (known, new) => known.map(|known| known.id) == new.map(|new| new.id),
        };
        if known.len() < MOST_WARNINGS && !known.iter().any(same) {
            known.push(warning);
        }
    }
}
