//! A reply as a plain value, built from rows, a chart, a canned reply, or a refusal.

use std::fmt;

use placewise_model::{ErrorName, Field, Model};
use serde::ser::{Serialize, SerializeMap, Serializer};
use serde_json::{Map, Value};

use crate::data::row::{Row, RowBody};
use crate::faults::delivery::Delivery;
use crate::limits::rate_limit::Charge;
use crate::query::refusal::Refusal;

/// A reply of the simulated API.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Reply {
    /// HTTP status.
    pub status: u16,
    /// Headers.
    pub headers: Vec<(String, String)>,
    /// Body.
    pub body: Vec<u8>,
    /// Rate-limit tokens that the request cost.
    pub cost: u32,
    /// What the body holds of a report.
    pub returned: Option<Returned>,
    /// Why the request was refused. The documented body of some refusals is empty and does not say it.
    pub problem: Option<String>,
    /// What a fault makes of it on its way; without one, nothing. The server carries it out, and callers of
    /// [`answer`](crate::SimulatedApi::answer) may.
    pub delivery: Delivery,
}

/// What a reply holds of a report, before a fault changes it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Returned {
    /// So many rows of a page.
    Rows(usize),
    /// So many time buckets of a chart.
    Buckets(usize),
}

impl fmt::Display for Returned {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (count, one) = match self {
            Self::Rows(count) => (count, "row"),
            Self::Buckets(count) => (count, "time bucket"),
        };
        write!(f, "{count} {one}{}", if *count == 1 { "" } else { "s" })
    }
}

/// The fixed reply of an endpoint whose response is undocumented.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct CannedReply {
    /// The model's media type if `None`.
    pub(crate) content_type: Option<String>,
    pub(crate) body: Vec<u8>,
}

/// Serializes a page of rows.
pub(crate) struct PageBody<'a> {
    pub(crate) model: &'a Model,
    pub(crate) fields: Vec<&'a Field>,
    pub(crate) rows: Vec<&'a Row>,
    pub(crate) next: Option<String>,
}

impl Reply {
    pub(crate) fn new(status: u16, body: Vec<u8>) -> Self {
        Self { status, headers: Vec::new(), body, cost: 0, returned: None, problem: None, delivery: Delivery::default() }
    }

