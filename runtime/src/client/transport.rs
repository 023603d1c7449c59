//! One request and its answer. In comes a body; out comes the text of a success, or an error that names the status and what to do. Only
//! a refusal by the rate limit is tried again, and only within the time that the caller allows. Redirects are not followed.

use std::time::Duration;

use reqwest::{Response, Url, header::HeaderMap};
use serde_json::Value as Json;

use super::{
    rate::{self, RateLimit},
    secret::{Token, hide},
};
use crate::{DecodeError, Error, Invalid, StatusReply, TransportError, query::Ask, settings::Settings, text::snippet};

/// Tries of one request at most, so that a server which always says "wait 0 seconds" is not asked forever.
const MOST_TRIES: u32 = 10;

/// Everything a client needs to ask.
#[derive(Clone)]
pub struct Core {
    pub(super) http: reqwest::Client,
    pub(super) url: Url,
    pub(super) headers: HeaderMap,
    pub(super) settings: Settings,
    pub(super) secrets: Vec<Token>,
    pub(super) limits: Limits,
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
pub(crate) struct Answer {
    pub(super) text: String,
    pub(super) rate: Option<RateLimit>,
}

impl Core {
    /// Asks for one page.
    pub(super) async fn ask(&self, ask: &Ask, cursor: Option<&str>) -> Result<Answer, Error> {
        ask.check()?;
        let body = ask.body(&self.settings, cursor).to_string();
        let mut waited = Duration::ZERO;
        for tries in 1.. {
            let response = self.send(ask.report, body.clone()).await?;
            let status = response.status();
            let headers = response.headers().clone();
            if status.is_redirection() {
                return Err(self.redirect(status.as_u16(), &headers));
            }
            let bytes = self.read(ask.report, response).await?;
            if status.is_success() {
                let text = String::from_utf8(bytes).map_err(|_| not_text(ask.report))?;
                return Ok(Answer { text, rate: RateLimit::read(&self.settings.spec.rate_limit, &headers) });
            }
            let error = self.refusal(ask.report, status.as_u16(), &headers, &bytes);
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

    async fn send(&self, report: &'static str, body: String) -> Result<Response, Error> {
        let request = self.http.post(self.url.clone()).headers(self.headers.clone()).body(body);
        request.send().await.map_err(|error| transport(report, error))
    }

    /// How long to wait before trying again; none where the server, or the caller's patience, says to give up.
    fn wait_for(&self, error: &Error, waited: Duration) -> Option<Duration> {
        let Error::TooManyRequests { retry_after: Some(wait), .. } = error else { return None };
        let patience = self.limits.max_rate_limit_wait;
        (!patience.is_zero() && waited.checked_add(*wait)? <= patience).then_some(*wait)
    }

    /// The whole body, as long as it stays under the cap.
    async fn read(&self, report: &'static str, mut response: Response) -> Result<Vec<u8>, Error> {
        let limit = self.limits.max_body_bytes;
        let announced = response.content_length().unwrap_or(0);
        if announced > limit {
            return Err(Error::BodyTooLarge { limit });
        }
        let mut bytes = Vec::with_capacity(usize::try_from(announced).unwrap_or(0));
        while let Some(chunk) = response.chunk().await.map_err(|error| transport(report, error))? {
            if bytes.len() as u64 + chunk.len() as u64 > limit {
                return Err(Error::BodyTooLarge { limit });
            }
            bytes.extend_from_slice(&chunk);
        }
        Ok(bytes)
    }

    fn redirect(&self, status: u16, headers: &HeaderMap) -> Error {
        let target = rate::text(headers, "location").and_then(|text| self.url.join(text).ok());
        let target = target.and_then(|url| url.host_str().map(|host| self.hide(host).into_boxed_str()));
        Error::Redirect { status, target }
    }

    /// The error that a status means, with what the body tells.
    fn refusal(&self, report: &'static str, status: u16, headers: &HeaderMap, bytes: &[u8]) -> Error {
        let spec = self.settings.spec;
        let body = self.hide(&String::from_utf8_lossy(bytes));
        let mut json: Json = serde_json::from_str(&body).unwrap_or_default();
        let message = json.get(spec.error_body.message).and_then(Json::as_str).map(snippet);
        let documented = spec.error(status);
        let limited = (status == spec.rate_limit.status).then_some(crate::ErrorName::TooManyRequests);
        let reply = StatusReply {
            report,
            status,
            message,
            about: documented.map(|error| error.about),
            advice: documented.map(|error| error.advice),
            request_id: rate::text(headers, "x-request-id").map(|id| snippet(&self.hide(id))),
            retry_after: rate::retry_after(&spec.rate_limit, headers),
            rate: RateLimit::read(&spec.rate_limit, headers),
            snippet: snippet(&body),
        };
        Error::from_status(documented.map(|error| error.name).or(limited), reply, || {
            let details = json.get_mut(spec.error_body.details).map(Json::take);
            details.map_or(Invalid::Fields(Default::default()), |details| Invalid::read(&spec.error_body, details))
        })
    }

    /// The text without any secret in it.
    pub(super) fn hide(&self, text: &str) -> String {
        hide(text, &self.secrets).into_owned()
    }
}

fn transport(report: &'static str, error: reqwest::Error) -> Error {
    Error::Transport(Box::new(TransportError::new(report, error)))
}

fn not_text(report: &'static str) -> Error {
    let problem = "expected JSON, found bytes that are no UTF-8 text".into();
    Error::Decode(Box::new(DecodeError { report, row: None, field: None, problem, snippet: String::new() }))
}
