//! Queries in the statistics format. In come a report, an aggregation, a filter and perhaps a range; out comes the reply as it is, to be
//! read as the type that the description has for it. Path and keys of the request are assumptions.

use std::{borrow::Cow, marker::PhantomData};

use serde_json::Value as Json;

use crate::{
    Api, Error, Filter, JsonRow, Query, Record, Report, ReportInfo, Response, TimeRange,
    client::{
        response,
        transport::{Core, Received},
    },
    filter::Node,
    query::{Ask, Kind, sealed::Asks, shell},
};

/// A query for statistics of the report `R`, whose reply can be read as `Row`.
pub struct Statistics<R, Row> {
    ask: Ask,
    marker: PhantomData<fn() -> (R, Row)>,
}

const fn statistics(info: &'static ReportInfo, aggregation: Option<Cow<'static, str>>) -> Ask {
    Ask::new(info, aggregation, Kind::Statistics { range: None })
}

impl<R: Report, Row> Statistics<R, Row> {
    /// Asks for the report's own statistics.
    #[allow(clippy::new_without_default, reason = "generated code names what is asked; a default report would not say anything")]
    pub const fn new() -> Self {
        Self { ask: statistics(R::INFO, None), marker: PhantomData }
    }

    /// Asks for the aggregation of that name.
    pub const fn aggregated(name: &'static str) -> Self {
        Self { ask: statistics(R::INFO, Some(Cow::Borrowed(name))), marker: PhantomData }
    }

    /// Asks for an aggregation whose name is learnt at run time.
    pub fn aggregated_by(name: impl Into<Cow<'static, str>>) -> Self {
        Self { ask: statistics(R::INFO, Some(name.into())), marker: PhantomData }
    }

    /// Only what the filter lets through; a second filter must hold as well.
    #[must_use]
    pub fn filter(mut self, filter: Filter<R>) -> Self {
        self.ask.add(filter.into_node());
        self
    }

    /// Only what lies in the range.
    #[must_use]
    pub fn range(mut self, range: impl Into<TimeRange>) -> Self {
        self.ask.kind = Kind::Statistics { range: Some(range.into()) };
        self
    }

    /// Sends another key along.
    #[must_use]
    pub fn with(mut self, key: impl Into<Cow<'static, str>>, value: impl Into<Json>) -> Self {
        self.ask.with.push((key.into(), value.into()));
        self
    }

    /// The same query with its reply read as another type.
    #[must_use]
    pub fn rows_as<Other: Record>(self) -> Statistics<R, Other> {
        Statistics { ask: self.ask, marker: PhantomData }
    }
}

shell!(Statistics);

impl<R: Report, Row: Record> Query<R::Api> for Statistics<R, Row> {
    type Answer = Response<Row>;

    fn read(core: &Core, ask: &Ask, received: Received) -> Result<Response<Row>, Error> {
        Ok(response::read(core, ask, received))
    }
}

/// A query for statistics put together at run time; the filter is JSON that is sent as it is.
#[derive(Clone, Debug, PartialEq)]
pub struct JsonStatistics(Ask);

impl JsonStatistics {
    /// Asks for the statistics of a report.
    pub const fn new(report: &'static ReportInfo) -> Self {
        Self(statistics(report, None))
    }

    /// Asks for an aggregation instead.
    #[must_use]
    pub fn aggregated(mut self, name: impl Into<String>) -> Self {
        self.0.aggregation = Some(name.into().into());
        self
    }

    /// Only what the filter lets through; a second filter must hold as well.
    #[must_use]
    pub fn filter(mut self, filter: Json) -> Self {
        self.0.add(Node::raw(filter));
        self
    }

    /// Only what lies in the range.
    #[must_use]
    pub fn range(mut self, range: impl Into<TimeRange>) -> Self {
        self.0.kind = Kind::Statistics { range: Some(range.into()) };
        self
    }

    /// Sends another key along.
    #[must_use]
    pub fn with(mut self, key: impl Into<Cow<'static, str>>, value: impl Into<Json>) -> Self {
        self.0.with.push((key.into(), value.into()));
        self
    }
}

impl Asks for JsonStatistics {
    fn ask(&self) -> &Ask {
        &self.0
    }
}

impl<A: Api> Query<A> for JsonStatistics {
    type Answer = Response<JsonRow>;

    fn read(core: &Core, ask: &Ask, received: Received) -> Result<Response<JsonRow>, Error> {
        Ok(response::read(core, ask, received))
    }
}
