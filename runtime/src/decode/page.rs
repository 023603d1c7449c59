//! A page of rows, decoded in place: no tree is built of it.

use std::collections::BTreeMap;

use super::fault::{self, Fault, check_json};
use super::raw::{Exchange, RawResponse};
use super::warning::{self, Warning};
use crate::json::object::{Entries, FromObject, read_object_at, read_with};
use crate::json::reader::Reader;
use crate::json::scan::{self, Scanner};
use crate::request::spec::{FormatSpec, QueryKind};
use crate::{
    error::Error, error::assumption::AssumptionError, facts::formats::RecordsFormat, json::context::DecodeContext,
    json::context::merge_counts, json::misfit::Misfits, json::mismatch::Mismatch, meta::Meta, rate_limit::RateLimit,
};

/// One page of rows.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Page<Row> {
    /// The rows.
    pub rows: Vec<Row>,
    /// What follows this page.
    pub next: NextPage,
    /// The state of the rate limit, if the server sent it.
    pub rate: Option<RateLimit>,
    /// What became of the request.
    pub meta: Meta,
    pub(crate) unknown_keys: BTreeMap<String, u64>,
    pub(crate) warnings: Vec<Warning>,
    pub(crate) misfits: Misfits,
    pub(crate) sent_rows: usize,
}

/// What follows a page.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum NextPage {
    /// Another page, which starts at this cursor.
    Cursor(String),
    /// Nothing: this is the last page.
    End,
    /// The page does not say. [`Rows`](crate::Rows) end here, or fail if an override says that a null cursor does not end them.
    NotSaid,
}

impl NextPage {
    /// The cursor of the next page, if there is one.
    pub fn cursor(&self) -> Option<&str> {
        match self {
            Self::Cursor(cursor) => Some(cursor),
            Self::End | Self::NotSaid => None,
        }
    }
}

impl<Row> Page<Row> {
    /// Unknown keys that the server sent, by dotted path, with how often each occurred.
    pub fn unknown_keys(&self) -> &BTreeMap<String, u64> {
        &self.unknown_keys
    }

    /// What does not fit its type, if the client is [lenient](crate::ClientBuilder::lenient); otherwise that is an error.
    pub fn misfits(&self) -> &Misfits {
        &self.misfits
    }

    /// What is odd about this page, such as assumptions that it contradicts.
    pub fn warnings(&self) -> &[Warning] {
        &self.warnings
    }
}

/// Decodes a page. Any fault in it is an error.
pub(crate) fn read_whole<Row: FromObject>(response: RawResponse) -> Result<Page<Row>, Error> {
    let (page, fault) = read(response)?;
    fault.map_or(Ok(page), Err)
}

/// Decodes a page and its first fault. The rows before the fault are good.
pub(crate) fn read<Row: FromObject>(response: RawResponse) -> Result<(Page<Row>, Option<Error>), Error> {
    let mut rows = Vec::new();
    let exchange = &response.exchange;
    let format = &exchange.overrides.spec.records;
    let mut context = DecodeContext::with_room(exchange.max_memory);
    context.misfits = exchange.lenient.then(Misfits::default);
    let walked = walk(fault::text(&response)?, format, context, &mut |reader, entries, context| {
        let (start, before) = (reader.at(), context.before());
        if let Some(row) = read_object_at(reader, context) {
            context.keep_met();
            rows.push(row);
            if rows.len() == 1 {
                // As many rows of this length as the rest of the page may have.
                let more = reader.remaining() / (reader.at() - start).max(1);
                rows.reserve(more.min(context.room_for::<Row>()));
            }
        } else {
            reader.go_to(start);
            context.forget(before);
            let json = reader.raw()?;
            match read_with(json, entries, context) {
                Ok(row) => rows.push(row),
                Err(error) => {
                    if let Err(error) = context.keep_row(json, error) {
                        return Some(Err(Fault::of(error, json)));
                    }
                }
            }
        }
        context.row += 1;
        Some(Ok(()))
    });
    rows.shrink_to_fit();
    let error = |fault: Fault| fault.into_error(exchange, format.aggregation_key.assumption, response.path_id);
    let Tail { cursor, mut unknown_keys, around, around_empty, misfits, sent_rows, fault } = walked.map_err(error)?;
    let fault = fault.map(error).or_else(|| too_many(exchange, sent_rows));
    let mut warnings = warning::of_cost(&response);
    warnings.extend(warning::of_aggregation(exchange, &unknown_keys));
    warnings.extend(match cursor {
        Cursor::NoObject => warning::of_end(exchange, format.pagination_key),
        Cursor::NoKey => warning::of_end(exchange, format.next_key),
        Cursor::Empty => warning::of_empty_cursor(exchange),
        Cursor::Null | Cursor::Text(_) => None,
    });
    warnings.extend(warning::of_error_key(exchange, around.keys().map(String::as_str)));
    merge_counts(&mut unknown_keys, around);
    merge_counts(&mut unknown_keys, around_empty);
    let next = cursor.next(
        exchange.overrides.get(format.null_cursor_ends),
        exchange.overrides.get(format.empty_cursor_ends),
        sent_rows == 0,
    );
    let meta = response.exchange.meta;
    Ok((Page { rows, next, rate: response.rate, meta, unknown_keys, warnings, misfits, sent_rows }, fault))
}

