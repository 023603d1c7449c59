//! Merges fields, the keys of objects, aggregations and what they return. The printed type is the fact: a file may hold another type word
//! for it.

use super::header::ORDER;
use super::merger::{CUT, Merger, order_with};
use super::written::Written;
use super::yaml_file::YamlFile;
use crate::published::read::same_print;
use crate::source::usual_print;

/// The keys of a field and of a returned field.
const FIELD: [&str; 13] = [
    "type",
    "field",
    "values",
    "nullable",
    "filterable",
    "column",
    "column_title",
    "printed",
    "provenance",
    "deprecated",
    "compute",
    "description",
    "fields",
];
/// The keys of an aggregation.
const AGGREGATION: [&str; 5] = ["by", "description", "provenance", "returns", "labels"];

impl Merger<'_> {
    pub(super) fn all_fields(&mut self) {
        self.section(&["fields"], &ORDER);
        self.section(&["labels"], &ORDER);
    }

    pub(super) fn aggregations(&mut self) {
        for name in self.entries(&["aggregations"], &ORDER) {
            let path = ["aggregations", name.as_str()];
            self.provenance(&path, &AGGREGATION);
            for part in ["returns", "labels"] {
                self.section(&["aggregations", &name, part], &AGGREGATION);
            }
        }
    }

    /// Merges a mapping of fields.
    fn section(&mut self, path: &[&str], order: &[&str]) {
        for name in self.entries(path, order) {
            self.field(&[path, &[&name]].concat());
        }
    }

    /// Adds the entries that only the page has and removes those it lacks. Returns those that both sides had.
    fn entries(&mut self, path: &[&str], order: &[&str]) -> Vec<String> {
        let theirs = self.theirs.keys(path);
        let (key, parent) = path.split_last().map_or(("", path), |(key, parent)| (*key, parent));
        if self.ours.keys(path).is_empty() && !theirs.is_empty() {
            // An empty mapping gives way, so that the section gets the layout of one.
            self.ours.remove(path);
            if let Some(value) = self.theirs(path) {
                self.touched.extend(theirs.iter().map(|name| subject(&[path, &[name]].concat())));
                self.set(parent, key, &value, order);
            }
            return Vec::new();
        }
        let both: Vec<String> = self.ours.keys(path).into_iter().filter(|name| theirs.contains(name)).collect();
        for name in theirs.iter().filter(|name| !both.contains(name)) {
            let inner = [path, &[name.as_str()]].concat();
            // It may be one of the fields without a name.
            let guessed =
                self.page.fields.iter().any(|field| field.name.is_none()) && self.word(&inner, "provenance") == "example";
            if let Some(value) = self.theirs(&inner).filter(|_| !guessed) {
                let order = order_with(&self.ours.keys(path), &theirs, name);
                self.set(path, name, &value, &order.iter().map(String::as_str).collect::<Vec<_>>());
                self.touched.push(subject(&inner));
            }
        }
        let ours = self.ours.keys(path);
        let last = ours.iter().rposition(|name| theirs.contains(name));
        for (index, name) in ours.iter().enumerate().filter(|(_, name)| !theirs.contains(name)) {
            let inner = [path, &[name.as_str()]].concat();
            // What only examples show is compared by the examples.
            let example = self.ours.scalar(&[&inner[..], &["provenance"]].concat()) == Some("example");
            let beyond = !self.complete && last.is_none_or(|last| index > last);
            if !example && !beyond && !theirs.is_empty() {
                self.gone(&inner);
                self.touched.extend(self.ours.node(&inner).is_none().then(|| subject(&inner)));
            }
        }
        both
    }

    /// A scalar of the page's side, or nothing.
    fn word(&self, path: &[&str], key: &str) -> &str {
        self.theirs.scalar(&[path, &[key]].concat()).unwrap_or_default()
    }

    /// Merges a field, a key of an object, a returned field or a label.
    fn field(&mut self, path: &[&str]) {
        let word = self.word(path, "provenance");
        let (listed, shown) = (word.is_empty(), word == "example");
        if listed && self.states_type(path) {
            self.printed_type(path);
        }
        // A field in one word is documented.
        self.provenance(path, &FIELD);
        let inner = self.ours.scalar(&[path, &["type"]].concat()).map(innermost).unwrap_or_default().to_owned();
        if matches!(inner.as_str(), "enum" | "string") && !shown {
            self.list(&[path, &["values"]].concat(), path, &FIELD, !self.open(path));
        }
        if self.word(path, "nullable") == "seen" && self.ours.scalar(&[path, &["nullable"]].concat()) != Some("seen") {
            self.set_in_field(path, "nullable", &Written::word("seen"));
        }
        for key in ["filterable", "column", "column_title", "deprecated"] {
            self.cell(path, key);
        }
        if inner == "object" {
            self.section(&[path, &["fields"]].concat(), &FIELD);
        }
    }

    /// Whether the page prints the type of a listed field.
    fn states_type(&self, path: &[&str]) -> bool {
        match path {
            ["fields", name] => self.page.field(name).is_none_or(|field| field.printed.is_some()),
            _ => true,
        }
    }

    /// Whether the page's text may end within a field.
    fn open(&self, path: &[&str]) -> bool {
        match path {
            ["fields", name] => self.page.field(name).is_some_and(|field| field.open),
            _ => self.page.ends_early,
        }
    }

    fn printed_type(&mut self, path: &[&str]) {
        let (Some(ours), Some(theirs)) = (print_of(&self.ours, path), print_of(&self.theirs, path)) else { return };
        if same_print(&ours, &theirs) {
            return;
        }
        self.touched.push(subject(path));
        let repeats = self.ours.scalar(&[path, &["type"]].concat()).is_none();
        if repeats {
            let of = repeated(&self.ours, path).and_then(|field| print_of(&self.ours, &["fields", &field]));
            if of.is_some_and(|of| same_print(&of, &theirs)) {
                return self.drop(&[path, &["printed"]].concat());
            }
            return self.set_in_field(path, "printed", &Written::Scalar(crate::published::import::scalar(&theirs)));
        }
        // The page's own word for a field that it repeats says nothing about the type.
        let word = self.theirs(&[path, &["type"]].concat());
        if let Some(word) = word {
            if word.flow() != self.ours.shown(&[path, &["type"]].concat()).unwrap_or_default() {
                self.set(path, "type", &word, &FIELD);
            }
            match self.theirs(&[path, &["printed"]].concat()) {
                Some(printed) => self.set(path, "printed", &printed, &FIELD),
                None if self.ours.node(&[path, &["printed"]].concat()).is_some() => self.drop(&[path, &["printed"]].concat()),
                None => {}
            }
            self.parts_of_type(path, &word.flow());
        } else {
            self.set(path, "printed", &Written::Scalar(crate::published::import::scalar(&theirs)), &FIELD);
        }
    }

    /// Values and keys go with the type that had them, and come with the type that needs them.
    fn parts_of_type(&mut self, path: &[&str], word: &str) {
        let inner = innermost(word.trim_matches('"')).to_owned();
        for (key, fits) in [("values", matches!(inner.as_str(), "enum" | "string")), ("fields", inner == "object")] {
            let at = [path, &[key]].concat();
            if !fits && self.ours.node(&at).is_some() {
                self.drop(&at);
            }
        }
        if inner == "object"
            && self.ours.node(&[path, &["fields"]].concat()).is_none()
            && let Some(fields) = self.theirs(&[path, &["fields"]].concat())
        {
            self.set(path, "fields", &fields, &FIELD);
        }
    }

    /// Merges a cell with an icon or a header's name. An empty cell says nothing, since captures lose icons; a name is text and stays.
    fn cell(&mut self, path: &[&str], key: &str) {
        let at = [path, &[key]].concat();
        let json = |file: &YamlFile| file.node(&at).map(|node| node.to_json().to_string().to_ascii_lowercase());
        let (ours, theirs) = (json(&self.ours), json(&self.theirs));
        match (ours, self.theirs(&at)) {
            (ours, Some(value)) if ours != theirs => self.set_in_field(path, key, &value),
            (Some(ours), None) if ours.starts_with('{') && self.states_type(path) => self.gone(&at),
            // Headings and titles are text, which captures keep.
            (Some(_), None) if matches!(key, "column_title" | "deprecated") && self.states_type(path) => self.gone(&at),
            _ => {}
        }
    }

    /// Sets a key of a field, which may be written as the single word `field`.
    fn set_in_field(&mut self, path: &[&str], key: &str, value: &Written) {
        if let (Some("field"), Some(name)) = (self.ours.scalar(path), path.last()) {
            let name = Written::Scalar(crate::published::import::scalar(name));
            let whole = Written::Mapping(vec![("field".into(), name), (key.into(), value.clone())]);
            let (parent, name) = (&path[..path.len() - 1], path[path.len() - 1]);
            return self.set(parent, name, &whole, &[name]);
        }
        self.set(path, key, value, &FIELD);
    }

    /// Merges a list of values, each a text or a mapping with a `value`. `closed`: the page's list ends before its text does.
    pub(super) fn list(&mut self, path: &[&str], parent: &[&str], order: &[&str], closed: bool) {
        let theirs = values(&self.theirs, path);
        if self.ours.node(path).is_none() {
            if let (Some(value), Some(key), false) = (self.theirs(path), path.last(), theirs.is_empty()) {
                self.touched.push(subject(parent));
                self.set(parent, key, &value, order);
            }
            return;
        }
        let from = shown(&values(&self.ours, path));
        for (at, value) in theirs.iter().enumerate() {
            let ours = values(&self.ours, path);
            if ours.contains(value) {
                continue;
            }
            let index = order_with(&ours, &theirs[..], value).iter().position(|known| known == value).unwrap_or(ours.len());
            if let Some(text) = self.theirs.shown(&[path, &[&at.to_string()]].concat()) {
                self.ours.insert_item(path, index, &text);
            }
        }
        let lost: Vec<(usize, String)> =
            values(&self.ours, path).into_iter().enumerate().filter(|(_, value)| !theirs.contains(value)).collect();
        let documented = |file: &YamlFile, at: usize| file.scalar(&[path, &[&at.to_string(), "provenance"]].concat()).is_none();
        for (at, value) in lost.into_iter().rev().filter(|(at, _)| documented(&self.ours, *at)).collect::<Vec<_>>() {
            if self.complete {
                self.ours.remove(&[path, &[&at.to_string()]].concat());
            } else if closed {
                self.note(&[path, &[&value]].concat(), Some(value.clone()), None, Some(CUT));
            }
        }
        let to = shown(&values(&self.ours, path));
        if from != to {
            self.note(path, Some(from), Some(to), None);
        }
        for (at, value) in values(&self.ours, path).iter().enumerate().filter(|(_, value)| theirs.contains(value)) {
            let at = at.to_string();
            let word = [path, &[&at, "provenance"]].concat();
            let from = self.ours.shown(&word);
            if from.is_some() && self.ours.remove(&word) {
                self.note(&[path, &[value, "provenance"]].concat(), from, Some("documented".into()), None);
            }
        }
    }
}

