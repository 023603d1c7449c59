//! Answers before they become HTTP. In come rows, series, what the user gave, or the reason for a refusal; out come a status, headers and a body with the keys
//! that the model names.

use placewise_model::{ErrorName, Field, Model};
use serde::ser::{Serialize, SerializeMap, Serializer};
use serde_json::{Map, Value};

use crate::answers::Given;
use crate::invalid::Faults;
use crate::limit::Taken;
use crate::row::{Row, RowBody};
use crate::settings::status;

/// One answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Reply {
    pub(crate) status: u16,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: Vec<u8>,
    /// Tokens that it took.
    pub(crate) cost: u32,
}

/// Why a request gets no answer.
#[derive(Debug)]
pub(crate) enum Refusal {
    /// The error and its message.
    Error(ErrorName, String),
    /// The body is not JSON: the documented answer has an empty body.
    NotJson,
    /// The method is not the endpoint's, which is the one given.
    Method(String),
    /// The body is larger than the simulator takes. No status is documented; this one is HTTP's own.
    TooLarge,
    /// Parameters are invalid.
    Invalid(Faults),
    /// The bucket is empty.
    Limited(Taken),
}

/// The rows of a page.
pub(crate) struct Page<'a> {
    pub(crate) fields: Vec<&'a Field>,
    pub(crate) rows: Vec<&'a Row>,
    pub(crate) next: Option<String>,
}

impl Reply {
    fn new(status: u16, body: Vec<u8>) -> Self {
        Self { status, headers: Vec::new(), body, cost: 0 }
    }

    /// A page of rows.
    pub(crate) fn page(model: &Model, page: &Page<'_>) -> Self {
        Self::json(model, &PageBody { model, page })
    }

    /// A body that is written as JSON.
    pub(crate) fn json(model: &Model, body: &impl Serialize) -> Self {
        // Bodies are JSON values already; writing them to memory does not fail.
        Self::new(200, serde_json::to_vec(body).unwrap_or_default()).typed(model)
    }

    /// One row as the whole body.
    pub(crate) fn row(model: &Model, fields: &[&Field], row: &Row) -> Self {
        Self::json(model, &RowBody { fields, row })
    }

    /// What the user gave for an endpoint.
    pub(crate) fn given(model: &Model, given: &Given) -> Self {
        let reply = Self::new(200, given.body.clone());
        match &given.content_type {
            Some(content_type) => Self { headers: vec![("content-type".into(), content_type.clone())], ..reply },
            None => reply.typed(model),
        }
    }

    /// A refusal.
    pub(crate) fn refusal(model: &Model, refusal: &Refusal) -> Self {
        let error = |status, message: &str| Self::new(status, error_body(model, message, None)).typed(model);
        match refusal {
            Refusal::Error(name, message) => error(status(model, *name), message),
            Refusal::NotJson => Self::new(status(model, ErrorName::BadRequest), Vec::new()),
            Refusal::Method(allowed) => {
                let mut reply = error(status(model, ErrorName::NotPossible), &format!("only {allowed} is possible here"));
                reply.headers.push(("allow".into(), allowed.clone()));
                reply
            }
            Refusal::TooLarge => error(413, "the request body is too large"),
            Refusal::Invalid(faults) => {
                let keys = &model.api.error_body;
                let body = error_body(model, &keys.invalid_parameters, Some(faults.tree(keys)));
                Self::new(status(model, ErrorName::InvalidParameters), body).typed(model)
            }
            Refusal::Limited(taken) => {
                let mut reply = error(model.api.rate_limit.status, "too many requests");
                if let Some(seconds) = taken.retry_after {
                    reply.headers.push((model.api.rate_limit.retry_after.clone(), seconds.to_string()));
                }
                reply
            }
        }
    }

    fn typed(mut self, model: &Model) -> Self {
        let json = model.api.headers.content_type.value.as_deref().unwrap_or("application/json");
        self.headers.push(("content-type".into(), json.into()));
        self
    }

    /// Tells what a bucket took and what is left in it.
    pub(crate) fn limited(mut self, model: &Model, bucket: &str, taken: &Taken) -> Self {
        let names = &model.api.rate_limit;
        self.cost = taken.cost;
        if names.on_every_response.value || !taken.accepted {
            self.headers.push((names.bucket.clone(), bucket.to_owned()));
            self.headers.push((names.remaining.clone(), taken.remaining.to_string()));
            self.headers.push((names.cost.clone(), taken.cost.to_string()));
        }
        self
    }
}

fn error_body(model: &Model, message: &str, details: Option<Value>) -> Vec<u8> {
    let keys = &model.api.error_body;
    let mut body = Map::new();
    body.insert(keys.message.clone(), message.into());
    body.extend(details.map(|details| (keys.details.clone(), details)));
    Value::Object(body).to_string().into_bytes()
}

struct PageBody<'a> {
    model: &'a Model,
    page: &'a Page<'a>,
}

impl Serialize for PageBody<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let (keys, page) = (&self.model.records, self.page);
        let rows: Vec<RowBody<'_>> = page.rows.iter().map(|row| RowBody { fields: &page.fields, row }).collect();
        // Where null shall not mean the last page, that page has no key at all; how else a server would tell is not documented.
        let next = Some(page.next.as_deref()).filter(|next| next.is_some() || keys.null_cursor_ends.value);
        let pagination: Map<String, Value> = next.map(|next| (keys.next_key.clone(), next.into())).into_iter().collect();
        let mut map = serializer.serialize_map(Some(3))?;
        map.serialize_entry(&keys.rows_key, &rows)?;
        map.serialize_entry(&keys.pagination_key, &pagination)?;
        map.serialize_entry(&keys.result_type_key, &keys.result_type)?;
        map.end()
    }
}
