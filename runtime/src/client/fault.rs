//! Why an answer cannot be read. In comes the place and what was found there; out goes an error with no secret in any part that came
//! from the server, and with the assumptions that may be to blame.

use serde_json::value::RawValue;

use super::transport::Core;
use crate::{DecodeError, Error, Mismatch, query::Ask, text::Beginning};

/// Why an answer cannot be read.
pub(crate) struct Fault {
    row: Option<usize>,
    series: Option<usize>,
    field: Option<String>,
    problem: Problem,
    text: Beginning,
}

/// What is wrong: in words, or by a value that is shown only when the secrets in it are hidden.
enum Problem {
    Said(String),
    Found(Mismatch),
}

impl Fault {
    /// The answer as a whole is at fault.
    pub(crate) fn whole(problem: impl Into<String>, text: &str) -> Self {
        Self { row: None, series: None, field: None, problem: Problem::Said(problem.into()), text: Beginning::of(text) }
    }

    /// Something in it is.
    pub(crate) fn at(field: String, problem: impl Into<String>, text: &str) -> Self {
        Self { field: Some(field), ..Self::whole(problem, text) }
    }

    /// A value is, in this text.
    pub(crate) fn of(error: Mismatch, text: &str) -> Self {
        let field = error.path();
        Self { row: None, series: None, field, problem: Problem::Found(error), text: Beginning::of(text) }
    }

    /// A row is.
    pub(crate) fn in_row(self, index: usize) -> Self {
        Self { row: Some(index), ..self }
    }

    /// A series is.
    pub(crate) fn in_series(self, index: usize) -> Self {
        Self { series: Some(index), ..self }
    }

    /// The error. `aggregation` and `path` are the assumptions that the request's aggregation and path rest on.
    pub(crate) fn into_error(
        self,
        core: &Core,
        ask: &Ask,
        aggregation: Option<&'static str>,
        path: Option<&'static str>,
    ) -> Error {
        let settings = &core.settings;
        let mut rests = Vec::new();
        if self.row.is_none() && self.series.is_none() {
            rests.extend(settings.resting(path));
        } else if ask.aggregation.is_some() {
            rests.extend(settings.resting(aggregation));
        }
        // Null where something else was expected.
        if matches!(&self.problem, Problem::Found(error) if error.found() == "null") {
            rests.extend(settings.types());
        }
        let problem = match self.problem {
            Problem::Said(problem) => core.hide(&problem),
            Problem::Found(error) => core.hide(&error.problem(|found| core.show(found))),
        };
        Error::Decode(Box::new(DecodeError {
            report: ask.asked.report,
            endpoint: ask.asked.endpoint,
            row: self.row,
            series: self.series,
            field: self.field.map(|field| core.hide(&field)),
            problem,
            snippet: core.show(&self.text),
            rests,
        }))
    }
}

/// Refuses what is not JSON, and says what it is instead where that can be told.
pub(crate) fn check_json(text: &str) -> Result<(), Fault> {
    let Err(error) = serde_json::from_str::<&RawValue>(text) else { return Ok(()) };
    if text.starts_with('\u{feff}') {
        return Err(Fault::whole("expected JSON, found a byte order mark before it, which JSON must not have", text));
    }
    let start = text.trim_start();
    if start.is_empty() {
        return Err(Fault::whole("expected JSON, found an empty body", ""));
    }
    if start.starts_with('<') {
        return Err(Fault::whole("expected JSON, found an HTML page; something between client and API may have answered", text));
    }
    // serde_json's words name a position and never repeat the text.
    Err(Fault::whole(format!("expected JSON ({error})"), text))
}
