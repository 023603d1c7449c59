//! Sends one request. Only a request that the rate limit rejects is retried, and redirects are not followed.

use std::{sync::Arc, time::Duration};

use reqwest::{Method, Response, Url, header::HeaderMap};
use serde_json::Value as Json;

use super::{base_url::BaseUrl, rate};
use crate::decode::raw::{Exchange, RawResponse};
use crate::text::excerpt::{Excerpt, snippet};
use crate::{
    error::Error, error::invalid::Invalid, error::status::StatusReply, error::subject::Subject, error::transport::TransportError,
    facts::vocabulary::ErrorName, overrides::Overrides, request::builder::Request, request::spec::QuerySpec,
    text::secrets::Secrets, time::clock::Clock,
};

/// Maximum number of tries, for a server that always says "wait 0 seconds".
const MAX_TRIES: u32 = 10;

/// Maximum number of bytes to reserve for a body before it arrives.
const MAX_RESERVED: usize = 64 * 1024;

/// What all clones of a client share.
#[derive(Clone)]
pub struct Inner {
    pub(super) http: reqwest::Client,
    pub(super) base: BaseUrl,
    pub(super) allow_plain_http: bool,
    pub(super) headers: HeaderMap,
    /// The assumption behind the header of customers.
    pub(super) customers_assumption: Option<&'static str>,
    pub(super) overrides: Arc<Overrides>,
    pub(super) secrets: Arc<Secrets>,
    pub(super) limits: Limits,
    pub(super) clock: Clock,
}

/// Timeouts and maximum sizes.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Limits {
    pub(super) connect_timeout: Duration,
    pub(super) read_timeout: Duration,
    pub(super) max_rate_limit_wait: Duration,
    pub(super) max_body_bytes: u64,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            connect_timeout: Duration::from_secs(10),
            read_timeout: Duration::from_secs(60),
            max_rate_limit_wait: Duration::from_secs(60),
            max_body_bytes: 64 * 1024 * 1024,
        }
    }
}

impl Inner {
    /// Sends a query.
    pub(super) async fn send(&self, query: Arc<QuerySpec>) -> Result<RawResponse, Error> {
        query.check(&self.overrides, &self.clock)?;
        let subject = query.subject;
        let request = query.request(&self.overrides)?;
        let url = self.base.join(&request.path, self.allow_plain_http)?;
        let mut waited = Duration::ZERO;
        for tries in 1.. {
            let response = self.try_once(subject, &request, url.clone()).await?;
            let status = response.status();
            let headers = response.headers().clone();
            if status.is_redirection() {
                return Err(self.redirect(subject, status.as_u16(), &headers, &url));
            }
            let (bytes, whole) = self.read(subject, response).await?;
            if status.is_success() {
                if !whole {
                    return Err(Error::BodyTooLarge { subject: subject.to_string().into(), limit: self.limits.max_body_bytes });
                }
                let rate = rate::read(&self.overrides.spec.rate_limit, &headers, &self.secrets);
                let content_type = rate::text(&headers, "content-type").map(|text| self.secrets.hide(text).into_owned());
                let exchange = self.exchange(query);
                return Ok(RawResponse { exchange, bytes, content_type, rate, path_id: request.path_id });
            }
            let error = self.refusal(subject, &request, status.as_u16(), &headers, &bytes, whole);
            match self.wait_for(&error, waited).filter(|_| tries < MAX_TRIES) {
                Some(wait) => {
                    tokio::time::sleep(wait).await;
                    waited += wait;
                }
                None => return Err(error),
            }
        }
        Err(Error::configuration("request", "not sent")) // the loop only ends by returning
    }

    /// What the response to a query needs for decoding.
    pub(super) fn exchange(&self, query: Arc<QuerySpec>) -> Exchange {
        Exchange { query, overrides: Arc::clone(&self.overrides), secrets: Arc::clone(&self.secrets) }
    }

    async fn try_once(&self, subject: Subject, request: &Request, url: Url) -> Result<Response, Error> {
        let method = Method::from_bytes(request.method.as_bytes())
            .map_err(|_| Error::configuration("call", format!("{subject}: `{}` is not an HTTP method", request.method)))?;
        let mut sending = self.http.request(method, url).headers(self.headers.clone());
        if let Some(body) = &request.body {
            sending = sending.body(body.clone());
        }
        sending.send().await.map_err(|error| transport(subject, error))
    }

