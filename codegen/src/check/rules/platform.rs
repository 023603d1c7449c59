//! Rule: hosts are addresses, headers are HTTP tokens, and operators and errors have distinct names.

use super::formats::distinct_keys;
use super::headers_and_limits::limit_headers;
use crate::check::distinct::distinct;
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
    for (name, host) in &api.hosts {
        if !is_host(&host.url) {
            findings.push(
                Finding::new(codes::BAD_HOST, format!("`{}` is not a base URL", host.url))
                    .at(doc.at(&["hosts", name, "url"]))
                    .help("write https://name or https://name:port, without a path"),
            );
        }
    }
    let hosts = || api.hosts.iter().map(|(name, host)| (name.as_str(), host));
    let urls = hosts().map(|(name, host)| (host.url.as_str(), name, doc.at(&["hosts", name, "url"])));
    let same_url = |_: &&str, first: &str, name: &str| {
        Finding::new(codes::BAD_HOST, format!("hosts `{first}` and `{name}` have the same base URL")).help("correct one of them")
    };
    distinct(urls, same_url, findings);
    let names = hosts().map(|(name, _)| (naming::variant(name), name, doc.at_key(&["hosts", name])));
    let same_name = |rust: &String, first: &str, name: &str| {
        let message = format!("hosts `{name}` and `{first}` would both be named `{rust}` in Rust");
        Finding::new(codes::SAME_RUST_NAME, message).help("rename one of them")
    };
    distinct(names, same_name, findings);
    let mut header = |name: &str, path: &[&str]| {
        if !is_token(name) {
            let finding = Finding::new(codes::BAD_HEADER, format!("`{name}` is not a header name"));
            findings.push(finding.at(doc.at(path)).help("use ASCII letters, digits and `-`"));
        }
    };
    for (key, value) in api.headers.all() {
        header(&value.name, &["headers", key, "name"]);
    }
    for (key, name) in limit_headers(&api.rate_limit) {
        header(name, &["rate_limit", key]);
    }
    let body = &api.error_body;
    distinct_keys("error bodies", &["error_body"], &[("message", &body.message), ("details", &body.details)], doc, findings);
    distinct_keys(
        "errors of a parameter",
        &["error_body"],
        &[("symbol", &body.symbol), ("options", &body.options)],
        doc,
        findings,
    );
    let statuses: Vec<String> = api.errors.iter().map(|error| error.status.to_string()).collect();
    let errors = api.errors.iter().zip(&statuses);
    let errors = errors.map(|(error, status)| (error.name, status.as_str(), doc.at(&["errors", status, "name"])));
    let same_error = |_: &_, first: &str, status: &str| {
        Finding::new(codes::SAME_ERROR, format!("statuses {first} and {status} have the same name"))
            .help("give each status its own name")
    };
    distinct(errors, same_error, findings);
}

fn operators(unchecked: &UncheckedModel, spec: &Spec, findings: &mut Vec<Finding>) {
    let (Some(filter), Some(doc)) = (&unchecked.filter, &spec.filters) else { return };
    for (key, operator) in filter.operators() {
        if operator.name.is_empty() {
            let finding = Finding::new(codes::EMPTY_NAME, "an operator's name cannot be empty");
            findings.push(finding.at(doc.at(&["operators", key, "name"])).help("write its name on the wire"));
        }
    }
    let operators = filter.operators().map(|(key, of)| (of.name.as_str(), key, doc.at(&["operators", key, "name"])));
    let same_operator = |_: &&str, first: &str, key: &str| {
        Finding::new(codes::SAME_OPERATOR, format!("`{first}` and `{key}` have the same wire name")).help("correct one of them")
    };
    distinct(operators, same_operator, findings);
    let keys = [
        ("type", &*filter.keys.ty),
        ("operations", &filter.keys.operations),
        ("field", &filter.keys.field),
        ("value", &filter.keys.value),
    ];
    distinct_keys("filter nodes", &["keys"], &keys, doc, findings);
}
