//! All rows of a query, page after page. In comes a query; out come its rows one by one. While the rows of one page are taken, the next
//! page is asked for, and never more than that one: a slow reader slows the requests down. Nothing is spawned.

use std::{
    collections::{BTreeMap, HashSet},
    fmt,
    future::poll_fn,
    pin::Pin,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    task::{Context, Poll, Wake, Waker},
    vec,
};

use futures_core::Stream;

use super::{
    fault::Fault,
    page,
    page::Page,
    rate::RateLimit,
    transport::Core,
    warning::{self, Warning},
};
use crate::{Error, Record, error::Rests, query::Ask};

/// A page being asked for, and whether it has asked to be looked after since it last was.
struct Asking<Row> {
    page: Pin<Box<dyn Future<Output = Result<Arrived<Row>, Error>> + Send>>,
    woken: Arc<Woken>,
}

/// A page, and what is wrong with it after its rows.
type Arrived<Row> = (Page<Row>, Option<Error>);

/// Notes that a request can go on. While rows are at hand nobody waits for it, so noting is all there is to do.
struct Woken(AtomicBool);

impl Wake for Woken {
    fn wake(self: Arc<Self>) {
        self.0.store(true, Ordering::Release);
    }

    fn wake_by_ref(self: &Arc<Self>) {
        self.0.store(true, Ordering::Release);
    }
}

/// The rows of a query.
///
/// Only a null or absent cursor ends them; a short or an empty page does not. A cursor that came before is an error, given after
/// the rows of its page. After an error there are no more rows.
///
/// The next page is asked for when the first row of a page is taken. A reader who may stop early saves its tokens by
/// [`prefetch(false)`](Self::prefetch).
#[must_use = "nothing is asked before the first row is"]
pub struct Rows<Row> {
    core: Arc<Core>,
    ask: Arc<Ask>,
    ready: vec::IntoIter<Row>,
    state: State<Row>,
    seen: HashSet<String>,
    prefetch: bool,
    rate: Option<RateLimit>,
    unknown_keys: BTreeMap<String, u64>,
    warnings: Vec<Warning>,
}

enum State<Row> {
    /// The page that is to be asked for, by its cursor.
    Next(Option<String>),
    Asking(Asking<Row>),
    Arrived(Box<Arrived<Row>>),
    Failed(Error),
    Done,
}

impl<Row: Record> Rows<Row> {
    pub(super) fn new(core: Arc<Core>, ask: &Ask) -> Self {
        let cursor = ask.cursor().map(str::to_owned);
        Self {
            core,
            ask: Arc::new(ask.clone()),
            ready: Vec::new().into_iter(),
            seen: cursor.iter().cloned().collect(),
            state: State::Next(cursor),
            prefetch: true,
            rate: None,
            unknown_keys: BTreeMap::new(),
            warnings: Vec::new(),
        }
    }

    /// Whether the next page is asked for while the rows of this one are taken. It is, unless told otherwise.
    pub fn prefetch(mut self, ahead: bool) -> Self {
        self.prefetch = ahead;
        self
    }

    /// The next row; none after the last.
    pub async fn try_next(&mut self) -> Result<Option<Row>, Error> {
        poll_fn(|cx| self.poll_row(cx)).await.transpose()
    }

    /// A row that has arrived already, without waiting for more.
    pub(crate) fn next_ready(&mut self) -> Option<Row> {
        self.ready.next()
    }

    /// The rate limit's state after the latest page, where the server told it.
    pub fn rate(&self) -> Option<&RateLimit> {
        self.rate.as_ref()
    }

    /// Keys that the server sent so far and no type models, by dotted path, with how often each came.
    pub fn unknown_keys(&self) -> &BTreeMap<String, u64> {
        &self.unknown_keys
    }

