//! The arguments of `query` and `plan`.

use std::io::{self, IsTerminal};
use std::path::PathBuf;

use placewise_model::exit::Failure;

use crate::completions;
use crate::connection::ConnectionArguments;
use crate::output::Format;
use crate::terminal::printable;

/// The first rows of a table, unless `--limit` says otherwise.
const TABLE_ROWS: u64 = 100;

#[derive(clap::Args, Clone)]
pub(crate) struct Arguments {
    /// The report; `placewise reports` lists them
    #[arg(add = completions::reports())]
    pub(super) report: String,
    /// Condition that rows must meet, such as `kind = new and created_at >= 2025-01-01`
    #[arg(long = "where", value_name = "CONDITION", add = completions::conditions())]
    pub(super) condition: Option<String>,
    /// Aggregation of the report
    #[arg(long, value_name = "AGGREGATION", add = completions::aggregations())]
    pub(super) by: Option<String>,
    /// Start of the range of a timeseries
    #[arg(long, value_name = "DATE", allow_hyphen_values = true)]
    pub(super) from: Option<String>,
    /// End of the range of a timeseries; a day includes its end [default: now]
    #[arg(long, value_name = "DATE", allow_hyphen_values = true)]
    pub(super) to: Option<String>,
    /// Interval of a timeseries [default: the server chooses]
    #[arg(long, add = completions::intervals())]
    pub(super) interval: Option<String>,
    /// Leave out the part of a range that is older than the retention of the interval
    #[arg(long)]
    pub(super) clip: bool,
    /// Columns to write, in this order
    #[arg(long, value_name = "NAMES", value_delimiter = ',', add = completions::columns())]
    pub(super) columns: Option<Vec<String>>,
    /// Maximum of rows [default: 100 in a table, otherwise all]
    #[arg(long, value_name = "ROWS", value_parser = clap::value_parser!(u64).range(1..))]
    pub(super) limit: Option<u64>,
    /// Rows per page [default: the server chooses, or as --limit needs]
    #[arg(long, value_name = "ROWS", value_parser = clap::value_parser!(u32).range(1..))]
    pub(super) page_size: Option<u32>,
    /// Time zone of dates without an offset, such as Europe/Oslo
    #[arg(long)]
    pub(super) zone: Option<String>,
    /// Stop before more tokens than these are charged
    #[arg(long, value_name = "TOKENS")]
    pub(super) max_tokens: Option<u64>,
    /// File to write; it appears when it is complete
    #[arg(long, value_name = "FILE")]
    pub(super) out: Option<PathBuf>,
    /// Replace the file if it exists
    #[arg(long)]
    pub(super) overwrite: bool,
    /// Go on with a run that stopped, from FILE.partial and FILE.resume
    #[arg(long, requires = "out")]
    pub(super) resume: bool,
    /// SVG file to draw the chart of a timeseries to; it appears when it is complete
    #[arg(long, value_name = "FILE.svg")]
    pub(super) plot: Option<PathBuf>,
    /// Leave CSV cells as they are that a spreadsheet would run as formulas
    #[arg(long)]
    pub(super) raw: bool,
    #[command(flatten)]
    pub(super) connection: ConnectionArguments,
}

impl Arguments {
    /// The format: that of `--format`, of the file's name, or a table.
    pub(super) fn format(&self, chosen: Option<Format>) -> Result<Format, Failure> {
        let format = self.named_format(chosen)?;
        format.check_built()?;
        let name = format.name();
        if format.is_binary() && self.out.is_none() && io::stdout().is_terminal() {
            return Err(Failure::CannotRun(format!("{name} is binary, which a terminal cannot show; add --out FILE")));
        }
        Ok(format)
    }

    fn named_format(&self, chosen: Option<Format>) -> Result<Format, Failure> {
        let (None, Some(path)) = (chosen, &self.out) else { return Ok(chosen.unwrap_or(Format::Text)) };
        let extension = path.extension().and_then(|extension| extension.to_str());
        extension.and_then(Format::of_extension).ok_or_else(|| {
            let path = printable(&path.display().to_string());
            Failure::CannotRun(format!(
                "the name `{path}` tells no format; add --format, or end it in .csv, .ndjson, .json, .parquet, .arrow or .txt"
            ))
        })
    }

    /// The maximum of rows.
    pub(super) fn most_rows(&self, format: Format) -> Option<u64> {
        self.limit.or((format == Format::Text).then_some(TABLE_ROWS))
    }
}
