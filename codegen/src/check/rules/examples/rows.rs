//! Checks responses with rows, and the keys of rows and labels.

use std::collections::HashSet;

use placewise_model::{Coverage, Example, Field, Format};
use serde_json::{Map, Value};

use super::checker::{Checker, did_you_mean, misspelled};
use crate::finding::codes;
use crate::resolve::UncheckedModel;

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
                    self.rows(example, response, path, &records.response.rows);
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
                let keys = response.as_object().into_iter().flatten().map(|(key, _)| key.as_str());
                let pairs = misspelled(keys, &[rows_key]);
                let written = pairs.first().map(|(written, _)| (*written).to_owned());
                let message = format!("the example has no list of rows under `{rows_key}`");
                let help =
                    did_you_mean(written.as_deref().unwrap_or_default(), &pairs, "see formats.yaml for the keys of a response");
                self.say(codes::EXAMPLE_SHAPE, message, &[path, written.as_slice()].concat(), &help);
            }
            return;
        };
        for (row_index, row) in rows.iter().enumerate() {
            let path = [path, &[rows_key.to_owned(), row_index.to_string()]].concat();
            self.row(row, &fields, &prefix, &path);
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
        self.keys(row, fields, prefix, path);
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
                        self.say(
                            codes::EXAMPLE_KEY,
                            format!("the example lacks `{}`", field.name),
                            path,
                            "add a quirk `absent-in-examples`; it makes the field optional in the client",
                        );
                    }
                }
            }
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
