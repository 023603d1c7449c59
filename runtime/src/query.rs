//! Queries in the records format. In come a report, an aggregation, a filter, a page size; out goes the JSON body, and what it costs.
//! The typed face is a thin shell over one plain value, [`Ask`], that knows no type of any report.

use std::{fmt, marker::PhantomData};

use serde_json::{Map, Value as Json};

use crate::{Api, Error, Filter, JsonRow, Record, Report, ReportInfo, filter::Node, settings::Settings};

/// What is asked, without types.
#[derive(Clone, Debug, PartialEq)]
pub struct Ask {
    pub(crate) report: &'static str,
    cost: Option<u32>,
    aggregation: Option<std::borrow::Cow<'static, str>>,
    filter: Option<Node>,
    page_size: Option<u32>,
    pub(crate) cursor: Option<String>,
}

impl Ask {
    const fn new(info: &'static ReportInfo, aggregation: Option<&'static str>) -> Self {
        let aggregation = match aggregation {
            Some(name) => Some(std::borrow::Cow::Borrowed(name)),
            None => None,
        };
        Self { report: info.name, cost: info.cost, aggregation, filter: None, page_size: None, cursor: None }
    }

    fn add(&mut self, node: Node) {
        self.filter = Some(match self.filter.take() {
            Some(before) => before.and(node),
            None => node,
        });
    }

    /// The body that is sent, asking for the page after the cursor.
    pub(crate) fn body(&self, settings: &Settings, cursor: Option<&str>) -> Json {
        let mut body = Map::new();
        body.insert(settings.report_key.to_string(), self.report.into());
        if let Some(filter) = &self.filter {
            body.insert(settings.filter_key.to_string(), filter.to_json(settings));
        }
        if let Some(aggregation) = &self.aggregation {
            body.insert(settings.aggregation_key.to_string(), aggregation.as_ref().into());
        }
        if let Some(size) = self.page_size {
            body.insert(settings.page_size_key.to_string(), size.into());
        }
        if let Some(cursor) = cursor {
            body.insert(settings.cursor_key.to_string(), cursor.into());
        }
        Json::Object(body)
    }

    pub(crate) fn cost(&self, settings: &Settings) -> Option<u32> {
        let filter = self.filter.as_ref().map_or(0, |filter| filter.cost(settings));
        self.cost.map(|cost| cost.saturating_add(filter))
    }

    /// What can be told to be wrong before anything is sent.
    pub(crate) fn check(&self) -> Result<(), Error> {
        if self.page_size == Some(0) {
            return Err(Error::configuration("page_size", "a page of no rows would never end; ask for at least one"));
        }
        self.filter.as_ref().map_or(Ok(()), Node::check)
    }
}

/// Something that a client of the API `A` can be asked for. Implemented by [`Records`] and [`JsonQuery`].
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a query for this client",
    label = "not a query of this API",
    note = "queries begin at a report: `Report::records()` or one of its aggregations"
)]
pub trait Query<A: Api>: sealed::Asks {
    /// What each row is read as.
    type Row: Record;
}

pub(crate) mod sealed {
    /// Keeps queries to this crate's own, and their plain value out of sight.
    pub trait Asks: Clone {
        /// The plain value.
        fn ask(&self) -> &super::Ask;
    }
}

/// A query for rows of the report `R`, read as `Row`.
pub struct Records<R, Row> {
    ask: Ask,
    marker: PhantomData<fn() -> (R, Row)>,
}

impl<R: Report, Row> Records<R, Row> {
    /// Asks for the report's own rows.
    #[allow(clippy::new_without_default, reason = "generated code names what is asked; a default report would not say anything")]
    pub const fn new() -> Self {
        Self { ask: Ask::new(R::INFO, None), marker: PhantomData }
    }

    /// Asks for the rows of the aggregation of that name.
    pub const fn aggregated(name: &'static str) -> Self {
        Self { ask: Ask::new(R::INFO, Some(name)), marker: PhantomData }
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
        self.ask.page_size = Some(rows);
        self
    }

    /// Begins at the page that a cursor leads to, to go on where an earlier run ended.
    #[must_use]
    pub fn starting_at(mut self, cursor: impl Into<String>) -> Self {
        self.ask.cursor = Some(cursor.into());
        self
    }

    /// The same query with rows read as another type, such as [`JsonRow`] or a struct of the few fields that are needed.
    #[must_use]
    pub fn rows_as<Other: Record>(self) -> Records<R, Other> {
        Records { ask: self.ask, marker: PhantomData }
    }

    /// What is known of the report.
    pub fn report(&self) -> &'static ReportInfo {
        R::INFO
    }

    /// Rate-limit tokens for each page: the report's cost and the filter's. None where the report's cost is not known.
    pub fn cost(&self) -> Option<u32> {
        self.ask.cost(&Settings::untouched(<R::Api as Api>::SPEC))
    }

    /// The body that is sent for the first page, with every assumption as the API's description has it.
    pub fn body(&self) -> Json {
        self.ask.body(&Settings::untouched(<R::Api as Api>::SPEC), self.ask.cursor.as_deref())
    }
}

impl<R, Row> Clone for Records<R, Row> {
    fn clone(&self) -> Self {
        Self { ask: self.ask.clone(), marker: PhantomData }
    }
}

impl<R, Row> PartialEq for Records<R, Row> {
    fn eq(&self, other: &Self) -> bool {
        self.ask == other.ask
    }
}

impl<R, Row> fmt::Debug for Records<R, Row> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Records").field(&self.ask).finish()
    }
}

impl<R, Row> sealed::Asks for Records<R, Row> {
    fn ask(&self) -> &Ask {
        &self.ask
    }
}

impl<R: Report, Row: Record> Query<R::Api> for Records<R, Row> {
    type Row = Row;
}

/// A query put together at run time, for programs that learn the report's name from their user. Rows are JSON objects, and the filter
/// is JSON that is sent as it is.
#[derive(Clone, Debug, PartialEq)]
pub struct JsonQuery(Ask);

impl JsonQuery {
    /// Asks for the rows of a report.
    pub const fn new(report: &'static ReportInfo) -> Self {
        Self(Ask::new(report, None))
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
        self.0.add(Node::Raw(filter));
        self
    }

    /// Asks for so many rows in a page.
    #[must_use]
    pub fn page_size(mut self, rows: u32) -> Self {
        self.0.page_size = Some(rows);
        self
    }

    /// Begins at the page that a cursor leads to.
    #[must_use]
    pub fn starting_at(mut self, cursor: impl Into<String>) -> Self {
        self.0.cursor = Some(cursor.into());
        self
    }
}

impl sealed::Asks for JsonQuery {
    fn ask(&self) -> &Ask {
        &self.0
    }
}

impl<A: Api> Query<A> for JsonQuery {
    type Row = JsonRow;
}
