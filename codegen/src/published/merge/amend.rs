//! Merges a page into a file of the spec that is no report's, and an example's page into its report's file. Comparing the page with the spec
//! tells what to change; each change is made only if the spec stays valid, and what is left is for people to judge.

use serde_json::Value;

use super::change::Change;
use super::merger::order_with;
use super::written::Written;
use super::yaml_file::YamlFile;
use crate::check::{Checked, check_spec};
use crate::finding::{FileId, Severity};
use crate::published::drift::{After, Amended, Amendment, Edit, compare, compare_with_file};
use crate::published::import::{json_text, scalar};
use crate::published::read::ReadPage;
use crate::source::InputFile;
use crate::source::yaml_tree::Kind;

/// The spec after a merge.
#[derive(Debug)]
pub struct AmendedSpec {
    /// Its files.
    pub files: Vec<InputFile>,
    /// What changed. A path in another file than the one that was asked for starts with that file's.
    pub changes: Vec<Change>,
    /// The spec that the files make.
    pub checked: Checked,
    /// The file that was asked for.
    pub file: FileId,
}

/// Why an edit was not made.
const FIXED: &str = "it is written in a form that cannot be edited; change it by hand";

/// The keys of endpoints and of examples in their usual order. Other entries end with what is new.
const ORDER: [&str; 14] = [
    "name",
    "title",
    "group",
    "method",
    "path",
    "permit",
    "cost",
    "source",
    "coverage",
    "carries",
    "request",
    "response",
    "description",
    "provenance",
];

/// Merges a page into the file at `path` of a spec.
///
/// # Errors
/// If the page states nothing of that file: the path of the file that it is about, if there is one.
pub fn amend(read: &ReadPage, source: Option<&str>, files: Vec<InputFile>, path: &str) -> Result<AmendedSpec, Option<String>> {
    let checked = check_spec(files.clone());
    let file = id_of(&files, &checked, path).ok_or(None)?;
    let mut spec = AmendedSpec { files, changes: Vec::new(), checked, file };
    // An amendment that is proposed again did not help, or was not possible.
    let mut tried: Vec<Amendment> = Vec::new();
    loop {
        let AmendedSpec { files, checked, .. } = &spec;
        let path_of = |id: FileId| {
            let label = &checked.sources.get(id).path;
            files.iter().find(|file| file.label == *label).map(|file| file.path.clone())
        };
        let Some(model) = &checked.model else { return Ok(spec) };
        let Some(drift) = compare_with_file(read, source, model, &checked.spec, file) else {
            return Err(compare(read, source, model, &checked.spec).about.and_then(path_of));
        };
        let new = drift.amendments.into_iter().filter(|amendment| !tried.contains(amendment));
        let new: Vec<(Amendment, Vec<Option<String>>)> = new
            .map(|amendment| {
                let paths = amendment.0.iter().map(|one| path_of(one.file)).collect();
                (amendment, paths)
            })
            .collect();
        if new.is_empty() {
            return Ok(spec);
        }
        for (amendment, paths) in new {
            spec.make(&amendment, &paths, path);
            tried.push(amendment);
        }
    }
}

fn id_of(files: &[InputFile], checked: &Checked, path: &str) -> Option<FileId> {
    let label = &files.iter().find(|file| file.path == path)?.label;
    let spec = &checked.spec;
    let platform = [&spec.api, &spec.filters, &spec.formats, &spec.endpoints, &spec.assumptions].into_iter().flatten();
    let mut ids = platform.map(|doc| doc.file).chain(spec.reports.iter().map(|(_, doc)| doc.file));
    ids.find(|id| checked.sources.get(*id).path == *label)
}

impl AmendedSpec {
    /// Makes all edits of an amendment, or none.
    fn make(&mut self, amendment: &Amendment, paths: &[Option<String>], asked: &str) {
        let mut files = self.files.clone();
        let mut changes = Vec::new();
        for (amended, path) in amendment.0.iter().zip(paths) {
            let Some(file) = files.iter_mut().find(|file| Some(&file.path) == path.as_ref()) else { return };
            let text = String::from_utf8_lossy(&file.bytes).into_owned();
            let Ok(mut yaml) = YamlFile::parse(FileId(0), &text) else { return };
            let Some((mut change, done)) = edit(&mut yaml, amended) else { continue };
            change.left = (!done).then(|| FIXED.to_owned());
            if file.path != asked {
                change.path = format!("{}: {}", file.path, change.path);
            }
            changes.push(change);
            file.bytes = yaml.text.into_bytes();
        }
        if changes.is_empty() {
            return;
        }
        let checked = check_spec(files.clone());
        if checked.model.is_some() && changes.iter().all(|change| change.left.is_none()) {
            (self.files, self.checked) = (files, checked);
        } else {
            let fault = checked.findings.iter().find(|finding| finding.severity == Severity::Error);
            let why = fault.map_or_else(|| FIXED.to_owned(), |fault| format!("the spec would not be valid: {}", fault.message));
            changes.iter_mut().for_each(|change| change.left = change.left.take().or(Some(why.clone())));
        }
        self.changes.extend(changes);
    }
}

