//! The client, asked for the query of a recorded request.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use placewise_model::{Evidence, Exchange, Format, Model, RequestKey};
use placewise_reporting::jiff::Timestamp;
use placewise_reporting::{
    AnyApi, ApiClient, Customers, Error, Filter, HttpRequest, HttpResponse, Moment, RangeProblem, RetryPolicy, Sending,
    TimeRange, Transport,
};
use serde_json::Value;

use crate::{Api, now, target};

/// A request as the query that a client would be asked for.
pub struct Decoded<'a> {
    format: Format,
    report: &'a str,
    parts: BTreeMap<&'static str, Value>,
}

impl<'a> Decoded<'a> {
    /// None if no client sends it: it has other keys, or a value that its part cannot have.
    pub fn of(model: &'a Model, exchange: &Exchange) -> Option<Self> {
        let (format, report) = target(model, exchange)?;
        let keys = model.request_keys(format);
        let mut parts = BTreeMap::new();
        for (key, value) in exchange.body.as_ref()?.as_object()?.iter().filter(|(_, value)| !value.is_null()) {
            let (role, _) = keys.iter().find(|(_, known)| known.value == *key)?;
            let fits = match role {
                RequestKey::PageSize => value.as_u64().is_some_and(|size| size > 0),
                RequestKey::Filter => true,
                RequestKey::From | RequestKey::To => value.as_str().is_some_and(|text| Moment::parse(text).is_ok()),
                _ => value.is_string(),
            };
            parts.insert(role.word(), fits.then(|| value.clone())?);
        }
        Some(Self { format, report: &report.name, parts })
    }

    fn text(&self, role: RequestKey) -> Option<&str> {
        self.parts.get(role.word())?.as_str()
    }

    fn range(&self) -> Option<TimeRange> {
        let at = |role| self.text(role).and_then(|text| Moment::parse(text).ok());
        Some(TimeRange::new(at(RequestKey::From)?, at(RequestKey::To)?))
    }
}

/// Gives one reply to every request, and keeps the requests.
struct Recorded {
    exchange: Exchange,
    sent: Arc<Mutex<Vec<Option<String>>>>,
}

impl Transport for Recorded {
    fn send(&self, request: HttpRequest) -> Sending {
        self.sent.lock().expect("a lock").push(request.body);
        let body = self.exchange.reply.as_ref().map(Value::to_string).unwrap_or_default();
        let headers = self.exchange.reply_headers.iter();
        // The names of a test's headers may stay in memory.
        let named = headers.map(|(name, value)| (&*Box::leak(name.clone().into_boxed_str()), value));
        let response = named.fold(HttpResponse::new(self.exchange.status), |reply, (name, value)| reply.header(name, value));
        Box::pin(async { Ok(response.body(body)) })
    }
}

/// The client, asked for that query, sends that request and reads the reply.
pub async fn replay(api: &Api, evidence: &Evidence, exchange: &Exchange, decoded: &Decoded<'_>) -> Result<(), String> {
    let now = now(evidence, exchange);
    let sent = Arc::default();
    let client = ApiClient::<AnyApi>::builder_for(api.registry.spec())
        .base_url("http://api.test")
        .allow_plain_http(true)
        .token("t0ken")
        .product_name("parity")
        .customers(Customers::all())
        .clock(move || now)
        .retry(RetryPolicy::none())
        .transport(Recorded { exchange: exchange.clone(), sent: Arc::clone(&sent) })
        .build()
        .map_err(|error| error.to_string())?;
    let report = api.registry.report(decoded.report).ok_or("no report")?;
    let filter = decoded.parts.get(RequestKey::Filter.word()).cloned().map(Filter::raw);
    let aggregation = decoded.text(RequestKey::Aggregation);
    let told = |error: Error| error.to_string();
    macro_rules! with_parts {
        ($query:expr) => {{
            let query = filter.into_iter().fold($query.map_err(told)?, |query, filter| query.filter(filter));
            match aggregation.map(|name| query.clone().aggregated_by(name)) {
                None => query,
                Some(Ok(query)) => query,
                // What the client refuses, the server refuses too.
                Some(Err(_)) if exchange.status == 422 => return Ok(()),
                Some(Err(error)) => return Err(error.to_string()),
            }
        }};
    }
    let result = match decoded.format {
        Format::Records => {
            let mut query = with_parts!(report.records());
            if let Some(size) = decoded.parts.get(RequestKey::PageSize.word()).and_then(Value::as_u64) {
                query = query.page_size(u32::try_from(size).map_err(|_| "a page size")?);
            }
            query = decoded.text(RequestKey::Cursor).into_iter().fold(query, |query, cursor| query.resume_from(cursor));
            client.fetch(query).await.map(drop)
        }
        Format::Timeseries => {
            // A range is one whole thing for a client.
            let Some(range) = decoded.range() else { return Ok(()) };
            let query = with_parts!(report.series(range));
            let query = decoded.text(RequestKey::Interval).into_iter().fold(query, |query, name| query.interval(name));
            client.fetch(query).await.map(drop)
        }
        Format::Statistics => {
            let query = with_parts!(report.statistics());
            let query = decoded.range().into_iter().fold(query, |query, range| query.range(range));
            client.fetch(query).await.map(drop)
        }
    };
    let sent = sent.lock().expect("a lock").first().cloned();
    let Some(body) = sent else {
        return match result {
            // Checked before anything is sent. What is no longer kept is never asked for, whatever the server does.
            Err(_) if exchange.status >= 400 => Ok(()),
            Err(Error::Range(range)) if matches!(range.problem, RangeProblem::BeyondRetention { .. }) => Ok(()),
            result => Err(format!("nothing was sent: {result:?}")),
        };
    };
    let body: Value = serde_json::from_str(&body.unwrap_or_default()).map_err(|error| error.to_string())?;
    let (body, recorded) = (comparable(&body), comparable(exchange.body.as_ref().unwrap_or(&Value::Null)));
    if body != recorded {
        return Err(format!("it sends {body}, not {recorded}"));
    }
    match result {
        Ok(()) if exchange.status < 400 => Ok(()),
        Err(error) if error.status() == Some(exchange.status) => Ok(()),
        other => Err(format!("{other:?} of a reply with status {}", exchange.status)),
    }
}

/// A body without nulls, and with times in one form.
fn comparable(body: &Value) -> Value {
    match body {
        Value::Object(object) => {
            let known = object.iter().filter(|(_, value)| !value.is_null());
            known.map(|(key, value)| (key.clone(), comparable(value))).collect()
        }
        Value::Array(items) => items.iter().map(comparable).collect(),
        Value::String(text) => match text.parse::<Timestamp>() {
            Ok(time) => time.to_string().into(),
            Err(_) => text.as_str().into(),
        },
        other => other.clone(),
    }
}
