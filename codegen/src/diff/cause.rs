//! Why a fact differs, from how well each side knows it and from what its pages stated when they were last seen. No rule has a say in it.

use std::collections::BTreeMap;

use placewise_model::Provenance;
use serde_json::Value;

use super::change::{Cause, Class};
use super::differences::Difference;
use super::facts::{Facts, below};
use super::side::Side;
use crate::finding::one_line;
use crate::published::fact_id;

/// The pairs of class and cause that no change can have, each with its reason. There are none: what a difference breaks follows from the
/// values, and why it differs from what was known of them.
pub const IMPOSSIBLE: &[(Class, Cause, &str)] = &[];

/// Why a fact differs.
pub(super) fn cause(difference: &Difference, old: &Side<'_>, new: &Side<'_>) -> Cause {
    let rose = knowledge(&new.facts, &difference.path) < knowledge(&old.facts, &difference.path);
    match (seen(difference, old, new), rose) {
        (Seen::Differs, _) => Cause::Changed,
        // That no capture had it before is what learning means.
        (_, true) => Cause::Learned,
        (Seen::Appeared, false) => Cause::Changed,
        (Seen::Same, false) => Cause::Corrected,
        (Seen::Never, false) => Cause::Unknown,
    }
}

/// What captures tell of a fact on both sides.
enum Seen {
    /// The same page stated it, and states something else now.
    Differs,
    /// A page that was seen on both sides states it on one of them only.
    Appeared,
    /// They state the same.
    Same,
    /// At least one side has no capture of the page.
    Never,
}

fn seen(difference: &Difference, old: &Side<'_>, new: &Side<'_>) -> Seen {
    let mut path = difference.path.as_slice();
    // Pages state these lists and lengths as a whole.
    if let [list @ .., key, _] = path
        && matches!(key.as_str(), "values" | "intervals" | "by" | "over" | "data_lag")
        && !matches!(list, [root, ..] if root == "formats")
    {
        path = &path[..path.len() - 1];
    }
    if let [setting @ .., last] = path
        && last == "assumed"
    {
        path = setting;
    }
    let within = |path: &[String]| {
        let fact = one_line(&fact_id(path));
        (old.captures.within(&fact), new.captures.within(&fact))
    };
    let (mut before, mut after): (BTreeMap<_, _>, BTreeMap<_, _>) = within(path);
    if let Some(element) = named_by(path).filter(|_| before.is_empty() && after.is_empty()) {
        let fact = one_line(&fact_id(element));
        (before, after) = within(element);
        for stated in [&mut before, &mut after] {
            stated.retain(|(_, id), _| *id == fact);
        }
    }
    let both = |(source, _): &(&str, &str)| old.captures.has(source) && new.captures.has(source);
    match () {
        () if before.is_empty() && after.is_empty() => Seen::Never,
        () if before == after => Seen::Same,
        () if before.iter().any(|(key, digest)| after.get(key).is_some_and(|other| other != digest)) => Seen::Differs,
        () if before.keys().chain(after.keys()).any(both) => Seen::Appeared,
        () => Seen::Never,
    }
}

/// The fact under which a page states a name on the wire, or the sign in a column: that of the element itself. In reports, `name` is the one in
/// code, which no page states.
fn named_by(path: &[String]) -> Option<&[String]> {
    match path {
        [root, element @ .., last] if last == "name" && root != "reports" && !element.is_empty() => Some(&path[..path.len() - 1]),
        [.., column, last] if column == "column" && last == "value" => Some(&path[..path.len() - 1]),
        _ => None,
    }
}

/// How well a side knows a fact, or that there is no such fact.
fn knowledge(facts: &Facts, path: &[String]) -> Provenance {
    let leaf = |path: &[String]| facts.leaf(path).and_then(Value::as_str);
    let steps: Vec<&str> = path.iter().map(String::as_str).collect();
    // Some words tell how well they are known, and some facts are left out exactly if they are not known.
    match (steps.as_slice(), leaf(path)) {
        // An assumption that is gone was settled.
        (["assumptions", _], _) => return if facts.has(path) { Provenance::Assumed } else { Provenance::Documented },
        ([.., "filterable"], Some("unknown" | "unknown-strict")) => return Provenance::Unknown,
        ([.., "filterable"], Some("example")) => return Provenance::Example,
        ([.., "nullable"], Some("unknown")) => return Provenance::Unknown,
        ([.., "nullable"], Some("seen")) => return Provenance::Example,
        ([.., "nullable"], Some("assumed-never")) => return Provenance::Assumed,
        ([.., "nullable"], Some(_)) => return Provenance::Documented,
        ([.., "coverage"], Some("whole")) => return Provenance::Documented,
        ([.., "coverage"], Some("partial")) => return Provenance::Inferred,
        ([.., "coverage"], Some("name-only")) => return Provenance::Unknown,
        ([.., "type"], Some("json")) => return Provenance::Unknown,
        ([.., "column", "value"] | [.., "required"], Some("unknown")) => return Provenance::Unknown,
        ([.., "provenance"], Some(word)) => {
            return Provenance::ALL.iter().copied().find(|known| known.word() == word).unwrap_or_default();
        }
        ([.., "more_aggregations"], _) if facts.leaf(path) == Some(&Value::Bool(true)) => return Provenance::Unknown,
        ([.., "by"], _) if facts.leaf(path).and_then(Value::as_array).is_some_and(Vec::is_empty) => return Provenance::Unknown,
        _ => {}
    }
    let setting = if steps.last() == Some(&"assumed") { &path[..path.len() - 1] } else { path };
    if facts.has(&below(setting, "assumed".into())) {
        return Provenance::Assumed;
    }
    if facts.has(setting) {
        let stated = (1..=path.len()).rev().find_map(|end| leaf(&below(&path[..end], "provenance".into())));
        return Provenance::ALL.iter().copied().find(|known| Some(known.word()) == stated).unwrap_or_default();
    }
    absent(facts, path)
}

/// How well a side knows that there is no such fact: as well as it knows the page that would state it.
fn absent(facts: &Facts, path: &[String]) -> Provenance {
    const UNKNOWN_IF_LEFT_OUT: [&str; 11] =
        ["permit", "cost", "data_lag", "adds", "labels", "intervals", "column", "path", "value", "source", "example"];
    let steps: Vec<&str> = path.iter().map(String::as_str).collect();
    match steps.as_slice() {
        [.., last] if UNKNOWN_IF_LEFT_OUT.contains(last) => return Provenance::Unknown,
        // A list that names nothing is not known.
        [.., "values", _] if facts.lists.get(&path[..path.len() - 1]).is_none_or(Vec::is_empty) => return Provenance::Unknown,
        _ => {}
    }
    let coverage = (0..path.len()).rev().find_map(|end| facts.leaf(&below(&path[..end], "coverage".into())));
    match coverage.and_then(Value::as_str) {
        Some("whole") | None => Provenance::Documented,
        Some(_) => Provenance::Unknown,
    }
}
