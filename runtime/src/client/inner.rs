//! What all clones of a client share.

use std::{sync::Arc, time::Duration};

use reqwest::{Url, header::HeaderMap};

use super::base_url::BaseUrl;
use super::customers::Customers;
use super::http::HttpSetup;
use super::limiter::RateLimiter;
use super::max_tokens::MaxTokens;
use super::retry::{Budget, RetryPolicy};
use super::secret::TokenSource;
use super::transport::Transport;
use crate::{
    decode::raw::Exchange, error::configuration::ConfigurationError, meta::Meta, overrides::Overrides, request::spec::QuerySpec,
    text::secrets::Secrets, time::clock::Clock,
};

/// What all clones of a client share.
#[derive(Clone)]
pub struct Inner {
    pub(super) transport: Arc<dyn Transport>,
    /// To make another transport; none if the caller brought one.
    pub(super) http: Option<Arc<HttpSetup>>,
    pub(super) base: BaseUrl,
    /// The base URL, parsed.
    pub(super) url: Url,
    pub(super) allow_plain_http: bool,
    pub(super) headers: HeaderMap,
    pub(super) customers: Customers,
    pub(super) token_source: Option<TokenSource>,
    pub(super) overrides: Arc<Overrides>,
    pub(super) secrets: Arc<Secrets>,
    pub(super) limits: Limits,
    pub(super) clock: Clock,
    pub(super) budget: Arc<Budget>,
    pub(super) limiter: RateLimiter,
    /// What the calls of some clones may spend together.
    pub(super) max_tokens: Option<Arc<MaxTokens>>,
}

/// Timeouts, retries and maximum sizes.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Limits {
    pub(super) connect_timeout: Duration,
    pub(super) read_timeout: Duration,
    pub(super) timeout: Duration,
    pub(super) max_rate_limit_wait: Duration,
    pub(super) max_body_bytes: u64,
    pub(super) retry: RetryPolicy,
    pub(super) lenient: bool,
    /// Tokens that stay in the bucket for others.
    pub(super) reserve: u32,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            connect_timeout: Duration::from_secs(10),
            read_timeout: Duration::from_secs(60),
            timeout: Duration::from_secs(600),
            max_rate_limit_wait: Duration::from_secs(60),
            max_body_bytes: 64 * 1024 * 1024,
            retry: RetryPolicy::standard(),
            lenient: false,
            reserve: 0,
        }
    }
}

impl Limits {
    /// The connect timeout. The read timeout runs meanwhile and must not end first, because a failure to connect is one of its own kind.
    pub(super) fn connect_timeout(&self) -> Duration {
        self.connect_timeout.min(self.read_timeout)
    }
}

impl Inner {
    /// What the response to a query needs for decoding.
    pub(super) fn exchange(&self, query: Arc<QuerySpec>, meta: Meta) -> Exchange {
        Exchange {
            query,
            overrides: Arc::clone(&self.overrides),
            secrets: Arc::clone(&self.secrets),
            max_memory: self.limits.max_body_bytes.saturating_mul(8),
            lenient: self.limits.lenient,
            meta,
        }
    }

    /// The same client for other customers.
    pub(super) fn for_customers(&self, customers: Customers) -> Result<Self, ConfigurationError> {
        let mut inner = self.clone();
        let (name, value) = customers.header(&inner.overrides)?;
        let headers = &inner.overrides.spec.headers;
        for header in [&headers.customer, &headers.loyalty_club_slug] {
            inner.headers.remove(header.name);
        }
        inner.headers.insert(name, value);
        inner.customers = customers;
        Ok(inner)
    }

    /// The same client with connections of its own: those of another runtime stand still while that runtime does.
    pub(super) fn with_own_connections(&self) -> Result<Self, ConfigurationError> {
        let mut own = self.clone();
        if let Some(http) = &self.http {
            own.transport = http.build()?;
        }
        Ok(own)
    }
}
