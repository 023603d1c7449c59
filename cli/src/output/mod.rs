//! Rows on their way out: the formats, and where they go.
//!
//! A format is a [`Writer`]. It gets rows as the server sent them, one at a time, and writes them into any `Write`: standard output, or a file
//! that appears when it is complete.

pub(crate) mod cells;
mod csv_writer;
mod json_writer;
pub(crate) mod place;
mod table_writer;
mod writer;

pub(crate) use writer::{Columns, Writer};

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
}

impl Format {
    /// The format that the name of a file tells.
    pub(crate) fn of_extension(extension: &str) -> Option<Self> {
        match extension.to_ascii_lowercase().as_str() {
            "txt" => Some(Self::Text),
            "json" => Some(Self::Json),
            "ndjson" | "jsonl" => Some(Self::Ndjson),
            "csv" => Some(Self::Csv),
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
        }
    }

    /// Whether rows can be added to a file of this format that was cut between two rows.
    pub(crate) const fn can_resume(self) -> bool {
        !matches!(self, Self::Text)
    }

    /// Its writer. `rows` were written by the run that it goes on with.
    pub(crate) fn writer(self, columns: Columns, rows: u64) -> Box<dyn Writer> {
        match self {
            Self::Text => Box::new(table_writer::Table::new(columns)),
            Self::Json => Box::new(json_writer::Document::new(columns.chosen, rows > 0)),
            Self::Ndjson => Box::new(json_writer::Lines::new(columns.chosen)),
            Self::Csv => Box::new(csv_writer::Csv::new(columns)),
        }
    }
}
