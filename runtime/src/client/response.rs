//! An answer of which the form is not known. In comes a body; out come its bytes, its text, its JSON, or the type that it is expected to
//! have. Nothing is read before it is asked for, so nothing is lost whatever the server sent.

use std::{fmt, marker::PhantomData};

use serde_json::Value as Json;

use super::{
    fault::{Fault, check_json},
    rate::RateLimit,
    transport::{Core, Received},
    warning::{self, Warning},
};
use crate::{Error, Reading, Record, query::Ask, record::read_record};

/// An answer as it came, which can be read as `T`.
#[derive(Clone)]
pub struct Response<T> {
    received: Received,
    warnings: Vec<Warning>,
    /// What errors need: whom to blame, and what to hide.
    ask: Ask,
    core: Box<Core>,
    marker: PhantomData<fn() -> T>,
}

pub(crate) fn read<T>(core: &Core, ask: &Ask, received: Received) -> Response<T> {
    let warnings = warning::of_cost(core, ask, received.rate.as_ref());
    Response { received, warnings, ask: ask.clone(), core: Box::new(core.clone()), marker: PhantomData }
}

impl<T> Response<T> {
    /// The media type, as the server named it.
    pub fn content_type(&self) -> Option<&str> {
        self.received.content_type.as_deref()
    }

    /// The rate limit's state, where the server told it.
    pub fn rate(&self) -> Option<&RateLimit> {
        self.received.rate.as_ref()
    }

    /// What the answer speaks against of that which is taken as given.
    pub fn warnings(&self) -> &[Warning] {
        &self.warnings
    }

    /// The body.
    pub fn bytes(&self) -> &[u8] {
        &self.received.bytes
    }

    /// The body as text; none if it is no UTF-8.
    pub fn text(&self) -> Option<&str> {
        std::str::from_utf8(&self.received.bytes).ok()
    }

    /// The body as JSON, whatever it holds.
    pub fn json(&self) -> Result<Json, Error> {
        let text = self.received.text(self.ask.asked)?;
        check_json(text).map_err(|fault| self.error(fault))?;
        crate::value::json(text.trim()).map_err(|error| self.error(Fault::of(error, text)))
    }

    fn error(&self, fault: Fault) -> Error {
        fault.into_error(&self.core, &self.ask, None, self.received.path_id)
    }
}

impl<T: Record> Response<T> {
    /// The body as the type that it is expected to have. It stays here if that fails.
    pub fn read(&self) -> Result<T, Error> {
        let text = self.received.text(self.ask.asked)?;
        check_json(text).map_err(|fault| self.error(fault))?;
        read_record(text.trim(), &mut Reading::default()).map_err(|error| self.error(Fault::of(error, text)))
    }
}

/// Without the body, which may be long and may hold anything.
impl<T> fmt::Debug for Response<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Response")
            .field("content_type", &self.received.content_type)
            .field("bytes", &self.received.bytes.len())
            .field("rate", &self.received.rate)
            .finish_non_exhaustive()
    }
}
