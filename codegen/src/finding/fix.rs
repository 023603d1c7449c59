//! Fixes: edits of the spec's text that are sure to mend a finding, and how to apply them.
//!
//! An edit replaces a few bytes, so comments and layout stay. It names the text that it expects; if another text stands there, such as an
//! alias, there is no fix.

use std::collections::BTreeMap;

use super::edit::{self, Edit};
use super::place::{FileId, Place, Sources};

/// How to mend a finding.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fix {
    /// What it does, such as ``write `description` for `about` ``.
    pub title: String,
    /// The edits, all of them or none.
    pub edits: Vec<FixEdit>,
}

/// One edit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FixEdit {
    /// Replaces a word that is a key, a value or a part of one. Quotes stay.
    Word {
        /// The key or value.
        at: Place,
        /// The word.
        from: String,
        /// Its replacement.
        to: String,
    },
    /// Removes a text from a list, with what separates it from the one before.
    Item {
        /// The item before it.
        before: Place,
        /// The text.
        item: Place,
    },
    /// Writes a space after the colon of a key with its value glued to it.
    Space {
        /// Key and value.
        at: Place,
    },
    /// Adds an entry to a mapping in block style.
    Entry {
        /// The mapping's first key.
        first: Place,
        /// The mapping's last value.
        last: Place,
        /// The entry, on one line.
        entry: String,
    },
}

/// The result of applying fixes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Fixed {
    /// The new text of each changed file.
    pub texts: BTreeMap<FileId, String>,
    /// The positions of the fixes that were applied. A fix that overlaps an earlier one is not.
    pub applied: Vec<usize>,
}

impl Fix {
    /// Replaces a word.
    pub fn word(at: Place, from: &str, to: &str) -> Self {
        Self { title: format!("write `{to}` for `{from}`"), edits: vec![FixEdit::Word { at, from: from.into(), to: to.into() }] }
    }

    /// Removes an item of a list. `before` is the one before it.
    pub fn remove(before: Place, item: Place) -> Self {
        Self { title: "remove the duplicate".into(), edits: vec![FixEdit::Item { before, item }] }
    }

    /// Writes a space after a colon.
    pub fn space(at: Place) -> Self {
        Self { title: "write a space after the colon".into(), edits: vec![FixEdit::Space { at }] }
    }

    /// The edits as byte ranges, unless the text is not what one of them expects.
    pub fn replacements(&self, sources: &Sources) -> Option<Vec<Edit>> {
        self.edits.iter().map(|edit| edit.replacement(sources)).collect()
    }
}

impl FixEdit {
    fn replacement(&self, sources: &Sources) -> Option<Edit> {
        match self {
            Self::Word { at, from, to } => {
                let text = sources.get(at.file).text.get(at.span.clone())?;
                let start = whole_word(text, from)?;
                let quoted = text.starts_with(['"', '\'']);
                let fits = if quoted { is_quotable(to) } else { is_plain(to) };
                let start = at.span.start + start;
                fits.then(|| Edit { place: Place { file: at.file, span: start..start + from.len() }, replacement: to.clone() })
            }
            Self::Item { before, item } => {
                let text = &sources.get(item.file).text;
                let between = text.get(before.span.end..item.span.start)?;
                let separates = between.chars().all(|c| c.is_ascii_whitespace() || matches!(c, ',' | '-'));
                let plain = !text.get(item.span.clone())?.contains(['\n', '{', '[', '&', '*', '#']);
                let place = Place { file: item.file, span: before.span.end..item.span.end };
                (separates && plain).then(|| Edit { place, replacement: String::new() })
            }
            Self::Space { at } => {
                let (key, value) = sources.get(at.file).text.get(at.span.clone())?.split_once(':')?;
                let sure = is_plain(key) && value.starts_with(|c: char| c.is_alphanumeric()) && !value.contains(':');
                let colon = at.span.start + key.len() + 1;
                let place = Place { file: at.file, span: colon..colon };
                sure.then(|| Edit { place, replacement: " ".into() })
            }
            Self::Entry { first, last, entry } => {
                let text = &sources.get(first.file).text;
                let indent = text.get(..first.span.start)?.rsplit('\n').next()?;
                if !indent.bytes().all(|b| b == b' ') {
                    return None;
                }
                let rest = text.get(last.span.end..)?;
                let line = rest.split('\n').next().unwrap_or_default();
                let end = last.span.end + line.trim_end_matches('\r').len();
                let new_line = if line.ends_with('\r') { "\r\n" } else { "\n" };
                let place = Place { file: first.file, span: end..end };
                Some(Edit { place, replacement: format!("{new_line}{indent}{entry}") })
            }
        }
    }
}

