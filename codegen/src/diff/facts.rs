//! A model as its single facts, each under the id that `drift` gives it: `reports/sendings/fields/channel/values/email`.
//!
//! Made from the model's JSON, so a key that the model gets later is a fact too, without a line here. Whatever differs between two models
//! is then a difference of facts; a test holds that against the JSON.

use std::collections::HashSet;

use indexmap::IndexMap;
use placewise_model::Model;
use serde_json::{Map, Value};

/// The steps of a fact.
pub type Path = Vec<String>;

/// The facts of a model.
pub(super) struct Facts {
    /// Every single value. Null is no fact, except as the value of an assumption.
    pub leaves: IndexMap<Path, Value>,
    /// The names in each list, in order.
    pub lists: IndexMap<Path, Vec<String>>,
    /// Everything that exists: leaves, lists, and what they are parts of.
    known: HashSet<Path>,
}

/// Keys whose value is one fact, whatever it looks like.
const WHOLE: [&str; 4] = ["filterable", "simulate", "compute", "rule"];
/// Mappings from names. Their order is that of the documentation.
const NAMED: [&str; 3] = ["hosts", "notes", "symbols"];

impl Facts {
    pub fn of(model: &Model) -> Self {
        let mut facts = Self { leaves: IndexMap::new(), lists: IndexMap::new(), known: HashSet::new() };
        let Ok(Value::Object(parts)) = serde_json::to_value(model) else { return facts };
        for (part, value) in parts {
            let root = match part.as_str() {
                "filter" => vec!["filters".into()],
                "records" | "timeseries" | "statistics" => vec!["formats".into(), part],
                _ => vec![part],
            };
            facts.value(root, value);
        }
        let ends: Vec<&Path> = facts.leaves.keys().chain(facts.lists.keys()).collect();
        facts.known = ends.into_iter().flat_map(|path| (1..=path.len()).map(|end| path[..end].to_vec())).collect();
        facts
    }

    /// Whether there is such a fact, or anything below it.
    pub fn has(&self, path: &[String]) -> bool {
        self.known.contains(path)
    }

    pub fn leaf(&self, path: &[String]) -> Option<&Value> {
        self.leaves.get(path)
    }

    fn value(&mut self, path: Path, value: Value) {
        let of: Vec<&str> = path.iter().map(String::as_str).collect();
        match (of.as_slice(), value) {
            (["assumptions", _, "value"], value) => self.leaf_at(path, value),
            (_, Value::Null) => {}
            (["reports", _, "examples", _, "request" | "response"], value) => self.leaf_at(path, value),
            ([.., key], value) if WHOLE.contains(key) => self.leaf_at(path, value),
            ([.., "type"], Value::Object(ty)) => self.ty(path, ty),
            (_, Value::Object(setting)) if is_setting(&setting) => self.setting(path, setting),
            ([.., key], Value::Object(entries)) if NAMED.contains(key) => self.list(path, "", entries.into_iter().collect()),
            (_, Value::Object(entries)) => self.entries(path, entries),
            (_, Value::Array(items)) => match named(&path, &items) {
                Some((key, names)) => self.list(path, key, names.into_iter().zip(items).collect()),
                None => self.leaf_at(path, Value::Array(items)),
            },
            (_, value) => self.leaf_at(path, value),
        }
    }

    fn leaf_at(&mut self, path: Path, value: Value) {
        self.leaves.insert(path, value);
    }

    fn entries(&mut self, path: Path, entries: Map<String, Value>) {
        for (key, value) in entries {
            // The spec calls the name in code `name`.
            let key = if key == "rust_name" { "name".to_owned() } else { key };
            self.value(below(&path, key), value);
        }
    }

    /// The parts of a list or mapping. Two of one name are told apart by number.
    fn list(&mut self, path: Path, key: &str, parts: Vec<(String, Value)>) {
        let mut names: Vec<String> = Vec::new();
        for (name, value) in parts {
            let same = |known: &&String| known.strip_prefix(&*name).is_some_and(|rest| rest.is_empty() || rest.starts_with('#'));
            let name = match names.iter().filter(same).count() {
                0 => name,
                count => format!("{name}#{}", count + 1),
            };
            let part = below(&path, name.clone());
            match value {
                Value::Object(mut entries) => {
                    // The name is in the path already. A list without names tells that there is something, if nothing else does.
                    entries.shift_remove(key);
                    self.lists.insert(part.clone(), Vec::new());
                    self.entries(part, entries);
                }
                value => self.leaf_at(part, value),
            }
            names.push(name);
        }
        self.lists.insert(path, names);
    }

    /// `{ value, assumption }` is the value, and beside it what it depends on, as the spec writes it.
    fn setting(&mut self, path: Path, mut setting: Map<String, Value>) {
        let assumption = setting.remove("assumption").unwrap_or_default();
        self.value(below(&path, "assumed".into()), assumption);
        self.value(path, setting.remove("value").unwrap_or_default());
    }

    /// A type as the spec writes it: its word, and the values or fields of what is innermost.
    fn ty(&mut self, path: Path, mut ty: Map<String, Value>) {
        let mut word = String::new();
        let mut closing = 0;
        while let Some(Value::Object(inner)) = ty.get_mut("of").map(Value::take) {
            match ty.get("kind").and_then(Value::as_str) {
                Some("array") => {
                    word.push_str("array[");
                    closing += 1;
                }
                _ => word.push_str("map[string]"),
            }
            ty = inner;
        }
        word.push_str(ty.get("kind").and_then(Value::as_str).unwrap_or_default());
        word.push_str(&"]".repeat(closing));
        self.leaf_at(path.clone(), word.into());
        let parent = &path[..path.len() - 1];
        for key in ["values", "fields"] {
            if let Some(parts) = ty.get_mut(key).map(Value::take) {
                self.value(below(parent, key.to_owned()), parts);
            }
        }
    }
}

pub(super) fn below(path: &[String], step: String) -> Path {
    path.iter().cloned().chain([step]).collect()
}

/// A fact stated with the assumption that it depends on.
fn is_setting(object: &Map<String, Value>) -> bool {
    object.len() == 2 && object.contains_key("value") && object.contains_key("assumption")
}

/// The key of the names by which the items of a list are paired, and the names; none if only the list as a whole can be compared.
fn named(path: &[String], items: &[Value]) -> Option<(&'static str, Vec<String>)> {
    let key = match path.last()?.as_str() {
        "intervals" | "over" if items.iter().all(Value::is_string) => "",
        "fields" | "aggregations" | "returns" | "labels" | "examples" | "intervals" | "endpoints" | "reports" | "groups"
        | "request" | "response" => "name",
        "values" => "value",
        "errors" => "status",
        "assumptions" => "id",
        "quirks" => "kind",
        _ => return None,
    };
    let name = |item: &Value| match (if key.is_empty() { item } else { item.get(key)? }, item.get("at")) {
        // A quirk is known by what it affects too, which stays a fact of its own.
        (Value::String(kind), Some(Value::Array(at))) if key == "kind" => {
            let at: Vec<&str> = at.iter().filter_map(Value::as_str).collect();
            Some(format!("{kind} {}", at.join(" ")))
        }
        (Value::String(text), _) => Some(text.clone()),
        (Value::Number(number), _) => Some(number.to_string()),
        _ => None,
    };
    Some((key, items.iter().map(name).collect::<Option<_>>()?))
}
