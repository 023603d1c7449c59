//! Values that the schemas alone would misjudge: keys without a value, texts without a word, and whole numbers written
//! as `2.0` or `1e3`, and lists that hold a text twice. Payloads of examples are quotations, so they stay as they are.

use std::collections::HashSet;

use serde_json::Value;

use super::scalars::whole;
use super::schema_errors::Rejection;
use super::spec_dir::Role;
use super::yaml_tree::{Kind, Node};
use crate::finding::{Code, FileId, Finding, Fix, Place, codes};

/// Whether the value at a path is data: the payload of an example, or the value of an assumption.
fn is_data(role: &Role, path: &[String]) -> bool {
    let words: Vec<&str> = path.iter().map(String::as_str).collect();
    match role {
        Role::Report(_) => matches!(words[..], ["examples", _, "request" | "response"]),
        Role::Assumptions => matches!(words[..], ["assumptions", _, "value"]),
        Role::Api | Role::Filters | Role::Formats | Role::Endpoints => false,
    }
}

/// Free text: what looks like a comment behind it may be a part of it.
const PROSE: [&str; 6] = ["description", "reason", "settled_by", "settled", "advice", "title"];
/// Keys whose text says something; others, such as the value of a header, may be empty.
const TELLING: [&str; 11] = [
    "description",
    "reason",
    "settled_by",
    "settled",
    "advice",
    "title",
    "permit",
    "printed",
    "column",
    "column_title",
    "source",
];

/// What other languages write for null. Without quotes, no payload has such a text.
const NO_NULL: [&str; 3] = ["None", "nil", "undefined"];

/// Whether a list says nothing if it is empty.
fn is_filled(path: &[String]) -> bool {
    let words: Vec<&str> = path.iter().map(String::as_str).collect();
    matches!(words[..], ["quirks", _, "at"] | ["aggregations", _, "by"] | [.., "values" | "adds"] | [.., "adds", "over"])
}

/// Whether a list holds each of its texts once.
fn is_set(path: &[String]) -> bool {
    let words: Vec<&str> = path.iter().map(String::as_str).collect();
    matches!(
        words[..],
        ["quirks", _, "at"]
            | ["aggregations", _, "by"]
            | ["error_body", "symbols", _, "options"]
            | ["intervals"]
            | [.., "adds"]
            | [.., "adds", "over"]
    )
}

/// Reports keys without a value, and makes whole numbers of floats without a fraction.
pub(super) fn settle(file: FileId, role: &Role, text: &str, tree: &Node, json: &mut Value) -> Vec<Rejection> {
    let mut walk = Walk { file, role, text, root: tree, path: Vec::new(), findings: Vec::new() };
    walk.node(tree, json);
    walk.findings
}

struct Walk<'a> {
    file: FileId,
    role: &'a Role,
    text: &'a str,
    root: &'a Node,
    path: Vec<String>,
    findings: Vec<Rejection>,
}

