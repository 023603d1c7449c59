//! A successful response before decoding, with what its errors need.

use std::sync::Arc;

use crate::{meta::Meta, overrides::Overrides, rate_limit::RateLimit, request::spec::QuerySpec, text::secrets::Secrets};

/// A query, and the setup of the client that sends it.
#[derive(Clone)]
pub(crate) struct Exchange {
    pub(crate) query: Arc<QuerySpec>,
    pub(crate) overrides: Arc<Overrides>,
    pub(crate) secrets: Arc<Secrets>,
    /// The most bytes of memory that decoding may take, roughly.
    pub(crate) max_memory: u64,
    /// Whether a value that does not fit costs its field, and not the page.
    pub(crate) lenient: bool,
    pub(crate) meta: Meta,
}

/// A successful response before decoding.
#[derive(Clone)]
pub struct RawResponse {
    pub(crate) exchange: Exchange,
    pub(crate) bytes: Vec<u8>,
    pub(crate) content_type: Option<String>,
    pub(crate) rate: Option<RateLimit>,
    /// The assumption behind the path.
    pub(crate) path_id: Option<&'static str>,
}
