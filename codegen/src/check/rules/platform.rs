//! Rule: hosts are addresses, headers are HTTP tokens, and operators and errors have distinct names.

use std::collections::HashMap;

use super::formats::distinct;
use crate::check::rule::Rule;
use crate::check::text_forms::is_token;
use crate::finding::{Finding, codes};
use crate::naming;
use crate::resolve::UncheckedModel;
use crate::source::Spec;

pub(crate) const RULE: Rule = Rule::Whole(check);

fn check(unchecked: &UncheckedModel, spec: &Spec, findings: &mut Vec<Finding>) {
    hosts_and_headers(unchecked, spec, findings);
    operators(unchecked, spec, findings);
}

fn is_host(url: &str) -> bool {
    let rest = url.strip_prefix("https://").or_else(|| url.strip_prefix("http://"));
    rest.is_some_and(|rest| !rest.is_empty() && rest.bytes().all(|b| b.is_ascii_alphanumeric() || b"-.:[]".contains(&b)))
}

fn hosts_and_headers(unchecked: &UncheckedModel, spec: &Spec, findings: &mut Vec<Finding>) {
    let (Some(api), Some(doc)) = (&unchecked.api, &spec.api) else { return };
    let mut names: HashMap<String, String> = HashMap::new();
    let mut urls: HashMap<&str, &str> = HashMap::new();
    for (name, host) in &api.hosts {
        if !is_host(&host.url) {
            findings.push(
                Finding::new(codes::BAD_HOST, format!("`{}` is not a base URL", host.url))
                    .at(doc.at(&["hosts", name, "url"]))
                    .help("write https://name or https://name:port, without a path"),
            );
        }
        if let Some(other) = urls.insert(&host.url, name) {
            findings.push(
                Finding::new(codes::BAD_HOST, format!("hosts `{other}` and `{name}` have the same base URL"))
                    .at(doc.at(&["hosts", name, "url"]))
                    .related(doc.at(&["hosts", other, "url"]), "the other")
                    .help("correct one of them"),
            );
        }
        let rust = naming::variant(name);
        if let Some(other) = names.insert(rust.clone(), name.clone()) {
            findings.push(
                Finding::new(codes::SAME_RUST_NAME, format!("hosts `{name}` and `{other}` would both be named `{rust}` in Rust"))
                    .at(doc.at_key(&["hosts", name]))
                    .help("rename one of them"),
            );
        }
    }
    let mut header = |name: &str, path: &[&str]| {
        if !is_token(name) {
            let finding = Finding::new(codes::BAD_HEADER, format!("`{name}` is not a header name"));
            findings.push(finding.at(doc.at(path)).help("use ASCII letters, digits and `-`"));
        }
    };
    for (key, value) in api.headers.all() {
        header(&value.name, &["headers", key, "name"]);
    }
    let limit = &api.rate_limit;
    for (key, name) in
        [("retry_after", &limit.retry_after), ("bucket", &limit.bucket), ("remaining", &limit.remaining), ("cost", &limit.cost)]
    {
        header(name, &["rate_limit", key]);
    }
    let body = &api.error_body;
    distinct("error bodies", &["error_body"], &[("message", &body.message), ("details", &body.details)], doc, findings);
    distinct("errors of a parameter", &["error_body"], &[("symbol", &body.symbol), ("options", &body.options)], doc, findings);
    let mut statuses: HashMap<_, u16> = HashMap::new();
    for error in &api.errors {
        if let Some(first) = statuses.insert(error.name, error.status) {
            findings.push(
                Finding::new(codes::SAME_ERROR, format!("statuses {first} and {} have the same name", error.status))
                    .at(doc.at(&["errors", &error.status.to_string(), "name"]))
                    .help("give each status its own name"),
            );
        }
    }
}

fn operators(unchecked: &UncheckedModel, spec: &Spec, findings: &mut Vec<Finding>) {
    let (Some(filter), Some(doc)) = (&unchecked.filter, &spec.filters) else { return };
    let mut names: HashMap<&str, &str> = HashMap::new();
    for (key, operator) in filter.operators() {
        if operator.name.is_empty() {
            let finding = Finding::new(codes::EMPTY_NAME, "an operator's name cannot be empty");
            findings.push(finding.at(doc.at(&["operators", key, "name"])).help("write its name on the wire"));
        }
        if let Some(first) = names.insert(&operator.name, key) {
            findings.push(
                Finding::new(codes::SAME_OPERATOR, format!("`{first}` and `{key}` have the same wire name"))
                    .at(doc.at(&["operators", key, "name"]))
                    .related(doc.at(&["operators", first, "name"]), "the other")
                    .help("correct one of them"),
            );
        }
    }
    let keys = [
        ("type", &*filter.keys.ty),
        ("operations", &filter.keys.operations),
        ("field", &filter.keys.field),
        ("value", &filter.keys.value),
    ];
    distinct("filter nodes", &["keys"], &keys, doc, findings);
}