    /// The wait before a retry; none if there is no retry.
    fn wait_for(&self, error: &Error, waited: Duration) -> Option<Duration> {
        let Error::TooManyRequests { retry_after: Some(wait), .. } = error else { return None };
        let most = self.limits.max_rate_limit_wait;
        (!most.is_zero() && waited.checked_add(*wait)? <= most).then_some(*wait)
    }

    /// The body up to the maximum size, and whether it is complete.
    async fn read(&self, subject: Subject, mut response: Response) -> Result<(Vec<u8>, bool), Error> {
        let limit = usize::try_from(self.limits.max_body_bytes).unwrap_or(usize::MAX);
        let announced = usize::try_from(response.content_length().unwrap_or(0)).unwrap_or(usize::MAX);
        // The start of a body is only useful for an error.
        if announced > limit && response.status().is_success() {
            return Ok((Vec::new(), false));
        }
        // The server may send less than it announces.
        let mut bytes = Vec::with_capacity(announced.min(limit).min(MAX_RESERVED));
        while let Some(chunk) = response.chunk().await.map_err(|error| transport(subject, error))? {
            let room = limit.saturating_sub(bytes.len());
            bytes.extend_from_slice(chunk.get(..room).unwrap_or(&chunk));
            if chunk.len() > room {
                return Ok((bytes, false));
            }
        }
        Ok((bytes, true))
    }

    fn redirect(&self, subject: Subject, status: u16, headers: &HeaderMap, url: &Url) -> Error {
        // A URL loses the case of its host, and its separators may cut a token.
        let location = rate::text(headers, "location").map(|text| self.secrets.hide_any_case(text));
        let target = location.and_then(|text| url.join(&text).ok());
        let target = target.and_then(|url| url.host_str().map(|host| self.secrets.hide_any_case(host).into()));
        Error::Redirect { subject: subject.to_string().into(), status, target }
    }

    /// The error for a status, with the assumptions that may have caused it.
    fn refusal(&self, subject: Subject, request: &Request, status: u16, headers: &HeaderMap, bytes: &[u8], whole: bool) -> Error {
        let mut error = self.status(subject, status, headers, bytes, whole);
        let ids = match &error {
            Error::NotFound(_) => request.path_id.into_iter().collect(),
            Error::HeaderIncorrect(_) => self.customers_assumption.into_iter().collect(),
            Error::InvalidParameters { invalid, .. } => request.suspects(invalid),
            _ => Vec::new(),
        };
        if let Some(reply) = error.reply_mut() {
            reply.assumptions = ids.into_iter().filter_map(|id| self.overrides.assumed(Some(id))).collect();
        }
        error
    }

    fn status(&self, subject: Subject, status: u16, headers: &HeaderMap, bytes: &[u8], whole: bool) -> Error {
        let spec = self.overrides.spec;
        let body = String::from_utf8_lossy(bytes);
        let mut excerpt = Excerpt::of(&body);
        excerpt.cut |= !whole;
        // Parsed before secrets are hidden, because parsing removes escapes.
        let mut json: Json = serde_json::from_str(&body).unwrap_or_default();
        let message = json.get(spec.error_body.message).and_then(Json::as_str).map(|text| snippet(&self.secrets.hide(text)));
        let documented = spec.error(status);
        let limited = (status == spec.rate_limit.status).then_some(ErrorName::TooManyRequests);
        let reply = StatusReply {
            report: subject.report,
            endpoint: subject.endpoint,
            status,
            message,
            description: documented.map(|error| error.description),
            advice: documented.map(|error| error.advice),
            request_id: rate::text(headers, "x-request-id").map(|id| snippet(&self.secrets.hide(id))),
            retry_after: rate::retry_after(&spec.rate_limit, headers),
            rate: rate::read(&spec.rate_limit, headers, &self.secrets),
            snippet: self.secrets.show(&excerpt),
            assumptions: Vec::new(),
        };
        Error::from_status(documented.map(|error| error.name).or(limited), reply, || {
            let details = json.get_mut(spec.error_body.details).map(Json::take);
            details.map_or(Invalid::Fields(Default::default()), |details| {
                Invalid::read(&spec.error_body, self.secrets.hide_json(details))
            })
        })
    }
}

fn transport(subject: Subject, error: reqwest::Error) -> Error {
    Error::Transport(Box::new(TransportError::new(subject, error)))
}
