//! Queries that ask the server for one row or one day, to see what it says about token, permits, customers and clock.

use std::time::Instant;

use jiff::{Timestamp, ToSpan};
use placewise_model::exit::Outcome;
use placewise_model::{Format, Model, Provenance, Report};
use placewise_reporting::{AnyApi, ApiClient, Error, Meta, Moment, RateLimit, RetryPolicy, TransportKind};
use serde_json::{Value, json};

use super::findings::Findings;
use crate::connection::Connection;
use crate::explain::explain;
use crate::terminal::plural;

/// The clocks may differ by as much, because the server's header has whole seconds and the network takes time.
const MOST_SKEW: i64 = 30;

/// The reports to ask: the cheapest, or all whose path is known.
pub(super) fn reports(connection: &Connection, all: bool) -> Vec<&Report> {
    let model = &connection.api.model;
    let mut reports: Vec<&Report> = model.reports.iter().filter(|report| has_path(model, connection, report)).collect();
    if !all {
        // Rows are the surest: their format and their path are documented best.
        reports.sort_by_key(|report| (report.cost.is_none(), report.format != Format::Records, report.cost, report.coverage));
        reports.truncate(1);
    }
    reports
}

fn has_path(model: &Model, connection: &Connection, report: &Report) -> bool {
    let endpoint = model.endpoint(model.endpoint_of(report.format));
    endpoint.is_some_and(|endpoint| endpoint.path.value.is_some() || connection.overrides(endpoint.path.assumption.as_deref()))
}

/// What the probes cost: what is documented, and the reports whose cost is not.
pub(super) struct Price {
    requests: usize,
    tokens: u64,
    unknown: Vec<String>,
}

impl Price {
    pub(super) fn of(reports: &[&Report]) -> Self {
        let documented = |report: &&&Report| matches!(report.provenance, Provenance::Documented | Provenance::Example);
        let known = reports.iter().filter(documented).filter_map(|report| report.cost).map(u64::from).sum();
        let unknown = reports.iter().filter(|report| report.cost.is_none() || !documented(report));
        Self { requests: reports.len(), tokens: known, unknown: unknown.map(|report| report.name.clone()).collect() }
    }

    pub(super) fn text(&self) -> String {
        let requests = plural(self.requests as u64, "request");
        match &*self.unknown {
            [] => format!("{requests}, {}", plural(self.tokens, "token")),
            names => format!(
                "{requests}, {} or more: the cost of {} is not documented",
                plural(self.tokens, "token"),
                names.join(", ")
            ),
        }
    }

    pub(super) fn json(&self) -> Value {
        let most = self.unknown.is_empty().then_some(self.tokens);
        let least = (self.tokens > 0).then_some(self.tokens);
        json!({ "requests": self.requests, "at_least": least, "at_most": most, "not_documented": self.unknown })
    }
}

/// What a probe found.
pub(super) struct Answer<'m> {
    report: &'m Report,
    error: Option<Error>,
    meta: Meta,
    rate: Option<RateLimit>,
    /// This machine's clock in the middle of the request.
    now: Timestamp,
}

impl<'m> Answer<'m> {
    /// Sends a probe once.
    pub(super) async fn to(connection: &Connection, client: &ApiClient<AnyApi>, report: &'m Report) -> Self {
        let (started, sent) = (Timestamp::now(), Instant::now());
        let result = ask(connection, &client.with_retry(RetryPolicy::none()), report).await;
        let now = started.checked_add(sent.elapsed() / 2).unwrap_or(started);
        match result {
            Ok((meta, rate)) => Self { report, error: None, meta, rate, now },
            Err(error) => {
                let meta = error.meta().cloned().unwrap_or_default();
                let rate = error.reply().and_then(|reply| reply.rate.clone());
                Self { report, error: Some(error), meta, rate, now }
            }
        }
    }

    pub(super) const fn tokens(&self) -> Option<i64> {
        self.meta.tokens
    }
}

async fn ask(connection: &Connection, client: &ApiClient<AnyApi>, report: &Report) -> Result<(Meta, Option<RateLimit>), Error> {
    let info = connection.api.registry.find_report(&report.name)?;
    let now = Timestamp::now();
    let yesterday = now.checked_sub(24.hours()).unwrap_or(now);
    match report.format {
        Format::Records => client.fetch(info.records()?.page_size(1)).await.map(|page| (page.meta, page.rate)),
        Format::Timeseries => {
            let chart = client.fetch(info.series(Moment::from(yesterday)..Moment::from(now))?).await;
            chart.map(|chart| (chart.meta, chart.rate))
        }
        Format::Statistics => {
            let answer = client.fetch(info.statistics()?).await;
            answer.map(|answer| (answer.meta().clone(), answer.rate().cloned()))
        }
    }
}

