//! Responses of a history that outlive the process. A later history of the same query takes them instead of sending their requests, and
//! cuts, splits and stitches as the first one did, so it needs nothing else of it.

use std::collections::HashMap;
use std::{fmt, sync::Arc, time::Duration};

use serde_json::{Value as Json, json};

use crate::client::inner::Inner;
use crate::decode::raw::RawResponse;
use crate::request::spec::QuerySpec;
use crate::{error::Error, error::configuration::ConfigurationError, meta::Meta, rate_limit::RateLimit, text::excerpt::snippet};

/// The version of the JSON.
const VERSION: u64 = 1;

/// The response to one request of a history, to be kept outside of the process; see [`HistoryQuery::on_part`](crate::HistoryQuery::on_part).
#[derive(Clone, PartialEq)]
pub struct HistoryPart {
    /// When the history began: what is retained counts from there.
    started: jiff::Timestamp,
    /// Everything that tells the request from others.
    request: Box<str>,
    response: Box<str>,
    rate: Option<RateLimit>,
    meta: Meta,
}

impl HistoryPart {
    /// What became of the request.
    pub fn meta(&self) -> &Meta {
        &self.meta
    }

    /// The part as JSON on one line, with the response as it was sent, and without a token.
    pub fn to_json(&self) -> String {
        let Self { started, request, response, rate, meta } = self;
        let Meta { tries, tokens, bucket, waited, held, request_id, status, server_time, bytes, cursor: _, gave_up: _ } = meta;
        let nanoseconds = |time: &Duration| u64::try_from(time.as_nanos()).unwrap_or(u64::MAX);
        let rate = rate.as_ref().map(|rate| json!({ "bucket": rate.bucket, "remaining": rate.remaining, "cost": rate.cost }));
        let meta = json!({
            "tries": tries, "tokens": tokens, "bucket": bucket, "waited": nanoseconds(waited), "held": nanoseconds(held),
            "request_id": request_id, "status": status, "server_time": server_time.map(|time| time.to_string()), "bytes": bytes,
        });
        let started = started.to_string();
        json!({ "version": VERSION, "started": started, "request": request, "response": response, "rate": rate, "meta": meta })
            .to_string()
    }

    /// Reads a part. It is as long as the text; limit what you read of a file.
    ///
    /// # Errors
    ///
    /// A configuration error if the text is no part, or was written by a version of this library with another format.
    pub fn from_json(text: &str) -> Result<Self, Error> {
        let wrong = |problem: &str| ConfigurationError::new("history", format!("the text is no part of a history: {problem}"));
        let json: Json = serde_json::from_str(text).map_err(|error| wrong(&error.to_string()))?;
        if json["version"] != VERSION {
            let version = snippet(&json["version"].to_string());
            return Err(wrong(&format!("expected the version {VERSION}, found {version}")).into());
        }
        Self::read(&json).ok_or_else(|| wrong("a key is missing, or has another type").into())
    }

    fn read(json: &Json) -> Option<Self> {
        let text = |json: &Json| json.as_str().map(str::to_owned);
        let time = |json: &Json| json.as_str()?.parse().ok();
        let (rate, meta) = (&json["rate"], &json["meta"]);
        let rate = rate.is_object().then(|| RateLimit {
            bucket: text(&rate["bucket"]),
            remaining: rate["remaining"].as_i64(),
            cost: rate["cost"].as_i64(),
        });
        let meta = Meta {
            tries: u32::try_from(meta["tries"].as_u64()?).ok()?,
            tokens: meta["tokens"].as_i64(),
            bucket: text(&meta["bucket"]),
            waited: Duration::from_nanos(meta["waited"].as_u64()?),
            held: Duration::from_nanos(meta["held"].as_u64()?),
            request_id: text(&meta["request_id"]),
            status: meta["status"].as_u64().and_then(|status| u16::try_from(status).ok()),
            server_time: time(&meta["server_time"]),
            bytes: meta["bytes"].as_u64()?,
            ..Meta::default()
        };
        let (request, response) = (json["request"].as_str()?.into(), json["response"].as_str()?.into());
        Some(Self { started: time(&json["started"])?, request, response, rate, meta })
    }

    /// A response that was used.
    pub(super) fn new(started: jiff::Timestamp, request: Box<str>, response: RawResponse) -> Option<Self> {
        let RawResponse { exchange, bytes, rate, .. } = response;
        let response = String::from_utf8(bytes).ok()?.into();
        Some(Self { started, request, response, rate, meta: exchange.meta })
    }

    /// The response, as if it had just arrived.
    fn into_response(self, inner: &Inner, query: Arc<QuerySpec>) -> RawResponse {
        let exchange = inner.exchange(query, self.meta);
        RawResponse { exchange, bytes: self.response.into_string().into(), content_type: None, rate: self.rate, path_id: None }
    }
}

/// Without the response, which may be long.
impl fmt::Debug for HistoryPart {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { started, response, meta, .. } = self;
        f.debug_struct("HistoryPart")
            .field("started", started)
            .field("bytes", &response.len())
            .field("meta", meta)
            .finish_non_exhaustive()
    }
}

/// What is done with the parts of a history.
#[derive(Clone, Default)]
pub(super) struct Parts {
    /// Those of an earlier history, by their request.
    known: HashMap<Box<str>, HistoryPart>,
    /// When that one began.
    pub(super) started: Option<jiff::Timestamp>,
    keep: Option<Arc<dyn Fn(HistoryPart) + Send + Sync>>,
}

impl Parts {
    pub(super) fn on_part(&mut self, keep: impl Fn(HistoryPart) + Send + Sync + 'static) {
        self.keep = Some(Arc::new(keep));
    }

    pub(super) fn know(&mut self, parts: impl IntoIterator<Item = HistoryPart>) {
        for part in parts {
            self.started = Some(self.started.map_or(part.started, |started| started.min(part.started)));
            self.known.insert(part.request.clone(), part);
        }
    }

    /// Takes the response to a request.
    pub(super) fn take(&mut self, request: &str, inner: &Inner, query: &Arc<QuerySpec>) -> Option<RawResponse> {
        self.known.remove(request).map(|part| part.into_response(inner, Arc::clone(query)))
    }

    /// Whether anybody wants parts.
    pub(super) fn are_kept(&self) -> bool {
        self.keep.is_some()
    }

    pub(super) fn keep(&self, part: HistoryPart) {
        if let Some(keep) = &self.keep {
            keep(part);
        }
    }
}

impl fmt::Debug for Parts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Parts").field("known", &self.known.len()).field("kept", &self.are_kept()).finish()
    }
}

/// Everything that tells a request of a history from others.
pub(super) fn request_of(inner: &Inner, query: &QuerySpec) -> Result<Box<str>, Error> {
    let request = query.request(&inner.overrides)?;
    let (name, customers) = inner.customers.header(&inner.overrides)?;
    let (base, customers) = (inner.base.as_str(), String::from_utf8_lossy(customers.as_bytes()));
    let body = request.body.unwrap_or_default();
    Ok(format!("{} {base} {} {name}: {customers} {body}", request.method, request.path).into())
}
