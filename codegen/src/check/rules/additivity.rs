//! Rule: `adds` is about numbers that a response measures: those of rows and figures, or the values of a timeseries. Rows have no time to add
//! up over, and what never adds up is not summed.

use indexmap::IndexMap;
use placewise_model::{Adds, Aggregation, Compute, Dimension, Field, Filterability, Format, Report, Simulate, Type};

use super::simulate::NUMBER;
use crate::check::rule::Rule;
use crate::finding::{Finding, codes};
use crate::resolve::UncheckedModel;
use crate::source::{AddsDef, Doc, FieldDef, ReportFile, ReturnDef};

pub(crate) const RULE: Rule = Rule::Report(check);

fn check(report: &Report, doc: &Doc<ReportFile>, unchecked: &UncheckedModel, findings: &mut Vec<Finding>) {
    let mut checker = Checker { report, doc, findings };
    let file = &doc.value;
    checker.fields(&file.fields, &report.fields, &["fields"], None);
    checker.keys(file.labels.as_ref(), report.labels.iter().flatten(), &["labels"], None);
    for aggregation in &report.aggregations {
        let Some(def) = file.aggregations.get(&aggregation.name) else { continue };
        let path = ["aggregations", &aggregation.name];
        let returns = aggregation.returns.iter().map(|returned| &returned.field);
        checker.keys(Some(&def.returns), returns, &[&path[..], &["returns"]].concat(), Some(aggregation));
        checker.keys(def.labels.as_ref(), aggregation.labels.iter().flatten(), &[&path[..], &["labels"]].concat(), None);
        checker.sums(aggregation);
    }
    if let Some(Simulate::Summary { of, sum }) = &report.simulate
        && let Some(source) = unchecked.reports.iter().find(|other| other.name == *of)
    {
        for (at, name) in sum.iter().enumerate().filter(|(_, name)| never_adds(source, name)) {
            let message = format!("`{name}` is summed, but in `{of}` it never adds up");
            let finding = Finding::new(codes::NEVER_ADDS, message).at(doc.at(&["simulate", "summary", "sum", &at.to_string()]));
            checker.findings.push(finding.help(format!("remove it here, or correct its `adds` in `{of}`")));
        }
    }
}

struct Checker<'a> {
    report: &'a Report,
    doc: &'a Doc<ReportFile>,
    findings: &'a mut Vec<Finding>,
}

impl Checker<'_> {
    /// Checks fields and the fields inside of them.
    fn fields(&mut self, defs: &IndexMap<String, FieldDef>, fields: &[Field], path: &[&str], of: Option<&Aggregation>) {
        for (field, (name, def)) in fields.iter().zip(defs) {
            let path = [path, &[name.as_str()]].concat();
            self.one(def.adds.as_ref(), field, &path, of);
            self.inner(&def.fields, field, &path, of);
        }
    }

    /// Checks returned fields or label keys.
    fn keys<'f>(
        &mut self,
        defs: Option<&IndexMap<String, ReturnDef>>,
        fields: impl Iterator<Item = &'f Field>,
        path: &[&str],
        of: Option<&Aggregation>,
    ) {
        for (field, (name, def)) in fields.zip(defs.into_iter().flatten()) {
            let path = [path, &[name.as_str()]].concat();
            if let ReturnDef::Full(full) = def {
                self.one(full.adds.as_ref(), field, &path, of);
                self.inner(&full.fields, field, &path, of);
            }
        }
    }

    fn inner(&mut self, defs: &IndexMap<String, FieldDef>, field: &Field, path: &[&str], of: Option<&Aggregation>) {
        if let Type::Object { fields } = field.ty.innermost() {
            self.fields(defs, fields, &[path, &["fields"]].concat(), of);
        }
    }

    fn one(&mut self, def: Option<&AddsDef>, field: &Field, path: &[&str], of: Option<&Aggregation>) {
        if def.is_none() {
            return;
        }
        let (_, is_number) = NUMBER;
        let compute = of.and_then(|of| of.returns.iter().find(|returned| returned.field.name == field.name));
        let problem = if self.report.format == Format::Timeseries {
            Some(("is a label or a filter of the timeseries, not one of its values", "write `adds` at the report"))
        } else if compute.is_some_and(|returned| returned.compute == Compute::Key) && path.len() == 4 {
            Some(("is what the rows are grouped by", "remove `adds`"))
        } else if matches!(field.filterable, Filterability::Header(_)) {
            Some(("names the customer", "remove `adds`"))
        } else if !is_number(&field.ty) {
            // A type with a finding became `json`.
            let known = field.ty != Type::Json || self.doc.says_at(&[path, &["type"]].concat(), "json");
            known.then_some(("is not a number", "remove `adds`, or correct the type"))
        } else {
            None
        };
        let at = [path, &["adds"]].concat();
        if let Some((what, help)) = problem {
            let message = format!("`{}` {what}, so `adds` says nothing about it", field.name);
            self.findings.push(Finding::new(codes::ADDS_OF_WHAT, message).at(self.doc.at_key(&at)).help(help));
        } else if self.report.format == Format::Records && over(field.adds.as_ref(), Dimension::Time) {
            let message = format!("`{}` adds up over `time`, but records have no range of time", field.name);
            let finding = Finding::new(codes::ADDS_OF_WHAT, message).at(self.doc.at(&at));
            self.findings.push(finding.help("remove `time`; rows of several days add up over `labels`"));
        }
    }

    /// Reports sums of what never adds up.
    fn sums(&mut self, aggregation: &Aggregation) {
        for returned in &aggregation.returns {
            let Compute::Sum(of) = &returned.compute else { continue };
            if never_adds(self.report, of) {
                let path = ["aggregations", &aggregation.name, "returns", &returned.field.name];
                let message = format!("`{}` is a sum of `{of}`, which never adds up", returned.field.name);
                let finding = Finding::new(codes::NEVER_ADDS, message).at(self.doc.at_key(&[&path[..], &["compute"]].concat()));
                let finding = finding.related(self.doc.at_key(&["fields", of, "adds"]), "it never adds up");
                self.findings.push(finding.help("remove `compute`, or correct `adds`"));
            }
        }
    }
}

fn never_adds(report: &Report, field: &str) -> bool {
    report.field(field).and_then(|field| field.adds.as_ref()).is_some_and(Adds::is_never)
}

fn over(adds: Option<&Adds>, dimension: Dimension) -> bool {
    adds.is_some_and(|adds| adds.over.contains(&dimension))
}
