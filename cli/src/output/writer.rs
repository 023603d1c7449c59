//! What every format does with rows.

use std::io::{self, Write};

use placewise_reporting::RawRow;
use serde_json::Value;

/// The columns of an answer.
#[derive(Clone, Debug, Default)]
pub(crate) struct Columns {
    /// Those that the caller chose, in this order.
    pub chosen: Option<Vec<String>>,
    /// Those of the model, in its order.
    pub known: Vec<String>,
    /// The header of the file that a run goes on with.
    pub header: Option<Vec<String>>,
    /// Whether cells that a spreadsheet would run stay as they are.
    pub raw: bool,
}

/// Writes rows in one format.
pub(crate) trait Writer: Send {
    /// Writes a row, or keeps it until more are known.
    fn row(&mut self, row: &RawRow, out: &mut dyn Write) -> io::Result<()>;

    /// Writes what was kept, because a run may go on from here.
    fn settle(&mut self, _: &mut dyn Write) -> io::Result<()> {
        Ok(())
    }

    /// Writes what follows the last row. `summary` says what became of the requests.
    fn finish(&mut self, summary: &Value, out: &mut dyn Write) -> io::Result<()>;

    /// The header that was written.
    fn header(&self) -> Option<&[String]> {
        None
    }

    /// What to tell the reader about the rows.
    fn notes(&self) -> Vec<String> {
        Vec::new()
    }
}
