//! The rows read before an error, and where to go on.

use std::fmt;

use super::Error;

/// The rows read before an error, and the error.
pub struct PartialRows<Row> {
    /// The rows read.
    pub rows: Vec<Row>,
    /// The error.
    pub error: Error,
    /// The cursor to go on from, with [`resume_from`](crate::Records::resume_from); none for the start.
    pub cursor: Option<String>,
    /// How many of the rows came from pages before that cursor. The others are sent again to who goes on there.
    pub rows_before_cursor: usize,
}

impl<Row> fmt::Display for PartialRows<Row> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "after {} rows: {}", self.rows.len(), self.error)?;
        // The cursor itself may be anything that the server put there.
        let advice = if self.cursor.is_some() { " (go on with `resume_from` and the `cursor` beside this error)" } else { "" };
        f.write_str(advice)
    }
}

/// The message, without the rows.
impl<Row> fmt::Debug for PartialRows<Row> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl<Row> std::error::Error for PartialRows<Row> {
    /// The source of the error, whose own text is in this message.
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        self.error.source()
    }
}

impl<Row> From<PartialRows<Row>> for Error {
    /// Drops the rows.
    fn from(partial: PartialRows<Row>) -> Self {
        partial.error
    }
}
