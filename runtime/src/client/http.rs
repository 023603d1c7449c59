//! Requests over HTTP with reqwest. The caller may change reqwest's settings; what keeps the token safe is set afterwards.

use std::{fmt, sync::Arc, time::Duration};

use hyper_util::client::proxy::matcher::Matcher;
use reqwest::{Url, redirect};

use super::faults;
use super::patience::LONGEST;
use super::transport::{Body, HttpRequest, HttpResponse, Sending, Transport};
use crate::{error::configuration::ConfigurationError, text::excerpt::snippet};

/// The caller's changes to reqwest's settings.
#[derive(Clone)]
pub(super) struct Customize(pub(super) Arc<dyn Fn(reqwest::ClientBuilder) -> reqwest::ClientBuilder + Send + Sync>);

impl fmt::Debug for Customize {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Customize")
    }
}

/// What an HTTP client is made of, to make another one with connections of its own.
#[derive(Clone, Debug)]
pub(super) struct HttpSetup {
    pub(super) connect_timeout: Duration,
    pub(super) customize: Option<Customize>,
    /// The base URL.
    pub(super) url: Url,
    pub(super) loopback: bool,
}

/// Requests over HTTP.
struct Http {
    client: reqwest::Client,
    /// The proxy that the environment names for the base URL, without its password.
    proxy: Option<Box<str>>,
    /// The CA certificates that it trusts, in words.
    trusted: Box<str>,
}

impl HttpSetup {
    /// A transport with connections of its own.
    pub(super) fn build(&self) -> Result<Arc<dyn Transport>, ConfigurationError> {
        let plain = self.url.scheme() == "http";
        let client = match self.client(plain && self.loopback) {
            // A proxy may be asked over https, so certificates are only left out where there are none.
            Err(_) if plain => self.client(true),
            client => client,
        };
        let client = client.map_err(refused)?;
        Ok(Arc::new(Http { client, proxy: self.proxy(), trusted: trusted(self.customize.is_some()).into() }))
    }

    /// The proxy that the environment names for the base URL, without its password; none if the caller changes the settings.
    pub(super) fn proxy(&self) -> Option<Box<str>> {
        if self.loopback || self.customize.is_some() { None } else { proxy_of(&self.url) }
    }

    fn client(&self, without_certificates: bool) -> reqwest::Result<reqwest::Client> {
        let mut builder = reqwest::Client::builder();
        if without_certificates {
            builder = without_roots(builder);
        }
        if let Some(Customize(customize)) = &self.customize {
            // Timeouts of reqwest would count the caller's pauses too, and its retries could send an export twice.
            builder = customize(builder).timeout(LONGEST).read_timeout(LONGEST).retry(reqwest::retry::never());
        }
        if self.loopback {
            builder = builder.no_proxy();
        }
        // A redirect could send the token to another host: reqwest drops `Authorization` there, and no other header.
        builder.redirect(redirect::Policy::none()).connect_timeout(self.connect_timeout).build()
    }
}

/// Plain http needs no certificates, and a machine without any is no error.
#[cfg(feature = "tls")]
fn without_roots(builder: reqwest::ClientBuilder) -> reqwest::ClientBuilder {
    builder.tls_certs_only([])
}

#[cfg(not(feature = "tls"))]
fn without_roots(builder: reqwest::ClientBuilder) -> reqwest::ClientBuilder {
    builder
}

/// The CA certificates that a client trusts. On some systems, two variables name other ones than the system's.
fn trusted(customized: bool) -> String {
    let elsewhere = cfg!(any(windows, target_vendor = "apple", target_os = "android"));
    let variables = ["SSL_CERT_FILE", "SSL_CERT_DIR"].into_iter().filter(|_| !elsewhere);
    let named: Vec<String> = variables
        .filter_map(|name| Some(format!("`{name}` ({})", snippet(&std::env::var_os(name)?.to_string_lossy()))))
        .collect();
    let machine = match &*named {
        [] => "the CA certificates of this machine".to_owned(),
        named => format!("the CA certificates that the environment names in {}", named.join(" and ")),
    };
    if customized { format!("{machine}, or by those that `http` sets") } else { machine }
}

fn refused(error: reqwest::Error) -> ConfigurationError {
    let chain: Vec<String> =
        std::iter::successors(std::error::Error::source(&error), |error| error.source()).map(ToString::to_string).collect();
    let chain = chain.join(": ");
    let problem = if chain.contains("No CA certificates") {
        "no CA certificates were found on this machine, so https cannot work; install them (the package `ca-certificates`), or add your own \
         with `http`"
            .to_owned()
    } else {
        format!("cannot be set up: {}: {chain}", error.without_url())
    };
    ConfigurationError::new("transport", problem)
}

/// The proxy that the environment names for a URL.
fn proxy_of(url: &Url) -> Option<Box<str>> {
    let proxy = Matcher::from_system().intercept(&url.as_str().parse().ok()?)?;
    let (scheme, host) = (proxy.uri().scheme_str()?, proxy.uri().host()?);
    let port = proxy.uri().port_u16().map(|port| format!(":{port}")).unwrap_or_default();
    Some(format!("{scheme}://{host}{port}").into())
}

impl Transport for Http {
    fn send(&self, request: HttpRequest) -> Sending {
        let HttpRequest { method, url, headers, body, .. } = request;
        let mut sending = self.client.request(method, url).headers(headers);
        if let Some(body) = body {
            sending = sending.body(body);
        }
        let (sending, proxy, trusted) = (sending.send(), self.proxy.clone(), self.trusted.clone());
        Box::pin(async move {
            let response = sending.await.map_err(|error| faults::of_request(error, &trusted).through(proxy.clone()))?;
            let (status, headers) = (response.status().as_u16(), response.headers().clone());
            Ok(HttpResponse { status, headers, body: Body::Http(Box::new(response), proxy) })
        })
    }
}
