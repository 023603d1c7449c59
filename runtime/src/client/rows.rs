//! All rows of a query, page after page. The next page is fetched while the rows of the current one are taken, never more than one
//! ahead, so a slow reader slows the requests down.

use std::collections::{BTreeMap, HashSet};
use std::future::poll_fn;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll, Wake, Waker};
use std::{fmt, vec};

use futures_core::Stream;

use super::transport::Inner;
use crate::decode::page::{self, NextPage, Page};
use crate::decode::warning::{self, Warning};
use crate::{
    decode::fault::Fault, error::Error, error::assumption::AssumedValues, json::object::FromObject, rate_limit::RateLimit,
    request::spec::QuerySpec,
};

/// A page being fetched, and whether its request can go on.
struct Fetch<Row> {
    page: Pin<Box<dyn Future<Output = Result<Arrived<Row>, Error>> + Send>>,
    woken: Arc<Woken>,
}

/// A page, and its fault after the rows.
type Arrived<Row> = (Page<Row>, Option<Error>);

/// Notes that a request can go on. While rows are ready, nothing waits for it.
struct Woken(AtomicBool);

impl Wake for Woken {
    fn wake(self: Arc<Self>) {
        self.0.store(true, Ordering::Release);
    }
}

/// The rows of a query.
///
/// They end at a null or absent cursor, not at a short or empty page. A repeated cursor is an error, returned after the rows of its page.
/// After an error there are no more rows.
///
/// Taking the first row of a page starts the request for the next one. If you may stop early, save its tokens with
/// [`prefetch(false)`](Self::prefetch).
#[must_use = "nothing is sent before the first row is taken"]
pub struct Rows<Row> {
    inner: Arc<Inner>,
    /// The query for the current page, or for the next one.
    query: Arc<QuerySpec>,
    ready: vec::IntoIter<Row>,
    state: State<Row>,
    seen: HashSet<String>,
    prefetch: bool,
    rate: Option<RateLimit>,
    unknown_keys: BTreeMap<String, u64>,
    warnings: Vec<Warning>,
}

enum State<Row> {
    /// The query names the page to fetch.
    Next,
    Fetch(Fetch<Row>),
    Arrived(Box<Arrived<Row>>),
    Failed(Error),
    Done,
}

impl<Row: FromObject> Rows<Row> {
    pub(super) fn new(inner: Arc<Inner>, query: &QuerySpec) -> Self {
        Self {
            inner,
            query: Arc::new(query.clone()),
            ready: Vec::new().into_iter(),
            seen: query.cursor().into_iter().map(str::to_owned).collect(),
            state: State::Next,
            prefetch: true,
            rate: None,
            unknown_keys: BTreeMap::new(),
            warnings: Vec::new(),
        }
    }

    /// Fetches the next page while the rows of the current one are taken. Default: true.
    pub fn prefetch(mut self, ahead: bool) -> Self {
        self.prefetch = ahead;
        self
    }

    /// The next row; none after the last.
    pub async fn try_next(&mut self) -> Result<Option<Row>, Error> {
        poll_fn(|cx| self.poll_row(cx)).await.transpose()
    }

    /// The next row, if it has already arrived.
    pub(crate) fn next_ready(&mut self) -> Option<Row> {
        self.ready.next()
    }

    /// The state of the rate limit after the latest page, if the server sent it.
    pub fn rate(&self) -> Option<&RateLimit> {
        self.rate.as_ref()
    }

    /// Unknown keys that the server sent so far, by dotted path, with how often each occurred.
    pub fn unknown_keys(&self) -> &BTreeMap<String, u64> {
        &self.unknown_keys
    }

    /// Assumptions that the pages so far contradict.
    pub fn warnings(&self) -> &[Warning] {
        &self.warnings
    }

