//! What every format does with rows.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{self, Write};

use placewise_reporting::RawRow;
use serde_json::Value;

use crate::terminal::printable;

/// The columns of an answer.
#[derive(Clone, Debug, Default)]
pub(crate) struct Columns {
    /// Those that the caller chose, in this order.
    pub chosen: Option<Vec<String>>,
    /// Those of the model, in its order.
    pub known: Vec<String>,
    /// The types of those of the model.
    #[cfg_attr(not(any(feature = "arrow", feature = "parquet")), allow(dead_code))]
    pub types: BTreeMap<String, ColumnType>,
    /// What a file with typed columns says about itself.
    #[cfg_attr(not(any(feature = "arrow", feature = "parquet")), allow(dead_code))]
    pub about: BTreeMap<&'static str, String>,
    /// The header of the file that a run goes on with.
    pub header: Option<Vec<String>>,
    /// Whether cells that a spreadsheet would run stay as they are.
    pub raw: bool,
}

/// What the model says of a column.
#[derive(Clone, Copy, Debug)]
#[cfg_attr(not(any(feature = "arrow", feature = "parquet")), allow(dead_code))]
pub(crate) struct ColumnType {
    /// Its type as the spec writes it.
    pub ty: &'static str,
    /// Whether every row has it, and it is never null.
    pub required: bool,
}

impl Columns {
    /// The names of the columns: those chosen, or those of the model and then those of the first rows.
    pub(super) fn names(&self, rows: &[RawRow]) -> Vec<String> {
        if let Some(chosen) = &self.chosen {
            return chosen.clone();
        }
        let mut names = self.known.clone();
        for (key, _) in rows.iter().flat_map(RawRow::entries) {
            if !names.iter().any(|name| *name == key) {
                names.push(key.into_owned());
            }
        }
        names
    }
}

/// How many keys without a column are told.
const MOST_TOLD: usize = 20;

/// Keys of later rows that have no column.
#[derive(Default)]
pub(super) struct LeftOut(BTreeSet<String>);

impl LeftOut {
    pub(super) fn add(&mut self, key: &str) {
        if self.0.len() < MOST_TOLD && !self.0.contains(key) {
            self.0.insert(key.to_owned());
        }
    }

    /// What to tell the reader about them.
    pub(super) fn note(&self) -> Option<String> {
        let keys: Vec<String> = self.0.iter().map(|key| format!("`{}`", printable(key))).collect();
        let note = || format!("later rows have keys without a column: {}; --format ndjson keeps them", keys.join(", "));
        (!keys.is_empty()).then(note)
    }
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
