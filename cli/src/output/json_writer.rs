//! JSON: one document, or one object per line.

use std::io::{self, Write};

use placewise_reporting::RawRow;
use serde_json::Value;

use super::cells::compact;
use super::writer::Writer;

/// A row, or the chosen columns of it in their order.
fn write(row: &RawRow, columns: Option<&[String]>, out: &mut dyn Write) -> io::Result<()> {
    let Some(columns) = columns else { return out.write_all(compact(row.json()).as_bytes()) };
    let entries: Vec<_> = row.entries().collect();
    let found = columns.iter().filter_map(|column| Some((column, entries.iter().find(|(key, _)| key == column)?.1)));
    for (index, (column, json)) in found.enumerate() {
        let start = if index == 0 { "{" } else { "," };
        write!(out, "{start}{}:{}", Value::from(column.as_str()), compact(json))?;
    }
    out.write_all(if entries.iter().any(|(key, _)| columns.iter().any(|column| column == key)) { b"}" } else { b"{}" })
}

/// One object per line.
pub(super) struct Lines {
    columns: Option<Vec<String>>,
}

impl Lines {
    pub(super) const fn new(columns: Option<Vec<String>>) -> Self {
        Self { columns }
    }
}

impl Writer for Lines {
    fn row(&mut self, row: &RawRow, out: &mut dyn Write) -> io::Result<()> {
        write(row, self.columns.as_deref(), out)?;
        out.write_all(b"\n")
    }

    fn finish(&mut self, _: &Value, _: &mut dyn Write) -> io::Result<()> {
        Ok(())
    }
}

/// `{"rows": […], "meta": {…}}`
pub(super) struct Document {
    columns: Option<Vec<String>>,
    started: bool,
}

impl Document {
    pub(super) const fn new(columns: Option<Vec<String>>, started: bool) -> Self {
        Self { columns, started }
    }
}

impl Writer for Document {
    fn row(&mut self, row: &RawRow, out: &mut dyn Write) -> io::Result<()> {
        out.write_all(if self.started { b",\n" } else { b"{\"rows\": [\n" })?;
        self.started = true;
        write(row, self.columns.as_deref(), out)
    }

    fn finish(&mut self, summary: &Value, out: &mut dyn Write) -> io::Result<()> {
        let start = if self.started { "\n" } else { "{\"rows\": [" };
        writeln!(out, "{start}],\n\"meta\": {summary}}}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn written(mut writer: impl Writer, rows: &[&str]) -> String {
        let mut out = Vec::new();
        for row in rows {
            writer.row(&RawRow::parse(*row).expect("a row"), &mut out).expect("written");
        }
        writer.finish(&json!({ "tokens": 3 }), &mut out).expect("written");
        String::from_utf8(out).expect("UTF-8")
    }

    #[test]
    fn lines_are_rows_as_they_were_sent() {
        assert_eq!(written(Lines::new(None), &["{\"b\": 1.50,\n\"a\": 2}", "{}"]), "{\"b\": 1.50, \"a\": 2}\n{}\n");
        let chosen = Some(vec!["a".to_owned(), "x".to_owned(), "b".to_owned()]);
        assert_eq!(written(Lines::new(chosen), &["{\"b\": 1, \"a\": 2, \"c\": 3}", "{}"]), "{\"a\":2,\"b\":1}\n{}\n");
    }

    #[test]
    fn a_document_is_json_with_and_without_rows() {
        for rows in [&[][..], &["{\"a\": 1}"], &["{\"a\": 1}", "{\"a\": 2}"]] {
            let document: Value = serde_json::from_str(&written(Document::new(None, false), rows)).expect("JSON");
            assert_eq!(document["rows"].as_array().map(Vec::len), Some(rows.len()));
            assert_eq!(document["meta"]["tokens"], 3);
        }
    }
}
