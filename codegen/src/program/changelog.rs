//! `changelog`: prints or adds the entries of CHANGELOG.md for what differs between two specs.

use std::io::{self, Write};
use std::path::PathBuf;

use placewise_model::exit::{Failure, Outcome};

use super::files::{read, replace};
use super::sides;
use super::terminal::{Format, say};
use crate::diff::{add_to_changelog, changelog};

#[derive(clap::Args)]
pub(super) struct Arguments {
    #[command(flatten)]
    sides: sides::Arguments,
    /// Add the entries that this file lacks under `## Unreleased`, instead of printing all
    #[arg(long, value_name = "FILE", num_args = 0..=1, default_missing_value = "CHANGELOG.md")]
    write: Option<PathBuf>,
}

pub(super) fn run(arguments: Arguments, format: Format) -> Outcome {
    let changes = arguments.sides.changes(format)?;
    let Some(path) = arguments.write else { return Ok(write!(io::stdout(), "{}", changelog(&changes))?) };
    let missing = || Failure::CannotRun(format!("{}: no such file", path.display()));
    let old = read(&path)?.ok_or_else(missing)?;
    let new = add_to_changelog(&old, &changes).map_err(|error| Failure::CannotRun(format!("{}: {error}", path.display())))?;
    if new == old {
        say(&format!("{}: nothing to add", path.display()));
        return Ok(());
    }
    replace(&path, &new)?;
    say(&format!("{}: entries added under Unreleased", path.display()));
    Ok(())
}
