//! The simulated API without HTTP around it. In comes a request as plain values; out comes the answer. Rows are made or sorted
//! when their report is first asked for.

use std::collections::{BTreeMap, VecDeque};
use std::sync::{Arc, Mutex, PoisonError};

use axum::http::HeaderMap;
use jiff::Timestamp;
use jiff::tz::TimeZone;
use placewise_model::{Endpoint, ErrorName, Field, Format, Model, Report};
use serde_json::{Map, Value};

use crate::access::{Permits, Tokens};
use crate::aggregate::aggregate;
use crate::answers::{self, Around, Given};
use crate::body::{Body, check_permit};
use crate::customers::{Described, Scope};
use crate::generate::{club_of, is_club};
use crate::invalid::Faults;
use crate::limit::{Limiter, Owner};
use crate::page;
use crate::query::{Query, query};
use crate::reply::{Page, Refusal, Reply};
use crate::request::{check_headers, no_customer, scope};
use crate::route::{Route, pairs, route};
use crate::row::Row;
use crate::tables::Tables;
use crate::timeseries::Source;
use crate::timeseries::read::{SeriesQuery, series_query};
use crate::timeseries::zones::Zones;

/// A request as plain values.
#[derive(Debug)]
pub(crate) struct Ask<'a> {
    pub(crate) method: &'a str,
    pub(crate) path: &'a str,
    /// The query string, without its question mark.
    pub(crate) query: Option<&'a str>,
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

