//! Rule: a relation between values of a row names existing fields of the right type: numbers add up or never grow, booleans follow from
//! others.

use placewise_model::{RelationRule, Report, Type};

use super::simulate::{NUMBER, TypeTest};
use crate::check::rule::Rule;
use crate::finding::{Finding, codes, dangling};
use crate::resolve::UncheckedModel;
use crate::source::{Doc, ReportFile};

pub(crate) const RULE: Rule = Rule::Report(check);

fn check(report: &Report, doc: &Doc<ReportFile>, _: &UncheckedModel, findings: &mut Vec<Finding>) {
    let mut checker = Checker { report, doc, findings };
    for (index, relation) in report.relations.iter().enumerate() {
        let index = index.to_string();
        let path = ["relations", &index, "rule"];
        let at = |parts: &[&str]| -> Vec<String> { path.iter().chain(parts).map(|part| (*part).to_owned()).collect() };
        match &relation.rule {
            RelationRule::AddsUp { parts, to } => {
                checker.all(parts, &at(&["adds-up", "parts"]), NUMBER);
                checker.one(to, parts, &at(&["adds-up", "to"]), NUMBER);
            }
            RelationRule::NeverGrows(funnel) => checker.all(funnel, &at(&["never-grows"]), NUMBER),
            RelationRule::Any { of, is } => {
                checker.all(of, &at(&["any", "of"]), BOOLEAN);
                checker.one(is, of, &at(&["any", "is"]), BOOLEAN);
            }
        }
    }
}

const BOOLEAN: TypeTest = ("a boolean", |ty| matches!(ty, Type::Boolean));

struct Checker<'a> {
    report: &'a Report,
    doc: &'a Doc<ReportFile>,
    findings: &'a mut Vec<Finding>,
}

impl Checker<'_> {
    /// Checks several fields, each named once.
    fn all(&mut self, names: &[String], path: &[String], test: TypeTest) {
        if names.len() < 2 {
            self.say("a relation needs at least two fields here".into(), path, "add the others, or remove the relation");
        }
        for (index, name) in names.iter().enumerate() {
            self.one(name, &names[..index], &[path, &[index.to_string()]].concat(), test);
        }
    }

    /// Checks one field that is not among the others.
    fn one(&mut self, name: &str, others: &[String], path: &[String], (kind, fits): TypeTest) {
        match self.report.field(name) {
            None => {
                let known: Vec<&str> = self.report.fields.iter().map(|field| field.name.as_str()).collect();
                self.findings.push(dangling(format!("the report has no field `{name}`"), self.doc.at(path), name, &known));
            }
            // A type with a finding became `json`.
            Some(field) if field.ty == Type::Json && !self.doc.says_at(&["fields", name, "type"], "json") => {}
            Some(field) if !fits(&field.ty) => {
                let message = format!("`{name}` has type {}, which this relation does not accept", field.ty.word());
                self.say(message, path, &format!("name fields that are each {kind}"));
            }
            Some(_) if others.iter().any(|other| other == name) => {
                self.say(format!("this relation names `{name}` twice"), path, "name each field once");
            }
            Some(_) => {}
        }
    }

    fn say(&mut self, message: String, path: &[String], help: &str) {
        self.findings.push(Finding::new(codes::RELATION, message).at(self.doc.at(path)).help(help));
    }
}
