//! Sends requests that the client would not send: with other keys, at other paths, about other customers.
//!
//! The headers, the token among them, are those of a request of the client, which a transport keeps instead of sending it. So this module
//! never reads a token, and no request goes anywhere but to the URL of the connection.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use jiff::{Timestamp, ToSpan};
use placewise_model::exit::Failure;
use placewise_model::{Exchange, Format, Model};
use placewise_reporting::reqwest::{self, Method, Url, header::HeaderName, header::HeaderValue, redirect};
use placewise_reporting::{
    AnyApi, ApiClient, Error, HttpRequest, Moment, RetryPolicy, Sending, Transport, TransportFault, TransportKind,
};
use serde_json::{Map, Value};

use crate::connection::Connection;
use crate::explain::explain;

/// The largest reply that is read.
const MOST_REPLY: usize = 16 << 20;

/// How long a reply is waited for.
const PATIENCE: Duration = Duration::from_secs(60);

/// A request of a probe.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Request {
    pub method: String,
    pub path: String,
    pub body: Map<String, Value>,
    /// The value of the customer header; none for that of the connection.
    pub customers: Option<String>,
}

/// Keeps requests instead of sending them.
#[derive(Clone, Default)]
struct Kept(Arc<Mutex<Option<HttpRequest>>>);

impl Transport for Kept {
    fn send(&self, request: HttpRequest) -> Sending {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(request);
        Box::pin(async { Err(TransportFault::new(TransportKind::Request, "nothing is sent")) })
    }
}

/// Sends requests with the headers of a connection.
pub(crate) struct Sender {
    http: reqwest::Client,
    template: HttpRequest,
    /// The path of the template's URL before that of the endpoint.
    prefix: String,
    customer: HeaderName,
    slug: HeaderName,
    kept_headers: Vec<String>,
}

impl Sender {
    pub(crate) async fn of(connection: &Connection) -> Result<Self, Failure> {
        let kept = Kept::default();
        let client = connection.client_through(kept.clone())?.with_retry(RetryPolicy::none());
        let model = &connection.api.model;
        let mut problem = "no path of a query is known; set one with --assume".to_owned();
        for report in &model.reports {
            if let Err(error) = try_one(connection, &client, &report.name).await {
                problem = explain(&error);
            }
            let request = kept.0.lock().unwrap_or_else(PoisonError::into_inner).take();
            if let Some(template) = request {
                return Self::with(model, template);
            }
        }
        Err(Failure::CannotRun(problem))
    }

    fn with(model: &Model, template: HttpRequest) -> Result<Self, Failure> {
        let path = template.url.path();
        let known = model.endpoints.iter().filter_map(|endpoint| path.strip_suffix(endpoint.path.value.as_deref()?));
        let prefix = known.min_by_key(|prefix| prefix.len()).unwrap_or_default().to_owned();
        let loopback = template.url.host_str().is_some_and(|host| {
            host == "localhost" || host.trim_matches(['[', ']']).parse().is_ok_and(|ip: std::net::IpAddr| ip.is_loopback())
        });
        let mut builder = reqwest::Client::builder().redirect(redirect::Policy::none()).timeout(PATIENCE);
        if loopback {
            builder = builder.no_proxy();
        }
        if template.url.scheme() == "http" {
            builder = builder.tls_certs_only([]);
        }
        let http =
            builder.build().map_err(|error| Failure::CannotRun(format!("HTTP cannot be set up: {}", error.without_url())))?;
        let header = |name: &str| {
            HeaderName::from_bytes(name.as_bytes())
                .map_err(|_| Failure::CannotRun("a header of the model has no valid name".into()))
        };
        let headers = &model.api.headers;
        let (customer, slug) = (header(&headers.customer.name)?, header(&headers.loyalty_club_slug.name)?);
        Ok(Self { http, template, prefix, customer, slug, kept_headers: kept_headers(model) })
    }

    /// The host that is asked.
    pub(crate) fn host(&self) -> String {
        let host = self.template.url.host_str().unwrap_or_default();
        self.template.url.port().map_or_else(|| host.to_owned(), |port| format!("{host}:{port}"))
    }

    /// The name of the header that names customers.
    pub(crate) fn customer_header(&self) -> String {
        self.customer.as_str().to_owned()
    }

    /// The headers that an exchange keeps of a request about the customers of the connection.
    pub(crate) fn shown_headers(&self) -> Vec<(String, String)> {
        shown(&self.template.headers, [&self.customer, &self.slug])
    }

