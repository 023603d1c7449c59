//! Rule: endpoints can be called: method and path are nothing else, a path that is not known can be turned, and what a request carries of a
//! report fits together.

use placewise_model::{Coverage, Endpoint};

use super::places::plain;
use super::platform::{is_token, link};
use super::{Check, Rule};
use crate::finding::Finding;
use crate::resolve::Draft;
use crate::source::{Doc, EndpointsFile, Spec};
use crate::suggest;

pub(super) const RULE: Rule = Rule {
    codes: &[
        "endpoint-name",
        "bad-method",
        "bad-path",
        "endpoint-path",
        "carries",
        "endpoint-coverage",
        "dangling-reference",
        "bad-link",
    ],
    description: "What ends up in a request line must not be able to be anything else, and a path that nobody knows must be named an assumption.",
    check: Check::Whole(check),
};

fn check(draft: &Draft, spec: &Spec, findings: &mut Vec<Finding>) {
    let Some(doc) = &spec.endpoints else { return };
    for endpoint in &draft.endpoints {
        let place = ["endpoints", &endpoint.name];
        if !plain(&endpoint.name) {
            findings.push(
                Finding::error("endpoint-name", format!("the endpoint `{}` has a name that cannot be a type", endpoint.name))
                    .at(doc.at_key(&place))
                    .help("use small letters, digits and underscores, a letter first, at most 64"),
            );
        }
        if !is_token(&endpoint.method) || endpoint.method.bytes().any(|b| b.is_ascii_lowercase()) {
            findings.push(
                Finding::error("bad-method", format!("`{}` is not an HTTP method", endpoint.method))
                    .at(doc.at(&["endpoints", &endpoint.name, "method"]))
                    .help("GET or POST, in capitals"),
            );
        }
        path(endpoint, spec, doc, findings);
        carries(endpoint, doc, findings);
        coverage(endpoint, doc, findings);
        link(endpoint.source.as_deref(), || doc.at(&["endpoints", &endpoint.name, "source"]), findings);
    }
}

fn path(endpoint: &Endpoint, spec: &Spec, doc: &Doc<EndpointsFile>, findings: &mut Vec<Finding>) {
    let name = &endpoint.name;
    // A path that is there but could not be read was told already.
    if doc.tree.get("endpoints").and_then(|(_, node)| node.get(name)).is_some_and(|(_, node)| node.get("path").is_none()) {
        findings.push(
            Finding::error("endpoint-path", format!("the endpoint `{name}` has no path, and nobody could give it one"))
                .at(doc.at_key(&["endpoints", name]))
                .help(
                    "name an assumption of value null: `path: { assumed: … }`; then a path can be set when the client is built",
                ),
        );
    }
    let Some(path) = &endpoint.path.value else { return };
    let at = doc.at(&["endpoints", name, "path"]);
    let Some(names) = names_in(path) else {
        let mut finding = Finding::error("bad-path", format!("`{path}` is not a path")).at(at).help(
            "a path starts with `/` and has letters, digits and `-._~` between slashes, or a name in braces such as `{id}`, each once",
        );
        if let (Some(id), Some(assumptions)) = (&endpoint.path.assumption, &spec.assumptions) {
            finding = finding.related(assumptions.at(&["assumptions", id, "value"]), "its value");
        }
        findings.push(finding);
        return;
    };
    let carried = [&endpoint.carries.report, &endpoint.carries.field].into_iter().flatten().map(|key| key.value.as_str());
    let known: Vec<&str> = endpoint.request.iter().map(|field| field.name.as_str()).chain(carried).collect();
    for name in names.into_iter().filter(|name| !endpoint.request.is_empty() && !known.contains(name)) {
        let finding =
            Finding::error("dangling-reference", format!("the request has no key `{name}` to fill the path with")).at(at.clone());
        findings.push(suggest::help(finding, name, &known));
    }
}

/// The names in braces of a path; none where it is no path.
fn names_in(path: &str) -> Option<Vec<&str>> {
    let mut names = Vec::new();
    let mut rest = path.strip_prefix('/')?;
    while let Some((before, after)) = rest.split_once('{') {
        let (name, after) = after.split_once('}')?;
        let word = !name.is_empty() && name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_');
        if !word || !is_plain_path(before) || names.contains(&name) {
            return None;
        }
        names.push(name);
        rest = after;
    }
    is_plain_path(rest).then_some(names)
}

fn is_plain_path(text: &str) -> bool {
    text.bytes().all(|b| b.is_ascii_alphanumeric() || b"/-._~".contains(&b))
}

fn carries(endpoint: &Endpoint, doc: &Doc<EndpointsFile>, findings: &mut Vec<Finding>) {
    let written = doc.value.endpoints.get(&endpoint.name).map(|def| &def.carries);
    let Some(written) = written else { return };
    let mut say = |key: &str, message: &str, help: &str| {
        let at = doc.at_key(&["endpoints", &endpoint.name, "carries", key]);
        findings.push(Finding::error("carries", message).at(at).help(help));
    };
    if written.field.is_some() && written.report.is_none() {
        say("field", "a field is one of a report, whose key is not told", "add `report`, the key of the report's name");
    }
    match (&written.query, written.query_format) {
        (Some(_), None) => say("query", "of which format the query is, is not told", "add `query_format`"),
        (None, Some(_)) => {
            say("query_format", "whether the body is that of a query is not told", "add `query`, or remove `query_format`")
        }
        (Some(_), Some(_)) | (None, None) => {}
    }
    if let (Some(report), Some(field)) = (&endpoint.carries.report, &endpoint.carries.field)
        && report.value == field.value
    {
        say(
            "field",
            "the report and the field have the same key",
            "a key that rests on an assumption has the value of assumptions.yaml",
        );
    }
}

fn coverage(endpoint: &Endpoint, doc: &Doc<EndpointsFile>, findings: &mut Vec<Finding>) {
    if endpoint.coverage == Coverage::NameOnly && !(endpoint.request.is_empty() && endpoint.response.is_empty()) {
        findings.push(
            Finding::error("endpoint-coverage", "an endpoint known by name only has keys of a request or a reply")
                .at(doc.at(&["endpoints", &endpoint.name, "coverage"]))
                .help("write `coverage: partial`, or `whole` if nothing is missing"),
        );
    }
}

#[cfg(test)]
mod tests {
    use super::names_in;

    #[test]
    fn names_in_braces_are_found() {
        assert_eq!(names_in("/v1/places"), Some(vec![]));
        assert_eq!(names_in("/v1/places/{id}/{part}.json"), Some(vec!["id", "part"]));
        for bad in ["", "v1", "/{", "/}", "/{}", "/{{id}}", "/{id}/{id}", "/a b", "/{a/b}", "https://elsewhere", "/x?y=z"] {
            assert_eq!(names_in(bad), None, "{bad}");
        }
    }
}
