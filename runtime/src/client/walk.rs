//! Walks the pages of a query in a task of its own. The walk needs a permit for each request, so it never gets further ahead of the caller
//! than it may, and does not depend on when the caller polls.

use std::sync::Arc;

use tokio::sync::{Semaphore, mpsc::UnboundedSender};

use super::{cursors::Seen, inner::Inner};
use crate::decode::page::{self, NextPage, Page};
use crate::{
    decode::fault::Fault, decode::raw::RawResponse, error::Error, error::assumption::AssumedValues, json::object::FromObject,
    meta::Meta, request::spec::QuerySpec, text::excerpt::Excerpt,
};

/// How many pages without rows may follow each other.
const MOST_EMPTY_PAGES: u32 = 100;

/// The pages of a query, from the first to the last.
pub(super) struct Walk {
    inner: Arc<Inner>,
    /// The query for the next page.
    query: Arc<QuerySpec>,
    seen: Seen,
    empty_pages: u32,
    /// Pages so far.
    pages: u64,
    /// What became of the request for the latest page.
    meta: Meta,
}

/// What the walk came to.
pub(super) struct Step<Row> {
    /// The page; none if its request failed.
    pub(super) page: Option<Page<Row>>,
    /// The cursor to go on from after the rows of this page.
    pub(super) cursor: Option<String>,
    /// Whether that cursor leads behind this page.
    pub(super) advanced: bool,
    /// Why there are no more pages.
    pub(super) end: Option<End>,
}

/// Why there are no more pages.
pub(super) enum End {
    /// This was the last one.
    Done,
    /// Returned after the rows of the page.
    Failed(Error),
}

impl Walk {
    pub(super) fn new(inner: Arc<Inner>, query: Arc<QuerySpec>) -> Self {
        let seen = Seen::starting_at(query.cursor());
        Self { inner, query, seen, empty_pages: 0, pages: 0, meta: Meta::default() }
    }

    /// Sends each page once it has arrived, one per permit.
    pub(super) async fn run<Row: FromObject>(mut self, permits: Arc<Semaphore>, pages: UnboundedSender<Step<Row>>) {
        while let Ok(permit) = permits.acquire().await {
            permit.forget();
            let step = match self.fetch().await.and_then(page::read) {
                Ok((page, fault)) => {
                    let (advanced, end) = self.accept(&page.meta, page.next.clone(), page.sent_rows == 0, fault);
                    Step { page: Some(page), cursor: self.cursor(), advanced, end }
                }
                Err(error) => Step { page: None, cursor: self.cursor(), advanced: false, end: Some(End::Failed(error)) },
            };
            let ended = step.end.is_some();
            if pages.send(step).is_err() || ended {
                return;
            }
        }
    }

    fn cursor(&self) -> Option<String> {
        self.query.cursor().map(str::to_owned)
    }

    async fn fetch(&self) -> Result<RawResponse, Error> {
        self.inner.send(Arc::clone(&self.query), Some(self.pages + 1)).await
    }

    /// What follows a page: whether there is a cursor that leads behind it, and why there are no more pages.
    fn accept(&mut self, meta: &Meta, next: NextPage, empty: bool, fault: Option<Error>) -> (bool, Option<End>) {
        self.pages += 1;
        self.empty_pages = if empty { self.empty_pages + 1 } else { 0 };
        self.meta = meta.clone();
        if let Some(fault) = fault {
            return (false, Some(End::Failed(fault)));
        }
        let overrides = &self.inner.overrides;
        match next {
            NextPage::End => (false, Some(End::Done)),
            NextPage::NotSaid if overrides.get(overrides.spec.records.null_cursor_ends) => (false, Some(End::Done)),
            NextPage::NotSaid => (false, Some(End::Failed(self.no_cursor()))),
            // Nothing came from where it leads.
            NextPage::Cursor(cursor) if empty && Some(&*cursor) == self.query.cursor() => (false, Some(End::Done)),
            NextPage::Cursor(cursor) if !self.seen.insert(&cursor) => (false, Some(End::Failed(self.repeated_cursor(&cursor)))),
            NextPage::Cursor(cursor) => {
                Arc::make_mut(&mut self.query).set_cursor(cursor);
                let too_many = self.empty_pages >= MOST_EMPTY_PAGES;
                (true, too_many.then(|| End::Failed(self.only_empty_pages())))
            }
        }
    }

    fn only_empty_pages(&self) -> Error {
        let meta = Meta { cursor: self.cursor(), ..self.meta.clone() };
        Error::EmptyPages { report: self.query.subject.report, pages: self.empty_pages, meta: Box::new(meta) }
    }

    fn repeated_cursor(&self, cursor: &str) -> Error {
        let overrides = &self.inner.overrides;
        let assumptions = AssumedValues::new(overrides.assumed(overrides.spec.records.cursor_key.assumption));
        let cursor = self.inner.secrets.show(&Excerpt::of(cursor)).into();
        Error::RepeatedCursor { report: self.query.subject.report, cursor, assumptions, meta: Box::new(self.meta.clone()) }
    }

    fn no_cursor(&self) -> Error {
        let format = &self.inner.overrides.spec.records;
        let problem = "expected a cursor, found null; an override says that null does not mark the last page";
        let fault = Fault::at(format!("{}.{}", format.pagination_key, format.next_key), problem, "");
        let exchange = self.inner.exchange(Arc::clone(&self.query), self.meta.clone());
        fault.into_error(&exchange, None, format.null_cursor_ends.assumption)
    }
}