    /// The value of a header, whatever the case of its name.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(known, _)| known.eq_ignore_ascii_case(name)).map(|(_, value)| value.as_str())
    }

    /// The body as JSON; `None` if it is not JSON.
    pub fn json(&self) -> Option<Value> {
        serde_json::from_slice(&self.body).ok()
    }

    /// A part of the body: at most `most` bytes from one on, and none at the end. A giant body, which [`Fault`](crate::Fault)s order, exists
    /// only in these parts.
    pub fn part(&self, from: u64, most: usize) -> Vec<u8> {
        self.delivery.part(&self.body, from, most)
    }

    /// Length of the body, also of a giant one.
    pub fn length(&self) -> u64 {
        self.delivery.length(&self.body)
    }

    /// A JSON body.
    pub(crate) fn from_body(model: &Model, body: &impl Serialize) -> Self {
        // Bodies consist of JSON values, so serializing them into memory cannot fail.
        Self::new(200, serde_json::to_vec(body).unwrap_or_default()).with_media_type(model)
    }

    pub(crate) fn from_canned(model: &Model, canned: &CannedReply) -> Self {
        let reply = Self::new(200, canned.body.clone());
        match &canned.content_type {
            Some(content_type) => Self { headers: vec![("content-type".into(), content_type.clone())], ..reply },
            None => reply.with_media_type(model),
        }
    }

    pub(crate) fn from_refusal(model: &Model, refusal: &Refusal) -> Self {
        let problem = |reply: Self, problem: String| Self { problem: Some(problem), ..reply };
        let error = |status, message: &str| {
            problem(Self::new(status, error_body(model, message, None)).with_media_type(model), message.to_owned())
        };
        match refusal {
            Refusal::Error(name, message) => error(status(model, *name), message),
            Refusal::NotJson(why) => problem(Self::new(status(model, ErrorName::BadRequest), Vec::new()), why.clone()),
            Refusal::Method(allowed) => {
                let mut reply = error(status(model, ErrorName::NotPossible), &format!("Use {allowed} for this endpoint."));
                reply.headers.push(("allow".into(), allowed.clone()));
                reply
            }
            Refusal::TooLarge => error(413, "The request body is too large."),
            Refusal::Invalid(faults) => {
                let keys = &model.api.error_body;
                let (message, tree) = (&keys.invalid_parameters, faults.tree(keys));
                let why = format!("{message}: {tree}");
                let body = error_body(model, message, Some(tree));
                problem(Self::new(status(model, ErrorName::InvalidParameters), body).with_media_type(model), why)
            }
            Refusal::RateLimited(charge) => {
                let mut reply = error(model.api.rate_limit.status, "Too many requests.");
                if let Some(seconds) = charge.retry_after {
                    reply.headers.push((model.api.rate_limit.retry_after.clone(), seconds.to_string()));
                }
                reply
            }
        }
    }

    fn with_media_type(mut self, model: &Model) -> Self {
        let json = model.api.headers.content_type.value.as_deref().unwrap_or("application/json");
        self.headers.push(("content-type".into(), json.into()));
        self
    }

    /// Adds the rate-limit headers for a charge to that bucket, if replies have them or `always`.
    pub(crate) fn with_rate_limit(mut self, model: &Model, bucket: &str, charge: &Charge, always: bool) -> Self {
        let names = &model.api.rate_limit;
        self.cost = charge.cost;
        if names.on_every_response.value || !charge.accepted || always {
            self.headers.push((names.bucket.clone(), bucket.to_owned()));
            self.headers.push((names.remaining.clone(), charge.remaining.to_string()));
            self.headers.push((names.cost.clone(), charge.cost.to_string()));
        }
        self
    }
}

/// The status of an error; HTTP's own if the model documents none.
fn status(model: &Model, name: ErrorName) -> u16 {
    let documented = model.api.errors.iter().find(|error| error.name == name);
    documented.map_or_else(
        || match name {
            ErrorName::BadRequest | ErrorName::HeaderMissing | ErrorName::HeaderIncorrect => 400,
            ErrorName::Unauthorized | ErrorName::OauthToken => 401,
            ErrorName::FeatureNotEnabled => 402,
            ErrorName::Forbidden | ErrorName::Firewall => 403,
            ErrorName::NotFound => 404,
            ErrorName::NotPossible => 405,
            ErrorName::InvalidParameters => 422,
            ErrorName::TooManyRequests => model.api.rate_limit.status,
            ErrorName::Maintenance => 503,
        },
        |error| error.status,
    )
}

fn error_body(model: &Model, message: &str, details: Option<Value>) -> Vec<u8> {
    let keys = &model.api.error_body;
    let mut body = Map::new();
    body.insert(keys.message.clone(), message.into());
    body.extend(details.map(|details| (keys.details.clone(), details)));
    Value::Object(body).to_string().into_bytes()
}

impl Serialize for PageBody<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let keys = &self.model.records;
        let rows: Vec<RowBody<'_>> = self.rows.iter().map(|row| RowBody { fields: &self.fields, row }).collect();
        // If null does not mean the last page, the last page omits the key; what a server would do is undocumented.
        let next = Some(self.next.as_deref()).filter(|next| next.is_some() || keys.null_cursor_ends.value);
        let pagination: Map<String, Value> = next.map(|next| (keys.response.next.clone(), next.into())).into_iter().collect();
        let mut map = serializer.serialize_map(Some(3))?;
        map.serialize_entry(&keys.response.rows, &rows)?;
        map.serialize_entry(&keys.response.pagination, &pagination)?;
        map.serialize_entry(&keys.response.result_type, &keys.response.result_type_value)?;
        map.end()
    }
}
