//! Excerpts of text for messages: one line, bounded, no control characters.

/// The most characters a snippet shows.
const SNIPPET: usize = 120;

/// The start of a text on one line, for messages.
pub(crate) fn snippet(text: &str) -> String {
    let mut out = String::new();
    let mut space = false;
    let mut shown = 0;
    for character in text.trim().chars() {
        if shown == SNIPPET {
            out.push('…');
            break;
        }
        // Control characters of a response must not reach a terminal.
        let character = if is_printable(character) { character } else { ' ' };
        if character == ' ' && space {
            continue;
        }
        space = character == ' ';
        out.push(character);
        shown += 1;
    }
    out
}

/// Whether a character shows as itself. Format characters turn the direction of text around, or do not show at all.
fn is_printable(character: char) -> bool {
    let formats = matches!(character,
        '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}'
        | '\u{feff}' | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e007f}');
    !character.is_control() && !character.is_whitespace() && !formats
}

/// The most bytes an excerpt keeps: far more than a snippet shows and than any token is long.
const KEPT: usize = 64 * 1024;

/// The start of a received text, kept until the secrets in it are hidden.
#[derive(Debug)]
pub(crate) struct Excerpt {
    pub(crate) text: String,
    /// Whether the text went on.
    pub(crate) cut: bool,
}

impl Excerpt {
    pub(crate) fn of(text: &str) -> Self {
        let end = floor(text, KEPT);
        Self { text: text.get(..end).unwrap_or_default().to_owned(), cut: end < text.len() }
    }
}

/// The last character boundary at or before the index.
pub(crate) fn floor(text: &str, at: usize) -> usize {
    (0..=at.min(text.len())).rev().find(|at| text.is_char_boundary(*at)).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn snippets_are_one_short_line() {
        assert_eq!(snippet("a\u{202e}b\u{9b}2Jc\u{200b}\u{2028}d"), "a b 2Jc d");
        assert_eq!(snippet("  <html>\n\n <body>\u{1b}[31m"), "<html> <body> [31m");
        assert!(snippet(&"x".repeat(500)).chars().count() == SNIPPET + 1);
    }
}
