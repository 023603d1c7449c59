//! One page of rows. In comes the text of an answer; out come its rows, the cursor to the next page, and which keys no type models. The
//! answer is checked to be JSON once, then walked in place: no tree is built of it.

use std::collections::BTreeMap;

use super::{
    fault::{Fault, check_json},
    rate::RateLimit,
    transport::{Core, Received},
    warning::{self, Warning},
};
use crate::{
    AssumptionError, Error, Mismatch, Reading, Record, RecordsFormat,
    query::{Ask, Kind},
    record::{Cells, read_with},
    scan::{self, Scanner},
    settings::Settings,
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
    pub(super) unknown_keys: BTreeMap<String, u64>,
    pub(super) warnings: Vec<Warning>,
    /// Whether the answer had the cursor's key at all.
    pub(super) has_cursor_key: bool,
}

impl<Row> Page<Row> {
    /// Keys that the server sent and no type models, by dotted path, with how often each came.
    pub fn unknown_keys(&self) -> &BTreeMap<String, u64> {
        &self.unknown_keys
    }

    /// What the answer speaks against of that which is taken as given.
    pub fn warnings(&self) -> &[Warning] {
        &self.warnings
    }
}

/// Reads the page out of an answer; any fault in it is an error.
pub(crate) fn read_whole<Row: Record>(core: &Core, ask: &Ask, received: Received) -> Result<Page<Row>, Error> {
    let (page, fault) = read(core, ask, received)?;
    fault.map_or(Ok(page), Err)
}

/// Reads the page out of an answer, and what is wrong with it: the rows before a fault are good.
pub(super) fn read<Row: Record>(core: &Core, ask: &Ask, received: Received) -> Result<(Page<Row>, Option<Error>), Error> {
    let mut rows = Vec::new();
    let text = received.text(ask.asked)?;
    let walked = walk(text, &core.settings, &mut |json, cells, reading| {
        rows.push(read_with(json, cells, reading)?);
        Ok(())
    });
    let aggregation = core.settings.spec.records.aggregation_key.assumption;
    let error = |fault: Fault| fault.into_error(core, ask, aggregation, received.path_id);
    let Tail { next, mut unknown_keys, around, fault } = walked.map_err(error)?;
    let fault = fault.map(error).or_else(|| too_many(core, ask, rows.len()));
    let mut warnings = warning::of_cost(core, ask, received.rate.as_ref());
    warnings.extend(warning::of_aggregation(core, ask, &unknown_keys));
    warnings.extend(match next {
        Next::Unsaid => warning::of_end(core, core.settings.spec.records.pagination_key),
        Next::NoKey => warning::of_end(core, core.settings.spec.records.next_key),
        Next::Null | Next::Cursor(_) => None,
    });
    for (key, count) in around {
        *unknown_keys.entry(key).or_insert(0) += count;
    }
    let has_cursor_key = matches!(next, Next::Null | Next::Cursor(_));
    let next = if let Next::Cursor(cursor) = next { Some(cursor) } else { None };
    Ok((Page { rows, next, rate: received.rate, unknown_keys, warnings, has_cursor_key }, fault))
}

/// A page of more rows than asked for shows that the server did not read the page size.
fn too_many(core: &Core, ask: &Ask, rows: usize) -> Option<Error> {
    let Kind::Records { page_size: Some(size), .. } = ask.kind else { return None };
    if rows <= usize::try_from(size).unwrap_or(usize::MAX) {
        return None;
    }
    let rests = core.settings.resting(core.settings.spec.records.page_size_key.assumption)?;
    let evidence = format!("the server sent {rows} rows in a page where {size} were asked for");
    let (report, assumption) = (ask.asked.report, rests.assumption);
    Some(Error::Assumption(Box::new(AssumptionError { report, assumption, evidence, rests })))
}

/// What an answer says of the page after it.
enum Next {
    /// There is no object about the page.
    Unsaid,
    /// There is one, without the cursor's key.
    NoKey,
    Null,
    Cursor(String),
}

