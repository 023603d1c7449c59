//! Reads the rows of a JSON text: one object per line, a list, or saved responses.
//!
//! No key is dropped: a duplicate key is an error.

use std::collections::HashMap;
use std::fmt;

use placewise_model::{Model, Report};
use serde::Deserialize;
use serde::de::{Deserializer, Error as _, IgnoredAny, MapAccess, Visitor};
use serde_json::value::RawValue;
use serde_json::{Map, Value};

/// Rows with their lines; an error says why there is none.
pub(crate) type Lines = Vec<(usize, Result<Value, String>)>;

/// The rows of a text. A byte order mark and blank lines are skipped.
pub(crate) fn read(model: &Model, report: &Report, text: &str) -> Lines {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    // The keys of a response mean something else if the rows have them too.
    let of_response = |key: &'_ String| report.field(key).is_none().then(|| key.clone());
    let (rows, message) = (of_response(&model.records.response.rows), of_response(&model.api.error_body.message));
    let mut reader = Reader { rows, message, lines: Vec::new() };
    let start = text.trim_start();
    if is_one_value(start) {
        reader.value(1 + line_breaks(&text[..text.len() - start.len()]), start, without_place);
    } else {
        // In a text of one line, the line of an error says nothing.
        let problem = |error: &serde_json::Error| format!("{} at column {}", without_place(error), error.column());
        for (index, line) in text.lines().enumerate().filter(|(_, line)| !line.trim().is_empty()) {
            reader.object(index + 1, line, problem);
        }
    }
    reader.lines
}

/// Whether the text is meant as one JSON value, in contrast to a value per line.
fn is_one_value(text: &str) -> bool {
    let first_line = text.lines().next().unwrap_or_default().trim_end();
    text.starts_with('[') || first_line == "{" || serde_json::from_str::<IgnoredAny>(text).is_ok()
}

struct Reader {
    /// The key of a response's rows.
    rows: Option<String>,
    /// The key of an error's message.
    message: Option<String>,
    lines: Lines,
}

impl Reader {
    /// A text that starts in that line: a list of rows, or an object.
    fn value(&mut self, line: usize, text: &str, problem: fn(&serde_json::Error) -> String) {
        if let Err(error) = serde_json::from_str::<IgnoredAny>(text) {
            let problem = format!("{} at column {}", without_place(&error), error.column());
            return self.lines.push((line + error.line().saturating_sub(1), Err(problem)));
        }
        match serde_json::from_str(text) {
            Ok(rows) => self.list(line, text, rows),
            Err(_) => self.object(line, text, problem),
        }
    }

    /// The rows of a list within a text that starts in that line.
    fn list(&mut self, mut line: usize, text: &str, rows: Vec<&RawValue>) {
        let mut counted = 0;
        for row in rows {
            let at = (row.get().as_ptr() as usize).saturating_sub(text.as_ptr() as usize);
            line += line_breaks(text.get(counted..at).unwrap_or_default());
            counted = at;
            let object = serde_json::from_str(row.get()).map(|UniqueKeys(object)| Value::Object(object));
            self.lines.push((line, object.map_err(|error| without_place(&error))));
        }
    }

    /// An object: a row, or a response with rows.
    fn object(&mut self, line: usize, text: &str, problem: fn(&serde_json::Error) -> String) {
        let object = match serde_json::from_str(text) {
            Ok(UniqueKeys(object)) => object,
            Err(error) => return self.lines.push((line, Err(problem(&error)))),
        };
        let has = |key: &Option<String>, fits: fn(&Value) -> bool| key.as_ref().and_then(|key| object.get(key)).is_some_and(fits);
        if has(&self.message, Value::is_string) {
            self.lines.push((line, Err("an error of the API, which has no rows".to_owned())));
        } else if has(&self.rows, Value::is_array) {
            let rows = self.rows.as_ref().and_then(|key| {
                let mut values: HashMap<String, &RawValue> = serde_json::from_str(text).ok()?;
                serde_json::from_str(values.remove(key)?.get()).ok()
            });
            self.list(line, text, rows.unwrap_or_default());
        } else {
            self.lines.push((line, Ok(Value::Object(object))));
        }
    }
}

fn line_breaks(text: &str) -> usize {
    text.bytes().filter(|byte| *byte == b'\n').count()
}

/// The message of an error without its place.
fn without_place(error: &serde_json::Error) -> String {
    let message = error.to_string();
    message.rsplit_once(" at line ").map_or(message.clone(), |(text, _)| text.to_owned())
}

/// A JSON object without duplicate keys. serde_json's own map would keep the last and drop the others.
struct UniqueKeys(Map<String, Value>);

impl<'de> Deserialize<'de> for UniqueKeys {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Keys;
        impl<'de> Visitor<'de> for Keys {
            type Value = UniqueKeys;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a JSON object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut access: A) -> Result<UniqueKeys, A::Error> {
                let mut object = Map::new();
                while let Some((key, value)) = access.next_entry::<String, Value>()? {
                    if object.contains_key(&key) {
                        return Err(A::Error::custom(format_args!("duplicate key `{key}`")));
                    }
                    object.insert(key, value);
                }
                Ok(UniqueKeys(object))
            }
        }
        deserializer.deserialize_map(Keys)
    }
}