/// What a quirk calls a field: `name`, or `aggregation.name`.
fn subject(path: &[&str]) -> String {
    match path {
        ["fields" | "labels" | "aggregations", name] => (*name).to_owned(),
        ["aggregations", of, _, name] => format!("{of}.{name}"),
        _ => path.get(1).copied().unwrap_or_default().to_owned(),
    }
}

/// The values of a list.
fn values(file: &YamlFile, path: &[&str]) -> Vec<String> {
    let item = |at: usize| {
        let at = at.to_string();
        let whole = file.scalar(&[path, &[&at]].concat());
        whole.or_else(|| file.scalar(&[path, &[&at, "value"]].concat())).unwrap_or_default().to_owned()
    };
    (0..file.len(path)).map(item).collect()
}

fn shown(values: &[String]) -> String {
    format!("[{}]", values.join(", "))
}

/// The word inside arrays and maps.
fn innermost(word: &str) -> &str {
    let word = word.trim();
    match word.strip_prefix("array[").and_then(|rest| rest.strip_suffix(']')).or_else(|| word.strip_prefix("map[string]")) {
        Some(inner) => innermost(inner),
        None => word,
    }
}

/// The report's field that a returned field repeats.
fn repeated(file: &YamlFile, path: &[&str]) -> Option<String> {
    match file.scalar(path) {
        Some("field") => path.last().map(|name| (*name).to_owned()),
        _ => file.scalar(&[path, &["field"]].concat()).map(str::to_owned),
    }
}

/// A field's type as a page prints it.
fn print_of(file: &YamlFile, path: &[&str]) -> Option<String> {
    if let Some(printed) = file.scalar(&[path, &["printed"]].concat()) {
        return Some(printed.to_owned());
    }
    match repeated(file, path) {
        Some(field) if path != ["fields", field.as_str()] => print_of(file, &["fields", &field]),
        _ => file.scalar(&[path, &["type"]].concat()).map(usual_print),
    }
}
