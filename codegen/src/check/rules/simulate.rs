//! Rule: a report's `simulate` fits the report that its data come from: report and fields exist, types match, and no report comes from
//! itself.

use placewise_model::{Compute, Coverage, Field, Format, Report, Simulate, Type};

use crate::check::rule::Rule;
use crate::finding::{Finding, Place, codes, dangling};
use crate::resolve::{UncheckedModel, computed_from};
use crate::source::{Doc, ReportFile};

pub(crate) const RULE: Rule = Rule::Report(check);

fn check(report: &Report, doc: &Doc<ReportFile>, unchecked: &UncheckedModel, findings: &mut Vec<Finding>) {
    computed(report, doc, findings);
    let Some(simulate) = &report.simulate else { return };
    let (word, format) = kind(simulate);
    if report.format != format {
        findings.push(
            Finding::new(
                codes::SIMULATE_KIND,
                format!("`{word}` makes {}, but this is a {} report", format.word(), report.format.word()),
            )
            .at(doc.at_key(&["simulate", word]))
            .help("use `each`, `summary` or `tally` for records, `events` for timeseries"),
        );
    }
    let name = source(simulate);
    if unchecked.unread.contains(name) {
        return;
    }
    let of = doc.at(&["simulate", word, "of"]);
    let Some(other) = unchecked.reports.iter().find(|report| report.name == *name) else {
        let names: Vec<&str> = unchecked.reports.iter().map(|report| report.name.as_str()).collect();
        findings.push(dangling(format!("the spec has no report `{name}`"), of, name, &names));
        return;
    };
    if let Some(cycle) = cycle(report, unchecked) {
        // One finding for each cycle.
        if cycle.iter().all(|name| report.name.as_str() <= *name) {
            let finding =
                Finding::new(codes::SIMULATE_CYCLE, format!("the data of `{}` depend on themselves", cycle.join("`, `")));
            let help = "remove `simulate` from one of the reports, so that its data come from its fields alone";
            findings.push(finding.at(of).help(help));
        }
        return;
    }
    let mut checker = Checker { here: report, there: other, doc, word, findings };
    checker.kind_of_source(simulate, of);
    match simulate {
        Simulate::Each { take, most, .. } => checker.each(take, *most),
        Simulate::Summary { sum, .. } => checker.summary(sum),
        Simulate::Tally { by, value, count, .. } => checker.tally(by, value, count),
        Simulate::Events { take, count, begin, direction, .. } => {
            for (to, from) in take {
                checker.here(to, &["take", to], None);
                checker.there(from, &["take", to], None);
            }
            for (key, name, test) in [("count", count, INTEGER), ("begin", begin, TIMESTAMP)] {
                if let Some(name) = name {
                    checker.there(name, &[key], Some(test));
                }
            }
            if let Some(name) = direction {
                checker.here(name, &["direction"], Some(TWO_WAYS));
            }
        }
    }
}

/// Checks that a returned field can be computed from the field that it names.
fn computed(report: &Report, doc: &Doc<ReportFile>, findings: &mut Vec<Finding>) {
    for aggregation in &report.aggregations {
        for returned in &aggregation.returns {
            let (to, name) = (&returned.field.ty, &returned.field.name);
            let path = ["aggregations", &aggregation.name, "returns", name];
            let Some((_, of)) = computed_from(&returned.compute) else { continue };
            let Some(from) = report.field(of) else { continue };
            // What is `json` can be anything.
            let known = !matches!((from.ty.innermost(), to.innermost()), (Type::Json, _) | (_, Type::Json));
            if known
                && !can_compute(&returned.compute, &from.ty, to)
                && !doc.lost_within(&["fields", of])
                && !doc.lost_within(&path)
            {
                let message = format!("`{name}` of type {} cannot be computed from `{of}` of type {}", to.word(), from.ty.word());
                let finding = Finding::new(codes::SIMULATE_TYPE, message).at(doc.at_key(&[&path[..], &["compute"]].concat()));
                findings.push(finding.help("correct `compute` or the type; `compute: unknown` says that no page tells"));
            }
        }
    }
}

