//! The pages that a spec names: every `source`, each with its places.

use indexmap::IndexMap;

use crate::finding::{FileId, Place};
use crate::source::Spec;
use crate::source::yaml_tree::{Kind, Node};

/// A page that a spec names.
#[derive(Clone, Debug)]
pub struct Source {
    /// Its address.
    pub address: String,
    /// Where the spec names it.
    pub places: Vec<Place>,
}

/// Every page that a spec names, in the order of its files.
pub fn sources(spec: &Spec) -> Vec<Source> {
    let mut found: IndexMap<String, Vec<Place>> = IndexMap::new();
    let platform = [&spec.api, &spec.filters, &spec.formats, &spec.endpoints, &spec.assumptions];
    for doc in platform.into_iter().flatten() {
        walk(doc.file, &doc.tree, &mut found);
    }
    for (_, doc) in &spec.reports {
        walk(doc.file, &doc.tree, &mut found);
    }
    found.into_iter().map(|(address, places)| Source { address, places }).collect()
}

fn walk(file: FileId, node: &Node, found: &mut IndexMap<String, Vec<Place>>) {
    match &node.kind {
        Kind::Sequence(items) => items.iter().for_each(|item| walk(file, item, found)),
        Kind::Mapping(entries) => {
            for (key, value) in entries {
                match &value.kind {
                    // `source` is also the name of fields; those are mappings.
                    Kind::Scalar { text, .. } if &*key.text == "source" && text.starts_with("http") => {
                        found.entry(text.to_string()).or_default().push(Place { file, span: value.span() });
                    }
                    // Payloads are data of examples, which may hold any key.
                    _ if matches!(&*key.text, "request" | "response") => {}
                    _ => walk(file, value, found),
                }
            }
        }
        Kind::Scalar { .. } => {}
    }
}
