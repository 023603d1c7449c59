//! What contradicts an assumption and does no harm. In comes an answer; out come the assumptions that it speaks against, and how.

use std::collections::BTreeMap;

use super::{rate::RateLimit, transport::Core};
use crate::{
    Assumption,
    query::{Ask, Kind},
};

/// An assumption that an answer speaks against, though it could be read.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Warning {
    /// What was taken as given.
    pub assumption: &'static Assumption,
    /// What the server did instead.
    pub evidence: String,
}

/// Tokens taken against tokens reckoned.
pub(crate) fn of_cost(core: &Core, ask: &Ask, rate: Option<&RateLimit>) -> Vec<Warning> {
    let Some(taken) = rate.and_then(|rate| rate.cost) else { return Vec::new() };
    let Some(reckoned) = ask.cost(&core.settings).filter(|reckoned| i64::from(*reckoned) != taken) else { return Vec::new() };
    let rests = ask.cost_rests(&core.settings).into_iter();
    rests.map(|rest| Warning { assumption: rest.assumption, evidence: evidence(taken, reckoned, &rest.value) }).collect()
}

fn evidence(taken: i64, reckoned: u32, value: &str) -> String {
    format!("the server took {taken} tokens for a request that is reckoned at {reckoned}, taking {value} as given")
}

/// Rows of an aggregation that hold the report's own fields as well may not be aggregated at all.
pub(super) fn of_aggregation(core: &Core, ask: &Ask, unknown_keys: &BTreeMap<String, u64>) -> Option<Warning> {
    let (Some(name), Kind::Records { rows_of: Some(info), .. }) = (&ask.aggregation, &ask.kind) else { return None };
    let field = unknown_keys.keys().find(|key| info.field(key).is_some())?;
    let rests = core.settings.resting(core.settings.spec.records.aggregation_key.assumption)?;
    let evidence = format!("rows hold the report's field `{field}`, which the aggregation `{name}` is not known to return");
    Some(Warning { assumption: rests.assumption, evidence })
}

/// A last page that lacks the object about the page, or the cursor's key in it: the server tells the end otherwise than by null, or it
/// does not tell of further pages at all.
pub(super) fn of_end(core: &Core, lacks: &str) -> Option<Warning> {
    let format = &core.settings.spec.records;
    let rests =
        core.settings.resting(format.null_cursor_ends.assumption).filter(|_| core.settings.get(format.null_cursor_ends))?;
    let (pagination, next) = (format.pagination_key, format.next_key);
    let evidence = if lacks == next {
        format!("the page has no key `{pagination}.{next}`, where null was expected on the last one")
    } else {
        format!(
            "the page has no object `{pagination}`, in which a null `{next}` was expected on the last one; there may be further pages"
        )
    };
    Some(Warning { assumption: rests.assumption, evidence })
}

/// Adds doubts that are not there yet; the first of each assumption is kept.
pub(super) fn gather(known: &mut Vec<Warning>, more: Vec<Warning>) {
    for warning in more {
        if known.iter().all(|known| known.assumption.id != warning.assumption.id) {
            known.push(warning);
        }
    }
}
