//! `placewise query` and `placewise plan`: a question to any report of the model, by name.
//!
//! Everything about the report comes from the model, so what the spec forbids is refused before anything is sent. `prepare` makes the query,
//! `run` sends it, and `plan` says what sending it would take.

mod arguments;
mod chart;
mod columns;
mod pages;
mod plan;
#[cfg(feature = "plot")]
mod plot;
mod prepare;
mod progress;
mod run;
mod series;

use placewise_model::exit::{Failure, Outcome};

use crate::output::Format;
use crate::output::place::stopped_run;
use prepare::{Prepared, Question};
use run::Run;

pub(crate) use arguments::Arguments;
pub(crate) use plan::run as plan;

/// The help after the arguments.
pub(crate) fn help(example: &str) -> String {
    let (conditions, dates) = (crate::condition::HELP, crate::dates::HELP);
    format!("Examples:\n{example}\n\n{conditions}\n\n{dates}\n\n{}", placewise_model::exit::HELP)
}

/// Sends a query and writes its answer.
pub(crate) async fn run(arguments: &Arguments, format: Option<Format>) -> Outcome {
    // A format that cannot be continued is refused before its file is looked for.
    arguments.format(format)?;
    let stopped = match (&arguments.out, arguments.resume) {
        (Some(path), true) => Some(stopped_run(path)?),
        _ => None,
    };
    let prepared = Prepared::of(arguments, format, stopped.as_ref())?;
    let client = prepared.connection.client()?;
    let run = Run { arguments, prepared: &prepared, client: &client };
    match &prepared.question {
        Question::Records(query) => run.records(query, stopped).await,
        _ if stopped.is_some() => {
            Err(Failure::CannotRun("only a query of rows is resumed; this report has one answer, so remove --resume".into()))
        }
        Question::Series(query) => series::run(&run, query).await,
        Question::Statistics(query) => run.statistics(query).await,
    }
}
