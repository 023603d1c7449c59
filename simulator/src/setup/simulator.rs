//! The builder. Nothing is checked before [`build`](Simulator::build), so calls may come in any order.

use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use placewise_model::Model;
use serde_json::Value;

use crate::api::reply::CannedReply;
use crate::api::request_log::{Listener, RecordedRequest};
use crate::api::simulated_api::Clock;
use crate::faults::plan::FaultPlan;
use crate::limits::permits::{Permits, Tokens};
use crate::limits::rate_limit::ElapsedClock;
use crate::query::customer_scope::CustomerAttribute;
use crate::start_error::StartError;

/// Generated rows per report by default.
const DEFAULT_ROWS: usize = 100;

/// Configures a simulated API.
///
/// ```no_run
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let model_json = "";
/// use placewise_simulator::{Permits, Simulator};
///
/// let simulator = Simulator::from_json(model_json)?
///     .seed(7)
///     .rows(500)
///     .customers([1000941, 1000942])
///     .token("demo", Permits::all());
/// # #[cfg(feature = "http")]
/// println!("{}", simulator.start()?.url());
/// # Ok(())
/// # }
/// ```
#[must_use = "call `build` or `start`"]
pub struct Simulator {
    pub(crate) model: Model,
    pub(crate) seed: u64,
    pub(crate) rows: usize,
    pub(crate) with_optional: bool,
    pub(crate) data: Vec<(String, DataSource)>,
    pub(crate) tokens: Tokens,
    pub(crate) customers: Option<Vec<i64>>,
    pub(crate) slugs: Vec<(String, i64)>,
    pub(crate) attributes: Vec<CustomerAttribute>,
    pub(crate) overrides: Vec<(String, Value)>,
    pub(crate) rate_limit_clock: Option<ElapsedClock>,
    pub(crate) drain: f64,
    pub(crate) faults: FaultPlan,
    pub(crate) clock: Option<Clock>,
    pub(crate) zones: Vec<(i64, String)>,
    pub(crate) canned_replies: Vec<(String, CannedReply)>,
    pub(crate) strict: bool,
    pub(crate) listener: Option<Listener>,
    #[cfg(feature = "http")]
    pub(crate) port: u16,
}

/// Where the rows of a report come from.
pub(crate) enum DataSource {
    /// Rows with their lines, and the name of their source.
    Rows(Option<String>, Vec<(usize, Value)>),
    /// The name of a text, and the text.
    Text(String, String),
    File(PathBuf),
}

impl Simulator {
    /// A simulator of that model.
    pub fn new(model: Model) -> Self {
        Self {
            model,
            seed: 0,
            rows: DEFAULT_ROWS,
            with_optional: false,
            data: Vec::new(),
            tokens: Tokens::default(),
            customers: None,
            slugs: Vec::new(),
            attributes: Vec::new(),
            overrides: Vec::new(),
            rate_limit_clock: None,
            drain: 0.0,
            faults: FaultPlan::default(),
            clock: None,
            zones: Vec::new(),
            canned_replies: Vec::new(),
            strict: false,
            listener: None,
            #[cfg(feature = "http")]
            port: 0,
        }
    }

    /// A simulator of a model written as JSON.
    ///
    /// # Errors
    /// If the text is not a model.
    pub fn from_json(model: &str) -> Result<Self, StartError> {
        serde_json::from_str(model).map(Self::new).map_err(StartError::Model)
    }

    /// Seed of generated rows. Default: 0. The same seed and [`clock`](Self::clock) give the same rows.
    pub fn seed(mut self, seed: u64) -> Self {
        self.seed = seed;
        self
    }

    /// Number of generated rows per report. Default: 100.
    pub fn rows(mut self, rows: usize) -> Self {
        self.rows = rows;
        self
    }

    /// Whether generated rows have the keys that the documentation's examples lack. Default: no.
    pub fn with_optional(mut self, with: bool) -> Self {
        self.with_optional = with;
        self
    }

    /// Provides the rows of a report in place of generated ones; they must fit the spec. Several calls for one report add up. In a report
    /// that does not derive from another, no two rows have the same id: the first integer that is always present and is neither the customer
    /// nor an amount.
    pub fn data(self, report: impl Into<String>, rows: impl IntoIterator<Item = Value>) -> Self {
        let rows = rows.into_iter().enumerate().map(|(index, row)| (index + 1, row)).collect();
        self.data_source(report.into(), DataSource::Rows(None, rows))
    }

    /// Provides the rows of a report from a JSON file: an object per line, a list, or saved responses of the API.
    pub fn data_file(self, report: impl Into<String>, path: impl Into<PathBuf>) -> Self {
        self.data_source(report.into(), DataSource::File(path.into()))
    }

    /// Provides the rows of a report from the text of such a file. Errors name `source`.
    pub fn data_text(self, report: impl Into<String>, source: impl Into<String>, text: impl Into<String>) -> Self {
        self.data_source(report.into(), DataSource::Text(source.into(), text.into()))
    }