impl Walk<'_> {
    fn node(&mut self, node: &Node, json: &mut Value) {
        let data = is_data(self.role, &self.path);
        match (&node.kind, json) {
            (Kind::Scalar { text, plain: true }, Value::Null) if !self.path.is_empty() && (!data || text.is_empty()) => {
                self.empty(text, data);
            }
            (Kind::Scalar { text, plain }, Value::String(_)) if !data => {
                self.text(text);
                if *plain {
                    self.comment(node);
                }
            }
            (Kind::Scalar { .. }, Value::Number(number)) if !data || *self.role == Role::Assumptions => {
                if let Some(whole) = whole(number) {
                    *number = whole;
                }
            }
            (Kind::Sequence(nodes), Value::Array(items)) if !data => {
                if nodes.is_empty() && is_filled(&self.path) {
                    let message = format!("`{}` is an empty list", self.path.join("."));
                    let adds = self.path.iter().any(|part| part == "adds");
                    let help = if adds {
                        "write `never`, or list what values add up over"
                    } else {
                        "list what it is about, or remove the key"
                    };
                    self.reject(codes::EMPTY_VALUE, message, help);
                }
                let mut seen = HashSet::new();
                for (at, (node, item)) in nodes.iter().zip(items).enumerate() {
                    if is_set(&self.path) && item.as_str().is_some_and(|text| !seen.insert(text.to_owned())) {
                        let message = format!("duplicate value {item}");
                        self.within(at.to_string(), |walk| walk.reject(codes::DUPLICATE_VALUE, message, "remove it"));
                        let place = |node: &Node| Place { file: self.file, span: node.span() };
                        if let (Some(of), Some(before)) = (self.findings.last_mut(), nodes[..at].last()) {
                            of.finding.fix = Some(Fix::remove(place(before), place(node)));
                        }
                    }
                    self.within(at.to_string(), |walk| walk.node(node, item));
                }
            }
            (Kind::Mapping(entries), Value::Object(values)) if !data => {
                for ((key, node), (_, value)) in entries.iter().zip(values) {
                    self.within(key.text.to_string(), |walk| walk.node(node, value));
                }
            }
            (_, json) if data => self.nulls(node, json),
            _ => {}
        }
    }

    /// Reports what other languages write for null, anywhere in data.
    fn nulls(&mut self, node: &Node, json: &mut Value) {
        match (&node.kind, json) {
            (Kind::Scalar { text, plain: true }, json) if NO_NULL.contains(&&**text) => {
                let message = format!("`{}` is the text `{text}`", self.path.join("."));
                self.reject(codes::EMPTY_VALUE, message, "write `null` if there is no value, or put text in double quotes");
                *json = Value::Null;
            }
            (Kind::Sequence(nodes), Value::Array(items)) => {
                for (at, (node, item)) in nodes.iter().zip(items).enumerate() {
                    self.within(at.to_string(), |walk| walk.nulls(node, item));
                }
            }
            (Kind::Mapping(entries), Value::Object(values)) => {
                for ((key, node), (_, value)) in entries.iter().zip(values) {
                    self.within(key.text.to_string(), |walk| walk.nulls(node, value));
                }
            }
            _ => {}
        }
    }

    fn within(&mut self, part: String, judge: impl FnOnce(&mut Self)) {
        self.path.push(part);
        judge(self);
        self.path.pop();
    }

    fn reject(&mut self, code: Code, message: String, help: &str) {
        let place = Place { file: self.file, span: self.root.find(&self.path) };
        let finding = Finding::new(code, message).at(place).help(help);
        self.findings.push(Rejection { path: self.path.clone(), meant: None, bare: false, finding });
    }

    fn empty(&mut self, text: &str, data: bool) {
        let what = self.path.join(".");
        let message = if text.is_empty() { format!("`{what}` has no value") } else { format!("`{what}` is `{text}`") };
        let help = match data {
            true => "write a value; `null` says that it is unknown",
            false => "write its value, or remove the key if it is unknown",
        };
        self.reject(codes::EMPTY_VALUE, message, help);
    }

    fn text(&mut self, text: &str) {
        let key = self.path.last().map(String::as_str).unwrap_or_default();
        if TELLING.contains(&key) && text.trim().is_empty() {
            let message = format!("`{}` is empty", self.path.join("."));
            self.reject(codes::EMPTY_VALUE, message, "write its text, or remove the key if it is unknown");
        }
    }

    /// Reports prose that ends in a comment, which was probably meant as its second half.
    fn comment(&mut self, node: &Node) {
        let key = self.path.last().map(String::as_str).unwrap_or_default();
        let rest = self.text[node.span().end..].lines().next().unwrap_or_default();
        if PROSE.contains(&key) && rest.starts_with(" #") {
            let at = node.span().end + 1;
            let place = Place { file: self.file, span: at..at + rest.len() - 1 };
            let finding = Finding::new(
                codes::YAML_COMMENT,
                format!("`{}` ends here; the rest of the line is a comment", self.path.join(".")),
            );
            let help = "put text that contains ` #` in double quotes; write a comment above the line";
            let finding = finding.at(place).help(help);
            self.findings.push(Rejection { path: self.path.clone(), meant: None, bare: false, finding });
        }
    }
}
