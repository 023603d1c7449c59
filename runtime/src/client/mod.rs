//! The client. Its generic part is thin: sending and decoding are compiled once, for all row types.

pub(crate) mod base_url;
pub mod blocking;
pub(crate) mod builder;
mod cursors;
pub(crate) mod customers;
mod engine;
mod exchange;
mod faults;
mod hints;
pub(crate) mod history;
mod http;
pub(crate) mod inner;
pub(crate) mod limiter;
mod max_tokens;
mod patience;
mod per_call;
mod rate;
mod refusal;
pub(crate) mod retry;
pub(crate) mod rows;
pub(crate) mod secret;
mod threads;
mod trace;
pub(crate) mod transport;
mod walk;

use std::{fmt, marker::PhantomData, sync::Arc, time::Duration};

use serde_json::Value as Json;

use crate::error::{Error, partial::PartialRows};
use crate::facts::api::{AnyApi, Api, ApiSpec, StaticApi};
use crate::query::traits::{Charted, Paged, Query};
use crate::{decode::raw::RawResponse, request::spec::QuerySpec};
use builder::{ClientBuilder, sealed::Built};
use customers::Customers;
use history::{HistoryQuery, outcome::History, partial::PartialHistory};
use inner::Inner;
use limiter::{BucketState, RateLimiter};
use max_tokens::MaxTokens;
use retry::RetryPolicy;
use rows::Rows;

/// A client of the API `A`. Cheap to clone; clones share connections.
///
/// A generated crate has it under the name `Client`, for its own API. The examples on these pages use `harbour_api`, the generated crate of
/// an invented API.
///
/// ```
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let server = placewise_simulator::Simulator::from_json(harbour_api::MODEL)?.start()?;
/// use harbour_api::{Berths, Client, Customers, berths};
///
/// # let url = server.url();
/// let client = Client::builder().base_url(url).token("secret").customers(Customers::all()).build()?;
///
/// // One page: its rows, and the cursor of the next page.
/// let page = client.fetch(Berths::records().page_size(10)).await?;
/// println!("{} rows, next page: {:?}", page.rows.len(), page.next.cursor());
///
/// // All rows, page after page.
/// let mut rows = client.stream(Berths::records().filter(berths::LENGTH.gt(10)));
/// while let Some(berth) = rows.try_next().await? {
///     println!("{} {:?}", berth.id, berth.name);
/// }
/// # Ok(()) }
/// ```
#[derive(Clone)]
pub struct ApiClient<A> {
    inner: Arc<Inner>,
    api: PhantomData<fn() -> A>,
}

impl<A: StaticApi> ApiClient<A> {
    /// Starts to build a client.
    pub fn builder() -> ClientBuilder<Self> {
        ClientBuilder::new(A::SPEC)
    }
}

impl ApiClient<AnyApi> {
    /// Starts to build a client of an API known only at run time: [`Registry::spec`](crate::Registry::spec) has its facts. It sends the
    /// queries that the registry's reports make, and no typed ones.
    pub fn builder_for(spec: &'static ApiSpec) -> ClientBuilder<Self> {
        ClientBuilder::new(spec)
    }
}