/// What the answers say, one of them about everything but permits: the first that is no error, if there is any.
pub(super) fn check(connection: &Connection, answers: &[Answer<'_>], findings: &mut Findings) -> Outcome {
    let answered = answers.iter().find(|answer| answer.error.is_none());
    let Some(first) = answered.or(answers.first()) else { return Ok(()) };
    transport(connection, first, findings)?;
    if first.meta.status.is_some() {
        token(first, findings)?;
        customers(connection, first, findings)?;
        for answer in answers {
            permit(answer, findings)?;
        }
        clock(first, findings)?;
        rate_limit(first, findings)?;
    }
    Ok(())
}

fn transport(connection: &Connection, answer: &Answer<'_>, findings: &mut Findings) -> Outcome {
    let secure = connection.profile.url.as_deref().is_some_and(|url| url.starts_with("https://"));
    match &answer.error {
        Some(Error::Transport(fault)) => {
            let tls = matches!(fault.kind(), TransportKind::Certificate | TransportKind::Tls);
            findings.wrong(if tls { "TLS" } else { "request" }, answer.error.as_ref().map(explain).unwrap_or_default(), "")
        }
        Some(error) if answer.meta.status.is_none() => findings.wrong("request", explain(error), ""),
        _ if secure => findings.ok("TLS", "the server's certificate is trusted"),
        _ => findings.ok("TLS", "not used, because the URL is http://"),
    }
}

fn token(answer: &Answer<'_>, findings: &mut Findings) -> Outcome {
    match &answer.error {
        None | Some(Error::Forbidden(_) | Error::FeatureNotEnabled(_)) => findings.ok("token accepted", "yes"),
        Some(error @ (Error::Unauthorized(_) | Error::OauthToken(_))) => findings.wrong("token accepted", explain(error), ""),
        Some(Error::HeaderIncorrect(_) | Error::HeaderMissing(_)) => {
            findings.unknown("token accepted", "the server refused the headers first", "correct them and run it again")
        }
        Some(error) => findings.unknown("token accepted", explain(error), ""),
    }
}

fn customers(connection: &Connection, answer: &Answer<'_>, findings: &mut Findings) -> Outcome {
    let headers = &connection.api.model.api.headers;
    match &answer.error {
        None => findings.ok("customers accepted", "yes"),
        Some(error @ (Error::HeaderIncorrect(reply) | Error::HeaderMissing(reply))) => {
            let named = |name: &str| reply.header.as_deref().is_some_and(|header| header.eq_ignore_ascii_case(name));
            let check = if named(&headers.product_name.name) { "product accepted" } else { "customers accepted" };
            findings.wrong(check, explain(error), "")
        }
        Some(error @ Error::FeatureNotEnabled(_)) => findings.wrong("customers accepted", explain(error), ""),
        Some(_) => findings.unknown("customers accepted", "the server did not answer the query", ""),
    }
}

fn permit(answer: &Answer<'_>, findings: &mut Findings) -> Outcome {
    let check = format!("permit for {}", answer.report.name);
    match &answer.error {
        None => findings.ok(&check, "the server answers"),
        Some(error @ Error::Forbidden(_)) => findings.wrong(&check, explain(error), "ask the vendor for these permits"),
        Some(error) if error.status().is_some_and(|status| (200..300).contains(&status)) => {
            findings.wrong(&check, format!("the answer cannot be read: {}", explain(error)), "")
        }
        Some(error) => findings.unknown(&check, explain(error), ""),
    }
}

fn clock(answer: &Answer<'_>, findings: &mut Findings) -> Outcome {
    let Some(server) = answer.meta.server_time else {
        return findings.unknown("clock", "the server sent no readable header `Date`", "");
    };
    let ahead = answer.now.as_second() - server.as_second();
    if ahead.abs() <= MOST_SKEW {
        return findings.ok("clock", format!("within {MOST_SKEW} s of the server's"));
    }
    let which = if ahead > 0 { "ahead of" } else { "behind" };
    findings.wrong("clock", format!("{} s {which} the server's", ahead.abs()), "set this machine's clock, for example by NTP")
}

fn rate_limit(answer: &Answer<'_>, findings: &mut Findings) -> Outcome {
    match &answer.rate {
        Some(RateLimit { bucket, remaining, cost, .. }) if remaining.is_some() && cost.is_some() => {
            let bucket = bucket.as_deref().map(|name| format!(" of `{name}`")).unwrap_or_default();
            let (remaining, cost) = (remaining.unwrap_or_default(), cost.unwrap_or_default());
            findings.ok("rate limit", format!("{remaining} tokens{bucket} left; the request cost {cost}"))
        }
        _ => findings.unknown("rate limit", "the answer lacks headers of the rate limit, so costs are not reported", ""),
    }
}
