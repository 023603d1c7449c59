//! The types a field may have: each reads itself from JSON text and lends itself for writing.

use std::borrow::Cow;

use serde_json::Value as Json;

use super::scan::{self, Scanner};
use super::{
    context::DecodeContext, exact, map::Map, mismatch::Mismatch, open_enum::OpenEnum, reader::Reader, short_text::ShortText,
    value_ref::ValueRef,
};

/// A type a field may have.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a type a field can have",
    label = "cannot be read from JSON",
    note = "fields are i64, f64, bool, Text, String, Timestamp, Date, Json, open enums, objects, and Option, Vec and Map of these",
    note = "use i64 for every integer, f64 for f32, and Map for a map: its keys are text"
)]
pub trait Value: Sized {
    /// Reads the text of one JSON value.
    fn read(json: &str, context: &mut DecodeContext) -> Result<Self, Mismatch>;
    /// Reads the value that stands at the reader; none if it has to be read the slow way.
    fn read_at(reader: &mut Reader<'_>, context: &mut DecodeContext) -> Option<Self> {
        Self::read(reader.raw()?, context).ok()
    }
    /// The value of an absent key; none if the key is required.
    fn absent() -> Option<Self> {
        None
    }
    /// A value for examples.
    fn made_up() -> Self;
    /// The value, about to be written.
    fn value_ref(&self) -> ValueRef<'_>;
}

impl Value for i64 {
    fn read(json: &str, _: &mut DecodeContext) -> Result<Self, Mismatch> {
        if let Ok(whole) = json.parse() {
            return Ok(whole);
        }
        // A server that computes with decimals prints 12 as 12.0.
        let number = json.parse().ok().filter(|_| exact::is_number(json));
        number.and_then(exact::whole).ok_or_else(|| Mismatch::new("an integer", json))
    }

    fn read_at(reader: &mut Reader<'_>, context: &mut DecodeContext) -> Option<Self> {
        match reader.integer() {
            Some(whole) => Some(whole),
            None => Self::read(reader.raw()?, context).ok(),
        }
    }

    fn made_up() -> Self {
        1
    }

    fn value_ref(&self) -> ValueRef<'_> {
        ValueRef::Integer(*self)
    }
}

impl Value for f64 {
    fn read(json: &str, _: &mut DecodeContext) -> Result<Self, Mismatch> {
        // Rust parses an overflow as infinity; JSON has none.
        match json.parse::<f64>() {
            Ok(number) if exact::is_number(json) && number.is_finite() => Ok(number),
            _ => Err(Mismatch::new("a number", json)),
        }
    }

    fn read_at(reader: &mut Reader<'_>, _: &mut DecodeContext) -> Option<Self> {
        reader.number()?.parse().ok().filter(|number: &Self| number.is_finite())
    }

    fn made_up() -> Self {
        0.5
    }

    fn value_ref(&self) -> ValueRef<'_> {
        ValueRef::Number(*self)
    }
}

impl Value for String {
    fn read(json: &str, _: &mut DecodeContext) -> Result<Self, Mismatch> {
        Ok(text(json, "text")?.into_owned())
    }

    fn read_at(reader: &mut Reader<'_>, _: &mut DecodeContext) -> Option<Self> {
        reader.string().map(Cow::into_owned)
    }

    fn made_up() -> Self {
        "example".into()
    }

    fn value_ref(&self) -> ValueRef<'_> {
        ValueRef::Text(Cow::Borrowed(self))
    }
}

impl Value for bool {
    fn read(json: &str, _: &mut DecodeContext) -> Result<Self, Mismatch> {
        match json {
            "true" => Ok(true),
            "false" => Ok(false),
            _ => Err(Mismatch::new("true or false", json)),
        }
    }

    fn read_at(reader: &mut Reader<'_>, _: &mut DecodeContext) -> Option<Self> {
        if reader.word("true") { Some(true) } else { reader.word("false").then_some(false) }
    }

    fn made_up() -> Self {
        true
    }

    fn value_ref(&self) -> ValueRef<'_> {
        ValueRef::Bool(*self)
    }
}

#[diagnostic::do_not_recommend]
impl<E: OpenEnum> Value for E {
    fn read(json: &str, _: &mut DecodeContext) -> Result<Self, Mismatch> {
        Ok(E::from_wire(&text(json, "text")?))
    }

    fn read_at(reader: &mut Reader<'_>, _: &mut DecodeContext) -> Option<Self> {
        reader.string().map(|text| E::from_wire(&text))
    }

    fn made_up() -> Self {
        E::from_wire(E::VALUES.first().unwrap_or(&"example"))
    }

    fn value_ref(&self) -> ValueRef<'_> {
        ValueRef::Text(Cow::Borrowed(self.as_str()))
    }
}

impl Value for Json {
    fn read(text: &str, context: &mut DecodeContext) -> Result<Self, Mismatch> {
        exact::json(text, context)
    }

