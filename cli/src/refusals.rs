//! Refusals of what the spec allows, kept from run to run.
//!
//! One refusal may be a mistake of the server or of the query. From the second one on it counts as drift, and `placewise drift --live` and
//! `placewise settle` report it. The file is in the cache: without it nothing is remembered. It has ids of facts and counts, no values.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use placewise_model::{Filterability, Model, Report, RequestKey, SeenFact};
use placewise_reporting::{Error, Json};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::connection::Connection;
use crate::digest::fnv;
use crate::folders;
use crate::terminal;

/// The most connections that are kept.
const MOST_KEPT: usize = 100;
/// The most facts of each.
const MOST_FACTS: usize = 1000;

/// How often each fact was contradicted, by connection and id.
type Kept = BTreeMap<String, BTreeMap<String, Refused>>;

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Refused {
    stated: String,
    hits: u32,
}

/// Remembers what an error says about facts of the spec. Failing to is no error.
pub(crate) fn remember(connection: &Connection, report: &str, body: &Json, error: &Error) {
    let (Some(invalid), Some(report)) = (error.invalid(), connection.api.model.report(report)) else { return };
    let paths: Vec<Vec<String>> = invalid.iter().map(|(path, _)| path.split('.').map(str::to_owned).collect()).collect();
    let refused = refused_facts(&connection.api.model, report, body, &paths);
    let Some(file) = file().filter(|_| !refused.is_empty()) else { return };
    for (fact, hits) in add(&file, &scope(connection), refused).unwrap_or_default() {
        if hits >= 2 {
            terminal::note(&format!(
                "the server refused this {hits} times, although the spec allows it: {}; `placewise drift --live` reports it",
                terminal::printable(&fact)
            ));
        }
    }
}

/// What was refused at least twice.
pub(crate) fn recall(connection: &Connection) -> Vec<SeenFact> {
    let kept = file().map(|file| read(&file)).unwrap_or_default();
    let of_connection = kept.get(&scope(connection)).into_iter().flatten().filter(|(_, refused)| refused.hits >= 2);
    of_connection
        .map(|(fact, refused)| SeenFact {
            fact: fact.clone(),
            stated: refused.stated.as_str().into(),
            seen: "no".into(),
            hits: refused.hits,
            exchanges: Vec::new(),
        })
        .collect()
}

/// The facts that a refusal contradicts, with what the spec states. `paths` lead to the faults in the body.
pub(crate) fn refused_facts(model: &Model, report: &Report, body: &Json, paths: &[Vec<String>]) -> Vec<(String, &'static str)> {
    let keys = model.request_keys(report.format);
    let key = |role: RequestKey| keys.iter().find(|(of, _)| *of == role).map(|(_, key)| key.value.as_str());
    let text = |key: &str| body.get(key).and_then(Value::as_str);
    let mut found = Vec::new();
    for path in paths {
        let Some((first, rest)) = path.split_first() else { continue };
        if Some(first.as_str()) == key(RequestKey::Filter) {
            found.extend(body.get(first).and_then(|filter| of_filter(model, report, filter, rest)));
        } else if Some(first.as_str()) == key(RequestKey::Interval) {
            let offered = text(first).filter(|name| report.intervals.iter().flatten().any(|offered| offered == name));
            found.extend(offered.map(|name| (format!("reports/{}/intervals/{name}", report.name), "offered")));
        } else if Some(first.as_str()) == key(RequestKey::Aggregation) {
            let known = text(first).filter(|name| report.aggregation(name).is_some());
            found.extend(known.map(|name| (format!("reports/{}/aggregations/{name}", report.name), "offered")));
        }
    }
    found.dedup();
    found
}

/// What a fault below a filter says: that its field, or its operator for that field, is not accepted.
fn of_filter(model: &Model, report: &Report, filter: &Value, path: &[String]) -> Option<(String, &'static str)> {
    let keys = &model.filter.keys;
    let (mut node, mut path) = (filter, path);
    while let [operations, index, rest @ ..] = path
        && *operations == keys.operations
    {
        node = node.get(operations)?.as_array()?.get(index.parse::<usize>().ok()?)?;
        path = rest;
    }
    let field = report.field(node.get(&keys.field)?.as_str()?).filter(|field| field.filterable.may_filter())?;
    let id = format!("reports/{}/fields/{}", report.name, field.name);
    match path {
        [at] if *at == keys.field => Some((format!("{id}/filterable"), word(&field.filterable))),
        [at] if *at == keys.ty => {
            let name = node.get(&keys.ty)?.as_str()?;
            let (key, _) = model.filter.operators().into_iter().find(|(_, operator)| operator.name == name)?;
            Some((format!("{id}/operators/{key}"), "accepted"))
        }
        _ => None,
    }
}

