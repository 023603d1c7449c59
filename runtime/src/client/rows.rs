//! All rows of a query, page after page. The next page is fetched while the rows of the current one are taken, never more than one
//! ahead, so a slow reader slows the requests down. It is fetched in a task of its own, so the time between two rows counts towards no timeout.

use std::collections::BTreeMap;
use std::future::poll_fn;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::{fmt, vec};

use futures_core::Stream;
use tokio::runtime::Handle;
use tokio::task::{JoinError, JoinHandle};

use super::{cursors::Seen, inner::Inner, trace};
use crate::decode::page::{self, NextPage, Page};
use crate::decode::warning::{self, Warning};
use crate::error::{partial::PartialRows, transport::TransportError, transport::TransportFault, transport::TransportKind};
use crate::json::{context::merge_counts, misfit::Misfits};
use crate::text::excerpt::Excerpt;
use crate::{
    decode::fault::Fault, error::Error, error::assumption::AssumedValues, json::object::FromObject, meta::Meta,
    rate_limit::RateLimit, request::spec::QuerySpec,
};

/// How many pages without rows may follow each other.
const MOST_EMPTY_PAGES: u32 = 100;

/// A page being fetched, in a task of its own: it goes on while the caller does something else.
struct Fetch<Row>(JoinHandle<Result<Arrived<Row>, Error>>);

/// A page, and its fault after the rows.
type Arrived<Row> = (Page<Row>, Option<Error>);

impl<Row> Drop for Fetch<Row> {
    fn drop(&mut self) {
        self.0.abort();
    }
}

/// The rows of a query.
///
/// They end at a null or absent cursor, not at a short or empty page. A repeated cursor is an error, returned after the rows of its page,
/// and so are a hundred pages in a row without rows. After an error there are no more rows, and [`cursor`](Self::cursor) says where to go on.
///
/// Taking the first row of a page starts the request for the next one. If you may stop early, save its tokens with
/// [`prefetch(false)`](Self::prefetch).
#[must_use = "nothing is sent before the first row is taken"]
pub struct Rows<Row> {
    inner: Arc<Inner>,
    /// The query for the current page, or for the next one.
    query: Arc<QuerySpec>,
    ready: vec::IntoIter<Row>,
    /// The cursor of the page whose rows are ready.
    current: Option<String>,
    /// How many rows of that page a run from `cursor` gets again, once they are taken.
    repeated: usize,
    state: State<Row>,
    seen: Seen,
    empty_pages: u32,
    /// Pages so far.
    pages: u64,
    prefetch: bool,
    meta: Option<Meta>,
    rate: Option<RateLimit>,
    unknown_keys: BTreeMap<String, u64>,
    warnings: Vec<Warning>,
    misfits: Misfits,
}

