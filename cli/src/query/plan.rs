//! `placewise plan`: what a query would take, without sending it.
//!
//! The client itself checks the query: its transport hands every request back instead of sending it. A cost is a figure only as far as it is
//! documented. What is assumed makes it a range, and what is unknown is never zero. `waiting` says the same of the time.

use std::collections::BTreeSet;
use std::io::Write;
use std::sync::{Arc, Mutex, PoisonError};

use placewise_model::exit::{Failure, Outcome};
use placewise_model::{Provenance, Report, RequestKey, Setting};
use placewise_reporting::{
    AnyApi, ApiClient, Error, HistoryQuery, HttpRequest, Json, JsonTimeseries, Query, RangeProblem, RetryPolicy, Sending,
    Transport, TransportFault, TransportKind,
};
use serde_json::json;

use super::arguments::Arguments;
use super::prepare::{Prepared, Question};
use super::waiting::{self, Tokens};
use crate::connection::Connection;
use crate::explain::{explain, whole_minutes};
use crate::output::Format;
use crate::terminal::{self, plural};

/// Hands requests back. A client without a connection still checks what it would send.
#[derive(Clone, Default)]
struct Unsent(Arc<Mutex<Option<String>>>);

impl Transport for Unsent {
    fn send(&self, request: HttpRequest) -> Sending {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(format!("{} {}", request.method, request.url.path()));
        Box::pin(async { Err(TransportFault::new(TransportKind::Request, "nothing is sent")) })
    }
}

