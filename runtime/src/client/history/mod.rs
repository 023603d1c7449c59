//! Timeseries over any range: split into requests that keep the limits of the API, and put together again without gap or double.

pub(crate) mod kept;
pub(crate) mod outcome;
pub(crate) mod partial;
mod plan;
mod run;
mod stitch;
mod work;

use std::fmt;
use std::sync::Arc;

use jiff::tz::TimeZone;

use super::{customers::Customers, inner::Inner};
use crate::decode::chart_reader::check_label;
use crate::decode::fault::Fault;
use crate::json::object::FromObject;
use crate::meta::Meta;
use crate::request::spec::QuerySpec;
use kept::HistoryPart;
use outcome::History;
use partial::PartialHistory;
use run::{Failed, Options, Outcome, Run};

/// A timeseries over any range, about to be fetched.
///
/// The range is split into requests of as many time points as one may have, at the starts of buckets in the zone of the charts. A part that
/// reaches the limit of data points is split further. The parts become one chart, as one response would have it. Without
/// [`zone`](Self::zone), the end of the range is requested first, because its chart names the zone. As in one response, the bucket in which
/// the range ends is included.
///
/// An automatic interval is the one that the server would choose for the whole range. Requests are sent one after the other. If one fails
/// for good, the error holds the charts so far and the ranges that are missing; [`resume_from`](Self::resume_from) goes on from there.
///
/// ```
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let server = placewise_simulator::Simulator::from_json(harbour_api::MODEL)?.rows(1000).start()?;
/// # let client = harbour_api::Client::builder().base_url(server.url()).token("secret").customers(1).build()?;
/// # let now = harbour_api::jiff::Timestamp::now();
/// # let (from, to) = (now - harbour_api::jiff::SignedDuration::from_hours(300 * 24), now);
/// use harbour_api::{Traffic, interval};
///
/// let history = client.history(Traffic::series(from..to).interval(interval::Day)).fetch().await?;
/// println!("{} requests, {:?} tokens", history.requests, history.meta.tokens);
/// let chart = history.chart()?;
/// println!("{} days in {}, complete: {}", chart.buckets.len(), chart.range_zone, chart.complete);
/// # assert!(chart.buckets.len() > 100);
/// # Ok(()) }
/// ```
#[must_use = "nothing is sent before `fetch`"]
pub struct HistoryQuery<C, Q> {
    pub(super) client: C,
    pub(super) query: Q,
    pub(super) options: Options,
    pub(super) rest: Option<Box<Run>>,
}

impl<C, Q> HistoryQuery<C, Q> {
    /// The most parts of a history. One that needs more is probably a mistake, and an error.
    pub const MAX_PARTS: usize = plan::MOST_PARTS;

    pub(super) fn new(client: C, query: Q) -> Self {
        Self { client, query, options: Options::default(), rest: None }
    }

    /// The zone of the customers, in which buckets start. Without it, the first chart tells, and a range of just as
    /// many time points as one request may have takes two.
    pub fn zone(mut self, zone: TimeZone) -> Self {
        self.options.zone = Some(zone);
        self
    }

    /// Leaves out the part of the range that is older than the retention of the interval, from whole buckets on;
    /// [`History::clipped`] tells it. Without this, such a range is an error.
    pub fn clip_to_retention(mut self) -> Self {
        self.options.clip = true;
        self
    }

    /// Other customers than those of the client, and more than one request may name. Their charts are merged if the figures are known to add
    /// over customers; otherwise there are [several](History::charts). No figure is made by adding what does not add.
    ///
    /// If their zones differ, ids are asked for one by one. Customers chosen by a filter, or all, stay in one chart then, with local buckets.
    pub fn customers(mut self, customers: impl Into<Customers>) -> Self {
        self.options.customers = Some(customers.into());
        self
    }

    /// Calls this with each response once it is used, so that a process that may be stopped can write it down. It must not block for long.
    ///
    /// ```
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let server = placewise_simulator::Simulator::from_json(harbour_api::MODEL)?.start()?;
    /// # let client = harbour_api::Client::builder().base_url(server.url()).token("secret").customers(1).build()?;
    /// # let now = harbour_api::jiff::Timestamp::now();
    /// # let (from, to) = (now - harbour_api::jiff::SignedDuration::from_hours(300 * 24), now);
    /// use std::sync::mpsc;
    ///
    /// use harbour_api::{HistoryPart, Traffic};
    ///
    /// let (kept, parts) = mpsc::channel();
    /// let query = Traffic::series(from..to);
    /// let first = client.history(query.clone()).on_part(move |part| drop(kept.send(part.to_json()))).fetch().await?;
    ///
    /// // In another process, perhaps: nothing is requested twice.
    /// let parts = parts.iter().map(|line| HistoryPart::from_json(&line)).collect::<Result<Vec<_>, _>>()?;
    /// # let sent = server.requests().len();
    /// let again = client.history(query).resume_with(parts).fetch().await?;
    /// assert_eq!(again, first);
    /// # assert_eq!(server.requests().len(), sent);
    /// # Ok(()) }
    /// ```
    pub fn on_part(mut self, keep: impl Fn(HistoryPart) + Send + Sync + 'static) -> Self {
        self.options.parts.on_part(keep);
        self
    }

    /// Takes these responses instead of sending their requests again. They are those of an earlier history of the same query, over the same
    /// range and with the same options; others are ignored. What is retained counts from when that history began.
    pub fn resume_with(mut self, parts: impl IntoIterator<Item = HistoryPart>) -> Self {
        self.options.parts.know(parts);
        self
    }
}

/// Sends the requests. Labels are checked to be of a type.
pub(super) fn run<Label: FromObject>(
    inner: &Arc<Inner>,
    query: &QuerySpec,
    options: Options,
    rest: Option<Box<Run>>,
) -> impl Future<Output = Outcome> + Send + use<Label> {
    run::run(Arc::clone(inner), query.clone(), options, rest, check_label::<Label>)
}

/// Reads the labels, which were checked before.
pub(super) fn typed<Label: FromObject>(
    inner: &Inner,
    query: &QuerySpec,
    outcome: Outcome,
) -> Result<History<Label>, PartialHistory<Label>> {
    let (history, unread) = outcome.history.typed();
    let unread = unread.map(|mismatch| {
        let exchange = inner.exchange(Arc::new(query.clone()), Meta::default());
        Failed { error: Fault::of(mismatch, "").into_error(&exchange, None, None), missing: Vec::new(), rest: None }
    });
    match outcome.failed.or(unread) {
        None => Ok(history),
        Some(Failed { error, missing, rest }) => Err(PartialHistory { history: Box::new(history), missing, error, rest }),
    }
}

impl<C: fmt::Debug, Q: fmt::Debug> fmt::Debug for HistoryQuery<C, Q> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { client, query, options, rest } = self;
        let mut f = f.debug_struct("HistoryQuery");
        f.field("client", client).field("query", query).field("options", options).field("resumes", &rest.is_some()).finish()
    }
}
