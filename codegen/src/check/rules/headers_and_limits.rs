//! Rule: each header of a request and each header about the rate limit has a name of its own, and limits of the platform fit together.

use placewise_model::RateLimit;

use crate::check::distinct::distinct;
use crate::check::rule::Rule;
use crate::finding::{Finding, codes};
use crate::resolve::UncheckedModel;
use crate::source::{Doc, Spec};

pub(crate) const RULE: Rule = Rule::Whole(check);

fn check(unchecked: &UncheckedModel, spec: &Spec, findings: &mut Vec<Finding>) {
    if let (Some(api), Some(doc)) = (&unchecked.api, &spec.api) {
        let headers: Vec<_> = api.headers.all().into_iter().map(|(key, header)| (key, header.name.as_str())).collect();
        distinct_headers(&headers, |key| vec!["headers", key, "name"], doc, findings);
        let limit = &api.rate_limit;
        distinct_headers(&limit_headers(limit), |key| vec!["rate_limit", key], doc, findings);
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
        let (capacity, refill) = (&api.rate_limit.capacity, &api.rate_limit.refill);
        let limits: [(bool, &[&str], &str, Option<&String>); 3] = [
            (api.customers.fewer_than < 2, &["customers", "fewer_than"], "customer", None),
            (capacity.value == 0, &["rate_limit", "capacity"], "request", capacity.assumption.as_ref()),
            (refill.value == 0, &["rate_limit", "refill"], "second request", refill.assumption.as_ref()),
        ];
        for (_, path, what, assumption) in limits.into_iter().filter(|(wrong, ..)| *wrong) {
            let finding = Finding::new(codes::LIMIT, format!("`{}` allows no {what}", path.join(".")));
            let finding = finding.at(doc.at(path)).help("write a larger number");
            findings.push(match (assumption, &spec.assumptions) {
                (Some(id), Some(doc)) => finding.related(doc.at(&["assumptions", id, "value"]), "the assumed value"),
                _ => finding,
            });
        }
    }
    for (report, (_, doc)) in unchecked.reports.iter().zip(&spec.reports).filter(|(report, _)| report.cost == Some(0)) {
        let finding = Finding::new(codes::LIMIT, format!("`cost` says that `{}` costs nothing", report.name)).softened();
        findings.push(finding.at(doc.at(&["cost"])).help("write the cost on the page; if no page states it, remove `cost`"));
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

/// The headers about the limit, each with its key.
pub(super) fn limit_headers(limit: &RateLimit) -> [(&'static str, &str); 4] {
    [("retry_after", &limit.retry_after), ("bucket", &limit.bucket), ("remaining", &limit.remaining), ("cost", &limit.cost)]
}

/// The names of headers have no case.
fn distinct_headers(
    headers: &[(&'static str, &str)],
    path: impl Fn(&'static str) -> Vec<&'static str>,
    doc: &Doc,
    findings: &mut Vec<Finding>,
) {
    let headers = headers.iter().map(|(key, name)| (name.to_ascii_lowercase(), *name, doc.at(&path(key))));
    let same = |_: &String, _: &str, name: &str| {
        Finding::new(codes::SAME_HEADER, format!("two headers have the name `{name}`"))
            .help("correct one of them; the names of headers have no case")
    };
    distinct(headers, same, findings);
}
