//! An Arrow IPC file, also known as Feather version 2. It is not compressed, so readers can map it into memory.

use std::io::{self, Write};

use arrow_array::RecordBatch;
use arrow_ipc::writer::FileWriter;
use arrow_schema::{ArrowError, SchemaRef};

use super::batches::Batches;
use crate::output::sink::Sink;

pub(super) struct Ipc {
    writer: FileWriter<Sink>,
    sink: Sink,
}

impl Batches for Ipc {
    const NAME: &'static str = "Arrow";

    fn start(schema: &SchemaRef) -> Result<Self, ArrowError> {
        let sink = Sink::default();
        Ok(Self { writer: FileWriter::try_new(sink.clone(), schema)?, sink })
    }

    fn write(&mut self, batch: &RecordBatch, out: &mut dyn Write) -> io::Result<()> {
        self.writer.write(batch).map_err(io::Error::other)?;
        self.sink.pass_on(out)
    }

    fn finish(&mut self, out: &mut dyn Write) -> io::Result<()> {
        self.writer.finish().map_err(io::Error::other)?;
        self.sink.pass_on(out)
    }
}
