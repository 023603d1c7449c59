//! `placewise query` and `placewise plan`: a question to any report of the model, by name.
//!
//! Everything about the report comes from the model, so what the spec forbids is refused before anything is sent. `prepare` makes the query,
//! `run` sends it, and `plan` says what sending it would take.

mod arguments;
mod chart;
mod columns;
mod history;
mod pages;
mod plan;
#[cfg(feature = "plot")]
mod plot;
mod prepare;
mod progress;
mod run;
mod series;
mod waiting;

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
    let stopped = match (&arguments.out, arguments.resume) {
        (Some(path), true) => Some(stopped_run(path)),
        _ => None,
    };
    let prepared = Prepared::of(arguments, format, stopped.as_ref().and_then(|stopped| stopped.as_ref().ok()))?;
    // Rows go into the file as they come; a chart is written at the end, whatever its format.
    if let (true, Question::Records(_), false) = (stopped.is_some(), &prepared.question, prepared.format.can_resume()) {
        let problem = format!("--resume: a {} file cannot be continued; start anew with --overwrite", prepared.format.name());
        return Err(Failure::CannotRun(problem));
    }
    let stopped = stopped.transpose()?;
    let client = prepared.connection.client()?;
    let earlier = stopped.as_ref().map_or(0, |stopped| stopped.spent);
    let client = match arguments.max_tokens {
        Some(most) => client.with_max_tokens(most.saturating_sub(earlier)),
        None => client,
    };
    let run = Run { arguments, prepared: &prepared, client: &client, earlier };
    match &prepared.question {
        Question::Records(query) => run.records(query, stopped).await,
        Question::Series(query) => series::run(&run, query, stopped).await,
        Question::Statistics(_) if stopped.is_some() => {
            Err(Failure::CannotRun("figures come in one response, so there is nothing to resume; remove --resume".into()))
        }
        Question::Statistics(query) => run.statistics(query).await,
    }
}
