//! All rows of a query, page after page. A task of its own fetches pages ahead of the rows that are taken, never more than a number of them,
//! so a slow reader slows the requests down, and the time between two rows counts towards no timeout.

use std::collections::BTreeMap;
use std::future::poll_fn;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};
use std::{fmt, vec};

use futures_core::Stream;
use tokio::runtime::Handle;
use tokio::sync::{Semaphore, mpsc};
use tokio::task::{JoinError, JoinHandle};

use super::walk::{End, Step, Walk};
use super::{inner::Inner, trace};
use crate::decode::page::Page;
use crate::decode::warning::{self, Warning};
use crate::error::{partial::PartialRows, transport::TransportError, transport::TransportFault, transport::TransportKind};
use crate::json::{context::merge_counts, misfit::Misfits, object::FromObject};
use crate::{error::Error, meta::Meta, rate_limit::RateLimit, request::spec::QuerySpec};

/// The task that fetches the pages. It stops when this is dropped.
struct Fetching<Row> {
    task: JoinHandle<()>,
    pages: mpsc::UnboundedReceiver<Step<Row>>,
    /// One permit per page that may be requested.
    permits: Arc<Semaphore>,
    /// Permits so far.
    granted: u64,
}

impl<Row> Fetching<Row> {
    /// Lets the task request this many pages since the first.
    fn grant(&mut self, pages: u64) {
        let more = pages.saturating_sub(self.granted).min(MOST_AHEAD);
        self.permits.add_permits(usize::try_from(more).unwrap_or(0));
        self.granted += more;
    }
}

/// Far more pages than fit in memory, and far fewer than a semaphore has permits.
const MOST_AHEAD: u64 = 1 << 20;

impl<Row> Drop for Fetching<Row> {
    fn drop(&mut self) {
        // A task that is between two pages at this moment sends no further request.
        self.permits.close();
        self.task.abort();
    }
}

/// The rows of a query.
///
/// They end at a null or absent cursor, not at a short or empty page. A repeated cursor is an error, returned after the rows of its page,
/// and so are a hundred pages in a row without rows. After an error there are no more rows, and [`cursor`](Self::cursor) says where to go on.
///
/// Taking the first row of a page starts the request for the next one. If you may stop early, save its tokens with
/// [`prefetch(0)`](Self::prefetch). Dropping the stream stops its requests.
#[must_use = "nothing is sent before the first row is taken"]
pub struct Rows<Row> {
    inner: Arc<Inner>,
    query: Arc<QuerySpec>,
    ready: vec::IntoIter<Row>,
    /// The cursor of the page whose rows are ready.
    current: Option<String>,
    /// The cursor to go on from after those rows.
    next: Option<String>,
    /// How many rows of that page a run from `cursor` gets again, once they are taken.
    repeated: usize,
    state: State<Row>,
    /// Pages so far.
    pages: u64,
    ahead: u64,
    meta: Option<Meta>,
    rate: Option<RateLimit>,
    unknown_keys: BTreeMap<String, u64>,
    warnings: Vec<Warning>,
    misfits: Misfits,
}

enum State<Row> {
    /// Nothing was sent.
    Start,
    Fetching(Fetching<Row>),
    Failed(Error),
    /// After an error.
    Stopped,
    /// After the last page.
    Done,
}

impl<Row: FromObject> Rows<Row> {
    pub(super) fn new(inner: Arc<Inner>, query: &QuerySpec) -> Self {
        Self {
            inner,
            query: Arc::new(query.clone()),
            ready: Vec::new().into_iter(),
            current: None,
            next: query.cursor().map(str::to_owned),
            repeated: 0,
            pages: 0,
            state: State::Start,
            ahead: 1,
            meta: None,
            rate: None,
            unknown_keys: BTreeMap::new(),
            warnings: Vec::new(),
            misfits: Misfits::default(),
        }
    }

    /// How many pages are fetched ahead of the one whose rows are taken, whether or not the caller polls. They are kept in memory and
    /// cost tokens even if their rows are never taken. 0 requests a page when its first row is wanted. Default: 1.
    pub fn prefetch(mut self, pages: usize) -> Self {
        self.ahead = u64::try_from(pages).unwrap_or(u64::MAX);
        self
    }

