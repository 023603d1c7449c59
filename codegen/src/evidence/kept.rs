//! The exchanges that settled something, as evidence of that one thing. They stay beside the spec as tests: client and simulator must do
//! what the API did.

use std::collections::BTreeMap;

use placewise_model::{EVIDENCE_VERSION, Evidence, Exchange, Model, SeenFact, Settled};
use serde_json::Value;

use super::claims::{Claim, Origin};
use crate::disk::lock::digest;

/// The folder in `lockstep/` that holds them.
pub const KEPT: &str = "exchanges";
/// A larger exchange is not kept.
const MOST_BYTES: usize = 64 << 10;
/// So many exchanges show anything.
const MOST_EXCHANGES: usize = 8;
/// Lists of a reply keep this many items.
const MOST_ITEMS: usize = 2;

/// A file to keep.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Kept {
    /// Its name in the folder.
    pub name: String,
    /// Its text.
    pub text: String,
}

/// The evidence of an assumption that is settled.
pub(super) fn of_assumption(id: &str, claim: &Claim<'_>, settled: Settled, model: &Model) -> Option<Kept> {
    let exchanges = exchanges(claim, model, |evidence| {
        evidence.settled.iter().find(|settled| settled.assumption == id).map(|settled| settled.exchanges.as_slice())
    });
    let indices = (0..exchanges.len()).collect();
    keep(id, claim, Evidence { settled: vec![Settled { exchanges: indices, ..settled }], exchanges, ..Evidence::default() })
}

/// The evidence of a fact that was edited.
pub(super) fn of_fact(id: &str, claim: &Claim<'_>, fact: SeenFact, model: &Model) -> Option<Kept> {
    let exchanges = exchanges(claim, model, |evidence| {
        evidence.facts.iter().find(|fact| fact.fact == id).map(|fact| fact.exchanges.as_slice())
    });
    let indices = (0..exchanges.len()).collect();
    keep(id, claim, Evidence { facts: vec![SeenFact { exchanges: indices, ..fact }], exchanges, ..Evidence::default() })
}

fn keep(id: &str, claim: &Claim<'_>, content: Evidence) -> Option<Kept> {
    let of = &claim.files.first()?.evidence;
    if content.exchanges.is_empty() {
        return None;
    }
    let evidence =
        Evidence { version: EVIDENCE_VERSION, api: of.api.clone(), host: of.host.clone(), made: of.made.clone(), ..content };
    Some(Kept { name: file_name(id), text: evidence.to_json().ok()? })
}

/// A name that is the same on every system. Two ids never have the same.
fn file_name(id: &str) -> String {
    let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || matches!(c, '-' | '_');
    let name: String = id.chars().take(100).map(|c| if plain(c) { c } else { '.' }).collect();
    let exact = id.len() <= 100 && id.chars().all(|c| plain(c) || c == '/');
    if exact { format!("{name}.json") } else { format!("{name}-{:016x}.json", digest(id.as_bytes())) }
}

fn exchanges(claim: &Claim<'_>, model: &Model, named: impl Fn(&Evidence) -> Option<&[usize]>) -> Vec<Exchange> {
    let mut kept: BTreeMap<String, Exchange> = BTreeMap::new();
    let mut order = Vec::new();
    for file in claim.files.iter().filter(|file| file.origin == Origin::Given) {
        for exchange in named(&file.evidence).into_iter().flatten().filter_map(|index| file.evidence.exchanges.get(*index)) {
            let exchange = cut(without_secrets(exchange, model));
            let Ok(text) = serde_json::to_string(&exchange) else { continue };
            if text.len() <= MOST_BYTES && kept.len() < MOST_EXCHANGES && !kept.contains_key(&text) {
                order.push(text.clone());
                kept.insert(text, exchange);
            }
        }
    }
    order.into_iter().filter_map(|text| kept.remove(&text)).collect()
}

/// The exchange with the first items of each list of the reply: they show its layout, and the rest is data of customers.
fn cut(mut exchange: Exchange) -> Exchange {
    fn walk(value: &mut Value, cut: &mut bool) {
        match value {
            Value::Array(items) => {
                *cut |= items.len() > MOST_ITEMS;
                items.truncate(MOST_ITEMS);
                items.iter_mut().for_each(|item| walk(item, cut));
            }
            Value::Object(map) => map.values_mut().for_each(|value| walk(value, cut)),
            _ => {}
        }
    }
    // Lists of a refusal are the values that the server takes.
    if exchange.status < 400 {
        exchange.reply.iter_mut().for_each(|reply| walk(reply, &mut exchange.cut));
    }
    exchange
}

/// The exchange with the headers that the spec names, except tokens. The evidence should have no others, but it comes from outside.
fn without_secrets(exchange: &Exchange, model: &Model) -> Exchange {
    let headers = &model.api.headers;
    let limit = &model.api.rate_limit;
    let secret = [&headers.token.name, &headers.user_token.name];
    let named: Vec<&str> = headers.all().into_iter().map(|(_, header)| header.name.as_str()).collect();
    let is_one = |name: &str, of: &[&str]| of.iter().any(|known| known.eq_ignore_ascii_case(name));
    let mut exchange = exchange.clone();
    exchange.headers.retain(|name, _| is_one(name, &named) && !secret.iter().any(|secret| secret.eq_ignore_ascii_case(name)));
    let replied =
        [&limit.retry_after, &limit.bucket, &limit.remaining, &limit.cost, &headers.content_type.name].map(String::as_str);
    exchange.reply_headers.retain(|name, _| is_one(name, &replied));
    exchange
}
