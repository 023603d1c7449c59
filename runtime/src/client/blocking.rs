//! The client without `async`. A call inside an async runtime is an error, because it would block the runtime.

use std::{collections::BTreeMap, fmt, sync::Arc};

use serde_json::Value as Json;
use tokio::runtime;

use super::{builder::ClientBuilder, builder::sealed::Built, customers::Customers, rows, transport::Inner};
use crate::error::{Error, PartialRows};
use crate::facts::api::{AnyApi, Api, ApiSpec, StaticApi};
use crate::query::traits::{Paged, Query};
use crate::{decode::warning::Warning, json::object::FromObject, rate_limit::RateLimit};

/// A client whose calls block.
///
/// ```
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let server = placewise_simulator::Simulator::from_json(harbour_api::MODEL)?.start()?;
/// use harbour_api::{Berths, Customers, blocking::Client};
///
/// # let url = server.url();
/// let client = Client::builder().base_url(url).token("secret").customers(Customers::all()).build()?;
/// for berth in client.stream(Berths::records()) {
///     println!("{}", berth?.id);
/// }
/// # Ok(()) }
/// ```
#[derive(Clone)]
pub struct ApiClient<A> {
    client: super::ApiClient<A>,
    engine: Arc<Engine>,
}

/// A runtime that shuts down in the background, because dropping one in async code panics.
struct Engine(Option<runtime::Runtime>);

impl Engine {
    fn new() -> Result<Self, Error> {
        let runtime = runtime::Builder::new_current_thread().enable_all().build();
        runtime
            .map(|runtime| Self(Some(runtime)))
            .map_err(|error| Error::configuration("blocking", format!("cannot start a runtime: {error}")))
    }

    fn wait<T>(&self, future: impl Future<Output = T>) -> Result<T, Error> {
        match &self.0 {
            Some(runtime) if runtime::Handle::try_current().is_err() => Ok(runtime.block_on(future)),
            _ => Err(Error::configuration("blocking", "called inside an async runtime; use the async client")),
        }
    }
}

impl Drop for Engine {
    fn drop(&mut self) {
        if let Some(runtime) = self.0.take() {
            runtime.shutdown_background();
        }
    }
}

impl<A: StaticApi> ApiClient<A> {
    /// Starts to build a client.
    pub fn builder() -> ClientBuilder<Self> {
        ClientBuilder::new(A::SPEC)
    }
}

impl ApiClient<AnyApi> {
    /// Starts to build a client of an API known only at run time; see [`ApiClient::builder_for`](crate::ApiClient::builder_for).
    pub fn builder_for(spec: &'static ApiSpec) -> ClientBuilder<Self> {
        ClientBuilder::new(spec)
    }
}

impl<A: Api> ApiClient<A> {
    /// The blocking version of an async client.
    pub fn new(client: super::ApiClient<A>) -> Result<Self, Error> {
        Ok(Self { client, engine: Arc::new(Engine::new()?) })
    }

    /// The same client for other customers.
    pub fn with_customers(&self, customers: impl Into<Customers>) -> Result<Self, Error> {
        Ok(Self { client: self.client.with_customers(customers)?, engine: Arc::clone(&self.engine) })
    }

    /// Cost of each request in tokens; see [`ApiClient::cost`](crate::ApiClient::cost).
    pub fn cost<Q: Query<A>>(&self, query: &Q) -> Option<u32> {
        self.client.cost(query)
    }

    /// The body of a query's first request; see [`ApiClient::body`](crate::ApiClient::body).
    pub fn body<Q: Query<A>>(&self, query: &Q) -> Json {
        self.client.body(query)
    }

    /// Sends one request; see [`ApiClient::fetch`](crate::ApiClient::fetch).
    pub fn fetch<Q: Query<A>>(&self, query: Q) -> Result<Q::Answer, Error> {
        self.engine.wait(self.client.fetch(query))?
    }

    /// All rows, fetched page by page as they are taken. Pages are not fetched ahead.
    pub fn stream<Q: Paged<A>>(&self, query: Q) -> Rows<Q::Row> {
        Rows { rows: self.client.stream(query).prefetch(false), failed: false, engine: Arc::clone(&self.engine) }
    }

    /// All rows in a list; see [`ApiClient::collect_all`](crate::ApiClient::collect_all).
    pub fn collect_all<Q: Paged<A>>(&self, query: Q) -> Result<Vec<Q::Row>, PartialRows<Q::Row>> {
        let all = self.engine.wait(self.client.collect_all(query));
        all.unwrap_or_else(|error| Err(PartialRows { rows: Vec::new(), error }))
    }
}

impl<A: Api> Built for ApiClient<A> {
    fn of(inner: Arc<Inner>) -> Result<Self, Error> {
        Self::new(super::ApiClient::of(inner)?)
    }
}

impl<A> fmt::Debug for ApiClient<A> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("blocking::ApiClient").field(&self.client).finish()
    }
}

/// The rows of a query; see [`Rows`](crate::Rows).
#[must_use = "nothing is sent before the first row is taken"]
pub struct Rows<Row> {
    rows: rows::Rows<Row>,
    /// After an error there are no more rows.
    failed: bool,
    engine: Arc<Engine>,
}

impl<Row: FromObject> Rows<Row> {
    /// The next row; none after the last, and none after an error.
    pub fn try_next(&mut self) -> Result<Option<Row>, Error> {
        if self.failed {
            return Ok(None);
        }
        // A row that has already arrived needs no runtime.
        if let Some(row) = self.rows.next_ready() {
            return Ok(Some(row));
        }
        let next = self.engine.wait(self.rows.try_next()).and_then(|next| next);
        self.failed = next.is_err();
        next
    }

    /// The state of the rate limit after the latest page, if the server sent it.
    pub fn rate(&self) -> Option<&RateLimit> {
        self.rows.rate()
    }

    /// Unknown keys that the server sent so far, by dotted path, with how often each occurred.
    pub fn unknown_keys(&self) -> &BTreeMap<String, u64> {
        self.rows.unknown_keys()
    }

    /// Assumptions that the pages so far contradict.
    pub fn warnings(&self) -> &[Warning] {
        self.rows.warnings()
    }
}

impl<Row: FromObject> Iterator for Rows<Row> {
    type Item = Result<Row, Error>;

    fn next(&mut self) -> Option<Self::Item> {
        self.try_next().transpose()
    }
}

impl<Row> fmt::Debug for Rows<Row> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.rows.fmt(f)
    }
}
