//! Edits of the invented API, and the changes between two of its versions.

use std::path::Path;

use super::cases::{MOVE, REMOVE};
use placewise_codegen::check::Checked;
use placewise_codegen::check_spec;
use placewise_codegen::diff::{self, Change, Side};
use placewise_codegen::finding::{self, FileId, Finding, Severity};
use placewise_codegen::published::Captures;
use placewise_codegen::source::yaml_tree::{self, Kind, Node};
use placewise_codegen::source::{InputFile, MANIFEST, read_dir};
use serde_json::Value;

/// The invented API, with the manifest beside it.
pub fn harbour() -> Vec<InputFile> {
    let dir = Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/fixtures/harbour");
    let mut files = read_dir(&dir.join("spec")).expect("the spec is readable");
    for file in &mut files {
        file.label = format!("spec/{}", file.path);
    }
    let bytes = std::fs::read(dir.join("Cargo.toml")).expect("a manifest");
    files.push(InputFile { path: MANIFEST.into(), label: "Cargo.toml".into(), bytes });
    files
}

/// The invented API with each `(file, text, replacement)` applied, or with files removed or moved.
pub fn edited(edits: &[(&str, &str, &str)]) -> Checked {
    let mut files = harbour();
    for (path, from, to) in edits {
        let index = files.iter().position(|file| file.path == *path).unwrap_or_else(|| panic!("no file {path}"));
        match *from {
            REMOVE => drop(files.remove(index)),
            MOVE => (*to).clone_into(&mut files[index].path),
            from => {
                let text = String::from_utf8(files[index].bytes.clone()).expect("UTF-8");
                assert!(text.contains(from), "{from} is not in {path}");
                files[index].bytes = text.replace(from, to).into_bytes();
            }
        }
    }
    let checked = check_spec(files);
    let errors: Vec<Finding> = checked.findings.iter().filter(|one| one.severity == Severity::Error).cloned().collect();
    assert!(errors.is_empty(), "{edits:?}\n{}", finding::render(&errors, &checked.sources, false));
    checked
}

pub fn diff(old: &Checked, new: &Checked) -> Vec<Change> {
    diff_of(old, new, "", "")
}

/// The changes, given the text of `captures.lock` on both sides.
pub fn diff_of(old: &Checked, new: &Checked, seen: &str, sees: &str) -> Vec<Change> {
    let captures = |text: &str| {
        let (captures, findings) = Captures::read(FileId(0), text);
        assert!(findings.is_empty(), "{text}");
        captures
    };
    let (seen, sees) = (captures(seen), captures(sees));
    let side = |checked, captures| Side::new(checked, captures).expect("a checked spec");
    diff::diff(&side(old, &seen), &side(new, &sees))
}

pub fn model_json(checked: &Checked) -> String {
    serde_json::to_string(&**checked.model.as_ref().expect("a model")).expect("JSON")
}

/// One edit of the spec.
pub struct Edit {
    /// The file, the path and what was done there.
    pub what: String,
    pub files: Vec<InputFile>,
    /// Which of them it changed.
    index: usize,
}

impl Edit {
    /// The file that it changed; of a removed one, the first that is left.
    pub fn file(&self) -> &InputFile {
        &self.files[self.index]
    }
}

/// Every part of the spec removed, changed, added again under another name, and moved behind the next. Most are not valid.
pub fn every_edit() -> Vec<Edit> {
    let files = harbour();
    let mut edits = Vec::new();
    for (index, file) in files.iter().enumerate().filter(|(_, file)| file.path != MANIFEST) {
        let text = std::str::from_utf8(&file.bytes).expect("UTF-8");
        let tree = json(&yaml_tree::parse(FileId(0), text).0.expect("YAML"));
        let mut variants = Vec::new();
        vary(&tree, "", &mut |what, variant| variants.push((what, variant)));
        for (what, variant) in variants {
            let mut files = files.clone();
            files[index].bytes = variant.to_string().into_bytes();
            edits.push(Edit { what: format!("{}{what}", file.path), files, index });
        }
        if file.path.starts_with("reports/") {
            let mut files = files.clone();
            files.remove(index);
            edits.push(Edit { what: format!("{} removed", file.path), files, index: 0 });
        }
    }
    edits
}

