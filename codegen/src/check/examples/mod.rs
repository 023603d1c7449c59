//! Rule: examples and tables agree, or a quirk says where they do not. Examples become tests of the client, so a spec that contradicts
//! them unseen would be a client that fails on the documented answer.

mod request;
mod series;
mod values;

use placewise_model::{Coverage, Example, Field, Format, QuirkKind, Report, Type};
use serde_json::{Map, Value};

use super::{Check, Rule};
use crate::finding::Finding;
use crate::resolve::Draft;
use crate::source::{Doc, ReportFile};

pub(super) const RULE: Rule = Rule {
    codes: &[
        "example-coverage",
        "example-shape",
        "example-key",
        "example-type",
        "example-null",
        "example-zone",
        "example-request",
        "stale-quirk",
    ],
    description: "Every key, null, type and zone of an example is what the tables say, or a quirk tells of the contradiction; and no quirk tells of one that is gone.",
    check: Check::Report(check),
};

fn check(report: &Report, doc: &Doc<ReportFile>, draft: &Draft, findings: &mut Vec<Finding>) {
    let mut judge = Judge { report, doc, findings, cut: false, zoneless: Vec::new(), present: Vec::new(), absent: Vec::new() };
    for (index, example) in report.examples.iter().enumerate() {
        let path = ["examples".to_owned(), index.to_string()];
        judge.cut = example.coverage != Coverage::Whole;
        judge.coverage(example, &path);
        if let Some(request) = &example.request {
            judge.request(example, request, &[&path[..], &["request".to_owned()]].concat(), draft);
        }
        if let Some(response) = &example.response {
            judge.response(example, response, &[&path[..], &["response".to_owned()]].concat(), draft);
        }
    }
    judge.stale_quirks();
}

struct Judge<'a> {
    report: &'a Report,
    doc: &'a Doc<ReportFile>,
    findings: &'a mut Vec<Finding>,
    /// Whether the example is cut, so that what it lacks tells nothing.
    cut: bool,
    /// Quirk targets whose timestamps an example prints without zone.
    zoneless: Vec<String>,
    /// Quirk targets that an example has.
    present: Vec<String>,
    /// Quirk targets that a row of an example lacks.
    absent: Vec<String>,
}

impl Judge<'_> {
    fn say(&mut self, code: &'static str, message: String, path: &[String], help: &str) {
        self.findings.push(Finding::error(code, message).at(self.doc.at(path)).help(help));
    }

    fn coverage(&mut self, example: &Example, path: &[String]) {
        let payload = example.request.is_some() || example.response.is_some();
        if example.coverage == Coverage::NameOnly && payload {
            let message = "an example known by name only has a payload";
            self.say(
                "example-coverage",
                message.into(),
                path,
                "write `coverage: partial`, or leave it out if nothing is missing",
            );
        }
        if example.coverage != Coverage::NameOnly && !payload {
            let message = "the example has neither a request nor a response";
            self.say("example-coverage", message.into(), path, "write `coverage: name-only`");
        }
    }

    fn response(&mut self, example: &Example, response: &Value, path: &[String], draft: &Draft) {
        if let Some(name) = &example.field {
            if let Some(field) = self.report.field(name) {
                self.value(field, &field.ty, response, path, name);
            }
            return;
        }
        match self.report.format {
            Format::Records => {
                let rows_key = draft.records.as_ref().map_or("records", |records| records.rows_key.as_str());
                self.rows(example, response, path, rows_key);
            }
            Format::Timeseries => {
                if let Some(format) = &draft.timeseries {
                    self.series(example, response, path, format);
                }
            }
            // Nobody knows its form.
            Format::Statistics => {}
        }
    }

    fn rows(&mut self, example: &Example, response: &Value, path: &[String], rows_key: &str) {
        let (prefix, fields): (String, Vec<&Field>) = match &example.aggregation {
            None => (String::new(), self.report.fields.iter().collect()),
            Some(name) => match self.report.aggregation(name) {
                Some(aggregation) => (format!("{name}."), aggregation.returns.iter().map(|returned| &returned.field).collect()),
                None => return,
            },
        };
        let Some(rows) = response.get(rows_key).and_then(Value::as_array) else {
            if !self.cut {
                let message = format!("the example has no list of rows under `{rows_key}`");
                self.say("example-shape", message, path, "see formats.yaml for the keys of a response");
            }
            return;
        };
        for (row_index, row) in rows.iter().enumerate() {
            let path = [path, &[rows_key.to_owned(), row_index.to_string()]].concat();
            self.row(row, &fields, &prefix, &path);
        }
    }

    pub(super) fn row(&mut self, row: &Value, fields: &[&Field], prefix: &str, path: &[String]) {
        let Some(row) = row.as_object() else {
            self.say("example-shape", "a row of the example is no object".into(), path, "rows are JSON objects");
            return;
        };
        self.keys(row, fields, prefix, path);
    }

    /// The keys of a row or of a label.
    pub(super) fn keys(&mut self, row: &Map<String, Value>, fields: &[&Field], prefix: &str, path: &[String]) {
        // Name-only and partial reports may show more than is modelled; only what is modelled is judged there.
        let whole = self.report.coverage == Coverage::Whole;
        for (key, value) in row {
            let path = [path, std::slice::from_ref(key)].concat();
            match fields.iter().find(|field| field.name == *key) {
                Some(field) => {
                    self.present.push(format!("{prefix}{key}"));
                    self.value(field, &field.ty, value, &path, &format!("{prefix}{key}"));
                }
                None if whole => self.say(
                    "example-key",
                    format!("the example has the key `{key}`, which no table lists"),
                    &path,
                    "list it with `standing: example`, and add a quirk `only-in-examples`",
                ),
                None => {}
            }
        }
        if self.cut {
            return;
        }
        for field in fields.iter().filter(|field| !row.contains_key(&field.name)) {
            self.absent.push(format!("{prefix}{}", field.name));
            if field.optional {
                continue;
            }
            self.say(
                "example-key",
                format!("the example lacks `{}`", field.name),
                path,
                "add a quirk `absent-in-examples`, which makes the field optional in the client",
            );
        }
    }

    fn stale_quirks(&mut self) {
        let exampled = |report: &Report, target: &str| {
            let aggregation = target.split_once('.').map(|(aggregation, _)| aggregation);
            report.examples.iter().any(|example| {
                let whole = example.coverage == Coverage::Whole && example.field.is_none();
                whole && example.aggregation.as_deref() == aggregation && example.response.is_some()
            })
        };
        for (index, quirk) in self.report.quirks.iter().enumerate() {
            for (at, target) in quirk.at.iter().enumerate() {
                let has_example = exampled(self.report, target);
                let stale = match quirk.kind {
                    QuirkKind::AbsentInExamples => has_example && !self.absent.contains(target),
                    QuirkKind::OnlyInExamples => has_example && !self.present.contains(target),
                    QuirkKind::Zoneless => has_example && self.present.contains(target) && !self.zoneless.contains(target),
                    QuirkKind::NoValues => self
                        .report
                        .field(target)
                        .is_some_and(|field| matches!(&field.ty, Type::Enum(enumeration) if !enumeration.values.is_empty())),
                    QuirkKind::TypeDisagrees | QuirkKind::BrokenExample | QuirkKind::ExampleDisagrees => false,
                };
                if stale {
                    let path = ["quirks".to_owned(), index.to_string(), "at".to_owned(), at.to_string()];
                    let message = format!("the quirk `{}` does not hold for `{target}`", quirk.kind.word());
                    self.say("stale-quirk", message, &path, "remove it: the examples and tables agree here");
                }
            }
        }
    }
}
