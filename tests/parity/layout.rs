//! Layouts of replies: which keys there are, with which types, and which parts of a request are refused.

use std::collections::{BTreeMap, BTreeSet};

use placewise_model::{Exchange, Model, Type};
use serde_json::Value;

use crate::target;

/// The path of a value, and what is there.
pub type Layout = BTreeMap<String, BTreeSet<&'static str>>;

/// The layout of a reply: what is at each path, whatever the position in a list.
pub fn layout(value: &Value) -> Layout {
    let mut found = Layout::new();
    add(&mut found, value);
    found
}

/// Adds the layout of another reply.
pub fn add(layout: &mut Layout, value: &Value) {
    fn walk(value: &Value, path: &str, layout: &mut Layout) {
        let kind = match value {
            Value::Null => "null",
            Value::Bool(_) => "boolean",
            Value::Number(_) => "number",
            Value::String(_) => "text",
            Value::Array(_) => "list",
            Value::Object(_) => "object",
        };
        layout.entry(path.to_owned()).or_default().insert(kind);
        match value {
            Value::Array(items) => items.iter().for_each(|item| walk(item, &format!("{path}/*"), layout)),
            Value::Object(map) => map.iter().for_each(|(key, value)| walk(value, &format!("{path}/{key}"), layout)),
            _ => {}
        }
    }
    walk(value, "", layout);
}

/// The names of fields whose keys, or whose own keys, are not in every row.
pub fn optional(model: &Model, exchange: &Exchange) -> BTreeSet<String> {
    let report = target(model, exchange).map(|(_, report)| report);
    let fields = report.into_iter().flat_map(|report| {
        report.fields.iter().chain(report.aggregations.iter().flat_map(|one| one.returns.iter().map(|returned| &returned.field)))
    });
    let free = |ty: &Type| !matches!(ty, Type::Object { .. }) && ty.innermost() != ty || *ty == Type::Json;
    fields.filter(|field| field.optional || free(&field.ty)).map(|field| field.name.clone()).collect()
}

/// Every key on one side is on the other, with a value of the same type, unless a list or a value there is empty.
pub fn same_layout(recorded: &Layout, simulated: &Layout, partial: bool, optional: &BTreeSet<String>) -> Result<(), String> {
    let sides = [(recorded, simulated, "lacks"), (simulated, recorded, "adds")];
    for (one, other, verb) in sides {
        for (path, kinds) in one {
            let parent = path.rsplit_once('/').map_or("", |(parent, _)| parent);
            let open = path.split('/').any(|step| optional.contains(step))
                || partial && verb == "lacks" && path.matches('/').count() > 2;
            let Some(others) = other.get(path) else {
                // Where one side has no values, nothing can be compared.
                let empty = path.ends_with("/*") || !other.contains_key(parent) || other[parent].contains("null");
                if empty || open { continue } else { return Err(format!("it {verb} `{path}`")) }
            };
            let known =
                |kinds: &BTreeSet<&'static str>| kinds.iter().copied().filter(|kind| *kind != "null").collect::<BTreeSet<_>>();
            let (kinds, others) = (known(kinds), known(others));
            if !open && !kinds.is_empty() && !others.is_empty() && kinds != others {
                return Err(format!("`{path}` is {others:?}, not {kinds:?}"));
            }
        }
    }
    Ok(())
}

/// The same parts of the request are refused, for the same reasons.
pub fn same_refusal(model: &Model, recorded: &Value, simulated: &Value) -> Result<(), String> {
    let keys = &model.api.error_body;
    let reasons = |reply: &Value| {
        let mut found = BTreeSet::new();
        let mut open = vec![(String::new(), reply.get(&keys.details).cloned().unwrap_or_default())];
        while let Some((path, node)) = open.pop() {
            match node {
                Value::Array(leaves) => found.extend(leaves.iter().map(|leaf| format!("{path}: {}", leaf[&keys.symbol]))),
                Value::Object(map) => open.extend(map.into_iter().map(|(key, node)| (format!("{path}/{key}"), node))),
                _ => {}
            }
        }
        found
    };
    let (recorded, simulated) = (reasons(recorded), reasons(simulated));
    if recorded == simulated { Ok(()) } else { Err(format!("it refuses {simulated:?}, not {recorded:?}")) }
}
