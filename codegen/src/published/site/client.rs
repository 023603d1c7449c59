//! One polite request: delayed, conditional, bounded, repeated after a passing fault, and followed only on its own host.

use std::io::Read;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use reqwest::blocking::{Client as Http, Response};
use reqwest::header::{self, HeaderMap, HeaderName};
use reqwest::redirect::Policy;
use reqwest::{StatusCode, Url};

use super::cache::{Cache, Entry};

/// How pages are fetched.
#[derive(Clone, Debug)]
pub struct Options {
    /// Who asks: name, version, and an address for complaints.
    pub user_agent: String,
    /// The least time between two requests.
    pub delay: Duration,
    /// The most time for one answer, body included.
    pub timeout: Duration,
    /// How often a request is tried.
    pub attempts: u32,
    /// The most bytes of one answer.
    pub most_bytes: u64,
    /// Where answers are kept for conditional requests.
    pub cache: Option<PathBuf>,
}

impl Options {
    /// The usual options for a user agent.
    pub fn new(user_agent: String) -> Self {
        Self {
            user_agent,
            delay: Duration::from_secs(1),
            timeout: Duration::from_secs(30),
            attempts: 4,
            most_bytes: 8 << 20,
            cache: None,
        }
    }
}

/// Longer than this nobody waits for a server that asks for patience.
const MOST_PATIENCE: Duration = Duration::from_secs(120);
/// More redirects are a loop.
const MOST_REDIRECTS: usize = 5;

/// An answer with a body.
#[derive(Debug)]
pub(super) struct Answer {
    pub body: Vec<u8>,
    pub content_type: String,
    /// Where a permanent redirect led, on the same host.
    pub moved: Option<Url>,
}

/// Why there is no answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum NoAnswer {
    /// The server says that there is no such page.
    Gone(u16),
    /// The page has another address, on a host that was not asked.
    Elsewhere(String),
    /// Anything else, in words.
    Failed(String),
}

pub(super) struct Client<'a> {
    http: Http,
    options: Options,
    cache: Cache,
    sleep: &'a dyn Fn(Duration),
    /// Whether a request was made, so that the next one waits.
    asked: bool,
}

impl<'a> Client<'a> {
    pub fn new(options: Options, sleep: &'a dyn Fn(Duration)) -> Result<Self, String> {
        let builder = Http::builder().user_agent(&options.user_agent).redirect(Policy::none()).timeout(options.timeout);
        let http = builder.build().map_err(|error| words(&error))?;
        Ok(Self { http, cache: Cache(options.cache.clone()), options, sleep, asked: false })
    }

    /// Waits this much longer between requests, if it is longer.
    pub fn slow_down(&mut self, delay: Duration) {
        self.options.delay = self.options.delay.max(delay.min(MOST_PATIENCE));
    }

    /// Fetches an address. `allows` is asked before each redirect.
    pub fn get(&mut self, url: &Url, allows: &dyn Fn(&Url) -> bool) -> Result<Answer, NoAnswer> {
        let mut url = url.clone();
        let (mut moved, mut lasting) = (None, true);
        for _ in 0..=MOST_REDIRECTS {
            let kept = self.cache.get(url.as_str());
            let response = self.send(&url, kept.as_ref())?;
            let status = response.0;
            if status == StatusCode::NOT_MODIFIED
                && let Some(kept) = kept
            {
                return Ok(Answer { body: kept.body, content_type: kept.content_type.unwrap_or_default(), moved });
            }
            if !status.is_redirection() {
                return self.answer(&url, response, moved);
            }
            let target = text(&response.1, header::LOCATION).and_then(|to| url.join(&to).ok());
            let Some(target) = target else { return Err(NoAnswer::Failed(format!("HTTP {status} without a readable address"))) };
            let permanent = matches!(status, StatusCode::MOVED_PERMANENTLY | StatusCode::PERMANENT_REDIRECT);
            if !same_site(&url, &target) {
                let to = target.to_string();
                return Err(if permanent {
                    NoAnswer::Elsewhere(to)
                } else {
                    NoAnswer::Failed(format!("redirected to another host: {to}"))
                });
            }
            if !allows(&target) {
                return Err(NoAnswer::Failed(format!("redirected to an address that robots.txt disallows: {target}")));
            }
            // After a temporary redirect, the address before it is still the right one.
            lasting &= permanent;
            if lasting {
                moved = Some(target.clone());
            }
            url = target;
        }
        Err(NoAnswer::Failed("too many redirects".into()))
    }

    fn answer(&self, url: &Url, (status, headers, body): Reply, moved: Option<Url>) -> Result<Answer, NoAnswer> {
        match status {
            StatusCode::OK => {}
            StatusCode::NOT_FOUND | StatusCode::GONE => return Err(NoAnswer::Gone(status.as_u16())),
            other => return Err(NoAnswer::Failed(format!("HTTP {other}"))),
        }
        let content_type = text(&headers, header::CONTENT_TYPE);
        let entry = Entry {
            url: url.to_string(),
            etag: text(&headers, header::ETAG),
            last_modified: text(&headers, header::LAST_MODIFIED),
            content_type: content_type.clone(),
            body,
            ..Entry::default()
        };
        let body = entry.body.clone();
        // A cache that cannot be written only costs the server a page.
        let _ = self.cache.put(entry);
        Ok(Answer { body, content_type: content_type.unwrap_or_default(), moved })
    }

