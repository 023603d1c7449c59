//! What one value may be, and how it is read from its JSON text and written again. In comes the text of one JSON value; out comes a
//! Rust value or a [`Mismatch`] that says where it lies, what was expected and what was found.

use std::{borrow::Cow, collections::BTreeMap, fmt};

use jiff::civil::Date;
use serde_json::Value as Json;

use crate::{
    Cell, OpenEnum, Reading, Timestamp, TypeWord,
    record::JsonRow,
    scan::{self, Scanner},
    text::snippet,
};

/// An object with free text keys.
pub type Map<T> = BTreeMap<String, T>;

/// A type that a field may have.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a type that a field can have",
    label = "cannot be read from JSON",
    note = "fields are i64, f64, String, bool, Timestamp, Date, Json, open enums, records, and Option, Vec and Map of these"
)]
pub trait Value: Sized {
    /// The type as the spec writes it.
    const TYPE: TypeWord;
    /// Reads the text of one JSON value.
    fn read(json: &str, reading: &mut Reading) -> Result<Self, Mismatch>;
    /// The value that stands for an absent key; none if the key must be there.
    fn absent() -> Option<Self> {
        None
    }
    /// The value to be written.
    fn cell(&self) -> Cell<'_>;
}

/// Why a value could not be read.
#[derive(Debug)]
pub struct Mismatch(Box<Parts>);

#[derive(Debug)]
struct Parts {
    expected: Cow<'static, str>,
    found: String,
    /// Innermost first.
    path: Vec<String>,
}

impl Mismatch {
    /// Something else than what was expected.
    pub fn new(expected: impl Into<Cow<'static, str>>, found: &str) -> Self {
        Self(Box::new(Parts { expected: expected.into(), found: snippet(found), path: Vec::new() }))
    }

    /// The key is not there.
    pub(crate) fn missing(key: &str) -> Self {
        Self::new("a value", "").at(key)
    }

    /// The same, one step further out.
    #[must_use]
    pub fn at(mut self, step: &str) -> Self {
        self.0.path.push(step.to_owned());
        self
    }

    /// Where it lies, from the row inwards: `timeseries_time_ranges.1h.from`. None if it is the row itself.
    pub fn path(&self) -> Option<String> {
        if self.0.path.is_empty() {
            return None;
        }
        let steps: Vec<&str> = self.0.path.iter().rev().map(String::as_str).collect();
        Some(steps.join("."))
    }

    /// What was expected.
    pub fn expected(&self) -> &str {
        &self.0.expected
    }

    /// The beginning of what was found; empty if there was nothing.
    pub fn found(&self) -> &str {
        &self.0.found
    }

    /// Expected and found, without the place.
    pub(crate) fn problem(&self) -> String {
        if self.0.found.is_empty() {
            format!("expected {}, found nothing", self.0.expected)
        } else {
            format!("expected {}, found {}", self.0.expected, self.0.found)
        }
    }
}

impl fmt::Display for Mismatch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(path) = self.path() {
            write!(f, "`{path}`: ")?;
        }
        f.write_str(&self.problem())
    }
}

impl std::error::Error for Mismatch {}

/// Whole numbers beyond this are not exact as floating point, so `1e300` is no integer though it has no fraction.
const EXACT: f64 = 9_007_199_254_740_992.0;

impl Value for i64 {
    const TYPE: TypeWord = TypeWord::Plain("integer");

    fn read(json: &str, _: &mut Reading) -> Result<Self, Mismatch> {
        if let Ok(whole) = json.parse() {
            return Ok(whole);
        }
        // A server that computes with decimals prints 12 as 12.0.
        match json.parse::<f64>() {
            Ok(number) if is_number(json) && number.fract() == 0.0 && number.abs() < EXACT => Ok(number as i64),
            _ => Err(Mismatch::new("an integer", json)),
        }
    }

    fn cell(&self) -> Cell<'_> {
        Cell::Integer(*self)
    }
}

impl Value for f64 {
    const TYPE: TypeWord = TypeWord::Plain("number");

