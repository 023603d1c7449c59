//! Builds a client. `build` reports every missing or wrong setting at once; nothing is sent.

use std::{collections::BTreeMap, fmt, marker::PhantomData, sync::Arc, time::Duration};

use reqwest::{Url, header::HeaderMap};
use serde_json::Value as Json;

use super::base_url::{BaseUrl, is_loopback};
use super::customers::{Customers, header_name, header_value};
use super::http::{Customize, HttpSetup};
use super::inner::{Inner, Limits};
use super::limiter::RateLimiter;
use super::{patience::clamped, retry::RetryPolicy, secret::Token, secret::TokenSource, transport::Transport};
use crate::{
    error::Error, error::configuration::ConfigurationError, facts::api::ApiSpec, overrides::Overrides, time::clock::Clock,
};

/// Builds an [`ApiClient`](crate::ApiClient) or a [`blocking::ApiClient`](crate::blocking::ApiClient).
///
/// ```
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// use std::time::Duration;
///
/// use harbour_api::{Client, Customers, Host};
///
/// let client = Client::builder()
///     .base_url(Host::OpenSea)
///     .token("secret")
///     .customers(Customers::id(1))
///     .product_name("dashboards")
///     .read_timeout(Duration::from_secs(30))
///     .build()?;
///
/// // Everything that is missing or wrong is reported at once.
/// let error = Client::builder().base_url("https://harbour.invalid").build().unwrap_err();
/// let missing = error.to_string();
/// assert!(missing.contains("token") && missing.contains("customers"), "{missing}");
/// # Ok(()) }
/// ```
#[must_use = "a builder does nothing until `build`"]
pub struct ClientBuilder<C> {
    spec: &'static ApiSpec,
    setup: Setup,
    client: PhantomData<fn() -> C>,
}

/// The clients that a builder makes.
pub(crate) mod sealed {
    use std::sync::Arc;

    use crate::{client::inner::Inner, error::Error};

    /// Limits builders to the clients of this crate.
    pub trait Built: Sized {
        /// The client.
        fn of(inner: Arc<Inner>) -> Result<Self, Error>;
    }
}

/// The settings so far.
#[derive(Debug, Default)]
pub(crate) struct Setup {
    url: Option<BaseUrl>,
    token: Option<Token>,
    user_token: Option<Token>,
    token_source: Option<TokenSource>,
    customers: Option<Customers>,
    product_name: Option<String>,
    user_agent: Option<String>,
    subproduct_name: Option<String>,
    locale: Option<String>,
    overrides: BTreeMap<String, Json>,
    limits: Limits,
    limiter: RateLimiter,
    allow_plain_http: bool,
    customize: Option<Customize>,
    transport: Option<OwnTransport>,
    clock: Clock,
}

/// A transport, and what it is made of unless the caller brought it.
type TransportAndSetup = (Arc<dyn Transport>, Option<Arc<HttpSetup>>);

/// The caller's transport.
struct OwnTransport(Arc<dyn Transport>);

impl fmt::Debug for OwnTransport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Transport")
    }
}

impl<C: sealed::Built> ClientBuilder<C> {
    pub(crate) fn new(spec: &'static ApiSpec) -> Self {
        Self { spec, setup: Setup::default(), client: PhantomData }
    }

    fn with(mut self, set: impl FnOnce(&mut Setup)) -> Self {
        set(&mut self.setup);
        self
    }

    /// Base URL: one of the API's hosts, or any other URL, such as that of a simulator.
    pub fn base_url(self, url: impl Into<BaseUrl>) -> Self {
        self.with(|setup| setup.url = Some(url.into()))
    }

    /// Allows plain http to other machines, which exposes the token to the network. Default: only to this machine.
    pub fn allow_plain_http(self, allow: bool) -> Self {
        self.with(|setup| setup.allow_plain_http = allow)
    }

    /// Token of the API client.
    pub fn token(self, token: impl Into<Token>) -> Self {
        self.with(|setup| setup.token = Some(token.into()))
    }

    /// Asks for the API client's token before each request is sent, for tokens that are replaced while the client lives. The function must
    /// not block; let it return a copy that another task renews.
    pub fn token_source(self, source: impl Fn() -> Token + Send + Sync + 'static) -> Self {
        self.with(|setup| setup.token_source = Some(TokenSource(Arc::new(source))))
    }

    /// Token of a user.
    pub fn user_token(self, token: impl Into<Token>) -> Self {
        self.with(|setup| setup.user_token = Some(token.into()))
    }

    /// Customers of the queries.
    pub fn customers(self, customers: impl Into<Customers>) -> Self {
        self.with(|setup| setup.customers = Some(customers.into()))
    }

