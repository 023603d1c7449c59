//! One request and its answer. In comes what is asked; out comes a success as it arrived, or an error that names the status and what to do. Only
//! a refusal by the rate limit is tried again, and only within the time that the caller allows. Redirects are not followed.

use std::time::Duration;

use reqwest::{Method, Response, Url, header::HeaderMap};
use serde_json::Value as Json;

use super::{
    BaseUrl,
    clock::Clock,
    rate::{self, RateLimit},
    secret::{Token, hide, hide_any_case, hide_json, show},
};
use crate::{
    DecodeError, Error, Invalid, StatusReply, TransportError,
    draft::Request,
    error::Resting,
    query::{Ask, Asked},
    settings::Settings,
    text::{Beginning, snippet},
};

/// Tries of one request at most, so that a server which always says "wait 0 seconds" is not asked forever.
const MOST_TRIES: u32 = 10;

/// Bytes that are reserved at most for a body before it comes.
const MOST_RESERVED: usize = 64 * 1024;

/// Everything a client needs to ask.
#[derive(Clone)]
pub struct Core {
    pub(super) http: reqwest::Client,
    pub(super) base: BaseUrl,
    pub(super) allow_plain_http: bool,
    pub(super) headers: HeaderMap,
    /// The assumption that the header of customers rests on.
    pub(super) customers_rest: Option<&'static str>,
    pub(crate) settings: Settings,
    pub(super) secrets: Vec<Token>,
    pub(super) limits: Limits,
    pub(crate) clock: Clock,
}

/// How long and how much.
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

/// A success as it arrived.
#[derive(Clone)]
pub struct Received {
    pub(crate) bytes: Vec<u8>,
    pub(crate) content_type: Option<String>,
    pub(crate) rate: Option<RateLimit>,
    /// The assumption that the path rested on.
    pub(crate) path_id: Option<&'static str>,
}

impl Received {
    /// The body as text.
    pub(crate) fn text(&self, asked: Asked) -> Result<&str, Error> {
        std::str::from_utf8(&self.bytes).map_err(|_| not_text(asked))
    }
}

impl Core {
    /// Asks, for one page where there are pages.
    pub(super) async fn ask(&self, ask: &Ask, cursor: Option<&str>) -> Result<Received, Error> {
        ask.check(self)?;
        let request = ask.request(&self.settings, cursor)?;
        let url = self.base.join(&request.path, self.allow_plain_http)?;
        let mut waited = Duration::ZERO;
        for tries in 1.. {
            let response = self.send(ask.asked, &request, url.clone()).await?;
            let status = response.status();
            let headers = response.headers().clone();
            if status.is_redirection() {
                return Err(self.redirect(ask.asked, status.as_u16(), &headers, &url));
            }
            let (bytes, whole) = self.read(ask.asked, response).await?;
            if status.is_success() {
                if !whole {
                    return Err(Error::BodyTooLarge { asked: ask.asked.to_string().into(), limit: self.limits.max_body_bytes });
                }
                let rate = RateLimit::read(&self.settings.spec.rate_limit, &headers, &self.secrets);
                let content_type = rate::text(&headers, "content-type").map(|text| self.hide(text));
                return Ok(Received { bytes, content_type, rate, path_id: request.path_id });
            }
            let error = self.refusal(ask.asked, &request, status.as_u16(), &headers, &bytes, whole);
            match self.wait_for(&error, waited).filter(|_| tries < MOST_TRIES) {
                Some(wait) => {
                    tokio::time::sleep(wait).await;
                    waited += wait;
                }
                None => return Err(error),
            }
        }
        Err(Error::configuration("request", "it was never sent")) // the loop above only ends by returning
    }

    async fn send(&self, asked: Asked, request: &Request, url: Url) -> Result<Response, Error> {
        let method = Method::from_bytes(request.method.as_bytes())
            .map_err(|_| Error::configuration("call", format!("{asked}: `{}` is no HTTP method", request.method)))?;
        let mut sending = self.http.request(method, url).headers(self.headers.clone());
        if let Some(body) = &request.body {
            sending = sending.body(body.clone());
        }
        sending.send().await.map_err(|error| transport(asked, error))
    }

    /// How long to wait before trying again; none where the server, or the caller's patience, says to give up.
    fn wait_for(&self, error: &Error, waited: Duration) -> Option<Duration> {
        let Error::TooManyRequests { retry_after: Some(wait), .. } = error else { return None };
        let patience = self.limits.max_rate_limit_wait;
        (!patience.is_zero() && waited.checked_add(*wait)? <= patience).then_some(*wait)
    }