/// What a query would take.
struct Plan {
    document: Json,
    allowed: bool,
    lines: Vec<(&'static str, String)>,
}

/// Plans a query and prints the plan. What the limits forbid is a finding.
pub(crate) async fn run(arguments: &Arguments, format: Option<Format>) -> Outcome {
    let json = match format {
        None | Some(Format::Text) => false,
        Some(Format::Json) => true,
        Some(other) => {
            return Err(Failure::CannotRun(format!("a plan is text or JSON, not {}; use --format json", other.name())));
        }
    };
    // All rows are planned, as most formats have them; only a table has a limit of its own.
    let prepared = Prepared::of(arguments, Some(Format::Ndjson), None)?;
    let plan = match &prepared.question {
        Question::Records(query) => make(arguments, &prepared, query).await?,
        Question::Series(query) => make(arguments, &prepared, query).await?,
        Question::Statistics(query) => make(arguments, &prepared, query).await?,
    };
    if json {
        terminal::json(&plan.document)?;
    } else {
        let mut out = anstream::stdout();
        for (what, text) in &plan.lines {
            writeln!(out, "{what:<12} {}", text.replace('\n', "\n             ")).map_err(terminal::unwritten)?;
        }
    }
    if plan.allowed { Ok(()) } else { Err(Failure::Findings(String::new())) }
}

async fn make<Q: Query<AnyApi>>(arguments: &Arguments, prepared: &Prepared, query: &Q) -> Result<Plan, Failure> {
    let connection = &prepared.connection;
    let model = &connection.api.model;
    let name = prepared.report.name;
    let report = model.report(name).ok_or_else(|| Failure::CannotRun(format!("the model has no report `{name}`")))?;
    let unsent = Unsent::default();
    let client = connection.planner(unsent.clone())?;
    let checked = check(&client, query, arguments.clip).await;
    let request = unsent.0.lock().unwrap_or_else(PoisonError::into_inner).take();
    let body = client.body(query);
    let cost = Cost::of(connection, report, &body);
    let requests = Requests::of(prepared, &checked);
    let forbidden = match &checked {
        Checked::Forbidden(problem, instead) => Some((problem, instead)),
        _ => None,
    };
    let mut assumed: BTreeSet<&str> = cost.assumptions.iter().map(String::as_str).collect();
    let keys =
        model.request_keys(report.format).into_iter().map(|(_, key)| key).filter(|key| body.get(connection.text(key)).is_some());
    assumed.extend(keys.filter_map(|key| key.assumption.as_deref()));
    assumed.extend(model.endpoint(model.endpoint_of(report.format)).and_then(|endpoint| endpoint.path.assumption.as_deref()));
    if matches!(prepared.question, Question::Series(_)) {
        assumed.extend(model.timeseries.time_points.assumption.as_deref());
    }
    if let Some(page) = Some(&model.records).filter(|_| requests.paged && requests.at_most != Some(1)) {
        let settings = [&page.request.cursor.assumption, &page.null_cursor_ends.assumption, &page.empty_cursor_ends.assumption];
        assumed.extend(settings.into_iter().flatten().map(String::as_str));
    }
    let assumptions: Vec<_> = model.assumptions.iter().filter(|assumption| assumed.contains(assumption.id.as_str())).collect();
    let permits = [Some(model.api.permit.name.as_str()), report.permit.as_deref()];
    let tokens = cost.total(requests.at_least, requests.at_most);
    let (time, seconds) = waiting::of(model, connection.bucket().as_ref(), tokens);
    let mut lines = vec![
        ("report", format!("{name} ({})", report.format.word())),
        (
            "request",
            request
                .clone()
                .unwrap_or_else(|| if forbidden.is_some() { "none could be sent" } else { "several, see below" }.into()),
        ),
        ("requests", requests.text()),
        ("tokens", cost.text(&requests)),
        ("time", time),
        ("permits", permits.map(|permit| permit.unwrap_or("and one that is not known")).join(", ")),
    ];
    if let Some(most) = arguments.max_tokens {
        lines.push(("budget", cost.within(most)));
    }
    if let Some(lag) = report.data_lag {
        lines.push(("data lag", lag.to_string()));
    }
    lines.extend(forbidden.iter().map(|(problem, _)| ("forbidden", (*problem).clone())));
    if let Checked::Clipped(since) = &checked {
        lines.push(("clipped", format!("to {since} and later, because older data is not kept")));
    }
    lines.extend(assumptions.iter().map(|assumption| ("assumes", format!("{} = {}", assumption.id, assumption.value))));
    lines.extend(prepared.notes.iter().map(|note| ("note", note.clone())));
    lines.extend(prepared.warnings.iter().map(|warning| ("warning", warning.clone())));
    let document = json!({
        "report": name, "format": report.format, "request": request, "body": body,
        "requests": { "at_least": requests.at_least, "at_most": requests.at_most, "rows_per_page": requests.page_size },
        "tokens_per_request": cost.total(1, Some(1)).json(), "tokens": tokens.json(),
        "waiting_seconds": seconds, "permits": permits, "data_lag": report.data_lag,
        "allowed": forbidden.is_none(), "problem": forbidden.as_ref().map(|(problem, _)| problem),
        "instead": forbidden.as_ref().map(|(_, instead)| instead),
        "assumptions": assumptions.iter().map(|one| json!({ "id": one.id, "value": one.value, "reason": one.reason })).collect::<Vec<_>>(),
        "notes": prepared.notes, "warnings": prepared.warnings,
    });
    Ok(Plan { document, allowed: forbidden.is_none(), lines })
}

/// What the client says about a query before it is sent.
enum Checked {
    /// It is sent as it is.
    Allowed,
    /// It is split into at least this many requests.
    Split(u64),
    /// It is sent without what is older than this.
    Clipped(String),
    /// Why it is not sent, and what works instead.
    Forbidden(String, Json),
}

/// The most requests that a range is split into.
const MOST_PARTS: u64 = HistoryQuery::<ApiClient<AnyApi>, JsonTimeseries>::MAX_PARTS as u64;

async fn check<Q: Query<AnyApi>>(client: &ApiClient<AnyApi>, query: &Q, clip: bool) -> Checked {
    let Some(error) = client.with_retry(RetryPolicy::none()).fetch(query.clone()).await.err() else { return Checked::Allowed };
    let instead = match &error {
        Error::Transport(_) => return Checked::Allowed,
        Error::Range(range) => match &range.problem {
            RangeProblem::TooManyPoints { points, most } if points.div_ceil(u64::from(*most)) <= MOST_PARTS => {
                // The first request tells the zone, and has one time point less than the others may have.
                return Checked::Split(points.saturating_add(1).div_ceil(u64::from(*most)));
            }
            RangeProblem::BeyondRetention { since, .. } if clip => return Checked::Clipped(since.to_string()),
            RangeProblem::BeyondRetention { since, .. } => {
                json!({ "interval": range.coarser, "from": whole_minutes(*since).to_string(), "clip": true })
            }
            _ => json!({ "interval": range.coarser }),
        },
        _ => Json::Null,
    };
    Checked::Forbidden(explain(&error), instead)
}

/// The least number of requests that a query of a range takes.
pub(super) async fn requests<Q: Query<AnyApi>>(connection: &Connection, query: &Q) -> Result<u64, Failure> {
    match check(&connection.planner(Unsent::default())?, query, true).await {
        Checked::Split(requests) => Ok(requests),
        _ => Ok(1),
    }
}

/// How many requests a query takes.
struct Requests {
    paged: bool,
    page_size: Option<u32>,
    at_least: u64,
    /// The most that are needed; none if that is not known.
    at_most: Option<u64>,
}

impl Requests {
    fn of(prepared: &Prepared, checked: &Checked) -> Self {
        let paged = matches!(prepared.question, Question::Records(_));
        let page_size = prepared.page_size.filter(|_| paged);
        let batches = prepared.batches.len() as u64;
        let pages = |rows: u64| page_size.map(|size| rows.div_ceil(u64::from(size)).max(1) + batches - 1);
        let (at_least, at_most) = match checked {
            Checked::Split(requests) => (*requests * batches, None),
            Checked::Clipped(_) => (batches, None),
            // The rows of the first customers may be as many as are wanted.
            _ if paged => (prepared.most_rows.map_or(batches, |_| 1), prepared.most_rows.and_then(pages)),
            // Customers of several zones are asked one by one.
            _ => (batches, (batches == 1).then_some(1)),
        };
        Self { paged, page_size, at_least, at_most }
    }

