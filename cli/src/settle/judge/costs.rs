//! What parts of a query cost: the header of a query with the part, minus that of the same query without it.

use placewise_model::{Format, RequestKey};
use serde_json::Value;

use crate::settle::finding::Finding;
use crate::settle::view::{Asked, View, names};

/// What an aggregation adds.
pub(crate) fn aggregation(view: &View<'_>, assumed: &Value) -> Option<Finding> {
    let mut seen = Vec::new();
    for format in [Format::Records, Format::Timeseries] {
        let Some(key) = view.key(format, RequestKey::Aggregation) else { continue };
        for (without, with, _) in view.with_key(key) {
            if is_aggregated(view, without, with)
                && let (Some(before), Some(after)) = (view.cost(without), view.cost(with))
            {
                seen.push((Value::from(after - before), with.index));
            }
        }
    }
    measured(assumed, &seen, "The cost that an aggregation adds")
}

/// Whether the server aggregated: it may ignore the key.
fn is_aggregated(view: &View<'_>, without: &Asked<'_>, with: &Asked<'_>) -> bool {
    let of_rows = || Some(names(view.rows(without)?.first()?) != names(view.rows(with)?.first()?));
    let label = &view.model.timeseries.response.label;
    let of_series = || {
        let labels = |one: &Asked<'_>| Some(view.series(one)?.first()?.get(label).map(|label| format!("{:?}", names(label))));
        Some(labels(without)? != labels(with)?)
    };
    of_rows().or_else(of_series).unwrap_or(false)
}

/// What the operators of an assumption add.
pub(crate) fn operator(view: &View<'_>, id: &str, assumed: &Value) -> Option<Finding> {
    let mut seen = Vec::new();
    for format in [Format::Records, Format::Timeseries] {
        let Some(key) = view.key(format, RequestKey::Filter) else { continue };
        for (without, with, filter) in view.with_key(key) {
            let (Some(before), Some(after)) = (view.cost(without), view.cost(with)) else { continue };
            if let Some(each) = per_node(view, id, filter, after - before) {
                seen.push((Value::from(each), with.index));
            }
        }
    }
    measured(assumed, &seen, "The cost of such a node of a filter")
}

/// The cost of each node whose operator depends on the assumption; none if other nodes are not known either.
fn per_node(view: &View<'_>, id: &str, filter: &Value, total: i64) -> Option<i64> {
    let language = &view.model.filter;
    let (mut nodes, mut wanted, mut rest) = (vec![filter], 0, total);
    while let Some(node) = nodes.pop() {
        let name = node.get(&language.keys.ty)?.as_str()?;
        let (_, operator) = language.operators().into_iter().find(|(_, operator)| operator.name == name)?;
        match operator.cost.assumption.as_deref() {
            Some(of) if of == id => wanted += 1,
            Some(_) => return None,
            None => rest -= i64::from(operator.cost.value),
        }
        nodes.extend(node.get(&language.keys.operations).and_then(Value::as_array).into_iter().flatten());
    }
    (wanted > 0 && rest % wanted == 0).then(|| rest / wanted)
}

/// What reports cost whose cost the spec does not state.
pub(crate) fn unknown(view: &View<'_>, assumed: &Value) -> Option<Finding> {
    let mut seen = Vec::new();
    for one in view.all().filter(|one| one.is_ok() && one.is_plain(view)) {
        if one.report.is_some_and(|(_, report)| report.cost.is_none())
            && let Some(cost) = view.cost(one)
        {
            seen.push((Value::from(cost), one.index, one.report.map(|(_, report)| report.name.as_str()).unwrap_or_default()));
        }
    }
    let (first, _, _) = seen.first()?;
    if seen.iter().all(|(cost, ..)| cost == first) {
        let seen: Vec<_> = seen.into_iter().map(|(cost, index, _)| (cost, index)).collect();
        return measured(assumed, &seen, "The cost of a report whose cost is not stated");
    }
    let mut reports: Vec<String> = seen.iter().map(|(cost, _, report)| format!("`{report}` costs {cost}")).collect();
    reports.dedup();
    reports.truncate(8);
    Some(Finding::refuted(
        None,
        format!("such reports cost different amounts: {}.", reports.join(", ")),
        seen.iter().map(|one| one.1),
    ))
}

/// A cost is not negative.
fn measured(assumed: &Value, seen: &[(Value, usize)], what: &str) -> Option<Finding> {
    if let Some((cost, index)) = seen.iter().find(|(cost, _)| cost.as_i64().is_some_and(|cost| cost < 0)) {
        return Some(Finding::cannot_tell(format!("{what} would be {cost}."), [*index]));
    }
    Finding::measured(assumed, seen, what)
}
