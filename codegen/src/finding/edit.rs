//! Edits of a text by byte range. Everything outside the ranges keeps its bytes, so comments, order and layout survive.

use super::place::Place;

/// One replacement. An empty place inserts, an empty replacement deletes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Edit {
    /// The bytes to replace.
    pub place: Place,
    /// What replaces them.
    pub replacement: String,
}

/// Why edits cannot be applied.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EditError {
    /// Two edits change the same bytes.
    Overlap,
    /// An edit reaches beyond the text, or splits a character.
    OutOfText,
}

/// Applies the edits of one file to its text, in any order. Insertions at one byte keep the order in which they are given.
///
/// # Errors
/// Changes nothing if two edits overlap or one does not fit the text.
pub fn apply(text: &str, edits: &[Edit]) -> Result<String, EditError> {
    let mut sorted: Vec<&Edit> = edits.iter().collect();
    sorted.sort_by_key(|edit| (edit.place.span.start, edit.place.span.end));
    let mut out = String::with_capacity(text.len());
    let mut done = 0;
    for Edit { place, replacement } in sorted {
        if place.span.start < done {
            return Err(EditError::Overlap);
        }
        // `get` also refuses a range that ends before it starts.
        if text.get(place.span.clone()).is_none() {
            return Err(EditError::OutOfText);
        }
        out.push_str(text.get(done..place.span.start).ok_or(EditError::OutOfText)?);
        out.push_str(replacement);
        done = place.span.end;
    }
    out.push_str(text.get(done..).ok_or(EditError::OutOfText)?);
    Ok(out)
}

#[cfg(test)]
mod tests {
    use std::ops::Range;

    use super::*;
    use crate::finding::FileId;

    fn edit(span: Range<usize>, replacement: &str) -> Edit {
        Edit { place: Place { file: FileId(0), span }, replacement: replacement.into() }
    }

    #[test]
    fn edits_apply_in_any_order_and_leave_the_rest() {
        let edits = [edit(6..6, "!"), edit(0..1, "A"), edit(3..4, ""), edit(6..6, "?"), edit(1..1, "+")];
        assert_eq!(apply("abc\u{2010}", &[]), Ok("abc\u{2010}".into()));
        assert_eq!(apply("abcdef", &edits), Ok("A+bcef!?".into()));
    }

    #[test]
    fn overlaps_and_places_outside_are_refused() {
        assert_eq!(apply("abcdef", &[edit(1..3, "x"), edit(2..4, "y")]), Err(EditError::Overlap));
        assert_eq!(apply("abcdef", &[edit(1..3, "x"), edit(1..3, "x")]), Err(EditError::Overlap));
        assert_eq!(apply("abcdef", &[edit(1..3, "x"), edit(2..2, "y")]), Err(EditError::Overlap));
        assert_eq!(apply("abc", &[edit(3..4, "x")]), Err(EditError::OutOfText));
        assert_eq!(apply("\u{e5}", &[edit(1..2, "x")]), Err(EditError::OutOfText));
        #[expect(clippy::reversed_empty_ranges, reason = "what a faulty place may hold")]
        let reversed = edit(2..1, "x");
        assert_eq!(apply("abc", &[reversed]), Err(EditError::OutOfText));
    }
}
