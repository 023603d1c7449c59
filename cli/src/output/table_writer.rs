//! A table for people. All rows are kept, because the widths of columns depend on them.

use std::io::{self, Write};

use placewise_reporting::RawRow;
use serde_json::Value;

use super::cells;
use super::writer::{Columns, Writer};
use crate::terminal;

/// How wide a column should be at least.
const NARROW: u16 = 14;

pub(super) struct Table {
    columns: Columns,
    rows: Vec<RawRow>,
    left_out: usize,
}

impl Table {
    pub(super) const fn new(columns: Columns) -> Self {
        Self { columns, rows: Vec::new(), left_out: 0 }
    }

    /// The chosen columns, or as many of those with values as fit.
    fn shown(&mut self) -> Vec<String> {
        if let Some(chosen) = &self.columns.chosen {
            return chosen.clone();
        }
        let mut names = self.columns.known.clone();
        let mut filled: Vec<bool> = vec![false; names.len()];
        for row in &self.rows {
            for (key, json) in row.entries() {
                let index = names.iter().position(|name| *name == key).unwrap_or_else(|| {
                    names.push(key.into_owned());
                    filled.push(false);
                    names.len() - 1
                });
                filled[index] |= json != "null";
            }
        }
        let all = names.len();
        let mut shown: Vec<String> =
            names.into_iter().zip(filled).filter(|(_, filled)| *filled || self.rows.is_empty()).map(|(name, _)| name).collect();
        if let Some(width) = terminal::width() {
            shown.truncate(usize::from(width / NARROW).max(1));
        }
        self.left_out = all - shown.len();
        shown
    }
}

impl Writer for Table {
    fn row(&mut self, row: &RawRow, _: &mut dyn Write) -> io::Result<()> {
        self.rows.push(row.clone());
        Ok(())
    }

    fn finish(&mut self, _: &Value, out: &mut dyn Write) -> io::Result<()> {
        let columns = self.shown();
        let heads: Vec<&str> = columns.iter().map(String::as_str).collect();
        let rows = self.rows.iter().map(|row| {
            let entries: Vec<_> = row.entries().collect();
            let cell = |column: &String| {
                entries.iter().find(|(key, _)| key == column).map_or_else(String::new, |(_, json)| cells::text(json).into_owned())
            };
            columns.iter().map(cell).collect()
        });
        writeln!(out, "{}", terminal::table_of(&heads, rows))
    }

    fn notes(&self) -> Vec<String> {
        match self.left_out {
            0 => Vec::new(),
            1 => vec!["1 column is not shown; choose with --columns, or write all with --format csv".into()],
            more => vec![format!("{more} columns are not shown; choose with --columns, or write all with --format csv")],
        }
    }
}
