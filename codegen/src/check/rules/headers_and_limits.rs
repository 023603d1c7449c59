//! Rule: each header of a request and each header about the rate limit has a name of its own, and limits of the platform fit together.

use std::collections::HashMap;

use crate::check::rule::Rule;
use crate::finding::{Finding, codes};
use crate::resolve::UncheckedModel;
use crate::source::{Doc, Spec};

pub(crate) const RULE: Rule = Rule::Whole(check);

fn check(unchecked: &UncheckedModel, spec: &Spec, findings: &mut Vec<Finding>) {
    if let (Some(api), Some(doc)) = (&unchecked.api, &spec.api) {
        let headers = api.headers.all();
        distinct(headers.iter().map(|(key, header)| (header.name.as_str(), vec!["headers", *key, "name"])), doc, findings);
        let limit = &api.rate_limit;
        let names = [
            ("retry_after", &limit.retry_after),
            ("bucket", &limit.bucket),
            ("remaining", &limit.remaining),
            ("cost", &limit.cost),
        ];
        distinct(names.into_iter().map(|(key, name)| (name.as_str(), vec!["rate_limit", key])), doc, findings);
        if !(400..600).contains(&limit.status) {
            findings.push(
                Finding::new(codes::LIMIT_STATUS, format!("`{}` is not an HTTP error status", limit.status))
                    .at(doc.at(&["rate_limit", "status"]))
                    .help("statuses of errors run from 400 to 599"),
            );
        } else if api.errors.iter().all(|error| error.status != limit.status) && !doc.lost_within(&["errors"]) {
            findings.push(
                Finding::new(codes::LIMIT_STATUS, format!("`errors` has no status `{}`", limit.status))
                    .at(doc.at(&["rate_limit", "status"]))
                    .related(doc.at_key(&["errors"]), "the errors")
                    .help("correct the status, or add it to `errors`"),
            );
        }
    }
    if let (Some(api), Some(doc)) = (&unchecked.api, &spec.api) {
        let limits: [(bool, &[&str], &str); 3] = [
            (api.customers.fewer_than < 2, &["customers", "fewer_than"], "customer"),
            (api.rate_limit.capacity.value == 0, &["rate_limit", "capacity"], "request"),
            (api.rate_limit.refill.value == 0, &["rate_limit", "refill"], "second request"),
        ];
        for (_, path, what) in limits.into_iter().filter(|(wrong, ..)| *wrong) {
            let finding = Finding::new(codes::LIMIT, format!("`{}` allows no {what}", path.join(".")));
            findings
                .push(finding.at(doc.at(path)).help("write a larger number; the value of an assumption is in assumptions.yaml"));
        }
    }
    if let (Some(records), Some(doc)) = (&unchecked.records, &spec.formats)
        && records.default_page_size.value > records.most_page_size.value
    {
        findings.push(
            Finding::new(codes::DEFAULT_PAGE_SIZE, "a page has more rows by default than at most")
                .at(doc.at(&["records", "most_page_size"]))
                .related(doc.at(&["records", "default_page_size"]), "the default")
                .help("correct one of the two; the value of an assumed size is in assumptions.yaml"),
        );
    }
}

/// The names of headers have no case.
fn distinct<'a>(names: impl Iterator<Item = (&'a str, Vec<&'a str>)>, doc: &Doc, findings: &mut Vec<Finding>) {
    let mut seen: HashMap<String, Vec<&str>> = HashMap::new();
    for (name, path) in names {
        match seen.get(&name.to_ascii_lowercase()) {
            Some(first) => findings.push(
                Finding::new(codes::SAME_HEADER, format!("two headers have the name `{name}`"))
                    .at(doc.at(&path))
                    .related(doc.at(first), "the other")
                    .help("correct one of them; the names of headers have no case"),
            ),
            None => {
                seen.insert(name.to_ascii_lowercase(), path);
            }
        }
    }
}
