//! Queries in the records format. In come a report, an aggregation, a filter, a page size; out come pages of rows.

use std::{borrow::Cow, marker::PhantomData};

use serde_json::Value as Json;

use crate::{
    Api, Error, Filter, JsonRow, Page, Paged, Query, Record, Report, ReportInfo,
    client::{
        page,
        transport::{Core, Received},
    },
    filter::Node,
    query::{Ask, Kind, sealed::Asks, shell},
};

/// A query for rows of the report `R`, read as `Row`.
pub struct Records<R, Row> {
    ask: Ask,
    marker: PhantomData<fn() -> (R, Row)>,
}

const fn first_page(info: &'static ReportInfo, aggregation: Option<Cow<'static, str>>) -> Ask {
    Ask::new(info, aggregation, Kind::Records { page_size: None, cursor: None, rows_of: Some(info) })
}

fn set_page_size(ask: &mut Ask, rows: u32) {
    if let Kind::Records { page_size, .. } = &mut ask.kind {
        *page_size = Some(rows);
    }
}

fn set_cursor(ask: &mut Ask, start: String) {
    if let Kind::Records { cursor, .. } = &mut ask.kind {
        *cursor = Some(start);
    }
}

impl<R: Report, Row> Records<R, Row> {
    /// Asks for the report's own rows.
    #[allow(clippy::new_without_default, reason = "generated code names what is asked; a default report would not say anything")]
    pub const fn new() -> Self {
        Self { ask: first_page(R::INFO, None), marker: PhantomData }
    }

    /// Asks for the rows of the aggregation of that name.
    pub const fn aggregated(name: &'static str) -> Self {
        Self { ask: first_page(R::INFO, Some(Cow::Borrowed(name))), marker: PhantomData }
    }

    /// Asks for the rows of an aggregation whose name is learnt at run time.
    pub fn aggregated_by(name: impl Into<Cow<'static, str>>) -> Self {
        Self { ask: first_page(R::INFO, Some(name.into())), marker: PhantomData }
    }

    /// Only rows that the filter lets through; a second filter must hold as well.
    #[must_use]
    pub fn filter(mut self, filter: Filter<R>) -> Self {
        self.ask.add(filter.into_node());
        self
    }

    /// Asks for so many rows in a page.
    #[must_use]
    pub fn page_size(mut self, rows: u32) -> Self {
        set_page_size(&mut self.ask, rows);
        self
    }

    /// Begins at the page that a cursor leads to, to go on where an earlier run ended.
    #[must_use]
    pub fn resume_from(mut self, cursor: impl Into<String>) -> Self {
        set_cursor(&mut self.ask, cursor.into());
        self
    }

    /// The same query with rows read as another type, such as [`JsonRow`] or a struct of the few fields that are needed.
    #[must_use]
    pub fn rows_as<Other: Record>(mut self) -> Records<R, Other> {
        if let Kind::Records { rows_of, .. } = &mut self.ask.kind {
            *rows_of = None;
        }
        Records { ask: self.ask, marker: PhantomData }
    }
}

shell!(Records);

impl<R: Report, Row: Record> Query<R::Api> for Records<R, Row> {
    type Answer = Page<Row>;

    fn read(core: &Core, ask: &Ask, received: Received) -> Result<Page<Row>, Error> {
        page::read_whole(core, ask, received)
    }
}

impl<R: Report, Row: Record> Paged<R::Api> for Records<R, Row> {
    type Row = Row;
}

/// A query put together at run time, for programs that learn the report's name from their user. Rows are JSON objects, and the filter
/// is JSON that is sent as it is.
#[derive(Clone, Debug, PartialEq)]
pub struct JsonRecords(Ask);

impl JsonRecords {
    /// Asks for the rows of a report.
    pub const fn new(report: &'static ReportInfo) -> Self {
        Self(first_page(report, None))
    }

    /// Asks for the rows of an aggregation instead.
    #[must_use]
    pub fn aggregated(mut self, name: impl Into<String>) -> Self {
        self.0.aggregation = Some(name.into().into());
        self
    }

    /// Only rows that the filter lets through; a second filter must hold as well.
    #[must_use]
    pub fn filter(mut self, filter: Json) -> Self {
        self.0.add(Node::raw(filter));
        self
    }

    /// Asks for so many rows in a page.
    #[must_use]
    pub fn page_size(mut self, rows: u32) -> Self {
        set_page_size(&mut self.0, rows);
        self
    }

    /// Begins at the page that a cursor leads to.
    #[must_use]
    pub fn resume_from(mut self, cursor: impl Into<String>) -> Self {
        set_cursor(&mut self.0, cursor.into());
        self
    }
}

impl Asks for JsonRecords {
    fn ask(&self) -> &Ask {
        &self.0
    }
}

impl<A: Api> Query<A> for JsonRecords {
    type Answer = Page<JsonRow>;

    fn read(core: &Core, ask: &Ask, received: Received) -> Result<Page<JsonRow>, Error> {
        page::read_whole(core, ask, received)
    }
}

impl<A: Api> Paged<A> for JsonRecords {
    type Row = JsonRow;
}
