//! Rule: the platform's facts can be used: hosts are addresses, headers are tokens, every operator and error has its own name, links are
//! links.

use std::collections::HashMap;

use super::values::is_link;
use super::{Check, Rule};
use crate::finding::{Finding, Place};
use crate::resolve::Draft;
use crate::source::Spec;

pub(super) const RULE: Rule = Rule {
    codes: &["bad-host", "bad-header", "bad-permit", "same-operator", "same-error", "bad-link"],
    description: "What ends up in a request line or a header must not be able to be anything else.",
    check: Check::Whole(check),
};

fn check(draft: &Draft, spec: &Spec, findings: &mut Vec<Finding>) {
    hosts_and_headers(draft, spec, findings);
    operators(draft, spec, findings);
    formats(draft, spec, findings);
}

/// A token of HTTP: header names and methods.
pub(super) fn is_token(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|b| b.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&b))
}

fn is_host(url: &str) -> bool {
    let rest = url.strip_prefix("https://").or_else(|| url.strip_prefix("http://"));
    rest.is_some_and(|rest| !rest.is_empty() && rest.bytes().all(|b| b.is_ascii_alphanumeric() || b"-.:[]".contains(&b)))
}

fn hosts_and_headers(draft: &Draft, spec: &Spec, findings: &mut Vec<Finding>) {
    let (Some(api), Some(doc)) = (&draft.api, &spec.api) else { return };
    let mut names: HashMap<String, String> = HashMap::new();
    for (name, host) in &api.hosts {
        if !is_host(&host.url) {
            findings.push(
                Finding::error("bad-host", format!("`{}` is not the base address of a host", host.url))
                    .at(doc.at(&["hosts", name, "url"]))
                    .help("write it as https://name or https://name:port, without a path"),
            );
        }
        let rust = crate::naming::variant(name);
        if let Some(other) = names.insert(rust.clone(), name.clone()) {
            findings.push(
                Finding::error("same-rust-name", format!("hosts `{name}` and `{other}` would both be called `{rust}` in Rust"))
                    .at(doc.at_key(&["hosts", name])),
            );
        }
    }
    let mut header = |name: &str, path: &[&str]| {
        if !is_token(name) {
            findings.push(Finding::error("bad-header", format!("`{name}` is not a header name")).at(doc.at(path)));
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
                Finding::error("same-error", format!("{first} and {} have the same meaning", error.status)).at(doc.at(&[
                    "errors",
                    &error.status.to_string(),
                    "name",
                ])),
            );
        }
    }
    let sources = [
        (&api.source, vec!["source"]),
        (&api.permit.source, vec!["permit", "source"]),
        (&api.customers.source, vec!["customers", "source"]),
    ];
    for (source, path) in sources {
        link(source.as_deref(), || doc.at(&path), findings);
    }
    for (name, host) in &api.hosts {
        link(host.source.as_deref(), || doc.at(&["hosts", name, "source"]), findings);
    }
    for (key, value) in api.headers.all() {
        link(value.source.as_deref(), || doc.at(&["headers", key, "source"]), findings);
    }
    for error in &api.errors {
        link(error.source.as_deref(), || doc.at(&["errors", &error.status.to_string(), "source"]), findings);
    }
    for (name, note) in &api.notes {
        link(note.source.as_deref(), || doc.at(&["notes", name, "source"]), findings);
    }
    link(api.rate_limit.source.as_deref(), || doc.at(&["rate_limit", "source"]), findings);
    link(api.error_body.source.as_deref(), || doc.at(&["error_body", "source"]), findings);
}

pub(super) fn link(source: Option<&str>, place: impl Fn() -> Place, findings: &mut Vec<Finding>) {
    if let Some(text) = source.filter(|text| !is_link(text)) {
        findings.push(Finding::error("bad-link", format!("`{text}` is not an https link")).at(place()));
    }
}

fn operators(draft: &Draft, spec: &Spec, findings: &mut Vec<Finding>) {
    let (Some(filter), Some(doc)) = (&draft.filter, &spec.filters) else { return };
    let mut names: HashMap<&str, &str> = HashMap::new();
    for (key, operator) in filter.operators() {
        if let Some(first) = names.insert(&operator.name, key) {
            findings.push(
                Finding::error("same-operator", format!("`{first}` and `{key}` have the same name on the wire"))
                    .at(doc.at(&["operators", key, "name"]))
                    .related(doc.at(&["operators", first, "name"]), "the other"),
            );
        }
    }
    link(filter.source.as_deref(), || doc.at(&["source"]), findings);
}

fn formats(draft: &Draft, spec: &Spec, findings: &mut Vec<Finding>) {
    let Some(doc) = &spec.formats else { return };
    let sources = [
        ("records", draft.records.as_ref().map(|format| &format.source)),
        ("timeseries", draft.timeseries.as_ref().map(|format| &format.source)),
        ("statistics", draft.statistics.as_ref().map(|format| &format.source)),
    ];
    for (name, source) in sources {
        link(source.and_then(Option::as_deref), || doc.at(&[name, "source"]), findings);
    }
}
