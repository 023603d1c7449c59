//! CSV. The header is known after the first rows: the columns of the model, and the keys of these rows that it lacks.

use std::borrow::Cow;
use std::io::{self, Write};

use placewise_reporting::RawRow;
use serde_json::Value;

use super::cells;
use super::sink::Sink;
use super::writer::{Columns, LeftOut, Writer};

/// How many rows are looked at for the header.
const MOST_KEPT: usize = 500;

pub(super) struct Csv {
    columns: Columns,
    header: Option<Vec<String>>,
    /// Rows before the header is known.
    kept: Vec<RawRow>,
    left_out: LeftOut,
    record: csv::ByteRecord,
    writer: csv::Writer<Sink>,
    sink: Sink,
}

impl Csv {
    pub(super) fn new(mut columns: Columns) -> Self {
        let header = columns.header.take();
        let sink = Sink::default();
        let (writer, record) = (csv::WriterBuilder::new().from_writer(sink.clone()), csv::ByteRecord::new());
        Self { columns, header, kept: Vec::new(), left_out: LeftOut::default(), record, writer, sink }
    }

    fn guarded<'c>(&self, cell: Cow<'c, str>) -> Cow<'c, str> {
        if self.columns.raw { cell } else { cells::inert(cell) }
    }

    fn write_record(&mut self, out: &mut dyn Write) -> io::Result<()> {
        self.writer.write_byte_record(&self.record).map_err(io::Error::other)?;
        self.sink.pass_on(out)
    }

    fn write_row(&mut self, row: &RawRow, out: &mut dyn Write) -> io::Result<()> {
        let Some(header) = self.header.take() else { return Ok(()) };
        let entries: Vec<(Cow<'_, str>, &str)> = row.entries().collect();
        self.record.clear();
        // Servers send keys in a fixed order, mostly that of the header, and may leave some out.
        let (mut next, mut placed) = (0, 0);
        for column in &header {
            let is = |at: &usize| entries.get(*at).is_some_and(|(key, _)| key == column);
            let at = Some(next).filter(is).or_else(|| (0..entries.len()).find(is));
            if let Some(at) = at {
                (next, placed) = (at + 1, placed + 1);
            }
            let cell = at.and_then(|at| entries.get(at)).map_or(Cow::Borrowed(""), |(_, json)| cells::text(json));
            let cell = self.guarded(cell);
            self.record.push_field(cell.as_bytes());
        }
        if self.columns.chosen.is_none() && placed < entries.len() {
            let left_out = entries.iter().filter(|(key, _)| !header.iter().any(|column| column == key));
            left_out.for_each(|(key, _)| self.left_out.add(key));
        }
        self.header = Some(header);
        self.write_record(out)
    }
}

impl Writer for Csv {
    fn row(&mut self, row: &RawRow, out: &mut dyn Write) -> io::Result<()> {
        if self.header.is_some() {
            return self.write_row(row, out);
        }
        self.kept.push(row.clone());
        if self.kept.len() == MOST_KEPT { self.settle(out) } else { Ok(()) }
    }

    fn settle(&mut self, out: &mut dyn Write) -> io::Result<()> {
        if self.header.is_none() {
            let header = self.columns.names(&self.kept);
            self.record.clear();
            for column in &header {
                let cell = self.guarded(Cow::Borrowed(column));
                self.record.push_field(cell.as_bytes());
            }
            self.header = Some(header);
            self.write_record(out)?;
        }
        std::mem::take(&mut self.kept).iter().try_for_each(|row| self.write_row(row, out))?;
        self.writer.flush()?;
        self.sink.pass_on(out)
    }

    fn finish(&mut self, _: &Value, out: &mut dyn Write) -> io::Result<()> {
        self.settle(out)
    }

    fn header(&self) -> Option<&[String]> {
        self.header.as_deref()
    }

    fn notes(&self) -> Vec<String> {
        self.left_out.note().into_iter().collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn csv(columns: Columns, rows: &[&str]) -> (String, Vec<String>) {
        let (mut writer, mut out) = (Csv::new(columns), Vec::new());
        for row in rows {
            writer.row(&RawRow::parse(*row).expect("a row"), &mut out).expect("written");
        }
        writer.finish(&Value::Null, &mut out).expect("written");
        (String::from_utf8(out).expect("UTF-8"), writer.notes())
    }

    #[test]
    fn columns_of_the_model_come_first_and_nested_values_are_json() {
        let columns = Columns { known: vec!["id".into(), "tags".into()], ..Columns::default() };
        let (text, notes) =
            csv(columns, &[r#"{"tags": ["a", "b"], "id": 1, "new": "x,y"}"#, r#"{"id": 2, "new": null, "=f": "=1"}"#]);
        assert_eq!(text, "id,tags,new,'=f\n1,\"[\"\"a\"\", \"\"b\"\"]\",\"x,y\",\n2,,,'=1\n");
        assert!(notes.is_empty());
    }

    #[test]
    fn keys_after_the_header_are_told() {
        let (mut writer, mut out) = (Csv::new(Columns { header: Some(vec!["id".into()]), ..Columns::default() }), Vec::new());
        writer.row(&RawRow::parse(r#"{"id": 3, "late": 1}"#).expect("a row"), &mut out).expect("written");
        writer.settle(&mut out).expect("written");
        assert_eq!(String::from_utf8_lossy(&out), "3\n", "the header of a resumed file is not repeated");
        assert!(writer.notes().iter().any(|note| note.contains("`late`")));
    }

    #[test]
    fn an_empty_answer_has_its_header_and_raw_cells_stay() {
        let columns = Columns { known: vec!["id".into()], raw: true, ..Columns::default() };
        assert_eq!(csv(columns.clone(), &[]).0, "id\n");
        assert_eq!(csv(columns, &[r#"{"id": "=1+1"}"#]).0, "id\n=1+1\n");
    }
}
