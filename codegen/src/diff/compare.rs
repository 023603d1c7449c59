//! The walk over both sides: pairs what they have, asks the rules, and derives what no rule states.

use std::collections::BTreeSet;

use super::cause::cause;
use super::change::{Change, Class};
use super::differences::{Difference, Turn, differences};
use super::facts::{Path, below};
use super::rule::{Pair, Rule, Shown, compile_witness};
use super::rules::{SIGNATURE, UNCLASSIFIED, rules};
use super::side::Side;
use super::surface::Item;
use super::words::sentence;
use crate::published::fact_id;

/// The name of the crate in programs, if no package beside either spec has one.
const CRATE: &str = "client";

/// All changes between two specs, by class and fact.
pub fn diff(old: &Side<'_>, new: &Side<'_>) -> Vec<Change> {
    let crate_name = old.crate_name().or_else(|| new.crate_name()).unwrap_or_else(|| CRATE.to_owned());
    let (before, after) = (old.surface(&crate_name), new.surface(&crate_name));
    let lost: Vec<(&str, &Item)> = before.lost_in(&after).collect();
    let differences = differences(&old.facts, &new.facts);
    let mut changes = Vec::new();
    let mut blamed: BTreeSet<&str> = BTreeSet::new();
    for difference in &differences {
        if is_consequence(difference, &differences, old, new) {
            continue;
        }
        let pair = Pair { difference, shape: shape(&difference.path, old, new), old, new, lost: &lost, crate_name: &crate_name };
        let mut claimed: Vec<&Rule> = rules().filter(|rule| rule.class.breaks() && rule.claims(&pair)).collect();
        if claimed.is_empty() {
            claimed.extend(rules().find(|rule| rule.claims(&pair)));
        }
        if claimed.is_empty() {
            claimed.push(&UNCLASSIFIED);
        }
        for rule in claimed {
            if rule.class == Class::Rust {
                blamed.extend(lost.iter().filter(|(_, item)| is_blamed(item, &difference.path)).map(|(key, _)| *key));
            }
            changes.push(judged(rule, &pair));
        }
    }
    let mut seen: BTreeSet<&Path> = BTreeSet::new();
    for (_, item) in lost.iter().filter(|(key, _)| !blamed.contains(key)) {
        let Some(path) = item.facts.first().filter(|path| seen.insert(path)) else { continue };
        let difference = Difference { path: path.clone(), turn: Turn::Changed, old: None, new: None };
        let pair = Pair { difference: &difference, shape: shape(path, old, new), old, new, lost: &lost, crate_name: &crate_name };
        changes.push(Change { witness: Some(compile_witness(item)), ..judged(SIGNATURE, &pair) });
    }
    changes.sort_by(|a, b| (a.class, &a.fact, a.rule).cmp(&(b.class, &b.fact, b.rule)));
    changes
}

fn judged(rule: &Rule, pair: &Pair<'_>) -> Change {
    let path = &pair.difference.path;
    let place = |side: &Side<'_>, absent: Turn| if pair.difference.turn == absent { None } else { side.at(path) };
    Change {
        rule: rule.code,
        class: rule.class,
        cause: cause(pair.difference, pair.old, pair.new),
        step: rule.class.step(),
        fact: fact_id(path),
        message: sentence(rule.says, pair),
        old: place(pair.old, Turn::Added),
        new: place(pair.new, Turn::Removed),
        witness: if matches!(rule.shown, Shown::Nothing) { None } else { rule.witness(pair) },
    }
}

/// Whether an item is lost by a difference at a path: it is the fact's own, or that of a part, or of what holds it.
fn is_blamed(item: &Item, path: &[String]) -> bool {
    item.facts.iter().any(|fact| fact.starts_with(path) || fact == &path[..path.len() - 1])
}

/// The path with `*` for each name.
fn shape(path: &[String], old: &Side<'_>, new: &Side<'_>) -> Vec<String> {
    let named = |index: usize| {
        let list = &path[..index];
        [old, new].iter().any(|side| side.facts.lists.get(list).is_some_and(|names| names.contains(&path[index])))
    };
    path.iter().enumerate().map(|(index, step)| if named(index) { "*".to_owned() } else { step.clone() }).collect()
}

/// Whether a difference only follows from another: the values or keys of a field whose type is another, and what a returned field or a label
/// key repeats of the report's field.
fn is_consequence(difference: &Difference, all: &[Difference], old: &Side<'_>, new: &Side<'_>) -> bool {
    let path = &difference.path;
    let (parent, key) = (&path[..path.len() - 1], path.last().map(String::as_str));
    if matches!(key, Some("values" | "fields")) && matches!(difference.turn, Turn::Added | Turn::Removed) {
        let ty = below(parent, "type".into());
        return all.iter().any(|other| other.path == ty);
    }
    let [reports, report, rest @ ..] = path.as_slice() else { return false };
    let repeating = match rest {
        [aggregations, _, list, _, _, ..] if aggregations == "aggregations" && (list == "returns" || list == "labels") => 6,
        [labels, _, _, ..] if labels == "labels" => 4,
        _ => return false,
    };
    let source = |side: &Side<'_>| {
        side.facts.leaf(&below(&path[..repeating], "same_as".into())).and_then(|name| name.as_str()).map(str::to_owned)
    };
    let (Some(before), Some(after)) = (source(old), source(new)) else { return false };
    let tail = path[repeating..].iter().cloned();
    let repeated: Path = [reports.clone(), report.clone(), "fields".into(), before.clone()].into_iter().chain(tail).collect();
    let same = |other: &Difference| {
        other.path == repeated && (other.turn, &other.old, &other.new) == (difference.turn, &difference.old, &difference.new)
    };
    before == after && all.iter().any(same)
}