/// Where a word stands in the text of a scalar, if exactly once.
fn whole_word(text: &str, word: &str) -> Option<usize> {
    if word.is_empty() || text.contains('\n') || text.starts_with(['&', '*', '!']) {
        return None;
    }
    let is_part = |c: char| c.is_alphanumeric() || matches!(c, '_' | '-');
    let mut found = text.match_indices(word).map(|(at, _)| at).filter(|at| {
        !text[..*at].chars().next_back().is_some_and(is_part) && !text[at + word.len()..].chars().next().is_some_and(is_part)
    });
    found.next().filter(|_| found.next().is_none())
}

/// Whether YAML reads a word without quotes as this text.
fn is_plain(word: &str) -> bool {
    let literal = matches!(word.to_ascii_lowercase().as_str(), "null" | "true" | "false");
    word.starts_with(|c: char| c.is_ascii_alphabetic()) && is_quotable(word) && !literal
}

fn is_quotable(word: &str) -> bool {
    !word.is_empty() && word.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-' | b'.'))
}

/// Applies fixes in order. One that overlaps an earlier one is left for a later run.
pub fn apply_fixes(fixes: &[Vec<Edit>], sources: &Sources) -> Fixed {
    let mut fixed = Fixed::default();
    let mut taken: Vec<&Edit> = Vec::new();
    for (index, fix) in fixes.iter().enumerate() {
        let free = |new: &Edit| taken.iter().all(|old| !touches(&old.place, &new.place));
        if !fix.is_empty() && fix.iter().all(free) {
            taken.extend(fix);
            fixed.applied.push(index);
        }
    }
    let mut edits: BTreeMap<FileId, Vec<Edit>> = BTreeMap::new();
    for edit in taken {
        edits.entry(edit.place.file).or_default().push(edit.clone());
    }
    for (file, edits) in edits {
        if let Ok(text) = edit::apply(&sources.get(file).text, &edits) {
            fixed.texts.insert(file, text);
        }
    }
    fixed
}

fn touches(a: &Place, b: &Place) -> bool {
    a.file == b.file && a.span.start <= b.span.end && b.span.start <= a.span.end
}

#[cfg(test)]
mod tests {
    use super::*;

    fn renamed(text: &str, from: &str, to: &str) -> Option<String> {
        let mut sources = Sources::default();
        let file = sources.add("a.yaml", text);
        let fix = Fix::word(Place { file, span: 0..text.len() }, from, to).replacements(&sources)?;
        apply_fixes(&[fix], &sources).texts.remove(&file)
    }

    #[test]
    fn a_word_keeps_its_quotes_and_its_neighbours() {
        assert_eq!(renamed("integr", "integr", "integer").as_deref(), Some("integer"));
        assert_eq!(renamed("'integr'", "integr", "integer").as_deref(), Some("'integer'"));
        assert_eq!(renamed("\"array[integr]\"", "integr", "integer").as_deref(), Some("\"array[integer]\""));
        assert_eq!(renamed("by_x.kidn", "kidn", "kind").as_deref(), Some("by_x.kind"));
    }

    #[test]
    fn what_is_not_sure_is_no_fix() {
        for (text, from, to) in [
            ("*alias", "alias", "other"),
            ("&a integr", "integr", "integer"),
            ("a-b b", "a", "c"),
            ("x x", "x", "y"),
            ("other", "integr", "integer"),
            ("no", "no", "null"),
            ("no", "no", "1"),
            ("no", "no", "a: b"),
            ("\"no\"", "no", "a\"b"),
            ("a\nno", "no", "yes"),
        ] {
            assert_eq!(renamed(text, from, to), None, "{text}");
        }
    }

    #[test]
    fn of_two_fixes_that_overlap_only_the_first_is_applied() {
        let mut sources = Sources::default();
        let file = sources.add("a.yaml", "one two");
        let fix = |span, text: &str| vec![Edit { place: Place { file, span }, replacement: text.into() }];
        let fixed = apply_fixes(&[fix(0..3, "1"), fix(2..5, "?"), fix(4..7, "2")], &sources);
        assert_eq!(fixed.applied, [0, 2]);
        assert_eq!(fixed.texts[&file], "1 2");
    }
}
