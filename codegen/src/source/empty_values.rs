//! Values that the schemas alone would misjudge: keys without a value, and whole numbers written as `2.0` or `1e3`. Payloads of examples are
//! quotations, so they stay as they are.

use serde_json::Value;

use super::scalars::whole;
use super::spec_dir::Role;
use super::yaml_tree::{Kind, Node};
use crate::finding::{FileId, Finding, Place};

/// Whether the value at a path is data: the payload of an example, or the value of an assumption.
fn is_data(role: &Role, path: &[String]) -> bool {
    let words: Vec<&str> = path.iter().map(String::as_str).collect();
    match role {
        Role::Report(_) => matches!(words[..], ["examples", _, "request" | "response"]),
        Role::Assumptions => matches!(words[..], ["assumptions", _, "value"]),
        Role::Api | Role::Filters | Role::Formats | Role::Endpoints => false,
    }
}

/// Reports keys without a value, and makes whole numbers of floats without a fraction.
pub(super) fn settle(file: FileId, role: &Role, tree: &Node, json: &mut Value) -> Vec<Finding> {
    let mut walk = Walk { file, role, root: tree, path: Vec::new(), findings: Vec::new() };
    walk.node(tree, json);
    walk.findings
}

struct Walk<'a> {
    file: FileId,
    role: &'a Role,
    root: &'a Node,
    path: Vec<String>,
    findings: Vec<Finding>,
}

impl Walk<'_> {
    fn node(&mut self, node: &Node, json: &mut Value) {
        let data = is_data(self.role, &self.path);
        match (&node.kind, json) {
            (Kind::Scalar { text, plain: true }, Value::Null) if !self.path.is_empty() => {
                if !data || text.is_empty() {
                    self.empty(text, data);
                }
            }
            (Kind::Scalar { .. }, Value::Number(number)) if !data || *self.role == Role::Assumptions => {
                if let Some(whole) = whole(number) {
                    *number = whole;
                }
            }
            (Kind::Sequence(nodes), Value::Array(items)) if !data => {
                for (at, (node, item)) in nodes.iter().zip(items).enumerate() {
                    self.step(at.to_string(), node, item);
                }
            }
            (Kind::Mapping(entries), Value::Object(values)) if !data => {
                for ((key, node), (_, value)) in entries.iter().zip(values) {
                    self.step(key.text.to_string(), node, value);
                }
            }
            _ => {}
        }
    }

    fn step(&mut self, part: String, node: &Node, json: &mut Value) {
        self.path.push(part);
        self.node(node, json);
        self.path.pop();
    }

    fn empty(&mut self, text: &str, data: bool) {
        let what = self.path.join(".");
        let message = if text.is_empty() { format!("`{what}` has no value") } else { format!("`{what}` is `{text}`") };
        let help = if data {
            "write a value; `null` says that it is unknown"
        } else {
            "write its value, or remove the key if it is unknown"
        };
        let place = Place { file: self.file, span: self.root.find(&self.path) };
        self.findings.push(Finding::error("empty-value", message).at(place).help(help));
    }
}
