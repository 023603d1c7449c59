//! Small helpers on text: snippets for messages, and the known name nearest to a mistyped one. In and out: text.

/// Characters that a snippet shows at most.
const SNIPPET: usize = 120;

/// The beginning of a text on one line, for messages.
pub(crate) fn snippet(text: &str) -> String {
    let mut out = String::new();
    let mut space = false;
    let mut shown = 0;
    for character in text.trim().chars() {
        if shown == SNIPPET {
            out.push('…');
            break;
        }
        // A message is one line; control characters of a reply must not reach a terminal.
        let character = if character.is_control() || character.is_whitespace() { ' ' } else { character };
        if character == ' ' && space {
            continue;
        }
        space = character == ' ';
        out.push(character);
        shown += 1;
    }
    out
}

/// Bytes of a text that are kept until the secrets in it are hidden: far more than a snippet shows and than any token is long.
const KEPT: usize = 64 * 1024;

/// The beginning of a text that was found, before it is known what in it must not show.
#[derive(Debug)]
pub(crate) struct Beginning {
    pub(crate) text: String,
    /// Whether the text went on.
    pub(crate) cut: bool,
}

impl Beginning {
    pub(crate) fn of(text: &str) -> Self {
        let end = floor(text, KEPT);
        Self { text: text.get(..end).unwrap_or_default().to_owned(), cut: end < text.len() }
    }
}

/// The last place at or before that one where a character begins, or the text's end.
pub(crate) fn floor(text: &str, at: usize) -> usize {
    (0..=at.min(text.len())).rev().find(|at| text.is_char_boundary(*at)).unwrap_or(0)
}

/// The name most like the given one, if any is like it at all.
pub(crate) fn nearest<'a>(name: &str, known: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    known
        .map(|known| (distance(name, known), known))
        .filter(|(far, known)| *far <= known.len().max(3) / 2)
        .min()
        .map(|(_, known)| known)
}

/// Edits (insertions, removals, replacements) between two texts.
fn distance(from: &str, to: &str) -> usize {
    let to: Vec<char> = to.chars().collect();
    let mut row: Vec<usize> = (0..=to.len()).collect();
    for (i, a) in from.chars().enumerate() {
        let mut diagonal = i;
        let mut left = i + 1;
        for (cell, b) in row.iter_mut().skip(1).zip(&to) {
            let best = (diagonal + usize::from(a != *b)).min(left + 1).min(*cell + 1);
            diagonal = std::mem::replace(cell, best);
            left = best;
        }
        if let Some(first) = row.first_mut() {
            *first = i + 1;
        }
    }
    row.last().copied().unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_edits() {
        assert_eq!(distance("kitten", "sitting"), 3);
        assert_eq!(distance("", "abc"), 3);
        assert_eq!(distance("abc", "abc"), 0);
    }

    #[test]
    fn names_the_nearest() {
        let known = ["cursor-key", "page-size-key", "comparison-cost"];
        assert_eq!(nearest("cursor_key", known.into_iter()), Some("cursor-key"));
        assert_eq!(nearest("zzzzzzzzzzzzzzzz", known.into_iter()), None);
    }

    #[test]
    fn snippets_are_one_short_line() {
        assert_eq!(snippet("  <html>\n\n <body>\u{1b}[31m"), "<html> <body> [31m");
        assert!(snippet(&"x".repeat(500)).chars().count() == SNIPPET + 1);
    }
}
