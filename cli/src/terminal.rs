//! Tables, headings and JSON on standard output, errors on standard error. Colors appear only on a terminal.

use std::io::{self, Write};

use anstyle::{AnsiColor, Style};
use comfy_table::{ContentArrangement, Table, presets};
use placewise_reporting::FromObject;

/// Format of the results.
#[derive(Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum Output {
    /// Text and tables
    Text,
    /// JSON
    Json,
}

/// A heading.
pub(crate) fn heading(text: &str) -> io::Result<()> {
    let bold = Style::new().bold();
    writeln!(anstream::stdout(), "\n{bold}{text}{bold:#}")
}

/// A line, or several.
pub(crate) fn line(text: &str) -> io::Result<()> {
    writeln!(anstream::stdout(), "{text}")
}

/// An error.
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
        table.add_row(row.iter().map(|cell| without_controls(cell)));
    }
    writeln!(anstream::stdout(), "{table}")
}

/// Some columns of some rows.
pub(crate) fn rows<R: FromObject>(rows: &[R], columns: &[&str]) -> io::Result<()> {
    let cells = rows.iter().map(|row| {
        let row = row.flat();
        let cell = |column: &&str| row.columns().find(|(name, _)| name == column).map(|(_, text)| text).unwrap_or_default();
        columns.iter().map(cell).collect()
    });
    table(columns, cells)
}

/// A server's text must not control the terminal.
fn without_controls(text: &str) -> String {
    text.chars().map(|c| if c.is_control() { '\u{fffd}' } else { c }).collect()
}
