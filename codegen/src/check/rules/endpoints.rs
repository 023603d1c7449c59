//! Rule: endpoints have a valid method and path, an unknown path is an assumption, and the keys in `carries` fit together. Method and path
//! end up in a request line, so they must not contain anything else.

use placewise_model::{Coverage, Endpoint};

use crate::check::rule::Rule;
use crate::check::text_forms::{PLAIN_NAME, is_plain_name};
use crate::finding::{Finding, codes, dangling, suggest};
use crate::resolve::UncheckedModel;
use crate::source::{Doc, Spec};

pub(crate) const RULE: Rule = Rule::Whole(check);

/// The methods that a request can have. CONNECT and TRACE are no calls of an API.
pub(super) const METHODS: [&str; 7] = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"];

fn check(unchecked: &UncheckedModel, spec: &Spec, findings: &mut Vec<Finding>) {
    let Some(doc) = &spec.endpoints else { return };
    for endpoint in &unchecked.endpoints {
        let place = ["endpoints", &endpoint.name];
        if !is_plain_name(&endpoint.name) {
            findings.push(
                Finding::new(codes::ENDPOINT_NAME, format!("the endpoint `{}` has a name that cannot be a type", endpoint.name))
                    .at(doc.at_key(&place))
                    .help(PLAIN_NAME),
            );
        }
        if !METHODS.contains(&endpoint.method.as_str()) {
            let finding = Finding::new(codes::BAD_METHOD, format!("`{}` is not an HTTP method", endpoint.method));
            findings.push(suggest(finding.at(doc.at(&["endpoints", &endpoint.name, "method"])), &endpoint.method, &METHODS));
        }
        path(endpoint, spec, doc, findings);
        carries(endpoint, doc, findings);
        coverage(endpoint, doc, findings);
    }
}

fn path(endpoint: &Endpoint, spec: &Spec, doc: &Doc, findings: &mut Vec<Finding>) {
    let name = &endpoint.name;
    // An unreadable path has a finding already.
    if doc.tree.get("endpoints").and_then(|(_, node)| node.get(name)).is_some_and(|(_, node)| node.get("path").is_none())
        && !doc.lost(&["endpoints", name, "path"])
    {
        findings.push(
            Finding::new(codes::ENDPOINT_PATH, format!("the endpoint `{name}` has no path"))
                .at(doc.at_key(&["endpoints", name]))
                .help("write the path or, if it is unknown, an assumption with value null: `path: { assumed: … }`"),
        );
    }
    let Some(path) = &endpoint.path.value else { return };
    let at = doc.at(&["endpoints", name, "path"]);
    let Some(names) = names_in(path) else {
        let mut finding = Finding::new(codes::BAD_PATH, format!("`{path}` is not a path")).at(at).help(
            "start with `/`; between slashes use letters, digits, `-._~` or a name in braces such as `{id}`, each name once",
        );
        if let (Some(id), Some(assumptions)) = (&endpoint.path.assumption, &spec.assumptions) {
            finding = finding.related(assumptions.at(&["assumptions", id, "value"]), "the assumed value");
        }
        findings.push(finding);
        return;
    };
    let carried = [&endpoint.carries.report, &endpoint.carries.field].into_iter().flatten().map(|key| key.value.as_str());
    let known: Vec<&str> = endpoint.request.iter().map(|field| field.name.as_str()).chain(carried).collect();
    for name in names.into_iter().filter(|name| !endpoint.request.is_empty() && !known.contains(name)) {
        let message = format!("the path contains `{name}`, but the request has no key of that name");
        findings.push(dangling(message, at.clone(), name, &known));
    }
}

/// The names in braces of a path, or `None` if it is not a path.
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

fn carries(endpoint: &Endpoint, doc: &Doc, findings: &mut Vec<Finding>) {
    let written = |key: &str| {
        !doc.value["endpoints"][&endpoint.name]["carries"][key].is_null()
            || doc.lost(&["endpoints", &endpoint.name, "carries", key])
    };
    let mut say = |key: &str, message: &str, help: &str| {
        let at = doc.at_key(&["endpoints", &endpoint.name, "carries", key]);
        findings.push(Finding::new(codes::CARRIES, message).at(at).help(help));
    };
    if written("field") && !written("report") {
        say("field", "`field` needs `report`", "add `report`, the key of the report's name");
    }
    match (written("query"), written("query_format")) {
        (true, false) => say("query", "`query` needs `query_format`", "add `query_format`, the format of the query"),
        (false, true) => say("query_format", "`query_format` needs `query`", "add `query`, or remove `query_format`"),
        (true, true) | (false, false) => {}
    }
    if let (Some(report), Some(field)) = (&endpoint.carries.report, &endpoint.carries.field)
        && report.value == field.value
    {
        say(
            "field",
            "the report and the field have the same key",
            "change one of them; the value of an assumed key is in assumptions.yaml",
        );
    }
}

fn coverage(endpoint: &Endpoint, doc: &Doc, findings: &mut Vec<Finding>) {
    if let (Coverage::Whole, Some(id)) = (endpoint.coverage, &endpoint.path.assumption) {
        findings.push(
            Finding::new(codes::ENDPOINT_COVERAGE, format!("the path of a `whole` endpoint is the assumption `{id}`"))
                .at(doc.at(&["endpoints", &endpoint.name, "path"]))
                .help("write `coverage: partial` or `name-only`; a page that is known states its path"),
        );
    }
    if endpoint.coverage == Coverage::NameOnly && !(endpoint.request.is_empty() && endpoint.response.is_empty()) {
        findings.push(
            Finding::new(codes::ENDPOINT_COVERAGE, "a name-only endpoint has request or response keys")
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
