//! Checks rows that the user provides against the spec and reports every problem with its line and place.
//!
//! No key is dropped: a duplicate key is a problem, and so is an unknown key if the spec covers the whole report. Otherwise unknown keys
//! are kept.

use jiff::tz::TimeZone;
use placewise_model::{Coverage, Field, Report, Type};
use serde::Deserialize;
use serde::de::{Deserializer, Error as _, MapAccess, Visitor};
use serde_json::{Map, Value};
use std::fmt;

use crate::data::row::Row;
use crate::start_error::DataProblem;
use crate::typed_value::{integer, parse_date, parse_timestamp};

/// Reads the text of a file: one JSON object per line; blank lines are skipped.
pub(crate) fn read_lines(report: &Report, text: &str, zone: &TimeZone) -> Result<Vec<Row>, Vec<DataProblem>> {
    let lines = text.lines().enumerate().filter(|(_, line)| !line.trim().is_empty());
    let objects = lines.map(|(index, line)| {
        let object = serde_json::from_str::<UniqueKeys>(line).map(|UniqueKeys(object)| Value::Object(object));
        (
            index + 1,
            object.map_err(|error| {
                DataProblem::new(index + 1, None, error.to_string().replace(" at line 1 column ", " at column "))
            }),
        )
    });
    collect(report, objects, zone)
}

/// Checks rows in memory; they are numbered from 1.
pub(crate) fn read_rows(report: &Report, rows: Vec<Value>, zone: &TimeZone) -> Result<Vec<Row>, Vec<DataProblem>> {
    collect(report, rows.into_iter().enumerate().map(|(index, row)| (index + 1, Ok(row))), zone)
}

fn collect(
    report: &Report,
    objects: impl Iterator<Item = (usize, Result<Value, DataProblem>)>,
    zone: &TimeZone,
) -> Result<Vec<Row>, Vec<DataProblem>> {
    let mut check = Check { zone, whole: report.coverage == Coverage::Whole, line: 0, problems: Vec::new() };
    let mut rows = Vec::new();
    for (line, object) in objects {
        check.line = line;
        match object {
            Ok(Value::Object(object)) => {
                check.object(&report.fields, &object, "");
                rows.push(Row::from_object(&report.fields, object));
            }
            Ok(_) => check.problems.push(DataProblem::new(line, None, "expected a JSON object")),
            Err(problem) => check.problems.push(problem),
        }
    }
    if check.problems.is_empty() { Ok(rows) } else { Err(check.problems) }
}

/// Compares rows with the spec and collects problems.
struct Check<'a> {
    zone: &'a TimeZone,
    /// Whether the spec knows all keys.
    whole: bool,
    line: usize,
    problems: Vec<DataProblem>,
}

impl Check<'_> {
    fn problem(&mut self, place: &str, problem: impl Into<String>) {
        self.problems.push(DataProblem::new(self.line, Some(place.to_owned()), problem));
    }

    fn object(&mut self, fields: &[Field], object: &Map<String, Value>, outer: &str) {
        for field in fields {
            let place = join(outer, &field.name);
            match object.get(&field.name) {
                None if field.optional => {}
                None => self.problem(&place, "missing"),
                Some(Value::Null) if field.nullable.possible() => {}
                Some(Value::Null) => self.problem(&place, "null, but the spec says it is never null"),
                Some(value) => self.value(&field.ty, value, &place),
            }
        }
        if self.whole {
            for key in object.keys().filter(|key| !fields.iter().any(|field| field.name == **key)) {
                self.problem(&join(outer, key), "unknown key");
            }
        }
    }

    fn value(&mut self, ty: &Type, value: &Value, place: &str) {
        let fits = match (ty, value) {
            // The client reads integers of 64 bits.
            (Type::Integer, value) => integer(value).is_some_and(|integer| i64::try_from(integer).is_ok()),
            (Type::Number, value) => value.is_number(),
            // Enums are open: any string fits.
            (Type::String | Type::Enum(_), value) => value.is_string(),
            (Type::Boolean, value) => value.is_boolean(),
            (Type::Timestamp, Value::String(text)) => parse_timestamp(text, self.zone).is_some(),
            (Type::Date, Value::String(text)) => parse_date(text).is_some(),
            (Type::Array { of }, Value::Array(items)) => {
                items.iter().enumerate().for_each(|(index, item)| self.value(of, item, &join(place, &index.to_string())));
                true
            }
            (Type::Map { of }, Value::Object(entries)) => {
                entries.iter().for_each(|(key, entry)| self.value(of, entry, &join(place, key)));
                true
            }
            (Type::Object { fields }, Value::Object(object)) => {
                self.object(fields, object, place);
                true
            }
            (Type::Json, _) => true,
            (Type::Timestamp | Type::Date | Type::Array { .. } | Type::Map { .. } | Type::Object { .. }, _) => false,
        };
        if !fits {
            let shown = brief(value);
            let whole = value.as_f64().is_some_and(|number| number.fract() == 0.0);
            let limit = if matches!(ty, Type::Integer) && whole { " of at most 64 bits, written exactly" } else { "" };
            self.problem(place, format!("expected {}{limit}, found {shown}", ty.word()));
        }
    }
}

/// A value for a message, truncated if long.
fn brief(value: &Value) -> String {
    const MOST: usize = 40;
    let text = value.to_string();
    match text.char_indices().nth(MOST) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text,
    }
}

fn join(outer: &str, key: &str) -> String {
    if outer.is_empty() { key.to_owned() } else { format!("{outer}.{key}") }
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
