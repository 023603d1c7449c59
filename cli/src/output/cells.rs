//! Cells of tables: the text of a JSON value, safe for a spreadsheet.

use std::borrow::Cow;

use placewise_reporting::RawRow;

/// The text of a JSON value: text without its quotes, nothing for null, and JSON for lists and objects.
pub(super) fn text(json: &str) -> Cow<'_, str> {
    match RawRow::text(json) {
        Some(text) => text,
        None if json == "null" => Cow::Borrowed(""),
        None if json.starts_with(['{', '[']) => compact(json),
        None => Cow::Borrowed(json),
    }
}

/// JSON on one line. Line breaks stand only between its parts.
pub(crate) fn compact(json: &str) -> Cow<'_, str> {
    if memchr::memchr2(b'\n', b'\r', json.as_bytes()).is_some() {
        Cow::Owned(json.replace(['\n', '\r'], " "))
    } else {
        Cow::Borrowed(json)
    }
}

/// A cell that no spreadsheet takes for a formula: one that it would run starts with `'`. A number stays as it is.
pub(super) fn inert(cell: Cow<'_, str>) -> Cow<'_, str> {
    if runs(cell.trim_start_matches('\'')) { Cow::Owned(format!("'{cell}")) } else { cell }
}

/// The cell that [`inert`] made this of.
pub(crate) fn unguarded(cell: &str) -> &str {
    cell.strip_prefix('\'').filter(|rest| runs(rest.trim_start_matches('\''))).unwrap_or(cell)
}

/// Whether a spreadsheet would take a cell for a formula.
fn runs(cell: &str) -> bool {
    match cell.chars().next() {
        Some('=' | '@' | '\t' | '\r' | '\n' | '＝' | '＠' | '＋' | '－') => true,
        Some('+' | '-') => !is_number(&cell[1..]),
        _ => false,
    }
}

/// Digits, with a fraction and an exponent at most.
fn is_number(text: &str) -> bool {
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let (mantissa, exponent) =
        text.split_once(['e', 'E']).map_or((text, None), |(mantissa, exponent)| (mantissa, Some(exponent)));
    let (whole, fraction) = mantissa.split_once('.').map_or((mantissa, None), |(whole, fraction)| (whole, Some(fraction)));
    digits(whole)
        && fraction.is_none_or(digits)
        && exponent.is_none_or(|power| digits(power.strip_prefix(['+', '-']).unwrap_or(power)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cell_that_a_spreadsheet_would_run_is_quoted() {
        for runs in
            ["=1+1", "@SUM(A1)", "\tx", "\r=1", "\n=1", "+1+1", "-1+1", "-", "+", "-inf", "-0x10", "-1e", "--1", "＝1", "-A1"]
        {
            assert_eq!(inert(runs.into()), format!("'{runs}"), "{runs:?}");
        }
        for stays in ["-14", "80-", "+4740769126", "-1.5", "-1e-9", "1=2", "", "{\"a\":1}", "a@b", "'x"] {
            assert_eq!(inert(stays.into()), stays);
        }
    }

    #[test]
    fn only_the_guard_is_removed_again() {
        for cell in ["=1+1", "@x", "\tx", "-", "-1+1", "+inf", "--1", "'=1", "''@x", "", "'", "'x", "x'", "-14", "'-14", "+1.5e3"]
        {
            assert_eq!(unguarded(&inert(cell.into())), cell);
        }
    }

    #[test]
    fn cells_are_texts_and_nested_values_are_json() {
        for (json, cell) in [
            ("\"a\\nb\"", "a\nb"),
            ("null", ""),
            ("1.50", "1.50"),
            ("true", "true"),
            ("[1,\n 2]", "[1,  2]"),
            ("{\"a\": 1}", "{\"a\": 1}"),
        ] {
            assert_eq!(text(json), cell);
        }
    }
}