    /// Name of the integrating system, as agreed with the vendor.
    pub fn product_name(self, name: impl Into<String>) -> Self {
        self.with(|setup| setup.product_name = Some(name.into()))
    }

    /// Name and version of your software. Default: those of this library.
    pub fn user_agent(self, name: impl Into<String>) -> Self {
        self.with(|setup| setup.user_agent = Some(name.into()))
    }

    /// Name of a part of the integrating system, if the API has a header for it.
    pub fn subproduct_name(self, name: impl Into<String>) -> Self {
        self.with(|setup| setup.subproduct_name = Some(name.into()))
    }

    /// Language of localized texts.
    pub fn locale(self, tag: impl Into<String>) -> Self {
        self.with(|setup| setup.locale = Some(tag.into()))
    }

    /// Clock that decides which data are still retained. Default: the system's clock.
    pub fn clock(self, clock: impl Fn() -> jiff::Timestamp + Send + Sync + 'static) -> Self {
        self.with(|setup| setup.clock = Clock::new(clock))
    }

    /// Overrides an assumption by its id. The value has the type of the default: a text for a key, a text that starts with `/` or null for a
    /// path, otherwise a boolean, a number or one of a few words.
    pub fn assume(self, id: impl Into<String>, value: impl Into<Json>) -> Self {
        self.with(|setup| {
            setup.overrides.insert(id.into(), value.into());
        })
    }

    /// Retries of requests that only read, after passing failures. Default: [`RetryPolicy::standard`].
    pub fn retry(self, policy: RetryPolicy) -> Self {
        self.with(|setup| setup.limits.retry = policy)
    }

    /// Maximum total wait of a request for the rate limit, also in the line of the [limiter](Self::rate_limiter); zero never waits. If the
    /// wait would be longer, the request fails at once. Default: 60 s.
    pub fn max_rate_limit_wait(self, wait: Duration) -> Self {
        self.with(|setup| setup.limits.max_rate_limit_wait = wait)
    }

    /// Holds requests back until their tokens are in the bucket. Default: a limiter that clones of this client share.
    pub fn rate_limiter(self, limiter: RateLimiter) -> Self {
        self.with(|setup| setup.limiter = limiter)
    }

    /// Connect timeout. It is never longer than the read timeout. Default: 10 s.
    pub fn connect_timeout(self, wait: Duration) -> Self {
        self.with(|setup| setup.limits.connect_timeout = clamped(wait))
    }

    /// Read timeout: how long the server may send nothing. Default: 60 s.
    pub fn read_timeout(self, wait: Duration) -> Self {
        self.with(|setup| setup.limits.read_timeout = clamped(wait))
    }

    /// Timeout of a call: of all tries for one response and the waits between them. The pages of a stream are calls of their own.
    /// Default: 10 minutes.
    pub fn timeout(self, wait: Duration) -> Self {
        self.with(|setup| setup.limits.timeout = clamped(wait))
    }

    /// Changes reqwest's settings, such as certificates, proxies and the pool of connections. Afterwards the client sets what keeps the
    /// token safe: no redirects, no proxy to this machine, and the timeouts of this builder.
    ///
    /// ```
    /// # use harbour_api::{Client, Customers};
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// let builder = Client::builder().base_url("https://harbour.invalid").token("secret").customers(Customers::all());
    /// let client = builder.http(|http| http.pool_max_idle_per_host(4)).build()?;
    /// # Ok(()) }
    /// ```
    pub fn http(self, customize: impl Fn(reqwest::ClientBuilder) -> reqwest::ClientBuilder + Send + Sync + 'static) -> Self {
        self.with(|setup| setup.customize = Some(Customize(Arc::new(customize))))
    }

    /// Sends requests through this instead of HTTP, for tests without a network.
    pub fn transport(self, transport: impl Transport) -> Self {
        self.with(|setup| setup.transport = Some(OwnTransport(Arc::new(transport))))
    }

    /// Maximum size of a response. Default: 64 MiB.
    pub fn max_body_bytes(self, bytes: u64) -> Self {
        self.with(|setup| setup.limits.max_body_bytes = bytes)
    }

    /// Whether a value that does not fit its type leaves its field empty instead of failing the page. A row whose required value does not
    /// fit is left out. Each is kept as it was sent, and counted: [`Rows::misfits`](crate::Rows::misfits),
    /// [`Page::misfits`](crate::Page::misfits), [`Chart::misfits`](crate::Chart::misfits). A chart keeps its points, and those that do not
    /// fit are empty; charts that lack some are never added up. Default: false.
    pub fn lenient(self, lenient: bool) -> Self {
        self.with(|setup| setup.limits.lenient = lenient)
    }

