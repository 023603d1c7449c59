//! The same calls for code without `async`. In come the same queries; out come the same pages and rows. Each client runs its requests on
//! a small runtime of its own, on the thread that calls. Inside of an async runtime the calls fail instead of blocking it.

use std::{fmt, sync::Arc};

use serde_json::Value as Json;
use tokio::runtime;

use crate::{
    Api, ApiSpec, ClientBuilder, Error, Paged, Partial, Query, RateLimit, Record, Warning,
    client::{builder::sealed::Built, transport::Core},
};

/// A client whose calls wait.
pub struct Client<A> {
    client: crate::Client<A>,
    engine: Arc<Engine>,
}

/// The runtime, let go of without waiting: dropping one in async code would panic.
struct Engine(Option<runtime::Runtime>);

impl Engine {
    fn new() -> Result<Self, Error> {
        let runtime = runtime::Builder::new_current_thread().enable_all().build();
        runtime
            .map(|runtime| Self(Some(runtime)))
            .map_err(|error| Error::configuration("blocking", format!("no runtime: {error}")))
    }

    fn wait<T>(&self, future: impl Future<Output = T>) -> Result<T, Error> {
        match &self.0 {
            Some(runtime) if runtime::Handle::try_current().is_err() => Ok(runtime.block_on(future)),
            _ => Err(Error::configuration("blocking", "called inside of an async runtime; use the async client there")),
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

impl<A: Api> Client<A> {
    /// Begins to put a client together.
    pub fn builder() -> ClientBuilder<Self> {
        ClientBuilder::new()
    }

    /// Makes a waiting client of an async one.
    pub fn new(client: crate::Client<A>) -> Result<Self, Error> {
        Ok(Self { client, engine: Arc::new(Engine::new()?) })
    }

    /// The same client for other customers.
    pub fn with_customers(&self, customers: impl Into<crate::Customers>) -> Result<Self, Error> {
        Ok(Self { client: self.client.with_customers(customers)?, engine: Arc::clone(&self.engine) })
    }

    /// Rate-limit tokens for each page of a query; see [`crate::Client::cost`].
    pub fn cost<Q: Query<A>>(&self, query: &Q) -> Option<u32> {
        self.client.cost(query)
    }

    /// The body that is sent for a query's first page; see [`crate::Client::body`].
    pub fn body<Q: Query<A>>(&self, query: &Q) -> Json {
        self.client.body(query)
    }

    /// Asks once; see [`crate::Client::fetch`].
    pub fn fetch<Q: Query<A>>(&self, query: Q) -> Result<Q::Answer, Error> {
        self.engine.wait(self.client.fetch(query))?
    }

    /// All rows, page after page, as they are taken. Pages are not asked for ahead: between two rows nothing runs.
    pub fn stream<Q: Paged<A>>(&self, query: Q) -> Rows<Q::Row> {
        Rows { rows: self.client.stream(query).prefetch(false), failed: false, engine: Arc::clone(&self.engine) }
    }

    /// All rows at once; see [`crate::Client::all`].
    pub fn all<Q: Paged<A>>(&self, query: Q) -> Result<Vec<Q::Row>, Partial<Q::Row>> {
        match self.engine.wait(self.client.all(query)) {
            Ok(result) => result,
            Err(error) => Err(Partial { rows: Vec::new(), error }),
        }
    }
}

impl<A: Api> Built for Client<A> {
    const SPEC: &'static ApiSpec = A::SPEC;

    fn of(core: Arc<Core>) -> Result<Self, Error> {
        Self::new(crate::Client::of(core)?)
    }
}

impl<A> Clone for Client<A> {
    fn clone(&self) -> Self {
        Self { client: self.client.clone(), engine: Arc::clone(&self.engine) }
    }
}

impl<A> fmt::Debug for Client<A> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("blocking::Client").field(&self.client).finish()
    }
}

/// The rows of a query; see [`crate::Rows`].
#[must_use = "nothing is asked before the first row is"]
pub struct Rows<Row> {
    rows: crate::Rows<Row>,
    /// Whether an error was given: after one there are no more rows.
    failed: bool,
    engine: Arc<Engine>,
}

impl<Row: Record> Rows<Row> {
    /// The next row; none after the last, and none after an error.
    pub fn try_next(&mut self) -> Result<Option<Row>, Error> {
        if self.failed {
            return Ok(None);
        }
        // A row that is there already needs no runtime.
        if let Some(row) = self.rows.next_ready() {
            return Ok(Some(row));
        }
        let next = self.engine.wait(self.rows.try_next()).and_then(|next| next);
        self.failed = next.is_err();
        next
    }

    /// The rate limit's state after the latest page, where the server told it.
    pub fn rate(&self) -> Option<&RateLimit> {
        self.rows.rate()
    }

    /// Keys that the server sent so far and no type models.
    pub fn unknown_keys(&self) -> &std::collections::BTreeMap<String, u64> {
        self.rows.unknown_keys()
    }

    /// What the answers so far speak against of that which is taken as given.
    pub fn warnings(&self) -> &[Warning] {
        self.rows.warnings()
    }
}

impl<Row: Record> Iterator for Rows<Row> {
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