/// A request that can be answered.
#[derive(Debug)]
enum Question<'a> {
    Records(Query<'a>),
    Timeseries(Box<SeriesQuery<'a>>),
    /// What was given for an endpoint, and what asking it costs.
    Given(&'a Given, u32),
    /// An object of the keys that the endpoint is known to reply with.
    Made(&'a Endpoint, u32),
}

impl Question<'_> {
    fn cost(&self) -> u32 {
        match self {
            Self::Records(query) => query.cost,
            Self::Timeseries(query) => query.cost,
            Self::Given(_, cost) | Self::Made(_, cost) => *cost,
        }
    }
}

/// The moment of a request.
pub(crate) type Now = Arc<dyn Fn() -> Timestamp + Send + Sync>;

/// Everything that answers depend on.
pub(crate) struct Service {
    pub(crate) model: Model,
    /// The zone of timestamps that name none.
    pub(crate) zone: TimeZone,
    /// The zones of customers.
    pub(crate) zones: Zones,
    pub(crate) now: Now,
    /// Whether keys that are not known are refused.
    pub(crate) strict: bool,
    /// The customers that there are, ascending.
    pub(crate) known_clubs: Vec<i64>,
    pub(crate) slugs: Vec<(String, i64)>,
    /// What customers are filtered by.
    pub(crate) described: Vec<Described>,
    pub(crate) tokens: Tokens,
    pub(crate) limiter: Limiter,
    pub(crate) tables: Tables,
    /// What endpoints answer, by name.
    pub(crate) replies: BTreeMap<String, Given>,
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
            return Err(Refusal::Error(name, "refused as `refuse_next` asked".into()));
        }
        let route = route(&self.model, ask.method, ask.path)?;
        let has_body = !ask.method.eq_ignore_ascii_case("GET");
        let permits = check_headers(&self.model, &self.tokens, ask.headers, has_body)?;
        let scope = scope(&self.model, &self.known_clubs, &self.slugs, &self.described, ask.headers)?;
        // Whether what tells nothing of a report needs a customer is not documented; where none is named, all are meant.
        let about_reports = route.endpoints.iter().any(|endpoint| self.format_of(endpoint).is_some() || carries_any(endpoint));
        let scope = if about_reports { scope.ok_or_else(|| no_customer(&self.model))? } else { scope.unwrap_or(Scope::All) };
        let mut keys = if has_body {
            match serde_json::from_slice(ask.body.ok_or(Refusal::TooLarge)?) {
                Ok(Value::Object(body)) => body,
                _ => return Err(Refusal::NotJson),
            }
        } else {
            pairs(ask.query.unwrap_or_default())
        };
        keys.extend(route.values.clone());
        let question = self.read(&route, &permits, &scope, &keys)?;
        Ok(self.pay(&question, &scope))
    }

    /// The format whose queries an endpoint takes.
    fn format_of(&self, endpoint: &Endpoint) -> Option<Format> {
        let model = &self.model;
        let formats = [
            (&model.records.endpoint, Format::Records),
            (&model.timeseries.endpoint, Format::Timeseries),
            (&model.statistics.endpoint, Format::Statistics),
        ];
        formats.into_iter().find(|(name, _)| **name == endpoint.name).map(|(_, format)| format)
    }

    /// Reads a request; where formats share a path the report that it names decides.
    fn read<'a>(
        &'a self,
        route: &Route<'a>,
        permits: &Permits,
        scope: &Scope,
        keys: &Map<String, Value>,
    ) -> Result<Question<'a>, Refusal> {
        let (model, zone) = (&self.model, &self.zone);
        let (path, strict) = (&route.values, self.strict);
        let mut body = Body { model, zone, permits, keys, path, strict, faults: Faults::default() };
        let formats: Vec<(Format, &Endpoint)> =
            route.endpoints.iter().filter_map(|endpoint| Some((self.format_of(endpoint)?, *endpoint))).collect();
        let about_report = !formats.is_empty() || route.endpoints.iter().any(|endpoint| carries_any(endpoint));
        if model.api.permit.with_report.value || !about_report {
            check_permit(permits, &model.api.permit.name)?;
        }
        let (times, now) = (self.zones.times(scope, &self.known_clubs), (self.now)());
        if formats.is_empty() {
            // A route has an endpoint; of several that are none of a format's own the first answers.
            let Some(endpoint) = route.endpoints.first().copied() else { return Err(Refusal::NotJson) };
            let cost = answers::check(&mut body, endpoint, Around { scope, times, now })?;
            return self.given(endpoint, cost);
        }
        let (format, endpoint, report) = self.choose(&mut body, &formats)?;
        body.check_endpoint_permit(endpoint)?;
        match format {
            Format::Records => query(&mut body, report, scope).map(Question::Records),
            Format::Timeseries => series_query(&mut body, report, times, now).map(|query| Question::Timeseries(Box::new(query))),
            Format::Statistics => {
                let cost = answers::statistics(&mut body, report.1)?;
                self.given(endpoint, endpoint.cost.unwrap_or(cost))
            }
        }
    }

    /// The report of a query, and which of the formats served at its path it has. A report of another format is not found there; that
    /// the server says so by this status is not documented.
    fn choose<'a>(
        &'a self,
        body: &mut Body<'a, '_>,
        formats: &[(Format, &'a Endpoint)],
    ) -> Result<(Format, &'a Endpoint, (usize, &'a Report)), Refusal> {
        let named = |format: Format| {
            let name = body.keys.get(answers::report_key(&self.model, format)).and_then(Value::as_str)?;
            self.model.report(name)
        };
        let fitting = formats.iter().find(|(format, _)| named(*format).is_some_and(|report| report.format == *format));
        if let Some((format, endpoint)) = fitting {
            let key = answers::report_key(&self.model, *format);
            return Ok((*format, endpoint, body.report(key, |report| report.format == *format)?));
        }
        if let Some(report) = formats.iter().find_map(|(format, _)| named(*format)) {
            let message =
                format!("the report {} is in the format {}, which is not served here", report.name, report.format.word());
            return Err(Refusal::Error(ErrorName::NotFound, message));
        }
        let served = |report: &Report| formats.iter().any(|(format, _)| *format == report.format);
        let first = formats.first().map_or(Format::Records, |(format, _)| *format);
        // No report is named under any key, so this is always the refusal that lists those served.
        body.report(answers::report_key(&self.model, first), served).and(Err(Refusal::NotJson))
    }

    /// What an endpoint answers: what was given, or what the spec knows of it.
    fn given<'a>(&'a self, endpoint: &'a Endpoint, cost: u32) -> Result<Question<'a>, Refusal> {
        match self.replies.get(&endpoint.name) {
            Some(given) => Ok(Question::Given(given, cost)),
            None if !endpoint.response.is_empty() => Ok(Question::Made(endpoint, cost)),
            None => Err(answers::unknown(endpoint)),
        }
    }

    /// Takes the tokens and, where there were enough, answers. Only requests that come this far touch a bucket and tell of it: what
    /// a request costs that is refused before is not documented.
    fn pay(&self, question: &Question<'_>, scope: &Scope) -> Reply {
        let owner = scope.owner();
        let limits = &self.model.api.rate_limit;
        let bucket = if matches!(owner, Owner::One(_)) { &limits.one_customer.value } else { &limits.several_customers.value };
        let taken = self.limiter.take(owner, question.cost());
        let reply =
            if taken.accepted { self.reply(question, scope) } else { Reply::refusal(&self.model, &Refusal::Limited(taken)) };
        reply.limited(&self.model, bucket, &taken)
    }

    fn reply(&self, question: &Question<'_>, scope: &Scope) -> Reply {
        match question {
            Question::Records(query) => self.page(query, scope),
            Question::Timeseries(query) => self.chart(query, scope),
            Question::Given(given, _) => Reply::given(&self.model, given),
            Question::Made(endpoint, _) => {
                let fields: Vec<&Field> = endpoint.response.iter().collect();
                let row = self.tables.reply(&self.model, &self.zone, endpoint);
                Reply::row(&self.model, &fields, &row)
            }
        }
    }

    fn chart(&self, query: &SeriesQuery<'_>, scope: &Scope) -> Reply {
        let report = &self.model.reports[query.report];
        let events = self.tables.events(&self.model, &self.zone, query.report);
        let club = report.fields.iter().find(|field| is_club(&self.model, field));
        let club_name = club.map(|field| field.name.as_str());
        let source = Source { model: &self.model, events, scope, club_name, now: (self.now)(), zone: &self.zone };
        Reply::json(&self.model, &source.chart(query))
    }

    fn page(&self, query: &Query<'_>, scope: &Scope) -> Reply {
        let found = self.found(query, scope);
        let rows: Vec<&Row> = match &*found {
            Found::Groups(groups) => groups.iter().collect(),
            Found::Rows(places) => {
                let table = self.tables.rows(&self.model, &self.zone, query.report);
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
        let known = self.recent.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((_, found)) = known.iter().find(|(fingerprint, _)| *fingerprint == query.fingerprint) {
            return Arc::clone(found);
        }
        // Others are answered meanwhile; two that ask the same at once find the same.
        drop(known);
        let found = Arc::new(self.find(query, scope));
        let mut recent = self.recent.lock().unwrap_or_else(PoisonError::into_inner);
        if recent.len() == MOST_RECENT {
            recent.pop_front();
        }
        recent.push_back((query.fingerprint, Arc::clone(&found)));
        found
    }

    fn find(&self, query: &Query<'_>, scope: &Scope) -> Found {
        let report = &self.model.reports[query.report];
        let club = report.fields.iter().position(|field| is_club(&self.model, field));
        let zone = &self.zone;
        let asked = |row: &Row| {
            let in_scope = club.is_none_or(|club| scope.holds(club_of(row, club)));
            in_scope && query.filter.as_ref().is_none_or(|filter| filter.holds(&report.fields, row, zone))
        };
        let table = self.tables.rows(&self.model, zone, query.report);
        let rows = table.iter().enumerate().filter(|(_, row)| asked(row));
        match query.aggregation {
            Some(aggregation) => Found::Groups(aggregate(report, aggregation, rows.map(|(_, row)| row).collect(), zone)),
            None => Found::Rows(rows.map(|(place, _)| place).collect()),
        }
    }
}

/// Whether a request to the endpoint names a report or is a query.
fn carries_any(endpoint: &Endpoint) -> bool {
    endpoint.carries.report.is_some() || endpoint.carries.query.is_some()
}
