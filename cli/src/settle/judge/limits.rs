//! What the headers of the rate limit show, and how several customers are written.

use serde_json::Value;

use crate::settle::finding::Finding;
use crate::settle::view::{Asked, View};

/// Whether every reply has the headers of the rate limit.
pub(crate) fn headers(view: &View<'_>) -> Option<Finding> {
    let assumed = view.model.api.rate_limit.on_every_response.value;
    let answered: Vec<&Asked<'_>> = view.asked.iter().filter(|one| one.is_ok()).collect();
    let seen: Vec<(Value, usize)> = answered.iter().map(|one| (view.cost(one).is_some().into(), one.index)).collect();
    // One reply without the headers may be an exception.
    if seen.len() < 2 {
        return None;
    }
    Finding::measured(&assumed.into(), &seen, "Whether successful replies have the headers of the rate limit")
}

/// How many customers a request is about: one, or several; none if its headers do not tell.
fn several(view: &View<'_>, asked: &Asked<'_>) -> Option<bool> {
    let api = &view.model.api;
    let header = |name: &str| asked.exchange.headers.get(&name.to_ascii_lowercase()).map(String::as_str);
    let Some(value) = header(&api.headers.customer.name) else {
        return header(&api.headers.loyalty_club_slug.name).map(|_| false);
    };
    if value == api.customers.all {
        return Some(true);
    }
    let ids = value.strip_prefix(&api.customers.id_prefix).unwrap_or(value);
    let numbers = ids.split(&api.customers.id_separator).map(str::parse::<i64>).collect::<Result<Vec<_>, _>>().ok()?;
    Some(numbers.len() > 1)
}

/// The bucket of requests about one customer, or about several.
pub(crate) fn bucket(view: &View<'_>, assumed: &Value, of_several: bool) -> Option<Finding> {
    let name = &view.model.api.rate_limit.bucket;
    let asked = view.asked.iter().filter(|one| one.is_ok() && several(view, one) == Some(of_several));
    let seen: Vec<(Value, usize)> = asked.filter_map(|one| Some((view.header(one, name)?.into(), one.index))).collect();
    let what =
        if of_several { "The bucket of a request about several customers" } else { "The bucket of a request about one customer" };
    let found = Finding::measured(assumed, &seen, what)?;
    // A name with a number in it may be that of this customer only.
    match found.value.as_ref().and_then(Value::as_str) {
        Some(text) if text.bytes().filter(u8::is_ascii_digit).count() > 2 => Some(Finding::refuted(
            None,
            "the bucket has a name with a number in it, which may be the customer's.",
            found.exchanges,
        )),
        _ => Some(found),
    }
}

/// Whether several ids have the prefix of one. Both forms must be asked, because a server may read a wrong form in its own way.
pub(crate) fn several_prefixed(view: &View<'_>) -> Option<Finding> {
    let api = &view.model.api;
    let name = api.headers.customer.name.to_ascii_lowercase();
    let grammar = &api.customers;
    let ids = |one: &Asked<'_>, prefixed: bool| {
        let value = one.exchange.headers.get(&name)?;
        let list = if prefixed { value.strip_prefix(&grammar.id_prefix)? } else { value.as_str() };
        let are_ids = list.split(&grammar.id_separator).all(|id| id.parse::<i64>().is_ok());
        (list.contains(&grammar.id_separator) && are_ids).then(|| list.to_owned())
    };
    let (mut yes, mut no, mut both, mut alike) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
    for with in view.all() {
        let Some(list) = ids(with, true) else { continue };
        for without in
            view.all().filter(|one| ids(one, false).as_deref() == Some(&list) && one.exchange.body == with.exchange.body)
        {
            let pair = [with.index, without.index];
            match (with.is_ok(), without.is_ok()) {
                (true, false) => yes.extend(pair),
                (false, true) => no.extend(pair),
                (true, true) if with.exchange.reply == without.exchange.reply => alike.extend(pair),
                (true, true) => both.extend(pair),
                (false, false) => {}
            }
        }
    }
    let assumed = grammar.several_prefixed.value;
    let found = |value: bool, by: &str, exchanges: Vec<usize>| {
        Some(if value == assumed { Finding::holds(by, exchanges) } else { Finding::refuted(Some(value.into()), by, exchanges) })
    };
    if yes.is_empty() && no.is_empty() && both.is_empty() && !alike.is_empty() {
        return Some(Finding::holds("the server takes several ids with and without the prefix, and answers alike.", alike));
    }
    match (yes.is_empty(), no.is_empty(), both.is_empty()) {
        (false, true, true) => found(true, "the server takes several ids with the prefix and refuses them without it.", yes),
        (true, false, true) => found(false, "the server takes several ids without the prefix and refuses them with it.", no),
        (true, true, false) => {
            Some(Finding::cannot_tell("the server takes several ids with and without the prefix, and answers differently.", both))
        }
        (true, true, true) => None,
        _ => Some(Finding::cannot_tell("the server takes one form of several ids in one request and another in the next.", yes)),
    }
}

