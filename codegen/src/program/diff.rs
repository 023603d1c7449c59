//! `diff`: prints what the differences of two specs break.

use std::io::{self, Write};

use clap::builder::{PossibleValuesParser, TypedValueParser};
use placewise_model::exit::{Failure, Outcome};

use super::sides;
use super::terminal::{Format, plural, say};
use crate::diff::{Class, summary, to_github, to_human, to_json, to_markdown};

#[derive(clap::Args)]
pub(super) struct Arguments {
    #[command(flatten)]
    sides: sides::Arguments,
    /// Exit with 1 if a change is of this class; may be given several times
    #[arg(long, value_name = "CLASS", value_parser = classes())]
    deny: Vec<Class>,
}

fn classes() -> impl TypedValueParser<Value = Class> {
    let read = |word: String| Class::ALL.iter().copied().find(|class| class.word() == word).ok_or("no class");
    PossibleValuesParser::new(Class::ALL.iter().map(|class| class.word())).try_map(read)
}

pub(super) fn run(arguments: Arguments, format: Format) -> Outcome {
    if format == Format::Sarif {
        return Err(Failure::CannotRun("changes are no findings, so they have no SARIF; use `--format json`".into()));
    }
    let changes = arguments.sides.changes(format)?;
    let text = match format {
        Format::Text => to_human(&changes),
        Format::Markdown => to_markdown(&changes),
        Format::Github => to_github(&changes),
        Format::Json | Format::Sarif => serde_json::to_string_pretty(&to_json(&changes)).unwrap_or_default() + "\n",
    };
    write!(io::stdout(), "{text}")?;
    if format == Format::Text {
        say(&summary(&changes));
    }
    let denied: Vec<String> = Class::ALL
        .iter()
        .filter(|class| arguments.deny.contains(class))
        .filter_map(|class| {
            let count = changes.iter().filter(|change| change.class == *class).count();
            (count > 0).then(|| format!("{}: {}", class.describe(), plural(count, "change")))
        })
        .collect();
    if denied.is_empty() { Ok(()) } else { Err(Failure::Findings(format!("denied: {}", denied.join(", ")))) }
}
