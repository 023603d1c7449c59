//! Formats with typed columns: Parquet and Arrow.
//!
//! A column has the type that the model gives it, if the first rows agree; if they do not, it is text. All columns are nullable, because a
//! server may send null where the model expects none, and a file cannot change its mind. A later value that does not fit ends the run.

mod array;
#[cfg(feature = "arrow")]
mod arrow;
mod batches;
mod kind;
#[cfg(feature = "parquet")]
mod parquet;

use std::collections::HashMap;
use std::io::{self, Write};
use std::sync::Arc;

use arrow_array::RecordBatch;
use arrow_schema::{Field, Schema, SchemaRef};
use placewise_reporting::RawRow;
use serde_json::Value;

use super::writer::{Columns, LeftOut, Writer};
use crate::terminal::printable;
use array::Filling;
use batches::Batches;
use kind::Kind;

#[cfg(feature = "arrow")]
pub(super) fn arrow(columns: Columns) -> Box<dyn Writer> {
    Box::new(Columnar::<arrow::Ipc>::new(columns))
}

#[cfg(feature = "parquet")]
pub(super) fn parquet(columns: Columns) -> Box<dyn Writer> {
    Box::new(Columnar::<parquet::Groups>::new(columns))
}

/// The rows of a batch, and their bytes of JSON: a batch ends with the first that is reached. The first batch decides the types.
const MOST_ROWS: usize = 16_384;
const MOST_BYTES: usize = 4 << 20;

struct Columnar<B> {
    columns: Columns,
    /// Rows before the types are known.
    kept: Vec<RawRow>,
    open: Option<Open<B>>,
    /// Rows and bytes of the batch so far.
    rows: usize,
    bytes: usize,
    /// Rows of the batches before.
    before: u64,
    notes: Vec<String>,
    left_out: LeftOut,
}

/// A file whose columns are known.
struct Open<B> {
    schema: SchemaRef,
    names: Vec<String>,
    places: HashMap<String, usize>,
    fillings: Vec<Filling>,
    batches: B,
}

impl<B: Batches> Columnar<B> {
    fn new(columns: Columns) -> Self {
        Self {
            columns,
            kept: Vec::new(),
            open: None,
            rows: 0,
            bytes: 0,
            before: 0,
            notes: Vec::new(),
            left_out: LeftOut::default(),
        }
    }

    /// Decides the columns and their types, and fills in the rows that were kept.
    fn open(&mut self) -> io::Result<Open<B>> {
        let names = self.columns.names(&self.kept);
        if names.is_empty() {
            return Err(io::Error::other(format!("the answer has no columns for a {} file; use --format ndjson", B::NAME)));
        }
        let places: HashMap<String, usize> = names.iter().enumerate().map(|(index, name)| (name.clone(), index)).collect();
        let kept = std::mem::take(&mut self.kept);
        let mut values: Vec<Vec<&str>> = vec![Vec::new(); names.len()];
        for (key, json) in kept.iter().flat_map(RawRow::entries).filter(|(_, json)| *json != "null") {
            if let Some(index) = places.get(&*key) {
                values[*index].push(json);
            }
        }
        let mut fields = Vec::new();
        let mut fillings = Vec::new();
        for (name, values) in names.iter().zip(values) {
            let known = self.columns.types.get(name);
            let kind = Kind::of(known.map(|column| column.ty), values.iter().copied());
            if let Some(known) = known
                && !values.is_empty()
                && kind != Kind::of(Some(known.ty), std::iter::empty())
                && matches!(kind, Kind::Text | Kind::Json | Kind::Number)
            {
                self.notes.push(format!("`{}` is {} here: its values do not fit `{}`", printable(name), kind.name(), known.ty));
            }
            let about = known.map(|column| {
                let nullable = if column.required { "never, by the model" } else { "yes" };
                HashMap::from([("type".to_owned(), column.ty.to_owned()), ("null".to_owned(), nullable.to_owned())])
            });
            fields.push(Field::new(name, kind.data_type(), true).with_metadata(about.unwrap_or_default()));
            fillings.push(Filling::new(kind));
        }
        let about = &self.columns.about;
        let about: HashMap<_, _> = about.iter().map(|(key, value)| ((*key).to_owned(), value.clone())).collect();
        let schema: SchemaRef = Arc::new(Schema::new_with_metadata(fields, about));
        let batches = B::start(&schema).map_err(io::Error::other)?;
        let mut open = Open { schema, names, places, fillings, batches };
        for (index, row) in kept.iter().enumerate() {
            open.fill(row, self.before + index as u64, &mut self.left_out)?;
        }
        Ok(open)
    }

    /// Writes the rows so far as a batch.
    fn batch(&mut self, out: &mut dyn Write) -> io::Result<()> {
        if self.open.is_none() {
            self.open = Some(self.open()?);
        }
        let Some(open) = &mut self.open else { return Ok(()) };
        if self.rows > 0 {
            let arrays: Result<Vec<_>, _> = open.fillings.iter_mut().map(Filling::take).collect();
            let batch = arrays.and_then(|arrays| RecordBatch::try_new(open.schema.clone(), arrays)).map_err(io::Error::other)?;
            open.batches.write(&batch, out)?;
        }
        self.before += self.rows as u64;
        (self.rows, self.bytes) = (0, 0);
        Ok(())
    }
}

impl<B: Batches> Open<B> {
    /// Adds a row to its columns. `before` rows came before it.
    fn fill(&mut self, row: &RawRow, before: u64, left_out: &mut LeftOut) -> io::Result<()> {
        let mut values = vec![None; self.names.len()];
        for (index, (key, json)) in row.entries().enumerate() {
            // Servers send keys in a fixed order, mostly that of the columns.
            let in_place = self.names.get(index).is_some_and(|name| *name == key);
            match if in_place { Some(index) } else { self.places.get(&*key).copied() } {
                Some(place) => values[place] = Some(json),
                None => left_out.add(&key),
            }
        }
        for ((filling, json), name) in self.fillings.iter_mut().zip(values).zip(&self.names) {
            filling.push(json).map_err(|_| {
                let value: String = json.unwrap_or_default().chars().take(40).collect();
                io::Error::other(format!(
                    "row {}: `{}` is `{}`, but the rows before it made the column {}; {} cannot change it. Use --format ndjson",
                    before + 1,
                    printable(name),
                    printable(&value),
                    filling.kind().name(),
                    B::NAME,
                ))
            })?;
        }
        Ok(())
    }
}

impl<B: Batches> Writer for Columnar<B> {
    fn row(&mut self, row: &RawRow, out: &mut dyn Write) -> io::Result<()> {
        match &mut self.open {
            None => self.kept.push(row.clone()),
            Some(open) => open.fill(row, self.before + self.rows as u64, &mut self.left_out)?,
        }
        self.rows += 1;
        self.bytes += row.json().len();
        if self.rows >= MOST_ROWS || self.bytes >= MOST_BYTES { self.batch(out) } else { Ok(()) }
    }

    fn finish(&mut self, _: &Value, out: &mut dyn Write) -> io::Result<()> {
        self.batch(out)?;
        self.open.as_mut().map_or(Ok(()), |open| open.batches.finish(out))
    }

    fn notes(&self) -> Vec<String> {
        let mut notes = self.notes.clone();
        notes.extend(self.left_out.note().filter(|_| self.columns.chosen.is_none()));
        notes
    }
}

#[cfg(test)]
mod tests;