/// A page with more rows than requested shows that the server ignored the page size.
fn too_many(exchange: &Exchange, rows: usize) -> Option<Error> {
    let QueryKind::Report(_, FormatSpec::Records { page_size: Some(size), .. }) = exchange.query.kind else { return None };
    if rows <= usize::try_from(size).unwrap_or(usize::MAX) {
        return None;
    }
    let assumed = exchange.overrides.assumed(exchange.overrides.spec.records.page_size_key.assumption)?;
    let evidence = format!("the server sent a page of {rows} rows; the query requested {size}");
    let (report, assumption) = (exchange.query.subject.report, assumed.assumption);
    Some(Error::Assumption(Box::new(AssumptionError {
        report,
        assumption,
        evidence,
        assumed,
        meta: Box::new(exchange.meta.clone()),
    })))
}

/// The cursor as a page has it.
enum Cursor {
    /// The page lacks the object that describes it.
    NoObject,
    /// That object lacks the cursor's key.
    NoKey,
    Null,
    Empty,
    Text(String),
}

impl Cursor {
    /// What follows the page. If a null cursor does not mark the last page, a missing key or a page without rows does.
    fn next(self, null_ends: bool, empty_ends: bool, no_rows: bool) -> NextPage {
        match self {
            Self::Empty if empty_ends => NextPage::End,
            Self::Empty => NextPage::Cursor(String::new()),
            Self::Text(cursor) => NextPage::Cursor(cursor),
            Self::Null if null_ends || no_rows => NextPage::End,
            Self::NoObject | Self::NoKey if !null_ends => NextPage::End,
            Self::Null | Self::NoObject | Self::NoKey => NextPage::NotSaid,
        }
    }
}

/// A page without its rows.
struct Tail {
    cursor: Cursor,
    /// Unknown keys of rows.
    unknown_keys: BTreeMap<String, u64>,
    /// Unknown keys outside the rows.
    around: BTreeMap<String, u64>,
    /// Those whose value says nothing.
    around_empty: BTreeMap<String, u64>,
    misfits: Misfits,
    /// How many rows were read, or left out.
    sent_rows: usize,
    /// The first row that cannot be decoded.
    fault: Option<Fault>,
}

/// Reads the row that comes next and steps over it; none if it is not JSON.
type ReadRow<'a, 'f> = dyn FnMut(&mut Reader<'a>, &mut Entries<'a>, &mut DecodeContext) -> Option<Result<(), Fault>> + 'f;

/// Walks a page once. Not generic, so it is compiled once for all row types.
fn walk<'a>(
    text: &'a str,
    format: &RecordsFormat,
    context: DecodeContext,
    read_row: &mut ReadRow<'a, '_>,
) -> Result<Tail, Fault> {
    let mut reader = Reader::new(text);
    if !reader.eat(b'{') {
        check_json(text)?;
        return Err(Fault::whole("expected an object", text));
    }
    let mut walk = Walk {
        text,
        format,
        read_row,
        context,
        rows: None,
        pagination: None,
        result_type: None,
        around: DecodeContext::default(),
        around_empty: DecodeContext::default(),
        fault: None,
    };
    if walk.entries(&mut reader).is_none() || reader.at() < text.len() {
        check_json(text)?;
        return Err(Fault::whole("expected JSON", text));
    }
    walk.end()
}

/// A page that is being walked.
struct Walk<'w, 'a, 'f> {
    text: &'a str,
    format: &'w RecordsFormat,
    read_row: &'w mut ReadRow<'a, 'f>,
    context: DecodeContext,
    /// The rows, and the first that cannot be decoded.
    rows: Option<Option<Fault>>,
    pagination: Option<&'a str>,
    result_type: Option<&'a str>,
    /// Separate from the keys of rows, which may have the same names.
    around: DecodeContext,
    around_empty: DecodeContext,
    /// What is wrong with the page itself. The rest is only checked to be JSON.
    fault: Option<Fault>,
}

