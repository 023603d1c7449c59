//! The OpenAPI fragment of a Markdown twin.

use placewise_model::Endpoint;

use crate::finding::Place;
use crate::published::drift::account::Account;
use crate::published::drift::amendment::Edit;
use crate::published::read::At;
use crate::source::yaml_tree::{self, Kind, Node};

pub(super) const METHODS: [&str; 7] = ["GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS"];

/// The keys of a body that the spec knows, each with its fact.
pub(super) type Known<'m> = Vec<(&'m str, Vec<&'m str>)>;

/// The tree of a fragment.
pub(super) fn parsed(fragment: &At<String>) -> Option<Node> {
    yaml_tree::parse(fragment.place.file, &fragment.value).0
}

/// The operations of an OpenAPI fragment: path, method and content.
pub(super) fn operations(tree: &Node) -> Vec<(&yaml_tree::Key, &yaml_tree::Key, &Node)> {
    let paths = tree.get("paths").map(|(_, paths)| entries(paths)).unwrap_or_default();
    let methods =
        paths.into_iter().flat_map(|(path, item)| entries(item).into_iter().map(move |(method, node)| (path, method, node)));
    methods.filter(|(_, method, _)| METHODS.contains(&method.text.to_ascii_uppercase().as_str())).collect()
}

/// The place of a key.
pub(super) fn place_of(fragment: &At<String>, key: &yaml_tree::Key) -> Place {
    let (span, start) = (key.span(), fragment.place.span.start);
    Place { file: fragment.place.file, span: start + span.start..start + span.end }
}

/// Compares the properties of request and response. `known` are their keys.
pub(super) fn compare(
    fragment: &At<String>,
    tree: &Node,
    account: &mut Account<'_>,
    endpoint: &Endpoint,
    known: [&Known<'_>; 2],
    own_keys: bool,
) {
    let name = endpoint.name.as_str();
    for (_, _, operation) in operations(tree) {
        let body = |node: &Node| {
            let content = node.get("content").map(|(_, content)| entries(content)).unwrap_or_default();
            let schemas = content.into_iter().filter_map(|(_, media)| media.get("schema"));
            schemas.map(|(_, schema)| schema.clone()).collect::<Vec<_>>()
        };
        let requests = operation.get("requestBody").map(|(_, node)| body(node)).unwrap_or_default();
        let responses = operation.get("responses").map(|(_, node)| entries(node)).unwrap_or_default();
        let good = responses.into_iter().filter(|(status, _)| status.text.starts_with('2'));
        let responses: Vec<Node> = good.flat_map(|(_, node)| body(node)).collect();
        for (schemas, known, side, fields) in
            [(requests, known[0], "request", &endpoint.request), (responses, known[1], "response", &endpoint.response)]
        {
            for schema in &schemas {
                properties(schema, tree, 0, &mut |key, node| {
                    property(key, &place_of(fragment, key), known, &[name, side], account);
                    if let Some(field) = fields.iter().find(|field| *field.name == *key.text) {
                        account.documents(&[name, side, &key.text], field.provenance);
                    } else if own_keys {
                        let entry = serde_json::json!({ "type": schema_type(node) });
                        account.amend(&[name, side, &key.text], Edit::append(entry));
                    }
                });
            }
        }
    }
}

fn property(key: &yaml_tree::Key, place: &Place, known: &Known<'_>, at: &[&str; 2], account: &mut Account<'_>) {
    match known.iter().find(|(name, _)| **name == *key.text) {
        Some((name, path)) => account.states(path, *name, place),
        None => {
            let message = format!("the page's OpenAPI fragment has the key `{}` in the {}, the spec does not", key.text, at[1]);
            let names: Vec<&str> = known.iter().map(|(name, _)| *name).collect();
            account.added(at, &key.text, message, place, &names);
        }
    }
}

/// The type of a property, in the words of the spec.
fn schema_type(schema: &Node) -> String {
    let word = |node: &Node| match node.get("type").map(|(_, node)| &node.kind) {
        Some(Kind::Scalar { text, .. }) if ["integer", "number", "string", "boolean"].contains(&&**text) => text.to_string(),
        _ => "json".to_owned(),
    };
    match schema.get("items") {
        Some((_, items)) => format!("array[{}]", word(items)),
        None => word(schema),
    }
}

/// The keys of a schema; references lead into the same fragment.
fn properties(schema: &Node, tree: &Node, depth: usize, each: &mut dyn FnMut(&yaml_tree::Key, &Node)) {
    if depth > 8 {
        return;
    }
    for (key, node) in schema.get("properties").map(|(_, node)| entries(node)).unwrap_or_default() {
        each(key, node);
    }
    for parts in ["allOf", "oneOf", "anyOf"] {
        if let Some((_, Node { kind: Kind::Sequence(parts), .. })) = schema.get(parts) {
            parts.iter().for_each(|part| properties(part, tree, depth + 1, each));
        }
    }
    if let Some((_, Node { kind: Kind::Scalar { text, .. }, .. })) = schema.get("$ref") {
        let target = text
            .strip_prefix("#/")
            .and_then(|path| path.split('/').try_fold(tree, |node, step| node.get(step).map(|(_, next)| next)));
        if let Some(target) = target {
            properties(target, tree, depth + 1, each);
        }
    }
}

fn entries(node: &Node) -> Vec<(&yaml_tree::Key, &Node)> {
    match &node.kind {
        Kind::Mapping(entries) => entries.iter().collect(),
        _ => Vec::new(),
    }
}