    /// Builds the client. The error lists every missing or wrong setting: the base URL, a token and the customers are required, and the product
    /// name if the API requires it.
    pub fn build(self) -> Result<C, Error> {
        C::of(Arc::new(self.setup.build(self.spec)?))
    }
}

impl Setup {
    fn build(self, spec: &'static ApiSpec) -> Result<Inner, ConfigurationError> {
        let mut problems = ConfigurationError::none();
        let url = match &self.url {
            Some(url) => problems.collect(url.join("/", self.allow_plain_http)),
            None => {
                problems.add("base_url", "not set; pass a `Host` or a URL");
                None
            }
        };
        let overrides = Overrides::new(spec, self.overrides.clone());
        // The defaults do to find what else is wrong.
        let defaults = Overrides::none(spec);
        let headers = self.headers(overrides.as_ref().unwrap_or(&defaults), &mut problems);
        let overrides = problems.collect(overrides);
        let transport = url.as_ref().and_then(|url| problems.collect(self.transport(url)));
        let (Some(base), Some(url), Some(overrides), Some((transport, http)), []) =
            (self.url, url, overrides, transport, problems.problems())
        else {
            return Err(problems);
        };
        Ok(Inner {
            // Their header was made, or the build has failed.
            customers: self.customers.unwrap_or_else(Customers::all),
            transport,
            http,
            base,
            url,
            allow_plain_http: self.allow_plain_http,
            headers,
            token_source: self.token_source,
            overrides: Arc::new(overrides),
            secrets: Arc::new(Token::secrets(self.token.iter().chain(&self.user_token))),
            limits: self.limits,
            clock: self.clock,
            budget: Arc::default(),
            limiter: self.limiter,
            max_tokens: None,
        })
    }

    /// The transport, and how to make another one.
    fn transport(&self, url: &Url) -> Result<TransportAndSetup, ConfigurationError> {
        if let Some(OwnTransport(own)) = &self.transport {
            return Ok((Arc::clone(own), None));
        }
        let http = HttpSetup {
            connect_timeout: self.limits.connect_timeout(),
            customize: self.customize.clone(),
            url: url.clone(),
            loopback: is_loopback(url),
        };
        Ok((http.build()?, Some(Arc::new(http))))
    }

    /// The headers that are right; the problems of the others are added.
    fn headers(&self, overrides: &Overrides, problems: &mut ConfigurationError) -> HeaderMap {
        let spec = overrides.spec;
        let names = &spec.headers;
        let mut headers = HeaderMap::new();
        if self.token.is_none() && self.user_token.is_none() && self.token_source.is_none() {
            problems.add("token", "not set; call `token`, `token_source` or `user_token`");
        }
        for (what, header, token) in [("token", &names.token, &self.token), ("user_token", &names.user_token, &self.user_token)] {
            let value = token.as_ref().map(|token| Ok((header_name(header)?, token.header(what, header.value)?)));
            headers.extend(value.and_then(|value| problems.collect(value)));
        }
        match &self.customers {
            Some(customers) => headers.extend(problems.collect(customers.header(overrides))),
            None => {
                problems.add("customers", "not set; call `customers`, for example with `Customers::id(…)` or `Customers::all()`")
            }
        }
        if self.product_name.is_none() && names.product_name_required {
            problems.add("product_name", "not set; call `product_name` with the name agreed with the vendor");
        }
        if self.subproduct_name.is_some() && names.subproduct_name.is_none() {
            problems.add("subproduct_name", "the API has no header for it; remove the setting");
        }
        let user_agent = self.user_agent.as_deref().unwrap_or(spec.user_agent);
        for (what, header, text) in [
            ("product_name", Some(&names.product_name), self.product_name.as_deref()),
            ("subproduct_name", names.subproduct_name.as_ref(), self.subproduct_name.as_deref()),
            ("user_agent", Some(&names.user_agent), Some(user_agent)),
            ("locale", Some(&names.locale), self.locale.as_deref()),
            ("content_type", Some(&names.content_type), names.content_type.value),
        ] {
            match (header, text) {
                (Some(_), Some(text)) if text.trim().is_empty() => problems.add(what, "empty"),
                (Some(header), Some(text)) => {
                    let value = header_name(header).and_then(|name| Ok((name, header_value(what, text)?)));
                    headers.extend(problems.collect(value));
                }
                _ => {}
            }
        }
        headers
    }
}

impl<C> fmt::Debug for ClientBuilder<C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("ClientBuilder").field(&self.setup).finish()
    }
}
