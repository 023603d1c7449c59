//! The client. In come queries; out come pages, streams of rows, or errors. What is generic here is a thin shell: asking, waiting and
//! walking answers is compiled once, whatever the rows are.

mod base_url;
pub(crate) mod builder;
mod clock;
mod customers;
pub(crate) mod fault;
pub(crate) mod page;
mod rate;
pub(crate) mod response;
mod rows;
mod secret;
pub(crate) mod transport;
pub(crate) mod warning;

pub use base_url::BaseUrl;
pub use builder::ClientBuilder;
pub use customers::{CustomerFilter, Customers};
pub use page::Page;
pub use rate::RateLimit;
pub use response::Response;
pub use rows::Rows;
pub use secret::Token;
pub use warning::Warning;

pub(crate) use clock::Clock;

use std::{fmt, marker::PhantomData, sync::Arc};

use serde_json::Value as Json;

use crate::{Api, ApiSpec, Error, Paged, Partial, Query};
use transport::Core;

/// A client of the API `A`. Cheap to clone; clones share connections.
pub struct Client<A> {
    core: Arc<Core>,
    api: PhantomData<fn() -> A>,
}

impl<A: Api> Client<A> {
    /// Begins to put a client together.
    pub fn builder() -> ClientBuilder<Self> {
        ClientBuilder::new()
    }

    /// What the client was told of the API.
    pub fn spec(&self) -> &'static ApiSpec {
        A::SPEC
    }

    /// The same client for other customers.
    pub fn with_customers(&self, customers: impl Into<Customers>) -> Result<Self, Error> {
        let mut core = Core::clone(&self.core);
        let customers = customers.into();
        let (name, value) = customers.header(&core.settings)?;
        core.customers_rest = customers.rests_on(A::SPEC);
        for header in [&A::SPEC.headers.customer, &A::SPEC.headers.loyalty_club_slug] {
            core.headers.remove(header.name);
        }
        core.headers.insert(name, value);
        Ok(Self { core: Arc::new(core), api: PhantomData })
    }

    /// Rate-limit tokens for each request of a query, with the assumptions turned for this client. None where the report's cost is not
    /// known.
    pub fn cost<Q: Query<A>>(&self, query: &Q) -> Option<u32> {
        query.ask().cost(&self.core.settings)
    }

    /// The body that is sent for a query's first page, with the assumptions turned for this client.
    pub fn body<Q: Query<A>>(&self, query: &Q) -> Json {
        query.ask().body(&self.core.settings)
    }

    /// Asks once: for one page of rows (the first, or the one that a query [starts at](crate::Records::starting_at)), for a chart, for
    /// statistics, or for what an endpoint replies. If one row of a page cannot be read, the page is an error; [`stream`](Self::stream)
    /// and [`all`](Self::all) hand out the rows before it.
    pub async fn fetch<Q: Query<A>>(&self, query: Q) -> Result<Q::Answer, Error> {
        let ask = query.ask();
        let received = self.core.ask(ask, ask.cursor()).await?;
        Q::read(&self.core, ask, received)
    }

    /// All rows, page after page, as they are taken.
    pub fn stream<Q: Paged<A>>(&self, query: Q) -> Rows<Q::Row> {
        Rows::new(Arc::clone(&self.core), query.ask())
    }

    /// All rows at once. If a page fails, the error holds the rows read until then.
    pub async fn all<Q: Paged<A>>(&self, query: Q) -> Result<Vec<Q::Row>, Partial<Q::Row>> {
        let mut stream = self.stream(query);
        let mut rows = Vec::new();
        loop {
            match stream.try_next().await {
                Ok(Some(row)) => rows.push(row),
                Ok(None) => return Ok(rows),
                Err(error) => return Err(Partial { rows, error }),
            }
        }
    }
}

impl<A: Api> builder::sealed::Built for Client<A> {
    const SPEC: &'static ApiSpec = A::SPEC;

    fn of(core: Arc<Core>) -> Result<Self, Error> {
        Ok(Self { core, api: PhantomData })
    }
}

impl<A> Clone for Client<A> {
    fn clone(&self) -> Self {
        Self { core: Arc::clone(&self.core), api: PhantomData }
    }
}

impl<A> fmt::Debug for Client<A> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Sensitive headers print as such.
        let core = &self.core;
        f.debug_struct("Client")
            .field("url", &core.base.as_str())
            .field("headers", &core.headers)
            .field("limits", &core.limits)
            .finish()
    }
}