fn json(node: &Node) -> Value {
    match &node.kind {
        Kind::Mapping(entries) => Value::Object(entries.iter().map(|(key, value)| (key.text.to_string(), json(value))).collect()),
        Kind::Sequence(items) => items.iter().map(json).collect(),
        Kind::Scalar { .. } => node.to_json(),
    }
}

/// Calls a function with each variant of a value.
fn vary(value: &Value, at: &str, found: &mut dyn FnMut(String, Value)) {
    match value {
        Value::Object(entries) => {
            let keys: Vec<&String> = entries.keys().collect();
            for (index, (key, inner)) in entries.iter().enumerate() {
                let path = format!("{at}/{key}");
                let with = |inner: Option<Value>| {
                    let mut entries = entries.clone();
                    match inner {
                        Some(inner) => entries.insert(key.clone(), inner),
                        None => entries.shift_remove(key),
                    };
                    Value::Object(entries)
                };
                // A payload is one fact.
                match (key.as_str(), at.contains("/examples/"), inner) {
                    ("request" | "response", true, Value::Object(payload)) => {
                        let more = payload.clone().into_iter().chain([("more".to_owned(), Value::Null)]);
                        found(format!("{path} grown"), with(Some(Value::Object(more.collect()))));
                    }
                    _ => vary(inner, &path, &mut |what, variant| found(what, with(Some(variant)))),
                }
                found(format!("{path} removed"), with(None));
                let mut again = entries.clone();
                again.insert(format!("{key}_too"), inner.clone());
                found(format!("{path} again"), Value::Object(again));
                if let Some(next) = keys.get(index + 1) {
                    let moved = keys.iter().enumerate().map(|(at, key)| match at {
                        at if at == index => (*next).clone(),
                        at if at == index + 1 => keys[index].clone(),
                        _ => (*key).clone(),
                    });
                    found(
                        format!("{path} moved"),
                        Value::Object(moved.map(|key| (key.clone(), entries[&key].clone())).collect()),
                    );
                }
            }
        }
        Value::Array(items) => {
            for (index, inner) in items.iter().enumerate() {
                let path = format!("{at}/{index}");
                let with = |inner: Value| {
                    let mut items = items.clone();
                    items[index] = inner;
                    Value::Array(items)
                };
                vary(inner, &path, &mut |what, variant| found(what, with(variant)));
                let mut fewer = items.clone();
                fewer.remove(index);
                found(format!("{path} removed"), Value::Array(fewer));
                if index + 1 < items.len() {
                    let mut moved = items.clone();
                    moved.swap(index, index + 1);
                    found(format!("{path} moved"), Value::Array(moved));
                }
            }
        }
        Value::Number(number) => {
            let number = number.as_i64().unwrap_or(1);
            found(format!("{at} raised"), (number + 1).into());
            found(format!("{at} lowered"), (number - 1).into());
        }
        Value::Bool(of) => found(format!("{at} turned"), (!of).into()),
        Value::String(text) => {
            found(format!("{at} reworded"), format!("{text}x").into());
            // A word becomes another of its kind.
            for word in WORDS.iter().filter(|words| words.contains(&text.as_str())).flat_map(|words| *words) {
                if word != text {
                    found(format!("{at} is {word}"), (*word).into());
                }
            }
        }
        Value::Null => {}
    }
}

/// Words of the language, by kind.
const WORDS: &[&[&str]] = &[
    &["yes", "no", "unknown", "example"],
    &["documented", "example", "inferred", "assumed", "unknown"],
    &["unknown", "seen", "never", "assumed-never"],
    &["integer", "number", "string", "boolean", "timestamp", "date", "enum", "json", "array[integer]"],
    &["whole", "partial", "name-only"],
    &["records", "timeseries", "statistics"],
    &["client", "simulator", "types"],
    &["10 minutes", "2 days", "30 days", "1 month", "1 year", "forever"],
    &["refused", "empty"],
    &["length", "buckets"],
    &["strict", "lenient"],
    &["GET", "POST"],
];