/// What stands around the rows.
struct Tail {
    next: Next,
    /// Keys of rows that no type models.
    unknown_keys: BTreeMap<String, u64>,
    /// Keys around the rows that the format does not have.
    around: BTreeMap<String, u64>,
    /// The first row that cannot be read.
    fault: Option<Fault>,
}

type ReadRow<'a, 'f> = dyn FnMut(&'a str, &mut Cells<'a>, &mut Reading) -> Result<(), Mismatch> + 'f;

/// Walks the answer, handing each row's text on. Not generic: compiled once for all row types.
fn walk<'a>(text: &'a str, settings: &Settings, read_row: &mut ReadRow<'a, '_>) -> Result<Tail, Fault> {
    let format = &settings.spec.records;
    check_json(text)?;
    let mut scan = Scanner::new(text);
    if !scan.enter(b'{') {
        return Err(Fault::whole("expected an object", text));
    }
    let mut reading = Reading::default();
    let (mut rows, mut pagination, mut result_type) = (None, None, None);
    // Counted apart from the keys of rows, which may have the same names.
    let mut around = Reading::default();
    while let Some(key) = scan.key().map_err(|error| Fault::of(error, text))? {
        if key == format.rows_key && rows.is_none() {
            rows = Some(walk_rows(&mut scan, format.rows_key, read_row, &mut reading));
            continue;
        }
        let value = scan.value();
        if key == format.pagination_key && pagination.is_none() {
            pagination = Some(value);
        } else if key == format.result_type_key && result_type.is_none() {
            result_type = Some(value);
        } else if [format.rows_key, format.pagination_key, format.result_type_key].contains(&&*key) {
            return Err(Fault::of(Mismatch::twice(&key), text));
        } else {
            around.count(&key);
        }
    }
    // The wrong format explains a row that cannot be read, so it is told first. Null says no more than no key.
    let wrong = |found: &&str| *found != "null" && scan::string(found).as_deref() != Some(format.result_type);
    if let Some(found) = result_type.filter(wrong) {
        let error = Mismatch::new(format!("\"{}\"", format.result_type), found).at(format.result_type_key);
        return Err(Fault::of(error, text));
    }
    let next = pagination.map_or(Ok(Next::Unsaid), |value| cursor(value, format, &mut around))?;
    let rows = rows.unwrap_or_else(|| Err(Fault::whole(format!("expected the key `{}`, found none", format.rows_key), text)));
    let fault = rows?;
    Ok(Tail { next, unknown_keys: reading.unknown_keys, around: around.unknown_keys, fault })
}

/// Reads the rows. After the first that cannot be read, which is handed back, the others are only passed.
fn walk_rows<'a>(
    scan: &mut Scanner<'a>,
    key: &str,
    read_row: &mut ReadRow<'a, '_>,
    reading: &mut Reading,
) -> Result<Option<Fault>, Fault> {
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
            fault = Some(Fault::of(error, json).in_row(index));
        }
        index += 1;
    }
    Ok(fault)
}

/// The cursor in the object about the page.
fn cursor(pagination: &str, format: &RecordsFormat, around: &mut Reading) -> Result<Next, Fault> {
    let RecordsFormat { pagination_key, next_key, .. } = *format;
    if pagination == "null" {
        return Ok(Next::Unsaid);
    }
    let mut scan = Scanner::new(pagination);
    if !scan.enter(b'{') {
        return Err(Fault::at(pagination_key.into(), "expected an object", pagination));
    }
    let mut next = None;
    let fault = |error: Mismatch| Fault::of(error.at(pagination_key), pagination);
    while let Some(key) = scan.key().map_err(fault)? {
        let value = scan.value();
        if key != next_key {
            around.within(pagination_key, |around| around.count(&key));
        } else if next.replace(value).is_some() {
            return Err(fault(Mismatch::twice(&key)));
        }
    }
    match next {
        None => Ok(Next::NoKey),
        Some("null") => Ok(Next::Null),
        Some(value) => match scan::string(value) {
            Some(cursor) => Ok(Next::Cursor(cursor.into_owned())),
            None => Err(Fault::at(format!("{pagination_key}.{next_key}"), "expected text or null", value)),
        },
    }
}