/// Makes an edit. Returns the change and whether it could be made, or nothing if the file says so already.
fn edit(yaml: &mut YamlFile, amended: &Amended) -> Option<(Change, bool)> {
    let steps = yaml.resolved(&amended.path);
    let path: Vec<&str> = steps.iter().map(String::as_str).collect();
    let (key, parent) = path.split_last()?;
    let from = yaml.shown(&path);
    let mut shown = amended.path.clone();
    let (to, done) = match &amended.edit {
        Edit::Value(value) => {
            let value = number(value, yaml.node(&path).map(|node| node.to_json()).as_ref());
            if yaml.node(&path).is_some_and(|node| node.to_json() == value) {
                return None;
            }
            let written = Written::json(&value);
            let done = put(yaml, parent, key, &written, &After::Last);
            (Some(written.flow()), done)
        }
        Edit::Payload(json) => {
            let lines = yaml.source(&path).is_none_or(|text| text.contains('\n'));
            let done = yaml.node(&path).is_some() || put(yaml, parent, key, &Written::word("null"), &After::Last);
            let text = if lines {
                json_text(json, yaml.indent_at(&path).unwrap_or(0))
            } else {
                let text = json_text(json, 0);
                let tree = YamlFile::parse(FileId(0), &text).ok()?.tree;
                Written::of(&tree, &text).flow()
            };
            let done = done && yaml.set(&path, &text);
            (Some(json.to_value().to_string()), done)
        }
        Edit::Insert(value, after) => {
            let written = Written::json(value);
            // A list names its elements by their places.
            let is_list = matches!(yaml.node(parent).map(|node| &node.kind), None | Some(Kind::Sequence(_)));
            if is_list && key.parse::<usize>().is_ok() {
                shown.pop();
                return Some((change(&shown, None, Some(written.flow())), insert(yaml, parent, key, value)));
            }
            if from.is_some() {
                return None;
            }
            let done = match yaml.node(parent) {
                Some(_) => put(yaml, parent, key, &written, after),
                None => {
                    let (section, above) = parent.split_last()?;
                    put(yaml, above, section, &Written::Mapping(vec![((*key).to_owned(), written.clone())]), &After::Last)
                }
            };
            (Some(written.flow()), done)
        }
        Edit::Remove => {
            let of_list = yaml.len(parent) > 0;
            if !of_list && yaml.keys(&path).is_empty() && yaml.shown(&path).as_deref() != Some("{}") {
                return None;
            }
            (None, yaml.remove(&path))
        }
        Edit::Documented => {
            let inner = [&path[..], &["provenance"]].concat();
            let from = yaml.shown(&inner)?;
            let done = yaml.remove(&inner);
            shown.push("provenance".into());
            return Some((change(&shown, Some(from), Some("documented".into())), done));
        }
    };
    Some((change(&shown, from, to), done))
}

fn change(path: &[String], from: Option<String>, to: Option<String>) -> Change {
    Change { path: path.join("."), from, to, left: None }
}

/// Digits are a number, unless the file has a text there.
fn number(value: &Value, have: Option<&Value>) -> Value {
    match (value.as_str().and_then(|text| text.parse::<u32>().ok()), have) {
        (Some(_), Some(Value::String(_))) | (None, _) => value.clone(),
        (Some(number), _) => number.into(),
    }
}

/// Sets a value, or adds it in its usual place.
fn put(yaml: &mut YamlFile, parent: &[&str], key: &str, value: &Written, after: &After) -> bool {
    let ours = yaml.keys(parent);
    let order = match after {
        After::First => [&[key.to_owned()], &ours[..]].concat(),
        After::Key(before) => order_with(&ours, &[before.clone(), key.to_owned()], key),
        After::Last if ORDER.contains(&key) => {
            let usual = ORDER.iter().map(|known| (*known).to_owned()).collect::<Vec<_>>();
            order_with(&ours, &usual, key)
        }
        After::Last => [&ours[..], &[key.to_owned()]].concat(),
    };
    yaml.put(parent, key, value, &order.iter().map(String::as_str).collect::<Vec<_>>())
}

/// Inserts an element into a list. One in lines of its own gets a line for each key.
fn insert(yaml: &mut YamlFile, list: &[&str], at: &str, value: &Value) -> bool {
    let flow = Written::json(value).flow();
    let column = yaml.dash_column(list);
    let lines = |column: usize| match value {
        Value::Object(entries) => {
            let entry = |(key, value): (&String, &Value)| format!("{}: {}", scalar(key), Written::json(value).flow());
            entries.iter().map(entry).collect::<Vec<_>>().join(&format!("\n{}", " ".repeat(column + 2)))
        }
        _ => flow.clone(),
    };
    match (column, yaml.node(list)) {
        (Some(column), _) => yaml.insert_item(list, at.parse().unwrap_or(usize::MAX), &lines(column)),
        (None, Some(_)) => yaml.insert_item(list, at.parse().unwrap_or(usize::MAX), &flow),
        (None, None) => match list {
            [section] => yaml.insert_section(section, &format!("{section}:\n  - {}\n", lines(2)), &super::header::ORDER),
            _ => false,
        },
    }
}