    /// What the answers so far speak against of that which is taken as given.
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
                State::Next(cursor) => self.state = State::Asking(self.asking(cursor)),
                State::Asking(mut asking) => match asking.page.as_mut().poll(cx) {
                    Poll::Pending => {
                        self.state = State::Asking(asking);
                        return Poll::Pending;
                    }
                    Poll::Ready(page) => self.state = arrived(page),
                },
            }
        }
    }

    /// Drives the request for the page after this one as far as it goes by itself. Each row taken costs one look at a flag.
    fn look_ahead(&mut self) {
        if !self.prefetch || !matches!(self.state, State::Next(_) | State::Asking(_)) {
            return;
        }
        self.state = match std::mem::replace(&mut self.state, State::Done) {
            State::Next(cursor) => drive(self.asking(cursor)),
            State::Asking(asking) => drive(asking),
            other => other,
        };
    }

    fn asking(&self, cursor: Option<String>) -> Asking<Row> {
        let (core, ask) = (Arc::clone(&self.core), Arc::clone(&self.ask));
        let page = Box::pin(async move {
            let answer = core.ask(&ask, cursor.as_deref()).await?;
            page::read(&core, &ask, answer)
        });
        Asking { page, woken: Arc::new(Woken(AtomicBool::new(true))) }
    }

    /// Takes over a page's rows and decides what comes after it.
    fn accept(&mut self, (page, fault): Arrived<Row>) {
        if page.rate.is_some() {
            self.rate = page.rate;
        }
        for (key, count) in page.unknown_keys {
            *self.unknown_keys.entry(key).or_insert(0) += count;
        }
        warning::gather(&mut self.warnings, page.warnings);
        let (settings, format) = (&self.core.settings, &self.core.settings.spec.records);
        self.state = match (page.next, fault) {
            (_, Some(fault)) => State::Failed(fault),
            (Some(cursor), None) if self.seen.contains(&cursor) => State::Failed(repeated(&self.core, &self.ask, &cursor)),
            (Some(cursor), None) => {
                self.seen.insert(cursor.clone());
                State::Next(Some(cursor))
            }
            // Turned off, a null cursor proves nothing unless there are no rows left either; a key that is gone ends all the same.
            (None, None) if settings.get(format.null_cursor_ends) || page.rows.is_empty() || !page.has_cursor_key => State::Done,
            (None, None) => State::Failed(no_cursor(&self.core, &self.ask)),
        };
        self.ready = page.rows.into_iter();
    }
}

fn drive<Row>(mut asking: Asking<Row>) -> State<Row> {
    if !asking.woken.0.swap(false, Ordering::AcqRel) {
        return State::Asking(asking);
    }
    let waker = Waker::from(Arc::clone(&asking.woken));
    match asking.page.as_mut().poll(&mut Context::from_waker(&waker)) {
        Poll::Pending => State::Asking(asking),
        Poll::Ready(page) => arrived(page),
    }
}

fn arrived<Row>(page: Result<Arrived<Row>, Error>) -> State<Row> {
    page.map_or_else(State::Failed, |arrived| State::Arrived(Box::new(arrived)))
}

fn repeated(core: &Core, ask: &Ask, cursor: &str) -> Error {
    let rests = Rests::new(core.settings.resting(core.settings.spec.records.cursor_key.assumption));
    Error::RepeatedCursor { report: ask.asked.report, cursor: core.hide(cursor).into(), rests }
}

fn no_cursor(core: &Core, ask: &Ask) -> Error {
    let format = &core.settings.spec.records;
    let problem = "expected a cursor, as the client was told that a null one does not mean the last page, found none";
    let fault = Fault::at(format!("{}.{}", format.pagination_key, format.next_key), problem, "");
    fault.into_error(core, ask, None, format.null_cursor_ends.assumption)
}

// Rows are handed out by value and never pinned in place.
impl<Row> Unpin for Rows<Row> {}

impl<Row: Record> Stream for Rows<Row> {
    type Item = Result<Row, Error>;

    fn poll_next(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        self.get_mut().poll_row(cx)
    }
}

impl<Row> fmt::Debug for Rows<Row> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Rows")
            .field("ask", &self.ask)
            .field("ready", &self.ready.len())
            .field("pages", &self.seen.len())
            .finish_non_exhaustive()
    }
}