    fn text(&self) -> String {
        let size = self
            .page_size
            .map_or_else(|| "as many rows per page as the server chooses".into(), |size| format!("{size} rows per page"));
        match (self.paged, self.at_most) {
            (false, Some(_)) => "1".into(),
            (false, None) if self.at_least > 1 => {
                format!("at least {}: the range is split, or the customers are", self.at_least)
            }
            (false, None) => "at least 1".into(),
            (true, Some(1)) => format!("1, {size}"),
            (true, Some(most)) => format!("{} to {most}, {size}", self.at_least),
            (true, None) => {
                format!("at least {}, {size}; the number of rows is known only to the server", self.at_least)
            }
        }
    }
}

/// The cost of a request in tokens.
#[derive(Debug, Default, PartialEq, Eq)]
struct Cost {
    /// What is documented.
    documented: u64,
    /// What is assumed beyond that.
    assumed: u64,
    /// Whether the report's own cost is known.
    base: bool,
    /// Whether it is documented.
    base_documented: bool,
    assumptions: BTreeSet<String>,
}

impl Cost {
    fn of(connection: &Connection, report: &Report, body: &Json) -> Self {
        let model = &connection.api.model;
        let base_documented = matches!(report.provenance, Provenance::Documented | Provenance::Example);
        let mut cost = Self { base: report.cost.is_some(), base_documented, ..Self::default() };
        let base = u64::from(report.cost.unwrap_or(0));
        if base_documented {
            cost.documented += base
        } else {
            cost.assumed += base
        }
        let key = |wanted: RequestKey| {
            model.request_keys(report.format).into_iter().find(|(key, _)| *key == wanted).map(|(_, name)| name)
        };
        let part = |wanted| key(wanted).and_then(|name| body.get(connection.text(name)));
        let mut nodes: Vec<&Json> = part(RequestKey::Filter).into_iter().collect();
        while let Some(node) = nodes.pop() {
            let name = node.get(&model.filter.keys.ty).and_then(Json::as_str);
            if let Some((_, operator)) =
                model.filter.operators().into_iter().find(|(_, operator)| Some(operator.name.as_str()) == name)
            {
                cost.add(connection, &operator.cost);
            }
            nodes.extend(node.get(&model.filter.keys.operations).and_then(Json::as_array).into_iter().flatten());
        }
        if part(RequestKey::Aggregation).is_some_and(|name| !name.is_null()) {
            cost.add(connection, &model.api.rate_limit.aggregation_cost);
        }
        cost
    }