    /// The next row; none after the last.
    pub async fn try_next(&mut self) -> Result<Option<Row>, Error> {
        poll_fn(|cx| self.poll_row(cx)).await.transpose()
    }

    /// The rows of the next page, or those left of the page under way; none after the last page. A page may have no rows.
    ///
    /// Until the next call, [`cursor`](Self::cursor), [`meta`](Self::meta) and [`rate`](Self::rate) belong to that page: save the cursor
    /// with the rows, and a query that [resumes from](crate::Records::resume_from) it goes on after them. The cursor stays at the page if
    /// an error follows in its middle.
    ///
    /// ```
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let server = placewise_simulator::Simulator::from_json(harbour_api::MODEL)?.start()?;
    /// # let client = harbour_api::Client::builder().base_url(server.url()).token("secret").customers(1).build()?;
    /// use harbour_api::Berths;
    ///
    /// let mut pages = client.stream(Berths::records().page_size(5));
    /// while let Some(rows) = pages.try_next_page().await? {
    ///     let tokens = pages.meta().and_then(|meta| meta.tokens);
    ///     println!("{} rows for {tokens:?} tokens, next page: {:?}", rows.len(), pages.cursor());
    /// }
    /// # assert!(pages.is_finished());
    /// # Ok(()) }
    /// ```
    pub async fn try_next_page(&mut self) -> Result<Option<Vec<Row>>, Error> {
        if self.ready.as_slice().is_empty() && !poll_fn(|cx| self.poll_page(cx)).await? {
            return Ok(None);
        }
        Ok(Some(std::mem::take(&mut self.ready).collect()))
    }

    /// The next row, if it has already arrived.
    pub(crate) fn next_ready(&mut self) -> Option<Row> {
        self.ready.next()
    }

    /// All rows that are left.
    pub(super) async fn collect_all(mut self) -> Result<Vec<Row>, PartialRows<Row>> {
        let mut rows = Vec::new();
        loop {
            match self.try_next().await {
                Ok(Some(row)) => rows.push(row),
                Ok(None) => return Ok(rows),
                Err(error) => {
                    let rows_before_cursor = rows.len().saturating_sub(self.repeated);
                    return Err(PartialRows { cursor: self.cursor().map(str::to_owned), rows_before_cursor, rows, error });
                }
            }
        }
    }

    /// The cursor of the first page whose rows have not all been taken; none for the first page of all. A query that
    /// [resumes from](crate::Records::resume_from) it misses no row, also after an error. In the middle of a page, it gets the taken rows of
    /// that page again. After the last row it stays at the last page, so ask [`is_finished`](Self::is_finished) whether to go on.
    pub fn cursor(&self) -> Option<&str> {
        if self.ready.as_slice().is_empty() { self.next.as_deref() } else { self.current.as_deref() }
    }

    /// Whether all rows have been taken, so that nothing is left to go on with. False after an error.
    ///
    /// A last page without rows is only known once [`try_next`](Self::try_next) has returned none.
    pub fn is_finished(&self) -> bool {
        matches!(self.state, State::Done) && self.ready.as_slice().is_empty()
    }

    /// What became of the request for the latest page.
    pub fn meta(&self) -> Option<&Meta> {
        self.meta.as_ref()
    }

    /// The state of the rate limit after the latest page, if the server sent it.
    pub fn rate(&self) -> Option<&RateLimit> {
        self.rate.as_ref()
    }

    /// Unknown keys that the server sent so far, by dotted path, with how often each occurred.
    pub fn unknown_keys(&self) -> &BTreeMap<String, u64> {
        &self.unknown_keys
    }

    /// What did not fit its type so far, if the client is [lenient](crate::ClientBuilder::lenient); otherwise that is an error.
    pub fn misfits(&self) -> &Misfits {
        &self.misfits
    }

    /// What is odd about the pages so far, such as assumptions that they contradict.
    pub fn warnings(&self) -> &[Warning] {
        &self.warnings
    }

