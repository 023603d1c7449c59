//! A record of the latest requests, without secrets.

use std::collections::{BTreeMap, VecDeque};
use std::sync::{Mutex, PoisonError};

use placewise_model::Model;
use serde_json::Value;

use crate::api::reply::Reply;
use crate::api::request::{Request, header_text};

/// Number of requests kept.
const MOST_RECORDED: usize = 10_000;

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
}

/// The latest requests, the oldest first.
#[derive(Debug, Default)]
pub(crate) struct RequestLog(Mutex<VecDeque<RecordedRequest>>);

impl RequestLog {
    pub(crate) fn record(&self, model: &Model, request: &Request, reply: &Reply) {
        let recorded = RecordedRequest {
            method: request.method.clone(),
            path: request.path.clone(),
            query: request.query.clone(),
            headers: headers_without_secrets(model, request),
            body: request.body.as_ref().and_then(|body| serde_json::from_slice(body).ok()),
            status: reply.status,
            cost: reply.cost,
        };
        let mut log = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if log.len() == MOST_RECORDED {
            log.pop_front();
        }
        log.push_back(recorded);
    }

    pub(crate) fn requests(&self) -> Vec<RecordedRequest> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).iter().cloned().collect()
    }
}

fn headers_without_secrets(model: &Model, request: &Request) -> BTreeMap<String, String> {
    let named = &model.api.headers;
    let secret = |name: &str| [&named.token, &named.user_token].iter().any(|header| header.name.eq_ignore_ascii_case(name));
    let names = named.all().into_iter().map(|(_, header)| &header.name).filter(|name| !secret(name));
    names.filter_map(|name| Some((name.clone(), header_text(request.header_value(name)?)?.to_owned()))).collect()
}
