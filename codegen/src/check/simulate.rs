//! Rule: how a simulator makes a report's data fits the report it takes them from: that report exists, the fields exist where they are
//! looked for, types fit, and no report comes from itself.

use placewise_model::{Field, Format, Report, Simulate, Type};

use super::{Check, Rule};
use crate::finding::{Finding, Place};
use crate::resolve::Draft;
use crate::source::{Doc, ReportFile};
use crate::suggest;

pub(super) const RULE: Rule = Rule {
    codes: &["dangling-reference", "simulate-kind", "simulate-type", "simulate-cycle"],
    description: "Data of one report that come from another can only be made where both have what is named.",
    check: Check::Report(check),
};

fn check(report: &Report, doc: &Doc<ReportFile>, draft: &Draft, findings: &mut Vec<Finding>) {
    let Some(simulate) = &report.simulate else { return };
    let (word, format) = kind(simulate);
    if report.format != format {
        findings.push(
            Finding::error("simulate-kind", format!("`{word}` makes {}, not {}", format.word(), report.format.word()))
                .at(doc.at_key(&["simulate", word]))
                .help("records have `each`, `summary` and `tally`, timeseries `events`"),
        );
    }
    let name = source(simulate);
    let of = doc.at(&["simulate", word, "of"]);
    let Some(other) = draft.reports.iter().find(|report| report.name == *name) else {
        let names: Vec<&str> = draft.reports.iter().map(|report| report.name.as_str()).collect();
        findings.push(suggest::help(
            Finding::error("dangling-reference", format!("no report is called `{name}`")).at(of),
            name,
            &names,
        ));
        return;
    };
    if cycle(report, draft) {
        findings.push(
            Finding::error("simulate-cycle", format!("the data of `{}` would come from themselves", report.name))
                .at(of)
                .help("let one of the reports make its data from its fields alone: remove its `simulate`"),
        );
        return;
    }
    let mut judge = Judge { here: report, there: other, doc, word, findings };
    judge.kind_of_source(simulate, of);
    match simulate {
        Simulate::Each { take, most, .. } => judge.each(take, *most),
        Simulate::Summary { sum, .. } => judge.summary(sum),
        Simulate::Tally { by, value, count, .. } => judge.tally(by, value, count),
        Simulate::Events { take, count, begin, direction, .. } => {
            for (to, from) in take {
                judge.here(to, &["take", to], None);
                judge.there(from, &["take", to], None);
            }
            for (key, name, sort) in [("count", count, INTEGER), ("begin", begin, TIMESTAMP)] {
                if let Some(name) = name {
                    judge.there(name, &[key], Some(sort));
                }
            }
            if let Some(name) = direction {
                judge.here(name, &["direction"], Some(TWO_WAYS));
            }
        }
    }
}

fn kind(simulate: &Simulate) -> (&'static str, Format) {
    match simulate {
        Simulate::Each { .. } => ("each", Format::Records),
        Simulate::Summary { .. } => ("summary", Format::Records),
        Simulate::Tally { .. } => ("tally", Format::Records),
        Simulate::Events { .. } => ("events", Format::Timeseries),
    }
}

/// The report that data come from.
fn source(simulate: &Simulate) -> &String {
    match simulate {
        Simulate::Each { of, .. } | Simulate::Summary { of, .. } | Simulate::Tally { of, .. } | Simulate::Events { of, .. } => of,
    }
}

/// Whether following where data come from leads back to the report.
fn cycle(report: &Report, draft: &Draft) -> bool {
    let mut at = report;
    for _ in 0..=draft.reports.len() {
        let Some(name) = at.simulate.as_ref().map(source) else { return false };
        let Some(next) = draft.reports.iter().find(|report| report.name == *name) else { return false };
        if next.name == report.name {
            return true;
        }
        at = next;
    }
    // It leads into a circle of others, who are told themselves.
    true
}

/// A sort of field, and its name for people.
type Sort = (&'static str, fn(&Type) -> bool);
const INTEGER: Sort = ("an integer", |ty| matches!(ty, Type::Integer));
const NUMBER: Sort = ("a number", |ty| matches!(ty, Type::Integer | Type::Number));
const TIMESTAMP: Sort = ("a timestamp", |ty| matches!(ty, Type::Timestamp));
const TEXT: Sort = ("text", |ty| matches!(ty, Type::String | Type::Enum(_)));
const TWO_WAYS: Sort = ("an enum of two values", |ty| matches!(ty, Type::Enum(enumeration) if enumeration.values.len() == 2));

struct Judge<'a> {
    here: &'a Report,
    there: &'a Report,
    doc: &'a Doc<ReportFile>,
    word: &'static str,
    findings: &'a mut Vec<Finding>,
}

