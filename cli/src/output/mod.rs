//! Rows on their way out: the formats, and where they go.
//!
//! A format is a [`Writer`]. It gets rows as the server sent them, one at a time, and writes them into any `Write`: standard output, or a file
//! that appears when it is complete.

pub(crate) mod cells;
#[cfg(any(feature = "arrow", feature = "parquet"))]
mod columnar;
mod csv_writer;
mod json_writer;
pub(crate) mod place;
mod sink;
mod table_writer;
mod writer;

use placewise_model::exit::Failure;

pub(crate) use writer::{ColumnType, Columns, Writer};

/// The format of an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum Format {
    /// A table
    Text,
    /// One JSON document, with what became of the requests
    Json,
    /// One JSON object per line, as the server sent it (query alone)
    Ndjson,
    /// Comma-separated values, with JSON in nested cells (query alone)
    Csv,
    /// Parquet, with typed columns (query alone)
    Parquet,
    /// Arrow IPC file (Feather), with typed columns (query alone)
    Arrow,
}

impl Format {
    /// The format that the name of a file tells.
    pub(crate) fn of_extension(extension: &str) -> Option<Self> {
        match extension.to_ascii_lowercase().as_str() {
            "txt" => Some(Self::Text),
            "json" => Some(Self::Json),
            "ndjson" | "jsonl" => Some(Self::Ndjson),
            "csv" => Some(Self::Csv),
            "parquet" => Some(Self::Parquet),
            "arrow" | "feather" => Some(Self::Arrow),
            _ => None,
        }
    }

    /// Its name on the command line.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Text => "text",
            Self::Json => "json",
            Self::Ndjson => "ndjson",
            Self::Csv => "csv",
            Self::Parquet => "parquet",
            Self::Arrow => "arrow",
        }
    }

    /// Whether rows can be added to a file of this format that was cut between two rows.
    pub(crate) const fn can_resume(self) -> bool {
        !matches!(self, Self::Text | Self::Parquet | Self::Arrow)
    }

    /// Whether it is bytes that a terminal cannot show.
    pub(crate) const fn is_binary(self) -> bool {
        matches!(self, Self::Parquet | Self::Arrow)
    }

    /// Refuses a format that this program was built without.
    pub(crate) fn check_built(self) -> Result<(), Failure> {
        match self {
            Self::Parquet if cfg!(not(feature = "parquet")) => Err(not_built("--format parquet", "parquet")),
            Self::Arrow if cfg!(not(feature = "arrow")) => Err(not_built("--format arrow", "arrow")),
            _ => Ok(()),
        }
    }

    /// Its writer. `rows` were written by the run that it goes on with.
    pub(crate) fn writer(self, columns: Columns, rows: u64) -> Result<Box<dyn Writer>, Failure> {
        self.check_built()?;
        Ok(match self {
            Self::Json => Box::new(json_writer::Document::new(columns.chosen, rows > 0)),
            Self::Ndjson => Box::new(json_writer::Lines::new(columns.chosen)),
            Self::Csv => Box::new(csv_writer::Csv::new(columns)),
            #[cfg(feature = "parquet")]
            Self::Parquet => columnar::parquet(columns),
            #[cfg(feature = "arrow")]
            Self::Arrow => columnar::arrow(columns),
            // A format that this program was built without was refused.
            _ => Box::new(table_writer::Table::new(columns)),
        })
    }
}

/// What needs a feature that this program was built without.
pub(crate) fn not_built(what: &str, feature: &str) -> Failure {
    Failure::CannotRun(format!(
        "{what} needs the feature `{feature}`, which this program was built without; install it with \
         `cargo install --path cli --locked --features {feature}`, or everything with `--features full`"
    ))
}
