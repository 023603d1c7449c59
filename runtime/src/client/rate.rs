//! The state of the rate limit, read from response headers.

use std::time::Duration;

use jiff::{fmt::rfc2822, fmt::strtime, tz};
use reqwest::header::HeaderMap;

use crate::{facts::api::RateLimitHeaders, rate_limit::RateLimit, text::excerpt::snippet, text::secrets::Secrets};

/// The state of the rate limit; none without headers.
pub(super) fn read(names: &RateLimitHeaders, headers: &HeaderMap, secrets: &Secrets) -> Option<RateLimit> {
    let bucket = text(headers, names.bucket).map(|bucket| snippet(&secrets.hide(bucket)));
    let number = |name| text(headers, name).and_then(|text| text.parse().ok());
    let rate = RateLimit { bucket, remaining: number(names.remaining), cost: number(names.cost) };
    (rate.bucket.is_some() || rate.remaining.is_some() || rate.cost.is_some()).then_some(rate)
}

/// The minimum wait, rounded up to seconds, or the text of a header that says none.
pub(super) fn retry_after<'a>(
    names: &RateLimitHeaders,
    headers: &'a HeaderMap,
    now: jiff::Timestamp,
) -> Option<Result<Duration, &'a str>> {
    let all = headers.get_all(names.retry_after).iter().filter_map(|value| value.to_str().ok()).map(str::trim);
    // The clocks of two machines differ, so a date counts from the server's own.
    let now = text(headers, "date").and_then(date).unwrap_or(now);
    // A proxy may add another header, or join two; the longest wait meets both.
    let waits = all.map(|text| wait(text, now).ok_or(text));
    waits.reduce(|longest, wait| match (longest, wait) {
        (Ok(longest), Ok(wait)) => Ok(longest.max(wait)),
        (Ok(wait), Err(_)) | (Err(_), Ok(wait)) => Ok(wait),
        (Err(text), Err(_)) => Err(text),
    })
}

fn wait(text: &str, now: jiff::Timestamp) -> Option<Duration> {
    if let Some(date) = date(text) {
        return Some(Duration::from_secs(now.duration_until(date).as_secs_f64().ceil().max(0.0) as u64));
    }
    let waits: Option<Vec<Duration>> = text.split(',').map(|part| seconds(part.trim())).collect();
    waits?.into_iter().max()
}

fn seconds(text: &str) -> Option<Duration> {
    if let Ok(seconds) = text.parse() {
        return Some(Duration::from_secs(seconds));
    }
    let seconds: f64 = text.parse().ok()?;
    Duration::try_from_secs_f64(seconds.ceil()).ok()
}

/// An HTTP date in any of its three forms.
pub(super) fn date(text: &str) -> Option<jiff::Timestamp> {
    if let Ok(date) = rfc2822::DateTimeParser::new().parse_timestamp(text) {
        return Some(date);
    }
    let old = ["%A, %d-%b-%y %H:%M:%S GMT", "%a %b %e %H:%M:%S %Y"];
    let civil = old.iter().find_map(|form| strtime::parse(form, text).ok()?.to_datetime().ok())?;
    tz::Offset::UTC.to_timestamp(civil).ok()
}

/// The trimmed text of a header.
pub(super) fn text<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers.get(name)?.to_str().ok().map(str::trim)
}
