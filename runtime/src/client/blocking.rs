//! The client without `async`. A thread of its own does the work, so calls work on any thread, also on those of an async runtime.

use std::{collections::BTreeMap, fmt, sync::Arc, time::Duration};

use serde_json::Value as Json;

use super::history::{HistoryQuery, outcome::History, partial::PartialHistory};
use super::{
    builder::ClientBuilder, builder::sealed::Built, customers::Customers, engine::Engine, history, inner::Inner,
    retry::RetryPolicy, rows, secret::Token,
};
use crate::error::{Error, partial::PartialRows};
use crate::facts::api::{AnyApi, Api, ApiSpec, StaticApi};
use crate::query::traits::{Charted, Paged, Query};
use crate::{decode::warning::Warning, json::misfit::Misfits, json::object::FromObject, meta::Meta, rate_limit::RateLimit};

/// A client whose calls block the thread that makes them.
///
/// In async code, where a blocked thread holds up other tasks, call it inside `tokio::task::spawn_blocking`, or use the async client.
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
    /// The blocking version of an async client. It has connections of its own.
    pub fn new(client: super::ApiClient<A>) -> Result<Self, Error> {
        Ok(Self { client: client.with_own_connections()?, engine: Arc::new(Engine::start()?) })
    }

    /// The same client for other customers.
    pub fn with_customers(&self, customers: impl Into<Customers>) -> Result<Self, Error> {
        Ok(self.with(self.client.with_customers(customers)?))
    }

    /// The same client with another timeout; see [`ApiClient::with_timeout`](crate::ApiClient::with_timeout).
    #[must_use]
    pub fn with_timeout(&self, timeout: Duration) -> Self {
        self.with(self.client.with_timeout(timeout))
    }

    /// The same client with another maximum wait for the rate limit; see
    /// [`ApiClient::with_max_rate_limit_wait`](crate::ApiClient::with_max_rate_limit_wait).
    #[must_use]
    pub fn with_max_rate_limit_wait(&self, wait: Duration) -> Self {
        self.with(self.client.with_max_rate_limit_wait(wait))
    }

    /// The same client with other retries; see [`ApiClient::with_retry`](crate::ApiClient::with_retry).
    #[must_use]
    pub fn with_retry(&self, policy: RetryPolicy) -> Self {
        self.with(self.client.with_retry(policy))
    }

    /// The same client with a further request header; see [`ApiClient::with_header`](crate::ApiClient::with_header).
    pub fn with_header(&self, name: &str, value: &str) -> Result<Self, Error> {
        Ok(self.with(self.client.with_header(name, value)?))
    }

    /// The same client with the token of another user; see [`ApiClient::with_user_token`](crate::ApiClient::with_user_token).
    pub fn with_user_token(&self, token: impl Into<Token>) -> Result<Self, Error> {
        Ok(self.with(self.client.with_user_token(token)?))
    }

    /// The same client with texts in another language; see [`ApiClient::with_locale`](crate::ApiClient::with_locale).
    pub fn with_locale(&self, tag: &str) -> Result<Self, Error> {
        Ok(self.with(self.client.with_locale(tag)?))
    }

    /// The same client, which leaves tokens for others; see [`ApiClient::with_reserve`](crate::ApiClient::with_reserve).
    #[must_use]
    pub fn with_reserve(&self, tokens: u32) -> Self {
        self.with(self.client.with_reserve(tokens))
    }

    /// The same client, whose calls together may spend this many tokens; see [`ApiClient::with_max_tokens`](crate::ApiClient::with_max_tokens).
    #[must_use]
    pub fn with_max_tokens(&self, tokens: u64) -> Self {
        self.with(self.client.with_max_tokens(tokens))
    }

    /// Tokens that this client may still spend; see [`ApiClient::tokens_left`](crate::ApiClient::tokens_left).
    pub fn tokens_left(&self) -> Option<u64> {
        self.client.tokens_left()
    }

    fn with(&self, client: super::ApiClient<A>) -> Self {
        Self { client, engine: Arc::clone(&self.engine) }
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
        Q::read(self.engine.run(self.client.send(query.spec()))?)
    }

    /// Splits customers into batches; see [`ApiClient::customer_batches`](crate::ApiClient::customer_batches).
    pub fn customer_batches(&self, ids: impl IntoIterator<Item = i64>) -> Vec<Customers> {
        self.client.customer_batches(ids)
    }

    /// A timeseries over any range; see [`HistoryQuery`].
    pub fn history<Q: Charted<A>>(&self, query: Q) -> HistoryQuery<Self, Q> {
        HistoryQuery::new(self.clone(), query)
    }

    /// All rows, fetched page by page as they are taken. Pages are not fetched ahead, unless [`prefetch`](Rows::prefetch) says so.
    pub fn stream<Q: Paged<A>>(&self, query: Q) -> Rows<Q::Row> {
        Rows { rows: self.client.stream(query).prefetch(0), failed: false, engine: Arc::clone(&self.engine) }
    }

    /// All rows in a list; see [`ApiClient::collect_all`](crate::ApiClient::collect_all).
    pub fn collect_all<Q: Paged<A>>(&self, query: Q) -> Result<Vec<Q::Row>, PartialRows<Q::Row>> {
        self.engine.wait(self.client.stream(query).collect_all())
    }
}

