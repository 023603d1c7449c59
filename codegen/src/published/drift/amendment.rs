//! What a page says that the spec should say instead. A comparison collects amendments; `merge` makes those that leave the spec valid. Only
//! what the page alone settles is one: what a new thing means, for example, no page tells.

use placewise_model::nearest;
use serde_json::Value;

use crate::finding::FileId;
use crate::published::read::Json;

/// Edits that are made together or not at all.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Amendment(pub(in crate::published) Vec<Amended>);

/// One edit and its place: a file of the spec and a path of keys.
#[derive(Clone, Debug, PartialEq)]
pub(in crate::published) struct Amended {
    pub file: FileId,
    pub path: Vec<String>,
    pub edit: Edit,
}

/// One edit.
#[derive(Clone, Debug, PartialEq)]
pub(in crate::published) enum Edit {
    /// Set a value. Digits are a number, unless the spec has a text there.
    Value(Value),
    /// Set the payload of an example.
    Payload(Json),
    /// Insert an entry of a mapping, or an element of a list before the index that its path names.
    Insert(Value, After),
    /// Remove an entry of a mapping or a list. Other facts have no value for "gone".
    Remove,
    /// Raise the provenance of an entry.
    Documented,
}

/// Where an entry is inserted.
#[derive(Clone, Debug, PartialEq)]
pub(in crate::published) enum After {
    First,
    Key(String),
    Last,
}

impl Edit {
    /// Sets a text or a number.
    pub fn value(text: &str) -> Self {
        Self::Value(text.into())
    }

    /// Adds an entry to the end of a mapping or a list.
    pub fn append(value: Value) -> Self {
        Self::Insert(value, After::Last)
    }
}

impl Amendment {
    pub(in crate::published) fn of(file: FileId, path: &[&str], edit: Edit) -> Self {
        Self::default().and(file, path, edit)
    }

    /// Whether its first edit is one of that file.
    pub(super) fn is_of(&self, file: FileId) -> bool {
        self.0.first().is_some_and(|amended| amended.file == file)
    }

    /// Adds an edit.
    pub(in crate::published) fn and(mut self, file: FileId, path: &[&str], edit: Edit) -> Self {
        self.0.push(Amended { file, path: path.iter().map(|step| (*step).to_owned()).collect(), edit });
        self
    }
}

/// Pairs names that only the page has with those that it lacks.
#[derive(Debug, Default)]
pub(super) struct Renames {
    known: Vec<Known>,
    missing: Vec<Vec<String>>,
    added: Vec<(Vec<String>, String)>,
}

#[derive(Debug)]
struct Known {
    path: Vec<String>,
    name: String,
    key: Option<String>,
}

impl Renames {
    pub fn known(&mut self, path: &[&str], name: &str, key: Option<&str>) {
        self.known.push(Known { path: owned(path), name: name.to_owned(), key: key.map(str::to_owned) });
    }

    /// Adds a path that the page lacks. Returns whether it is one of the known names.
    pub fn missing(&mut self, path: &[&str]) -> bool {
        self.missing.push(owned(path));
        self.known.iter().any(|known| known.path == path)
    }

    pub fn added(&mut self, path: &[&str], name: &str) {
        let added = (owned(path), name.to_owned());
        if !self.added.contains(&added) {
            self.added.push(added);
        }
    }

    /// Where each new name belongs. Two names are one if no other is missing and no other is new beside them in a sample, or if they are
    /// alike and no others are as alike.
    pub fn pairs(&self) -> Vec<(Vec<String>, String)> {
        let missing: Vec<&Known> = self.known.iter().filter(|known| self.missing.contains(&known.path)).collect();
        let mut out: Vec<(Vec<String>, String)> = Vec::new();
        for known in &missing {
            let parent = &known.path[..known.path.len() - 1];
            let beside: Vec<&str> =
                self.added.iter().filter(|(path, _)| !path.is_empty() && path == parent).map(|(_, name)| name.as_str()).collect();
            let alone = missing.iter().filter(|other| other.path.starts_with(parent)).count() == 1;
            let like: Vec<&str> = self
                .added
                .iter()
                .map(|(_, name)| name.as_str())
                .filter(|name| nearest(name, missing.iter().map(|known| known.name.as_str())) == Some(&known.name))
                .collect();
            let name = match (&beside[..], &like[..]) {
                (_, [name]) => name,
                ([name], _) if alone => name,
                _ => continue,
            };
            let path = known.path.iter().chain(&known.key).cloned().collect();
            out.push((path, (*name).to_owned()));
        }
        // A name can stand for one thing only.
        let counts = |name: &str| out.iter().filter(|(_, other)| other == name).count();
        out.iter().filter(|(_, name)| counts(name) == 1).cloned().collect()
    }
}

fn owned(path: &[&str]) -> Vec<String> {
    path.iter().map(|step| (*step).to_owned()).collect()
}
