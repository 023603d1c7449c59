//! Asserts at compile time which types threads can share.

use super::{ApiClient, blocking, builder::ClientBuilder, customers::Customers, rows::Rows};
use crate::decode::{chart::Chart, page::Page, response::Response};
use crate::error::{Error, partial::PartialRows};
use crate::facts::{api::Api, report::Report};
use crate::json::{map::JsonRow, object::FromObject};
use crate::query::call::{Call, Endpoint};
use crate::query::{field::Field, filter::Filter, records::Records, statistics::Statistics, timeseries::Timeseries};
use crate::registry::{Registry, report_info::ReportInfo};
use crate::time::timestamp::TimestampError;

/// Clients, builders, queries and errors can be shared between threads; pages, charts and streams of rows can if their rows can. A stream
/// holds the handle of a task, not the request in flight.
#[allow(dead_code, reason = "checked when it is compiled")]
const fn shared_between_threads<A: Api, R: Report<Api = A>, E: Endpoint<Api = A>, Row: FromObject + Sync>() {
    const fn sync<T: Send + Sync>() {}
    sync::<(ApiClient<A>, blocking::ApiClient<A>, ClientBuilder<ApiClient<A>>, ClientBuilder<blocking::ApiClient<A>>)>();
    sync::<(Records<R, Row>, Timeseries<R, Row>, Statistics<R, Row>, Call<E>, Filter<R>, Field<R, Row>, Customers)>();
    sync::<(Page<Row>, Chart<Row>, Response<Row>, JsonRow)>();
    sync::<(Registry, ReportInfo)>();
    sync::<(Error, PartialRows<Row>, TimestampError)>();
    sync::<(Rows<Row>, blocking::Rows<Row>)>();
}
