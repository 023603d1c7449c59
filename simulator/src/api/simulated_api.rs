//! The simulated API: answers requests from the model and its data.

use std::collections::{BTreeMap, VecDeque};
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

use jiff::Timestamp;
use jiff::tz::TimeZone;
use placewise_model::{Endpoint, ErrorName, Field, Format, Model, Report};
use serde_json::{Map, Value};

use crate::api::endpoint_request::{QueryContext, endpoint_cost, no_reply};
use crate::api::faulty_reply::{Answering, PageOf, facts, faulty};
use crate::api::headers::{check_headers, customers};
use crate::api::reply::{CannedReply, PageBody, Reply, Returned};
use crate::api::request::Request;
use crate::api::request_log::{RecordedRequest, RequestLog};
use crate::api::route::{Route, query_parameters, route};
use crate::charts::chart::ChartSource;
use crate::charts::time_zones::CustomerZones;
use crate::charts::timeseries_query::{TimeseriesQuery, timeseries_query};
use crate::data::aggregate::aggregate;
use crate::data::field_roles::{customer_index, customer_of, is_customer};
use crate::data::report_data::ReportData;
use crate::data::row::{Row, RowBody};
use crate::faults::account::{FaultAccount, OrderedFaults, UnmetFaults};
use crate::faults::plan::{Effect, Fault};
use crate::limits::permits::{Permits, Tokens};
use crate::limits::rate_limit::{BucketOwner, RateLimit};
use crate::query::customer_scope::{CustomerAttribute, CustomerScope};
use crate::query::faults::Faults;
use crate::query::records_query::{RecordsQuery, records_query};
use crate::query::refusal::Refusal;
use crate::query::request_body::{RequestBody, check_permit, report_key};
use crate::query::statistics_query::statistics_cost;
use crate::time_buckets::earlier;

/// Number of queries whose results are cached.
const MOST_CACHED: usize = 8;

/// The result of a records query, before it is split into pages.
#[derive(Debug)]
pub(crate) enum QueryResult {
    /// Indices of rows.
    Rows(Vec<usize>),
    /// Rows of an aggregation.
    Groups(Vec<Row>),
}

