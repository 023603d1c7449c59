//! Builds a plain text character by character, and remembers where each came from.

use crate::finding::Origins;

/// A plain text and its origins.
#[derive(Debug, Default)]
pub(super) struct Builder {
    pub text: String,
    pub origins: Origins,
    /// Where an invisible character stood that may mark a heading.
    mark: Option<usize>,
}

impl Builder {
    /// Adds a character of the original, made plain.
    pub fn character(&mut self, c: char, from: usize) {
        let c = match c {
            // Sites print an anchor behind headings, which browsers copy as an invisible character. It counts at the end of a line only.
            '\u{200b}'..='\u{200d}' => {
                self.mark.get_or_insert(from);
                return;
            }
            // Soft hyphens, directions, joiners, byte order marks, variants of icons.
            '\u{ad}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{2069}' => return,
            '\u{feff}' | '\u{fe0e}' | '\u{fe0f}' | '\u{61c}' | '\u{180e}' => return,
            '\u{a0}' | '\u{1680}' | '\u{2000}'..='\u{200a}' | '\u{202f}' | '\u{205f}' | '\u{3000}' => ' ',
            '\u{2010}' | '\u{2011}' | '\u{2012}' | '\u{2212}' | '\u{fe63}' | '\u{ff0d}' => '-',
            c => c,
        };
        if c == '\n' {
            self.end_line();
        }
        self.mark = None;
        self.origins.push(self.text.len(), from);
        self.text.push(c);
    }

    /// Adds text that the original does not have, at a place of the original.
    pub fn added(&mut self, text: &str, from: usize) {
        self.origins.push(self.text.len(), from);
        self.text.push_str(text);
    }

    /// Keeps the mark of a heading.
    pub fn end_line(&mut self) {
        let heading = self.text.ends_with(|c: char| !c.is_whitespace());
        if let Some(from) = self.mark.take().filter(|_| heading) {
            self.added("\u{200b}", from);
        }
    }
}

/// The plain text of a text that is not HTML: one line for each of its lines.
pub(super) fn plain(original: &str) -> Builder {
    let mut out = Builder::default();
    let mut characters = original.char_indices().peekable();
    while let Some((from, c)) = characters.next() {
        match c {
            '\r' if characters.peek().is_some_and(|(_, next)| *next == '\n') => {}
            // A lone return, a vertical tab (a soft line break of editors), Unicode's own line ends.
            '\r' | '\u{b}' | '\u{85}' | '\u{2028}' | '\u{2029}' => out.character('\n', from),
            c => out.character(c, from),
        }
    }
    out.end_line();
    out
}
