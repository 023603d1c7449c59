//! Rule: the permit of a report follows the pattern in `api.yaml`, if the API has one, and neither another report nor an endpoint has it.

use std::collections::HashMap;

use heck::ToUpperCamelCase;

use crate::check::rule::Rule;
use crate::finding::{Finding, codes};
use crate::resolve::UncheckedModel;
use crate::source::Spec;

pub(crate) const RULE: Rule = Rule::Whole(check);

/// What stands for the report's name, in upper camel case.
const NAME: &str = "{Report}";

fn check(unchecked: &UncheckedModel, spec: &Spec, findings: &mut Vec<Finding>) {
    let mut pattern = unchecked.api.as_ref().and_then(|api| api.permit.of_report.as_deref());
    if let (Some(text), Some(doc)) = (pattern, &spec.api)
        && text.matches(NAME).count() != 1
    {
        let finding = Finding::new(codes::BAD_PATTERN, format!("`{text}` does not contain `{NAME}` once"));
        findings
            .push(finding.at(doc.at(&["permit", "of_report"])).help("write a permit with `{Report}` for the name of the report"));
        pattern = None;
    }
    let mut first: HashMap<&str, usize> = HashMap::new();
    for (index, (report, (_, doc))) in unchecked.reports.iter().zip(&spec.reports).enumerate() {
        let Some(permit) = report.permit.as_deref() else { continue };
        let at = doc.at(&["permit"]);
        // A report whose name has a finding cannot be held against the pattern.
        let usual =
            pattern.filter(|_| doc.stem == report.name).map(|pattern| pattern.replace(NAME, &report.name.to_upper_camel_case()));
        let other = *first.entry(permit).or_insert(index);
        if let Some(usual) = usual.filter(|usual| usual != permit) {
            let message = format!("the permit of `{}` does not follow the pattern in api.yaml", report.name);
            findings.push(
                Finding::new(codes::PERMIT_PATTERN, message)
                    .at(at)
                    .help(format!("it would be `{usual}`; if the page prints another, remove `of_report` from api.yaml")),
            );
        } else if let Some((_, doc)) = spec.reports.get(other).filter(|_| other != index && pattern.is_none()) {
            findings.push(
                Finding::new(codes::SAME_PERMIT, format!("two reports have the permit `{permit}`"))
                    .at(at)
                    .related(doc.at(&["permit"]), "the other")
                    .help("compare it with the page; each page names a permit of its own"),
            );
        }
    }
    let Some(doc) = &spec.endpoints else { return };
    for endpoint in &unchecked.endpoints {
        let of_report = endpoint.permit.as_deref().and_then(|permit| spec.reports.get(*first.get(permit)?));
        if let Some((_, report)) = of_report {
            let message = format!("the endpoint `{}` has the permit of the report `{}`", endpoint.name, report.value.report);
            let finding = Finding::new(codes::SAME_PERMIT, message).at(doc.at(&["endpoints", &endpoint.name, "permit"]));
            let finding = finding.related(report.at(&["permit"]), "the report");
            findings.push(finding.help("compare it with the page of the endpoint"));
        }
    }
}
