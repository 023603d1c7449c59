//! One settled assumption or seen fact as an edit of a file of the spec. Everything else in the file keeps its bytes.

use serde_json::{Value, json};

use crate::finding::FileId;
use crate::published::{Written, YamlFile};

/// The keys of a field in their usual order.
const FIELD: [&str; 13] = [
    "type",
    "name",
    "values",
    "fields",
    "nullable",
    "filterable",
    "column",
    "column_title",
    "printed",
    "deprecated",
    "adds",
    "description",
    "provenance",
];
/// The keys of a report in their usual order.
const REPORT: [&str; 8] = ["report", "name", "format", "permit", "cost", "source", "coverage", "description"];

/// The kinds of facts that an edit can mend.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// A number of tokens, of something with a provenance.
    Cost,
    /// Whether filters accept a field.
    Filterable,
    /// The values of an enumeration.
    Values,
    /// Whether a field can be null.
    Nullable,
    /// Nothing here can write it.
    Other,
}

/// A file of the spec, a path in there, and what sort of fact it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct FactPath {
    /// The report's name, or the platform file's name without extension.
    pub file: FactFile,
    pub path: Vec<String>,
    pub kind: Kind,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum FactFile {
    Report(String),
    Platform(&'static str),
}

/// Reads the id of a fact, such as `reports/sendings/fields/channel/filterable`.
pub(super) fn fact_path(id: &str) -> Option<FactPath> {
    let steps: Vec<String> = id.split('/').map(|step| step.replace("~1", "/").replace("~0", "~")).collect();
    let words: Vec<&str> = steps.iter().map(String::as_str).collect();
    let owned = |path: &[&str]| path.iter().map(|step| (*step).to_owned()).collect::<Vec<_>>();
    let (file, path) = match words[..] {
        ["reports", name, ..] if words.len() > 2 => (FactFile::Report(name.to_owned()), owned(&words[2..])),
        ["endpoints", _, ..] => (FactFile::Platform("endpoints.yaml"), owned(&words)),
        ["api", _, ..] => (FactFile::Platform("api.yaml"), owned(&words[1..])),
        ["filters", _, ..] => (FactFile::Platform("filters.yaml"), owned(&words[1..])),
        ["formats", _, ..] => (FactFile::Platform("formats.yaml"), owned(&words[1..])),
        _ => return None,
    };
    let kind = match (&file, &words[..]) {
        (FactFile::Report(_), ["reports", _, "cost"]) => Kind::Cost,
        (_, ["filters", "operators", _, "cost"] | ["endpoints", _, "cost"]) => Kind::Cost,
        (FactFile::Report(_), ["reports", _, "fields", _, "filterable"]) => Kind::Filterable,
        (FactFile::Report(_), ["reports", _, "fields", _, "values"]) => Kind::Values,
        (FactFile::Report(_), ["reports", _, "fields", _, "nullable"]) => Kind::Nullable,
        _ => Kind::Other,
    };
    Some(FactPath { file, path, kind })
}

/// Marks an assumption as settled, with this value. Returns the file's new text.
pub(super) fn settled(text: &str, id: &str, value: &Value, by: &str) -> Option<String> {
    let mut yaml = YamlFile::parse(FileId(0), text).ok()?;
    let entry = ["assumptions", id];
    if yaml.node(&[&entry[..], &["value"]].concat())?.to_json() != *value {
        put(&mut yaml, &entry, "value", &Written::json(value), &["value"])?;
    }
    if yaml.node(&[&entry[..], &["settled_by"]].concat()).is_some() {
        yaml.set(&[&entry[..], &["settled_by"]].concat(), &Written::json(&by.into()).flow()).then_some(())?;
        yaml.rename(&[&entry[..], &["settled_by"]].concat(), "settled").then_some(())?;
    }
    // What was written is read back: no text of the evidence may say more than its value.
    let is = |key: &str| yaml.node(&[&entry[..], &[key]].concat()).map(|node| node.to_json());
    let by_is = is("settled").and_then(|text| text.as_str().map(|text| text.trim().to_owned()));
    (is("value").as_ref() == Some(value) && by_is.as_deref() == Some(by.trim())).then_some(yaml.text)
}

/// An edit of a fact: the file's new text, and the value before and after as shown to people.
pub(super) struct FactEdit {
    pub text: String,
    pub from: Option<String>,
    pub to: String,
}

/// Why a fact is not edited.
pub(super) enum NoEdit {
    /// The file has nothing there.
    Missing,
    /// The file says so already.
    Already,
    /// An assumption has the value.
    Assumed(String),
    /// It is of a kind or in a form that no edit can mend.
    Not,
}

/// Writes what was seen of a fact.
pub(super) fn fact(text: &str, of: &FactPath, seen: &Value) -> Result<FactEdit, NoEdit> {
    let mut yaml = YamlFile::parse(FileId(0), text).map_err(|_| NoEdit::Not)?;
    let path: Vec<&str> = of.path.iter().map(String::as_str).collect();
    let (key, parent) = path.split_last().ok_or(NoEdit::Not)?;
    let now = yaml.node(&path).map(|node| node.to_json());
    if let Some(id) = now.as_ref().and_then(|now| now.get("assumed")).and_then(Value::as_str) {
        return Err(NoEdit::Assumed(id.to_owned()));
    }
    // What is refused may be less than a fact of the file: one of several intervals, or an operator for a field.
    let known = match (of.kind, &path[..]) {
        (Kind::Other, ["fields" | "aggregations", name, ..]) if seen == "no" => {
            yaml.node(&path[..1]).is_some_and(|all| all.get(name).is_some())
        }
        (Kind::Other, ["intervals", _]) if seen == "no" => yaml.node(&path[..1]).is_some(),
        (Kind::Other, _) => now.is_some(),
        _ => yaml.node(parent).is_some(),
    };
    if !known {
        return Err(NoEdit::Missing);
    }
    let from = yaml.shown(&path);
    let value = match of.kind {
        Kind::Cost if seen.as_u64().is_some_and(|cost| u32::try_from(cost).is_ok()) => seen.clone(),
        Kind::Filterable => match (seen.as_str(), now.as_ref().and_then(Value::as_str)) {
            (Some("yes"), Some("yes" | "example")) | (Some("no"), Some("no" | "refused")) => return Err(NoEdit::Already),
            (Some("yes"), _) => json!("example"),
            (Some("no"), _) => json!("refused"),
            _ => return Err(NoEdit::Not),
        },
        Kind::Nullable if seen == "seen" => json!("seen"),
        // A text with values would be an enumeration.
        Kind::Values if now.is_some() || yaml.scalar(&[parent, &["type"]].concat()) == Some("enum") => {
            with_values(now.as_ref(), seen).ok_or(NoEdit::Not)?
        }
        Kind::Cost | Kind::Values | Kind::Nullable | Kind::Other => return Err(NoEdit::Not),
    };
    if now.as_ref() == Some(&value) {
        return Err(NoEdit::Already);
    }
    let order: &[&str] = match (parent, of.kind) {
        ([], _) => &REPORT,
        (_, Kind::Cost) => &["name", "title", "group", "method", "path", "permit", "cost"],
        _ => &FIELD,
    };
    let new: Vec<Value> = value.as_array().into_iter().flatten().filter(|one| one.is_object()).cloned().collect();
    let written = match (of.kind, yaml.len(&path)) {
        // The values that are there keep their layout.
        (Kind::Values, had) if had > 0 => {
            let fresh = new.iter().filter(|one| now.as_ref().is_none_or(|now| !contains(now, one)));
            fresh.enumerate().all(|(index, one)| yaml.insert_item(&path, had + index, &Written::json(one).flow()))
        }
        _ => put(&mut yaml, parent, key, &Written::json(&value), order).is_some(),
    };
    if !written || yaml.node(&path).map(|node| node.to_json()).as_ref() != Some(&value) {
        return Err(NoEdit::Not);
    }
    if of.kind == Kind::Cost && yaml.node(&[parent, &["provenance"]].concat()).is_none() {
        put(&mut yaml, parent, "provenance", &Written::word("example"), &[order, &["description", "provenance"]].concat())
            .ok_or(NoEdit::Not)?;
    }
    let to = yaml.shown(&path).unwrap_or_default();
    Ok(FactEdit { text: yaml.text, from, to })
}

/// The values of an enumeration with those seen, which only an exchange shows.
fn with_values(now: Option<&Value>, seen: &Value) -> Option<Value> {
    let mut values = now.and_then(Value::as_array).cloned().unwrap_or_default();
    for one in seen.as_array()? {
        let one = json!({ "value": one.as_str()?, "provenance": "example" });
        if !values.iter().any(|had| word(had) == word(&one)) {
            values.push(one);
        }
    }
    Some(values.into())
}

fn contains(values: &Value, one: &Value) -> bool {
    values.as_array().is_some_and(|values| values.iter().any(|had| word(had) == word(one)))
}

fn word(value: &Value) -> Option<&str> {
    value.as_str().or_else(|| value.get("value")?.as_str())
}

fn put(yaml: &mut YamlFile, parent: &[&str], key: &str, value: &Written, order: &[&str]) -> Option<()> {
    // Keys that the list does not have, such as those of a fact's neighbours, keep their places.
    let order = if order.contains(&key) { order.to_vec() } else { [order, &[key]].concat() };
    yaml.put(parent, key, value, &order).then_some(())
}
