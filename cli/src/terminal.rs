//! Tables, headings and JSON on standard output, errors on standard error. Colors appear only on a terminal.

use std::io::{self, BufRead, IsTerminal, Write};

use anstyle::{AnsiColor, Style};
use comfy_table::{ContentArrangement, Table, presets};
use placewise_model::is_printable;
use placewise_reporting::FromObject;

/// Format of the results.
#[derive(Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum Output {
    /// Text and tables
    Text,
    /// JSON
    Json,
}

/// An error of standard output, which says so.
pub(crate) fn unwritten(error: io::Error) -> io::Error {
    io::Error::new(error.kind(), format!("cannot write to standard output: {error}"))
}

/// A heading.
pub(crate) fn heading(text: &str) -> io::Result<()> {
    let bold = Style::new().bold();
    writeln!(anstream::stdout(), "\n{bold}{text}{bold:#}").map_err(unwritten)
}

/// A line, or several.
pub(crate) fn line(text: &str) -> io::Result<()> {
    writeln!(anstream::stdout(), "{text}").map_err(unwritten)
}

/// An error: text, or a JSON object on one line.
pub(crate) fn error(message: &str, output: Output) {
    let message = message.lines().map(printable).collect::<Vec<_>>().join("\n");
    let red = Style::new().fg_color(Some(AnsiColor::Red.into())).bold();
    let _ = match output {
        Output::Text => writeln!(anstream::stderr(), "{red}error{red:#}: {message}"),
        Output::Json => writeln!(io::stderr(), "{}", serde_json::json!({ "error": message })),
    };
}

/// What is wrong with the command line as JSON, without usage and help.
pub(crate) fn usage_error(error: &clap::Error) {
    let rendered = error.render().to_string();
    let about =
        rendered.split("\n\n").take_while(|part| !part.starts_with("Usage:") && !part.starts_with("For more information"));
    let parts: Vec<String> = about.map(|part| part.split_whitespace().collect::<Vec<_>>().join(" ")).collect();
    let message = parts.join("; ");
    self::error(message.strip_prefix("error: ").unwrap_or(&message), Output::Json);
}

/// JSON, and nothing else.
pub(crate) fn json(value: &serde_json::Value) -> io::Result<()> {
    writeln!(io::stdout(), "{}", serde_json::to_string_pretty(value).map_err(io::Error::other)?).map_err(unwritten)
}

/// Something worth knowing, on standard error.
pub(crate) fn note(message: &str) {
    let bold = Style::new().bold();
    let _ = writeln!(anstream::stderr(), "{bold}note{bold:#}: {message}");
}

/// Something odd, on standard error.
pub(crate) fn warning(message: &str) {
    let yellow = Style::new().fg_color(Some(AnsiColor::Yellow.into())).bold();
    let _ = writeln!(anstream::stderr(), "{yellow}warning{yellow:#}: {message}");
}

/// Why the server is not asked; none if the price is accepted.
pub(crate) fn refusal(yes: bool, price: &str) -> Option<String> {
    if yes {
        note(&format!("asking the server: {price}"));
        return None;
    }
    if !(io::stdin().is_terminal() && io::stderr().is_terminal()) {
        return Some(format!("the server was not asked, because that takes {price}; add --yes"));
    }
    let mut answer = String::new();
    let _ = write!(io::stderr(), "Ask the server? It takes {price}. [y/N] ");
    let _ = io::stdin().lock().read_line(&mut answer);
    let accepted = matches!(answer.trim().to_ascii_lowercase().as_str(), "y" | "yes");
    (!accepted).then(|| "the server was not asked".to_owned())
}

/// The width of the terminal; none in a pipe, and where a terminal does not tell it.
pub(crate) fn width() -> Option<u16> {
    Table::new().width().filter(|width| *width > 0)
}

/// A table of cells.
pub(crate) fn table(head: &[&str], rows: impl IntoIterator<Item = Vec<String>>) -> io::Result<()> {
    writeln!(anstream::stdout(), "{}", table_of(head, rows)).map_err(unwritten)
}

/// A table of cells as text.
pub(crate) fn table_of(head: &[&str], rows: impl IntoIterator<Item = Vec<String>>) -> Table {
    let mut table = Table::new();
    table
        .load_style(presets::UTF8_FULL_CONDENSED)
        .set_content_arrangement(ContentArrangement::Dynamic)
        .set_header(head.iter().map(|cell| printable(cell)));
    if width().is_none() {
        table.set_content_arrangement(ContentArrangement::Disabled);
    }
    for row in rows {
        table.add_row(row.iter().map(|cell| printable(cell)));
    }
    table
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

/// Text that cannot control a terminal: control characters, and those that turn the direction of text, are replaced.
pub(crate) fn printable(text: &str) -> String {
    text.chars().map(|c| if is_printable(c) { c } else { '\u{fffd}' }).collect()
}

/// A count and its word.
pub(crate) fn plural(count: u64, word: &str) -> String {
    if count == 1 { format!("1 {word}") } else { format!("{count} {word}s") }
}
