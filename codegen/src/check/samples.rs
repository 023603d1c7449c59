//! Rule: samples and tables agree, or a quirk says where they do not. Samples become tests of the client, so a spec that contradicts
//! them unseen would be a client that fails on the documented answer.

use placewise_model::{Example, Field, Nullable, QuirkKind, Report, Type};
use serde_json::Value;

use super::{Check, Rule};
use crate::finding::Finding;
use crate::resolve::Draft;
use crate::source::{Doc, ReportFile};

pub(super) const RULE: Rule = Rule {
    codes: &["sample-shape", "sample-key", "sample-type", "sample-null", "sample-zone", "sample-request", "stale-quirk"],
    about: "Every key, null, type and zone of a sample is what the tables say, or a quirk tells of the contradiction; and no quirk tells of one that is gone.",
    check: Check::Report(check),
};

fn check(report: &Report, doc: &Doc<ReportFile>, draft: &Draft, findings: &mut Vec<Finding>) {
    let rows_key = draft.records.as_ref().map_or("records", |records| records.rows_key.as_str());
    let mut judge = Judge { report, doc, findings, zoneless: Vec::new(), present: Vec::new(), absent: Vec::new() };
    for (index, example) in report.examples.iter().enumerate() {
        let index = index.to_string();
        if let Some(request) = &example.request {
            judge.request(request, &index, draft);
        }
        if let Some(response) = &example.response {
            judge.response(example, response, &index, rows_key);
        }
    }
    judge.stale_quirks();
}

struct Judge<'a> {
    report: &'a Report,
    doc: &'a Doc<ReportFile>,
    findings: &'a mut Vec<Finding>,
    /// Quirk targets whose timestamps a sample prints without zone.
    zoneless: Vec<String>,
    /// Quirk targets that a sample has.
    present: Vec<String>,
    /// Quirk targets that a row of a sample lacks.
    absent: Vec<String>,
}

