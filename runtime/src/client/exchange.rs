//! One call: a request is sent until it succeeds or no further try is worth it. The one place where the status, the tokens and the bucket of
//! each try are known.

use std::{sync::Arc, time::Duration};

use reqwest::{Method, Url, header::HeaderMap};
use tokio::time::Instant;

use super::limiter::{BucketKey, BucketState, LimitedCall, Permit, TooLong};
use super::max_tokens::{Reserved, UsedUp};
use super::patience::{Expired, Patience};
use super::refusal::{MAX_BODY, Refused};
use super::retry::{Bounds, Tries, too_long};
use super::transport::{HttpRequest, HttpResponse};
use super::{customers::header_name, inner::Inner, rate, trace};
use crate::decode::raw::RawResponse;
use crate::error::retryable::Class;
use crate::error::transport::{TransportError, TransportFault, TransportKind};
use crate::{
    error::Error,
    error::subject::Subject,
    meta::{GaveUp, Meta},
    rate_limit::RateLimit,
    request::builder::Request,
    request::spec::{QueryKind, QuerySpec},
    text::excerpt::snippet,
};

/// Maximum number of bytes to reserve for a body before it arrives.
const MAX_RESERVED: u64 = 64 * 1024;

/// The key of the bucket that an owner's queries are charged to.
fn reporting(owner: &str) -> String {
    format!("{owner} reporting")
}

/// A whole response of any status.
struct Arrived {
    status: u16,
    headers: HeaderMap,
    body: Vec<u8>,
    /// Whether the body is complete.
    whole: bool,
    proxy: Option<Box<str>>,
}

/// What learns from a try what it took.
struct Charge<'a> {
    permit: &'a mut Permit,
    reserved: Option<&'a mut Reserved>,
}

impl Inner {
    /// Sends a query, for a page of a stream or for one response.
    pub(super) async fn send(&self, query: Arc<QuerySpec>, page: Option<u64>) -> Result<RawResponse, Error> {
        let call = trace::Call::start(query.subject, page);
        let response = call.run(self.try_until_done(query)).await;
        let meta = response.as_ref().map_or_else(|error| error.meta(), |response| Some(&response.exchange.meta));
        if let Some(meta) = meta {
            call.ended(meta);
        }
        response
    }

