//! Answers a request that is due to meet a fault.

use std::cell::RefCell;
use std::time::Duration;

use jiff::fmt::rfc2822::DateTimePrinter;
use jiff::{SignedDuration, Timestamp};
use placewise_model::{Format, Model};
use serde_json::{Map, Value};

use crate::api::reply::Reply;
use crate::api::request::{Request, header_text};
use crate::api::route::{query_parameters, route};
use crate::faults::account::{DueFault, RequestFacts};
use crate::faults::delivery::Filling;
use crate::faults::edit;
use crate::faults::plan::{Effect, EndlessRows, FixedReply, Next, RetryAfter};
use crate::query::cursor;
use crate::query::refusal::Refusal;
use crate::query::request_body::report_key;

/// The effects of a fault on answering itself, before there is a reply.
#[derive(Debug)]
pub(crate) struct Answering<'a> {
    effects: &'a [Effect],
    /// Why effects on a page did not take hold; none if there are none, or once they did.
    page_problem: RefCell<Option<String>>,
}

/// The part of a query that a page is made of.
#[derive(Clone, Copy, Debug)]
pub(crate) struct PageOf {
    pub(crate) fingerprint: u64,
    pub(crate) offset: usize,
    pub(crate) size: usize,
}

impl<'a> Answering<'a> {
    pub(crate) fn new(effects: &'a [Effect]) -> Self {
        let of_page = effects.iter().any(|effect| matches!(effect, Effect::Next(_) | Effect::Endless(_)));
        Self { effects, page_problem: RefCell::new(of_page.then(|| "the reply is no page of rows".to_owned())) }
    }

    fn fixed(&self) -> Option<&'a FixedReply> {
        self.effects.iter().find_map(|effect| if let Effect::Reply(reply) = effect { Some(reply) } else { None })
    }

    /// Whether the request costs nothing.
    pub(crate) fn is_free(&self) -> bool {
        self.fixed().is_some_and(|reply| !reply.charged)
    }

    /// Whether the reply has the headers of the rate limit in any case.
    pub(crate) fn has_limit_headers(&self) -> bool {
        self.fixed().is_some_and(|reply| reply.limit_headers)
    }

    /// The rows of a page and the cursor to the next one.
    pub(crate) fn page<T: Copy>(&self, rows: &[T], of: PageOf) -> (Vec<T>, Option<String>) {
        let (page, next) = cursor::page(rows, of.fingerprint, of.offset, of.size);
        let (mut page, mut next) = (page.to_vec(), next);
        let mut problem = None;
        for effect in self.effects {
            match effect {
                Effect::Next(wanted) => match replaced(wanted, of) {
                    Some(replaced) => next = replaced,
                    None => problem = Some("the request has no cursor".to_owned()),
                },
                Effect::Endless(kind) => {
                    next = Some(cursor::cursor(of.fingerprint, of.offset.saturating_add(of.size)));
                    let start = if rows.is_empty() { 0 } else { of.offset % rows.len() };
                    let full = if *kind == EndlessRows::Full && !rows.is_empty() { of.size } else { 0 };
                    page = rows.iter().cycle().skip(start).take(full).copied().collect();
                }
                _ => {}
            }
        }
        self.page_problem.replace(problem);
        (page, next)
    }
}

/// The cursor in place of the right one; the outer `None` if there is no such.
fn replaced(wanted: &Next, of: PageOf) -> Option<Option<String>> {
    let at = |offset| Some(cursor::cursor(of.fingerprint, offset));
    match wanted {
        Next::Asked => (of.offset > 0).then(|| at(of.offset)),
        Next::Page(page) => {
            let before = usize::try_from(page.get() - 1).unwrap_or(usize::MAX);
            Some(at(before.saturating_mul(of.size)))
        }
        Next::Text(text) => Some(Some(text.clone())),
        Next::End => Some(None),
    }
}

/// What a plan and the log can tell a request by, read leniently: the request may be invalid.
pub(crate) fn facts<'a>(model: &'a Model, request: &Request) -> RequestFacts<'a> {
    let named = &model.api.headers.customer.name;
    let customer = request.header_value(named).and_then(header_text).map(|text| text.trim().to_owned());
    let Ok(route) = route(model, &request.method, &request.path) else {
        return RequestFacts { customer, ..RequestFacts::default() };
    };
    let mut keys = query_parameters(request.query.as_deref().unwrap_or_default());
    keys.extend(serde_json::from_slice::<Map<String, Value>>(request.body.as_deref().unwrap_or_default()).unwrap_or_default());
    keys.extend(route.values.clone());
    let formats = Format::ALL.iter().map(|format| report_key(model, *format));
    let carried = route.endpoints().filter_map(|endpoint| Some(endpoint.carries.report.as_ref()?.value.as_str()));
    let report = carried.chain(formats).find_map(|key| keys.get(key)?.as_str()).map(str::to_owned);
    let format = report.as_deref().and_then(|name| model.report(name)).map(|report| report.format);
    let cursor = keys.get(&model.records.request.cursor.value);
    RequestFacts {
        endpoints: route.endpoints().map(|endpoint| endpoint.name.as_str()).collect(),
        has_cursor: cursor.is_some_and(|cursor| !cursor.is_null()),
        report,
        format,
        customer,
    }
}