    /// The body as far as it stays under the cap, and whether that is all of it.
    async fn read(&self, asked: Asked, mut response: Response) -> Result<(Vec<u8>, bool), Error> {
        let limit = usize::try_from(self.limits.max_body_bytes).unwrap_or(usize::MAX);
        let announced = usize::try_from(response.content_length().unwrap_or(0)).unwrap_or(usize::MAX);
        // Nothing of a success that is too large is of use; of an error, the beginning is.
        if announced > limit && response.status().is_success() {
            return Ok((Vec::new(), false));
        }
        // What a server announces it need not send.
        let mut bytes = Vec::with_capacity(announced.min(limit).min(MOST_RESERVED));
        while let Some(chunk) = response.chunk().await.map_err(|error| transport(asked, error))? {
            let room = limit.saturating_sub(bytes.len());
            bytes.extend_from_slice(chunk.get(..room).unwrap_or(&chunk));
            if chunk.len() > room {
                return Ok((bytes, false));
            }
        }
        Ok((bytes, true))
    }

    fn redirect(&self, asked: Asked, status: u16, headers: &HeaderMap, url: &Url) -> Error {
        // Addresses lose the case of their host, and a token may be cut by the signs that part them.
        let location = rate::text(headers, "location").map(|text| hide_any_case(text, &self.secrets));
        let target = location.and_then(|text| url.join(&text).ok());
        let target = target.and_then(|url| url.host_str().map(|host| hide_any_case(host, &self.secrets).into()));
        Error::Redirect { asked: asked.to_string().into(), status, target }
    }

    /// The error that a status means, with what the body tells and what the request rested on.
    fn refusal(&self, asked: Asked, request: &Request, status: u16, headers: &HeaderMap, bytes: &[u8], whole: bool) -> Error {
        let mut error = self.status(asked, status, headers, bytes, whole);
        let ids = match &error {
            Error::NotFound(_) => request.path_id.into_iter().collect(),
            Error::HeaderIncorrect(_) => self.customers_rest.into_iter().collect(),
            Error::InvalidParameters { invalid, .. } => request.suspects(invalid),
            _ => Vec::new(),
        };
        let rests: Vec<Resting> = ids.into_iter().filter_map(|id| self.settings.resting(Some(id))).collect();
        if let Some(reply) = error.reply_mut() {
            reply.rests = rests;
        }
        error
    }

    fn status(&self, asked: Asked, status: u16, headers: &HeaderMap, bytes: &[u8], whole: bool) -> Error {
        let spec = self.settings.spec;
        let body = String::from_utf8_lossy(bytes);
        let mut beginning = Beginning::of(&body);
        beginning.cut |= !whole;
        // Read before anything is hidden, as an escaped token is bare only after that.
        let mut json: Json = serde_json::from_str(&body).unwrap_or_default();
        let message = json.get(spec.error_body.message).and_then(Json::as_str).map(|text| snippet(&self.hide(text)));
        let documented = spec.error(status);
        let limited = (status == spec.rate_limit.status).then_some(crate::ErrorName::TooManyRequests);
        let reply = StatusReply {
            report: asked.report,
            endpoint: asked.endpoint,
            status,
            message,
            description: documented.map(|error| error.description),
            advice: documented.map(|error| error.advice),
            request_id: rate::text(headers, "x-request-id").map(|id| snippet(&self.hide(id))),
            retry_after: rate::retry_after(&spec.rate_limit, headers),
            rate: RateLimit::read(&spec.rate_limit, headers, &self.secrets),
            snippet: self.show(&beginning),
            rests: Vec::new(),
        };
        Error::from_status(documented.map(|error| error.name).or(limited), reply, || {
            let details = json.get_mut(spec.error_body.details).map(Json::take);
            details.map_or(Invalid::Fields(Default::default()), |details| {
                Invalid::read(&spec.error_body, hide_json(details, &self.secrets))
            })
        })
    }

    /// The text without any secret in it.
    pub(crate) fn hide(&self, text: &str) -> String {
        hide(text, &self.secrets).into_owned()
    }

    /// What is shown of a text, without any secret in it.
    pub(crate) fn show(&self, beginning: &Beginning) -> String {
        show(beginning, &self.secrets)
    }
}

fn transport(asked: Asked, error: reqwest::Error) -> Error {
    Error::Transport(Box::new(TransportError::new(asked, error)))
}

fn not_text(asked: Asked) -> Error {
    let Asked { report, endpoint } = asked;
    let problem = "expected JSON, found bytes that are no UTF-8 text".into();
    let snippet = String::new();
    Error::Decode(Box::new(DecodeError {
        report,
        endpoint,
        row: None,
        series: None,
        field: None,
        problem,
        snippet,
        rests: Vec::new(),
    }))
}
