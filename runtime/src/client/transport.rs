//! How requests reach the server: over HTTP, or through a value of the caller's own in tests.

use std::{fmt, future::Future, future::poll_fn, pin::Pin};

use futures_core::Stream;
use reqwest::header::{HeaderMap, HeaderName, HeaderValue};
use reqwest::{Method, Url};

use super::faults;
use crate::error::transport::TransportFault;

/// Carries requests to the server. Implement it to test a program without a network.
///
/// ```
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// use harbour_api::{Berths, Client, Customers, HttpRequest, HttpResponse, Sending, Transport};
///
/// struct Canned(&'static str);
///
/// impl Transport for Canned {
///     fn send(&self, request: HttpRequest) -> Sending {
///         assert_eq!(request.url.path(), "/ask");
///         let response = HttpResponse::new(200).body(self.0);
///         Box::pin(async { Ok(response) })
///     }
/// }
///
/// let client = Client::builder()
///     .base_url("http://harbour.test")
///     .allow_plain_http(true)
///     .token("secret")
///     .customers(Customers::all())
///     .transport(Canned(r#"{"lines": [{"berths": 3}], "more": {"at": null}}"#))
///     .build()?;
/// assert_eq!(client.fetch(Berths::by_kind()).await?.rows[0].berths, 3);
/// # Ok(()) }
/// ```
pub trait Transport: Send + Sync + 'static {
    /// Sends one request. The client has its own timeouts and retries; do not follow redirects.
    fn send(&self, request: HttpRequest) -> Sending;
}

/// A response on its way.
pub type Sending = Pin<Box<dyn Future<Output = Result<HttpResponse, TransportFault>> + Send>>;

/// A request as it goes out.
#[derive(Clone)]
#[non_exhaustive]
pub struct HttpRequest {
    /// The method.
    pub method: Method,
    /// The URL.
    pub url: Url,
    /// The headers. Those with tokens are marked sensitive.
    pub headers: HeaderMap,
    /// The JSON body, if the method has one.
    pub body: Option<String>,
}

impl HttpRequest {
    pub(super) fn new(method: Method, url: Url, headers: HeaderMap, body: Option<String>) -> Self {
        Self { method, url, headers, body }
    }
}

/// Headers marked sensitive do not print their values.
impl fmt::Debug for HttpRequest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { method, headers, body, .. } = self;
        let path = self.url.path();
        f.debug_struct("HttpRequest")
            .field("method", method)
            .field("path", &path)
            .field("headers", headers)
            .field("body", body)
            .finish()
    }
}

/// A response: its head, and a body that may still be on its way.
pub struct HttpResponse {
    pub(super) status: u16,
    pub(super) headers: HeaderMap,
    pub(super) body: Body,
}

pub(super) enum Body {
    Whole(Vec<u8>),
    Chunks(Pin<Box<dyn Stream<Item = Result<Vec<u8>, TransportFault>> + Send>>),
    Http(Box<reqwest::Response>, Option<Box<str>>),
}

impl HttpResponse {
    /// A response with this status, without headers and body.
    pub fn new(status: u16) -> Self {
        Self { status, headers: HeaderMap::new(), body: Body::Whole(Vec::new()) }
    }

    /// Adds a header. Panics if HTTP cannot carry it.
    #[must_use]
    pub fn header(mut self, name: &'static str, value: &str) -> Self {
        let value = HeaderValue::from_str(value).expect("a header value is printable text");
        let name = HeaderName::from_bytes(name.as_bytes()).expect("a header name is a word");
        self.headers.append(name, value);
        self
    }

    /// Sets the body.
    #[must_use]
    pub fn body(mut self, body: impl Into<Vec<u8>>) -> Self {
        self.body = Body::Whole(body.into());
        self
    }

    /// Sets a body that arrives in parts.
    #[must_use]
    pub fn chunks(mut self, chunks: impl Stream<Item = Result<Vec<u8>, TransportFault>> + Send + 'static) -> Self {
        self.body = Body::Chunks(Box::pin(chunks));
        self
    }

    /// The proxy that the environment names for it.
    pub(super) fn proxy(&self) -> Option<Box<str>> {
        match &self.body {
            Body::Http(_, proxy) => proxy.clone(),
            Body::Whole(_) | Body::Chunks(_) => None,
        }
    }

    /// The size that the server announces. It may send less, or more after decompression.
    pub(super) fn announced(&self) -> u64 {
        match &self.body {
            Body::Whole(bytes) => bytes.len().try_into().unwrap_or(u64::MAX),
            Body::Chunks(_) => 0,
            Body::Http(response, _) => response.content_length().unwrap_or(0),
        }
    }
}

impl Body {
    /// Passes the next part on; returns whether there was one.
    pub(super) async fn next(&mut self, take: &mut (dyn FnMut(&[u8]) + Send)) -> Result<bool, TransportFault> {
        match self {
            Self::Whole(bytes) => {
                take(&std::mem::take(bytes));
                Ok(false)
            }
            Self::Chunks(chunks) => match poll_fn(|cx| chunks.as_mut().poll_next(cx)).await {
                Some(chunk) => chunk.map(|chunk| take(&chunk)).map(|()| true),
                None => Ok(false),
            },
            Self::Http(response, proxy) => match response.chunk().await {
                Ok(Some(chunk)) => {
                    take(&chunk);
                    Ok(true)
                }
                Ok(None) => Ok(false),
                Err(error) => Err(faults::of_body(error).through(proxy.take())),
            },
        }
    }
}

impl fmt::Debug for HttpResponse {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("HttpResponse").field("status", &self.status).field("headers", &self.headers).finish_non_exhaustive()
    }
}
