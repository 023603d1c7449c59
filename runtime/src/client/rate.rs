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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::facts::setting::Setting;
    use reqwest::header::HeaderValue;

    const NAMES: RateLimitHeaders = RateLimitHeaders {
        status: 429,
        retry_after: "Retry-After",
        bucket: "bucket",
        remaining: "remaining",
        cost: "cost",
        aggregation_cost: Setting::stated(0),
    };

    #[test]
    fn reads_headers() {
        let mut headers = HeaderMap::new();
        let secrets = Secrets::new(["s3cret"].into_iter());
        assert_eq!(read(&NAMES, &headers, &secrets), None);
        headers.insert("remaining", HeaderValue::from_static("-3"));
        let expected = RateLimit { bucket: None, remaining: Some(-3), cost: None };
        assert_eq!(read(&NAMES, &headers, &secrets), Some(expected));
        headers.insert("bucket", HeaderValue::from_static("of s3cret"));
        assert_eq!(read(&NAMES, &headers, &secrets).unwrap().bucket.as_deref(), Some("of (hidden)"));
    }

    #[test]
    fn waits_at_least_as_long() {
        for (text, seconds) in [
            ("0", Some(0)),
            ("7", Some(7)),
            ("0.2", Some(1)),
            ("-1", None),
            ("Wed, 21 Oct 2015 07:28:00 GMT", None),
            ("NaN", None),
        ] {
            let mut headers = HeaderMap::new();
            headers.insert("retry-after", HeaderValue::from_static(text));
            assert_eq!(retry_after(&NAMES, &headers), seconds.map(Duration::from_secs), "{text}");
        }
    }
}
