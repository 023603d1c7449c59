//! The pages of a query, batch after batch of its customers, and what the requests took: between two pages a run can stop and keep where it
//! is.

use std::time::Duration;

use placewise_model::exit::Failure;
use placewise_reporting::{AnyApi, AnyReport, ApiClient, Error, GaveUp, Meta, RawRow, Records, Rows, Warning};

use crate::explain::explain;
use crate::output::place::Stopped;

/// Why a run ended before its answer was complete.
pub(super) enum Stop {
    Failed(Box<Error>),
    Interrupted,
}

impl From<Error> for Stop {
    fn from(error: Error) -> Self {
        Self::Failed(Box::new(error))
    }
}

impl Stop {
    /// The message. `budget` is that of `--max-tokens`, and what earlier runs spent of it.
    pub(super) fn message(&self, (most, earlier): (Option<u64>, u64)) -> String {
        let Self::Failed(error) = self else { return "stopped".into() };
        let (Error::MaxTokens { spent, cost, .. }, Some(most)) = (&**error, most) else { return explain(error) };
        let next = cost.map_or_else(|| "what another costs is not known".into(), |cost| format!("the next one costs {cost}"));
        format!("--max-tokens {most} allows no further request: {} tokens are spent, and {next}", earlier + spent)
    }

    /// The failure of a run that wrote nothing.
    pub(super) fn nothing_written(&self, budget: (Option<u64>, u64)) -> Failure {
        match self {
            Self::Interrupted => Failure::Stopped("stopped before the first rows".into()),
            stop => Failure::CannotRun(stop.message(budget)),
        }
    }

    /// When the server may be asked again, if it refused because of its rate limit.
    pub(super) fn later(&self) -> Option<GaveUp> {
        match self {
            Self::Failed(error) => error.meta().and_then(|meta| meta.gave_up),
            Self::Interrupted => None,
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
    /// What earlier runs took.
    pub(super) fn of(stopped: Option<&Stopped>) -> Self {
        let none = Self { tokens_known: true, ..Self::default() };
        stopped.map_or(none, |stopped| {
            let Stopped { pages, requests, tokens, tokens_known, .. } = *stopped;
            Self { pages, requests, tokens, tokens_known, waited: Duration::ZERO }
        })
    }

    /// Adds what a request took. `cost` is its calculated cost.
    pub(super) fn add(&mut self, meta: &Meta, cost: Option<u32>) {
        self.requests += u64::from(meta.tries);
        self.waited += meta.waited;
        match (meta.tokens, cost) {
            (Some(charged), _) => self.tokens += u64::try_from(charged).unwrap_or(0),
            (None, Some(cost)) => self.tokens += u64::from(cost) * u64::from(meta.tries),
            (None, None) => self.tokens_known &= meta.tries == 0,
        }
    }
}

/// Where a page is.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct PageAt {
    /// The batch of customers.
    pub batch: usize,
    /// None for its first page.
    pub cursor: Option<String>,
}

/// The pages of a query.
pub(super) struct Pages {
    /// One client per batch of customers.
    clients: Vec<ApiClient<AnyApi>>,
    query: Records<AnyReport, RawRow>,
    cost: Option<u32>,
    /// How many pages are fetched while one is written.
    ahead: usize,
    batch: usize,
    rows: Rows<RawRow>,
    pub totals: Totals,
}

impl Pages {
    pub(super) fn new(
        clients: Vec<ApiClient<AnyApi>>,
        query: Records<AnyReport, RawRow>,
        ahead: usize,
        at: PageAt,
        totals: Totals,
    ) -> Option<Self> {
        let client = clients.get(at.batch)?;
        let start = match at.cursor {
            Some(cursor) => query.clone().resume_from(cursor),
            None => query.clone(),
        };
        let (cost, rows) = (client.cost(&query), client.stream(start).prefetch(ahead));
        Some(Self { clients, query, cost, ahead, batch: at.batch, rows, totals })
    }

    /// Where to go on after the pages so far; none if there is no other.
    pub(super) fn place(&self) -> Option<PageAt> {
        if !self.rows.is_finished() {
            return Some(PageAt { batch: self.batch, cursor: self.rows.cursor().map(str::to_owned) });
        }
        let next = self.batch + 1;
        (next < self.clients.len()).then_some(PageAt { batch: next, cursor: None })
    }

    /// What is odd about the pages of this batch so far.
    pub(super) fn warnings(&self) -> &[Warning] {
        self.rows.warnings()
    }

    /// The rows of the next page; none after the last.
    pub(super) async fn next(&mut self) -> Result<Option<Vec<RawRow>>, Stop> {
        loop {
            match self.rows.try_next_page().await {
                Ok(Some(page)) => {
                    self.totals.pages += 1;
                    self.rows.meta().inspect(|meta| self.totals.add(meta, self.cost));
                    return Ok(Some(page));
                }
                Ok(None) => {
                    let Some(client) = self.clients.get(self.batch + 1) else { return Ok(None) };
                    self.batch += 1;
                    self.rows = client.stream(self.query.clone()).prefetch(self.ahead);
                }
                Err(error) => {
                    // The error of a page that was there has its meta, which is counted.
                    if error.meta() != self.rows.meta() {
                        error.meta().inspect(|meta| self.totals.add(meta, self.cost));
                    }
                    return Err(error.into());
                }
            }
        }
    }
}
