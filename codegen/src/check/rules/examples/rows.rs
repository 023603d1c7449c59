//! Checks responses with rows, and the keys of rows and labels.

use std::collections::HashSet;

use placewise_model::{Aggregation, Coverage, Example, Field, Format, RecordsResponse, RelationRule};
use serde_json::{Map, Value};

use super::checker::{Checker, Form, did_you_mean, misspelled};
use crate::finding::{codes, shortened};
use crate::resolve::UncheckedModel;

/// Help for a response of another form.
pub(super) const FORM: &str = "see formats.yaml for the keys of a response";

impl Checker<'_> {
    pub(super) fn response(&mut self, example: &Example, response: &Value, path: &[String], unchecked: &UncheckedModel) {
        if let Some(name) = &example.field {
            if let Some(field) = self.report.field(name) {
                self.value(field, &field.ty, response, path, name);
            }
            return;
        }
        match self.report.format {
            Format::Records => {
                // An unreadable format has a finding already.
                if let Some(records) = &unchecked.records {
                    self.rows(example, response, path, &records.response);
                }
            }
            Format::Timeseries => {
                if let Some(format) = &unchecked.timeseries {
                    self.series(example, response, path, format);
                }
            }
            // The form of a statistics response is unknown.
            Format::Statistics => {}
        }
    }

    fn rows(&mut self, example: &Example, response: &Value, path: &[String], keys: &RecordsResponse) {
        let at = |key: &str| [path, &[key.to_owned()]].concat();
        let Some(entries) = response.as_object() else {
            self.say(codes::EXAMPLE_SHAPE, "the example is not an object".into(), path, FORM);
            return;
        };
        let known: [&str; 3] = [&keys.rows, &keys.pagination, &keys.result_type];
        // Some pages show the rows alone.
        let alone = known[1..].iter().all(|key| !entries.contains_key(*key));
        let optional = if alone { &known[1..] } else { &[] };
        let form = Form { code: codes::EXAMPLE_SHAPE, of: "the format", keys: &known, optional, help: FORM };
        self.form(entries, &form, self.cut, path);
        self.result_type(entries, &keys.result_type, &keys.result_type_value, path);
        if let Some(pagination) = entries.get(&keys.pagination) {
            self.pagination(pagination, &keys.next, &at(&keys.pagination));
        }
        let (prefix, fields): (String, Vec<&Field>) = match &example.aggregation {
            None => (String::new(), self.report.fields.iter().collect()),
            Some(name) => match self.report.aggregation(name) {
                Some(aggregation) => (format!("{name}."), aggregation.returns.iter().map(|returned| &returned.field).collect()),
                None => return,
            },
        };
        let Some(rows) = entries.get(&keys.rows) else { return };
        let Some(rows) = rows.as_array() else {
            self.say(codes::EXAMPLE_SHAPE, "the rows are not a list".into(), &at(&keys.rows), FORM);
            return;
        };
        if let Some(other) = self.fits_other(example, rows) {
            let message = format!("the rows have the keys of {other}");
            self.say(codes::EXAMPLE_SHAPE, message, path, "correct the `aggregation` of the example");
            return;
        }
        self.compares(example);
        for (index, row) in rows.iter().enumerate() {
            self.row(row, &fields, &prefix, &[&at(&keys.rows)[..], &[index.to_string()]].concat());
        }
    }

    /// What the rows fit exactly, if not what the example says: another aggregation, or the report itself.
    fn fits_other(&self, example: &Example, rows: &[Value]) -> Option<String> {
        let fits = |fields: &[&Field]| {
            rows.iter().filter_map(Value::as_object).all(|row| {
                row.keys().all(|key| fields.iter().any(|field| field.name == *key))
                    && fields.iter().all(|field| field.optional || row.contains_key(&field.name))
            })
        };
        let named = |aggregation: &Aggregation| example.aggregation.as_ref() == Some(&aggregation.name);
        let sets = std::iter::once((None, self.report.fields.iter().collect::<Vec<_>>())).chain(
            self.report.aggregations.iter().map(|of| (Some(of), of.returns.iter().map(|returned| &returned.field).collect())),
        );
        let (own, others): (Vec<_>, Vec<_>) = sets.partition(|(of, _)| of.map_or(example.aggregation.is_none(), named));
        let wrong = !rows.is_empty() && own.iter().all(|(_, fields)| !fits(fields));
        let mut fitting = others.into_iter().filter(|(_, fields)| wrong && !fields.is_empty() && fits(fields));
        let (other, _) = fitting.next().filter(|_| fitting.next().is_none())?;
        Some(other.map_or("the report itself".into(), |of| format!("the aggregation `{}`", of.name)))
    }

    /// The last page may have no cursor, or null.
    fn pagination(&mut self, pagination: &Value, next: &str, path: &[String]) {
        let Some(entries) = pagination.as_object() else {
            self.say(codes::EXAMPLE_SHAPE, "the pagination is not an object".into(), path, FORM);
            return;
        };
        let form = Form { code: codes::EXAMPLE_KEY, of: "the pagination", keys: &[next], optional: &[next], help: FORM };
        self.form(entries, &form, self.cut, path);
        if let Some(cursor) = entries.get(next).filter(|cursor| !cursor.is_string() && !cursor.is_null()) {
            let path = [path, &[next.to_owned()]].concat();
            self.say(codes::EXAMPLE_SHAPE, format!("{cursor} is not a cursor"), &path, "write text or null");
        }
    }

    /// The word that names the format.
    pub(super) fn result_type(&mut self, entries: &Map<String, Value>, key: &str, word: &str, path: &[String]) {
        if let Some(written) = entries.get(key).filter(|written| **written != *word) {
            let path = [path, &[key.to_owned()]].concat();
            self.say(codes::EXAMPLE_SHAPE, format!("the result type is {written}, not \"{word}\""), &path, FORM);
        }
    }

    fn row(&mut self, row: &Value, fields: &[&Field], prefix: &str, path: &[String]) {
        let Some(row) = row.as_object() else {
            self.say(
                codes::EXAMPLE_SHAPE,
                "a row of the example is not an object".into(),
                path,
                "write each row as a JSON object",
            );
            return;
        };
        let before = self.findings.len();
        self.keys(row, fields, prefix, path);
        // A row that is wrong otherwise says nothing about relations.
        if self.findings.len() == before {
            self.relations(row, path);
        }
    }

    /// A row has the relations between the fields that it has.
    fn relations(&mut self, row: &Map<String, Value>, path: &[String]) {
        for relation in &self.report.relations {
            let (holds, name) = match &relation.rule {
                RelationRule::AddsUp { parts, to } => {
                    let parts: Option<Vec<f64>> = parts.iter().map(|part| row.get(part)?.as_f64()).collect();
                    let sum = row.get(to).and_then(Value::as_f64);
                    (parts.zip(sum).is_none_or(|(parts, sum)| (parts.iter().sum::<f64>() - sum).abs() < 1e-6), to)
                }
                RelationRule::NeverGrows(funnel) => {
                    let steps: Vec<(&String, f64)> =
                        funnel.iter().filter_map(|name| Some((name, row.get(name)?.as_f64()?))).collect();
                    let grows = steps.windows(2).find(|pair| pair[0].1 < pair[1].1);
                    (grows.is_none(), grows.map_or(&funnel[0], |pair| pair[1].0))
                }
                RelationRule::Any { of, is } => {
                    let of: Option<Vec<bool>> = of.iter().map(|name| row.get(name)?.as_bool()).collect();
                    let is_any = row.get(is).and_then(Value::as_bool);
                    (of.zip(is_any).is_none_or(|(of, is)| of.contains(&true) == is), is)
                }
            };
            if !holds {
                let path = [path, std::slice::from_ref(name)].concat();
                let message = format!("`{name}` breaks a relation of the report: {}", shortened(relation.description.trim(), 80));
                self.say(codes::EXAMPLE_RELATION, message, &path, "correct the example or the relation");
            }
        }
    }

    /// The keys of a row or of a label.
    pub(super) fn keys(&mut self, row: &Map<String, Value>, fields: &[&Field], prefix: &str, path: &[String]) {
        // Examples of name-only and partial reports may have unknown keys.
        let whole = self.report.coverage == Coverage::Whole;
        let names: HashSet<&str> = fields.iter().map(|field| field.name.as_str()).collect();
        let missing: Vec<&str> =
            fields.iter().filter(|field| !row.contains_key(&field.name)).map(|field| field.name.as_str()).collect();
        let extra = row.keys().map(String::as_str).filter(|key| !names.contains(key));
        let pairs = misspelled(extra.clone(), &missing);
        for key in extra.filter(|key| whole || pairs.iter().any(|(written, _)| written == key)) {
            let path = [path, &[key.to_owned()]].concat();
            let message = format!("the example has the key `{key}`, which is not in the table of fields");
            let add = "add it with `provenance: example`, and add a quirk `only-in-examples`";
            self.say(codes::EXAMPLE_KEY, message, &path, &did_you_mean(key, &pairs, add));
        }
        let mut lacks: Vec<&str> = Vec::new();
        for field in fields {
            let target = format!("{prefix}{}", field.name);
            match row.get(&field.name) {
                Some(value) => {
                    self.value(field, &field.ty, value, &[path, std::slice::from_ref(&field.name)].concat(), &target);
                    self.present.push(target);
                }
                None if self.cut || pairs.iter().any(|(_, meant)| *meant == field.name) => {}
                None => {
                    self.absent.push(target);
                    if !field.optional {
                        lacks.push(&field.name);
                    }
                }
            }
        }
        let message = format!("the example lacks `{}`", lacks.join("`, `"));
        // One quirk mends all rows.
        if !lacks.is_empty() && self.findings.iter().all(|(_, finding)| finding.message != message) {
            let help = "add a quirk `absent-in-examples`; it makes the field optional in the client";
            self.say(codes::EXAMPLE_KEY, message, path, help);
        }
    }

    /// The keys of an object inside a row.
    pub(super) fn inner_keys(&mut self, of: &Field, entries: &Map<String, Value>, fields: &[Field], path: &[String]) {
        let known = |key: &&str| fields.iter().any(|field| field.name == **key);
        let extra: Vec<&str> = entries.keys().map(String::as_str).filter(|key| !known(key)).collect();
        let missing: Vec<&str> =
            fields.iter().map(|field| field.name.as_str()).filter(|name| !entries.contains_key(*name)).collect();
        let pairs = misspelled(extra.iter().copied(), &missing);
        let whole = self.report.coverage == Coverage::Whole;
        for key in extra.into_iter().filter(|key| whole || pairs.iter().any(|(written, _)| written == key)) {
            let path = [path, &[key.to_owned()]].concat();
            let message = format!("`{}` has the key `{key}` in the example, but no such field", of.name);
            self.say(
                codes::EXAMPLE_KEY,
                message,
                &path,
                &did_you_mean(key, &pairs, "add it under its `fields` with `provenance: example`"),
            );
        }
        let cut = self.cut;
        for name in missing.into_iter().filter(|name| !cut && pairs.iter().all(|(_, meant)| meant != name)) {
            let message = format!("`{}` lacks `{name}` in the example", of.name);
            self.say(codes::EXAMPLE_KEY, message, path, "add it, or write `coverage: partial` at the example if it is cut");
        }
    }
}
