//! The laboratory: sends the requests of probes, keeps what came back, and watches the budget.

use std::collections::BTreeSet;
use std::time::{Duration, Instant};

use jiff::Timestamp;
use placewise_model::{Exchange, Filterability, Format, Model, Report, RequestKey, Setting};
use serde_json::{Map, Value, json};
use tokio::time::sleep;

use super::live::{Request, Sender, endpoint_of};
use super::view::{View, identity};
use crate::terminal::plural;

/// How often a request is sent again that the rate limit or a failure of the server stopped.
const MOST_TRIES: u32 = 6;
/// The longest wait for the rate limit before one request.
const LONGEST_WAIT: Duration = Duration::from_secs(60);

/// Why probing ends before the end.
#[derive(Debug)]
pub(crate) enum Stop {
    /// The next request could pass the budget.
    Budget,
    /// The server could not be asked.
    Unanswered(String),
}

pub(crate) struct Lab {
    sender: Sender,
    /// The model with what is assumed and what was found so far.
    pub model: Model,
    pub exchanges: Vec<Exchange>,
    /// The ids of customers that may be asked about.
    pub ids: Vec<i64>,
    /// Whether the connection is about all customers.
    all: bool,
    pub started: Timestamp,
    start: Instant,
    budget: Option<u64>,
    pub spent: u64,
    /// Whether each answer said what it cost.
    pub spent_known: bool,
    /// Records reports with rows to compare, cheapest first; found once.
    bases: Option<Vec<String>>,
    /// Reports that the token may not query.
    denied: BTreeSet<String>,
}

impl Lab {
    pub(crate) fn new(sender: Sender, model: Model, ids: Vec<i64>, all: bool, budget: Option<u64>) -> Self {
        Self {
            sender,
            model,
            exchanges: Vec::new(),
            ids,
            all,
            started: Timestamp::now(),
            start: Instant::now(),
            budget,
            spent: 0,
            spent_known: true,
            bases: None,
            denied: BTreeSet::new(),
        }
    }

    /// What was spent, for people.
    pub(crate) fn spent_text(&self) -> String {
        let more = if self.spent_known { "" } else { " or more, because some replies do not say what they cost" };
        format!("{}, {}{more}", plural(self.exchanges.len() as u64, "request"), plural(self.spent, "token"))
    }

    pub(crate) const fn sender(&self) -> &Sender {
        &self.sender
    }

