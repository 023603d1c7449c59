//! One side of a comparison: a checked spec, and when its pages were last seen.

use placewise_model::{Field, Model, Report};

use super::change::At;
use super::facts::{Facts, Path};
use super::surface::Surface;
use crate::check::Checked;
use crate::finding::{Place, Sources};
use crate::published::Captures;
use crate::source::Spec;
use crate::source::yaml_tree::{Kind, Node};

/// One side of a comparison.
pub struct Side<'a> {
    /// The model.
    pub model: &'a Model,
    /// The spec as written, which tells the places of facts.
    spec: &'a Spec,
    sources: &'a Sources,
    /// What the pages stated when they were last seen.
    pub captures: &'a Captures,
    /// The facts of the model.
    pub(super) facts: Facts,
}

impl<'a> Side<'a> {
    /// A side; none if the spec has errors.
    pub fn new(checked: &'a Checked, captures: &'a Captures) -> Option<Self> {
        let model: &Model = checked.model.as_deref()?;
        Some(Self { model, spec: &checked.spec, sources: &checked.sources, captures, facts: Facts::of(model) })
    }

    /// The name by which programs call the crate of the spec: that of the package beside it.
    pub fn crate_name(&self) -> Option<String> {
        let package = &self.spec.features.as_ref()?.package;
        Some(package.replace('-', "_"))
    }

    pub(super) fn surface(&self, crate_name: &str) -> Surface {
        Surface::of(self.model, crate_name)
    }

    /// Where the spec states a fact; none if its file is not known.
    pub(super) fn at(&self, path: &[String]) -> Option<At> {
        let (file, tree, within, below) = self.file(path)?;
        // Lists have positions where facts have names.
        let mut steps: Path = within;
        for (index, step) in below.iter().enumerate() {
            let node = follow(tree, &steps);
            let list = &path[..path.len() - below.len() + index];
            let position = self.facts.lists.get(list).and_then(|names| names.iter().position(|name| name == step));
            match (node.map(|node| &node.kind), position) {
                (Some(Kind::Sequence(_)), Some(position)) => steps.push(position.to_string()),
                _ => steps.push(step.clone()),
            }
        }
        // What the file leaves out stands nowhere; the nearest that it has is shown.
        let place = Place { file, span: tree.find(&steps) };
        let (line, column) = self.sources.line_column(&place);
        Some(At { file: self.sources.get(file).path.clone(), line, column })
    }

    /// The file of a fact, where the file has its root, and the steps from there.
    fn file<'p>(&self, path: &'p [String]) -> Option<(crate::finding::FileId, &'a Node, Path, &'p [String])> {
        let (root, rest) = path.split_first()?;
        let (doc, within) = match root.as_str() {
            "api" => (&self.spec.api, None),
            "filters" => (&self.spec.filters, None),
            "formats" => (&self.spec.formats, None),
            "endpoints" => (&self.spec.endpoints, Some(root)),
            "assumptions" => (&self.spec.assumptions, Some(root)),
            _ => {
                let (name, rest) = rest.split_first()?;
                let (_, doc) = self.spec.reports.iter().find(|(_, doc)| doc.value.report == *name)?;
                return Some((doc.file, &doc.tree, Vec::new(), rest));
            }
        };
        doc.as_ref().map(|doc| (doc.file, &doc.tree, within.into_iter().cloned().collect(), rest))
    }

    pub(super) fn report(&self, path: &[String]) -> Option<&'a Report> {
        match path {
            [root, name, ..] if root == "reports" => self.model.report(name),
            _ => None,
        }
    }

    /// The field of a row, a label, a request or a response that a fact is or belongs to: the innermost one.
    pub(super) fn field(&self, path: &[String]) -> Option<&'a Field> {
        let find = |fields: &'a [Field], name: &str| fields.iter().find(|field| field.name == name);
        let steps: Vec<&str> = path.iter().map(String::as_str).collect();
        let (field, rest): (&Field, &[&str]) = match steps.as_slice() {
            ["reports", _, "aggregations", aggregation, key, name, rest @ ..] => {
                let aggregation = self.report(path)?.aggregation(aggregation)?;
                let field = match *key {
                    "labels" => find(aggregation.labels.as_ref()?, name)?,
                    _ => aggregation.returns.iter().map(|of| &of.field).find(|field| field.name == *name)?,
                };
                (field, rest)
            }
            ["reports", _, "fields", name, rest @ ..] => (self.report(path)?.field(name)?, rest),
            ["reports", _, "labels", name, rest @ ..] => (find(self.report(path)?.labels.as_ref()?, name)?, rest),
            ["endpoints", endpoint, key @ ("request" | "response"), name, rest @ ..] => {
                let endpoint = self.model.endpoint(endpoint)?;
                (find(if *key == "request" { &endpoint.request } else { &endpoint.response }, name)?, rest)
            }
            _ => return None,
        };
        let (mut field, mut rest) = (field, rest);
        while let ["fields", name, inner @ ..] = rest {
            let placewise_model::Type::Object { fields } = field.ty.innermost() else { break };
            (field, rest) = (find(fields, name)?, inner);
        }
        Some(field)
    }
}

fn follow<'a>(tree: &'a Node, steps: &[String]) -> Option<&'a Node> {
    steps.iter().try_fold(tree, |node, step| match &node.kind {
        Kind::Sequence(items) => items.get(step.parse::<usize>().ok()?),
        _ => node.get(step).map(|(_, next)| next),
    })
}