    async fn try_until_done(&self, query: Arc<QuerySpec>) -> Result<RawResponse, Error> {
        query.check(&self.overrides, &self.clock)?;
        let request = query.request(&self.overrides)?;
        let url = self.base.join(&request.path, self.allow_plain_http)?;
        let mut patience = Patience::new(self.limits.read_timeout, self.limits.timeout);
        let mut meta = Meta { cursor: query.cursor().map(str::to_owned), ..Meta::default() };
        let mut tries = Tries::default();
        if self.limits.reserve > 0 && !self.limiter.is_on() {
            let problem =
                "a client whose rate limiter is `RateLimiter::disabled()` leaves no tokens for others; use another limiter";
            return Err(Error::configuration("with_reserve", problem));
        }
        let mut call = self.limited(&query, &url);
        let mut last = None;
        loop {
            let mut reserved = match self.reserve(&query, &mut patience, &mut meta).await {
                Ok(reserved) => reserved,
                Err(used_up) => {
                    meta.gave_up = last.as_ref().map(|_| GaveUp::MaxTokens);
                    let error = last.unwrap_or_else(|| used_up.error(query.subject)).with_meta(meta);
                    trace::failed(&error);
                    return Err(error);
                }
            };
            let left = tries.left_for_limit(self.limits.max_rate_limit_wait).min(patience.left());
            let (permit, held) = call.admit(left).await;
            patience.rested(held);
            tries.waited_for_limit(held);
            (meta.held, meta.waited) = (meta.held + held, meta.waited + held);
            let mut permit = match permit {
                Ok(permit) => permit,
                Err(TooLong { wait, shortage }) => {
                    // An estimate of a day or more is worth nothing.
                    let wait = wait.filter(|wait| *wait < 86_400.0).map(Duration::from_secs_f64);
                    let unknown = GaveUp::WaitTooLong { until: None };
                    meta.gave_up = Some(wait.map_or(unknown, |wait| too_long(self.clock.now(), wait)));
                    let subject = query.subject.to_string().into();
                    // What the server said last says more.
                    let error = last.unwrap_or_else(|| Error::Held { subject, shortage: shortage.into(), meta: Box::default() });
                    let error = error.with_meta(meta);
                    trace::failed(&error);
                    return Err(error);
                }
            };
            meta.tries += 1;
            let mut charge = Charge { permit: &mut permit, reserved: reserved.as_mut() };
            let error = match self.try_once(query.subject, &request, &url, &mut patience, &mut meta, &mut charge).await {
                Ok((arrived, rate)) => {
                    tries.succeeded(&self.budget);
                    trace::succeeded(&meta);
                    let content_type = rate::text(&arrived.headers, "content-type");
                    let content_type = content_type.map(|text| snippet(&self.secrets.hide(text)));
                    let (exchange, path_id) = (self.exchange(query, meta), request.path_id);
                    return Ok(RawResponse { exchange, bytes: arrived.body, content_type, rate, path_id });
                }
                Err(error) => error,
            };
            let bounds = Bounds {
                policy: self.limits.retry,
                repeatable: query.only_reads(),
                rate_limit_wait: self.limits.max_rate_limit_wait,
                left: patience.left(),
                now: self.clock.now(),
            };
            let next = tries.next(&error, bounds, &self.budget);
            let throttled = error.class() == Some(Class::Throttled);
            match error.class() {
                Some(Class::Throttled) => {
                    let least = error.retry_after().unwrap_or(Duration::from_secs(1));
                    let rate = error.reply().and_then(|reply| reply.rate.as_ref());
                    permit.refused(rate, next.as_ref().copied().unwrap_or(least));
                }
                Some(Class::NeverSent) => {
                    permit.unsent();
                    reserved.iter_mut().for_each(Reserved::unsent);
                }
                _ => permit.unanswered(),
            }
            // What a try took is known by now, or it counts in full.
            drop(reserved);
            match next {
                Ok(wait) => {
                    trace::waits(&meta, &error, wait);
                    // A limiter keeps everybody waiting, this call first.
                    if !throttled || !self.limiter.is_on() {
                        meta.waited += wait;
                        patience.rest(wait).await;
                        tries.waited_for_limit(if throttled { wait } else { Duration::ZERO });
                    }
                    last = Some(error);
                }
                Err(reason) => {
                    meta.gave_up = reason;
                    let error = error.with_meta(meta);
                    trace::failed(&error);
                    return Err(error);
                }
            }
        }
    }

    /// The bucket that queries are charged to, as the limiter knows it.
    pub(super) fn bucket(&self) -> Option<BucketState> {
        let key = reporting(&self.bucket_owner(&self.url));
        self.limiter.buckets().into_iter().find(|bucket| bucket.key == key)
    }

    fn bucket_owner(&self, url: &Url) -> String {
        format!("{} {}", url.origin().ascii_serialization(), self.customers.bucket_owner())
    }

    /// The tokens of one try, if the client has a maximum.
    async fn reserve(&self, query: &QuerySpec, patience: &mut Patience, meta: &mut Meta) -> Result<Option<Reserved>, UsedUp> {
        let Some(max) = &self.max_tokens else { return Ok(None) };
        let start = Instant::now();
        let reserved = max.reserve(query.subject, query.cost(&self.overrides), patience.left()).await;
        let waited = start.elapsed();
        patience.rested(waited);
        meta.waited += waited;
        reserved.map(Some)
    }

    /// The call's place in the line for the bucket that it will be charged to.
    fn limited(&self, query: &QuerySpec, url: &Url) -> LimitedCall {
        let owner = self.bucket_owner(url);
        let own = match &query.kind {
            QueryKind::Report(..) => None,
            QueryKind::Call(call) => (!call.info.only_reads).then(|| format!("{owner} {}", call.info.name)),
        };
        let key = BucketKey { reporting: reporting(&owner), own };
        let assumed = self.overrides.get(self.overrides.spec.rate_limit.unknown_cost);
        self.limiter.call(key, query.cost(&self.overrides), assumed, self.limits.reserve)
    }