impl<'a> Judge<'a> {
    fn at(&self, path: &[&str]) -> Place {
        self.doc.at(&[&["simulate", self.word], path].concat())
    }

    fn here(&mut self, name: &str, path: &[&str], sort: Option<Sort>) -> Option<&'a Field> {
        self.field(self.here, name, path, sort)
    }

    fn there(&mut self, name: &str, path: &[&str], sort: Option<Sort>) -> Option<&'a Field> {
        self.field(self.there, name, path, sort)
    }

    fn field(&mut self, report: &'a Report, name: &str, path: &[&str], sort: Option<Sort>) -> Option<&'a Field> {
        let at = self.at(path);
        let Some(field) = report.field(name) else {
            let known: Vec<&str> = report.fields.iter().map(|field| field.name.as_str()).collect();
            let message = format!("the report `{}` has no field `{name}`", report.name);
            self.findings.push(suggest::help(Finding::error("dangling-reference", message).at(at), name, &known));
            return None;
        };
        if let Some((sort, _)) = sort.filter(|(_, fits)| !fits(&field.ty)) {
            let message = format!("`{name}` of `{}` is of type {}", report.name, field.ty.word());
            self.findings.push(Finding::error("simulate-type", message).at(at).help(format!("it must be {sort}")));
        }
        Some(field)
    }

    /// Rows come from rows; events from rows too, or from the events of another timeseries.
    fn kind_of_source(&mut self, simulate: &Simulate, at: Place) {
        let events = matches!(simulate, Simulate::Events { count: None, begin: None, .. })
            && matches!(self.there.simulate, Some(Simulate::Events { .. }));
        let fits = self.there.format == Format::Records || (events && self.there.format == Format::Timeseries);
        if !fits {
            let message = format!("the report `{}` has no rows to take data from", self.there.name);
            self.findings.push(Finding::error("simulate-kind", message).at(at).help(
                "name a records report; events may come from a timeseries too that has events itself, then without `count` and `begin`",
            ));
        }
    }

    fn each(&mut self, take: &indexmap::IndexMap<String, Vec<String>>, most: u32) {
        if most == 0 {
            let at = self.at(&["most"]);
            self.findings.push(Finding::error("simulate-type", "no row would come of it").at(at).help("`most` is at least 1"));
        }
        for (to, from) in take {
            let target = self.here(to, &["take", to], None);
            if from.is_empty() {
                let at = self.at(&["take", to]);
                self.findings.push(
                    Finding::error("simulate-type", format!("`{to}` comes from no field"))
                        .at(at)
                        .help("list the fields of the other report that it may come from"),
                );
            }
            for (index, name) in from.iter().enumerate() {
                let path = ["take", to, &index.to_string()];
                if let (Some(target), Some(field)) = (target, self.there(name, &path, None))
                    && !can_be(&field.ty, &target.ty)
                {
                    let message = format!("`{name}` of type {} cannot be `{to}` of type {}", field.ty.word(), target.ty.word());
                    let at = self.at(&path);
                    let help = "types must be the same, or the target text";
                    self.findings.push(Finding::error("simulate-type", message).at(at).help(help));
                }
            }
        }
    }

    fn summary(&mut self, sum: &[String]) {
        for (index, name) in sum.iter().enumerate() {
            let path = ["sum", &index.to_string()];
            self.here(name, &path, Some(NUMBER));
            self.there(name, &path, Some(NUMBER));
        }
        for field in self.here.fields.iter().filter(|field| !sum.contains(&field.name) && self.there.field(&field.name).is_none())
        {
            let message = format!("`{}` is neither added up nor a field of `{}`", field.name, self.there.name);
            let at = self.at(&["sum"]);
            self.findings.push(
                Finding::error("dangling-reference", message)
                    .at(at)
                    .help("every field that is not added up has the same name in the other report"),
            );
        }
    }

    fn tally(&mut self, by: &str, value: &str, count: &str) {
        self.here(by, &["by"], Some(TEXT));
        self.here(value, &["value"], Some(TEXT));
        self.here(count, &["count"], Some(INTEGER));
    }
}

/// Whether a value can be taken over, as text where the target is text.
fn can_be(from: &Type, to: &Type) -> bool {
    match to {
        Type::String | Type::Enum(_) => !matches!(from, Type::Array { .. } | Type::Object { .. } | Type::Map { .. } | Type::Json),
        Type::Number => matches!(from, Type::Integer | Type::Number),
        Type::Json => true,
        other => other.word() == from.word(),
    }
}
