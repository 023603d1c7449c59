//! The one type of all report queries: records, timeseries and statistics, of a report known at compile time or only at run time.

use std::{borrow::Cow, fmt, marker::PhantomData};

use serde_json::Value as Json;

use super::{filter::Filter, traits::Query, traits::sealed::AsQuery};
use crate::facts::api::{Api, ApiRef, StaticApi};
use crate::facts::report::{AnyReport, Report, ReportSpec};
use crate::request::spec::{FormatSpec, QueryKind, QuerySpec};
use crate::{decode::raw::RawResponse, error::Error, json::object::FromObject, overrides::Overrides, text::nearest::unknown};

/// A query of the report `R` in the format `F`, with rows or labels of type `T`.
///
/// Use it under the names [`Records`](crate::Records), [`Timeseries`](crate::Timeseries) and [`Statistics`](crate::Statistics), or
/// [`JsonRecords`](crate::JsonRecords), [`JsonTimeseries`](crate::JsonTimeseries) and [`JsonStatistics`](crate::JsonStatistics) for a report
/// known only at run time.
#[must_use = "a query is sent by `fetch`, `stream` or `collect_all`"]
pub struct ReportQuery<F, R, T> {
    pub(super) spec: QuerySpec,
    marker: Marker<F, R, T>,
}

type Marker<F, R, T> = PhantomData<fn() -> (F, R, T)>;

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
    pub(crate) const fn of(spec: QuerySpec) -> Self {
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
        Self::of(QuerySpec::new(ApiRef(R::Api::SPEC), R::SPEC, None, F::START))
    }

    /// A query of an aggregation.
    pub const fn of_aggregation(name: &'static str) -> Self {
        Self::of(QuerySpec::new(ApiRef(R::Api::SPEC), R::SPEC, Some(Cow::Borrowed(name)), F::START))
    }

    /// A query of an aggregation whose name is known only at run time.
    pub fn of_aggregation_named(name: impl Into<Cow<'static, str>>) -> Self {
        Self::of(QuerySpec::new(ApiRef(R::Api::SPEC), R::SPEC, Some(name.into()), F::START))
    }
}

impl<F, R, T> ReportQuery<F, R, T> {
    /// Adds a filter. All filters of a query must match.
    pub fn filter(mut self, filter: Filter<R>) -> Self {
        self.spec.add_filter(filter.into_node());
        self
    }

    /// The name of the report.
    pub fn report_name(&self) -> &'static str {
        self.spec.subject.report
    }

    /// Cost of each request in tokens: report, filters and aggregation. None if the report's cost is unknown.
    pub fn cost(&self) -> Option<u32> {
        self.spec.cost(&Overrides::none(self.spec.api.0))
    }

    /// The body of the first request, without overrides of assumptions.
    pub fn body(&self) -> Json {
        self.spec.body(&Overrides::none(self.spec.api.0))
    }
}

impl<F, T> ReportQuery<F, AnyReport, T> {
    /// Queries an aggregation instead of the report itself.
    ///
    /// # Errors
    ///
    /// A configuration error if the report does not have the aggregation. If the spec says that there may be others than it lists, the
    /// server decides.
    pub fn aggregated_by(mut self, name: impl Into<String>) -> Result<Self, Error> {
        let name = name.into();
        if let QueryKind::Report(ReportSpec { aggregations: Some(known), .. }, _) = self.spec.kind
            && !known.contains(&name.as_str())
        {
            let problem = format!("{}: {}", self.spec.subject, unknown("aggregation", &name, known.iter().copied()));
            return Err(Error::configuration("aggregation", problem));
        }
        self.spec.aggregation = Some(name.into());
        Ok(self)
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

// Not recommended, because the compiler would list every kind of query below the note that says how to make one.
#[diagnostic::do_not_recommend]
impl<F: QueryFormat, R: Report, T: FromObject> Query<R::Api> for ReportQuery<F, R, T> {
    type Answer = F::Answer<T>;

    fn read(response: RawResponse) -> Result<F::Answer<T>, Error> {
        F::read(response)
    }
}

#[diagnostic::do_not_recommend]
impl<A: Api, F: QueryFormat, T: FromObject> Query<A> for ReportQuery<F, AnyReport, T> {
    type Answer = F::Answer<T>;

    fn read(response: RawResponse) -> Result<F::Answer<T>, Error> {
        F::read(response)
    }
}