    /// Sends one request, again after faults that pass.
    fn send(&mut self, url: &Url, kept: Option<&Entry>) -> Result<Reply, NoAnswer> {
        let mut fault = String::new();
        let mut wait = Duration::ZERO;
        for attempt in 0..self.options.attempts.max(1) {
            if self.asked {
                (self.sleep)(self.options.delay.max(wait));
            }
            self.asked = true;
            let back_off = self.options.delay * 2u32.saturating_pow(attempt + 1);
            match self.once(url, kept) {
                Ok((status, headers, _)) if status == StatusCode::TOO_MANY_REQUESTS || status.is_server_error() => {
                    fault = format!("HTTP {status}");
                    wait = patience(&headers).unwrap_or(back_off);
                    if wait > MOST_PATIENCE {
                        return Err(NoAnswer::Failed(format!("{fault}; the server asks to wait {} s", wait.as_secs())));
                    }
                }
                Ok(reply) => return Ok(reply),
                Err(Fault::Lasting(words)) => return Err(NoAnswer::Failed(words)),
                Err(Fault::Passing(words)) => (fault, wait) = (words, back_off),
            }
        }
        Err(NoAnswer::Failed(format!("{fault} (attempts: {})", self.options.attempts.max(1))))
    }

    fn once(&self, url: &Url, kept: Option<&Entry>) -> Result<Reply, Fault> {
        let mut request = self.http.get(url.clone()).header(header::ACCEPT, "text/markdown, text/plain, text/html;q=0.8");
        if let Some(kept) = kept {
            for (name, value) in [(header::IF_NONE_MATCH, &kept.etag), (header::IF_MODIFIED_SINCE, &kept.last_modified)] {
                if let Some(value) = value {
                    request = request.header(name, value);
                }
            }
        }
        let started = Instant::now();
        let response = request.send().map_err(|error| Fault::Passing(words(&error)))?;
        let (status, headers) = (response.status(), response.headers().clone());
        Ok((status, headers, self.body(response, started)?))
    }

    /// Reads the body in parts, since the client's own limit of time is one for each part: a server could send bytes for ever.
    fn body(&self, mut response: Response, started: Instant) -> Result<Vec<u8>, Fault> {
        let most = self.options.most_bytes;
        let mut body = Vec::new();
        let mut part = vec![0; 16 << 10];
        loop {
            match response.read(&mut part) {
                Ok(0) => return Ok(body),
                Ok(length) => body.extend_from_slice(part.get(..length).unwrap_or_default()),
                Err(error) => return Err(Fault::Passing(format!("the answer broke off: {error}"))),
            }
            if body.len() as u64 > most {
                return Err(Fault::Lasting(format!("the answer is longer than {most} bytes")));
            }
            if started.elapsed() > self.options.timeout {
                return Err(Fault::Passing("the answer did not end in time".into()));
            }
        }
    }
}

type Reply = (StatusCode, HeaderMap, Vec<u8>);

enum Fault {
    /// Another attempt may succeed.
    Passing(String),
    Lasting(String),
}

/// Whether a redirect stays on its host; https is never given up.
fn same_site(from: &Url, to: &Url) -> bool {
    let scheme = to.scheme() == from.scheme() || to.scheme() == "https";
    let upgraded = from.scheme() != to.scheme();
    let port = upgraded || from.port_or_known_default() == to.port_or_known_default();
    scheme && port && from.host_str() == to.host_str()
}

fn text(headers: &HeaderMap, name: HeaderName) -> Option<String> {
    headers.get(name).and_then(|value| value.to_str().ok()).map(str::to_owned)
}

/// How long the server asks to wait: seconds, or a date, which its own clock measures.
fn patience(headers: &HeaderMap) -> Option<Duration> {
    let asked = text(headers, header::RETRY_AFTER)?;
    if let Ok(seconds) = asked.trim().parse() {
        return Some(Duration::from_secs(seconds));
    }
    let (then, now) = (httpdate::parse_http_date(&asked).ok()?, httpdate::parse_http_date(&text(headers, header::DATE)?).ok()?);
    Some(then.duration_since(now).unwrap_or_default())
}

/// An error with its causes; the outermost says only which address failed.
fn words(error: &reqwest::Error) -> String {
    let mut inner: &dyn std::error::Error = error;
    while let Some(source) = inner.source() {
        inner = source;
    }
    let kind = if error.is_timeout() {
        "timed out"
    } else if error.is_connect() {
        "cannot connect"
    } else {
        "failed"
    };
    format!("{kind}: {inner}")
}