    /// Provides the rows of a report with their lines, for files that are not JSON. Errors name `source` and the lines.
    pub fn data_lines(
        self,
        report: impl Into<String>,
        source: impl Into<String>,
        rows: impl IntoIterator<Item = (usize, Value)>,
    ) -> Self {
        self.data_source(report.into(), DataSource::Rows(Some(source.into()), rows.into_iter().collect()))
    }

    fn data_source(mut self, report: String, source: DataSource) -> Self {
        self.data.push((report, source));
        self
    }

    /// Adds a token and its permits. Without any, every token is accepted and has all permits.
    pub fn token(mut self, token: impl Into<String>, permits: Permits) -> Self {
        self.tokens.add(token.into(), permits);
        self
    }

    /// The customers, by positive id; generated rows spread evenly over them. Default: those of the documented example. Customers in provided
    /// rows exist too.
    pub fn customers(mut self, ids: impl IntoIterator<Item = i64>) -> Self {
        self.customers = Some(ids.into_iter().collect());
        self
    }

    /// Lets a filter in the customer header, such as `country=PL`, select that customer. A filter with a name that no customer has selects all
    /// customers.
    pub fn customer_filter(mut self, customer: i64, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.attributes.push((customer, name.into(), value.into()));
        self
    }

    /// The slug of a customer. Default: the documented example is the slug of the first customer.
    pub fn slug(mut self, slug: impl Into<String>, customer: i64) -> Self {
        self.slugs.push((slug.into(), customer));
        self
    }

    /// Overrides an assumption.
    pub fn assume(mut self, id: impl Into<String>, value: impl Into<Value>) -> Self {
        self.overrides.push((id.into(), value.into()));
        self
    }

    /// The clock. Default: the system's. Retention depends on the time of each request; generated rows lie in the year before the
    /// simulator starts, and no event is later.
    pub fn clock(mut self, clock: impl Fn() -> Timestamp + Send + Sync + 'static) -> Self {
        self.clock = Some(Arc::new(clock));
        self
    }

    /// The clock that refills the rate limit: time elapsed since any fixed instant. Default: the system's. For tests, see
    /// [`ManualClock`](crate::ManualClock).
    pub fn rate_limit_clock(mut self, clock: impl Fn() -> Duration + Send + Sync + 'static) -> Self {
        self.rate_limit_clock = Some(Arc::new(clock));
        self
    }

    /// Lets others use the customers' buckets too. In each second they take a uniform share of that second's refill, from 0 to `most`: 0.6 is
    /// 60 %. Seed, bucket and second determine the share. They take after the refill, at most what is there, and from a bucket's second second
    /// on: its first query finds it full. Default: 0.
    pub fn drain(mut self, most: f64) -> Self {
        self.drain = most;
        self
    }

    /// Orders faults, in place of any plan before. A fault that is not optional must be met:
    /// [`SimulatedApi::check_faults`](crate::SimulatedApi::check_faults) tells, and dropping the API or its server panics if nobody has asked.
    pub fn faults(mut self, plan: FaultPlan) -> Self {
        self.faults = plan;
        self
    }

    /// The time zone of a customer, by IANA name. Default: the zone that the documented examples name.
    pub fn customer_zone(mut self, customer: i64, zone: impl Into<String>) -> Self {
        self.zones.push((customer, zone.into()));
        self
    }

    /// Canned reply (JSON) of an endpoint, by its name in the model. Use it for an endpoint whose response is undocumented; requests are still
    /// checked.
    pub fn reply(self, endpoint: impl Into<String>, body: impl Into<Value>) -> Self {
        let body = body.into().to_string().into_bytes();
        self.canned_reply(endpoint.into(), CannedReply { content_type: None, body })
    }

    /// Canned reply of an endpoint as bytes of a media type.
    pub fn reply_bytes(self, endpoint: impl Into<String>, content_type: impl Into<String>, bytes: impl Into<Vec<u8>>) -> Self {
        let reply = CannedReply { content_type: Some(content_type.into()), body: bytes.into() };
        self.canned_reply(endpoint.into(), reply)
    }

    fn canned_reply(mut self, endpoint: String, reply: CannedReply) -> Self {
        self.canned_replies.push((endpoint, reply));
        self
    }

    /// Whether unknown request keys are refused. Default: no, they are ignored. What the server does is undocumented.
    pub fn strict_keys(mut self, strict: bool) -> Self {
        self.strict = strict;
        self
    }

    /// Calls a function with each request once its reply is known, on the thread that answers. A log, for example.
    pub fn on_request(mut self, listener: impl Fn(&RecordedRequest) + Send + Sync + 'static) -> Self {
        self.listener = Some(Arc::new(listener));
        self
    }

    /// The loopback port of the server. Default: any free port.
    #[cfg(feature = "http")]
    pub fn port(mut self, port: u16) -> Self {
        self.port = port;
        self
    }
}

impl fmt::Debug for Simulator {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let api = &self.model.api.name;
        f.debug_struct("Simulator").field("api", api).field("seed", &self.seed).field("rows", &self.rows).finish_non_exhaustive()
    }
}