    fn read(json: &str, _: &mut Reading) -> Result<Self, Mismatch> {
        // Rust reads "inf" and overflow as infinity; JSON has neither.
        match json.parse::<f64>() {
            Ok(number) if is_number(json) && number.is_finite() => Ok(number),
            _ => Err(Mismatch::new("a number", json)),
        }
    }

    fn cell(&self) -> Cell<'_> {
        Cell::Number(*self)
    }
}

fn is_number(json: &str) -> bool {
    json.starts_with(|first: char| first == '-' || first.is_ascii_digit()) && !json.contains('i')
}

impl Value for String {
    const TYPE: TypeWord = TypeWord::Plain("string");

    fn read(json: &str, _: &mut Reading) -> Result<Self, Mismatch> {
        Ok(text(json, "text")?.into_owned())
    }

    fn cell(&self) -> Cell<'_> {
        Cell::Text(Cow::Borrowed(self))
    }
}

impl Value for bool {
    const TYPE: TypeWord = TypeWord::Plain("boolean");

    fn read(json: &str, _: &mut Reading) -> Result<Self, Mismatch> {
        match json {
            "true" => Ok(true),
            "false" => Ok(false),
            _ => Err(Mismatch::new("true or false", json)),
        }
    }

    fn cell(&self) -> Cell<'_> {
        Cell::Bool(*self)
    }
}

impl Value for Timestamp {
    const TYPE: TypeWord = TypeWord::Plain("timestamp");

    fn read(json: &str, _: &mut Reading) -> Result<Self, Mismatch> {
        let expected = "an ISO 8601 timestamp";
        Timestamp::parse(&text(json, expected)?).map_err(|_| Mismatch::new(expected, json))
    }

    fn cell(&self) -> Cell<'_> {
        Cell::Text(Cow::Owned(self.to_string()))
    }
}

impl Value for Date {
    const TYPE: TypeWord = TypeWord::Plain("date");

    fn read(json: &str, _: &mut Reading) -> Result<Self, Mismatch> {
        let expected = "an ISO 8601 date";
        match crate::timestamp::take_date(&text(json, expected)?) {
            Some((date, "")) => Ok(date),
            _ => Err(Mismatch::new(expected, json)),
        }
    }

    fn cell(&self) -> Cell<'_> {
        Cell::Text(Cow::Owned(date_text(*self)))
    }
}

/// A date as it stands in JSON.
pub(crate) fn date_text(date: Date) -> String {
    let mut text = String::new();
    // Writing to a string cannot fail.
    let _ = crate::timestamp::write_date(&mut text, date);
    text
}

impl<E: OpenEnum> Value for E {
    const TYPE: TypeWord = TypeWord::Plain("enum");

    fn read(json: &str, _: &mut Reading) -> Result<Self, Mismatch> {
        Ok(E::from_wire(&text(json, "text out of a set of values")?))
    }

    fn cell(&self) -> Cell<'_> {
        Cell::Text(Cow::Borrowed(self.as_str()))
    }
}

impl Value for Json {
    const TYPE: TypeWord = TypeWord::Plain("json");

    fn read(text: &str, _: &mut Reading) -> Result<Self, Mismatch> {
        json(text)
    }

    fn cell(&self) -> Cell<'_> {
        Cell::Json(self)
    }
}

impl<T: Value> Value for Option<T> {
    const TYPE: TypeWord = T::TYPE;

    fn read(json: &str, reading: &mut Reading) -> Result<Self, Mismatch> {
        if json == "null" { Ok(None) } else { T::read(json, reading).map(Some) }
    }

    fn absent() -> Option<Self> {
        Some(None)
    }

    fn cell(&self) -> Cell<'_> {
        self.as_ref().map_or(Cell::Null, T::cell)
    }
}

impl<T: Value> Value for Vec<T> {
    const TYPE: TypeWord = TypeWord::Array(&T::TYPE);