impl<A: Api, Q: Charted<A>> HistoryQuery<ApiClient<A>, Q> {
    /// Goes on where an earlier history stopped; see the `resume_from` of the async client's.
    pub fn resume_from(self, partial: PartialHistory<Q::Label>) -> Self {
        Self { rest: partial.rest, ..self }
    }

    /// Fetches it; see the `fetch` of the async client's.
    pub fn fetch(self) -> Result<History<Q::Label>, PartialHistory<Q::Label>> {
        let Self { client: ApiClient { client, engine }, query, options, rest } = self;
        let outcome = engine.run(history::run::<Q::Label>(&client.inner, query.spec(), options, rest));
        history::typed(&client.inner, query.spec(), outcome)
    }
}

impl<A: Api> Built for ApiClient<A> {
    fn of(inner: Arc<Inner>) -> Result<Self, Error> {
        Ok(Self { client: super::ApiClient::of(inner)?, engine: Arc::new(Engine::start()?) })
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
    /// How many pages are fetched ahead; see [`Rows::prefetch`](crate::Rows::prefetch). Default: 0.
    pub fn prefetch(mut self, pages: usize) -> Self {
        self.rows = self.rows.prefetch(pages);
        self
    }

    /// The next row; none after the last, and none after an error.
    pub fn try_next(&mut self) -> Result<Option<Row>, Error> {
        if self.failed {
            return Ok(None);
        }
        if let Some(row) = self.rows.next_ready() {
            return Ok(Some(row));
        }
        let next = self.engine.wait(self.rows.try_next());
        self.failed = next.is_err();
        next
    }

    /// The rows of the next page; see [`Rows::try_next_page`](crate::Rows::try_next_page).
    pub fn try_next_page(&mut self) -> Result<Option<Vec<Row>>, Error> {
        if self.failed {
            return Ok(None);
        }
        let page = self.engine.wait(self.rows.try_next_page());
        self.failed = page.is_err();
        page
    }

    /// The cursor to go on from; see [`Rows::cursor`](crate::Rows::cursor).
    pub fn cursor(&self) -> Option<&str> {
        self.rows.cursor()
    }

    /// Whether all rows have been taken; see [`Rows::is_finished`](crate::Rows::is_finished).
    pub fn is_finished(&self) -> bool {
        self.rows.is_finished()
    }

    /// What became of the request for the latest page.
    pub fn meta(&self) -> Option<&Meta> {
        self.rows.meta()
    }

    /// The state of the rate limit after the latest page, if the server sent it.
    pub fn rate(&self) -> Option<&RateLimit> {
        self.rows.rate()
    }

    /// Unknown keys that the server sent so far, by dotted path, with how often each occurred.
    pub fn unknown_keys(&self) -> &BTreeMap<String, u64> {
        self.rows.unknown_keys()
    }

    /// What did not fit its type so far; see [`Rows::misfits`](crate::Rows::misfits).
    pub fn misfits(&self) -> &Misfits {
        self.rows.misfits()
    }

    /// What is odd about the pages so far, such as assumptions that they contradict.
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