    fn made_up() -> Self {
        "example".into()
    }

    fn value_ref(&self) -> ValueRef<'_> {
        ValueRef::Json(self)
    }
}

impl<T: Value> Value for Option<T> {
    fn read(json: &str, context: &mut DecodeContext) -> Result<Self, Mismatch> {
        if json == "null" { Ok(None) } else { T::read(json, context).map(Some) }
    }

    fn read_at(reader: &mut Reader<'_>, context: &mut DecodeContext) -> Option<Self> {
        if reader.word("null") { Some(None) } else { T::read_at(reader, context).map(Some) }
    }

    fn absent() -> Option<Self> {
        Some(None)
    }

    fn made_up() -> Self {
        Some(T::made_up())
    }

    fn value_ref(&self) -> ValueRef<'_> {
        self.as_ref().map_or(ValueRef::Null, |value| ValueRef::Some(Box::new(value.value_ref())))
    }
}

impl<T: Value> Value for Vec<T> {
    fn read(json: &str, context: &mut DecodeContext) -> Result<Self, Mismatch> {
        let mut scan = Scanner::new(json);
        if !scan.enter(b'[') {
            return Err(Mismatch::new("a list", json));
        }
        let mut items = Vec::new();
        while scan.item() {
            context.take::<T>()?;
            items.push(T::read(scan.value(), context).map_err(|error| error.at(&items.len().to_string()))?);
        }
        Ok(items)
    }

    fn read_at(reader: &mut Reader<'_>, context: &mut DecodeContext) -> Option<Self> {
        let mut items = Vec::new();
        if !reader.eat(b'[') {
            return None;
        }
        while reader.peek()? != b']' {
            if !items.is_empty() && !reader.eat(b',') {
                return None;
            }
            context.take::<T>().ok()?;
            items.push(T::read_at(reader, context)?);
            reader.space();
        }
        reader.word("]").then_some(items)
    }

    fn made_up() -> Self {
        vec![T::made_up()]
    }

    fn value_ref(&self) -> ValueRef<'_> {
        ValueRef::List(self.iter().map(T::value_ref).collect())
    }
}

impl<T: Value> Value for Map<T> {
    fn read(json: &str, context: &mut DecodeContext) -> Result<Self, Mismatch> {
        let mut scan = Scanner::new(json);
        if !scan.enter(b'{') {
            return Err(Mismatch::new("an object", json));
        }
        let mut entries = Vec::new();
        while let Some(key) = scan.key()? {
            context.take_entry::<T>(entries.len(), &key)?;
            entries.push((ShortText::from(&*key), T::read(scan.value(), context).map_err(|error| error.at(&key))?));
        }
        Self::of_entries(entries)
    }

    fn read_at(reader: &mut Reader<'_>, context: &mut DecodeContext) -> Option<Self> {
        let mut entries = Vec::new();
        if !reader.eat(b'{') {
            return None;
        }
        while reader.peek()? != b'}' {
            let key = reader.any_key(entries.is_empty())?;
            context.take_entry::<T>(entries.len(), &key).ok()?;
            entries.push((ShortText::from(&*key), T::read_at(reader, context)?));
            reader.space();
        }
        reader.word("}").then(|| Self::of_entries(entries).ok()).flatten()
    }

    fn made_up() -> Self {
        [("example", T::made_up())].into_iter().collect()
    }

    fn value_ref(&self) -> ValueRef<'_> {
        ValueRef::Map(self.iter().map(|(key, value)| (key, value.value_ref())).collect())
    }
}

/// The text of a JSON string.
pub(crate) fn text<'a>(json: &'a str, expected: &'static str) -> Result<Cow<'a, str>, Mismatch> {
    scan::string(json).ok_or_else(|| Mismatch::new(expected, json))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{json::map::JsonRow, time::timestamp::Timestamp};
    use jiff::civil::Date;

    fn read<T: Value>(json: &str) -> Result<T, String> {
        T::read(json, &mut DecodeContext::default()).map_err(|error| error.to_string())
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
        assert_eq!(read::<Date>("\"2024-02-29\""), Ok(jiff::civil::date(2024, 2, 29)));
        assert_eq!(read::<Timestamp>("5").unwrap_err(), "expected an ISO 8601 timestamp, found 5");
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
        assert_eq!(
            read::<Map<i64>>(r#"{"\ud800": 1, "a": 2}"#).unwrap_err(),
            r#"expected a key that is valid text, found "\ud800""#
        );
        assert!(read::<JsonRow>(r#"{"a": 1, "a": 2}"#).unwrap_err().contains("each key once"));
    }

    #[test]
    fn nested_places_are_named() {
        assert_eq!(read::<Vec<i64>>("[1, 2]"), Ok(vec![1, 2]));
        let error = read::<Map<Vec<Option<bool>>>>(r#"{"a": [true, null, 3]}"#).unwrap_err();
        assert_eq!(error, "`a.2`: expected true or false, found 3");
    }
}
