//! The state of the rate limit, read from response headers.

use std::time::Duration;

use reqwest::header::HeaderMap;

use crate::{facts::api::RateLimitHeaders, rate_limit::RateLimit, text::secrets::Secrets};

/// The state of the rate limit; none without headers.
pub(super) fn read(names: &RateLimitHeaders, headers: &HeaderMap, secrets: &Secrets) -> Option<RateLimit> {
    let bucket = text(headers, names.bucket).map(|bucket| secrets.hide(bucket).into_owned());
    let number = |name| text(headers, name).and_then(|text| text.parse().ok());
    let rate = RateLimit { bucket, remaining: number(names.remaining), cost: number(names.cost) };
    (rate.bucket.is_some() || rate.remaining.is_some() || rate.cost.is_some()).then_some(rate)
}

/// The minimum wait, rounded up to seconds. A date is ignored.
pub(super) fn retry_after(names: &RateLimitHeaders, headers: &HeaderMap) -> Option<Duration> {
    let text = text(headers, names.retry_after)?;
    if let Ok(seconds) = text.parse() {
        return Some(Duration::from_secs(seconds));
    }
    let seconds: f64 = text.parse().ok()?;
    Duration::try_from_secs_f64(seconds.ceil()).ok()
}

/// The trimmed text of a header.
pub(super) fn text<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers.get(name)?.to_str().ok().map(str::trim)
}
