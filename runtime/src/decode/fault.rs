//! A response that cannot be decoded: the fault becomes an error without secrets, with the assumptions that may be wrong.

use serde_json::value::RawValue;

use super::raw::{Exchange, RawResponse};
use crate::{error::Error, error::decode::DecodeError, json::mismatch::Mismatch, text::excerpt::Excerpt};

/// A response that cannot be decoded.
pub(crate) struct Fault {
    row: Option<usize>,
    series: Option<usize>,
    field: Option<String>,
    problem: Problem,
    text: Excerpt,
}

/// The problem: in words, or as a value that may hold a secret.
enum Problem {
    Said(String),
    Found(Mismatch),
}

impl Fault {
    /// The whole response is at fault.
    pub(crate) fn whole(problem: impl Into<String>, text: &str) -> Self {
        Self { row: None, series: None, field: None, problem: Problem::Said(problem.into()), text: Excerpt::of(text) }
    }

    /// A field is at fault.
    pub(crate) fn at(field: String, problem: impl Into<String>, text: &str) -> Self {
        Self { field: Some(field), ..Self::whole(problem, text) }
    }

    /// A value in this text is at fault.
    pub(crate) fn of(error: Mismatch, text: &str) -> Self {
        let field = error.path();
        Self { row: None, series: None, field, problem: Problem::Found(error), text: Excerpt::of(text) }
    }

    pub(crate) fn in_row(self, index: usize) -> Self {
        Self { row: Some(index), ..self }
    }

    pub(crate) fn in_series(self, index: usize) -> Self {
        Self { series: Some(index), ..self }
    }

    /// The error. `aggregation` and `path` are the assumptions behind the aggregation and the path of the request.
    pub(crate) fn into_error(self, exchange: &Exchange, aggregation: Option<&'static str>, path: Option<&'static str>) -> Error {
        let Exchange { query, overrides, secrets, meta, .. } = exchange;
        let mut assumptions = Vec::new();
        if self.row.is_none() && self.series.is_none() {
            assumptions.extend(overrides.assumed(path));
        } else if query.aggregation.is_some() {
            assumptions.extend(overrides.assumed(aggregation));
        }
        // An unexpected null may disprove an assumption about types.
        if matches!(&self.problem, Problem::Found(error) if error.found() == "null") {
            assumptions.extend(overrides.of_types());
        }
        let hide = |text: &str| secrets.hide(text).into_owned();
        let problem = match self.problem {
            Problem::Said(problem) => hide(&problem),
            Problem::Found(error) => error.problem(hide, |found| secrets.show(found)),
        };
        Error::Decode(Box::new(DecodeError {
            report: query.subject.report,
            endpoint: query.subject.endpoint,
            row: self.row,
            series: self.series,
            field: self.field.map(|field| secrets.show(&Excerpt::of(&field))),
            problem,
            snippet: secrets.show(&self.text),
            assumptions,
            meta: Box::new(meta.clone()),
        }))
    }
}

/// The body as text, without a byte order mark.
pub(crate) fn text(response: &RawResponse) -> Result<&str, Error> {
    match std::str::from_utf8(&response.bytes) {
        Ok(text) => Ok(text.trim_start_matches('\u{feff}')),
        Err(_) => Err(Fault::whole(other_charset(response), "").into_error(&response.exchange, None, None)),
    }
}

fn other_charset(response: &RawResponse) -> String {
    let declared = response
        .content_type
        .as_deref()
        .and_then(|kind| kind.to_ascii_lowercase().find("charset=").map(|at| kind.get(at + 8..).unwrap_or_default()));
    let declared = declared.map(|charset| charset.split(';').next().unwrap_or_default().trim_matches(['"', ' ']));
    match (&*response.bytes, declared) {
        ([0xff, 0xfe, ..] | [0xfe, 0xff, ..], _) => "expected UTF-8, found UTF-16".into(),
        (_, Some(charset)) if !charset.is_empty() && !charset.eq_ignore_ascii_case("utf-8") => {
            format!("expected UTF-8, found text in the charset {charset}")
        }
        _ => "expected UTF-8, found bytes of another charset".into(),
    }
}

/// Rejects text that is not JSON, and says what it is if that is known.
pub(crate) fn check_json(text: &str) -> Result<(), Fault> {
    let Err(error) = serde_json::from_str::<&RawValue>(text) else { return Ok(()) };
    let start = text.trim_start();
    if start.is_empty() {
        return Err(Fault::whole("expected JSON, found an empty body", ""));
    }
    if start.starts_with('<') {
        return Err(Fault::whole("expected JSON, found an HTML page; a proxy may have answered instead of the API", text));
    }
    // The message of serde_json names a position and never repeats the text.
    Err(Fault::whole(format!("expected JSON ({error})"), text))
}
