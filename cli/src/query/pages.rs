//! The pages of a query, one by one: between two of them a run can stop, keep where it is, and look at what it may spend.
//!
//! The client's own stream of rows hides where pages end and what each of them cost.

use std::collections::HashSet;
use std::time::Duration;

use placewise_model::exit::Failure;
use placewise_reporting::{AnyApi, AnyReport, ApiClient, Error, GaveUp, Meta, NextPage, Page, RawRow, Records, RetryPolicy};
use tokio::task::JoinHandle;

use crate::explain::explain;
use crate::output::place::Stopped;

/// How many pages without rows may follow each other.
const MOST_EMPTY_PAGES: u32 = 100;

/// Why the pages ended before the last one.
pub(super) enum Stop {
    Failed(Box<Error>),
    /// The budget does not allow another request.
    Budget(String),
    /// The server goes round in circles.
    Endless(String),
    Interrupted,
}

impl Stop {
    pub(super) fn message(&self) -> String {
        match self {
            Self::Failed(error) => explain(error),
            Self::Budget(message) | Self::Endless(message) => message.clone(),
            Self::Interrupted => "stopped".into(),
        }
    }
}

/// What the requests took.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Totals {
    pub pages: u64,
    pub requests: u64,
    /// As the server charged, or as calculated where it did not say.
    pub tokens: u64,
    /// Whether all of them were charged or calculated.
    pub tokens_known: bool,
    pub waited: Duration,
}

impl Totals {
    pub(super) fn new() -> Self {
        Self { tokens_known: true, ..Self::default() }
    }

    /// What a run that stopped took.
    pub(super) const fn of(stopped: &Stopped) -> Self {
        let Stopped { pages, requests, tokens, tokens_known, .. } = *stopped;
        Self { pages, requests, tokens, tokens_known, waited: Duration::ZERO }
    }

    /// Adds what a request took. `cost` is its calculated cost.
    pub(super) fn add(&mut self, meta: &Meta, cost: Option<u32>) {
        self.requests += u64::from(meta.tries);
        self.waited += meta.waited;
        match (meta.tokens, cost) {
            (Some(charged), _) => self.tokens += u64::try_from(charged).unwrap_or(0),
            (None, Some(cost)) => self.tokens += u64::from(cost) * u64::from(meta.tries.max(1)),
            (None, None) => self.tokens_known = false,
        }
    }
}

/// The tokens that a run may spend.
#[derive(Clone, Copy, Debug)]
pub(super) struct Budget {
    pub most: u64,
    /// The cost of a request: calculated, or as the server charged for one.
    pub cost: Option<u32>,
}

impl Budget {
    /// How often a request may be tried. A try may be charged even if it fails.
    pub(super) fn tries(&self, spent: u64) -> Result<u32, Stop> {
        let left = self.most.saturating_sub(spent);
        let Some(cost) = self.cost else {
            // The server says what the first request costs.
            return if left > 0 { Ok(1) } else { Err(self.used_up(spent, None)) };
        };
        match left / u64::from(cost.max(1)) {
            0 => Err(self.used_up(spent, Some(cost))),
            tries => Ok(u32::try_from(tries).unwrap_or(u32::MAX)),
        }
    }

    fn used_up(&self, spent: u64, cost: Option<u32>) -> Stop {
        let next = cost.map_or_else(|| "another request costs more".into(), |cost| format!("the next request costs {cost}"));
        Stop::Budget(format!("--max-tokens {} allows no further request: {spent} tokens are spent, and {next}", self.most))
    }
}

/// The client for a request within a budget.
pub(super) fn within(client: &ApiClient<AnyApi>, budget: Option<Budget>, spent: u64) -> Result<ApiClient<AnyApi>, Stop> {
    let Some(budget) = budget else { return Ok(client.clone()) };
    let tries = budget.tries(spent)?;
    Ok(if tries >= 5 { client.clone() } else { client.with_retry(RetryPolicy::standard().max_tries(tries)) })
}

type Fetched = Result<Page<RawRow>, Error>;

/// The pages of a query.
pub(super) struct Pages {
    client: ApiClient<AnyApi>,
    query: Records<AnyReport, RawRow>,
    cost: Option<u32>,
    budget: Option<Budget>,
    /// Whether the next page is fetched while one is written.
    ahead: bool,
    next: Option<JoinHandle<Fetched>>,
    /// The page to fetch; none after the last.
    place: Option<Place>,
    seen: HashSet<String>,
    empty: u32,
    pub totals: Totals,
}

