use arrow_schema::ArrowError;
use serde_json::Value;

use super::*;
use crate::output::writer::ColumnType;

/// Notes of what was written.
#[derive(Default)]
struct Told(Vec<String>);

impl Batches for Told {
    const NAME: &'static str = "Told";

    fn start(schema: &SchemaRef) -> Result<Self, ArrowError> {
        Ok(Self(schema.fields().iter().map(|field| format!("{}: {}", field.name(), field.data_type())).collect()))
    }

    fn write(&mut self, batch: &RecordBatch, _: &mut dyn Write) -> io::Result<()> {
        self.0.push(format!("{} rows", batch.num_rows()));
        Ok(())
    }

    fn finish(&mut self, _: &mut dyn Write) -> io::Result<()> {
        self.0.push("end".into());
        Ok(())
    }
}

fn columns() -> Columns {
    let types = [("id", "integer"), ("at", "timestamp")].map(|(name, ty)| (name.to_owned(), ColumnType { ty, required: true }));
    Columns { known: vec!["id".into(), "at".into()], types: types.into(), ..Columns::default() }
}

fn write(rows: impl IntoIterator<Item = String>) -> (io::Result<()>, Columnar<Told>) {
    let mut writer = Columnar::<Told>::new(columns());
    let all = || {
        for row in rows {
            writer.row(&RawRow::parse(row).expect("a row"), &mut io::sink())?;
        }
        writer.finish(&Value::Null, &mut io::sink())
    };
    let written = all();
    (written, writer)
}

fn told(writer: &Columnar<Told>) -> Vec<&str> {
    writer.open.iter().flat_map(|open| &open.batches.0).map(String::as_str).collect()
}

#[test]
fn no_rows_make_a_file_with_the_columns_of_the_model() {
    let (written, writer) = write([]);
    assert!(written.is_ok());
    assert_eq!(told(&writer), ["id: Int64", "at: Utf8", "end"]);
}

#[test]
fn batches_are_bounded_and_a_null_fits_any_column() {
    let rows = (0..MOST_ROWS as u64 + 5).map(|id| match id % 2 {
        0 => format!("{{\"id\": {id}, \"at\": \"2025-04-11T08:29:09\", \"new\": [1]}}"),
        _ => "{\"id\": null}".into(),
    });
    let (written, writer) = write(rows);
    assert!(written.is_ok());
    let first = format!("{MOST_ROWS} rows");
    assert_eq!(told(&writer), ["id: Int64", "at: Timestamp(µs)", "new: Utf8", first.as_str(), "5 rows", "end"]);
    assert!(writer.notes().is_empty());
}

#[test]
fn first_rows_that_do_not_fit_make_text_and_a_later_one_ends_the_run() {
    let (written, writer) = write(["{\"id\": \"a\"}".into()]);
    assert!(written.is_ok() && told(&writer)[0] == "id: Utf8");
    assert_eq!(writer.notes(), ["`id` is text here: its values do not fit `integer`"]);
    let rows = (0..=MOST_ROWS).map(|id| if id < MOST_ROWS { format!("{{\"id\": {id}}}") } else { "{\"id\": \"a\"}".into() });
    let (written, _) = write(rows);
    let error = written.expect_err("a value that does not fit").to_string();
    assert!(error.starts_with(&format!("row {}: `id` is `\"a\"`", MOST_ROWS + 1)), "{error}");
    assert!(error.contains("64-bit integer") && error.contains("--format ndjson"), "{error}");
}
