//! A response with an undocumented format. Nothing is decoded until the caller reads it, so nothing is lost.

use std::{fmt, marker::PhantomData};

use serde_json::Value as Json;

use super::fault::{self, Fault, check_json};
use super::raw::RawResponse;
use super::warning::{self, Warning};
use crate::json::object::{FromObject, read_object};
use crate::{error::Error, json::context::DecodeContext, json::exact, meta::Meta, rate_limit::RateLimit};

/// A response with an undocumented format, which can be read as `T`.
#[derive(Clone)]
pub struct Response<T> {
    raw: RawResponse,
    warnings: Vec<Warning>,
    marker: PhantomData<fn() -> T>,
}

impl<T> Response<T> {
    pub(crate) fn new(raw: RawResponse) -> Self {
        let warnings = warning::of_cost(&raw);
        Self { raw, warnings, marker: PhantomData }
    }

    /// The media type that the server sent.
    pub fn content_type(&self) -> Option<&str> {
        self.raw.content_type.as_deref()
    }

    /// The state of the rate limit, if the server sent it.
    pub fn rate(&self) -> Option<&RateLimit> {
        self.raw.rate.as_ref()
    }

    /// What became of the request.
    pub fn meta(&self) -> &Meta {
        &self.raw.exchange.meta
    }

    /// What is odd about this response, such as assumptions that it contradicts.
    pub fn warnings(&self) -> &[Warning] {
        &self.warnings
    }

    /// The raw body.
    pub fn bytes(&self) -> &[u8] {
        &self.raw.bytes
    }

    /// The raw body as text; none if it is not UTF-8.
    pub fn text(&self) -> Option<&str> {
        std::str::from_utf8(&self.raw.bytes).ok()
    }

    /// The body as JSON.
    pub fn json(&self) -> Result<Json, Error> {
        let text = self.checked()?;
        exact::json(text.trim(), &mut self.context()).map_err(|error| self.error(Fault::of(error, text)))
    }

    /// The body as text, if it is JSON.
    fn checked(&self) -> Result<&str, Error> {
        let text = fault::text(&self.raw)?;
        check_json(text).map_err(|fault| self.error(fault))?;
        Ok(text)
    }

    fn context(&self) -> DecodeContext {
        DecodeContext::with_room(self.raw.exchange.max_memory)
    }

    fn error(&self, fault: Fault) -> Error {
        fault.into_error(&self.raw.exchange, None, self.raw.path_id)
    }
}

impl<T: FromObject> Response<T> {
    /// The body as `T`. After an error the body is still available.
    pub fn read(&self) -> Result<T, Error> {
        let text = self.checked()?;
        read_object(text.trim(), &mut self.context()).map_err(|error| self.error(Fault::of(error, text)))
    }
}

/// Without the body, which may be long.
impl<T> fmt::Debug for Response<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Response")
            .field("content_type", &self.raw.content_type)
            .field("bytes", &self.raw.bytes.len())
            .field("rate", &self.raw.rate)
            .finish_non_exhaustive()
    }
}
