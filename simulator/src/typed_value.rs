//! JSON values compared by the type of their field, not by their text.
//!
//! A timestamp without a zone designator is a local time in the zone that the model names.

use std::borrow::Cow;
use std::cmp::Ordering;

use jiff::Timestamp;
use jiff::civil::{Date, DateTime};
use jiff::tz::TimeZone;
use placewise_model::Type;
use serde_json::Value;

/// A value that compares with others of its variant.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum TypedValue<'a> {
    Integer(i128),
    Number(f64),
    Text(Cow<'a, str>),
    Boolean(bool),
    Instant(Timestamp),
    Date(Date),
}

impl<'a> TypedValue<'a> {
    /// Reads `value` as a `ty`; `None` if it is null, does not fit, or has no order (arrays, objects).
    pub(crate) fn read(ty: &Type, value: &'a Value, zone: &TimeZone) -> Option<Self> {
        match ty {
            Type::Integer => integer(value).map(Self::Integer),
            Type::Number => value.as_f64().map(Self::Number),
            Type::String | Type::Enum(_) => value.as_str().map(|text| Self::Text(Cow::Borrowed(text))),
            Type::Boolean => value.as_bool().map(Self::Boolean),
            Type::Timestamp => parse_timestamp(value.as_str()?, zone).map(Self::Instant),
            Type::Date => parse_date(value.as_str()?).map(Self::Date),
            Type::Array { .. } | Type::Object { .. } | Type::Map { .. } | Type::Json => None,
        }
    }

    /// The same value with owned text.
    pub(crate) fn into_owned(self) -> TypedValue<'static> {
        match self {
            Self::Integer(n) => TypedValue::Integer(n),
            Self::Number(n) => TypedValue::Number(n),
            Self::Text(text) => TypedValue::Text(Cow::Owned(text.into_owned())),
            Self::Boolean(b) => TypedValue::Boolean(b),
            Self::Instant(t) => TypedValue::Instant(t),
            Self::Date(d) => TypedValue::Date(d),
        }
    }

    /// Compares values of one variant; `None` for different variants.
    pub(crate) fn compare(&self, other: &TypedValue<'_>) -> Option<Ordering> {
        match (self, other) {
            (Self::Integer(a), TypedValue::Integer(b)) => Some(a.cmp(b)),
            (Self::Number(a), TypedValue::Number(b)) => a.partial_cmp(b),
            (Self::Text(a), TypedValue::Text(b)) => Some(a.as_ref().cmp(b.as_ref())),
            (Self::Boolean(a), TypedValue::Boolean(b)) => Some(a.cmp(b)),
            (Self::Instant(a), TypedValue::Instant(b)) => Some(a.cmp(b)),
            (Self::Date(a), TypedValue::Date(b)) => Some(a.cmp(b)),
            _ => None,
        }
    }
}

/// Values of one variant, to look others up in. A request may search for half a million of them.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct ValueSet(Vec<TypedValue<'static>>);

impl ValueSet {
    pub(crate) fn new(mut values: Vec<TypedValue<'static>>) -> Self {
        // Only values of different variants have no order, and a field has one.
        values.sort_by(|a, b| a.compare(b).unwrap_or(Ordering::Equal));
        Self(values)
    }

    pub(crate) fn contains(&self, value: &TypedValue<'_>) -> bool {
        self.0.binary_search_by(|known| known.compare(value).unwrap_or(Ordering::Less)).is_ok()
    }
}

/// An integer, also if written with a zero fraction, such as `12.0`.
pub(crate) fn integer(value: &Value) -> Option<i128> {
    /// From 2^53 on, a double may be a rounded integer.
    const EXACT: f64 = 9_007_199_254_740_992.0;
    if let Some(n) = value.as_i64() {
        return Some(n.into());
    }
    if let Some(n) = value.as_u64() {
        return Some(n.into());
    }
    let n = value.as_f64()?;
    (n.fract() == 0.0 && n.abs() < EXACT).then_some(n as i128)
}

/// Parses an ISO 8601 timestamp; without a zone designator it is a local time in `zone`.
pub(crate) fn parse_timestamp(text: &str, zone: &TimeZone) -> Option<Timestamp> {
    let bytes = text.as_bytes();
    // jiff also accepts a space for the `T`, a bare date and a zone in brackets; the API's ISO 8601 has none of these.
    if bytes.len() < 16 || bytes[10] != b'T' || bytes.contains(&b'[') {
        return None;
    }
    if has_zone(text) {
        return text.parse().ok();
    }
    let local: DateTime = text.parse().ok()?;
    zone.to_timestamp(local).ok()
}

/// Whether a timestamp has a zone designator.
fn has_zone(text: &str) -> bool {
    text.get(11..).is_some_and(|time| time.contains(['Z', 'z', '+', '-']))
}

/// Parses a calendar date such as `2025-04-11`.
pub(crate) fn parse_date(text: &str) -> Option<Date> {
    if text.len() == 10 { text.parse().ok() } else { None }
}

/// Prints a timestamp with microseconds (the simulator's choice of precision), and with a `Z` unless `zoneless`.
pub(crate) fn print_timestamp(at: Timestamp, zoneless: bool, zone: &TimeZone) -> String {
    if zoneless { format!("{:.6}", zone.to_datetime(at)) } else { format!("{at:.6}") }
}