impl<A: Api> ApiClient<A> {
    /// The facts of the API.
    pub fn spec(&self) -> &'static ApiSpec {
        self.inner.overrides.spec
    }

    /// The proxy that the environment names for the base URL, without its password: `http://proxy.example:3128`. None without a proxy, and if
    /// `http` or `transport` decides about it.
    pub fn proxy(&self) -> Option<Box<str>> {
        self.inner.http.as_ref()?.proxy()
    }

    /// The limiter that holds this client's requests back.
    pub fn rate_limiter(&self) -> &RateLimiter {
        &self.inner.limiter
    }

    /// The bucket that queries for this client's customers are charged to, as its limiter knows it. None if none was sent in the last hour.
    pub fn bucket(&self) -> Option<BucketState> {
        self.inner.bucket()
    }

    /// The same client for other customers.
    pub fn with_customers(&self, customers: impl Into<Customers>) -> Result<Self, Error> {
        Ok(Self { inner: Arc::new(self.inner.for_customers(customers.into())?), api: PhantomData })
    }

    /// Splits customers into batches of as many as one request may name. Use each with [`with_customers`](Self::with_customers). Rows of an
    /// aggregation and figures of a chart are then those of one batch.
    ///
    /// ```
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let server = placewise_simulator::Simulator::from_json(harbour_api::MODEL)?.customers(1..=100).start()?;
    /// # use harbour_api::{Berths, Client, Customers};
    /// # let client = Client::builder().base_url(server.url()).token("secret").customers(Customers::all()).build()?;
    /// let mut berths = Vec::new();
    /// for customers in client.customer_batches(1..=100) {
    ///     berths.extend(client.with_customers(customers)?.collect_all(Berths::records()).await?);
    /// }
    /// # assert_eq!(berths.len(), client.collect_all(Berths::records()).await?.len());
    /// # Ok(()) }
    /// ```
    pub fn customer_batches(&self, ids: impl IntoIterator<Item = i64>) -> Vec<Customers> {
        let ids: Vec<i64> = ids.into_iter().collect();
        if ids.is_empty() { Vec::new() } else { Customers::ids(ids).batches(self.spec()) }
    }

    /// The same client with another timeout of a call, for one call or a few.
    #[must_use]
    pub fn with_timeout(&self, timeout: Duration) -> Self {
        self.with(|inner| inner.limits.timeout = patience::clamped(timeout))
    }

    /// The same client with another [maximum wait for the rate limit](ClientBuilder::max_rate_limit_wait), for one call or a few. A backfill
    /// that [leaves tokens for others](Self::with_reserve) waits longer than they do.
    #[must_use]
    pub fn with_max_rate_limit_wait(&self, wait: Duration) -> Self {
        self.with(|inner| inner.limits.max_rate_limit_wait = wait)
    }

    /// The same client with other retries, for one call or a few.
    #[must_use]
    pub fn with_retry(&self, policy: RetryPolicy) -> Self {
        self.with(|inner| inner.limits.retry = policy)
    }

    /// The same client, which leaves this many tokens in the bucket for others, such as a dashboard beside a backfill. Requests of clients
    /// that leave less go first. Needs answers that name the level of the bucket. If nothing was sent for a minute, one request goes to learn
    /// the level, even if it takes reserved tokens. A call fails with a configuration error if the limiter is
    /// [disabled](crate::RateLimiter::disabled).
    #[must_use]
    pub fn with_reserve(&self, tokens: u32) -> Self {
        self.with(|inner| inner.limits.reserve = tokens)
    }

    /// The same client, whose calls together may spend this many tokens, over all their tries, pages and parts. It stops before the maximum is
    /// passed: a call that could pass it fails with [`Error::MaxTokens`] and is not sent. Clones of the returned client share the maximum;
    /// calling this on one starts another.
    ///
    /// A try counts with its cost until the server says what it charged, and in full if the server never does. A report of unknown cost is
    /// asked once, to learn it: that request counts as all that is left, unless the server says what it charged.
    ///
    /// ```
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let server = placewise_simulator::Simulator::from_json(harbour_api::MODEL)?.rows(1000).start()?;
    /// # let client = harbour_api::Client::builder().base_url(server.url()).token("secret").customers(1).build()?;
    /// use harbour_api::{Berths, Error};
    ///
    /// let within = client.with_max_tokens(20);
    /// let query = Berths::records().page_size(10);
    /// if let Err(partial) = within.collect_all(query.clone()).await
    ///     && matches!(partial.error, Error::MaxTokens { .. })
    /// {
    ///     println!("{} rows for {} tokens, next page: {:?}", partial.rows.len(), 20 - within.tokens_left().unwrap_or(0), partial.cursor);
    /// }
    /// # assert!(server.spent() > 0 && server.spent() <= 20);
    /// # Ok(()) }
    /// ```
    #[must_use]
    pub fn with_max_tokens(&self, tokens: u64) -> Self {
        self.with(|inner| inner.max_tokens = Some(Arc::new(MaxTokens::new(tokens))))
    }

    /// Tokens that this client may still spend, without those that requests under way have reserved; none without
    /// [a maximum](Self::with_max_tokens).
    pub fn tokens_left(&self) -> Option<u64> {
        self.inner.max_tokens.as_ref().map(|max| max.left())
    }

    fn with(&self, change: impl FnOnce(&mut Inner)) -> Self {
        let mut inner = Inner::clone(&self.inner);
        change(&mut inner);
        Self { inner: Arc::new(inner), api: PhantomData }
    }

    /// The same client with connections of its own.
    pub(crate) fn with_own_connections(&self) -> Result<Self, Error> {
        Ok(Self { inner: Arc::new(self.inner.with_own_connections()?), api: PhantomData })
    }

    /// Cost of each request in tokens, with this client's overrides. None if the report's cost is unknown.
    pub fn cost<Q: Query<A>>(&self, query: &Q) -> Option<u32> {
        query.spec().cost(&self.inner.overrides)
    }

    /// The body of a query's first request, with this client's overrides.
    pub fn body<Q: Query<A>>(&self, query: &Q) -> Json {
        query.spec().body(&self.inner.overrides)
    }

    /// Sends one request: for one page of rows (the first, or the one that a query [resumes from](crate::Records::resume_from)), a chart,
    /// statistics, or the response of an endpoint. If one row of a page cannot be decoded, the page is an error;
    /// [`stream`](Self::stream) and [`collect_all`](Self::collect_all) return the rows before it.
    pub async fn fetch<Q: Query<A>>(&self, query: Q) -> Result<Q::Answer, Error> {
        Q::read(self.send(query.spec()).await?)
    }

    /// Sends a query, in a future that borrows nothing.
    pub(crate) fn send(&self, query: &QuerySpec) -> impl Future<Output = Result<RawResponse, Error>> + Send + use<A> {
        let (inner, query) = (Arc::clone(&self.inner), Arc::new(query.clone()));
        async move { inner.send(query, None).await }
    }

    /// A timeseries over any range: split into requests that keep the limits, and put together again. See [`HistoryQuery`].
    pub fn history<Q: Charted<A>>(&self, query: Q) -> HistoryQuery<Self, Q> {
        HistoryQuery::new(self.clone(), query)
    }

    /// All rows, fetched page by page as they are taken.
    pub fn stream<Q: Paged<A>>(&self, query: Q) -> Rows<Q::Row> {
        Rows::new(Arc::clone(&self.inner), query.spec())
    }

    /// All rows in a list. If a page fails, the error holds the rows read before it.
    pub async fn collect_all<Q: Paged<A>>(&self, query: Q) -> Result<Vec<Q::Row>, PartialRows<Q::Row>> {
        self.stream(query).collect_all().await
    }
}

