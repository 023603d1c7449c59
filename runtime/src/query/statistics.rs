//! Queries in the statistics format. Its path and request keys are assumptions, and its response format is undocumented.

use std::borrow::Cow;

use serde_json::Value as Json;

use super::report_query::{QueryFormat, ReportQuery, Unranged};
use crate::json::map::JsonRow;
use crate::json::object::FromObject;
use crate::request::spec::{FormatSpec, QueryKind};
use crate::{
    decode::raw::RawResponse, decode::response::Response, error::Error, facts::formats::StatisticsFormat,
    facts::report::AnyReport, time::range::IntoTimeRange,
};

/// A query for statistics of the report `R`. The response can be read as `Row`.
pub type Statistics<R, Row> = ReportQuery<StatisticsFormat, R, Row>;

/// A query for statistics of a report known only at run time.
pub type JsonStatistics = ReportQuery<StatisticsFormat, AnyReport, JsonRow>;

impl QueryFormat for StatisticsFormat {
    const NAME: &'static str = "Statistics";
    type Answer<T: FromObject> = Response<T>;

    fn read<T: FromObject>(response: RawResponse) -> Result<Response<T>, Error> {
        Ok(Response::new(response))
    }
}

impl Unranged for StatisticsFormat {
    const START: FormatSpec = FormatSpec::Statistics { range: None };
}

impl<R, Row> Statistics<R, Row> {
    /// Limits the query to a range of time.
    pub fn range(mut self, to: impl IntoTimeRange) -> Self {
        if let QueryKind::Report(_, FormatSpec::Statistics { range }) = &mut self.spec.kind {
            *range = Some(to.into_time_range());
        }
        self
    }

    /// Adds another key to the body.
    pub fn with(mut self, key: impl Into<Cow<'static, str>>, value: impl Into<Json>) -> Self {
        self.spec.with.push((key.into(), value.into()));
        self
    }
}

impl<R, Row> Statistics<R, Row> {
    /// The same query with another type to read the response as.
    pub fn rows_as<Other: FromObject>(self) -> Statistics<R, Other> {
        self.read_as()
    }
}
