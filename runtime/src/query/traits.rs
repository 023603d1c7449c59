//! The traits of everything that a client can send.

use crate::{decode::chart::Chart, decode::raw::RawResponse, error::Error, facts::api::Api, json::object::FromObject};

/// A query that a client of the API `A` can send: [`Records`](crate::Records), [`Timeseries`](crate::Timeseries),
/// [`Statistics`](crate::Statistics) or a [`Call`](crate::Call), or one of them for a report known only at run time.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a query for this client",
    label = "not a query of this API",
    note = "create a query from a report (`Report::records()`, `Report::series(range)`, `Report::statistics()`, or one of its aggregations) \
            or from an endpoint",
    note = "a query is passed by value: `query.clone()` keeps one for another request"
)]
pub trait Query<A: Api>: sealed::AsQuery {
    /// The response: a page, a chart or a [`Response`](crate::Response).
    type Answer;

    /// Decodes the response.
    #[doc(hidden)]
    fn read(response: RawResponse) -> Result<Self::Answer, Error>;
}

/// A query with pages of rows: [`Records`](crate::Records) and [`JsonRecords`](crate::JsonRecords).
#[diagnostic::on_unimplemented(
    message = "`{Self}` has no pages of rows",
    label = "cannot be read row by row",
    note = "timeseries, statistics and calls have a single response: use `fetch`"
)]
pub trait Paged<A: Api>: Query<A> {
    /// The type of a row.
    type Row: FromObject;
}

/// A query with a chart, whose range [`history`](crate::ApiClient::history) splits: [`Timeseries`](crate::Timeseries) and
/// [`JsonTimeseries`](crate::JsonTimeseries).
#[diagnostic::on_unimplemented(
    message = "`{Self}` has no chart",
    label = "not a timeseries",
    note = "`history` takes a timeseries: `Report::series(range)`, or an aggregation of a timeseries report"
)]
pub trait Charted<A: Api>: Query<A, Answer = Chart<<Self as Charted<A>>::Label>> {
    /// The type of a series' label.
    type Label: FromObject;
}

pub(crate) mod sealed {
    /// Limits queries to those of this crate.
    pub trait AsQuery: Clone {
        /// The query as a plain value.
        fn spec(&self) -> &crate::request::spec::QuerySpec;
    }
}
