//! Evidence without secrets: what is kept is chosen, and what is kept is searched for secrets all the same.
//!
//! Customers get numbers and cursors get names, the same throughout the file, because both must still match.

use std::collections::{BTreeMap, BTreeSet};

use aho_corasick::AhoCorasick;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use placewise_model::{Exchange, Filterability, Model, is_printable};
use serde_json::{Map, Value};

/// Lists of a reply keep this many entries.
const MOST_ITEMS: usize = 12;
/// Larger bodies are left out after that.
const MOST_BODY: usize = 60_000;
/// Deeper bodies are left out: a reader of JSON has a limit, and the file adds levels of its own.
const MOST_DEPTH: usize = 64;
/// The longest text that is kept.
const LONGEST: usize = 300;
/// Secrets shorter than this are hidden only where they are the whole text.
const SHORT: usize = 8;
/// What a secret is replaced by.
pub(crate) const HIDDEN: &str = "(hidden)";

/// Parts of names that mean that the value is secret or personal.
const SECRET_NAMES: [&str; 20] = [
    "token",
    "secret",
    "password",
    "passwd",
    "authorization",
    "cookie",
    "session",
    "credential",
    "api_key",
    "apikey",
    "api-key",
    "jwt",
    "bearer",
    "signature",
    "csrf",
    "private_key",
    "email",
    "phone",
    "msisdn",
    "ssn",
];

/// Removes secrets from exchanges.
pub(crate) struct Redactor<'m> {
    model: &'m Model,
    /// Secret texts that are known, in every form in which they may stand in lower case.
    /// None if they are too many to search for; then every text counts as secret.
    inside: Option<AhoCorasick>,
    /// Secrets that are too short to be searched for in other texts.
    whole: BTreeSet<String>,
    customers: BTreeMap<String, i64>,
    cursors: BTreeMap<String, String>,
    /// The fields that hold a customer.
    customer_fields: Vec<String>,
    /// Lists keep this many entries.
    most_items: usize,
}

impl<'m> Redactor<'m> {
    pub(crate) fn new(model: &'m Model, secrets: impl IntoIterator<Item = String>) -> Self {
        let (mut inside, mut whole) = (BTreeSet::new(), BTreeSet::new());
        for secret in secrets {
            // `Bearer x`, `a=x; b=y` and `user:x` hold secrets of their own.
            let parts = secret.split([' ', ';', '=', ',', ':', '"']).filter(|part| part.len() >= SHORT).chain([secret.as_str()]);
            for part in parts.map(str::trim).filter(|part| part.len() >= 4) {
                if part.len() < SHORT {
                    whole.insert(part.to_lowercase());
                } else {
                    inside.insert(squeezed(part));
                    inside.extend(
                        base64_of(part).into_iter().filter(|encoded| encoded.len() >= SHORT).map(|encoded| squeezed(&encoded)),
                    );
                }
            }
        }
        inside.retain(|secret| secret.len() >= SHORT && secret != "application/json");
        let inside = AhoCorasick::new(&inside).ok();
        let header = &model.api.headers.customer.name;
        let is_customer =
            |filterable: &Filterability| matches!(filterable, Filterability::Header(name) if name.eq_ignore_ascii_case(header));
        let mut customer_fields: Vec<String> = model
            .reports
            .iter()
            .flat_map(|report| &report.fields)
            .filter(|field| is_customer(&field.filterable))
            .map(|field| field.name.clone())
            .collect();
        customer_fields.sort();
        customer_fields.dedup();
        Self {
            model,
            inside,
            whole,
            customers: BTreeMap::new(),
            cursors: BTreeMap::new(),
            customer_fields,
            most_items: MOST_ITEMS,
        }
    }

    /// Numbers the customers that a request names, before texts are searched for their ids.
    pub(crate) fn learn(&mut self, exchange: &Exchange) {
        if let Some(value) = exchange.headers.get(&self.model.api.headers.customer.name.to_ascii_lowercase()) {
            self.customers_in(value);
        }
    }

    /// The exchange as evidence keeps it.
    pub(crate) fn exchange(&mut self, exchange: &Exchange) -> Exchange {
        let headers = &self.model.api.headers;
        let (customer, slug) = (headers.customer.name.to_ascii_lowercase(), headers.loyalty_club_slug.name.to_ascii_lowercase());
        let mut kept = Exchange { headers: Default::default(), reply_headers: Default::default(), ..exchange.clone() };
        for (name, value) in &exchange.headers {
            let value = if *name == customer {
                self.customers_in(value)
            } else if *name == slug {
                "a-club".to_owned()
            } else {
                self.text(value)
            };
            kept.headers.insert(name.clone(), value);
        }
        for (name, value) in &exchange.reply_headers {
            let value = self.without_customers(&self.text(value));
            kept.reply_headers.insert(name.clone(), value);
        }
        kept.path = self.path(&exchange.path);
        // A shorter request would be another one.
        self.most_items = usize::MAX;
        kept.body = exchange.body.clone().map(|body| self.json(body, "", &mut kept.cut));
        self.most_items = MOST_ITEMS;
        kept.reply = exchange.reply.clone().map(|reply| self.json(reply, "", &mut kept.cut));
        for body in [&mut kept.body, &mut kept.reply] {
            if body.as_ref().is_some_and(|body| depth(body) > MOST_DEPTH || body.to_string().len() > MOST_BODY) {
                (*body, kept.cut) = (None, true);
            }
        }
        kept
    }