/// A level of a bucket.
struct Level {
    index: usize,
    /// Tokens before the request and after it.
    before: i64,
    after: i64,
    /// Milliseconds: sent, and answered.
    sent: u64,
    answered: u64,
}

/// The levels of each bucket, in the order of the requests.
fn levels(view: &View<'_>) -> Vec<Vec<Level>> {
    let limit = &view.model.api.rate_limit;
    let customer = view.model.api.headers.customer.name.to_ascii_lowercase();
    let mut buckets: Vec<(String, Vec<Level>)> = Vec::new();
    for one in view.asked.iter().filter(|one| one.is_ok()) {
        let Some(after) = view.header(one, &limit.remaining).and_then(|text| text.trim().parse::<i64>().ok()) else { continue };
        let (Some(cost), Some(at)) = (view.cost(one), one.exchange.at) else { continue };
        // Buckets of different customers may have one name.
        let owner =
            if several(view, one) == Some(true) { "" } else { one.exchange.headers.get(&customer).map_or("", String::as_str) };
        let name = format!("{} {owner}", view.header(one, &limit.bucket).unwrap_or_default());
        let level = Level {
            index: one.index,
            before: after.saturating_add(cost),
            after,
            sent: at,
            answered: at + one.exchange.took.unwrap_or(0),
        };
        match buckets.iter_mut().find(|(known, _)| *known == name) {
            Some((_, levels)) => levels.push(level),
            None => buckets.push((name, vec![level])),
        }
    }
    buckets.into_iter().map(|(_, levels)| levels).collect()
}

/// The tokens of a full bucket: the level that it returns to and never passes.
///
/// A level that is reached twice by chance would have to be met by refills of different lengths, so three are required, with tokens spent
/// and different times in between.
pub(crate) fn capacity(view: &View<'_>, assumed: &Value) -> Option<Finding> {
    let mut seen = Vec::new();
    for levels in levels(view) {
        let Some(top) = levels.iter().map(|level| level.before).max() else { continue };
        if let Some(assumed) = assumed.as_i64()
            && top > assumed
            && levels.iter().filter(|level| level.before == top).count() < 3
        {
            let index = levels.iter().find(|level| level.before == top).map(|level| level.index);
            return Some(Finding::refuted(None, format!("the bucket held {top} tokens or more."), index));
        }
        let full: Vec<&Level> = levels.iter().filter(|level| level.before == top).collect();
        let gaps: Vec<u64> = full.windows(2).map(|pair| pair[1].sent.saturating_sub(pair[0].answered) / 1000).collect();
        let varied = gaps.iter().any(|gap| Some(gap) != gaps.first());
        let spent = full.windows(2).all(|pair| pair[0].after < pair[0].before);
        if full.len() >= 3 && varied && spent && gaps.iter().any(|gap| *gap >= 1) {
            seen.extend(full.iter().map(|level| (Value::from(top), level.index)));
        }
    }
    Finding::measured(assumed, &seen, "The level that the bucket returns to and never passes")
}

/// The tokens that are added every second: what a bucket gains between two requests within one second is nothing or that.
pub(crate) fn refill(view: &View<'_>, assumed: &Value) -> Option<Finding> {
    let mut seen = Vec::new();
    for levels in levels(view) {
        let top = levels.iter().map(|level| level.before).max()?;
        for pair in levels.windows(2) {
            let gain = pair[1].before - pair[0].after;
            if pair[1].answered.saturating_sub(pair[0].sent) >= 950 {
                continue;
            }
            if gain < 0 {
                return Some(Finding::cannot_tell("others take tokens from the same bucket.", [pair[0].index, pair[1].index]));
            }
            // A bucket that is full again gained less than it would have.
            if gain > 0 && pair[1].before < top {
                seen.push((Value::from(gain), pair[1].index));
            }
        }
    }
    // Others may have taken a part of one gain, but hardly the same part of three.
    if seen.len() < 3 {
        return None;
    }
    Finding::measured(assumed, &seen, "What the bucket gains within a second")
}
