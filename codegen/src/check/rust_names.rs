//! Rule: no two things of one scope get the same Rust name. Wire names that differ (`a-b`, `a_b`) can fall together.

use std::collections::HashMap;

use placewise_model::{Field, Report, Type};

use super::{Check, Rule};
use crate::finding::{Finding, Place};
use crate::naming;
use crate::resolve::Draft;
use crate::source::{Doc, ReportFile};

pub(super) const RULE: Rule = Rule {
    codes: &["same-rust-name", "empty-name"],
    about: "Names that differ on the wire must differ in Rust: rename nothing silently, report both.",
    check: Check::Report(check),
};

struct Scope<'a> {
    what: &'static str,
    help: Option<&'static str>,
    seen: HashMap<String, (&'a str, Place)>,
}

impl<'a> Scope<'a> {
    fn new(what: &'static str) -> Self {
        Self { what, help: None, seen: HashMap::new() }
    }

    fn add(&mut self, rust: String, wire: &'a str, place: impl Fn() -> Place, findings: &mut Vec<Finding>) {
        match self.seen.get(&rust) {
            Some((first, at)) => {
                let message = format!("{} `{wire}` and `{first}` would both be called `{rust}` in Rust", self.what);
                let finding = Finding::error("same-rust-name", message).at(place()).related(at.clone(), "the other");
                findings.push(Finding { help: self.help.map(str::to_owned), ..finding });
            }
            None => {
                self.seen.insert(rust, (wire, place()));
            }
        }
    }
}

fn check(report: &Report, doc: &Doc<ReportFile>, _: &Draft, findings: &mut Vec<Finding>) {
    let mut types = Scope::new("types");
    let marker = naming::report(&report.name).marker;
    types.seen.insert(marker.clone(), (&report.name, doc.at(&["report"])));
    fields(&report.fields, &["fields"], doc, findings);
    for field in report.fields.iter().filter(|field| naming::constant(&field.name) == marker) {
        let message =
            format!("the constant of field `{}` and the type of the report would both be called `{marker}` in Rust", field.name);
        findings.push(Finding::error("same-rust-name", message).at(doc.at_key(&["fields", &field.name])));
    }
    for aggregation in &report.aggregations {
        let at = || doc.at_key(&["aggregations", &aggregation.name]);
        types.add(naming::aggregation(aggregation).0, &aggregation.name, at, findings);
        let mut scope = Scope::new("returned fields");
        for returned in &aggregation.returns {
            let path = ["aggregations", &aggregation.name, "returns", &returned.field.name];
            scope.add(naming::field(&returned.field.name), &returned.field.name, || doc.at_key(&path), findings);
        }
    }
    for defined in naming::defined(report) {
        types.add(defined.name.clone(), &defined.field.name, || doc.at_key(&defined.path), findings);
        match defined.ty {
            Type::Object { fields: inner } => fields(inner, &[&defined.path[..], &["fields"]].concat(), doc, findings),
            Type::Enum(enumeration) => {
                let mut scope =
                    Scope { help: Some("give one of them a name: `{ value: …, name: … }`"), ..Scope::new("values") };
                let mut seen = std::collections::HashSet::new();
                for (index, value) in enumeration.values.iter().enumerate().filter(|(_, value)| seen.insert(value.value.as_str()))
                {
                    let index = index.to_string();
                    let place = || doc.at(&[&defined.path[..], &["values", &index]].concat());
                    scope.add(naming::value(value), &value.value, place, findings);
                }
            }
            _ => {}
        }
    }
}

fn fields(list: &[Field], path: &[&str], doc: &Doc<ReportFile>, findings: &mut Vec<Finding>) {
    let mut scope = Scope::new("fields");
    for field in list {
        let place = || doc.at_key(&[path, &[field.name.as_str()]].concat());
        if field.name.is_empty() {
            findings.push(Finding::error("empty-name", "a field needs a name").at(place()));
        }
        scope.add(naming::field(&field.name), &field.name, place, findings);
    }
}
