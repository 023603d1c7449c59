//! One fact that a merge changed, or that the page does not have.

use std::fmt;

use crate::finding::{one_line, shortened};

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
    pub left: Option<String>,
}

/// Longer values are cut when they are shown.
const SHOWN: usize = 200;

impl fmt::Display for Change {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: ", shown(&self.path))?;
        match (&self.from, &self.to) {
            (Some(from), Some(to)) => write!(f, "{} → {}", shown(from), shown(to))?,
            (None, Some(to)) => write!(f, "added {}", shown(to))?,
            (Some(from), None) if self.left.is_none() => write!(f, "removed {}", shown(from))?,
            (Some(from), None) => write!(f, "{} is not on the page", shown(from))?,
            (None, None) => {}
        }
        self.left.as_ref().map_or(Ok(()), |why| write!(f, " (not changed: {})", shown(why)))
    }
}

/// Text of pages and files must not control the terminal, nor fill it.
fn shown(text: &str) -> String {
    one_line(&shortened(text, SHOWN))
}
