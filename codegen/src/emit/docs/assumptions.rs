//! The page of assumptions: what each takes as given and why, what would settle it, where it is used and how to turn it. In: the model;
//! out: Markdown.

use std::collections::BTreeMap;

use placewise_model::{Assumption, Model, Nullable, Scope, Type};
use serde_json::Value;

use super::{anchor, banner};
use crate::check::nulls::NEVER_NULL;
use crate::emit::text;

pub(super) fn page(model: &Model) -> String {
    let uses = uses(model);
    let mut out = banner("spec/assumptions.yaml");
    out.push_str("# Assumptions\n\nWhat no page says and something must take as given.\n\n");
    for (title, scope) in
        [("Of the client", Scope::Client), ("Of the types", Scope::Types), ("Of the simulator", Scope::Simulator)]
    {
        let ids = model.assumptions.iter().filter(|assumption| assumption.scope == scope);
        let links: Vec<_> = ids.map(|of| format!("[{}](#{})", text::markdown(&of.id), anchor(&of.id))).collect();
        if !links.is_empty() {
            out.push_str(&format!("- {title}: {}\n", links.join(", ")));
        }
    }
    out.push('\n');
    for assumption in &model.assumptions {
        out.push_str(&one(assumption, uses.get(assumption.id.as_str())));
    }
    out
}

fn one(assumption: &Assumption, uses: Option<&Vec<String>>) -> String {
    let mut out = format!("## {}\n\n", text::markdown(&assumption.id));
    let value = match &assumption.value {
        Value::Null => "not known".into(),
        value => text::code(&value.to_string()),
    };
    out.push_str(&format!("- Value: {value}\n"));
    out.push_str(&format!("- Why: {}\n", text::markdown(&assumption.reason)));
    out.push_str(&format!("- What would settle it: {}\n", text::markdown(&assumption.settled_by)));
    let (scope, turn) = turning(assumption);
    out.push_str(&format!("- Scope: {scope}\n"));
    let used = uses.map_or_else(|| "nowhere by itself".into(), |uses| uses.join("; "));
    out.push_str(&format!("- Where it is used: {used}\n"));
    out.push_str(&format!("- How to turn it: {turn}\n\n"));
    out
}

/// Whom it concerns, and how to turn it.
fn turning(assumption: &Assumption) -> (&'static str, String) {
    // Only paths may be not known; a truth has one other way.
    let value = match &assumption.value {
        serde_json::Value::Null => "\"/…\"".to_owned(),
        serde_json::Value::Bool(value) => (!value).to_string(),
        serde_json::Value::String(_) => "\"…\"".to_owned(),
        _ => "…".to_owned(),
    };
    let call = |on: &str| text::code(&format!("{on}.assume({:?}, {value})", assumption.id));
    match assumption.scope {
        Scope::Client => ("the client", format!("{}, and the simulator alike", call("Client::builder()"))),
        Scope::Types => {
            ("the generated types", "edit `spec/`, which changes the types; until then rows can be read as `JsonRow`".into())
        }
        Scope::Simulator => ("the simulator", format!("{}; the client never reads it", call("Simulator::new(model)"))),
    }
}

/// Where the spec rests on each assumption: every setting of the model names its own.
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
        walk(&value.unwrap_or_default(), part, "", &mut out);
    }
    for endpoint in &model.endpoints {
        let value = serde_json::to_value(endpoint).unwrap_or_default();
        walk(&value, &format!("endpoint {}", endpoint.name), "", &mut out);
    }
    never_null(model, &mut out);
    out
}

fn walk(value: &Value, part: &str, path: &str, out: &mut BTreeMap<String, Vec<String>>) {
    let Value::Object(entries) = value else { return };
    if let (Some(Value::String(id)), true) = (entries.get("assumption"), entries.contains_key("value")) {
        out.entry(id.clone()).or_default().push(format!("{part}: {}", text::code(path)));
        return;
    }
    for (key, value) in entries {
        let path = if path.is_empty() { key.clone() } else { format!("{path}.{key}") };
        walk(value, part, &path, out);
    }
}

/// Fields that are taken as never null rest on an assumption too, by the word that says so in the spec.
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
        fields.dedup();
        let mut seen = std::collections::HashSet::new();
        fields.retain(|name| seen.insert(*name));
        if !fields.is_empty() {
            let names: Vec<_> = fields.into_iter().map(text::code).collect();
            out.entry(NEVER_NULL.into()).or_default().push(format!("report {}: {}", report.name, names.join(", ")));
        }
    }
}