/// A valid request.
#[derive(Debug)]
enum Call<'a> {
    Records(RecordsQuery<'a>),
    Timeseries(Box<TimeseriesQuery<'a>>),
    /// An endpoint's canned reply, and the cost.
    Canned(&'a CannedReply, u32),
    /// An object with the endpoint's documented response keys, and the cost.
    Generated(&'a Endpoint, u32),
}

impl Call<'_> {
    fn cost(&self) -> u32 {
        match self {
            Self::Records(query) => query.cost,
            Self::Timeseries(query) => query.cost,
            Self::Canned(_, cost) | Self::Generated(_, cost) => *cost,
        }
    }
}

/// The current time.
pub(crate) type Clock = Arc<dyn Fn() -> Timestamp + Send + Sync>;

/// The simulated API as a function from [`Request`] to [`Reply`]. [`Simulator::build`](crate::Simulator::build) creates it.
pub struct SimulatedApi {
    pub(crate) model: Model,
    /// The zone of timestamps without one.
    pub(crate) zone: TimeZone,
    pub(crate) customer_zones: CustomerZones,
    pub(crate) clock: Clock,
    /// Whether unknown keys are refused.
    pub(crate) strict: bool,
    /// All customers, ascending.
    pub(crate) customers: Vec<i64>,
    pub(crate) slugs: Vec<(String, i64)>,
    pub(crate) attributes: Vec<CustomerAttribute>,
    pub(crate) tokens: Tokens,
    pub(crate) rate_limit: RateLimit,
    pub(crate) data: ReportData,
    /// Canned replies by endpoint.
    pub(crate) canned_replies: BTreeMap<String, CannedReply>,
    /// Results of the latest records queries by fingerprint.
    pub(crate) cache: Mutex<VecDeque<(u64, Arc<QueryResult>)>>,
    pub(crate) faults: OrderedFaults,
    pub(crate) log: RequestLog,
}

impl SimulatedApi {
    /// Answers a request. A fault on its [`delivery`](Reply::delivery) counts as met, because the caller knows of it.
    pub fn answer(&self, request: &Request) -> Reply {
        let (reply, fault) = self.answer_undelivered(request);
        fault.into_iter().for_each(|index| self.faults.met(index));
        reply
    }

    /// Answers a request; with a fault that is met once the reply is delivered.
    pub(crate) fn answer_undelivered(&self, request: &Request) -> (Reply, Option<usize>) {
        let facts = facts(&self.model, request);
        let due = self.faults.due(&facts);
        let name = due.as_ref().map(|due| due.name.clone());
        let (reply, fault) = match due {
            None => (self.without_fault(request), None),
            Some(due) => match faulty(&self.model, (self.clock)(), &due, |answering| self.accept(request, answering)) {
                (reply, Ok(())) => (reply, Some(due.index)),
                (reply, Err(problem)) => {
                    self.faults.missed(due.index, problem);
                    (reply, None)
                }
            },
        };
        self.log.record(&self.model, request, facts.report, &reply, name);
        (reply, fault)
    }

    fn without_fault(&self, request: &Request) -> Reply {
        let answer = self.accept(request, &Answering::new(&[]));
        answer.unwrap_or_else(|refusal| Reply::from_refusal(&self.model, &refusal))
    }

    /// The requests so far, oldest first; at most the latest 10,000, and those whose bodies take 16 MiB.
    pub fn requests(&self) -> Vec<RecordedRequest> {
        self.log.requests()
    }

    /// Rate-limit tokens spent so far.
    pub fn spent(&self) -> u64 {
        self.rate_limit.spent()
    }

    /// Rate-limit tokens that others took so far; see [`Simulator::drain`](crate::Simulator::drain).
    pub fn drained(&self) -> u64 {
        self.rate_limit.drained()
    }

    /// Refuses the next request with that error; further calls refuse further requests. Use it for errors that no request causes, such as
    /// maintenance. It is short for a [`Fault`] with one effect.
    pub fn refuse_next(&self, error: ErrorName) {
        let effects = vec![Effect::Refuse(error)];
        self.faults.add(Fault { name: Some("refuse_next".into()), effects, ..Fault::default() });
    }

    /// The model, with the overridden assumptions.
    pub fn model(&self) -> &Model {
        &self.model
    }

    /// The account of the ordered faults, in the order of the plan.
    pub fn faults(&self) -> Vec<FaultAccount> {
        self.faults.accounts()
    }

    /// Checks that each ordered fault was met, except for optional ones. If nobody calls this before the API is dropped, dropping it checks
    /// and panics.
    ///
    /// # Errors
    /// The faults that no request met.
    pub fn check_faults(&self) -> Result<(), UnmetFaults> {
        self.faults.check()
    }

    pub(crate) fn accept(&self, request: &Request, answering: &Answering<'_>) -> Result<Reply, Refusal> {
        let route = route(&self.model, &request.method, &request.path)?;
        let has_body = !request.method.eq_ignore_ascii_case("GET");
        let permits = check_headers(&self.model, &self.tokens, request, has_body, self.concerns_reports(&route))?;
        let scope = customers(&self.model, &self.customers, &self.slugs, &self.attributes, request)?;
        // Whether an endpoint without a report needs a customer is undocumented; without one, all customers are meant.
        let scope = scope.unwrap_or(CustomerScope::All);
        let mut keys = if has_body {
            json_object(request.body.as_ref().ok_or(Refusal::TooLarge)?)?
        } else {
            query_parameters(request.query.as_deref().unwrap_or_default())
        };
        keys.extend(route.values.clone());
        let call = self.read(&route, &permits, &scope, &keys)?;
        Ok(self.charge(&call, &scope, answering))
    }

    /// Whether any endpoint of the route takes a query or names a report.
    fn concerns_reports(&self, route: &Route<'_>) -> bool {
        route.endpoints().any(|endpoint| {
            self.format_of(endpoint).is_some() || endpoint.carries.report.is_some() || endpoint.carries.query.is_some()
        })
    }

    /// The format whose queries an endpoint takes.
    fn format_of(&self, endpoint: &Endpoint) -> Option<Format> {
        Format::ALL.iter().copied().find(|format| self.model.endpoint_of(*format) == endpoint.name)
    }

    /// Reads a request; if formats share a path, the report in the request decides.
    fn read<'a>(
        &'a self,
        route: &Route<'a>,
        permits: &Permits,
        scope: &CustomerScope,
        keys: &Map<String, Value>,
    ) -> Result<Call<'a>, Refusal> {
        let (model, zone) = (&self.model, &self.zone);
        let (path, strict) = (&route.values, self.strict);
        let mut body = RequestBody { model, zone, permits, keys, path, strict, faults: Faults::default() };
        if model.api.permit.with_report.value || !self.concerns_reports(route) {
            check_permit(permits, &model.api.permit.name)?;
        }
        let (zone, now) = (self.customer_zones.of_query(scope, &self.customers), (self.clock)());
        let mut formats = route.endpoints().filter_map(|endpoint| Some((self.format_of(endpoint)?, endpoint)));
        let Some(first) = formats.next() else {
            // Several endpoints that are not a format's own cannot be told apart: the first one answers.
            let cost = endpoint_cost(&mut body, route.endpoint, QueryContext { scope, zone, now })?;
            return self.endpoint_call(route.endpoint, cost);
        };
        let formats: Vec<(Format, &Endpoint)> = [first].into_iter().chain(formats).collect();
        let (format, endpoint, report) = self.choose_format(&mut body, first.0, &formats)?;
        body.check_endpoint_permit(endpoint)?;
        match format {
            Format::Records => records_query(&mut body, report, scope).map(Call::Records),
            Format::Timeseries => timeseries_query(&mut body, report, zone, now).map(|query| Call::Timeseries(Box::new(query))),
            Format::Statistics => {
                let cost = statistics_cost(&mut body, report.1)?;
                self.endpoint_call(endpoint, endpoint.cost.unwrap_or(cost))
            }
        }
    }

    /// The report of a query, and its format out of those served at the path. A report of another format gets a 404, which is
    /// undocumented.
    fn choose_format<'a>(
        &'a self,
        body: &mut RequestBody<'a, '_>,
        first: Format,
        formats: &[(Format, &'a Endpoint)],
    ) -> Result<(Format, &'a Endpoint, (usize, &'a Report)), Refusal> {
        let named = |format: Format| {
            let name = body.keys.get(report_key(&self.model, format)).and_then(Value::as_str)?;
            self.model.report(name)
        };
        let fitting = formats.iter().find(|(format, _)| named(*format).is_some_and(|report| report.format == *format));
        if let Some((format, endpoint)) = fitting {
            let key = report_key(&self.model, *format);
            return Ok((*format, endpoint, body.report(key, |report| report.format == *format)?));
        }
        if let Some(report) = formats.iter().find_map(|(format, _)| named(*format)) {
            let message =
                format!("Report `{}` has the format `{}`, which this path does not serve.", report.name, report.format.word());
            return Err(Refusal::Error(ErrorName::NotFound, message));
        }
        let served = |report: &Report| formats.iter().any(|(format, _)| *format == report.format);
        Err(body.unknown_report(report_key(&self.model, first), served))
    }

    /// Replies with an endpoint's canned reply, or else with its documented response keys.
    fn endpoint_call<'a>(&'a self, endpoint: &'a Endpoint, cost: u32) -> Result<Call<'a>, Refusal> {
        match self.canned_replies.get(&endpoint.name) {
            Some(canned) => Ok(Call::Canned(canned, cost)),
            None if !endpoint.response.is_empty() => Ok(Call::Generated(endpoint, cost)),
            None => Err(no_reply(endpoint)),
        }
    }

    /// Charges a valid request and answers it if its bucket allows. The cost of a refused request is undocumented; here it is zero.
    fn charge(&self, call: &Call<'_>, scope: &CustomerScope, answering: &Answering<'_>) -> Reply {
        let owner = scope.owner();
        let limits = &self.model.api.rate_limit;
        let bucket = match owner {
            BucketOwner::Customer(_) => &limits.one_customer.value,
            BucketOwner::Several => &limits.several_customers.value,
        };
        let cost = if answering.is_free() { 0 } else { call.cost() };
        let charge = self.rate_limit.charge(owner, cost);
        let reply = if charge.accepted {
            self.reply(call, scope, answering)
        } else {
            Reply::from_refusal(&self.model, &Refusal::RateLimited(charge))
        };
        reply.with_rate_limit(&self.model, bucket, &charge, answering.has_limit_headers())
    }

    fn reply(&self, call: &Call<'_>, scope: &CustomerScope, answering: &Answering<'_>) -> Reply {
        match call {
            Call::Records(query) => self.page(query, scope, answering),
            Call::Timeseries(query) => self.chart(query, scope),
            Call::Canned(canned, _) => Reply::from_canned(&self.model, canned),
            Call::Generated(endpoint, _) => {
                let fields: Vec<&Field> = endpoint.response.iter().collect();
                let row = self.data.endpoint_response(&self.model, &self.zone, endpoint);
                Reply::from_body(&self.model, &RowBody { fields: &fields, row: &row })
            }
        }
    }

    fn chart(&self, query: &TimeseriesQuery<'_>, scope: &CustomerScope) -> Reply {
        let report = &self.model.reports[query.report];
        let events = self.data.events(&self.model, &self.zone, query.report);
        let customer_field = report.fields.iter().find(|field| is_customer(&self.model, field));
        let customer_field = customer_field.map(|field| field.name.as_str());
        let now = (self.clock)();
        let latest = report.data_lag.and_then(|lag| earlier(now, lag.period)).unwrap_or(now);
        let source = ChartSource { model: &self.model, report, events, scope, customer_field, latest, zone: &self.zone };
        let chart = source.chart(query);
        Reply { returned: Some(Returned::Buckets(chart.bucket_count())), ..Reply::from_body(&self.model, &chart) }
    }

    fn page(&self, query: &RecordsQuery<'_>, scope: &CustomerScope, answering: &Answering<'_>) -> Reply {
        let result = self.cached_result(query, scope);
        let rows: Vec<&Row> = match &*result {
            QueryResult::Groups(groups) => groups.iter().collect(),
            QueryResult::Rows(indices) => {
                let rows = self.data.rows(&self.model, &self.zone, query.report);
                indices.iter().filter_map(|index| rows.get(*index)).collect()
            }
        };
        let fields: Vec<&Field> = match query.aggregation {
            Some(aggregation) => aggregation.returns.iter().map(|returned| &returned.field).collect(),
            None => self.model.reports[query.report].fields.iter().collect(),
        };
        let of = PageOf { fingerprint: query.fingerprint, offset: query.offset, size: query.page_size };
        let (rows, next) = answering.page(&rows, of);
        let without_text = query.offset == 0 && !self.model.records.empty_cursor_ends.value;
        let next = if without_text { next.map(|_| String::new()) } else { next };
        let returned = Some(Returned::Rows(rows.len()));
        Reply { returned, ..Reply::from_body(&self.model, &PageBody { model: &self.model, fields, rows, next }) }
    }

    /// The result of a query, cached so that its pages share it. Rows never change, so results stay valid.
    fn cached_result(&self, query: &RecordsQuery<'_>, scope: &CustomerScope) -> Arc<QueryResult> {
        let cache = self.cache.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((_, result)) = cache.iter().find(|(fingerprint, _)| *fingerprint == query.fingerprint) {
            return Arc::clone(result);
        }
        // Other requests are answered meanwhile; two equal ones get equal results.
        drop(cache);
        let result = Arc::new(self.result(query, scope));
        let mut cache = self.cache.lock().unwrap_or_else(PoisonError::into_inner);
        if cache.len() == MOST_CACHED {
            cache.pop_front();
        }
        cache.push_back((query.fingerprint, Arc::clone(&result)));
        result
    }

    fn result(&self, query: &RecordsQuery<'_>, scope: &CustomerScope) -> QueryResult {
        let report = &self.model.reports[query.report];
        let customer = customer_index(&self.model, &report.fields);
        let zone = &self.zone;
        let matches = |row: &Row| {
            let in_scope = customer.is_none_or(|index| scope.includes(customer_of(row, index)));
            in_scope && query.filter.as_ref().is_none_or(|filter| filter.matches(&report.fields, row, zone))
        };
        let rows = self.data.rows(&self.model, zone, query.report).iter().enumerate().filter(|(_, row)| matches(row));
        match query.aggregation {
            Some(aggregation) => QueryResult::Groups(aggregate(report, aggregation, rows.map(|(_, row)| row).collect(), zone)),
            None => QueryResult::Rows(rows.map(|(index, _)| index).collect()),
        }
    }
}

/// The keys of a body.
fn json_object(body: &[u8]) -> Result<Map<String, Value>, Refusal> {
    let kind = match serde_json::from_slice(body) {
        Ok(Value::Object(object)) => return Ok(object),
        Err(_) if body.trim_ascii().is_empty() => return Err(Refusal::NotJson("The body is empty; send a JSON object.".into())),
        Err(error) => return Err(Refusal::NotJson(format!("The body is not JSON: {error}."))),
        Ok(Value::Array(_)) => "a list",
        Ok(Value::String(_)) => "a string",
        Ok(Value::Number(_)) => "a number",
        Ok(Value::Bool(_)) => "a boolean",
        Ok(Value::Null) => "null",
    };
    Err(Refusal::NotJson(format!("The body is {kind}; send a JSON object.")))
}

impl fmt::Debug for SimulatedApi {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SimulatedApi").field("api", &self.model.api.name).finish_non_exhaustive()
    }
}
