//! Checks rows that the user provides against the spec and reports every problem with its line and place.
//!
//! An unknown key is a problem if the spec covers the whole report. Otherwise unknown keys are kept.

use std::collections::HashMap;
use std::collections::hash_map::Entry;

use jiff::tz::TimeZone;
use placewise_model::{Coverage, Field, Report, Type};
use serde_json::{Map, Value};

use crate::data::json_rows::Lines;
use crate::data::row::Row;
use crate::excerpt::excerpt;
use crate::start_error::{DataProblem, StartError};
use crate::typed_value::{integer, parse_date, parse_timestamp};

/// The rows of one report, from one or more sources.
pub(crate) struct GivenRows<'a> {
    pub(crate) report: &'a Report,
    /// Index of the field that identifies rows.
    pub(crate) row_id: Option<usize>,
    pub(crate) rows: Vec<Row>,
    /// Source and line of each id.
    ids: HashMap<i128, (Option<String>, usize)>,
}

impl<'a> GivenRows<'a> {
    pub(crate) fn new(report: &'a Report, row_id: Option<usize>) -> Self {
        Self { report, row_id, rows: Vec::new(), ids: HashMap::new() }
    }

    /// Checks the rows of one source and adds them.
    pub(crate) fn add(&mut self, source: Option<String>, lines: Lines, zone: &TimeZone) -> Result<(), StartError> {
        let Self { report, .. } = *self;
        let mut check = Check { zone, whole: report.coverage == Coverage::Whole, line: 0, problems: Vec::new() };
        for (line, object) in lines {
            check.line = line;
            match object {
                Ok(Value::Object(object)) => {
                    check.object(&report.fields, &object, "");
                    let row = Row::from_object(&report.fields, object);
                    self.check_id(&mut check, &row, source.as_ref());
                    self.rows.push(row);
                }
                Ok(_) => check.problems.push(DataProblem::new(line, None, "expected a JSON object")),
                Err(problem) => check.problems.push(DataProblem::new(line, None, problem)),
            }
        }
        if check.problems.is_empty() {
            return Ok(());
        }
        Err(StartError::Data { report: report.name.clone(), source, problems: check.problems })
    }

    /// Reports an id that an earlier row has.
    fn check_id(&mut self, check: &mut Check<'_>, row: &Row, source: Option<&String>) {
        let Some((index, id)) = self.row_id.and_then(|index| Some((index, row.cell(index).and_then(integer)?))) else { return };
        match self.ids.entry(id) {
            Entry::Vacant(entry) => {
                entry.insert((source.cloned(), check.line));
            }
            Entry::Occupied(entry) => {
                let (first_source, line) = entry.get();
                let of = first_source.as_ref().filter(|first| Some(*first) != source);
                let of = of.map(|first| format!(" of `{}`", excerpt(first))).unwrap_or_default();
                check.problem(&self.report.fields[index].name, format!("{id} is the id of line {line}{of} too"));
            }
        }
    }
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
