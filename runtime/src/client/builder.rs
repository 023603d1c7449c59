//! Putting a client together. In come host, token, customers and names; out comes a client that can ask, or an error that says what is
//! missing or wrong. Nothing is sent here.

use std::{collections::BTreeMap, fmt, marker::PhantomData, sync::Arc, time::Duration};

use reqwest::{header::HeaderMap, redirect};
use serde_json::Value as Json;

use super::{
    BaseUrl, Customers, Token,
    clock::Clock,
    customers::{header_name, header_value},
    transport::{Core, Limits},
};
use crate::{ApiSpec, Error, settings::Settings};

/// Puts a client together: a [`Client`](crate::Client) or a [`blocking::Client`](crate::blocking::Client).
pub struct ClientBuilder<C> {
    setup: Setup,
    client: PhantomData<fn() -> C>,
}

/// The clients that a builder makes.
pub(crate) mod sealed {
    /// Keeps builders to this crate's own clients.
    pub trait Built: Sized {
        /// What the client is told of its API.
        const SPEC: &'static crate::ApiSpec;
        /// Wraps what every client stands on.
        fn of(core: std::sync::Arc<super::Core>) -> Result<Self, crate::Error>;
    }
}

/// What was set so far.
#[derive(Debug, Default)]
pub(crate) struct Setup {
    url: Option<BaseUrl>,
    token: Option<Token>,
    user_token: Option<Token>,
    customers: Option<Customers>,
    product_name: Option<String>,
    user_agent: Option<String>,
    subproduct_name: Option<String>,
    locale: Option<String>,
    turned: BTreeMap<String, Json>,
    limits: Limits,
    allow_plain_http: bool,
    clock: Clock,
}

impl<C: sealed::Built> ClientBuilder<C> {
    pub(crate) fn new() -> Self {
        Self { setup: Setup::default(), client: PhantomData }
    }

    fn with(mut self, set: impl FnOnce(&mut Setup)) -> Self {
        set(&mut self.setup);
        self
    }

    /// One of the API's known hosts.
    #[must_use]
    pub fn host(self, host: impl Into<BaseUrl>) -> Self {
        self.with(|setup| setup.url = Some(host.into()))
    }

    /// Another address, such as a simulator's. An address that cannot be used is told by [`build`](Self::build).
    #[must_use]
    pub fn base_url(self, url: impl Into<String>) -> Self {
        self.with(|setup| setup.url = Some(url.into().into()))
    }

    /// Allows plain http to other machines, where the token can be read on the way. This machine itself is always allowed.
    #[must_use]
    pub fn allow_plain_http(self, allow: bool) -> Self {
        self.with(|setup| setup.allow_plain_http = allow)
    }

    /// The token issued to the API client.
    #[must_use]
    pub fn token(self, token: impl Into<Token>) -> Self {
        self.with(|setup| setup.token = Some(token.into()))
    }

    /// A user's token.
    #[must_use]
    pub fn user_token(self, token: impl Into<Token>) -> Self {
        self.with(|setup| setup.user_token = Some(token.into()))
    }

    /// The customers that queries are about.
    #[must_use]
    pub fn customers(self, customers: impl Into<Customers>) -> Self {
        self.with(|setup| setup.customers = Some(customers.into()))
    }

    /// The name of the integrating system, as agreed with the vendor.
    #[must_use]
    pub fn product_name(self, name: impl Into<String>) -> Self {
        self.with(|setup| setup.product_name = Some(name.into()))
    }

    /// The name and version of your software; this library's own if not set.
    #[must_use]
    pub fn user_agent(self, name: impl Into<String>) -> Self {
        self.with(|setup| setup.user_agent = Some(name.into()))
    }

    /// The name of a part of the integrating system, where the API has a header for it.
    #[must_use]
    pub fn subproduct_name(self, name: impl Into<String>) -> Self {
        self.with(|setup| setup.subproduct_name = Some(name.into()))
    }

    /// The language of localized texts.
    #[must_use]
    pub fn locale(self, tag: impl Into<String>) -> Self {
        self.with(|setup| setup.locale = Some(tag.into()))
    }

    /// Where the client takes the time from, to judge whether data are still kept; the system's clock if not set.
    #[must_use]
    pub fn now(self, now: impl Fn() -> jiff::Timestamp + Send + Sync + 'static) -> Self {
        self.with(|setup| setup.clock = Clock::new(now))
    }

