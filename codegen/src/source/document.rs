//! The documents of a spec: values with their places.

use std::collections::HashSet;

use serde_json::Value;

use super::manifest::Features;
use super::report::ReportFile;
use super::yaml_tree::{Kind, Node};
use crate::finding::{FileId, Place};

/// One file: its value, and the place of everything in it.
#[derive(Debug)]
pub struct Doc<T = Value> {
    /// The file.
    pub file: FileId,
    /// Its name without extension.
    pub stem: String,
    /// The YAML tree with its places.
    pub tree: Node,
    /// The value. It fits the file's schema.
    pub value: T,
    /// The parts with a finding, which `value` does not have or has replaced; a misspelled key counts as the one that was meant.
    pub lost: HashSet<Vec<String>>,
}

impl<T> Doc<T> {
    /// The place of the value at a path.
    pub fn at(&self, path: &[impl AsRef<str>]) -> Place {
        Place { file: self.file, span: self.tree.find(path) }
    }

    /// The place of the file's first key, for what is wrong with the file as a whole.
    pub fn at_first_key(&self) -> Place {
        let first = match &self.tree.kind {
            Kind::Mapping(entries) => entries.first().map(|(key, _)| key.span()),
            _ => None,
        };
        Place { file: self.file, span: first.unwrap_or_else(|| self.tree.span()) }
    }

    /// Whether the file has that word at a path. An unreadable word was replaced in `value`.
    pub fn says_at(&self, path: &[&str], word: &str) -> bool {
        let node = path.iter().try_fold(&self.tree, |node, part| node.get(part).map(|(_, next)| next));
        node.is_some_and(|node| node.to_json().as_str() == Some(word))
    }

    /// Whether a part, or one around it, has a finding already. That it is absent or odd is a consequence then.
    pub fn lost(&self, path: &[impl AsRef<str>]) -> bool {
        if self.lost.is_empty() {
            return false;
        }
        let path: Vec<String> = path.iter().map(|part| part.as_ref().to_owned()).collect();
        (1..=path.len()).any(|end| self.lost.contains(&path[..end]))
    }

    /// Whether anything at or below a path has a finding.
    pub fn lost_within(&self, path: &[&str]) -> bool {
        self.lost.iter().any(|lost| lost.len() >= path.len() && lost.iter().zip(path).all(|(lost, part)| lost == part))
    }

    /// The place of the key at the end of a path.
    pub fn at_key(&self, path: &[impl AsRef<str>]) -> Place {
        Place { file: self.file, span: self.tree.find_key(path) }
    }
}

/// A spec as written. A part is missing if its file is missing or unreadable.
#[derive(Debug, Default)]
pub struct Spec {
    /// `api.yaml`
    pub api: Option<Doc>,
    /// `filters.yaml`
    pub filters: Option<Doc>,
    /// `formats.yaml`
    pub formats: Option<Doc>,
    /// `endpoints.yaml`
    pub endpoints: Option<Doc>,
    /// `assumptions.yaml`
    pub assumptions: Option<Doc>,
    /// `reports/<group>/<report>.yaml`, with the group's name
    pub reports: Vec<(String, Doc<ReportFile>)>,
    /// The names of reports whose files cannot be read, from their paths. Others may refer to them.
    pub unread: Vec<String>,
    /// The features in the `Cargo.toml` beside the spec, if there is one.
    pub features: Option<Features>,
}
