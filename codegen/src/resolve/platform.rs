//! Resolves the platform files. The model lists what the spec has by name, so each entry gets its key as `name`, `id` or `status`.

use indexmap::IndexMap;
use placewise_model::{Api, Assumption, Endpoint, Field};
use serde_json::{Value, json};

use super::fields_and_types::{Context, field};
use super::settings::Settings;
use crate::finding::{Finding, codes};
use crate::source::{Doc, FieldDef, FilterPolicy, Spec, schema};

/// Turns a map into a list whose entries have their key under `name`.
pub(super) fn list(map: &mut Value, name: &str) {
    let Value::Object(entries) = map.take() else { return };
    let entry = |(key, mut entry): (String, Value)| {
        entry[name] = key.into();
        entry
    };
    *map = entries.into_iter().map(entry).collect();
}

pub(super) fn assumptions(spec: &Spec, findings: &mut Vec<Finding>) -> Vec<Assumption> {
    let Some(doc) = &spec.assumptions else { return Vec::new() };
    let mut json = doc.value["assumptions"].clone();
    for (id, entry) in json.as_object_mut().into_iter().flatten() {
        settled(doc, id, entry, findings);
    }
    list(&mut json, "id");
    Settings::new(spec, &[]).typed(doc, json, findings).unwrap_or_default()
}

/// The spec has `settled_by` or `settled`; the model has one text, and whether it is the latter.
fn settled(doc: &Doc, id: &str, entry: &mut Value, findings: &mut Vec<Finding>) {
    let at = |key: &str| doc.at_key(&["assumptions", id, key]);
    let has = |key: &str| entry.get(key).is_some();
    match (has("settled_by"), has("settled")) {
        (false, false) if !doc.lost_within(&["assumptions", id]) => {
            let message = format!("the assumption `{id}` says neither what would settle it nor what settled it");
            findings.push(Finding::new(codes::MISSING_KEY, message).at(at("")).help("add `settled_by: …`"));
        }
        (true, true) => {
            let message = format!("the assumption `{id}` is settled and says what would settle it");
            let finding = Finding::new(codes::ASSUMPTION_SETTLED, message).at(at("settled_by")).related(at("settled"), "settled");
            findings.push(finding.help("remove `settled_by`"));
        }
        (false, true) if entry["value"].is_null() => {
            let finding = Finding::new(codes::ASSUMPTION_SETTLED, format!("the assumption `{id}` is settled without a value"));
            findings.push(finding.at(at("settled")).help("write the value, or write `settled_by: …` in place of `settled`"));
        }
        _ => {}
    }
    let Some(entry) = entry.as_object_mut() else { return };
    let seen = entry.remove("settled");
    entry.insert("settled".into(), seen.is_some().into());
    let open = entry.remove("settled_by");
    entry.insert("settled_by".into(), seen.or(open).unwrap_or_else(|| "".into()));
}

pub(super) fn api(doc: &Doc, settings: &mut Settings<'_>, findings: &mut Vec<Finding>) -> Option<Api> {
    let mut json = settings.resolve(doc, &schema::API, findings);
    list(&mut json["groups"], "name");
    json["errors"] = error_statuses(doc, findings);
    let mut api: Api = settings.typed(doc, json, findings)?;
    api.errors.sort_by_key(|error| error.status);
    Some(api)
}

fn error_statuses(doc: &Doc, findings: &mut Vec<Finding>) -> Value {
    let mut statuses = Vec::new();
    for (number, def) in doc.value["errors"].as_object().into_iter().flatten() {
        match number.parse::<u16>() {
            Ok(status) if (400..600).contains(&status) => {
                let mut entry = def.clone();
                entry["status"] = status.into();
                statuses.push(entry);
            }
            _ => findings.push(
                Finding::new(codes::ERROR_STATUS, format!("`{number}` is not an HTTP error status"))
                    .at(doc.at_key(&["errors", number]))
                    .help("statuses of errors run from 400 to 599"),
            ),
        }
    }
    statuses.into()
}

/// Resolves the endpoints. A path whose assumption is null stays without a value: it is not known, and a client can set it.
pub(super) fn endpoints(doc: &Doc, settings: &mut Settings<'_>, findings: &mut Vec<Finding>) -> Vec<Endpoint> {
    let mut json = settings.resolve(doc, &schema::ENDPOINTS, findings)["endpoints"].take();
    for (name, endpoint) in json.as_object_mut().into_iter().flatten() {
        for part in ["request", "response"] {
            if let Some(defs) = endpoint.get_mut(part) {
                let defs = settings.typed(doc, defs.take(), findings).unwrap_or_default();
                endpoint[part] = json!(fields(doc, &["endpoints", name, part], &defs, findings));
            }
        }
    }
    list(&mut json, "name");
    settings.typed(doc, json, findings).unwrap_or_default()
}

fn fields(doc: &Doc, path: &[&str], defs: &IndexMap<String, FieldDef>, findings: &mut Vec<Finding>) -> Vec<Field> {
    let context = Context { doc, column: None, policy: FilterPolicy::Lenient };
    let one = |(name, def): (&String, &FieldDef)| field(name, def, &[path, &[name]].concat(), false, &context, findings);
    defs.iter().map(one).collect()
}