    /// The text with numbers for the ids of customers.
    fn without_customers(&self, text: &str) -> String {
        let mut out = String::new();
        let mut rest = text;
        while let Some(start) = rest.find(|c: char| c.is_ascii_digit()) {
            let (before, from) = rest.split_at(start);
            let (digits, after) = from.split_at(from.find(|c: char| !c.is_ascii_digit()).unwrap_or(from.len()));
            out.push_str(before);
            out.push_str(&self.customers.get(digits).map_or_else(|| digits.to_owned(), i64::to_string));
            rest = after;
        }
        out + rest
    }

    /// Whether a number is surely the id of a customer: it is too long to be a year or a count.
    fn known_customer(&self, digits: &str) -> Option<i64> {
        self.customers.get(digits).copied().filter(|_| digits.len() >= 5)
    }

    /// The ids of a customer header, numbered.
    fn customers_in(&mut self, value: &str) -> String {
        let grammar = self.model.api.customers.clone();
        if value == grammar.all {
            return value.to_owned();
        }
        let (prefix, ids) = value.strip_prefix(&grammar.id_prefix).map_or(("", value), |ids| (grammar.id_prefix.as_str(), ids));
        let are_ids = ids.split(&grammar.id_separator).all(|id| !id.is_empty() && id.bytes().all(|byte| byte.is_ascii_digit()));
        if !are_ids {
            return HIDDEN.to_owned();
        }
        let ids: Vec<String> = ids.split(&grammar.id_separator).map(|id| self.customer(id).to_string()).collect();
        format!("{prefix}{}", ids.join(&grammar.id_separator))
    }

    fn customer(&mut self, id: &str) -> i64 {
        let next = i64::try_from(self.customers.len()).unwrap_or(i64::MAX - 1) + 1;
        *self.customers.entry(id.to_owned()).or_insert(next)
    }

    fn cursor(&mut self, text: &str) -> String {
        let next = format!("cursor-{}", self.cursors.len() + 1);
        self.cursors.entry(text.to_owned()).or_insert(next).clone()
    }

    /// Text without secrets, on one line and of moderate length.
    pub(crate) fn text(&self, text: &str) -> String {
        if self.is_secret(text) {
            return HIDDEN.to_owned();
        }
        let cut: String = text.chars().take(LONGEST).map(|c| if is_printable(c) { c } else { '\u{fffd}' }).collect();
        cut
    }

    /// A path whose segments are words; any other segment is hidden.
    fn path(&self, path: &str) -> String {
        let known = self.model.endpoints.iter().any(|endpoint| endpoint.path.value.as_deref() == Some(path));
        if known && !self.is_secret(path) {
            return path.to_owned();
        }
        let segment = |segment: &str| {
            let plain = segment.len() <= 40 && segment.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.'));
            if plain && !self.is_secret(segment) && segment.bytes().filter(u8::is_ascii_digit).count() < 4 {
                segment.to_owned()
            } else {
                "hidden".to_owned()
            }
        };
        path.split('/').map(segment).collect::<Vec<_>>().join("/")
    }

    fn json(&mut self, value: Value, key: &str, cut: &mut bool) -> Value {
        if self.customer_fields.iter().any(|field| field == key) {
            return match &value {
                Value::Number(id) => self.customer(&id.to_string()).into(),
                Value::String(id) => self.customer(id).to_string().into(),
                _ => Value::Null,
            };
        }
        if let Value::String(text) = &value
            && self.is_cursor(key)
            && !text.is_empty()
        {
            return self.cursor(text).into();
        }
        // A name such as `token` hides scalars and whatever is inside.
        if is_secret_name(key) && !value.is_null() && !matches!(value, Value::Bool(_)) && !self.is_of_model(key) {
            return HIDDEN.into();
        }
        match value {
            Value::String(text) => match self.cursors.get(&text) {
                Some(named) => named.clone().into(),
                None => self.known_customer(&text).map_or_else(|| self.text(&text), |number| number.to_string()).into(),
            },
            Value::Number(number) if self.known_customer(&number.to_string()).is_some() => {
                self.known_customer(&number.to_string()).into()
            }
            Value::Number(number) if self.is_secret(&number.to_string()) => HIDDEN.into(),
            Value::Array(mut items) => {
                if items.len() > self.most_items {
                    *cut = true;
                    items.truncate(self.most_items);
                }
                items.into_iter().map(|item| self.json(item, "", cut)).collect()
            }
            Value::Object(map) => Value::Object(self.map(map, cut)),
            other => other,
        }
    }