impl Judge<'_> {
    fn say(&mut self, code: &'static str, message: String, path: &[String], help: &str) {
        self.findings.push(Finding::error(code, message).at(self.doc.at(path)).help(help));
    }

    fn request(&mut self, request: &Value, index: &str, draft: &Draft) {
        let Some(records) = &draft.records else { return };
        let name = request.get(&records.report_key.value).and_then(Value::as_str);
        if name != Some(&self.report.name) {
            let path = ["examples".to_owned(), index.to_owned(), "request".to_owned()];
            self.say(
                "sample-request",
                "the sample's request asks for another report".into(),
                &path,
                "it belongs into that report's file",
            );
        }
    }

    fn response(&mut self, example: &Example, response: &Value, index: &str, rows_key: &str) {
        let path = vec!["examples".to_owned(), index.to_owned(), "response".to_owned()];
        if let Some(name) = &example.field {
            if let Some(field) = self.report.field(name) {
                self.value(field, &field.ty, response, &path, name);
            }
            return;
        }
        let (prefix, fields): (String, Vec<&Field>) = match &example.aggregation {
            None => (String::new(), self.report.fields.iter().collect()),
            Some(name) => match self.report.aggregation(name) {
                Some(aggregation) => (format!("{name}."), aggregation.returns.iter().map(|returned| &returned.field).collect()),
                None => return,
            },
        };
        let Some(rows) = response.get(rows_key).and_then(Value::as_array) else {
            self.say(
                "sample-shape",
                format!("the sample has no list of rows under `{rows_key}`"),
                &path,
                "see formats.yaml for the keys of a response",
            );
            return;
        };
        for (row_index, row) in rows.iter().enumerate() {
            let path = [&path[..], &[rows_key.to_owned(), row_index.to_string()]].concat();
            self.row(row, &fields, &prefix, &path);
        }
    }

    fn row(&mut self, row: &Value, fields: &[&Field], prefix: &str, path: &[String]) {
        let Some(row) = row.as_object() else {
            self.say("sample-shape", "a row of the sample is no object".into(), path, "rows are JSON objects");
            return;
        };
        // Name-only and partial reports may show more than is modelled; only what is modelled is judged there.
        let whole = self.report.coverage == placewise_model::Coverage::Whole;
        for (key, value) in row {
            let path = [path, std::slice::from_ref(key)].concat();
            match fields.iter().find(|field| field.name == *key) {
                Some(field) => {
                    self.present.push(format!("{prefix}{key}"));
                    self.value(field, &field.ty, value, &path, &format!("{prefix}{key}"));
                }
                None if whole => self.say(
                    "sample-key",
                    format!("the sample has the key `{key}`, which no table lists"),
                    &path,
                    "list it with `standing: example`, and add a quirk `only-in-samples`",
                ),
                None => {}
            }
        }
        for field in fields.iter().filter(|field| !row.contains_key(&field.name)) {
            self.absent.push(format!("{prefix}{}", field.name));
            if field.optional {
                continue;
            }
            self.say(
                "sample-key",
                format!("the sample lacks `{}`", field.name),
                path,
                "add a quirk `absent-in-samples`, which makes the field optional in the client",
            );
        }
    }

    fn value(&mut self, field: &Field, ty: &Type, value: &Value, path: &[String], target: &str) {
        let fits = match (ty, value) {
            (_, Value::Null) => {
                if matches!(field.nullable, Nullable::Never | Nullable::AssumedNever) {
                    let message = format!("`{}` is null in the sample, yet taken as never null", field.name);
                    self.say("sample-null", message, path, "write `nullable: seen`");
                }
                true
            }
            (Type::Integer, value) => value.is_i64() || value.is_u64(),
            (Type::Number, value) => value.is_number(),
            (Type::String | Type::Enum(_), value) => value.is_string(),
            (Type::Boolean, value) => value.is_boolean(),
            (Type::Timestamp, Value::String(text)) => self.timestamp(text, path, target),
            (Type::Date, Value::String(text)) => text.len() == 10 && text.bytes().all(|b| b.is_ascii_digit() || b == b'-'),
            (Type::Json, _) => true,
            (Type::Array { of }, Value::Array(items)) => {
                for (index, item) in items.iter().enumerate() {
                    self.value(field, of, item, &[path, &[index.to_string()]].concat(), target);
                }
                true
            }
            (Type::Map { of }, Value::Object(entries)) => {
                for (key, item) in entries {
                    self.value(field, of, item, &[path, std::slice::from_ref(key)].concat(), target);
                }
                true
            }
            (Type::Object { fields }, Value::Object(entries)) => {
                for inner in fields {
                    if let Some(item) = entries.get(&inner.name) {
                        self.value(inner, &inner.ty, item, &[path, std::slice::from_ref(&inner.name)].concat(), target);
                    }
                }
                true
            }
            _ => false,
        };
        if !fits {
            let message = format!("`{}` is `{}` in the sample, not of type {}", field.name, short(value), ty.word());
            self.say(
                "sample-type",
                message,
                path,
                "correct the type, or record the contradiction as a quirk and choose the wider type",
            );
        }
    }

    fn timestamp(&mut self, text: &str, path: &[String], target: &str) -> bool {
        let Some((_, time)) = text.split_once('T') else { return false };
        if time.ends_with('Z') || time.contains(['+', '-']) {
            return true;
        }
        self.zoneless.push(target.to_owned());
        let quirk =
            self.report.quirks.iter().any(|quirk| quirk.kind == QuirkKind::Zoneless && quirk.at.iter().any(|at| at == target));
        if !quirk {
            let message = format!("the timestamp `{text}` has no zone");
            self.say("sample-zone", message, path, &format!("add a quirk `zoneless` at `{target}`"));
        }
        true
    }

    fn stale_quirks(&mut self) {
        let sampled = |report: &Report, target: &str| {
            let aggregation = target.split_once('.').map(|(aggregation, _)| aggregation);
            report.examples.iter().any(|example| {
                example.aggregation.as_deref() == aggregation && example.field.is_none() && example.response.is_some()
            })
        };
        for (index, quirk) in self.report.quirks.iter().enumerate() {
            for (at, target) in quirk.at.iter().enumerate() {
                let has_sample = sampled(self.report, target);
                let stale = match quirk.kind {
                    QuirkKind::AbsentInSamples => has_sample && !self.absent.contains(target),
                    QuirkKind::OnlyInSamples => has_sample && !self.present.contains(target),
                    QuirkKind::Zoneless => has_sample && self.present.contains(target) && !self.zoneless.contains(target),
                    QuirkKind::NoValues => self
                        .report
                        .field(target)
                        .is_some_and(|field| matches!(&field.ty, Type::Enum(enumeration) if !enumeration.values.is_empty())),
                    QuirkKind::TypeDisagrees | QuirkKind::BrokenSample => false,
                };
                if stale {
                    let path = ["quirks".to_owned(), index.to_string(), "at".to_owned(), at.to_string()];
                    let message = format!("the quirk `{}` does not hold for `{target}`", quirk.kind.word());
                    self.say("stale-quirk", message, &path, "remove it: the samples and tables agree here");
                }
            }
        }
    }
}

fn short(value: &Value) -> String {
    let text = value.to_string();
    match text.char_indices().nth(40) {
        Some((at, _)) => format!("{}…", &text[..at]),
        None => text,
    }
}
