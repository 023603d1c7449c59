//! Rule: relations between values of a row name fields that can have them: numbers add up and do not grow, truth values follow from others.

use placewise_model::{RelationRule, Report, Type};

use super::{Check, Rule};
use crate::finding::Finding;
use crate::resolve::Draft;
use crate::source::{Doc, ReportFile};
use crate::suggest;

pub(super) const RULE: Rule = Rule {
    codes: &["dangling-reference", "relation"],
    description: "A simulator keeps the relations, so each must be about fields that exist and have the right type.",
    check: Check::Report(check),
};

fn check(report: &Report, doc: &Doc<ReportFile>, _: &Draft, findings: &mut Vec<Finding>) {
    let mut judge = Judge { report, doc, findings };
    for (index, relation) in report.relations.iter().enumerate() {
        let index = index.to_string();
        let path = ["relations", &index, "rule"];
        let at = |parts: &[&str]| -> Vec<String> { path.iter().chain(parts).map(|part| (*part).to_owned()).collect() };
        match &relation.rule {
            RelationRule::AddsUp { parts, to } => {
                judge.all(parts, &at(&["adds-up", "parts"]), NUMBER);
                judge.one(to, parts, &at(&["adds-up", "to"]), NUMBER);
            }
            RelationRule::NeverGrows(funnel) => judge.all(funnel, &at(&["never-grows"]), NUMBER),
            RelationRule::Any { of, is } => {
                judge.all(of, &at(&["any", "of"]), BOOLEAN);
                judge.one(is, of, &at(&["any", "is"]), BOOLEAN);
            }
        }
    }
}

/// A sort of field, and its name for people.
type Sort = (&'static str, fn(&Type) -> bool);
const NUMBER: Sort = ("a number", |ty| matches!(ty, Type::Integer | Type::Number));
const BOOLEAN: Sort = ("a boolean", |ty| matches!(ty, Type::Boolean));

struct Judge<'a> {
    report: &'a Report,
    doc: &'a Doc<ReportFile>,
    findings: &'a mut Vec<Finding>,
}

impl Judge<'_> {
    /// Several fields, each once.
    fn all(&mut self, names: &[String], path: &[String], sort: Sort) {
        if names.len() < 2 {
            self.say("a relation needs at least two fields here".into(), path, "list the others, or remove the relation");
        }
        for (index, name) in names.iter().enumerate() {
            self.one(name, &names[..index], &[path, &[index.to_string()]].concat(), sort);
        }
    }

    /// One field that is not among the others.
    fn one(&mut self, name: &str, others: &[String], path: &[String], (sort, fits): Sort) {
        match self.report.field(name) {
            None => {
                let known: Vec<&str> = self.report.fields.iter().map(|field| field.name.as_str()).collect();
                let finding = Finding::error("dangling-reference", format!("the report has no field `{name}` to relate"))
                    .at(self.doc.at(path));
                self.findings.push(suggest::help(finding, name, &known));
            }
            Some(field) if !fits(&field.ty) => {
                let message = format!("`{name}` is of type {}, and is no field for this relation", field.ty.word());
                self.say(message, path, &format!("it takes fields that are each {sort}"));
            }
            Some(_) if others.iter().any(|other| other == name) => {
                self.say(format!("`{name}` stands in this relation twice"), path, "name each field once");
            }
            Some(_) => {}
        }
    }

    fn say(&mut self, message: String, path: &[String], help: &str) {
        self.findings.push(Finding::error("relation", message).at(self.doc.at(path)).help(help));
    }
}
