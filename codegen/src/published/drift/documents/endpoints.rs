//! The pages of endpoints: method, path, permit, cost, and the keys of request and response, from text and from the OpenAPI fragment of a
//! Markdown twin.

use placewise_model::{Carries, Coverage, Endpoint, Format, Model, Provenance};
use serde_json::Value;

use super::search::{Search, keys, part};
use crate::finding::{Finding, Place, codes};
use crate::published::drift::account::Account;
use crate::published::drift::amendment::Edit;
use crate::published::read::{At, Document, DocumentLine, FactFinding, Json, LineForm, Member};
use crate::source::yaml_tree::{self, Kind, Node};

const METHODS: [&str; 7] = ["GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS"];

/// The words of the headings of such pages, and of pages of examples.
pub(super) const HEADINGS: &str =
    "authorization body code example header headers openapi parameters params path query request response specification";

/// The keys of a body that the spec knows, each with its fact.
type Known<'m> = Vec<(&'m str, Vec<&'m str>)>;

pub(super) fn compare(search: &mut Search<'_>, account: &mut Account<'_>, model: &Model, endpoint: &Endpoint) {
    let name = endpoint.name.as_str();
    if endpoint.provenance != Provenance::Assumed {
        account.expect(&[name, "method"]);
    }
    let facts =
        [("path", known_path(endpoint).is_some()), ("permit", endpoint.permit.is_some()), ("cost", endpoint.cost.is_some())];
    for (fact, _) in facts.into_iter().filter(|(_, known)| *known) {
        account.expect(&[name, fact]);
    }
    for (side, fields) in [("request", &endpoint.request), ("response", &endpoint.response)] {
        fields
            .iter()
            .filter(|field| field.provenance == Provenance::Documented)
            .for_each(|field| account.expect(&[name, side, &field.name]));
    }
    let (request, response) = (request_keys(model, endpoint), response_keys(model, endpoint));
    // Other keys of a query belong to its format.
    let own_keys = formats(model, endpoint).next().is_none();
    let (method, path, permit) = address(search);
    if endpoint.coverage == Coverage::NameOnly {
        account.amend(&[name, "coverage"], Edit::value("partial"));
    }
    if method.is_some() && path.is_some() {
        account.documents(&[name], endpoint.provenance);
    }
    stated(method, Some(endpoint.method.as_str()), &[name, "method"], "method", account);
    stated(path, known_path(endpoint), &[name, "path"], "path", account);
    stated(permit, endpoint.permit.as_deref(), &[name, "permit"], "permit", account);
    cost(search, account, endpoint);
    let is_request = |json: &Json| {
        let of = |known: &Known<'_>| known.iter().filter(|(key, _)| json.get(key).is_some()).count();
        of(&request) > of(&response)
    };
    for (response_side, known, side) in [(false, &request, "request"), (true, &response, "response")] {
        for json in search.samples(response_side, is_request) {
            keys(json, known, &[name, side], search.document, account);
            let new = |member: &&Member| known.iter().all(|(key, _)| *key != member.key);
            for member in json.members().iter().filter(new).filter(|_| own_keys) {
                let entry = serde_json::json!({ "type": type_of(&member.value), "provenance": "example" });
                account.amend(&[name, side, &member.key], Edit::append(entry));
            }
        }
    }
    if let Some(fragment) = search.openapi() {
        openapi(&fragment, account, endpoint, [&request, &response], own_keys);
    }
    for (known, _) in [(&request, "request"), (&response, "response")] {
        for (key, path) in known {
            while let Some(row) = search.row(key) {
                account.states(path, *key, &row.name);
            }
        }
    }
    let all: Vec<&str> = request.iter().chain(&response).map(|(key, _)| *key).collect();
    search.account(&all, HEADINGS, None, account);
}

fn known_path(endpoint: &Endpoint) -> Option<&str> {
    endpoint.path.value.as_deref().filter(|_| endpoint.path.assumption.is_none())
}

/// The endpoint's own keys; of an endpoint that takes queries, those of its format too.
fn request_keys<'m>(model: &'m Model, endpoint: &'m Endpoint) -> Known<'m> {
    let name = endpoint.name.as_str();
    let mut known: Known<'m> =
        endpoint.request.iter().map(|field| (field.name.as_str(), vec![name, "request", field.name.as_str()])).collect();
    for format in formats(model, endpoint) {
        known.extend(
            model
                .request_keys(format)
                .into_iter()
                .map(|(_, key)| (key.value.as_str(), vec![name, "request", key.value.as_str()])),
        );
    }
    let Carries { report, field, .. } = &endpoint.carries;
    known
        .extend([report, field].into_iter().flatten().map(|key| (key.value.as_str(), vec![name, "request", key.value.as_str()])));
    known
}