/// Answers with a fault; `Err` says why an effect did not take hold.
pub(crate) fn faulty(
    model: &Model,
    now: Timestamp,
    fault: &DueFault,
    accept: impl FnOnce(&Answering<'_>) -> Result<Reply, Refusal>,
) -> (Reply, Result<(), String>) {
    let answering = Answering::new(&fault.effects);
    let refused = fault.effects.iter().find_map(|effect| if let Effect::Refuse(name) = effect { Some(*name) } else { None });
    let answer = match refused {
        Some(name) => Err(Refusal::Error(name, format!("Refused by `{}`.", fault.name))),
        // Nothing of the API's own reply is kept.
        None if answering.fixed().is_some_and(|fixed| !fixed.charged && !fixed.limit_headers) => Ok(Reply::new(200, Vec::new())),
        None => accept(&answering),
    };
    let mut reply = answer.unwrap_or_else(|refusal| Reply::from_refusal(model, &refusal));
    let mut result = Ok(());
    for effect in &fault.effects {
        result = result.and(apply(model, now, effect, &mut reply));
    }
    (reply, result.and(answering.page_problem.into_inner().map_or(Ok(()), Err)))
}

/// Applies an effect to a reply.
fn apply(model: &Model, now: Timestamp, effect: &Effect, reply: &mut Reply) -> Result<(), String> {
    let Reply { body, delivery, .. } = reply;
    match effect {
        // Answering has seen to these.
        Effect::Refuse(_) | Effect::Next(_) | Effect::Endless(_) => return Ok(()),
        Effect::Reply(fixed) => return replace(model, now, fixed, reply),
        Effect::Headers(headers) => {
            for (name, value) in headers {
                reply.headers.retain(|(known, _)| !known.eq_ignore_ascii_case(name));
                reply.headers.extend(value.clone().map(|value| (name.clone(), value)));
            }
        }
        Effect::Set(set) => return edit::edit_json(body, &set.at, Some(&set.to)),
        Effect::Remove(at) => return edit::edit_json(body, at, None),
        Effect::Encode(encoding) => return edit::encode(body, *encoding),
        Effect::TruncateBody(at) => return edit::truncate(body, *at),
        Effect::Giant(giant) => {
            delivery.filling = Some(Filling::new(body, &model.records.response.rows, giant.of, giant.bytes.get())?);
        }
        Effect::LatencyMs(time) => delivery.latency = Duration::from_millis(*time),
        Effect::SlowBody(slow) if slow.piece.get() >= delivery.length(body) => {
            return Err(format!("the body has only {} bytes, so no pause", body.len()));
        }
        Effect::SlowBody(slow) => delivery.slow_body = Some(*slow),
        Effect::Cut(cut) => delivery.cut = Some(*cut),
        Effect::CloseIdleMs(time) => delivery.close_idle = Some(Duration::from_millis(*time)),
    }
    Ok(())
}

/// Replaces a reply; keeps the headers of the rate limit if they are ordered.
fn replace(model: &Model, now: Timestamp, fixed: &FixedReply, reply: &mut Reply) -> Result<(), String> {
    let names = &model.api.rate_limit;
    let of_limit = [&names.bucket, &names.remaining, &names.cost];
    reply.status = fixed.status;
    reply.headers.retain(|(name, _)| fixed.limit_headers && of_limit.contains(&name));
    let missing = fixed.limit_headers && reply.headers.is_empty();
    let seconds = |text: &RetryAfter| match text {
        RetryAfter::Text(text) => Some(text.clone()),
        RetryAfter::DateInS(after) => {
            let date = now.checked_add(SignedDuration::from_secs(*after)).ok()?;
            DateTimePrinter::new().timestamp_to_rfc9110_string(&date).ok()
        }
    };
    if let Some(after) = &fixed.retry_after {
        let value = seconds(after).ok_or("the date of `retry_after` is out of range")?;
        reply.headers.push((names.retry_after.clone(), value));
    }
    if fixed.json.is_some() && !fixed.headers.keys().any(|name| name.eq_ignore_ascii_case("content-type")) {
        reply.headers.push(("content-type".into(), "application/json".into()));
    }
    reply.headers.extend(fixed.headers.clone());
    let json = fixed.json.as_ref().map(Value::to_string);
    reply.body = json.or_else(|| fixed.text.clone()).unwrap_or_default().into_bytes();
    (reply.returned, reply.problem) = (None, None);
    if missing { Err("the request was refused before it reached the rate limit".into()) } else { Ok(()) }
}
