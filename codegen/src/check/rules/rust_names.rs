//! Rule: no two items of one scope get the same Rust name, as the wire names `a-b` and `a_b` would.

use std::collections::{HashMap, HashSet};

use placewise_model::{Field, Report, Type};

use crate::check::rule::Rule;
use crate::finding::{Finding, Place, codes};
use crate::naming;
use crate::resolve::UncheckedModel;
use crate::source::{Doc, ReportFile, Spec};

pub(crate) const RULE: Rule = Rule::Report(check);

pub(crate) const ENDPOINTS: Rule = Rule::Whole(check_endpoints);

const NAME: &str = "choose a name in code for one of them: add the key `name`, such as `name: created_at_text`";
const RENAME: &str = "rename one of them";

struct Scope<'a> {
    what: &'static str,
    help: &'static str,
    seen: HashMap<String, (&'a str, Place)>,
}

impl<'a> Scope<'a> {
    fn new(what: &'static str) -> Self {
        Self { what, help: NAME, seen: HashMap::new() }
    }

    fn add(&mut self, rust: String, wire: &'a str, place: impl Fn() -> Place, findings: &mut Vec<Finding>) {
        match self.seen.get(&rust) {
            Some((first, at)) => {
                let message = format!("{} `{wire}` and `{first}` would both be named `{rust}` in Rust", self.what);
                let finding = Finding::new(codes::SAME_RUST_NAME, message).at(place()).related(at.clone(), "the other");
                findings.push(finding.help(self.help));
            }
            None => {
                self.seen.insert(rust, (wire, place()));
            }
        }
    }
}

/// Returns the place of the key at the end of a path.
type At<'a> = &'a dyn Fn(&[&str]) -> Place;

fn check(report: &Report, doc: &Doc<ReportFile>, _: &UncheckedModel, findings: &mut Vec<Finding>) {
    let mut types = Scope::new("types");
    let marker = naming::report(report).marker;
    types.seen.insert(marker.clone(), (&report.name, doc.at(&["report"])));
    let at = |path: &[&str]| doc.at_key(path);
    fields("fields", &report.fields, &["fields"], &at, findings);
    for field in report.fields.iter().filter(|field| naming::constant(field) == marker) {
        let message =
            format!("the constant of field `{}` and the report's type would both be named `{marker}` in Rust", field.name);
        findings.push(
            Finding::new(codes::SAME_RUST_NAME, message)
                .at(doc.at_key(&["fields", &field.name]))
                .related(doc.at(&["report"]), "the report")
                .help(NAME),
        );
    }
    fields("label keys", report.labels.iter().flatten(), &["labels"], &at, findings);
    for aggregation in &report.aggregations {
        let path = ["aggregations", &aggregation.name];
        types.add(naming::aggregation(aggregation).0, &aggregation.name, || doc.at_key(&path), findings);
        let returns = aggregation.returns.iter().map(|returned| &returned.field);
        fields("returned fields", returns, &[&path[..], &["returns"]].concat(), &at, findings);
        let labels = aggregation.labels.iter().flatten();
        fields("label keys", labels, &[&path[..], &["labels"]].concat(), &at, findings);
    }
    for defined in naming::defined(report) {
        one(&defined, &[], &mut types, &at, &|path| doc.at(path), findings);
    }
}

/// Checks endpoints. One module holds the types of all endpoints.
fn check_endpoints(unchecked: &UncheckedModel, spec: &Spec, findings: &mut Vec<Finding>) {
    let Some(doc) = &spec.endpoints else { return };
    let at = |path: &[&str]| doc.at_key(path);
    // The keys of endpoints are the spec's own names, so a collision is a matter of renaming one.
    let mut types = Scope { help: RENAME, ..Scope::new("types") };
    let names: Vec<_> = unchecked.endpoints.iter().map(|endpoint| naming::endpoint(&endpoint.name)).collect();
    for (endpoint, names) in unchecked.endpoints.iter().zip(&names) {
        let place = || doc.at_key(&["endpoints", &endpoint.name]);
        types.add(names.marker.clone(), &endpoint.name, place, findings);
        for (part, list, name) in [("request", &endpoint.request, &names.request), ("response", &endpoint.response, &names.reply)]
        {
            if list.is_empty() {
                continue;
            }
            let path = ["endpoints", &endpoint.name, part];
            types.add(name.clone(), &endpoint.name, || doc.at_key(&path), findings);
            fields("keys", list, &path, &at, findings);
            for defined in naming::defined_in(list, name) {
                one(&defined, &path, &mut types, &at, &|path| doc.at(path), findings);
            }
        }
    }
}

/// Checks a type that a field defines, and its contents. `before` is the start of the type's path.
fn one<'a>(
    defined: &naming::Defined<'a>,
    before: &[&'a str],
    types: &mut Scope<'a>,
    at: At<'_>,
    value_at: At<'_>,
    findings: &mut Vec<Finding>,
) {
    let path = [before, &defined.path].concat();
    types.add(defined.name.clone(), &defined.field.name, || at(&path), findings);
    match defined.ty {
        Type::Object { fields: inner } => fields("fields", inner, &[&path[..], &["fields"]].concat(), at, findings),
        Type::Enum(enumeration) => {
            let mut scope =
                Scope { help: "choose a name in code for one of them: `{ value: …, name: … }`", ..Scope::new("values") };
            let mut seen = HashSet::new();
            for (index, value) in enumeration.values.iter().enumerate().filter(|(_, value)| seen.insert(value.value.as_str())) {
                let place = || value_at(&[&path[..], &["values", &index.to_string()]].concat());
                scope.add(naming::value(value), &value.value, place, findings);
            }
        }
        _ => {}
    }
}

/// Checks the fields of one struct.
fn fields<'a>(
    what: &'static str,
    list: impl IntoIterator<Item = &'a Field>,
    path: &[&str],
    at: At<'_>,
    findings: &mut Vec<Finding>,
) {
    let mut scope = Scope::new(what);
    for field in list {
        let place = || at(&[path, &[field.name.as_str()]].concat());
        if field.name.is_empty() {
            findings.push(
                Finding::new(codes::EMPTY_NAME, "a field's name cannot be empty").at(place()).help("write its name on the wire"),
            );
        }
        scope.add(naming::field(field), &field.name, place, findings);
    }
}