fn response_keys<'m>(model: &'m Model, endpoint: &'m Endpoint) -> Known<'m> {
    let name = endpoint.name.as_str();
    let mut known: Vec<&str> = endpoint.response.iter().map(|field| field.name.as_str()).collect();
    for format in formats(model, endpoint).filter(|format| model.endpoint_of(*format) == name) {
        match format {
            Format::Records => {
                let keys = &model.records.response;
                known.extend([keys.rows.as_str(), &keys.pagination, &keys.result_type]);
            }
            Format::Timeseries => {
                let keys = &model.timeseries.response;
                known.extend([
                    keys.interval.as_str(),
                    &keys.zone,
                    &keys.buckets,
                    &keys.series,
                    &keys.data_points,
                    &keys.result_type,
                ]);
            }
            Format::Statistics => {}
        }
    }
    known.into_iter().map(|key| (key, vec![name, "response", key])).collect()
}

fn formats<'m>(model: &'m Model, endpoint: &'m Endpoint) -> impl Iterator<Item = Format> + 'm {
    let served = [Format::Records, Format::Timeseries, Format::Statistics].into_iter();
    served.filter(|format| model.endpoint_of(*format) == endpoint.name || endpoint.carries.query_format == Some(*format))
}

/// A text and its place.
type Found = Option<(String, Place)>;

/// Method, path and permit, wherever the page prints them.
fn address(search: &mut Search<'_>) -> (Found, Found, Found) {
    let (mut method, mut path, mut permit) = (None, None, None);
    for (index, line) in search.left() {
        if matches!(line.form, LineForm::Code | LineForm::Header) {
            continue;
        }
        let mut found = false;
        let mut at = 0;
        for word in line.text.value.split([' ', '|', '\t', '`', '*', '"']) {
            let place = part(&line.text, at, word.len());
            at += word.len() + 1;
            if METHODS.contains(&word) && method.is_none() && line.form != LineForm::Prose {
                method = Some((word.to_owned(), place));
                found = true;
            } else if let Some(stated) = path_of(word).filter(|_| path.is_none()) {
                path = Some((stated, place));
                found = true;
            } else if is_permit(word) && permit.is_none() {
                permit = Some((word.to_owned(), place));
                found = true;
            }
        }
        // `API Permit` stands beside its value, or above it.
        if found
            || ["api permit", "api context", "authorization", "try it", "run", "header params", "body params"]
                .iter()
                .any(|label| line.text.value.to_ascii_lowercase().starts_with(label))
        {
            search.take(index);
        }
    }
    (method, path, permit)
}

/// Whether a page that the spec does not know documents an endpoint: it has an OpenAPI fragment, or prints a method on a line of its own.
pub(super) fn is_endpoint(document: &Document) -> bool {
    let method = |line: &DocumentLine| line.form == LineForm::Other && METHODS.contains(&line.text.value.as_str());
    document.openapi.is_some() || document.lines.iter().any(method)
}

/// An endpoint that the spec lacks. Once it has the address, the rest is compared as of any other.
pub(super) fn new(search: &mut Search<'_>, account: &mut Account<'_>) {
    let title = search.document.title.clone();
    let (mut method, mut path, _) = address(search);
    if let Some((tree, at)) = search.openapi().and_then(|fragment| Some((parsed(&fragment)?, fragment.place))) {
        let operation = operations(&tree).into_iter().next();
        method = operation.as_ref().map(|(_, method, _)| (method.text.to_ascii_uppercase(), at.clone())).or(method);
        path = operation.and_then(|(path, ..)| Some((path_of(&path.text)?, at))).or(path);
    }
    let message = format!("the page documents the endpoint `{}`, the spec does not", title.value);
    let name = plain_name(&title.value);
    account.added(&[], &name, message, &title.place, &[]);
    if let (Some((method, _)), Some((path, _))) = (method, path) {
        let entry = serde_json::json!({ "title": title.value, "method": method, "path": path, "coverage": "partial" });
        account.amend(&[&name], Edit::append(entry));
    }
    account.skip(&[]);
}

/// A title as the name of an entry: `Query (records)` as `query_records`.
pub(super) fn plain_name(title: &str) -> String {
    let words = title.split(|c: char| !c.is_ascii_alphanumeric()).filter(|word| !word.is_empty());
    words.map(str::to_ascii_lowercase).collect::<Vec<_>>().join("_")
}

