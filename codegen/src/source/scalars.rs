//! The values of plain scalars, by the core schema of YAML 1.2: `yes`, `1_000`, `2025-01-01` and `-0x1F` are text; `0x1F`, `0o17` and `1e3`
//! are numbers.

use serde_json::{Number, Value};

/// A plain scalar as JSON. One without a value in JSON is text, and [`complaint`] says why.
pub(super) fn plain(text: &str) -> Value {
    match text {
        "" | "~" | "null" | "Null" | "NULL" => Value::Null,
        "true" | "True" | "TRUE" => Value::Bool(true),
        "false" | "False" | "FALSE" => Value::Bool(false),
        _ => number(text).map_or_else(|| Value::String(text.to_owned()), Value::Number),
    }
}

/// Why a plain scalar that YAML calls a number is none in JSON.
pub(super) fn complaint(text: &str) -> Option<&'static str> {
    let digits = unsigned(text);
    if matches!(digits, ".inf" | ".Inf" | ".INF") || matches!(text, ".nan" | ".NaN" | ".NAN") {
        return Some("is no number in JSON");
    }
    let written = radix(text).is_some() || is_integer(digits) || is_float(digits);
    (written && number(text).is_none()).then_some("is too large for a number")
}

fn unsigned(text: &str) -> &str {
    text.strip_prefix(['+', '-']).unwrap_or(text)
}

/// The digits of `0x1F` or `0o17`, which have no sign, and their base.
fn radix(text: &str) -> Option<(&str, u32)> {
    let (digits, base) = match text.get(..2)? {
        "0x" => (&text[2..], 16),
        "0o" => (&text[2..], 8),
        _ => return None,
    };
    (!digits.is_empty() && digits.chars().all(|c| c.is_digit(base))).then_some((digits, base))
}

fn is_integer(digits: &str) -> bool {
    !digits.is_empty() && digits.bytes().all(|b| b.is_ascii_digit())
}

/// `1.`, `.5`, `1e3`, `1.5e-3`
fn is_float(digits: &str) -> bool {
    let (mantissa, exponent) = match digits.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => (mantissa, Some(unsigned(exponent))),
        None => (digits, None),
    };
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let all_digits = |part: &str| part.bytes().all(|b| b.is_ascii_digit());
    (!whole.is_empty() || !fraction.is_empty()) && all_digits(whole) && all_digits(fraction) && exponent.is_none_or(is_integer)
}

fn number(text: &str) -> Option<Number> {
    if let Some((digits, base)) = radix(text) {
        return u64::from_str_radix(digits, base).ok().map(Number::from);
    }
    let digits = unsigned(text);
    if is_integer(digits) {
        let text = text.strip_prefix('+').unwrap_or(text);
        return text.parse::<i64>().map(Number::from).or_else(|_| text.parse::<u64>().map(Number::from)).ok();
    }
    is_float(digits).then(|| text.parse::<f64>().ok().and_then(Number::from_f64)).flatten()
}

/// The whole number that a value such as `2.0` or `1e3` is. Beyond 2^53 not every whole number has a float of its own.
pub(super) fn whole(number: &Number) -> Option<Number> {
    const MOST: f64 = 9_007_199_254_740_992.0;
    let float = number.as_f64().filter(|float| number.is_f64() && float.fract() == 0.0 && float.abs() <= MOST)?;
    #[expect(clippy::cast_possible_truncation, reason = "it is whole and below 2^53")]
    let whole = float as i64;
    Some(Number::from(whole))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn plain_scalars_follow_the_core_schema() {
        for (text, value) in [
            ("0x1F", json!(31)),
            ("0o17", json!(15)),
            ("017", json!(17)),
            ("+12", json!(12)),
            ("-12", json!(-12)),
            ("18446744073709551615", json!(18_446_744_073_709_551_615_u64)),
            ("2.0", json!(2.0)),
            ("1e3", json!(1000.0)),
            (".5", json!(0.5)),
            ("1.", json!(1.0)),
            ("-1.5E-3", json!(-0.0015)),
            ("NULL", json!(null)),
            ("True", json!(true)),
        ] {
            assert_eq!(plain(text), value, "{text}");
        }
        for text in [
            "-0x1F",
            "+0o17",
            "0x",
            "0o8",
            "0b1",
            "1_000",
            "1,000",
            "yes",
            "no",
            "on",
            "off",
            "y",
            "2025-01-01",
            "12:30:45",
            "1e",
            "e3",
            ".",
            "-",
            "+",
            "--1",
            "+-1",
            "1.2.3",
            "1e3.5",
            "0x1G",
            "nUll",
            "tRue",
            "½",
            "0½",
        ] {
            assert_eq!(plain(text), json!(text), "{text}");
            assert_eq!(complaint(text), None, "{text}");
        }
    }

    #[test]
    fn a_number_that_json_cannot_hold_has_a_reason() {
        for text in [".inf", "-.INF", "+.Inf", ".nan", ".NaN", "1e400", "99999999999999999999", "0xFFFFFFFFFFFFFFFFF"] {
            assert!(complaint(text).is_some(), "{text}");
        }
        for text in ["", "1", "2.0", "inf", "nan", "-.nan", "Infinity"] {
            assert_eq!(complaint(text), None, "{text}");
        }
    }

    #[test]
    fn a_float_without_a_fraction_is_a_whole_number() {
        let whole_of = |text: &str| plain(text).as_number().and_then(whole);
        assert_eq!((whole_of("2.0"), whole_of("1e3"), whole_of("-0.0")), (Some(2.into()), Some(1000.into()), Some(0.into())));
        assert_eq!((whole_of("2.5"), whole_of("1e300"), whole_of("2")), (None, None, None));
    }
}