/// Adds or removes the zone designator; unchanged if the text already is as `zoneless` says.
pub(crate) fn with_zone_style(text: &str, zoneless: bool, zone: &TimeZone) -> String {
    match parse_timestamp(text, zone) {
        Some(at) if has_zone(text) == zoneless => print_timestamp(at, zoneless, zone),
        _ => text.to_owned(),
    }
}

/// Compares two cells of one type: ordered values first, then unordered ones by their JSON text, then nulls and absent keys.
pub(crate) fn compare_cells(ty: &Type, a: Option<&Value>, b: Option<&Value>, zone: &TimeZone) -> Ordering {
    let (a, b) = match (not_null(a), not_null(b)) {
        (None, None) => return Ordering::Equal,
        (None, Some(_)) => return Ordering::Greater,
        (Some(_), None) => return Ordering::Less,
        (Some(a), Some(b)) => (a, b),
    };
    match (TypedValue::read(ty, a, zone), TypedValue::read(ty, b, zone)) {
        (Some(a), Some(b)) => a.compare(&b).unwrap_or(Ordering::Equal),
        (Some(_), None) => Ordering::Less,
        (None, Some(_)) => Ordering::Greater,
        (None, None) => a.to_string().cmp(&b.to_string()),
    }
}

/// Converts a number or boolean to text; other values stay unchanged.
pub(crate) fn number_as_text(value: Value) -> Value {
    match value {
        Value::Number(_) | Value::Bool(_) => value.to_string().into(),
        other => other,
    }
}

/// The value unless it is null.
pub(crate) fn not_null(value: Option<&Value>) -> Option<&Value> {
    value.filter(|value| !value.is_null())
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn timestamps_are_parsed_with_or_without_a_zone() {
        let oslo = TimeZone::fixed(jiff::tz::offset(2));
        let zoned = parse_timestamp("2025-04-11T08:29:09.359381Z", &oslo);
        assert_eq!(zoned, parse_timestamp("2025-04-11T10:29:09.359381+02:00", &TimeZone::UTC));
        assert_eq!(zoned, parse_timestamp("2025-04-11T10:29:09.359381", &oslo));
        for wrong in [
            "",
            "2025-04-11",
            "2025-04-11 08:29:09Z",
            "2025-13-11T08:29:09Z",
            "2025-04-11T08:29:09Z[UTC]",
            "næsten i morgen tidlig",
        ] {
            assert_eq!(parse_timestamp(wrong, &oslo), None, "{wrong}");
        }
    }

    #[test]
    fn printed_timestamps_keep_microseconds_and_zone_style() {
        let zone = TimeZone::fixed(jiff::tz::offset(2));
        for text in ["2025-04-11T08:00:00.000000Z", "2025-04-11T08:00:00.000001"] {
            let zoneless = !text.ends_with('Z');
            assert_eq!(parse_timestamp(text, &zone).map(|at| print_timestamp(at, zoneless, &zone)).as_deref(), Some(text));
            assert_eq!(with_zone_style(text, zoneless, &zone), text);
        }
        assert_eq!(with_zone_style("2025-04-11T08:00:00Z", true, &zone), "2025-04-11T10:00:00.000000");
    }

    #[test]
    fn integers_may_have_a_zero_fraction() {
        assert_eq!(integer(&json!(12.0)), Some(12));
        assert_eq!(integer(&json!(u64::MAX)), Some(u64::MAX.into()));
        assert_eq!(
            (integer(&json!(9_007_199_254_740_991.0)), integer(&json!(9_007_199_254_740_992.0))),
            (Some((1 << 53) - 1), None)
        );
        for other in [json!(1.5), json!("1"), json!(1e300), json!(null)] {
            assert_eq!(integer(&other), None, "{other}");
        }
    }

    #[test]
    fn sets_hold_what_equals_one_of_their_values() {
        let texts = ["b", "a", "b", "", "c"].map(|text| TypedValue::Text(text.into()));
        let set = ValueSet::new(texts.to_vec());
        assert!(texts.iter().all(|text| set.contains(text)) && !set.contains(&TypedValue::Text("bb".into())));
        let numbers = ValueSet::new(vec![TypedValue::Number(2.5), TypedValue::Number(-0.0), TypedValue::Number(-1.0)]);
        assert!(numbers.contains(&TypedValue::Number(0.0)) && !numbers.contains(&TypedValue::Integer(0)));
        assert!(!ValueSet::new(Vec::new()).contains(&TypedValue::Integer(0)));
    }

    #[test]
    fn cells_are_compared_by_type_with_nulls_last() {
        let order = |a: Value, b: Value| compare_cells(&Type::Integer, Some(&a), Some(&b), &TimeZone::UTC);
        assert_eq!(order(json!(10), json!(9)), Ordering::Greater);
        assert_eq!(order(json!(10), json!(null)), Ordering::Less);
        assert_eq!(compare_cells(&Type::Integer, None, Some(&json!(null)), &TimeZone::UTC), Ordering::Equal);
    }
}