    /// The texts of the headers that are secret.
    pub(crate) fn secrets(&self) -> Vec<String> {
        let sensitive = self.template.headers.values().filter(|value| value.is_sensitive());
        sensitive.filter_map(|value| value.to_str().ok()).map(str::to_owned).collect()
    }

    /// Sends a request once. The exchange has no time yet.
    pub(crate) async fn send(&self, request: &Request) -> Result<Exchange, String> {
        let mut headers = self.template.headers.clone();
        if let Some(customers) = &request.customers {
            let value = HeaderValue::from_str(customers).map_err(|_| "the customers cannot be written in a header".to_owned())?;
            headers.remove(&self.slug);
            headers.insert(self.customer.clone(), value);
        }
        let method = Method::from_bytes(request.method.as_bytes()).map_err(|_| "the method is not one of HTTP".to_owned())?;
        let mut url: Url = self.template.url.clone();
        url.set_query(None);
        url.set_path(&format!("{}{}", self.prefix, request.path));
        let is_get = method == Method::GET;
        if is_get && !request.body.is_empty() {
            let text = |value: &Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
            url.query_pairs_mut().extend_pairs(request.body.iter().map(|(key, value)| (key, text(value))));
        }
        let mut builder = self.http.request(method, url);
        if !is_get {
            builder = builder.body(Value::Object(request.body.clone()).to_string());
        }
        let kept = shown(&headers, [&self.customer, &self.slug]).into_iter().collect();
        let response = builder.headers(headers).send().await.map_err(|error| error.without_url().to_string())?;
        let status = response.status().as_u16();
        let headers = response.headers();
        let names = self.kept_headers.iter();
        let reply_headers = names.filter_map(|name| Some((name.clone(), headers.get(name)?.to_str().ok()?.to_owned()))).collect();
        let reply = read(response).await?;
        Ok(Exchange {
            method: request.method.clone(),
            path: request.path.clone(),
            headers: kept,
            body: Some(Value::Object(request.body.clone())),
            status,
            reply_headers,
            reply,
            ..Exchange::default()
        })
    }
}

/// The headers of these names, unless they are secret.
fn shown(headers: &reqwest::header::HeaderMap, names: [&HeaderName; 2]) -> Vec<(String, String)> {
    let one = |name: &HeaderName| {
        let value = headers.get(name).filter(|value| !value.is_sensitive())?.to_str().ok()?;
        Some((name.as_str().to_owned(), value.to_owned()))
    };
    names.into_iter().filter_map(one).collect()
}

/// The headers of replies that are kept: those that say something about the API, and no secret.
pub(crate) fn kept_headers(model: &Model) -> Vec<String> {
    let limit = &model.api.rate_limit;
    let names = ["content-type", &limit.retry_after, &limit.bucket, &limit.remaining, &limit.cost];
    names.into_iter().map(str::to_ascii_lowercase).collect()
}

/// Makes the client prepare a request of a report.
async fn try_one(connection: &Connection, client: &ApiClient<AnyApi>, report: &str) -> Result<(), Error> {
    let info = connection.api.registry.find_report(report)?;
    let now = Timestamp::now();
    match info.format {
        placewise_reporting::Format::Records => client.fetch(info.records()?).await.map(drop),
        placewise_reporting::Format::Timeseries => {
            let earlier = now.checked_sub(1.hours()).unwrap_or(now);
            client.fetch(info.series(Moment::from(earlier)..Moment::from(now))?).await.map(drop)
        }
        _ => client.fetch(info.statistics()?).await.map(drop),
    }
}

/// A body up to the limit, as JSON; none if it is larger or no JSON.
async fn read(mut response: reqwest::Response) -> Result<Option<Value>, String> {
    let mut bytes = Vec::new();
    while let Some(chunk) = response.chunk().await.map_err(|error| error.without_url().to_string())? {
        if bytes.len() + chunk.len() > MOST_REPLY {
            return Ok(None);
        }
        bytes.extend_from_slice(&chunk);
    }
    Ok(serde_json::from_slice(&bytes).ok())
}

/// The method and path of a format's queries; none if the path is not known.
pub(crate) fn endpoint_of(model: &Model, format: Format) -> Option<(String, String)> {
    let endpoint = model.endpoint(model.endpoint_of(format))?;
    Some((endpoint.method.to_ascii_uppercase(), endpoint.path.value.clone()?))
}