    fn map(&mut self, map: Map<String, Value>, cut: &mut bool) -> Map<String, Value> {
        let mut kept = Map::new();
        for (key, value) in map {
            let value = self.json(value, &key, cut);
            kept.insert(self.text(&key), value);
        }
        kept
    }

    /// Whether a key of the model has that name: `unsubscribe_token_count` of a report is no secret.
    fn is_of_model(&self, key: &str) -> bool {
        self.model.reports.iter().any(|report| report.field(key).is_some())
    }

    fn is_cursor(&self, key: &str) -> bool {
        let records = &self.model.records;
        key == records.response.next || key == records.request.cursor.value
    }

    /// Whether a text holds a known secret in any case or encoding, or looks like one.
    fn is_secret(&self, text: &str) -> bool {
        if text.len() > 20_000 {
            return true;
        }
        let forms = [text.to_owned(), percent_decoded(text)];
        let known = |form: &String| {
            self.inside.as_ref().is_none_or(|inside| inside.is_match(&squeezed(form)))
                || self.whole.contains(&form.trim().to_lowercase())
        };
        forms.iter().any(|form| known(form) || looks_secret(form))
    }
}

/// The levels of a value.
fn depth(value: &Value) -> usize {
    match value {
        Value::Array(items) => 1 + items.iter().map(depth).max().unwrap_or(0),
        Value::Object(map) => 1 + map.values().map(depth).max().unwrap_or(0),
        _ => 0,
    }
}

/// Lower case without white space, so that a secret that was broken into lines is found.
fn squeezed(text: &str) -> String {
    text.chars().filter(|c| !c.is_whitespace()).flat_map(char::to_lowercase).collect()
}

/// Whether a name says that its value is secret or personal.
pub(crate) fn is_secret_name(name: &str) -> bool {
    let lower = name.to_ascii_lowercase();
    SECRET_NAMES.iter().any(|secret| lower.contains(secret))
}

/// Whether a text looks like a token: a JWT, a scheme with credentials, or a long run of letters and digits without words.
pub(crate) fn looks_secret(text: &str) -> bool {
    let lower = text.to_lowercase();
    if lower.contains("bearer ")
        || lower.contains("basic ") && text.len() < 400 && text.contains('=')
        || text.contains("eyJ")
        || text.contains("-----BEGIN")
    {
        return true;
    }
    // An address with a user, and an address of mail.
    if text.contains("://")
        && text.split("://").nth(1).is_some_and(|rest| rest.split('/').next().is_some_and(|host| host.contains('@')))
    {
        return true;
    }
    if text.contains('@')
        && text
            .split_whitespace()
            .any(|word| word.split('@').count() == 2 && word.rsplit('@').next().is_some_and(|host| host.contains('.')))
    {
        return true;
    }
    let is_part = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '+' | '=' | '/');
    text.split(|c: char| !is_part(c)).any(|run| {
        let digits = run.bytes().filter(u8::is_ascii_digit).count();
        let letters = run.bytes().filter(u8::is_ascii_alphabetic).count();
        let mixed = run.bytes().any(|b| b.is_ascii_uppercase()) && run.bytes().any(|b| b.is_ascii_lowercase());
        // `2024-04-30` and `campaign_2024_spring` are none; 24 characters of both kinds without separators are.
        run.split(['_', '-', '/']).any(|word| {
            word.len() >= 20
                && word.bytes().filter(u8::is_ascii_digit).count() >= 3
                && word.bytes().any(|b| b.is_ascii_alphabetic())
        }) || run.len() >= 32 && digits >= 6 && letters >= 6 && mixed
    })
}

/// The text behind percent-encoding; empty if it has none.
pub(crate) fn percent_decoded(text: &str) -> String {
    if !text.contains('%') {
        return String::new();
    }
    let bytes = text.as_bytes();
    let (mut out, mut at) = (Vec::with_capacity(bytes.len()), 0);
    while let Some(byte) = bytes.get(at) {
        let pair = text.get(at + 1..at + 3).filter(|_| *byte == b'%');
        match pair.and_then(|pair| u8::from_str_radix(pair, 16).ok()) {
            Some(decoded) => {
                out.push(decoded);
                at += 3;
            }
            None => {
                out.push(*byte);
                at += 1;
            }
        }
    }
    String::from_utf8_lossy(&out).into_owned()
}

/// The three ways in which a text can stand inside of base64, without their ends.
fn base64_of(text: &str) -> Vec<String> {
    (0..3)
        .map(|shift| {
            let mut bytes = vec![b'x'; shift];
            bytes.extend_from_slice(text.as_bytes());
            let encoded = STANDARD.encode(&bytes);
            let start = [0, 2, 3][shift];
            let end = encoded.len() - encoded.len().min(4);
            encoded.get(start..end.max(start)).unwrap_or_default().to_owned()
        })
        .filter(|encoded| !encoded.is_empty())
        .collect()
}
