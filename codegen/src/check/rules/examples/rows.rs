//! Checks responses with rows, and the keys of rows and labels.

use placewise_model::{Coverage, Example, Field, Format};
use serde_json::{Map, Value};

use super::checker::Checker;
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
                let rows_key = unchecked.records.as_ref().map_or("records", |records| records.response.rows.as_str());
                self.rows(example, response, path, rows_key);
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

    fn row(&mut self, row: &Value, fields: &[&Field], prefix: &str, path: &[String]) {
        let Some(row) = row.as_object() else {
            self.say("example-shape", "a row of the example is not an object".into(), path, "write each row as a JSON object");
            return;
        };
        self.keys(row, fields, prefix, path);
    }

    /// The keys of a row or of a label.
    pub(super) fn keys(&mut self, row: &Map<String, Value>, fields: &[&Field], prefix: &str, path: &[String]) {
        // Examples of name-only and partial reports may have unknown keys.
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
                    format!("the example has the key `{key}`, which is not in the table of fields"),
                    &path,
                    "add it with `provenance: example`, and add a quirk `only-in-examples`",
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
                "add a quirk `absent-in-examples`; it makes the field optional in the client",
            );
        }
    }
}