impl<A: Api, Q: Charted<A>> HistoryQuery<ApiClient<A>, Q> {
    /// Goes on where an earlier history of the same query stopped, and returns the whole. Only what is missing is requested. The interval,
    /// the customers, the zone and what was clipped stay as they were; other options have no effect.
    ///
    /// ```
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let server = placewise_simulator::Simulator::from_json(harbour_api::MODEL)?.start()?;
    /// # let client = harbour_api::Client::builder().base_url(server.url()).token("secret").customers(1).build()?;
    /// # let now = harbour_api::jiff::Timestamp::now();
    /// # let (from, to) = (now - harbour_api::jiff::SignedDuration::from_hours(300 * 24), now);
    /// use harbour_api::Traffic;
    ///
    /// let query = Traffic::series(from..to);
    /// let history = match client.history(query.clone()).fetch().await {
    ///     Err(partial) if partial.error.is_retryable() => client.history(query).resume_from(partial).fetch().await?,
    ///     whole_or_lost => whole_or_lost?,
    /// };
    /// # assert!(history.is_complete());
    /// # Ok(()) }
    /// ```
    ///
    /// `fetch` returns a configuration error, which keeps the partial history, if the query is another one or its range differs.
    pub fn resume_from(self, partial: PartialHistory<Q::Label>) -> Self {
        Self { rest: partial.rest, ..self }
    }

    /// Fetches it.
    ///
    /// # Errors
    ///
    /// The first error that no retry mended, with the charts before it. A range error if the range starts before the retention, or needs more
    /// than [`MAX_PARTS`](HistoryQuery::MAX_PARTS) parts; a configuration error if the charts have another zone than the one set; a decode error if the server answers a part
    /// at another interval, in another zone than the parts before or with buckets outside of it.
    pub async fn fetch(self) -> Result<History<Q::Label>, PartialHistory<Q::Label>> {
        let Self { client, query, options, rest } = self;
        let outcome = history::run::<Q::Label>(&client.inner, query.spec(), options, rest).await;
        history::typed(&client.inner, query.spec(), outcome)
    }
}

impl<A: Api> Built for ApiClient<A> {
    fn of(inner: Arc<Inner>) -> Result<Self, Error> {
        Ok(Self { inner, api: PhantomData })
    }
}

impl<A> fmt::Debug for ApiClient<A> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Headers marked sensitive do not print their values.
        let inner = &self.inner;
        f.debug_struct("ApiClient")
            .field("url", &inner.base.as_str())
            .field("headers", &inner.headers)
            .field("limits", &inner.limits)
            .finish()
    }
}