    /// One try, whose response is a success.
    async fn try_once(
        &self,
        subject: Subject,
        request: &Request,
        url: &Url,
        patience: &mut Patience,
        meta: &mut Meta,
        charge: &mut Charge<'_>,
    ) -> Result<(Arrived, Option<RateLimit>), Error> {
        (meta.status, meta.request_id, meta.server_time) = (None, None, None);
        let method = Method::from_bytes(request.method.as_bytes())
            .map_err(|_| Error::configuration("call", format!("{subject}: `{}` is not an HTTP method", request.method)))?;
        let mut headers = self.headers.clone();
        if let Some(source) = &self.token_source {
            let header = &self.overrides.spec.headers.token;
            headers.insert(header_name(header)?, source.header(header.value, &self.secrets)?);
        }
        let request_out = HttpRequest::new(method, url.clone(), headers, request.body.clone());
        let failed = |fault| Error::Transport(Box::new(TransportError::new(subject, fault)));
        if let Some(reserved) = &mut charge.reserved {
            reserved.sent();
        }
        let response = patience.wait(self.transport.send(request_out)).await;
        let response = response.unwrap_or_else(|expired| Err(late(expired))).map_err(failed)?;
        meta.status = Some(response.status);
        meta.request_id = self.request_id(&response.headers);
        meta.server_time = rate::text(&response.headers, "date").and_then(rate::date);
        let rate = rate::read(&self.overrides.spec.rate_limit, &response.headers, &self.secrets);
        if let Some(rate) = &rate {
            meta.tokens = rate.cost.map(|cost| meta.tokens.unwrap_or(0).saturating_add(cost)).or(meta.tokens);
            meta.bucket.clone_from(&rate.bucket);
        }
        if response.status != self.overrides.spec.rate_limit.status {
            charge.permit.answered(rate.as_ref());
        }
        if let Some(reserved) = &mut charge.reserved {
            reserved.answered(rate.as_ref().and_then(|rate| rate.cost), (200..300).contains(&response.status));
        }
        let arrived = self.read(response, patience, meta).await.map_err(failed)?;
        if !(200..300).contains(&arrived.status) {
            let Arrived { status, headers, body, whole, proxy } = &arrived;
            let refused = Refused { status: *status, headers, body, whole: *whole, proxy: proxy.as_deref() };
            return Err(self.refusal(subject, request, &refused));
        }
        if !arrived.whole {
            let limit = self.limits.max_body_bytes;
            return Err(Error::BodyTooLarge { subject: subject.to_string().into(), limit, meta: Box::default() });
        }
        Ok((arrived, rate))
    }

    /// The body up to the maximum size, and whether it is complete.
    async fn read(&self, response: HttpResponse, patience: &mut Patience, meta: &mut Meta) -> Result<Arrived, TransportFault> {
        let (announced, proxy) = (response.announced(), response.proxy());
        let HttpResponse { status, headers, body: mut parts } = response;
        let success = (200..300).contains(&status);
        let most = if success { self.limits.max_body_bytes } else { self.limits.max_body_bytes.min(MAX_BODY) };
        // The start of a body is only useful for an error.
        if announced > most && success {
            return Ok(Arrived { status, headers, body: Vec::new(), whole: false, proxy });
        }
        let limit = usize::try_from(most).unwrap_or(usize::MAX);
        // The server may send less than it announces.
        let mut body = Vec::with_capacity(usize::try_from(announced.min(most).min(MAX_RESERVED)).unwrap_or(0));
        let mut whole = true;
        let mut take = |chunk: &[u8]| {
            let room = limit.saturating_sub(body.len());
            body.extend_from_slice(chunk.get(..room).unwrap_or(chunk));
            whole &= chunk.len() <= room;
            meta.bytes = meta.bytes.saturating_add(chunk.len().try_into().unwrap_or(u64::MAX));
            whole
        };
        let mut more = true;
        while more {
            let mut room = true;
            let next = patience.wait(parts.next(&mut |chunk| room = take(chunk))).await;
            more = match next.unwrap_or_else(|expired| Err(late(expired))) {
                Ok(more) => more && room,
                Err(fault) if success => return Err(fault),
                // The status and the headers say more than the connection that broke after them.
                Err(_) => {
                    whole = false;
                    break;
                }
            };
        }
        Ok(Arrived { status, headers, body, whole, proxy })
    }
}

fn late(expired: Expired) -> TransportFault {
    match expired {
        Expired::Read(window) => TransportFault::new(TransportKind::Timeout, format!("the server sent nothing for {window:?}")),
        Expired::Total => TransportFault::new(TransportKind::TotalTimeout, "the time for all tries is over"),
    }
}
