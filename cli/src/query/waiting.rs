//! How long the rate limit makes a query wait: by what earlier runs learned, else by what is documented, else by named assumptions.
//!
//! It is the wait for tokens alone. How fast the server answers is not known.

use placewise_model::Model;
use placewise_reporting::{BucketState, Json};
use serde_json::json;

use crate::limiter;

/// Tokens of a query: what is sure, what it takes if the assumptions hold, and the most. None is not known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Tokens {
    pub at_least: Option<u64>,
    pub expected: Option<u64>,
    pub at_most: Option<u64>,
}

impl Tokens {
    pub(super) fn json(self) -> Json {
        json!({ "at_least": self.at_least, "expected": self.expected, "at_most": self.at_most })
    }

    fn map(self, change: impl Fn(u64) -> u64) -> Self {
        let Self { at_least, expected, at_most } = self;
        Self { at_least: at_least.map(&change), expected: expected.map(&change), at_most: at_most.map(&change) }
    }
}

/// A bucket to reckon with.
struct Bucket {
    level: f64,
    refill: f64,
    closed: f64,
}

impl Bucket {
    /// Whole seconds until so many tokens were in it.
    fn seconds(&self, tokens: u64) -> u64 {
        let missing = (tokens as f64 - self.level).max(0.0);
        // A refill of nothing never supplies them; a cast of infinity is the largest number.
        (self.closed + missing / self.refill).ceil() as u64
    }
}

/// The text of the wait, and its JSON.
pub(super) fn of(model: &Model, learned: Option<&BucketState>, tokens: Tokens) -> (String, Json) {
    let limit = &model.api.rate_limit;
    let named = [("capacity", &limit.capacity), ("refill", &limit.refill)];
    let assumed: Vec<(&str, u32)> =
        named.iter().filter_map(|(_, setting)| Some((setting.assumption.as_deref()?, setting.value))).collect();
    let (capacity, refill) = (f64::from(limit.capacity.value), f64::from(limit.refill.value));
    let documented = assumed.is_empty().then_some(refill);
    let state = learned.map(|bucket| {
        json!({
            "tokens_left": bucket.remaining.map(f64::round), "tokens_per_second": bucket.refill, "most_seen": bucket.capacity,
            "closed_seconds": bucket.closed.map(|closed| closed.as_secs() + 1), "seconds_ago": bucket.idle.as_secs(),
        })
    });
    let document = |by: Option<&str>, seconds: Tokens| {
        let ids: Vec<&str> = assumed.iter().map(|(id, _)| *id).filter(|_| by == Some("assumed")).collect();
        let Tokens { at_least, expected, at_most } = seconds;
        json!({ "at_least": at_least, "expected": expected, "at_most": at_most, "by": by, "assumptions": ids, "learned": state })
    };
    let nothing = Tokens { at_least: None, expected: None, at_most: None };
    if let Some(bucket) = learned {
        let known = limiter::known(bucket);
        let closed = bucket.closed.map_or(0.0, |closed| closed.as_secs_f64());
        if let (Some(level), Some(refill)) = (bucket.remaining, bucket.refill.or(documented)) {
            let seconds = tokens.map(|tokens| Bucket { level, refill, closed }.seconds(tokens));
            let text = match seconds.expected.or(seconds.at_least) {
                None => format!("not known, because the tokens are not; the bucket: {known}"),
                Some(_) => format!("{}, by what this program learned: {known}", span(seconds)),
            };
            return (text, document(Some("learned"), seconds));
        }
        if documented.is_none() {
            return (format!("not known: {known}; how fast tokens come back is not measured yet"), document(None, nothing));
        }
    }
    let seconds = tokens.map(|tokens| Bucket { level: capacity, refill, closed: 0.0 }.seconds(tokens));
    if documented.is_some() {
        return (format!("{}, from a full bucket", span(seconds)), document(Some("documented"), seconds));
    }
    let ids: Vec<String> = assumed.iter().map(|(id, value)| format!("`{id}` = {value}")).collect();
    let then = match seconds.expected {
        Some(_) => format!("; from a full bucket it is {} if that holds", span(seconds)),
        None => String::new(),
    };
    let known = format!(
        "not known: the rate limit is only assumed ({}), and no run in the last hour learned it{then}",
        ids.join(" and ")
    );
    // Nothing that rests on an assumption is a bound.
    (known, document(seconds.expected.map(|_| "assumed"), Tokens { expected: seconds.expected, ..nothing }))
}

/// The wait in words.
fn span(seconds: Tokens) -> String {
    let least = seconds.expected.or(seconds.at_least);
    match (least, seconds.at_most) {
        (None, _) => "not known".into(),
        (Some(0), Some(0)) => "no wait".into(),
        (Some(least), Some(most)) if least == most => format!("about {most} s of waiting"),
        (Some(least), Some(most)) => format!("about {least} to {most} s of waiting"),
        (Some(0), None) => "no wait or more".into(),
        (Some(least), None) => format!("about {least} s of waiting or more"),
    }
}

#[cfg(test)]
mod tests {
    use placewise_model::Setting;

    use super::*;

    fn plan(assumed: bool, tokens: [Option<u64>; 3]) -> (String, Json) {
        let mut model: Model = serde_json::from_str(placewise_reporting::MODEL).expect("a model");
        let setting = |value, id: &str| Setting { value, assumption: assumed.then(|| id.to_owned()) };
        (model.api.rate_limit.capacity, model.api.rate_limit.refill) = (setting(100, "size"), setting(10, "speed"));
        let [at_least, expected, at_most] = tokens;
        of(&model, None, Tokens { at_least, expected, at_most })
    }

    #[test]
    fn a_documented_bucket_gives_a_figure_or_a_range() {
        for (tokens, said) in [
            ([Some(100), Some(100), Some(100)], "no wait, from"),
            ([Some(101), Some(101), Some(101)], "about 1 s of waiting, from"),
            ([Some(20), Some(20), Some(250)], "about 0 to 15 s of waiting, from"),
            ([Some(250), Some(250), None], "about 15 s of waiting or more, from"),
            ([None, None, None], "not known, from"),
        ] {
            let (text, json) = plan(false, tokens);
            assert!(text.starts_with(said), "{text}");
            assert_eq!((&json["by"], json["at_most"].is_null()), (&"documented".into(), tokens[2].is_none()));
        }
    }

    #[test]
    fn what_is_assumed_is_named_and_bounds_nothing() {
        let (text, json) = plan(true, [Some(130), Some(130), Some(130)]);
        assert!(text.starts_with("not known") && text.contains("`size` = 100 and `speed` = 10"), "{text}");
        assert!(text.ends_with("it is about 3 s of waiting if that holds"), "{text}");
        let expected = json!({ "at_least": null, "expected": 3, "at_most": null, "by": "assumed", "assumptions": ["size", "speed"],
            "learned": null });
        assert_eq!(json, expected);
        let (text, json) = plan(true, [None, None, None]);
        assert!(!text.contains("full bucket") && json["expected"].is_null() && json["by"].is_null(), "{text}: {json}");
    }
}