    fn read(json: &str, reading: &mut Reading) -> Result<Self, Mismatch> {
        let mut scan = Scanner::new(json);
        if !scan.enter(b'[') {
            return Err(Mismatch::new("a list", json));
        }
        let mut items = Vec::new();
        while scan.item() {
            items.push(T::read(scan.value(), reading).map_err(|error| error.at(&items.len().to_string()))?);
        }
        Ok(items)
    }

    fn cell(&self) -> Cell<'_> {
        Cell::List(self.iter().map(T::cell).collect())
    }
}

impl<T: Value> Value for Map<T> {
    const TYPE: TypeWord = TypeWord::Map(&T::TYPE);

    fn read(json: &str, reading: &mut Reading) -> Result<Self, Mismatch> {
        let mut scan = Scanner::new(json);
        if !scan.enter(b'{') {
            return Err(Mismatch::new("an object", json));
        }
        let mut map = Self::new();
        while let Some(key) = scan.key() {
            let value = T::read(scan.value(), reading).map_err(|error| error.at(&key))?;
            map.insert(key.into_owned(), value);
        }
        Ok(map)
    }

    fn cell(&self) -> Cell<'_> {
        Cell::Object(self.iter().map(|(key, value)| (key.as_str(), value.cell())).collect())
    }
}

impl Value for JsonRow {
    const TYPE: TypeWord = TypeWord::Plain("object");

    fn read(json: &str, reading: &mut Reading) -> Result<Self, Mismatch> {
        crate::record::read_record(json, reading)
    }

    fn cell(&self) -> Cell<'_> {
        Cell::Object(self.iter().map(|(key, json)| (key.as_str(), Cell::Json(json))).collect())
    }
}

/// The text that a JSON string means.
fn text<'a>(json: &'a str, expected: &'static str) -> Result<Cow<'a, str>, Mismatch> {
    scan::string(json).ok_or_else(|| Mismatch::new(expected, json))
}

/// Any JSON.
pub(crate) fn json(text: &str) -> Result<Json, Mismatch> {
    serde_json::from_str(text).map_err(|error| Mismatch::new(format!("JSON that can be kept ({error})"), text))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read<T: Value>(json: &str) -> Result<T, String> {
        T::read(json, &mut Reading::default()).map_err(|error| error.to_string())
    }

    #[test]
    fn integers() {
        assert_eq!(read::<i64>("12"), Ok(12));
        assert_eq!(read::<i64>("12.0"), Ok(12));
        assert_eq!(read::<i64>("-1.2e1"), Ok(-12));
        assert_eq!(read::<i64>("9223372036854775807"), Ok(i64::MAX));
        for bad in ["\"12\"", "12.5", "1e300", "9223372036854775808", "9007199254740993.0", "null", "true", "[1]"] {
            assert!(read::<i64>(bad).is_err(), "{bad}");
        }
        assert_eq!(read::<i64>("\"12\"").unwrap_err(), "expected an integer, found \"12\"");
    }

    #[test]
    fn numbers_and_text() {
        assert_eq!(read::<f64>("12"), Ok(12.0));
        assert!(read::<f64>("\"1\"").is_err());
        assert!(read::<f64>("1e999").is_err());
        assert_eq!(read::<String>(r#""a\u00e9\n""#), Ok("aé\n".into()));
        assert!(read::<String>(r#""\ud800""#).is_err());
        assert!(read::<String>("1").is_err());
        assert_eq!(read::<Date>("\"2024-02-29\"").map(date_text), Ok("2024-02-29".into()));
        assert!(read::<Date>("\"2023-02-29\"").is_err());
        assert!(read::<Date>("\"2024-02-29T00:00:00\"").is_err());
    }

    #[test]
    fn nested_places_are_named() {
        assert_eq!(read::<Vec<i64>>("[1, 2]"), Ok(vec![1, 2]));
        let error = read::<Map<Vec<Option<bool>>>>(r#"{"a": [true, null, 3]}"#).unwrap_err();
        assert_eq!(error, "`a.2`: expected true or false, found 3");
    }
}
