//! Parquet, compressed with Snappy, which every reader knows.

use std::io::{self, Write};

use arrow_array::RecordBatch;
use arrow_schema::{ArrowError, SchemaRef};
use parquet::arrow::ArrowWriter;
use parquet::basic::Compression;
use parquet::file::metadata::KeyValue;
use parquet::file::properties::WriterProperties;

use super::batches::Batches;
use crate::output::sink::Sink;

/// The memory of a row group. Readers like large ones, and the program should stay small.
const MOST_MEMORY: usize = 24 << 20;

pub(super) struct Groups {
    writer: ArrowWriter<Sink>,
    sink: Sink,
}

impl Batches for Groups {
    const NAME: &'static str = "Parquet";

    fn start(schema: &SchemaRef) -> Result<Self, ArrowError> {
        let about = schema.metadata().iter().map(|(key, value)| KeyValue::new(key.clone(), value.clone()));
        let mut about: Vec<KeyValue> = about.collect();
        about.sort_by(|one, other| one.key.cmp(&other.key));
        let properties =
            WriterProperties::builder().set_compression(Compression::SNAPPY).set_key_value_metadata(Some(about)).build();
        let sink = Sink::default();
        Ok(Self { writer: ArrowWriter::try_new(sink.clone(), schema.clone(), Some(properties))?, sink })
    }

    fn write(&mut self, batch: &RecordBatch, out: &mut dyn Write) -> io::Result<()> {
        self.writer.write(batch)?;
        if self.writer.memory_size() >= MOST_MEMORY {
            self.writer.flush()?;
        }
        self.sink.pass_on(out)
    }

    fn finish(&mut self, out: &mut dyn Write) -> io::Result<()> {
        self.writer.finish()?;
        self.sink.pass_on(out)
    }
}
