//! JSON values as they compare: by the type that the report gives them and not by their text. In come a type and a value; out
//! comes something ordered. Timestamps without a zone are read in the zone that the model names.

use std::borrow::Cow;
use std::cmp::Ordering;

use jiff::Timestamp;
use jiff::civil::{Date, DateTime};
use jiff::tz::TimeZone;
use placewise_model::Type;
use serde_json::Value;

/// A value that can be compared with another of its kind.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Operand<'a> {
    Integer(i128),
    Number(f64),
    Text(Cow<'a, str>),
    Boolean(bool),
    Instant(Timestamp),
    Date(Date),
}

impl<'a> Operand<'a> {
    /// Reads `value` as a `ty`; none where it is null, does not fit or has no order (arrays, objects).
    pub(crate) fn read(ty: &Type, value: &'a Value, zone: &TimeZone) -> Option<Self> {
        match ty {
            Type::Integer => whole(value).map(Self::Integer),
            Type::Number => value.as_f64().map(Self::Number),
            Type::String | Type::Enum(_) => value.as_str().map(|text| Self::Text(Cow::Borrowed(text))),
            Type::Boolean => value.as_bool().map(Self::Boolean),
            Type::Timestamp => instant(value.as_str()?, zone).map(Self::Instant),
            Type::Date => date(value.as_str()?).map(Self::Date),
            Type::Array { .. } | Type::Object { .. } | Type::Map { .. } | Type::Json => None,
        }
    }

    /// The same value, owning its text.
    pub(crate) fn into_owned(self) -> Operand<'static> {
        match self {
            Self::Integer(n) => Operand::Integer(n),
            Self::Number(n) => Operand::Number(n),
            Self::Text(text) => Operand::Text(Cow::Owned(text.into_owned())),
            Self::Boolean(b) => Operand::Boolean(b),
            Self::Instant(t) => Operand::Instant(t),
            Self::Date(d) => Operand::Date(d),
        }
    }

    /// Which comes first; none between kinds that do not compare.
    pub(crate) fn order(&self, other: &Operand<'_>) -> Option<Ordering> {
        match (self, other) {
            (Self::Integer(a), Operand::Integer(b)) => Some(a.cmp(b)),
            (Self::Number(a), Operand::Number(b)) => a.partial_cmp(b),
            (Self::Text(a), Operand::Text(b)) => Some(a.as_ref().cmp(b.as_ref())),
            (Self::Boolean(a), Operand::Boolean(b)) => Some(a.cmp(b)),
            (Self::Instant(a), Operand::Instant(b)) => Some(a.cmp(b)),
            (Self::Date(a), Operand::Date(b)) => Some(a.cmp(b)),
            _ => None,
        }
    }
}

/// A whole number, also where it is written with a fraction of zero.
pub(crate) fn whole(value: &Value) -> Option<i128> {
    /// Above this a double no longer tells neighbouring whole numbers apart.
    const EXACT: f64 = 9_007_199_254_740_992.0;
    if let Some(n) = value.as_i64() {
        return Some(n.into());
    }
    if let Some(n) = value.as_u64() {
        return Some(n.into());
    }
    let n = value.as_f64()?;
    (n.fract() == 0.0 && n.abs() <= EXACT).then_some(n as i128)
}

/// The instant that an ISO 8601 text means; one without a zone is a local time in `zone`.
pub(crate) fn instant(text: &str, zone: &TimeZone) -> Option<Timestamp> {
    let bytes = text.as_bytes();
    // The parser below also takes a space for the `T`, a bare date and a zone in brackets; JSON of this API has none of these.
    if bytes.len() < 16 || bytes[10] != b'T' || bytes.contains(&b'[') {
        return None;
    }
    if has_zone(text) {
        return text.parse().ok();
    }
    let local: DateTime = text.parse().ok()?;
    zone.to_timestamp(local).ok()
}

/// Whether a timestamp's text ends in a zone designator.
fn has_zone(text: &str) -> bool {
    text.get(11..).is_some_and(|time| time.contains(['Z', 'z', '+', '-']))
}

/// A calendar date, `2025-04-11`.
pub(crate) fn date(text: &str) -> Option<Date> {
    if text.len() == 10 { text.parse().ok() } else { None }
}

