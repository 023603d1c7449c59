//! A record of the latest requests, without secrets.

use std::collections::{BTreeMap, VecDeque};
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

use placewise_model::Model;
use serde_json::Value;

use crate::api::reply::{Reply, Returned};
use crate::api::request::{Request, header_text};

/// Number of requests kept.
const MOST_RECORDED: usize = 10_000;

/// Bytes of the bodies kept. The latest request stays, however large it is.
const MOST_BYTES: usize = 16 << 20;

/// A request that the simulator answered, and what it cost.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct RecordedRequest {
    /// HTTP method.
    pub method: String,
    /// Path without the query string.
    pub path: String,
    /// Query string.
    pub query: Option<String>,
    /// The headers that the model names, except for tokens.
    pub headers: BTreeMap<String, String>,
    /// Body, if it was JSON.
    pub body: Option<Value>,
    /// Status of the reply.
    pub status: u16,
    /// Rate-limit tokens it cost.
    pub cost: u32,
    /// The report that it names.
    pub report: Option<String>,
    /// What the reply held of the report.
    pub returned: Option<Returned>,
    /// Why it was refused; see [`Reply::problem`].
    pub problem: Option<String>,
    /// Bytes of the reply's body.
    pub reply_bytes: u64,
    /// The fault that it was due to meet.
    pub fault: Option<String>,
}

/// Receives each request once its reply is known.
pub(crate) type Listener = Arc<dyn Fn(&RecordedRequest) + Send + Sync>;

/// The latest requests, the oldest first.
pub(crate) struct RequestLog {
    entries: Mutex<Entries>,
    listener: Option<Listener>,
}

#[derive(Debug, Default)]
struct Entries {
    /// Each with its body as bytes: parsed, it may take sixteen times as much.
    latest: VecDeque<(RecordedRequest, Vec<u8>)>,
    bytes: usize,
}

impl RequestLog {
    pub(crate) fn new(listener: Option<Listener>) -> Self {
        Self { entries: Mutex::default(), listener }
    }

    pub(crate) fn record(&self, model: &Model, request: &Request, report: Option<String>, reply: &Reply, fault: Option<String>) {
        let recorded = RecordedRequest {
            method: request.method.clone(),
            path: request.path.clone(),
            query: request.query.clone(),
            headers: headers_without_secrets(model, request),
            body: None,
            status: reply.status,
            cost: reply.cost,
            report,
            returned: reply.returned,
            problem: reply.problem.clone(),
            reply_bytes: reply.length(),
            fault,
        };
        let body = request.body.clone().unwrap_or_default();
        if let Some(listener) = &self.listener {
            listener(&with_body(&recorded, &body));
        }
        let mut log = self.entries.lock().unwrap_or_else(PoisonError::into_inner);
        log.bytes += body.len();
        log.latest.push_back((recorded, body));
        while log.latest.len() > MOST_RECORDED || log.bytes > MOST_BYTES && log.latest.len() > 1 {
            let Some((_, body)) = log.latest.pop_front() else { break };
            log.bytes -= body.len();
        }
    }

    pub(crate) fn requests(&self) -> Vec<RecordedRequest> {
        let log = self.entries.lock().unwrap_or_else(PoisonError::into_inner);
        log.latest.iter().map(|(recorded, body)| with_body(recorded, body)).collect()
    }
}

impl fmt::Debug for RequestLog {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RequestLog").field("entries", &self.entries).finish_non_exhaustive()
    }
}

fn with_body(recorded: &RecordedRequest, body: &[u8]) -> RecordedRequest {
    RecordedRequest { body: serde_json::from_slice(body).ok(), ..recorded.clone() }
}

fn headers_without_secrets(model: &Model, request: &Request) -> BTreeMap<String, String> {
    let named = &model.api.headers;
    let secret = |name: &str| [&named.token, &named.user_token].iter().any(|header| header.name.eq_ignore_ascii_case(name));
    let names = named.all().into_iter().map(|(_, header)| &header.name).filter(|name| !secret(name));
    names.filter_map(|name| Some((name.clone(), header_text(request.header_value(name)?)?.to_owned()))).collect()
}
