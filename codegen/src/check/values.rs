//! Rule: the values of an enumeration are distinct and not empty; links are links.

use placewise_model::{Report, Type};

use super::{Check, Rule};
use crate::finding::{Finding, Place};
use crate::naming;
use crate::resolve::Draft;
use crate::source::{Doc, ReportFile, Spec};

pub(super) const RULE: Rule = Rule {
    codes: &["duplicate-value", "bad-link"],
    description: "A value listed twice is a slip; a source that is no https link leads nowhere and could carry anything into the docs.",
    check: Check::Report(check),
};

pub(super) const ENDPOINTS: Rule = Rule {
    codes: &["duplicate-value"],
    description: "The same for the keys of endpoints' requests and replies.",
    check: Check::Whole(check_endpoints),
};

/// Whether a source can be printed as a link: https, printable ASCII, nothing that ends a Markdown link or an HTML attribute.
pub(super) fn is_link(text: &str) -> bool {
    text.strip_prefix("https://").is_some_and(|rest| {
        !rest.is_empty() && rest.bytes().all(|b| b.is_ascii_alphanumeric() || b"-._~:/?#@!$&*+,;=%".contains(&b))
    })
}

fn check(report: &Report, doc: &Doc<ReportFile>, _: &Draft, findings: &mut Vec<Finding>) {
    distinct(&naming::defined(report), |path| doc.at(path), findings);
    let mut link = |source: &Option<String>, path: &[&str]| {
        if let Some(text) = source.as_ref().filter(|text| !is_link(text)) {
            findings.push(Finding::error("bad-link", format!("`{text}` is not an https link")).at(doc.at(path)));
        }
    };
    link(&report.source, &["source"]);
    for (index, example) in doc.value.examples.iter().enumerate() {
        link(&example.source, &["examples", &index.to_string(), "source"]);
    }
}

fn check_endpoints(draft: &Draft, spec: &Spec, findings: &mut Vec<Finding>) {
    let Some(doc) = &spec.endpoints else { return };
    for endpoint in &draft.endpoints {
        for (part, fields) in [("request", &endpoint.request), ("response", &endpoint.response)] {
            let at = |path: &[&str]| doc.at(&[&["endpoints", endpoint.name.as_str(), part], path].concat());
            distinct(&naming::defined_in(fields, ""), at, findings);
        }
    }
}

fn distinct(types: &[naming::Defined<'_>], at: impl Fn(&[&str]) -> Place, findings: &mut Vec<Finding>) {
    for defined in types {
        let Type::Enum(enumeration) = defined.ty else { continue };
        let mut seen = std::collections::HashSet::new();
        for (index, value) in enumeration.values.iter().enumerate() {
            if !seen.insert(value.value.as_str()) {
                let at = at(&[&defined.path[..], &["values", &index.to_string()]].concat());
                findings.push(Finding::error("duplicate-value", format!("`{}` is listed twice", value.value)).at(at));
            }
        }
    }
}
