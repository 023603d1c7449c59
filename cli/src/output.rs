//! How results are shown: tables and headings for people, JSON for machines. Results go to standard output, words about them to standard
//! error; colours only where a terminal reads.

use std::io::{self, Write};

use anstyle::{AnsiColor, Style};
use comfy_table::{ContentArrangement, Table, presets};
use placewise_reporting::Record;

/// How results are printed.
#[derive(Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum Format {
    /// For people
    Text,
    /// For machines
    Json,
}

/// A heading.
pub(crate) fn heading(text: &str) -> io::Result<()> {
    let bold = Style::new().bold();
    writeln!(anstream::stdout(), "\n{bold}{text}{bold:#}")
}

/// A line.
pub(crate) fn line(text: &str) -> io::Result<()> {
    writeln!(anstream::stdout(), "{text}")
}

/// An error, with what to do.
pub(crate) fn error(message: &str) {
    let red = Style::new().fg_color(Some(AnsiColor::Red.into())).bold();
    let _ = writeln!(anstream::stderr(), "{red}error{red:#}: {message}");
}

/// JSON, and nothing else.
pub(crate) fn json(value: &serde_json::Value) -> io::Result<()> {
    writeln!(io::stdout(), "{}", serde_json::to_string_pretty(value).map_err(io::Error::other)?)
}

/// A table of cells.
pub(crate) fn table(head: &[&str], rows: impl IntoIterator<Item = Vec<String>>) -> io::Result<()> {
    let mut table = Table::new();
    table
        .load_style(presets::UTF8_FULL_CONDENSED)
        .set_content_arrangement(ContentArrangement::Dynamic)
        .set_header(head.iter().copied());
    for row in rows {
        table.add_row(row.iter().map(|cell| plain(cell)));
    }
    writeln!(anstream::stdout(), "{table}")
}

/// Some columns of some rows.
pub(crate) fn rows<R: Record>(rows: &[R], columns: &[&str]) -> io::Result<()> {
    let cells = rows.iter().map(|row| {
        let cells = row.cells();
        let cell =
            |column: &&str| cells.iter().find(|(key, _)| key == column).map_or_else(String::new, |(_, cell)| cell.to_string());
        columns.iter().map(cell).collect()
    });
    table(columns, cells)
}

/// What a server sent must not steer the terminal.
fn plain(text: &str) -> String {
    text.chars().map(|c| if c.is_control() { '\u{fffd}' } else { c }).collect()
}