fn stated(found: Option<(String, Place)>, spec: Option<&str>, path: &[&str; 2], what: &str, account: &mut Account<'_>) {
    let Some((text, place)) = found else { return };
    match spec {
        Some(spec) if spec == text => account.states(path, text, &place),
        Some(spec) => {
            let message = format!("the {what} of `{}` is `{text}` on the page, `{spec}` in the spec", path[0]);
            account.states_other(codes::DRIFT_VALUE, message, &text, &place, path);
        }
        None => {
            let message = format!("the page states the {what} of `{}`, `{text}`; the spec does not know it", path[0]);
            account.states_other(codes::DRIFT_SETTLED, message, &text, &place, path);
        }
    }
}

/// The path of an address or a path alone. `:id` and `{id}` are the same.
fn path_of(word: &str) -> Option<String> {
    let path = match word.strip_prefix("https://").or_else(|| word.strip_prefix("http://")) {
        Some(rest) => &rest[rest.find('/')?..],
        None => word,
    };
    let path = path.trim_end_matches(['/', '.', ',']);
    let plain = path.starts_with('/') && path.bytes().all(|b| b.is_ascii_alphanumeric() || b"/_-.{}:".contains(&b));
    // Sentences link to other pages of the site.
    let page = path.starts_with("/doc-") || path.starts_with("/api-");
    (plain && !page && path.len() > 1).then(|| {
        let steps = path.split('/').map(|step| step.strip_prefix(':').map_or(step.to_owned(), |name| format!("{{{name}}}")));
        steps.collect::<Vec<_>>().join("/")
    })
}

/// `Reporting:Api:Query`
fn is_permit(word: &str) -> bool {
    let part = |part: &str| {
        part.starts_with(|c: char| c.is_ascii_uppercase()) && part.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_')
    };
    word.contains(':') && word.split(':').all(part)
}

fn cost(search: &mut Search<'_>, account: &mut Account<'_>, endpoint: &Endpoint) {
    let path = [endpoint.name.as_str(), "cost"];
    let numbers = search.numbers(&["token"]);
    let Some((number, place, _)) = numbers.first() else { return };
    stated(
        Some((number.to_string(), place.clone())),
        endpoint.cost.map(|cost| cost.to_string()).as_deref(),
        &path,
        "cost",
        account,
    );
}

fn parsed(fragment: &At<String>) -> Option<Node> {
    yaml_tree::parse(fragment.place.file, &fragment.value).0
}

/// The operations of an OpenAPI fragment: path, method and content.
fn operations(tree: &Node) -> Vec<(&yaml_tree::Key, &yaml_tree::Key, &Node)> {
    let paths = tree.get("paths").map(|(_, paths)| entries(paths)).unwrap_or_default();
    let methods =
        paths.into_iter().flat_map(|(path, item)| entries(item).into_iter().map(move |(method, node)| (path, method, node)));
    methods.filter(|(_, method, _)| METHODS.contains(&method.text.to_ascii_uppercase().as_str())).collect()
}

/// The OpenAPI fragment of a Markdown twin. `known` are the keys of request and response.
fn openapi(fragment: &At<String>, account: &mut Account<'_>, endpoint: &Endpoint, known: [&Known<'_>; 2], own_keys: bool) {
    let name = endpoint.name.as_str();
    let Some(tree) = parsed(fragment) else {
        let finding =
            Finding::new(codes::PAGE_UNREAD, "cannot read this OpenAPI fragment: it is not YAML").at(fragment.place.clone());
        account.read(FactFinding { fact: account.id(&[name]), finding: finding.help("compare it with the spec by hand") });
        return;
    };
    let at = |key: &yaml_tree::Key| {
        let span = key.span();
        let start = fragment.place.span.start;
        Place { file: fragment.place.file, span: start + span.start..start + span.end }
    };
    for (path, method, operation) in operations(&tree) {
        stated(path_of(&path.text).map(|text| (text, at(path))), known_path(endpoint), &[name, "path"], "path", account);
        let upper = method.text.to_ascii_uppercase();
        stated(Some((upper, at(method))), Some(&endpoint.method), &[name, "method"], "method", account);
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
                properties(schema, &tree, 0, &mut |key, node| {
                    property(key, &at(key), known, &[name, side], account);
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

/// The type of a value in a sample, in the words of the spec.
fn type_of(json: &Json) -> String {
    match json.to_value() {
        Value::Bool(_) => "boolean".into(),
        Value::Number(number) if number.is_f64() => "number".into(),
        Value::Number(_) => "integer".into(),
        Value::String(_) => "string".into(),
        Value::Array(_) if !json.elements().is_empty() => {
            let mut types: Vec<String> = json.elements().iter().map(type_of).collect();
            types.dedup();
            if let [of] = &types[..] { format!("array[{of}]") } else { "json".into() }
        }
        _ => "json".into(),
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
