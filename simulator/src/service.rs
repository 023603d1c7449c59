//! The simulated API without HTTP around it. In comes a request as plain values; out comes the answer. Rows are made or sorted
//! when their report is first asked for.

use std::collections::{HashMap, VecDeque};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use axum::http::HeaderMap;
use placewise_model::{ErrorName, Field, Model, Report};

use crate::access::Tokens;
use crate::aggregate::aggregate;
use crate::customers::Scope;
use crate::generate::{Generator, club_of, is_club};
use crate::limit::{Limiter, Owner};
use crate::page;
use crate::reply::{Page, Refusal, Reply};
use crate::request::{Query, check_headers, query, scope};
use crate::row::Row;
use crate::settings::Settings;
use crate::value::order_cells;

/// A request as plain values.
#[derive(Debug)]
pub(crate) struct Ask<'a> {
    pub(crate) method: &'a str,
    pub(crate) path: &'a str,
    pub(crate) headers: &'a HeaderMap,
    /// None where it was larger than the simulator takes.
    pub(crate) body: Option<&'a [u8]>,
}

/// How many queries' answers are kept.
const MOST_RECENT: usize = 8;

/// What a query finds, before it is cut into pages.
#[derive(Debug)]
pub(crate) enum Found {
    /// Places of rows in their table.
    Rows(Vec<usize>),
    /// Rows of an aggregation.
    Groups(Vec<Row>),
}

/// Everything that answers depend on.
#[derive(Debug)]
pub(crate) struct Service {
    pub(crate) model: Model,
    pub(crate) settings: Settings,
    pub(crate) seed: u64,
    /// Rows made up for each report.
    pub(crate) count: usize,
    pub(crate) with_optional: bool,
    /// Clubs over which made-up rows spread.
    pub(crate) clubs: Vec<i64>,
    /// Those and the ones that only data has.
    pub(crate) known_clubs: Vec<i64>,
    pub(crate) slugs: Vec<(String, i64)>,
    pub(crate) tokens: Tokens,
    pub(crate) limiter: Limiter,
    /// The user's rows by place of the report.
    pub(crate) data: HashMap<usize, Vec<Row>>,
    /// All rows by place of the report, in the order of answers.
    pub(crate) tables: Vec<OnceLock<Vec<Row>>>,
    /// Answers of the latest queries by their fingerprint.
    pub(crate) recent: Mutex<VecDeque<(u64, Arc<Found>)>>,
    /// Errors with which the next requests are refused, whatever they ask.
    pub(crate) refusals: Mutex<VecDeque<ErrorName>>,
}

impl Service {
    /// Answers a request.
    pub(crate) fn answer(&self, ask: &Ask<'_>) -> Reply {
        self.accept(ask).unwrap_or_else(|refusal| Reply::refusal(&self.model, &refusal))
    }

    fn accept(&self, ask: &Ask<'_>) -> Result<Reply, Refusal> {
        if let Some(name) = self.refusals.lock().unwrap_or_else(PoisonError::into_inner).pop_front() {
            return Err(Refusal::Error(name, "refused as the test asked".into()));
        }
        if ask.path != self.settings.path {
            return Err(Refusal::Error(ErrorName::NotFound, format!("nothing is simulated at {}", ask.path)));
        }
        if ask.method != self.settings.method {
            return Err(Refusal::Method(self.settings.method.clone()));
        }
        let permits = check_headers(&self.model, &self.tokens, ask.headers)?;
        let scope = scope(&self.model, &self.known_clubs, &self.slugs, ask.headers)?;
        let body = ask.body.ok_or(Refusal::TooLarge)?;
        let query = query(&self.model, &self.settings.zone, &permits, &scope, body)?;
        Ok(self.pay(&query, &scope))
    }

    /// Takes the tokens and, where there were enough, answers. Only requests that come this far touch a bucket and tell of it: what
    /// a request costs that is refused before is not documented.
    fn pay(&self, query: &Query<'_>, scope: &Scope) -> Reply {
        let owner = scope.owner();
        let limits = &self.model.api.rate_limit;
        let bucket = if matches!(owner, Owner::One(_)) { &limits.one_customer } else { &limits.several_customers };
        let taken = self.limiter.take(owner, query.cost);
        let reply = if taken.accepted { self.page(query, scope) } else { Reply::refusal(&self.model, &Refusal::Limited(taken)) };
        reply.limited(&self.model, bucket, &taken)
    }

    fn page(&self, query: &Query<'_>, scope: &Scope) -> Reply {
        let found = self.found(query, scope);
        let rows: Vec<&Row> = match &*found {
            Found::Groups(groups) => groups.iter().collect(),
            Found::Rows(places) => {
                let table = self.table(query.report);
                places.iter().filter_map(|place| table.get(*place)).collect()
            }
        };
        let fields: Vec<&Field> = match query.aggregation {
            Some(aggregation) => aggregation.returns.iter().map(|returned| &returned.field).collect(),
            None => self.model.reports[query.report].fields.iter().collect(),
        };
        let (rows, next) = page::cut(&rows, query.fingerprint, query.offset, query.page_size);
        Reply::page(&self.model, &Page { fields, rows: rows.to_vec(), next })
    }

    /// What a query finds. The last few answers are kept, so that a query is not worked out again for each of its pages; rows never
    /// change, so an answer stays right.
    fn found(&self, query: &Query<'_>, scope: &Scope) -> Arc<Found> {
        let mut recent = self.recent.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((_, found)) = recent.iter().find(|(fingerprint, _)| *fingerprint == query.fingerprint) {
            return Arc::clone(found);
        }
        let found = Arc::new(self.find(query, scope));
        if recent.len() == MOST_RECENT {
            recent.pop_front();
        }
        recent.push_back((query.fingerprint, Arc::clone(&found)));
        found
    }

    fn find(&self, query: &Query<'_>, scope: &Scope) -> Found {
        let report = &self.model.reports[query.report];
        let club = report.fields.iter().position(|field| is_club(&self.model, field));
        let zone = &self.settings.zone;
        let asked = |row: &Row| {
            let in_scope = club.is_none_or(|club| scope.holds(club_of(row, club)));
            in_scope && query.filter.as_ref().is_none_or(|filter| filter.holds(&report.fields, row, zone))
        };
        let rows = self.table(query.report).iter().enumerate().filter(|(_, row)| asked(row));
        match query.aggregation {
            Some(aggregation) => Found::Groups(aggregate(report, aggregation, rows.map(|(_, row)| row).collect(), zone)),
            None => Found::Rows(rows.map(|(place, _)| place).collect()),
        }
    }

    /// All rows of a report, ascending by its first field; which order the server has is not documented.
    fn table(&self, place: usize) -> &[Row] {
        self.tables[place].get_or_init(|| {
            let report = &self.model.reports[place];
            let mut rows = self.data.get(&place).cloned().unwrap_or_else(|| self.generate(report));
            if let Some(first) = report.fields.first() {
                rows.sort_by(|a, b| order_cells(&first.ty, a.cell(0), b.cell(0), &self.settings.zone));
            }
            rows
        })
    }

    /// Made-up rows; none where the spec knows no field of the report.
    fn generate(&self, report: &Report) -> Vec<Row> {
        if report.fields.is_empty() {
            return Vec::new();
        }
        let generator = Generator {
            model: &self.model,
            report,
            zone: &self.settings.zone,
            seed: self.seed,
            clubs: &self.clubs,
            with_optional: self.with_optional,
        };
        generator.rows(self.count)
    }
}