    /// Turns one of the API's named assumptions: a key to another text, a path to text that begins with `/` or to null for none, and others to a
    /// value of their own sort, such as `false`, a number, or one of a few words.
    #[must_use]
    pub fn assume(self, id: impl Into<String>, value: impl Into<Json>) -> Self {
        self.with(|setup| {
            setup.turned.insert(id.into(), value.into());
        })
    }

    /// How long a request may wait for the rate limit in all; 60 seconds if not set. Zero means to never wait.
    #[must_use]
    pub fn max_rate_limit_wait(self, wait: Duration) -> Self {
        self.with(|setup| setup.limits.max_rate_limit_wait = wait)
    }

    /// How long a connection may take to come about; 10 seconds if not set.
    #[must_use]
    pub fn connect_timeout(self, wait: Duration) -> Self {
        self.with(|setup| setup.limits.connect_timeout = wait)
    }

    /// How long the server may be silent; 60 seconds if not set.
    #[must_use]
    pub fn read_timeout(self, wait: Duration) -> Self {
        self.with(|setup| setup.limits.read_timeout = wait)
    }

    /// The largest answer to accept; 64 MiB if not set.
    #[must_use]
    pub fn max_body_bytes(self, bytes: u64) -> Self {
        self.with(|setup| setup.limits.max_body_bytes = bytes)
    }

    /// The client.
    pub fn build(self) -> Result<C, Error> {
        C::of(Arc::new(self.setup.build(C::SPEC)?))
    }
}

impl Setup {
    fn build(self, spec: &'static ApiSpec) -> Result<Core, Error> {
        let settings = Settings::turned(spec, self.turned.clone())?;
        let base = self.url.clone().ok_or_else(|| Error::configuration("host", "none was set; use `host` or `base_url`"))?;
        base.join("/", self.allow_plain_http)?;
        let headers = self.headers(&settings)?;
        let http = reqwest::Client::builder()
            .redirect(redirect::Policy::none())
            .connect_timeout(self.limits.connect_timeout)
            .read_timeout(self.limits.read_timeout)
            .build()
            .map_err(|error| Error::configuration("transport", format!("it cannot be set up: {}", error.without_url())))?;
        let secrets = self.token.into_iter().chain(self.user_token).collect();
        Ok(Core {
            customers_rest: self.customers.as_ref().and_then(|customers| customers.rests_on(spec)),
            http,
            base,
            allow_plain_http: self.allow_plain_http,
            headers,
            settings,
            secrets,
            limits: self.limits,
            clock: self.clock,
        })
    }

    fn headers(&self, settings: &Settings) -> Result<HeaderMap, Error> {
        let spec = settings.spec;
        let names = &spec.headers;
        let mut headers = HeaderMap::new();
        if let Some(media_type) = names.content_type.value {
            headers.insert(header_name(&names.content_type)?, header_value("content_type", media_type)?);
        }
        let user_agent = self.user_agent.as_deref().unwrap_or(spec.user_agent);
        let subproduct = names.subproduct_name.as_ref();
        if subproduct.is_none() && self.subproduct_name.is_some() {
            return Err(Error::configuration("subproduct_name", "the API has no header for it"));
        }
        for (what, header, text) in
            subproduct.map(|header| ("subproduct_name", header, self.subproduct_name.as_deref())).into_iter().chain([
                ("user_agent", &names.user_agent, Some(user_agent)),
                ("product_name", &names.product_name, self.product_name.as_deref()),
                ("locale", &names.locale, self.locale.as_deref()),
            ])
        {
            match text {
                Some(text) if text.trim().is_empty() => return Err(Error::configuration(what, "it is empty")),
                Some(text) => {
                    headers.insert(header_name(header)?, header_value(what, text)?);
                }
                None => {}
            }
        }
        if self.token.is_none() && self.user_token.is_none() {
            return Err(Error::configuration("token", "none was set"));
        }
        for (what, header, token) in
            [("token", &names.token, self.token.as_ref()), ("user_token", &names.user_token, self.user_token.as_ref())]
        {
            if let Some(token) = token {
                headers.insert(header_name(header)?, token.header(what, header.value)?);
            }
        }
        if let Some(customers) = &self.customers {
            let (name, value) = customers.header(settings)?;
            headers.insert(name, value);
        }
        Ok(headers)
    }
}

impl<C> fmt::Debug for ClientBuilder<C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("ClientBuilder").field(&self.setup).finish()
    }
}