fn can_compute(compute: &Compute, from: &Type, to: &Type) -> bool {
    let is_number = NUMBER.1;
    let same = from.word() == to.word() || (is_number(from) && is_number(to));
    match compute {
        Compute::Sum(_) => same && is_number(from),
        Compute::Min(_) | Compute::Max(_) => same && (is_number(from) || matches!(from, Type::Timestamp | Type::Date)),
        Compute::Collect(_) => matches!(to, Type::Array { of } if of.word() == from.word()),
        _ => same,
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

/// The report that the data come from.
fn source(simulate: &Simulate) -> &String {
    match simulate {
        Simulate::Each { of, .. } | Simulate::Summary { of, .. } | Simulate::Tally { of, .. } | Simulate::Events { of, .. } => of,
    }
}

/// The reports from this one on, if their data lead back to it.
fn cycle<'a>(report: &'a Report, unchecked: &'a UncheckedModel) -> Option<Vec<&'a str>> {
    let mut names = vec![report.name.as_str()];
    for _ in &unchecked.reports {
        let last = unchecked.reports.iter().find(|report| names.last() == Some(&report.name.as_str()))?;
        let next = last.simulate.as_ref().map(source)?;
        if *next == report.name {
            return Some(names);
        }
        names.push(next);
    }
    None
}

/// A kind of type: its name and its test.
pub(super) type TypeTest = (&'static str, fn(&Type) -> bool);
const INTEGER: TypeTest = ("an integer", |ty| matches!(ty, Type::Integer));
pub(super) const NUMBER: TypeTest = ("a number", |ty| matches!(ty, Type::Integer | Type::Number));
const TIMESTAMP: TypeTest = ("a timestamp", |ty| matches!(ty, Type::Timestamp));
const TEXT: TypeTest = ("text", |ty| matches!(ty, Type::String | Type::Enum(_)));
const TWO_WAYS: TypeTest =
    ("an enum with two values", |ty| matches!(ty, Type::Enum(enumeration) if enumeration.values.len() == 2));

struct Checker<'a> {
    here: &'a Report,
    there: &'a Report,
    doc: &'a Doc<ReportFile>,
    word: &'static str,
    findings: &'a mut Vec<Finding>,
}

impl<'a> Checker<'a> {
    fn at(&self, path: &[&str]) -> Place {
        self.doc.at(&[&["simulate", self.word], path].concat())
    }

    fn here(&mut self, name: &str, path: &[&str], test: Option<TypeTest>) -> Option<&'a Field> {
        self.field(self.here, name, path, test)
    }

    fn there(&mut self, name: &str, path: &[&str], test: Option<TypeTest>) -> Option<&'a Field> {
        self.field(self.there, name, path, test)
    }

    fn field(&mut self, report: &'a Report, name: &str, path: &[&str], test: Option<TypeTest>) -> Option<&'a Field> {
        let at = self.at(path);
        let Some(field) = report.field(name) else {
            let known: Vec<&str> = report.fields.iter().map(|field| field.name.as_str()).collect();
            let message = format!("the report `{}` has no field `{name}`", report.name);
            self.findings.push(dangling(message, at, name, &known));
            return None;
        };
        // A type with a finding is `json`.
        let unknown =
            field.ty == Type::Json && std::ptr::eq(report, self.here) && !self.doc.says_at(&["fields", name, "type"], "json");
        if let Some((kind, _)) = test.filter(|(_, fits)| !fits(&field.ty) && !unknown) {
            let message = format!("`{name}` of `{}` has type {}", report.name, field.ty.word());
            self.findings.push(Finding::new(codes::SIMULATE_TYPE, message).at(at).help(format!("name a field that is {kind}")));
        }
        Some(field)
    }

    /// Rows come from rows; events come from rows or from the events of another timeseries.
    fn kind_of_source(&mut self, simulate: &Simulate, at: Place) {
        let events = matches!(simulate, Simulate::Events { count: None, begin: None, .. })
            && matches!(self.there.simulate, Some(Simulate::Events { .. }));
        // A report with the keys of another format has a finding of its own.
        let odd = self.there.format == Format::Timeseries && self.there.aggregations.iter().any(|of| !of.returns.is_empty());
        let fits = odd || self.there.format == Format::Records || (events && self.there.format == Format::Timeseries);
        let named = self.there.fields.is_empty() && self.there.coverage == Coverage::NameOnly;
        if !fits || named {
            let what = if named { "fields" } else { "rows" };
            let message = format!("data cannot come from `{}`, which has no {what}", self.there.name);
            self.findings.push(Finding::new(codes::SIMULATE_KIND, message).at(at).help(
                "name a records report; without `count` and `begin`, events may also come from a timeseries with `events`",
            ));
        }
    }

    fn each(&mut self, take: &indexmap::IndexMap<String, Vec<String>>, most: u32) {
        if most == 0 {
            let at = self.at(&["most"]);
            self.findings
                .push(Finding::new(codes::SIMULATE_TYPE, "`most` is 0, which makes no rows").at(at).help("use at least 1"));
        }
        for (to, from) in take {
            let target = self.here(to, &["take", to], None);
            if from.is_empty() {
                let at = self.at(&["take", to]);
                self.findings.push(
                    Finding::new(codes::SIMULATE_TYPE, format!("`{to}` has no source field"))
                        .at(at)
                        .help("list fields of the other report"),
                );
            }
            for (index, name) in from.iter().enumerate() {
                let path = ["take", to, &index.to_string()];
                if let (Some(target), Some(field)) = (target, self.there(name, &path, None))
                    && !can_be(&field.ty, &target.ty)
                {
                    let message =
                        format!("`{name}` of type {} cannot become `{to}` of type {}", field.ty.word(), target.ty.word());
                    let at = self.at(&path);
                    let help = "use fields of the same type, or a target of type string";
                    self.findings.push(Finding::new(codes::SIMULATE_TYPE, message).at(at).help(help));
                }
            }
        }
    }

    fn summary(&mut self, sum: &[String]) {
        for (index, name) in sum.iter().enumerate() {
            let path = ["sum", &index.to_string()];
            // If both have it and it is no number, that is one mistake.
            if self.here(name, &path, Some(NUMBER)).is_none_or(|field| NUMBER.1(&field.ty)) {
                self.there(name, &path, Some(NUMBER));
            }
        }
        for field in self.here.fields.iter().filter(|field| !sum.contains(&field.name) && self.there.field(&field.name).is_none())
        {
            let message = format!("`{}` is neither in `sum` nor a field of `{}`", field.name, self.there.name);
            let at = self.at(&["sum"]);
            self.findings.push(
                Finding::new(codes::DANGLING_REFERENCE, message)
                    .at(at)
                    .help("add it to `sum`, or add a field of that name to the other report"),
            );
        }
    }

    fn tally(&mut self, by: &str, value: &str, count: &str) {
        self.here(by, &["by"], Some(TEXT));
        self.here(value, &["value"], Some(TEXT));
        self.here(count, &["count"], Some(INTEGER));
    }
}

/// Whether a value can be copied, as text if the target is text.
fn can_be(from: &Type, to: &Type) -> bool {
    match to {
        Type::String | Type::Enum(_) => !matches!(from, Type::Array { .. } | Type::Object { .. } | Type::Map { .. } | Type::Json),
        Type::Number => matches!(from, Type::Integer | Type::Number),
        Type::Json => true,
        other => other.word() == from.word(),
    }
}