    pub(crate) fn view(&self) -> View<'_> {
        View::new(&self.model, &self.exchanges, self.started)
    }

    /// Sends a request until the server answers it; returns the index of the exchange.
    pub(crate) async fn ask(&mut self, request: &Request) -> Result<usize, Stop> {
        let mut problem = String::new();
        for attempt in 0..MOST_TRIES {
            let price = self.price(request);
            if self.budget.is_some_and(|most| self.spent.saturating_add(price) > most) {
                return Err(Stop::Budget);
            }
            let at = self.start.elapsed();
            let wait = match self.sender.send(request).await {
                Err(error) => {
                    problem = error;
                    Duration::from_millis(300) * (attempt + 1)
                }
                Ok(exchange) => {
                    let took = self.start.elapsed().saturating_sub(at);
                    let index = self.keep(exchange, at, took);
                    let status = self.exchanges[index].status;
                    if status == self.model.api.rate_limit.status {
                        self.retry_after(index)
                    } else if status >= 500 && attempt < 2 {
                        Duration::from_millis(300) * (attempt + 1)
                    } else {
                        return Ok(index);
                    }
                }
            };
            if wait > LONGEST_WAIT {
                return Err(Stop::Unanswered(format!("the rate limit asks for a wait of {} s", wait.as_secs())));
            }
            sleep(wait).await;
        }
        let problem = if problem.is_empty() { "the rate limit refuses each try".into() } else { problem };
        Err(Stop::Unanswered(problem))
    }

    fn keep(&mut self, exchange: Exchange, at: Duration, took: Duration) -> usize {
        let millis = |duration: Duration| u64::try_from(duration.as_millis()).ok();
        let index = self.exchanges.len();
        self.exchanges.push(Exchange { at: millis(at), took: millis(took), ..exchange });
        let cost = self.exchanges[index].reply_headers.get(&self.model.api.rate_limit.cost.to_ascii_lowercase());
        match cost.and_then(|text| text.trim().parse::<u64>().ok()) {
            Some(cost) => self.spent = self.spent.saturating_add(cost),
            // A refusal may cost nothing; what succeeded costs what is known.
            None if (200..300).contains(&self.exchanges[index].status) => {
                let report = self.exchanges[index].body.as_ref().and_then(|body| report_in(&self.model, body.as_object()?));
                self.spent = self.spent.saturating_add(report.map_or(1, |report| u64::from(cost_of(&self.model, report))));
                self.spent_known = false;
            }
            None => {}
        }
        if self.exchanges[index].status == 403
            && let Some(report) = self.exchanges[index].body.as_ref().and_then(|body| report_in(&self.model, body.as_object()?))
        {
            let name = report.name.clone();
            self.denied.insert(name);
        }
        index
    }

    fn retry_after(&self, index: usize) -> Duration {
        let name = self.model.api.rate_limit.retry_after.to_ascii_lowercase();
        let seconds = self.exchanges[index].reply_headers.get(&name).and_then(|text| text.trim().parse().ok());
        Duration::from_secs(seconds.unwrap_or(1).max(1))
    }

    /// What a request may cost, as far as it is known: more than nothing.
    fn price(&self, request: &Request) -> u64 {
        let same =
            self.exchanges.iter().rev().find(|known| {
                known.path == request.path && known.body.as_ref().and_then(Value::as_object) == Some(&request.body)
            });
        let seen = same
            .and_then(|known| known.reply_headers.get(&self.model.api.rate_limit.cost.to_ascii_lowercase())?.trim().parse().ok());
        seen.unwrap_or_else(|| report_in(&self.model, &request.body).map_or(1, |report| u64::from(cost_of(&self.model, report))))
    }

    /// Asks twice, unless the server has answered the same request before, and returns the last answer.
    pub(crate) async fn twice(&mut self, request: &Request) -> Result<usize, Stop> {
        let like = self.exchange_like(request);
        loop {
            let view_model = &self.model;
            let known: Vec<usize> = self
                .exchanges
                .iter()
                .enumerate()
                .filter(|(_, known)| {
                    identity(known) == like && known.status != view_model.api.rate_limit.status && known.status < 500
                })
                .map(|(index, _)| index)
                .collect();
            if let [_, .., last] = &*known {
                return Ok(*last);
            }
            let index = self.ask(request).await?;
            let status = self.exchanges[index].status;
            // A server that fails, or refuses the token, says nothing about the request.
            if status >= 500 || [401, 402, 403].contains(&status) {
                return Ok(index);
            }
        }
    }

    /// Asks again what an exchange asked.
    pub(crate) async fn again(&mut self, index: usize) -> Result<(), Stop> {
        let Some(exchange) = self.exchanges.get(index) else { return Ok(()) };
        let customers = exchange.headers.get(&self.sender.customer_header()).cloned();
        let body = exchange.body.as_ref().and_then(Value::as_object).cloned().unwrap_or_default();
        let request = Request { method: exchange.method.clone(), path: exchange.path.clone(), body, customers };
        self.ask(&request).await.map(drop)
    }

    /// What `identity` says of the exchanges of a request.
    fn exchange_like(&self, request: &Request) -> String {
        let mut headers = self.sender.shown_headers();
        if let Some(customers) = &request.customers {
            headers = vec![(self.sender.customer_header(), customers.clone())];
        }
        identity(&Exchange {
            method: request.method.clone(),
            path: request.path.clone(),
            headers: headers.into_iter().collect(),
            body: Some(Value::Object(request.body.clone())),
            ..Exchange::default()
        })
    }

    /// A query, with its parts under the keys of the model; none if its path is not known.
    pub(crate) fn query(&self, report: &Report, parts: &[(RequestKey, Value)]) -> Option<Request> {
        let (method, path) = endpoint_of(&self.model, report.format)?;
        let mut body = Map::new();
        let report_part = (RequestKey::Report, Value::from(report.name.as_str()));
        for (role, value) in std::iter::once(&report_part).chain(parts) {
            let key = self.model.request_keys(report.format).into_iter().find(|(of, _)| of == role)?.1;
            body.insert(key.value.clone(), value.clone());
        }
        Some(Request { method, path, body, customers: self.one_customer() })
    }

    /// One customer in the header, if the connection names several: how several are written may be what is to be found out.
    fn one_customer(&self) -> Option<String> {
        let first = self.ids.first().filter(|_| self.ids.len() > 1 && !self.all)?;
        Some(format!("{}{first}", self.model.api.customers.id_prefix))
    }

    /// Reports of a format that may be asked, cheapest first. What is known better comes first among equals.
    pub(crate) fn reports(&self, format: Format) -> Vec<Report> {
        let mut reports: Vec<&Report> =
            self.model.reports.iter().filter(|report| report.format == format && !self.denied.contains(&report.name)).collect();
        reports
            .sort_by_key(|report| (report.cost.is_none(), report.cost, report.fields.is_empty(), report.aggregations.is_empty()));
        reports.into_iter().cloned().collect()
    }

    /// Records reports with two different rows at least, cheapest first.
    pub(crate) async fn bases(&mut self) -> Result<Vec<Report>, Stop> {
        if self.bases.is_none() {
            let mut found = Vec::new();
            for report in self.reports(Format::Records).into_iter().take(6) {
                let Some(request) = self.query(&report, &[]) else { break };
                let index = self.twice(&request).await?;
                let view = self.view();
                let asked = &view.asked[index];
                let several = view.rows(asked).is_some_and(|rows| rows.len() > 1 && rows[0] != rows[1]);
                if several && !view.unstable.contains(&index) {
                    found.push(report.name.clone());
                }
                // One will do; a second one is asked where the first cannot show something.
                if !found.is_empty() {
                    break;
                }
            }
            self.bases = Some(found);
        }
        let names = self.bases.clone().unwrap_or_default();
        Ok(names.iter().filter_map(|name| self.model.report(name).cloned()).collect())
    }

    /// The status of plain queries, if each was refused because of the token or its headers.
    pub(crate) fn refused(&self) -> Option<u16> {
        let statuses: BTreeSet<u16> = self.exchanges.iter().map(|exchange| exchange.status).collect();
        let refusals = [400, 401, 402, 403, 444, 460, 470, 471, 503];
        statuses.iter().all(|status| refusals.contains(status)).then(|| statuses.first().copied()).flatten()
    }

    /// Takes the ids of customers from the rows, for a connection about all of them.
    pub(crate) fn learn_customers(&mut self) {
        let header = self.model.api.headers.customer.name.clone();
        let is_customer =
            |field: &&placewise_model::Field| matches!(&field.filterable, Filterability::Header(name) if *name == header);
        let mut ids = BTreeSet::new();
        let view = self.view();
        for one in view.all() {
            let (Some((_, report)), Some(rows)) = (one.report, view.rows(one)) else { continue };
            let Some(field) = report.fields.iter().find(is_customer) else { continue };
            ids.extend(rows.iter().filter_map(|row| row.get(&field.name)?.as_i64()));
        }
        drop(view);
        self.ids = ids.into_iter().take(2).collect();
    }

    /// The rows of a report's plain page, as it was answered last.
    pub(crate) fn rows_of(&self, report: &Report) -> Vec<Value> {
        let Some(request) = self.query(report, &[]) else { return Vec::new() };
        let (view, like) = (self.view(), self.exchange_like(&request));
        let page = view.asked.iter().rev().find(|one| one.is_ok() && identity(one.exchange) == like);
        page.and_then(|page| view.rows(page)).cloned().unwrap_or_default()
    }
}

/// The report that a body names.
pub(crate) fn report_in<'m>(model: &'m Model, body: &Map<String, Value>) -> Option<&'m Report> {
    body.values().find_map(|value| model.report(value.as_str()?))
}

/// What a report costs, or what is reserved for it.
fn cost_of(model: &Model, report: &Report) -> u32 {
    let unknown: &Setting<u32> = &model.api.rate_limit.unknown_cost;
    report.cost.unwrap_or(unknown.value).max(1)
}

/// A comparison of a field.
pub(crate) fn comparison(model: &Model, operator: &str, field: &str, value: Value) -> Value {
    let keys = &model.filter.keys;
    json!({ (keys.ty.clone()): operator, (keys.field.clone()): field, (keys.value.clone()): value })
}