/// Where a page is.
#[derive(Clone, Debug)]
enum Place {
    First,
    At(String),
}

impl Pages {
    pub(super) fn new(
        client: ApiClient<AnyApi>,
        query: Records<AnyReport, RawRow>,
        max_tokens: Option<u64>,
        ahead: bool,
    ) -> Self {
        let cost = client.cost(&query);
        let budget = max_tokens.map(|most| Budget { most, cost });
        let ahead = ahead && budget.is_none();
        Self {
            client,
            query,
            cost,
            budget,
            ahead,
            next: None,
            place: Some(Place::First),
            seen: HashSet::new(),
            empty: 0,
            totals: Totals::new(),
        }
    }

    /// Starts at the page of a cursor, with what an earlier run took.
    pub(super) fn starting_at(mut self, cursor: String, totals: Totals) -> Self {
        self.place = Some(Place::At(cursor));
        self.totals = totals;
        self
    }

    /// The cursor of the next page; none if there is no other.
    pub(super) fn cursor(&self) -> Option<&str> {
        match &self.place {
            Some(Place::At(cursor)) => Some(cursor),
            Some(Place::First) | None => None,
        }
    }

    /// The next page; none after the last. If this is dropped before it is done, the request is stopped.
    pub(super) async fn next(&mut self) -> Result<Option<Page<RawRow>>, Stop> {
        let Some(place) = self.place.clone() else { return Ok(None) };
        let task = match self.next.take() {
            Some(task) => task,
            None => self.start(&place)?,
        };
        let page = AbortOnDrop(task).wait().await?;
        self.totals.add(&page.meta, self.cost);
        self.totals.pages += 1;
        if let Some(budget) = &mut self.budget {
            // What the server charges counts more than what was calculated.
            let charged = page.rate.as_ref().and_then(|rate| u32::try_from(rate.cost?).ok());
            budget.cost = charged.max(budget.cost);
        }
        self.place = self.after(&page)?;
        if let (true, Some(place)) = (self.ahead, self.place.clone()) {
            self.next = Some(self.start(&place)?);
        }
        Ok(Some(page))
    }

    fn start(&self, place: &Place) -> Result<JoinHandle<Fetched>, Stop> {
        let client = within(&self.client, self.budget, self.totals.tokens)?;
        let query = match place {
            Place::First => self.query.clone(),
            Place::At(cursor) => self.query.clone().resume_from(cursor.as_str()),
        };
        Ok(tokio::spawn(async move { client.fetch(query).await }))
    }

    /// What follows a page.
    fn after(&mut self, page: &Page<RawRow>) -> Result<Option<Place>, Stop> {
        self.empty = if page.rows.is_empty() { self.empty + 1 } else { 0 };
        let NextPage::Cursor(cursor) = &page.next else { return Ok(None) };
        let report = self.query.report_name();
        if !self.seen.insert(cursor.clone()) {
            return Err(Stop::Endless(format!(
                "report {report}: the server returned the same cursor twice, so the pages would never end"
            )));
        }
        if self.empty >= MOST_EMPTY_PAGES {
            let message = format!(
                "report {report}: {MOST_EMPTY_PAGES} pages in a row without rows, so the pages may never end; narrow --where"
            );
            return Err(Stop::Endless(message));
        }
        Ok(Some(Place::At(cursor.clone())))
    }
}

impl Drop for Pages {
    fn drop(&mut self) {
        if let Some(next) = self.next.take() {
            next.abort();
        }
    }
}

struct AbortOnDrop(JoinHandle<Fetched>);

impl AbortOnDrop {
    async fn wait(mut self) -> Result<Page<RawRow>, Stop> {
        match (&mut self.0).await {
            Ok(page) => page.map_err(|error| Stop::Failed(Box::new(error))),
            Err(error) if error.is_panic() => std::panic::resume_unwind(error.into_panic()),
            Err(_) => Err(Stop::Interrupted),
        }
    }
}

impl Drop for AbortOnDrop {
    fn drop(&mut self) {
        self.0.abort();
    }
}

/// The failure of a run that wrote nothing.
pub(super) fn nothing_written(stop: &Stop) -> Failure {
    match stop {
        Stop::Interrupted => Failure::Stopped("stopped before the first rows".into()),
        stop => Failure::CannotRun(stop.message()),
    }
}

/// When the server may be asked again, if it refused because of its rate limit.
pub(super) fn later(stop: &Stop) -> Option<GaveUp> {
    match stop {
        Stop::Failed(error) => error.meta().and_then(|meta| meta.gave_up),
        _ => None,
    }
}