/// A timestamp as the examples print it: six digits of subseconds, then `Z` or, where examples lack the zone, nothing.
pub(crate) fn print(at: Timestamp, zoneless: bool, zone: &TimeZone) -> String {
    if zoneless { format!("{:.6}", zone.to_datetime(at)) } else { format!("{at:.6}") }
}

/// The same timestamp with or without a zone designator; unchanged where it already is as asked.
pub(crate) fn restyle(text: &str, zoneless: bool, zone: &TimeZone) -> String {
    match instant(text, zone) {
        Some(at) if has_zone(text) == zoneless => print(at, zoneless, zone),
        _ => text.to_owned(),
    }
}

/// Order of two cells of one type, nulls and absent ones last. Total: what has no order of its own follows, by its JSON text.
pub(crate) fn order_cells(ty: &Type, a: Option<&Value>, b: Option<&Value>, zone: &TimeZone) -> Ordering {
    let (a, b) = match (present(a), present(b)) {
        (None, None) => return Ordering::Equal,
        (None, Some(_)) => return Ordering::Greater,
        (Some(_), None) => return Ordering::Less,
        (Some(a), Some(b)) => (a, b),
    };
    match (Operand::read(ty, a, zone), Operand::read(ty, b, zone)) {
        (Some(a), Some(b)) => a.order(&b).unwrap_or(Ordering::Equal),
        (Some(_), None) => Ordering::Less,
        (None, Some(_)) => Ordering::Greater,
        (None, None) => a.to_string().cmp(&b.to_string()),
    }
}

/// A number or truth value as text; anything else as it is.
pub(crate) fn as_text(value: Value) -> Value {
    match value {
        Value::Number(_) | Value::Bool(_) => value.to_string().into(),
        other => other,
    }
}

/// The value, unless it is null.
pub(crate) fn present(value: Option<&Value>) -> Option<&Value> {
    value.filter(|value| !value.is_null())
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn timestamps_are_instants() {
        let oslo = TimeZone::fixed(jiff::tz::offset(2));
        let zoned = instant("2025-04-11T08:29:09.359381Z", &oslo);
        assert_eq!(zoned, instant("2025-04-11T10:29:09.359381+02:00", &TimeZone::UTC));
        assert_eq!(zoned, instant("2025-04-11T10:29:09.359381", &oslo));
        for wrong in [
            "",
            "2025-04-11",
            "2025-04-11 08:29:09Z",
            "2025-13-11T08:29:09Z",
            "2025-04-11T08:29:09Z[UTC]",
            "næsten i morgen tidlig",
        ] {
            assert_eq!(instant(wrong, &oslo), None, "{wrong}");
        }
    }

    #[test]
    fn timestamps_keep_their_digits() {
        let zone = TimeZone::fixed(jiff::tz::offset(2));
        for text in ["2025-04-11T08:00:00.000000Z", "2025-04-11T08:00:00.000001"] {
            let zoneless = !text.ends_with('Z');
            assert_eq!(instant(text, &zone).map(|at| print(at, zoneless, &zone)).as_deref(), Some(text));
            assert_eq!(restyle(text, zoneless, &zone), text);
        }
        assert_eq!(restyle("2025-04-11T08:00:00Z", true, &zone), "2025-04-11T10:00:00.000000");
    }

    #[test]
    fn whole_numbers() {
        assert_eq!(whole(&json!(12.0)), Some(12));
        assert_eq!(whole(&json!(u64::MAX)), Some(u64::MAX.into()));
        for other in [json!(1.5), json!("1"), json!(1e300), json!(null)] {
            assert_eq!(whole(&other), None, "{other}");
        }
    }

    #[test]
    fn nulls_come_last() {
        let order = |a: Value, b: Value| order_cells(&Type::Integer, Some(&a), Some(&b), &TimeZone::UTC);
        assert_eq!(order(json!(10), json!(9)), Ordering::Greater);
        assert_eq!(order(json!(10), json!(null)), Ordering::Less);
        assert_eq!(order_cells(&Type::Integer, None, Some(&json!(null)), &TimeZone::UTC), Ordering::Equal);
    }
}
