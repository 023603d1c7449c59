//! The one type of all report queries: records, timeseries and statistics, of a report known at compile time or only at run time.

use std::{borrow::Cow, fmt, marker::PhantomData};

use serde_json::Value as Json;

use super::{filter::Filter, traits::Query, traits::sealed::AsQuery};
use crate::facts::report::{Report, ReportInfo};
use crate::json::map::JsonRow;
use crate::json::object::FromObject;
use crate::request::spec::{FormatSpec, QuerySpec};
use crate::{decode::raw::RawResponse, error::Error, facts::api::Api, overrides::Overrides, request::filter::FilterNode};

/// A query of the report `R` in the format `F`, with rows or labels of type `T`.
///
/// Use it under the names [`Records`](crate::Records), [`Timeseries`](crate::Timeseries) and [`Statistics`](crate::Statistics), or
/// [`JsonRecords`](crate::JsonRecords), [`JsonTimeseries`](crate::JsonTimeseries) and [`JsonStatistics`](crate::JsonStatistics) for a report
/// known only at run time.
pub struct ReportQuery<F, R, T> {
    pub(super) spec: QuerySpec,
    marker: Marker<F, R, T>,
}

type Marker<F, R, T> = PhantomData<fn() -> (F, R, T)>;

/// Stands for a report known only at run time.
#[derive(Debug)]
pub enum AnyReport {}

/// A format of queries.
pub trait QueryFormat: 'static {
    /// The name of the query type, for `Debug`.
    const NAME: &'static str;
    /// The response, with rows or labels of type `T`.
    type Answer<T: FromObject>;
    /// Decodes the response.
    fn read<T: FromObject>(response: RawResponse) -> Result<Self::Answer<T>, Error>;
}

/// A format whose queries need no range.
pub trait Unranged: QueryFormat {
    /// A query without options.
    const START: FormatSpec;
}

impl<F, R, T> ReportQuery<F, R, T> {
    pub(super) const fn of(spec: QuerySpec) -> Self {
        Self { spec, marker: PhantomData }
    }

    /// The same query with another row or label type.
    pub(super) fn read_as<Other>(self) -> ReportQuery<F, R, Other> {
        ReportQuery::of(self.spec)
    }
}

impl<F: Unranged, R: Report, T> ReportQuery<F, R, T> {
    /// A query of the report itself.
    pub const fn of_report() -> Self {
        Self::of(QuerySpec::new(R::INFO, None, F::START))
    }

    /// A query of an aggregation.
    pub const fn of_aggregation(name: &'static str) -> Self {
        Self::of(QuerySpec::new(R::INFO, Some(Cow::Borrowed(name)), F::START))
    }

    /// A query of an aggregation whose name is known only at run time.
    pub fn of_aggregation_named(name: impl Into<Cow<'static, str>>) -> Self {
        Self::of(QuerySpec::new(R::INFO, Some(name.into()), F::START))
    }
}

impl<F, R: Report, T> ReportQuery<F, R, T> {
    /// Adds a filter. All filters of a query must match.
    #[must_use]
    pub fn filter(mut self, filter: Filter<R>) -> Self {
        self.spec.add_filter(filter.into_node());
        self
    }

    /// The facts of the report.
    pub fn report(&self) -> &'static ReportInfo {
        R::INFO
    }

    /// Cost of each request in tokens: report, filters and aggregation. None if the report's cost is unknown.
    pub fn cost(&self) -> Option<u32> {
        self.spec.cost(&Overrides::none(<R::Api as Api>::SPEC))
    }

    /// The body of the first request, without overrides of assumptions.
    pub fn body(&self) -> Json {
        self.spec.body(&Overrides::none(<R::Api as Api>::SPEC))
    }
}

impl<F: Unranged> ReportQuery<F, AnyReport, JsonRow> {
    /// A query of a report.
    pub const fn new(report: &'static ReportInfo) -> Self {
        Self::of(QuerySpec::new(report, None, F::START))
    }
}

impl<F> ReportQuery<F, AnyReport, JsonRow> {
    /// Queries an aggregation instead of the report itself.
    #[must_use]
    pub fn aggregated(mut self, name: impl Into<String>) -> Self {
        self.spec.aggregation = Some(name.into().into());
        self
    }

    /// Adds a filter as JSON, which is sent unchanged. All filters of a query must match.
    #[must_use]
    pub fn filter(mut self, filter: Json) -> Self {
        self.spec.add_filter(FilterNode::raw(filter));
        self
    }
}

impl<F, R, T> Clone for ReportQuery<F, R, T> {
    fn clone(&self) -> Self {
        Self::of(self.spec.clone())
    }
}

impl<F, R, T> PartialEq for ReportQuery<F, R, T> {
    fn eq(&self, other: &Self) -> bool {
        self.spec == other.spec
    }
}

impl<F: QueryFormat, R, T> fmt::Debug for ReportQuery<F, R, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple(F::NAME).field(&self.spec).finish()
    }
}

impl<F, R, T> AsQuery for ReportQuery<F, R, T> {
    fn spec(&self) -> &QuerySpec {
        &self.spec
    }
}

impl<F: QueryFormat, R: Report, T: FromObject> Query<R::Api> for ReportQuery<F, R, T> {
    type Answer = F::Answer<T>;

    fn read(response: RawResponse) -> Result<F::Answer<T>, Error> {
        F::read(response)
    }
}

impl<A: Api, F: QueryFormat> Query<A> for ReportQuery<F, AnyReport, JsonRow> {
    type Answer = F::Answer<JsonRow>;

    fn read(response: RawResponse) -> Result<F::Answer<JsonRow>, Error> {
        F::read(response)
    }
}
