//! What the two formats differ in: how a file takes batches.

use std::io::{self, Write};

use arrow_array::RecordBatch;
use arrow_schema::{ArrowError, SchemaRef};

/// A file that takes batches.
pub(super) trait Batches: Sized + Send {
    /// Its name in messages.
    const NAME: &'static str;

    fn start(schema: &SchemaRef) -> Result<Self, ArrowError>;

    /// Writes a batch, and passes on what is ready.
    fn write(&mut self, batch: &RecordBatch, out: &mut dyn Write) -> io::Result<()>;

    /// Writes what follows the last batch.
    fn finish(&mut self, out: &mut dyn Write) -> io::Result<()>;
}