    fn poll_row(&mut self, cx: &mut Context<'_>) -> Poll<Option<Result<Row, Error>>> {
        loop {
            if let Some(row) = self.ready.next() {
                return Poll::Ready(Some(Ok(row)));
            }
            match ready!(self.poll_page(cx)) {
                Ok(true) => {}
                Ok(false) => return Poll::Ready(None),
                Err(error) => return Poll::Ready(Some(Err(error))),
            }
        }
    }

    /// Waits for the next page. False after the last.
    fn poll_page(&mut self, cx: &mut Context<'_>) -> Poll<Result<bool, Error>> {
        loop {
            match &mut self.state {
                State::Done | State::Stopped => return Poll::Ready(Ok(false)),
                State::Failed(_) => {
                    let State::Failed(error) = std::mem::replace(&mut self.state, State::Stopped) else {
                        return Poll::Ready(Ok(false));
                    };
                    return Poll::Ready(Err(error));
                }
                State::Start => self.state = self.start(),
                State::Fetching(fetching) => {
                    fetching.grant(self.pages + 1);
                    match ready!(fetching.pages.poll_recv(cx)) {
                        Some(step) => {
                            if self.accept(step) {
                                return Poll::Ready(Ok(true));
                            }
                        }
                        None => {
                            let ended = ready!(Pin::new(&mut fetching.task).poll(cx));
                            self.state = self.broken(ended);
                        }
                    }
                }
            }
        }
    }

    /// Starts the task.
    fn start(&self) -> State<Row> {
        let Ok(runtime) = Handle::try_current() else {
            let problem = "called outside a tokio runtime; use the client in the module `blocking`";
            return State::Failed(Error::configuration("stream", problem));
        };
        let permits = Arc::new(Semaphore::new(0));
        // The permits bound it.
        let (sender, pages) = mpsc::unbounded_channel();
        let walk = Walk::new(Arc::clone(&self.inner), Arc::clone(&self.query)).run(Arc::clone(&permits), sender);
        State::Fetching(Fetching { task: runtime.spawn(trace::in_span_of_caller(walk)), pages, permits, granted: 0 })
    }

    /// Takes the rows of a page, and lets the task request another one in its place. False if there is no page.
    fn accept(&mut self, step: Step<Row>) -> bool {
        let Step { page, cursor, advanced, end } = step;
        let is_page = page.is_some();
        if let Some(page) = page {
            self.accept_page(page, advanced);
        }
        self.next = cursor;
        match (end, &mut self.state) {
            (Some(End::Done), state) => *state = State::Done,
            (Some(End::Failed(error)), state) => *state = State::Failed(error),
            (None, State::Fetching(fetching)) => fetching.grant(self.pages.saturating_add(self.ahead)),
            (None, _) => {}
        }
        is_page
    }

    fn accept_page(&mut self, page: Page<Row>, advanced: bool) {
        if page.rate.is_some() {
            self.rate = page.rate;
        }
        merge_counts(&mut self.unknown_keys, page.unknown_keys);
        self.misfits.merge(page.misfits);
        warning::merge(&mut self.warnings, page.warnings);
        self.pages += 1;
        self.repeated = if advanced { 0 } else { page.rows.len() };
        self.current = self.next.take();
        self.meta = Some(page.meta);
        self.ready = page.rows.into_iter();
    }

    /// The task ended without an end of the pages.
    fn broken(&self, ended: Result<(), JoinError>) -> State<Row> {
        match ended {
            Ok(()) => State::Stopped,
            Err(error) if error.is_panic() => std::panic::resume_unwind(error.into_panic()),
            Err(error) => {
                let fault = TransportFault::new(TransportKind::Request, error);
                let meta = Meta { cursor: self.next.clone(), ..Meta::default() };
                State::Failed(Error::Transport(Box::new(TransportError::new(self.query.subject, fault))).with_meta(meta))
            }
        }
    }
}

// Rows are returned by value and never pinned in place.
impl<Row> Unpin for Rows<Row> {}

impl<Row: FromObject> Stream for Rows<Row> {
    type Item = Result<Row, Error>;

    fn poll_next(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        self.get_mut().poll_row(cx)
    }
}

impl<Row> fmt::Debug for Rows<Row> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Rows")
            .field("query", &self.query)
            .field("ready", &self.ready.len())
            .field("next_cursor", &self.next)
            .finish_non_exhaustive()
    }
}
