//! Ranges of time. Both ends have an offset, so the client never guesses a zone.

use std::{fmt, ops::Range};

use super::moment::Moment;

/// A range between two moments.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct TimeRange {
    /// Start.
    pub from: Moment,
    /// End.
    pub to: Moment,
}

impl TimeRange {
    /// The range between two moments.
    pub fn new(from: impl Into<Moment>, to: impl Into<Moment>) -> Self {
        Self { from: from.into(), to: to.into() }
    }
}

impl<T: Into<Moment>> From<Range<T>> for TimeRange {
    fn from(range: Range<T>) -> Self {
        Self::new(range.start, range.end)
    }
}

impl fmt::Display for TimeRange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} to {}", self.from, self.to)
    }
}

impl fmt::Debug for TimeRange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}
