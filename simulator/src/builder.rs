//! Building a simulator. In come a model and what the user wants of it; out comes a running server, or what keeps it from starting.
//! Nothing is looked at before `start`, so the calls can stand in any order.

use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use placewise_model::Model;
use serde_json::Value;

use crate::access::{Permits, Tokens};
use crate::answers::Given;
use crate::customers::Described;
use crate::error::StartError;
use crate::limit::Clock;
use crate::prepare::service;
use crate::server::Server;
use crate::service::Now;

/// Rows of each report where the user names no number.
const ROWS: usize = 100;
/// A simulator that is not running yet.
///
/// ```no_run
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let model_json = "";
/// use placewise_simulator::{Permits, Simulator};
///
/// let server = Simulator::from_json(model_json)?
///     .seed(7)
///     .rows(500)
///     .customers([1000941, 1000942])
///     .token("demo", Permits::all())
///     .start()?;
/// println!("{}", server.url());
/// # Ok(())
/// # }
/// ```
#[must_use = "a simulator does nothing until it is started"]
pub struct Simulator {
    pub(crate) model: Model,
    pub(crate) seed: u64,
    pub(crate) rows: usize,
    pub(crate) with_optional: bool,
    pub(crate) data: Vec<(String, Source)>,
    pub(crate) tokens: Tokens,
    pub(crate) customers: Option<Vec<i64>>,
    pub(crate) slugs: Vec<(String, i64)>,
    pub(crate) described: Vec<Described>,
    pub(crate) assumptions: Vec<(String, Value)>,
    pub(crate) clock: Option<Clock>,
    pub(crate) now: Option<Now>,
    pub(crate) zones: Vec<(i64, String)>,
    pub(crate) replies: Vec<(String, Given)>,
    pub(crate) strict: bool,
    pub(crate) port: u16,
}

/// Where a report's rows come from.
pub(crate) enum Source {
    Rows(Vec<Value>),
    File(PathBuf),
}

impl Simulator {
    /// A simulator of that model.
    pub fn new(model: Model) -> Self {
        Self {
            model,
            seed: 0,
            rows: ROWS,
            with_optional: false,
            data: Vec::new(),
            tokens: Tokens::default(),
            customers: None,
            slugs: Vec::new(),
            described: Vec::new(),
            assumptions: Vec::new(),
            clock: None,
            now: None,
            zones: Vec::new(),
            replies: Vec::new(),
            strict: false,
            port: 0,
        }
    }

    /// A simulator of a model that is written as JSON.
    ///
    /// # Errors
    /// Where the text is no model.
    pub fn from_json(model: &str) -> Result<Self, StartError> {
        serde_json::from_str(model).map(Self::new).map_err(StartError::Model)
    }

    /// From what made-up rows are made: the same seed gives the same rows, and at the same moment (see [`now`](Self::now)) the same times in
    /// them.
    pub fn seed(mut self, seed: u64) -> Self {
        self.seed = seed;
        self
    }

    /// How many rows are made up for each report.
    pub fn rows(mut self, rows: usize) -> Self {
        self.rows = rows;
        self
    }

    /// Whether made-up rows have the keys that the documentation's examples lack. They do not unless asked.
    pub fn with_optional(mut self, with: bool) -> Self {
        self.with_optional = with;
        self
    }

    /// Gives a report these rows instead of made-up ones; each must fit the spec. Calls for the same report add up.
    pub fn data(mut self, report: impl Into<String>, rows: impl IntoIterator<Item = Value>) -> Self {
        self.data.push((report.into(), Source::Rows(rows.into_iter().collect())));
        self
    }

    /// The same from a file with one JSON object a line.
    pub fn data_file(mut self, report: impl Into<String>, path: impl Into<PathBuf>) -> Self {
        self.data.push((report.into(), Source::File(path.into())));
        self
    }

    /// Adds a token and what it may ask. Without any, every token is taken and may ask everything.
    pub fn token(mut self, token: impl Into<String>, permits: Permits) -> Self {
        self.tokens.add(token.into(), permits);
        self
    }

    /// The customers that there are, by their positive ids; made-up rows spread over them evenly. Without this: those of the model's documented example.
    /// Customers that only given data has are known too.
    pub fn customers(mut self, ids: impl IntoIterator<Item = i64>) -> Self {
        self.customers = Some(ids.into_iter().collect());
        self
    }

    /// What a customer is found by: a filter such as `country=PL` in the header of customers. Filters that no customer was described by narrow
    /// nothing.
    pub fn customer_filter(mut self, customer: i64, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.described.push((customer, name.into(), value.into()));
        self
    }

    /// The slug of a customer. Without any, the model's documented example stands for the first customer.
    pub fn slug(mut self, slug: impl Into<String>, customer: i64) -> Self {
        self.slugs.push((slug.into(), customer));
        self
    }

    /// Behaves as if an assumption had another value.
    pub fn assume(mut self, id: impl Into<String>, value: impl Into<Value>) -> Self {
        self.assumptions.push((id.into(), value.into()));
        self
    }

    /// The clock that refills the rate limit's buckets: time since any fixed moment. For tests, see [`ManualClock`](crate::ManualClock).
    pub fn clock(mut self, clock: impl Fn() -> Duration + Send + Sync + 'static) -> Self {
        self.clock = Some(Arc::new(clock));
        self
    }

    /// The moment of each request: until when an interval's data are kept depends on it. What is made up is of the time before the moment
    /// at which the simulator starts: rows of the year before it, and no event later. Without this, the system's time; with it, the same
    /// seed gives the same rows and series on any day.
    pub fn now(mut self, now: impl Fn() -> Timestamp + Send + Sync + 'static) -> Self {
        self.now = Some(Arc::new(now));
        self
    }

    /// The time zone of a customer, by its IANA name. Without this it is that of the documented example, `Europe/Oslo`.
    pub fn customer_zone(mut self, customer: i64, zone: impl Into<String>) -> Self {
        self.zones.push((customer, zone.into()));
        self
    }

    /// What an endpoint, by its name in the model, answers whose reply is not known. It is sent as it is, whatever is asked.
    pub fn reply(self, endpoint: impl Into<String>, body: impl Into<Value>) -> Self {
        let body = body.into().to_string().into_bytes();
        self.given(endpoint.into(), Given { content_type: None, body })
    }

    /// The same with any bytes, of that media type.
    pub fn reply_bytes(self, endpoint: impl Into<String>, content_type: impl Into<String>, bytes: impl Into<Vec<u8>>) -> Self {
        self.given(endpoint.into(), Given { content_type: Some(content_type.into()), body: bytes.into() })
    }

    fn given(mut self, endpoint: String, given: Given) -> Self {
        self.replies.push((endpoint, given));
        self
    }

    /// Whether a request's key that is not known is refused. It is ignored unless asked; what the server does is not documented.
    pub fn strict_keys(mut self, strict: bool) -> Self {
        self.strict = strict;
        self
    }

    /// The port of the loopback address; without it a free one.
    pub fn port(mut self, port: u16) -> Self {
        self.port = port;
        self
    }

    /// Starts the server, on a thread of its own.
    ///
    /// # Errors
    /// Where a name is not known, data does not fit the spec, the model cannot be served or the port cannot be had.
    pub fn start(self) -> Result<Server, StartError> {
        let port = self.port;
        Server::start(service(self)?, port)
    }
}

impl fmt::Debug for Simulator {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let api = &self.model.api.name;
        f.debug_struct("Simulator").field("api", api).field("seed", &self.seed).field("rows", &self.rows).finish_non_exhaustive()
    }
}
