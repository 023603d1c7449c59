//! The page of the assumptions: value, reason, what settles it, where it is used, and how to override it.

use std::collections::{BTreeMap, HashSet};

use placewise_model::{Assumption, Model, Nullable, Scope, Type};
use serde_json::Value;

use super::phrases::{anchor, banner};
use crate::check::NEVER_NULL;
use crate::emit::markdown;

pub(super) fn page(model: &Model) -> String {
    let uses = uses(model);
    let mut out = banner("spec/assumptions.yaml");
    out.push_str("# Assumptions\n\nValues that the client or the simulator uses because no page states them.\n\n");
    let scopes = [("Client", Scope::Client), ("Generated types", Scope::Types), ("Simulator", Scope::Simulator)];
    for (title, scope) in scopes {
        out.push_str(&links(title, model, |assumption| assumption.scope == scope));
    }
    out.push_str(&links("Settled by the live API", model, |assumption| assumption.settled));
    out.push('\n');
    for assumption in &model.assumptions {
        out.push_str(&one(assumption, uses.get(assumption.id.as_str())));
    }
    out
}

fn links(title: &str, model: &Model, of: impl Fn(&Assumption) -> bool) -> String {
    let found = model.assumptions.iter().filter(|assumption| of(assumption));
    let links: Vec<_> = found.map(|of| format!("[{}](#{})", markdown::markdown(&of.id), anchor(&of.id))).collect();
    if links.is_empty() { String::new() } else { format!("- {title}: {}\n", links.join(", ")) }
}

fn one(assumption: &Assumption, uses: Option<&Vec<String>>) -> String {
    let mut out = format!("## {}\n\n", markdown::markdown(&assumption.id));
    let value = match &assumption.value {
        Value::Null => "not known".into(),
        value => markdown::code(&value.to_string()),
    };
    out.push_str(&format!("- Value: {value}\n"));
    out.push_str(&format!("- Reason: {}\n", markdown::markdown(&assumption.reason)));
    let settled = if assumption.settled { "Settled" } else { "Settled by" };
    out.push_str(&format!("- {settled}: {}\n", markdown::markdown(&assumption.settled_by)));
    let used = uses.map_or_else(|| "no setting".into(), |uses| uses.join("; "));
    out.push_str(&format!("- Used by: {used}\n"));
    out.push_str(&format!("- Override: {}\n\n", overriding(assumption)));
    out
}

fn overriding(assumption: &Assumption) -> String {
    // Only paths can be not known; a boolean has one other value.
    let value = match &assumption.value {
        Value::Null => "\"/…\"".to_owned(),
        Value::Bool(value) => (!value).to_string(),
        Value::String(_) => "\"…\"".to_owned(),
        _ => "…".to_owned(),
    };
    let call = |on: &str| markdown::code(&format!("{on}.assume({:?}, {value})", assumption.id));
    match assumption.scope {
        Scope::Client => format!("{}; the simulator has the same method", call("Client::builder()")),
        Scope::Types => "change `spec/` and regenerate; until then read rows as `JsonRow`".into(),
        Scope::Simulator => format!("{}; the client does not use it", call("Simulator::new(model)")),
    }
}

/// The settings that depend on each assumption.
fn uses(model: &Model) -> BTreeMap<String, Vec<String>> {
    let mut out = BTreeMap::new();
    let parts = [
        ("platform", serde_json::to_value(&model.api)),
        ("filters", serde_json::to_value(&model.filter)),
        ("records", serde_json::to_value(&model.records)),
        ("timeseries", serde_json::to_value(&model.timeseries)),
        ("statistics", serde_json::to_value(&model.statistics)),
    ];
    for (part, value) in parts {
        settings(&value.unwrap_or_default(), part, "", &mut out);
    }
    for endpoint in &model.endpoints {
        let value = serde_json::to_value(endpoint).unwrap_or_default();
        settings(&value, &format!("endpoint {}", endpoint.name), "", &mut out);
    }
    never_null(model, &mut out);
    out
}

fn settings(value: &Value, part: &str, path: &str, out: &mut BTreeMap<String, Vec<String>>) {
    let Value::Object(entries) = value else { return };
    if let (Some(Value::String(id)), true) = (entries.get("assumption"), entries.contains_key("value")) {
        out.entry(id.clone()).or_default().push(format!("{part}: {}", markdown::code(path)));
        return;
    }
    for (key, value) in entries {
        let path = if path.is_empty() { key.clone() } else { format!("{path}.{key}") };
        settings(value, part, &path, out);
    }
}

/// Fields marked `assumed-never` depend on an assumption without a setting.
fn never_null(model: &Model, out: &mut BTreeMap<String, Vec<String>>) {
    for report in &model.reports {
        let mut fields: Vec<&str> = Vec::new();
        let returned = report.aggregations.iter().flat_map(|aggregation| {
            aggregation.returns.iter().map(|returned| &returned.field).chain(aggregation.labels.iter().flatten())
        });
        for field in report.fields.iter().chain(report.labels.iter().flatten()).chain(returned) {
            let inner = match field.ty.innermost() {
                Type::Object { fields } => fields.as_slice(),
                _ => &[],
            };
            let assumed = [field].into_iter().chain(inner).filter(|field| field.nullable == Nullable::AssumedNever);
            fields.extend(assumed.map(|field| field.name.as_str()));
        }
        let mut seen = HashSet::new();
        fields.retain(|name| seen.insert(*name));
        if !fields.is_empty() {
            let names: Vec<_> = fields.into_iter().map(markdown::code).collect();
            out.entry(NEVER_NULL.into()).or_default().push(format!("report {}: {}", report.name, names.join(", ")));
        }
    }
}
