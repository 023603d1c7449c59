//! Rule: the values of an enumeration are distinct, and no space hides beside one.

use placewise_model::{Report, Type};

use crate::check::rule::Rule;
use crate::finding::{Finding, Fix, Place, codes};
use crate::naming;
use crate::resolve::UncheckedModel;
use crate::source::{Doc, ReportFile, Spec};

pub(crate) const RULE: Rule = Rule::Report(check);

pub(crate) const ENDPOINTS: Rule = Rule::Whole(check_endpoints);

fn check(report: &Report, doc: &Doc<ReportFile>, _: &UncheckedModel, findings: &mut Vec<Finding>) {
    distinct(&naming::defined(report), |path| doc.at(path), findings);
}

fn check_endpoints(unchecked: &UncheckedModel, spec: &Spec, findings: &mut Vec<Finding>) {
    let Some(doc) = &spec.endpoints else { return };
    for endpoint in &unchecked.endpoints {
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
            if value.value.trim() != value.value {
                let at = at(&[&defined.path[..], &["values", &index.to_string()]].concat());
                let message = format!("the value {:?} begins or ends with a space", value.value);
                findings.push(Finding::new(codes::INVISIBLE_CHARACTER, message).at(at).help("remove the space"));
            }
            if !seen.insert(value.value.as_str()) {
                let at = |index: usize| at(&[&defined.path[..], &["values", &index.to_string()]].concat());
                let finding = Finding::new(codes::DUPLICATE_VALUE, format!("duplicate value `{}`", value.value));
                let fix = Fix::remove(at(index.saturating_sub(1)), at(index));
                findings.push(finding.at(at(index)).help("remove it").fix(fix));
            }
        }
    }
}
