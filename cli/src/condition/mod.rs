//! The conditions of `--where`: `kind = new and created_at >= 2025-01-01 and group in (1, 2)`.
//!
//! `parse` knows the grammar and no report; `resolve` checks the names, operators and values against a report and makes the filter.

mod parse;
mod problem;
mod resolve;

use placewise_model::exit::Failure;
use placewise_reporting::ReportInfo;

use crate::dates::Dates;
use problem::underlined;
pub(crate) use resolve::Condition;

/// The help of the language.
pub(crate) const HELP: &str = "Conditions:
  kind = new and created_at >= 2025-01-01
  (group in (1, 2) or group is null) and not (name is null)
  Operators: = != < <= > >= in, not in, is null, is not null, and, or, not, parentheses.
  Quote values and fields that have spaces or are keywords: name = 'it''s' or name = \"a \\\"b\\\"\".
  A day stands for the whole day: `<= 2025-01-31` includes it, `> 2025-01-31` starts after it.";

/// How many problems of a condition are shown.
const MOST_SHOWN: usize = 10;

/// Reads a condition on the fields of a report.
pub(crate) fn read(report: &ReportInfo, dates: &Dates, text: &str) -> Result<Condition, Failure> {
    let resolved = parse::parse(text).map_err(|problem| vec![problem]).and_then(|tree| resolve::resolve(report, dates, &tree));
    resolved.map_err(|problems| {
        let more = problems.len().saturating_sub(MOST_SHOWN);
        let shown: Vec<String> = problems.iter().take(MOST_SHOWN).map(|problem| underlined(text, problem)).collect();
        let more = if more == 0 { String::new() } else { format!("\nand {more} more") };
        Failure::CannotRun(format!("--where: {}{more}", shown.join("\n")))
    })
}

#[cfg(test)]
mod tests;
