//! What one value may be, and how it is read from its JSON text and written again. In comes the text of one JSON value; out comes a
//! Rust value or a [`Mismatch`] that says where it lies, what was expected and what was found.

use std::{borrow::Cow, collections::BTreeMap};

use jiff::civil::Date;
use serde_json::Value as Json;

use crate::{
    Cell, Mismatch, OpenEnum, Reading, Timestamp, TypeWord,
    record::JsonRow,
    scan::{self, Scanner},
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
        while let Some(key) = scan.key()? {
            let value = T::read(scan.value(), reading).map_err(|error| error.at(&key))?;
            if map.contains_key(&*key) {
                return Err(Mismatch::twice(&key));
            }
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

/// Any JSON. A whole number of more than 64 bits would be kept rounded, so it is refused.
pub(crate) fn json(text: &str) -> Result<Json, Mismatch> {
    let json = serde_json::from_str(text).map_err(|error| Mismatch::new(format!("JSON that can be kept ({error})"), text))?;
    if may_be_rounded(&json) {
        check_whole_numbers(text)?;
    }
    Ok(json)
}

/// Whether it holds a number so large that it may have been a whole one which did not fit.
fn may_be_rounded(json: &Json) -> bool {
    match json {
        Json::Number(number) => number.is_f64() && number.as_f64().is_none_or(|number| number.abs() >= EXACT),
        Json::Array(items) => items.iter().any(may_be_rounded),
        Json::Object(entries) => entries.values().any(may_be_rounded),
        Json::Null | Json::Bool(_) | Json::String(_) => false,
    }
}

/// Refuses whole numbers of more than 64 bits in a text of which `serde_json` has checked that it is not too deep.
fn check_whole_numbers(json: &str) -> Result<(), Mismatch> {
    let mut scan = Scanner::new(json);
    if scan.enter(b'{') {
        while let Some(key) = scan.key()? {
            check_whole_numbers(scan.value()).map_err(|error| error.at(&key))?;
        }
        return Ok(());
    }
    if scan.enter(b'[') {
        let mut index = 0;
        while scan.item() {
            check_whole_numbers(scan.value()).map_err(|error| error.at(&index.to_string()))?;
            index += 1;
        }
        return Ok(());
    }
    let whole = is_number(json) && !json.contains(['.', 'e', 'E']);
    if whole && json.parse::<i64>().is_err() && json.parse::<u64>().is_err() {
        return Err(Mismatch::new("a number of at most 64 bits", json));
    }
    Ok(())
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
    fn json_is_kept_or_refused() {
        for kept in
            ["18446744073709551615", "-9223372036854775808", "1e300", "12345678901234567890.5", "[-0, \"99999999999999999999\"]"]
        {
            assert!(read::<Json>(kept).is_ok(), "{kept}");
        }
        let error = read::<Json>(r#"{"a": [1e300, {"b": 123456789012345678901234567890}]}"#).unwrap_err();
        assert_eq!(error, "`a.1.b`: expected a number of at most 64 bits, found 123456789012345678901234567890");
    }

    #[test]
    fn no_key_hides_another() {
        assert_eq!(read::<Map<i64>>(r#"{"a": 1, "a": 2}"#).unwrap_err(), "`a`: expected each key once, found a");
        assert_eq!(read::<Map<i64>>(r#"{"\ud800": 1, "a": 2}"#).unwrap_err(), r#"expected a key that is text, found "\ud800""#);
        assert!(read::<JsonRow>(r#"{"a": 1, "a": 2}"#).unwrap_err().contains("each key once"));
    }

    #[test]
    fn nested_places_are_named() {
        assert_eq!(read::<Vec<i64>>("[1, 2]"), Ok(vec![1, 2]));
        let error = read::<Map<Vec<Option<bool>>>>(r#"{"a": [true, null, 3]}"#).unwrap_err();
        assert_eq!(error, "`a.2`: expected true or false, found 3");
    }
}
