//! The type of a column: what the model says, if the first rows agree.

use std::borrow::Cow;

use arrow_schema::{DataType, Field, TimeUnit};
use placewise_reporting::{RawRow, Timestamp};

use crate::output::cells;

/// The type of a column.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Boolean,
    Integer,
    Number,
    Date,
    /// A timestamp without a zone.
    Local,
    /// A timestamp with a zone, in UTC.
    Instant,
    /// Any value: the text of a string, and JSON otherwise.
    Text,
    /// Any value as JSON.
    Json,
    List(Box<Kind>),
}

/// A value that a column can hold.
pub(super) enum Value<'a> {
    Boolean(bool),
    Integer(i64),
    Number(f64),
    /// Days since 1970.
    Date(i32),
    /// Microseconds since 1970.
    Micros(i64),
    Text(Cow<'a, str>),
    List(Vec<&'a str>),
}

/// Integers up to here are numbers without loss.
const EXACT: u64 = 1 << 53;

impl Kind {
    /// The kind of a column whose type is `ty` in the model, and whose first values are `values` without nulls. None without a type.
    pub(super) fn of<'a>(ty: Option<&str>, values: impl Iterator<Item = &'a str> + Clone) -> Self {
        let Some(ty) = ty else {
            let mut all = values.clone();
            return if all.all(|json| json.starts_with('"')) { Self::Text } else { Self::first(UNKNOWN, &values, Self::Json) };
        };
        if let Some(inner) = ty.strip_prefix("array[").and_then(|rest| rest.strip_suffix(']')) {
            let lists = values.clone().map(items);
            if lists.clone().any(|list| list.is_none()) {
                return Self::Json;
            }
            let items: Vec<&str> = lists.flatten().flatten().filter(|json| *json != "null").collect();
            return Self::List(Box::new(Self::of(Some(inner), items.iter().copied())));
        }
        match ty {
            "integer" => Self::first(&[Self::Integer, Self::Number], &values, Self::Text),
            "number" => Self::first(&[Self::Number], &values, Self::Text),
            "boolean" => Self::first(&[Self::Boolean], &values, Self::Text),
            "date" => Self::first(&[Self::Date], &values, Self::Text),
            // Without a value, nobody knows whether there is a zone.
            "timestamp" if values.clone().next().is_none() => Self::Text,
            "timestamp" => Self::first(&[Self::Local, Self::Instant], &values, Self::Text),
            "string" | "enum" => Self::Text,
            _ => Self::Json,
        }
    }

    /// The first kind that can hold all values.
    fn first<'a>(kinds: &[Self], values: &(impl Iterator<Item = &'a str> + Clone), otherwise: Self) -> Self {
        kinds.iter().find(|kind| values.clone().all(|json| kind.read(json).is_some())).cloned().unwrap_or(otherwise)
    }

    /// The value of JSON that is not null; none if the column cannot hold it.
    pub(super) fn read<'a>(&self, json: &'a str) -> Option<Value<'a>> {
        match self {
            Self::Boolean => json.parse().ok().map(Value::Boolean),
            Self::Integer => json.parse().ok().map(Value::Integer),
            Self::Number => number(json).map(Value::Number),
            Self::Date => {
                let text = RawRow::text(json).filter(|text| text.len() == 10)?;
                let days = text.parse::<jiff::civil::Date>().ok()?.since(jiff::civil::date(1970, 1, 1)).ok()?.get_days();
                Some(Value::Date(days))
            }
            Self::Local => {
                let time = Timestamp::parse(&RawRow::text(json)?).ok().filter(|time| time.offset().is_none())?;
                micros(time.assume_utc()?).map(Value::Micros)
            }
            Self::Instant => micros(Timestamp::parse(&RawRow::text(json)?).ok()?.instant()?).map(Value::Micros),
            Self::Text => Some(Value::Text(cells::text(json))),
            Self::Json => Some(Value::Text(cells::compact(json))),
            Self::List(_) => items(json).map(Value::List),
        }
    }

    /// Its name in messages.
    pub(super) fn name(&self) -> String {
        match self {
            Self::Boolean => "boolean".into(),
            Self::Integer => "64-bit integer".into(),
            Self::Number => "number".into(),
            Self::Date => "date".into(),
            Self::Local => "timestamp without a zone".into(),
            Self::Instant => "timestamp with a zone".into(),
            Self::Text => "text".into(),
            Self::Json => "JSON".into(),
            Self::List(items) => format!("list of {}", items.name()),
        }
    }

    pub(super) fn data_type(&self) -> DataType {
        match self {
            Self::Boolean => DataType::Boolean,
            Self::Integer => DataType::Int64,
            Self::Number => DataType::Float64,
            Self::Date => DataType::Date32,
            Self::Local => DataType::Timestamp(TimeUnit::Microsecond, None),
            Self::Instant => DataType::Timestamp(TimeUnit::Microsecond, Some("UTC".into())),
            Self::Text | Self::Json => DataType::Utf8,
            Self::List(items) => DataType::List(Field::new_list_field(items.data_type(), true).into()),
        }
    }
}

