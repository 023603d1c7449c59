//! Excerpts of foreign text for messages: one line, bounded, without characters that control a terminal.

/// The most characters of an excerpt.
const MOST: usize = 120;

/// The start of a text. Characters that do not show as themselves are replaced.
pub(crate) fn excerpt(text: &str) -> String {
    let mut characters = text.chars();
    let start: String = characters.by_ref().take(MOST).map(|c| if is_printable(c) { c } else { '\u{fffd}' }).collect();
    if characters.next().is_some() { start + "…" } else { start }
}

/// Whether a character shows as itself. Format characters change the direction of text, or do not show at all.
fn is_printable(c: char) -> bool {
    let format = matches!(c, '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}'
        | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e007f}');
    !c.is_control() && !format
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
