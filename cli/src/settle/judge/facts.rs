//! Facts of the spec that replies contradict: costs, filters that are refused, and nulls where none should be.

use std::collections::BTreeMap;

use placewise_model::{Format, Nullable, SeenFact};
use serde_json::{Value, json};

use crate::refusals::refused_facts;
use crate::settle::finding::Finding;
use crate::settle::view::{Asked, View};

/// Every contradicted fact, by id.
pub(crate) fn facts(view: &View<'_>) -> Vec<SeenFact> {
    let mut all = Facts::default();
    for one in view.all() {
        costs(view, one, &mut all);
        refusals(view, one, &mut all);
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
fn refusals(view: &View<'_>, one: &Asked<'_>, all: &mut Facts) {
    let (Some((_, report)), Some(body), Some(details)) = (one.report, &one.exchange.body, view.details(one)) else { return };
    let mut paths = Vec::new();
    for (key, tree) in details {
        leaves(tree, &mut vec![key.clone()], &mut paths);
    }
    for (fact, stated) in refused_facts(view.model, report, body, &paths) {
        all.add(fact, stated.into(), "no".into(), one.index);
    }
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
