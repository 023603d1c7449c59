//! Numbers that stay exact: floating point skips whole numbers from 2^53 on, so larger ones are errors where they would be rounded.

use serde_json::Value as Json;

use super::{context::DecodeContext, mismatch::Mismatch, scan::Scanner};

/// Whole numbers below 2^53 are exact in 64-bit floating point.
const EXACT: f64 = 9_007_199_254_740_992.0;

/// The whole number that a floating-point number is; none if it has a fraction or may have been rounded.
pub(crate) fn whole(number: f64) -> Option<i64> {
    (number.fract() == 0.0 && number.abs() < EXACT).then_some(number as i64)
}

/// Whether the text is a JSON number. Rust also parses `inf` and `nan`, which JSON does not have.
pub(crate) fn is_number(json: &str) -> bool {
    json.starts_with(|first: char| first == '-' || first.is_ascii_digit()) && !json.contains('i')
}

/// Any JSON value. A whole number of more than 64 bits is an error.
pub(crate) fn json(text: &str, context: &mut DecodeContext) -> Result<Json, Mismatch> {
    context.take_json(text)?;
    let json = serde_json::from_str(text).map_err(|error| Mismatch::new(format!("JSON that can be kept ({error})"), text))?;
    if may_be_rounded(&json) {
        check_whole_numbers(text)?;
    }
    Ok(json)
}

/// Whether it holds a number so large that it may be a rounded whole number.
fn may_be_rounded(json: &Json) -> bool {
    match json {
        Json::Number(number) => number.is_f64() && number.as_f64().is_none_or(|number| number.abs() >= EXACT),
        Json::Array(items) => items.iter().any(may_be_rounded),
        Json::Object(entries) => entries.values().any(may_be_rounded),
        Json::Null | Json::Bool(_) | Json::String(_) => false,
    }
}

/// Rejects whole numbers of more than 64 bits. `serde_json` has already checked that the text is not nested too deep.
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