enum State<Row> {
    /// The query names the page to fetch.
    Next,
    Fetch(Fetch<Row>),
    Arrived(Box<Arrived<Row>>),
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
            repeated: 0,
            seen: Seen::starting_at(query.cursor()),
            empty_pages: 0,
            pages: 0,
            state: State::Next,
            prefetch: true,
            meta: None,
            rate: None,
            unknown_keys: BTreeMap::new(),
            warnings: Vec::new(),
            misfits: Misfits::default(),
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
        if self.ready.as_slice().is_empty() { self.query.cursor() } else { self.current.as_deref() }
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
                self.look_ahead();
                return Poll::Ready(Some(Ok(row)));
            }
            match std::mem::replace(&mut self.state, State::Stopped) {
                State::Done => {
                    self.state = State::Done;
                    return Poll::Ready(None);
                }
                State::Stopped => return Poll::Ready(None),
                State::Failed(error) => return Poll::Ready(Some(Err(error))),
                State::Arrived(arrived) => self.accept(*arrived),
                State::Next => self.state = self.fetch(),
                State::Fetch(mut fetch) => match Pin::new(&mut fetch.0).poll(cx) {
                    Poll::Pending => {
                        self.state = State::Fetch(fetch);
                        return Poll::Pending;
                    }
                    Poll::Ready(page) => self.state = arrived(&self.query, page),
                },
            }
        }
    }

    /// Starts the request for the next page.
    fn look_ahead(&mut self) {
        if self.prefetch && matches!(self.state, State::Next) {
            self.state = self.fetch();
        }
    }

    fn fetch(&self) -> State<Row> {
        let (inner, query, page) = (Arc::clone(&self.inner), Arc::clone(&self.query), Some(self.pages + 1));
        let Ok(runtime) = Handle::try_current() else {
            let problem = "called outside a tokio runtime; use the client in the module `blocking`";
            return State::Failed(Error::configuration("stream", problem));
        };
        let page = async move { page::read(inner.send(query, page).await?) };
        State::Fetch(Fetch(runtime.spawn(trace::in_span_of_caller(page))))
    }

    /// Takes the rows of a page and decides what follows it.
    fn accept(&mut self, (page, fault): Arrived<Row>) {
        if page.rate.is_some() {
            self.rate = page.rate;
        }
        merge_counts(&mut self.unknown_keys, page.unknown_keys);
        self.misfits.merge(page.misfits);
        warning::merge(&mut self.warnings, page.warnings);
        self.pages += 1;
        self.empty_pages = if page.sent_rows == 0 { self.empty_pages + 1 } else { 0 };
        (self.repeated, self.current) = (page.rows.len(), self.query.cursor().map(str::to_owned));
        self.meta = Some(page.meta);
        self.state = match fault {
            Some(fault) => State::Failed(fault),
            None => self.after(page.next, page.sent_rows == 0),
        };
        self.ready = page.rows.into_iter();
    }

    /// What follows a page without a fault.
    fn after(&mut self, next: NextPage, empty: bool) -> State<Row> {
        let overrides = &self.inner.overrides;
        match next {
            NextPage::End => State::Done,
            NextPage::NotSaid if overrides.get(overrides.spec.records.null_cursor_ends) => State::Done,
            NextPage::NotSaid => State::Failed(self.no_cursor()),
            // Nothing came from where it leads.
            NextPage::Cursor(cursor) if empty && Some(&*cursor) == self.query.cursor() => State::Done,
            NextPage::Cursor(cursor) if !self.seen.insert(&cursor) => State::Failed(self.repeated_cursor(&cursor)),
            NextPage::Cursor(cursor) => {
                self.repeated = 0;
                Arc::make_mut(&mut self.query).set_cursor(cursor);
                if self.empty_pages < MOST_EMPTY_PAGES { State::Next } else { State::Failed(self.only_empty_pages()) }
            }
        }
    }

    fn last_meta(&self) -> Meta {
        self.meta.clone().unwrap_or_default()
    }

    fn only_empty_pages(&self) -> Error {
        let meta = Meta { cursor: self.query.cursor().map(str::to_owned), ..self.last_meta() };
        Error::EmptyPages { report: self.query.subject.report, pages: self.empty_pages, meta: Box::new(meta) }
    }

    fn repeated_cursor(&self, cursor: &str) -> Error {
        let overrides = &self.inner.overrides;
        let assumptions = AssumedValues::new(overrides.assumed(overrides.spec.records.cursor_key.assumption));
        let cursor = self.inner.secrets.show(&Excerpt::of(cursor)).into();
        Error::RepeatedCursor { report: self.query.subject.report, cursor, assumptions, meta: Box::new(self.last_meta()) }
    }

    fn no_cursor(&self) -> Error {
        let format = &self.inner.overrides.spec.records;
        let problem = "expected a cursor, found null; an override says that null does not mark the last page";
        let fault = Fault::at(format!("{}.{}", format.pagination_key, format.next_key), problem, "");
        fault.into_error(
            &self.inner.exchange(Arc::clone(&self.query), self.last_meta()),
            None,
            format.null_cursor_ends.assumption,
        )
    }
}

fn arrived<Row>(query: &QuerySpec, page: Result<Result<Arrived<Row>, Error>, JoinError>) -> State<Row> {
    match page {
        Ok(Ok(arrived)) => State::Arrived(Box::new(arrived)),
        Ok(Err(error)) => State::Failed(error),
        Err(error) if error.is_panic() => std::panic::resume_unwind(error.into_panic()),
        Err(error) => {
            let fault = TransportFault::new(TransportKind::Request, error);
            let meta = Meta { cursor: query.cursor().map(str::to_owned), ..Meta::default() };
            State::Failed(Error::Transport(Box::new(TransportError::new(query.subject, fault))).with_meta(meta))
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
            .field("cursor", &self.query.cursor())
            .finish_non_exhaustive()
    }
}
