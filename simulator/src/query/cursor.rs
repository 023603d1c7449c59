//! Pages and cursors. A cursor is opaque and belongs to one query; another query refuses it.

use crate::random::mix;

/// The URL-safe alphabet of base 64.
const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
/// Digits for 128 bits, 6 per digit.
const LENGTH: usize = 22;

/// The cursor that continues a query, given by its fingerprint, at row `offset`.
pub(crate) fn cursor(query: u64, offset: usize) -> String {
    let offset = offset as u64;
    let mut bits = (u128::from(offset ^ mix(query)) << 64) | u128::from(checksum(query, offset));
    let mut text = [0_u8; LENGTH];
    for digit in text.iter_mut().rev() {
        *digit = DIGITS[(bits & 63) as usize];
        bits >>= 6;
    }
    text.iter().map(|digit| char::from(*digit)).collect()
}

/// The row at which a cursor continues; `None` if it is not a cursor of this query.
pub(crate) fn offset(query: u64, cursor: &str) -> Option<usize> {
    if cursor.len() != LENGTH {
        return None;
    }
    let mut bits = 0_u128;
    for byte in cursor.bytes() {
        let digit = DIGITS.iter().position(|digit| *digit == byte)?;
        bits = bits.checked_mul(64)? | digit as u128;
    }
    let offset = u64::try_from(bits >> 64).ok()? ^ mix(query);
    let sum = bits & u128::from(u64::MAX);
    if sum == u128::from(checksum(query, offset)) { usize::try_from(offset).ok() } else { None }
}

/// Ties an offset to its query.
const fn checksum(query: u64, offset: u64) -> u64 {
    mix(query.rotate_left(32) ^ mix(offset.wrapping_add(1)))
}

/// The rows of one page, and the cursor to the next page unless it is the last.
pub(crate) fn page<T>(rows: &[T], query: u64, offset: usize, size: usize) -> (&[T], Option<String>) {
    let start = offset.min(rows.len());
    let end = start.saturating_add(size).min(rows.len());
    (&rows[start..end], (end < rows.len()).then(|| cursor(query, end)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn a_cursor_keeps_its_offset_for_its_own_query_only(query: u64, at in 0..usize::MAX) {
            let text = cursor(query, at);
            prop_assert_eq!(text.len(), LENGTH);
            prop_assert_eq!(offset(query, &text), Some(at));
            prop_assert_eq!(offset(query ^ 1, &text), None);
        }

        #[test]
        fn any_other_text_is_not_a_cursor(query: u64, text in ".{0,30}|[A-Za-z0-9_-]{22}") {
            prop_assert_eq!(offset(query, &text), None);
        }

        #[test]
        fn pages_add_up_to_all_rows(count in 0..200_usize, size in 1..50_usize) {
            let rows: Vec<usize> = (0..count).collect();
            let (mut seen, mut at) = (Vec::new(), 0);
            loop {
                let (rows_of_page, next) = page(&rows, 7, at, size);
                seen.extend_from_slice(rows_of_page);
                let Some(next) = next else { break };
                prop_assert_eq!(rows_of_page.len(), size);
                at = offset(7, &next).expect("a cursor of this query");
            }
            prop_assert_eq!(seen, rows);
        }
    }
}