/// Filterability as the spec writes it.
pub(crate) const fn word(filterable: &Filterability) -> &'static str {
    match filterable {
        Filterability::Yes => "yes",
        Filterability::Example => "example",
        Filterability::No => "no",
        Filterability::Unknown | Filterability::UnknownStrict => "unknown",
        Filterability::Header(_) => "header",
    }
}

fn file() -> Option<PathBuf> {
    Some(folders::cache()?.join("refusals.json"))
}

/// A connection and its spec, without telling them.
fn scope(connection: &Connection) -> String {
    format!("{:016x}", fnv(format!("{} {:016x}", connection.scope(), connection.api.digest).as_bytes()))
}

fn read(file: &Path) -> Kept {
    std::fs::read(file).ok().and_then(|bytes| serde_json::from_slice(&bytes).ok()).unwrap_or_default()
}

/// Counts refusals; returns those counted, with how often each was seen.
fn add(file: &Path, scope: &str, refused: Vec<(String, &'static str)>) -> std::io::Result<Vec<(String, u32)>> {
    let mut kept = read(file);
    if kept.len() >= MOST_KEPT && !kept.contains_key(scope) {
        kept.clear();
    }
    let facts = kept.entry(scope.to_owned()).or_default();
    let mut counted = Vec::new();
    for (fact, stated) in refused {
        if facts.len() >= MOST_FACTS && !facts.contains_key(&fact) {
            continue;
        }
        let known = facts.entry(fact.clone()).or_insert_with(|| Refused { stated: stated.to_owned(), hits: 0 });
        known.hits = known.hits.saturating_add(1);
        counted.push((fact, known.hits));
    }
    if let Some(folder) = file.parent() {
        std::fs::create_dir_all(folder)?;
    }
    // A run at the same time reads the old file or the new one.
    let new = file.with_extension(format!("{}.new", std::process::id()));
    std::fs::write(&new, serde_json::to_vec(&kept)?)?;
    std::fs::rename(new, file)?;
    Ok(counted)
}

#[cfg(test)]
mod tests {
    use super::*;
    use placewise_reporting::MODEL;
    use serde_json::json;

    #[test]
    fn a_fault_in_a_filter_names_the_field_or_the_operator() {
        let model: Model = serde_json::from_str(MODEL).expect("a model");
        let report = model.reports.iter().find(|report| report.fields.iter().any(|field| field.filterable.may_filter()));
        let report = report.expect("a report");
        let field = report.fields.iter().find(|field| field.filterable.may_filter()).expect("a field");
        let (keys, operators) = (&model.filter.keys, &model.filter.operators);
        let node = json!({ (keys.ty.clone()): operators.equal.name, (keys.field.clone()): field.name, (keys.value.clone()): 1 });
        let filter = json!({ (keys.ty.clone()): operators.and.name, (keys.operations.clone()): [node.clone(), node] });
        let key = model.request_keys(report.format).into_iter().find(|(role, _)| *role == RequestKey::Filter).expect("a key").1;
        let body = json!({ (key.value.clone()): filter });
        let path = |end: &str| vec![key.value.clone(), keys.operations.clone(), "1".into(), end.to_owned()];
        let of = |paths: &[Vec<String>]| refused_facts(&model, report, &body, paths);
        let id = format!("reports/{}/fields/{}", report.name, field.name);
        assert_eq!(of(&[path(&keys.field)]), [(format!("{id}/filterable"), word(&field.filterable))]);
        assert_eq!(of(&[path(&keys.ty)]), [(format!("{id}/operators/equal"), "accepted")]);
        assert_eq!(of(&[path(&keys.value), vec!["other".into()], vec![]]), [], "a wrong value is no fact of the spec");
    }

    #[test]
    fn refusals_are_counted_per_connection_and_a_broken_file_is_no_error() {
        let folder = tempfile::tempdir().expect("a folder");
        let file = folder.path().join("deep/refusals.json");
        let fact = || vec![("reports/x/fields/y/filterable".to_owned(), "yes")];
        let hits = |scope: &str| add(&file, scope, fact()).expect("written").remove(0).1;
        assert_eq!((hits("a"), hits("a"), hits("b")), (1, 2, 1));
        std::fs::write(&file, "{broken").expect("written");
        assert_eq!(hits("a"), 1);
    }
}