impl<'a> Walk<'_, 'a, '_> {
    fn value(&mut self, key: &str, value: &'a str) -> Result<(), Fault> {
        let RecordsFormat { rows_key, pagination_key, result_type_key, .. } = *self.format;
        if key == pagination_key && self.pagination.is_none() {
            self.pagination = Some(value);
        } else if key == result_type_key && self.result_type.is_none() {
            self.result_type = Some(value);
        } else if key == rows_key && self.rows.is_none() {
            return Err(Fault::at(rows_key.into(), "expected a list of rows", value));
        } else if [rows_key, pagination_key, result_type_key].contains(&key) {
            return Err(Fault::of(Mismatch::twice(key), self.text));
        } else if warning::says_nothing(value) {
            self.around_empty.count(key);
        } else {
            self.around.count(key);
        }
        Ok(())
    }

    /// Walks the entries up to the end of the page; none if it is not JSON.
    fn entries(&mut self, reader: &mut Reader<'a>) -> Option<()> {
        let mut first = true;
        while reader.peek()? != b'}' {
            if !first && !reader.eat(b',') {
                return None;
            }
            first = false;
            let written = reader.raw().filter(|key| key.starts_with('"'))?;
            if !reader.eat(b':') {
                return None;
            }
            let key = scan::string(written);
            if self.rows.is_none() && key.as_deref() == Some(self.format.rows_key) && reader.eat(b'[') {
                self.rows = Some(self.read_rows(reader)?);
            } else {
                let value = reader.raw()?;
                if self.fault.is_none() {
                    let invalid = || Fault::of(Mismatch::new("a key that is valid text", written), self.text);
                    self.fault = key.ok_or_else(invalid).and_then(|key| self.value(&key, value)).err();
                }
            }
            reader.space();
        }
        reader.eat(b'}').then_some(())
    }

    /// Reads the rows up to the first that cannot be decoded, and skips the others.
    fn read_rows(&mut self, reader: &mut Reader<'a>) -> Option<Option<Fault>> {
        let (mut entries, mut index, mut fault) = (Entries::new(), 0, None);
        while reader.peek()? != b']' {
            if index > 0 && !reader.eat(b',') {
                return None;
            }
            if fault.is_some() {
                reader.raw()?;
            } else if let Err(found) = (self.read_row)(reader, &mut entries, &mut self.context)? {
                fault = Some(found.in_row(index));
            }
            reader.space();
            index += 1;
        }
        reader.eat(b']').then_some(fault)
    }

    fn end(mut self) -> Result<Tail, Fault> {
        let (text, format) = (self.text, self.format);
        if let Some(fault) = self.fault {
            return Err(fault);
        }
        // A wrong format explains a row that cannot be decoded, so it is reported first. Null means the same as no key.
        let wrong = |found: &&str| *found != "null" && scan::string(found).as_deref() != Some(format.result_type);
        if let Some(found) = self.result_type.filter(wrong) {
            let error = Mismatch::new(format!("\"{}\"", format.result_type), found).at(format.result_type_key);
            return Err(Fault::of(error, text));
        }
        let cursor = self.pagination.map_or(Ok(Cursor::NoObject), |value| read_cursor(value, format, &mut self.around))?;
        let missing = || Fault::whole(format!("expected the key `{}`, found none", format.rows_key), text);
        let fault = self.rows.ok_or_else(missing)?;
        let DecodeContext { unknown_keys, misfits, row: sent_rows, .. } = self.context;
        let misfits = misfits.unwrap_or_default();
        let (around, around_empty) = (self.around.unknown_keys, self.around_empty.unknown_keys);
        Ok(Tail { cursor, unknown_keys, around, around_empty, misfits, sent_rows, fault })
    }
}

/// The cursor in the object that describes the page.
fn read_cursor(pagination: &str, format: &RecordsFormat, around: &mut DecodeContext) -> Result<Cursor, Fault> {
    let RecordsFormat { pagination_key, next_key, .. } = *format;
    if pagination == "null" {
        return Ok(Cursor::NoObject);
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
        None => Ok(Cursor::NoKey),
        Some("null") => Ok(Cursor::Null),
        Some(value) => match scan::string(value) {
            Some(cursor) if cursor.is_empty() => Ok(Cursor::Empty),
            Some(cursor) => Ok(Cursor::Text(cursor.into_owned())),
            None => Err(Fault::at(format!("{pagination_key}.{next_key}"), "expected text or null", value)),
        },
    }
}
