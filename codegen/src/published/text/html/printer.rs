//! Prints lines: collapses space, starts lines with their marks, and separates paragraphs.

use crate::published::text::builder::Builder;

/// The lines printed so far.
#[derive(Default)]
pub(super) struct Printer {
    pub out: Builder,
    /// Whether the current line has text.
    filled: bool,
    /// Space that is printed if text follows on the line.
    space: bool,
    /// Blank line that is printed if text follows.
    paragraph: bool,
    /// The mark of the next line: a bullet or the signs of a heading.
    mark: Option<String>,
    /// The indentation of lines in lists.
    pub indent: usize,
}

impl Printer {
    /// How many bytes were printed.
    pub fn len(&self) -> usize {
        self.out.text.len()
    }

    /// Prints a character of running text.
    pub fn flowing(&mut self, c: char, from: usize) {
        // No-break spaces collapse too: a browser copies them as spaces.
        if c.is_whitespace() {
            self.space = true;
            return;
        }
        self.begin(from);
        if std::mem::take(&mut self.space) && !self.out.text.ends_with(' ') {
            self.out.added(" ", from);
        }
        self.out.character(c, from);
    }

    /// Prints a character of code.
    pub fn verbatim(&mut self, c: char, from: usize) {
        if c == '\n' {
            self.out.end_line();
            self.filled = false;
        } else {
            self.filled = true;
        }
        self.out.character(c, from);
    }

    /// Parts two words.
    pub fn gap(&mut self) {
        self.space = true;
    }

    /// Ends the current line, if it has text.
    pub fn end_line(&mut self, from: usize) {
        self.space = false;
        if std::mem::take(&mut self.filled) {
            self.out.end_line();
            self.out.added("\n", from);
        }
    }

    /// Ends the current line and the paragraph.
    pub fn end_paragraph(&mut self, from: usize) {
        self.end_line(from);
        self.paragraph = true;
    }

    /// The mark of the next line.
    pub fn set_mark(&mut self, mark: Option<String>) {
        self.mark = mark;
    }

    /// Prints a mark of the plain form, such as `| `.
    pub fn sign(&mut self, sign: &str, from: usize) {
        self.begin(from);
        self.space = false;
        self.out.added(sign, from);
    }

    fn begin(&mut self, from: usize) {
        if self.filled {
            return;
        }
        self.filled = true;
        self.space = false;
        if std::mem::take(&mut self.paragraph) && !self.out.text.is_empty() {
            self.out.added("\n", from);
        }
        let mark = self.mark.take();
        let indent = self.indent.saturating_sub(if mark.is_some() { 2 } else { 0 });
        self.out.added(&" ".repeat(indent), from);
        if let Some(mark) = mark {
            self.out.added(&mark, from);
        }
    }
}
