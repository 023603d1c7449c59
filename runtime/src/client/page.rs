//! One page of rows. In comes the text of an answer; out come its rows, the cursor to the next page, and which keys no type models. The
//! answer is checked to be JSON once, then walked in place: no tree is built of it.

use std::collections::BTreeMap;

use serde_json::value::RawValue;

use super::{
    rate::RateLimit,
    transport::{Answer, Core},
};
use crate::{
    DecodeError, Error, Mismatch, Reading, Record,
    record::{Cells, read_with},
    scan::{self, Scanner},
    settings::Settings,
    text::snippet,
};

/// One page of rows.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Page<Row> {
    /// The rows.
    pub rows: Vec<Row>,
    /// The cursor to the next page; none on the last.
    pub next: Option<String>,
    /// The rate limit's state, where the server told it.
    pub rate: Option<RateLimit>,
    pub(super) unmodelled: BTreeMap<String, u64>,
    /// Whether the answer had the cursor's key at all.
    pub(super) has_cursor_key: bool,
}

impl<Row> Page<Row> {
    /// Keys that the server sent and no type models, by dotted path, with how often each came.
    pub fn unmodelled(&self) -> &BTreeMap<String, u64> {
        &self.unmodelled
    }
}

/// Reads the page out of an answer.
pub(super) fn read<Row: Record>(core: &Core, report: &'static str, answer: Answer) -> Result<Page<Row>, Error> {
    let mut rows = Vec::new();
    let walked = walk(&answer.text, &core.settings, &mut |json, cells, reading| {
        rows.push(read_with(json, cells, reading)?);
        Ok(())
    });
    match walked {
        Ok(tail) => {
            let Tail { next, has_cursor_key, unmodelled } = tail;
            Ok(Page { rows, next, rate: answer.rate, unmodelled, has_cursor_key })
        }
        Err(fault) => Err(fault.into_error(core, report)),
    }
}

/// What stands around the rows.
struct Tail {
    next: Option<String>,
    has_cursor_key: bool,
    unmodelled: BTreeMap<String, u64>,
}

/// Why an answer cannot be read.
struct Fault {
    row: Option<usize>,
    field: Option<String>,
    problem: String,
    snippet: String,
}

impl Fault {
    /// The answer as a whole is at fault.
    fn whole(problem: impl Into<String>, text: &str) -> Self {
        Self { row: None, field: None, problem: problem.into(), snippet: snippet(text) }
    }

    fn at(field: String, problem: impl Into<String>, text: &str) -> Self {
        Self { field: Some(field), ..Self::whole(problem, text) }
    }

    /// The error, with no secret in any part that came from the server.
    fn into_error(self, core: &Core, report: &'static str) -> Error {
        let (field, problem) = (self.field.map(|field| core.hide(&field)), core.hide(&self.problem));
        Error::Decode(Box::new(DecodeError { report, row: self.row, field, problem, snippet: core.hide(&self.snippet) }))
    }
}

type ReadRow<'a, 'f> = dyn FnMut(&'a str, &mut Cells<'a>, &mut Reading) -> Result<(), Mismatch> + 'f;

/// Walks the answer, handing each row's text on. Not generic: compiled once for all row types.
fn walk<'a>(text: &'a str, settings: &Settings, read_row: &mut ReadRow<'a, '_>) -> Result<Tail, Fault> {
    let format = &settings.spec.records;
    if let Err(error) = serde_json::from_str::<&RawValue>(text) {
        return Err(not_json(text, &error));
    }
    let mut scan = Scanner::new(text);
    if !scan.enter(b'{') {
        return Err(Fault::whole("expected an object", text));
    }
    let mut reading = Reading::default();
    let (mut rows, mut next, mut result_type) = (None, (None, false), None);
    while let Some(key) = scan.key() {
        if key == format.rows_key && rows.is_none() {
            rows = Some(walk_rows(&mut scan, format.rows_key, read_row, &mut reading));
            continue;
        }
        let value = scan.value();
        if key == format.pagination_key {
            next = cursor(value, format.pagination_key, format.next_key)?;
        } else if key == format.result_type_key {
            result_type = Some(value);
        } else if key == format.rows_key {
            return Err(Fault::whole(format!("the key `{key}` came twice"), text));
        }
    }
    // The wrong format explains a row that cannot be read, so it is told first.
    if let Some(found) = result_type.filter(|found| scan::string(found).as_deref() != Some(format.result_type)) {
        return Err(Fault::at(
            format.result_type_key.into(),
            format!("expected \"{}\", found {}", format.result_type, snippet(found)),
            text,
        ));
    }
    rows.unwrap_or_else(|| Err(Fault::whole(format!("expected the key `{}`, found none", format.rows_key), text)))?;
    let (next, has_cursor_key) = next;
    Ok(Tail { next, has_cursor_key, unmodelled: reading.unmodelled })
}

/// Reads the rows. After the first that cannot be read, the others are only passed.
fn walk_rows<'a>(scan: &mut Scanner<'a>, key: &str, read_row: &mut ReadRow<'a, '_>, reading: &mut Reading) -> Result<(), Fault> {
    if !scan.enter(b'[') {
        let value = scan.value();
        return Err(Fault::at(key.into(), "expected a list of rows", value));
    }
    let (mut cells, mut index, mut fault) = (Cells::new(), 0, None);
    while scan.item() {
        let json = scan.value();
        if fault.is_none()
            && let Err(error) = read_row(json, &mut cells, reading)
        {
            fault = Some(Fault { row: Some(index), field: error.path(), problem: error.problem(), snippet: snippet(json) });
        }
        index += 1;
    }
    fault.map_or(Ok(()), Err)
}

/// The cursor in the object about the page, and whether its key was there; absent and null mean that there is none.
fn cursor(pagination: &str, pagination_key: &str, next_key: &str) -> Result<(Option<String>, bool), Fault> {
    if pagination == "null" {
        return Ok((None, false));
    }
    let mut scan = Scanner::new(pagination);
    if !scan.enter(b'{') {
        return Err(Fault::at(pagination_key.into(), "expected an object", pagination));
    }
    let mut next = None;
    while let Some(key) = scan.key() {
        let value = scan.value();
        if key == next_key {
            next = Some(value);
        }
    }
    match next {
        None => Ok((None, false)),
        Some("null") => Ok((None, true)),
        Some(value) => match scan::string(value) {
            Some(cursor) => Ok((Some(cursor.into_owned()), true)),
            None => Err(Fault::at(format!("{pagination_key}.{next_key}"), "expected text or null", value)),
        },
    }
}

fn not_json(text: &str, error: &serde_json::Error) -> Fault {
    let start = text.trim_start();
    if start.is_empty() {
        return Fault::whole("expected JSON, found an empty body", "");
    }
    if start.starts_with('<') {
        return Fault::whole("expected JSON, found an HTML page; something between client and API may have answered", text);
    }
    // serde_json's words name a position and never repeat the text.
    Fault::whole(format!("expected JSON ({error})"), text)
}
