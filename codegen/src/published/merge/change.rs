//! One fact that a merge changed, or that the page does not have.

use std::fmt;

use crate::finding::shortened;

/// One changed fact.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    /// The keys that lead to it, joined by dots.
    pub path: String,
    /// Its value in the file before, on one line. `None` if it is new.
    pub from: Option<String>,
    /// Its value now. `None` if the page does not have it.
    pub to: Option<String>,
    /// Why the file was left as it was, if it was.
    pub left: Option<&'static str>,
}

/// Longer values are cut when they are shown.
const SHOWN: usize = 200;

impl fmt::Display for Change {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: ", one_line(&self.path))?;
        match (&self.from, &self.to) {
            (Some(from), Some(to)) => write!(f, "{} → {}", one_line(from), one_line(to))?,
            (None, Some(to)) => write!(f, "added {}", one_line(to))?,
            (Some(from), None) if self.left.is_none() => write!(f, "removed {}", one_line(from))?,
            (Some(from), None) => write!(f, "{} is not on the page", one_line(from))?,
            (None, None) => {}
        }
        self.left.map_or(Ok(()), |why| write!(f, " (not changed: {why})"))
    }
}

/// Text of pages and files must not control the terminal, nor fill it.
fn one_line(text: &str) -> String {
    shortened(text, SHOWN).chars().map(|c| if c.is_control() { '\u{fffd}' } else { c }).collect()
}
