//! Excerpts of foreign text for messages: one line, bounded, without characters that control a terminal.

use placewise_model::is_printable;

/// The most characters of an excerpt.
const MOST: usize = 120;

/// The start of a text. Characters that do not show as themselves are replaced.
pub(crate) fn excerpt(text: &str) -> String {
    let mut characters = text.chars();
    let start: String = characters.by_ref().take(MOST).map(|c| if is_printable(c) { c } else { '\u{fffd}' }).collect();
    if characters.next().is_some() { start + "…" } else { start }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_excerpt_is_short_and_controls_no_terminal() {
        assert_eq!(excerpt("a\u{1b}[31m\u{202e}\nb"), "a\u{fffd}[31m\u{fffd}\u{fffd}b");
        assert_eq!(excerpt(&"æ".repeat(MOST)), "æ".repeat(MOST));
        assert_eq!(excerpt(&"æ".repeat(MOST + 1)), "æ".repeat(MOST) + "…");
    }
}