    fn poll_row(&mut self, cx: &mut Context<'_>) -> Poll<Option<Result<Row, Error>>> {
        loop {
            if let Some(row) = self.ready.next() {
                self.look_ahead();
                return Poll::Ready(Some(Ok(row)));
            }
            match std::mem::replace(&mut self.state, State::Done) {
                State::Done => return Poll::Ready(None),
                State::Failed(error) => return Poll::Ready(Some(Err(error))),
                State::Arrived(arrived) => self.accept(*arrived),
                State::Next => self.state = State::Fetch(self.fetch()),
                State::Fetch(mut fetch) => match fetch.page.as_mut().poll(cx) {
                    Poll::Pending => {
                        self.state = State::Fetch(fetch);
                        return Poll::Pending;
                    }
                    Poll::Ready(page) => self.state = arrived(page),
                },
            }
        }
    }

    /// Advances the request for the next page without waiting. This costs each row one look at a flag.
    fn look_ahead(&mut self) {
        if !self.prefetch || !matches!(self.state, State::Next | State::Fetch(_)) {
            return;
        }
        self.state = match std::mem::replace(&mut self.state, State::Done) {
            State::Next => drive(self.fetch()),
            State::Fetch(fetch) => drive(fetch),
            other => other,
        };
    }

    fn fetch(&self) -> Fetch<Row> {
        let (inner, query) = (Arc::clone(&self.inner), Arc::clone(&self.query));
        let page = Box::pin(async move { page::read(inner.send(query).await?) });
        Fetch { page, woken: Arc::new(Woken(AtomicBool::new(true))) }
    }

    /// Takes the rows of a page and decides what follows it.
    fn accept(&mut self, (page, fault): Arrived<Row>) {
        if page.rate.is_some() {
            self.rate = page.rate;
        }
        for (key, count) in page.unknown_keys {
            *self.unknown_keys.entry(key).or_insert(0) += count;
        }
        warning::merge(&mut self.warnings, page.warnings);
        let overrides = &self.inner.overrides;
        self.state = match (page.next, fault) {
            (_, Some(fault)) => State::Failed(fault),
            (NextPage::Cursor(cursor), None) if self.seen.contains(&cursor) => State::Failed(self.repeated(&cursor)),
            (NextPage::Cursor(cursor), None) => {
                self.seen.insert(cursor.clone());
                Arc::make_mut(&mut self.query).set_cursor(cursor);
                State::Next
            }
            (NextPage::End, None) => State::Done,
            (NextPage::NotSaid, None) if overrides.get(overrides.spec.records.null_cursor_ends) => State::Done,
            (NextPage::NotSaid, None) => State::Failed(self.no_cursor()),
        };
        self.ready = page.rows.into_iter();
    }

    fn repeated(&self, cursor: &str) -> Error {
        let overrides = &self.inner.overrides;
        let assumptions = AssumedValues::new(overrides.assumed(overrides.spec.records.cursor_key.assumption));
        let cursor = self.inner.secrets.hide(cursor).into();
        Error::RepeatedCursor { report: self.query.subject.report, cursor, assumptions }
    }

    fn no_cursor(&self) -> Error {
        let format = &self.inner.overrides.spec.records;
        let problem = "expected a cursor, found null; an override says that null does not mark the last page";
        let fault = Fault::at(format!("{}.{}", format.pagination_key, format.next_key), problem, "");
        fault.into_error(&self.inner.exchange(Arc::clone(&self.query)), None, format.null_cursor_ends.assumption)
    }
}

fn drive<Row>(mut fetch: Fetch<Row>) -> State<Row> {
    if !fetch.woken.0.swap(false, Ordering::AcqRel) {
        return State::Fetch(fetch);
    }
    let waker = Waker::from(Arc::clone(&fetch.woken));
    match fetch.page.as_mut().poll(&mut Context::from_waker(&waker)) {
        Poll::Pending => State::Fetch(fetch),
        Poll::Ready(page) => arrived(page),
    }
}

fn arrived<Row>(page: Result<Arrived<Row>, Error>) -> State<Row> {
    page.map_or_else(State::Failed, |arrived| State::Arrived(Box::new(arrived)))
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
            .field("pages", &self.seen.len())
            .finish_non_exhaustive()
    }
}
