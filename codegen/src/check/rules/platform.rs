//! Rule: hosts are addresses, headers are HTTP tokens, operators and errors have distinct names, and sources are links.

use std::collections::HashMap;

use crate::check::rule::Rule;
use crate::check::text_forms::{check_link, is_token};
use crate::finding::{Finding, codes};
use crate::naming;
use crate::resolve::UncheckedModel;
use crate::source::Spec;

pub(crate) const RULE: Rule = Rule::Whole(check);

fn check(unchecked: &UncheckedModel, spec: &Spec, findings: &mut Vec<Finding>) {
    hosts_and_headers(unchecked, spec, findings);
    operators(unchecked, spec, findings);
    formats(unchecked, spec, findings);
}

fn is_host(url: &str) -> bool {
    let rest = url.strip_prefix("https://").or_else(|| url.strip_prefix("http://"));
    rest.is_some_and(|rest| !rest.is_empty() && rest.bytes().all(|b| b.is_ascii_alphanumeric() || b"-.:[]".contains(&b)))
}

fn hosts_and_headers(unchecked: &UncheckedModel, spec: &Spec, findings: &mut Vec<Finding>) {
    let (Some(api), Some(doc)) = (&unchecked.api, &spec.api) else { return };
    let mut names: HashMap<String, String> = HashMap::new();
    for (name, host) in &api.hosts {
        if !is_host(&host.url) {
            findings.push(
                Finding::new(codes::BAD_HOST, format!("`{}` is not a base URL", host.url))
                    .at(doc.at(&["hosts", name, "url"]))
                    .help("write https://name or https://name:port, without a path"),
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
    let sources = [
        (&api.source, vec!["source"]),
        (&api.permit.source, vec!["permit", "source"]),
        (&api.customers.source, vec!["customers", "source"]),
    ];
    for (source, path) in sources {
        check_link(source.as_deref(), || doc.at(&path), findings);
    }
    for (name, host) in &api.hosts {
        check_link(host.source.as_deref(), || doc.at(&["hosts", name, "source"]), findings);
    }
    for (key, value) in api.headers.all() {
        check_link(value.source.as_deref(), || doc.at(&["headers", key, "source"]), findings);
    }
    for error in &api.errors {
        check_link(error.source.as_deref(), || doc.at(&["errors", &error.status.to_string(), "source"]), findings);
    }
    for (name, note) in &api.notes {
        check_link(note.source.as_deref(), || doc.at(&["notes", name, "source"]), findings);
    }
    check_link(api.rate_limit.source.as_deref(), || doc.at(&["rate_limit", "source"]), findings);
    check_link(api.error_body.source.as_deref(), || doc.at(&["error_body", "source"]), findings);
}

fn operators(unchecked: &UncheckedModel, spec: &Spec, findings: &mut Vec<Finding>) {
    let (Some(filter), Some(doc)) = (&unchecked.filter, &spec.filters) else { return };
    let mut names: HashMap<&str, &str> = HashMap::new();
    for (key, operator) in filter.operators() {
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
        ("type", &filter.keys.ty),
        ("operations", &filter.keys.operations),
        ("field", &filter.keys.field),
        ("value", &filter.keys.value),
    ];
    let mut seen: HashMap<&str, &str> = HashMap::new();
    for (name, key) in keys {
        if let Some(first) = seen.insert(key, name) {
            findings.push(
                Finding::new(codes::SAME_KEY, format!("in filter nodes, `{first}` and `{name}` both use the key `{key}`"))
                    .at(doc.at(&["keys", name]))
                    .related(doc.at(&["keys", first]), "the other")
                    .help("change one of them"),
            );
        }
    }
    check_link(filter.source.as_deref(), || doc.at(&["source"]), findings);
}

fn formats(unchecked: &UncheckedModel, spec: &Spec, findings: &mut Vec<Finding>) {
    let Some(doc) = &spec.formats else { return };
    let sources = [
        ("records", unchecked.records.as_ref().map(|format| &format.source)),
        ("timeseries", unchecked.timeseries.as_ref().map(|format| &format.source)),
        ("statistics", unchecked.statistics.as_ref().map(|format| &format.source)),
    ];
    for (name, source) in sources {
        check_link(source.and_then(Option::as_deref), || doc.at(&[name, "source"]), findings);
    }
}
