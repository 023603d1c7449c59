//! Facts of the spec that replies contradict: costs, filters that are refused, and nulls where none should be.

use std::collections::BTreeMap;

use placewise_model::{Filterability, Format, Nullable, RequestKey, SeenFact};
use serde_json::{Value, json};

use crate::refusals::{refused_facts, word};
use crate::settle::finding::Finding;
use crate::settle::view::{Asked, View};

/// Every contradicted fact, by id.
pub(crate) fn facts(view: &View<'_>) -> Vec<SeenFact> {
    let mut all = Facts::default();
    for one in view.all() {
        costs(view, one, &mut all);
        refused(view, one).into_iter().for_each(|(fact, stated)| all.add(fact, stated.into(), "no".into(), one.index));
        accepted(view, one, &mut all);
        logical(view, one, &mut all);
    }
    for (report, field, index) in nulls(view) {
        all.add(format!("reports/{report}/fields/{field}/nullable"), Nullable::AssumedNever.word().into(), "seen".into(), index);
    }
    all.0.into_values().collect()
}

#[derive(Default)]
struct Facts(BTreeMap<(String, String), SeenFact>);

impl Facts {
    fn add(&mut self, fact: String, stated: Value, seen: Value, index: usize) {
        let entry = self.0.entry((fact.clone(), seen.to_string()));
        let known = entry.or_insert_with(|| SeenFact { fact, stated, seen, hits: 0, exchanges: Vec::new() });
        known.hits = known.hits.saturating_add(1);
        if known.exchanges.len() < 12 {
            known.exchanges.push(index);
        }
    }
}

/// A plain query that costs something else than its report.
fn costs(view: &View<'_>, one: &Asked<'_>, all: &mut Facts) {
    let Some((_, report)) = one.report.filter(|_| one.is_ok() && one.is_plain(view)) else { return };
    if let (Some(seen), stated) = (view.cost(one), report.cost)
        && seen >= 0
        && stated.map(i64::from) != Some(seen)
    {
        all.add(format!("reports/{}/cost", report.name), json!(stated), seen.into(), one.index);
    }
}

/// What the server refuses and the spec allows.
pub(crate) fn refused(view: &View<'_>, one: &Asked<'_>) -> Vec<(String, &'static str)> {
    let (Some((_, report)), Some(body), Some(details)) = (one.report, &one.exchange.body, view.details(one)) else {
        return Vec::new();
    };
    let mut paths = Vec::new();
    for (key, tree) in details {
        leaves(tree, &mut vec![key.clone()], &mut paths);
    }
    refused_facts(view.model, report, body, &paths)
}

/// The paths of the leaves of a tree of faults.
fn leaves(tree: &Value, path: &mut Vec<String>, found: &mut Vec<Vec<String>>) {
    match tree {
        Value::Object(branches) => {
            for (key, inner) in branches {
                path.push(key.clone());
                leaves(inner, path, found);
                path.pop();
            }
        }
        _ => found.push(path.clone()),
    }
}

/// The filter of a query of rows that succeeded.
fn filter_of<'a>(view: &View<'_>, one: &Asked<'a>) -> Option<&'a Value> {
    let key = view.key(Format::Records, RequestKey::Filter).filter(|_| one.is_ok() && view.rows(one).is_some())?;
    one.body?.get(key)
}

/// A comparison that the server accepts and the spec does not.
fn accepted(view: &View<'_>, one: &Asked<'_>, all: &mut Facts) {
    let (Some((_, report)), Some(filter)) = (one.report, filter_of(view, one)) else { return };
    let Some(name) = filter.get(&view.model.filter.keys.field).and_then(Value::as_str) else { return };
    let Some(stated) = report.field(name).map(|field| &field.filterable) else { return };
    // A server that ignores what it does not know answers as without a filter.
    let narrowed =
        || view.all().any(|other| other.is_plain(view) && same_report(one, other) && view.rows(other) != view.rows(one));
    if matches!(stated, Filterability::No | Filterability::UnknownStrict) && narrowed() {
        all.add(format!("reports/{}/fields/{name}/filterable", report.name), word(stated).into(), "yes".into(), one.index);
    }
}

fn same_report(one: &Asked<'_>, other: &Asked<'_>) -> bool {
    let name = |asked: &Asked<'_>| asked.report.map(|(_, report)| report.name.clone());
    name(one) == name(other) && one.exchange.headers == other.exchange.headers
}

/// What a logical node around a comparison costs, beside the comparison alone.
fn logical(view: &View<'_>, one: &Asked<'_>, all: &mut Facts) {
    let language = &view.model.filter;
    let Some(filter) = filter_of(view, one) else { return };
    let Some([child]) = filter.get(&language.keys.operations).and_then(Value::as_array).map(Vec::as_slice) else { return };
    let operators = [("and", &language.operators.and), ("or", &language.operators.or)];
    let name = filter.get(&language.keys.ty).and_then(Value::as_str);
    let Some((key, operator)) = operators.into_iter().find(|(_, operator)| Some(operator.name.as_str()) == name) else { return };
    let alone = view.all().find(|other| same_report(one, other) && filter_of(view, other) == Some(child));
    if operator.cost.assumption.is_none()
        && let Some((with, without)) = view.cost(one).zip(alone.and_then(|alone| view.cost(alone)))
        && with >= without
        && with - without != i64::from(operator.cost.value)
    {
        all.add(format!("filters/operators/{key}/cost"), operator.cost.value.into(), (with - without).into(), one.index);
    }
}

/// Nulls in fields that are assumed to be never null.
fn nulls<'a>(view: &View<'a>) -> Vec<(&'a str, &'a str, usize)> {
    let mut found = Vec::new();
    for one in view.queries(Format::Records).filter(|one| one.is_plain(view)) {
        let (Some((_, report)), Some(rows)) = (one.report, view.rows(one)) else { continue };
        let never = report.fields.iter().filter(|field| field.nullable == Nullable::AssumedNever);
        let null = never.filter(|field| rows.iter().any(|row| row.get(&field.name).is_some_and(Value::is_null)));
        found.extend(null.map(|field| (report.name.as_str(), field.name.as_str(), one.index)));
    }
    found
}

/// The assumption that some fields are never null. That none was seen proves nothing.
pub(crate) fn types(view: &View<'_>) -> Option<Finding> {
    let found = nulls(view);
    let (report, field, _) = found.first()?;
    let by = format!("`{field}` of `{report}` is null in a row.");
    Some(Finding::refuted(None, by, found.iter().map(|(.., index)| *index)))
}