const UNKNOWN: &[Kind] = &[Kind::Boolean, Kind::Integer, Kind::Number];

/// A number that loses no more than a JSON parser would.
fn number(json: &str) -> Option<f64> {
    let digits = json.strip_prefix('-').unwrap_or(json);
    if !digits.starts_with(|first: char| first.is_ascii_digit()) {
        return None;
    }
    if digits.bytes().all(|byte| byte.is_ascii_digit()) && digits.parse::<u64>().ok().is_none_or(|whole| whole > EXACT) {
        return None;
    }
    json.parse().ok().filter(|number: &f64| number.is_finite())
}

/// Microseconds; none if that would cut digits off.
fn micros(time: jiff::Timestamp) -> Option<i64> {
    (time.subsec_nanosecond() % 1000 == 0).then(|| time.as_microsecond())
}

/// The JSON of a list's items.
fn items(json: &str) -> Option<Vec<&str>> {
    let raw: Vec<&serde_json::value::RawValue> = serde_json::from_str(json).ok()?;
    Some(raw.into_iter().map(serde_json::value::RawValue::get).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kind(ty: &str, values: &[&str]) -> Kind {
        Kind::of(Some(ty), values.iter().copied())
    }

    #[test]
    fn a_column_has_the_type_of_the_model_if_its_values_agree() {
        for (ty, values, expected) in [
            ("integer", &["1", "-9223372036854775808"][..], Kind::Integer),
            ("integer", &[], Kind::Integer),
            ("integer", &["1", "1.5"], Kind::Number),
            ("integer", &["9223372036854775808"], Kind::Text),
            ("integer", &["\"1\""], Kind::Text),
            ("number", &["1", "2.50", "-1e3"], Kind::Number),
            ("number", &["1e999"], Kind::Text),
            ("boolean", &["true"], Kind::Boolean),
            ("boolean", &["1"], Kind::Text),
            ("date", &["\"2025-04-11\""], Kind::Date),
            ("date", &["\"2025-02-30\""], Kind::Text),
            ("timestamp", &["\"2025-04-11T08:29:09.359381\""], Kind::Local),
            ("timestamp", &["\"2025-04-11T08:29:09Z\"", "\"2025-04-11T08:29:09+02:00\""], Kind::Instant),
            ("timestamp", &["\"2025-04-11T08:29:09Z\"", "\"2025-04-11T08:29:09\""], Kind::Text),
            ("timestamp", &["\"2025-04-11T08:29:09.123456789Z\""], Kind::Text),
            ("timestamp", &[], Kind::Text),
            ("enum", &["\"a\"", "1"], Kind::Text),
            ("map[string]integer", &["{}"], Kind::Json),
            ("array[integer]", &["[1, null]", "[]"], Kind::List(Kind::Integer.into())),
            ("array[string]", &["[\"a\"]", "\"a\""], Kind::Json),
            ("array[map[string]json]", &["[{}]"], Kind::List(Kind::Json.into())),
        ] {
            assert_eq!(kind(ty, values), expected, "{ty} {values:?}");
        }
    }

    #[test]
    fn a_column_that_the_model_lacks_has_the_type_of_its_values() {
        for (values, expected) in [
            (&["1", "2"][..], Kind::Integer),
            (&["1", "2.5"], Kind::Number),
            (&["true", "false"], Kind::Boolean),
            (&["\"2025-04-11\""], Kind::Text),
            (&["[1]", "{}"], Kind::Json),
            (&["1", "\"a\""], Kind::Json),
            (&[], Kind::Text),
        ] {
            assert_eq!(Kind::of(None, values.iter().copied()), expected, "{values:?}");
        }
    }
}