    fn add(&mut self, connection: &Connection, setting: &Setting<u32>) {
        let tokens = u64::from(connection.tokens(setting));
        match &setting.assumption {
            None => self.documented += tokens,
            Some(id) => {
                self.assumed += tokens;
                self.assumptions.insert(id.clone());
            }
        }
    }

    /// Whether all of it is documented.
    fn is_certain(&self) -> bool {
        self.base && self.base_documented && self.assumptions.is_empty()
    }

    /// The cost if every assumption holds; none if the report's own is not known.
    fn expected(&self) -> Option<u64> {
        self.base.then_some(self.documented + self.assumed)
    }

    /// The cost of so many requests, and of the most.
    fn total(&self, requests: u64, most: Option<u64>) -> Tokens {
        let expected = self.expected().map(|tokens| tokens * requests);
        let at_least = (self.documented > 0).then_some(self.documented * requests);
        let at_most = most.filter(|_| self.is_certain()).and_then(|most| Some(self.expected()? * most));
        Tokens { at_least, expected, at_most }
    }

    fn text(&self, requests: &Requests) -> String {
        let ids = self.assumptions.iter().map(|id| format!("`{id}`")).collect::<Vec<_>>().join(" and ");
        let each = match self.expected() {
            Some(tokens) if self.is_certain() => plural(tokens, "token"),
            Some(tokens) => {
                let why = match (self.base_documented, ids.is_empty()) {
                    (false, true) => "the report's own cost is not documented".into(),
                    (false, false) => format!("the report's own cost is not documented, and {ids} are assumed"),
                    (true, _) => format!("{ids} may be wrong"),
                };
                let least =
                    if self.documented > 0 { format!("{} or more", self.documented) } else { "not known for sure".into() };
                format!("{least}; {} if nothing else is charged ({why})", plural(tokens, "token"))
            }
            None if self.documented > 0 => {
                format!("more than {}: the report's own cost is not known", plural(self.documented, "token"))
            }
            None => "not known: the report's own cost is not documented".into(),
        };
        let least = requests.at_least;
        let total = match (self.expected().filter(|_| self.is_certain()), requests.at_most) {
            (_, Some(1)) => String::new(),
            (Some(tokens), Some(most)) => format!("; {} to {} in all", tokens * least, tokens * most),
            (Some(tokens), None) => format!("; {} or more in all", tokens * least),
            (None, _) => "; times the number of requests".into(),
        };
        if requests.at_most == Some(1) { each } else { format!("per request {each}{total}") }
    }

    fn within(&self, most: u64) -> String {
        match self.expected() {
            None => {
                format!("--max-tokens {most}: the first request tells its cost, and the run stops before the budget is passed")
            }
            Some(tokens) if tokens > most => format!("--max-tokens {most} allows no request"),
            Some(tokens) => format!("--max-tokens {most} allows {}", plural(most / tokens.max(1), "request")),
        }
    }
}
