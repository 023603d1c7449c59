//! Reads a HAR recording, entry by entry: what is not about the API is dropped at once, so a file of any size fits into memory.
//!
//! A HAR keeps tokens in many places. Only method, path, JSON bodies and a few headers of the API's own exchanges are taken from it. Every
//! value that is surely secret, of any host, is remembered so that it can be found and hidden in what is taken.

use std::collections::BTreeSet;
use std::fmt;
use std::fs::File;
use std::io::{BufRead, BufReader};
use std::path::Path;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use jiff::Timestamp;
use placewise_model::exit::Failure;
use placewise_model::{Exchange, Model};
use placewise_reporting::reqwest::Url;
use serde::Deserialize;
use serde::de::{DeserializeSeed, Deserializer, Error, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Value};

use super::live::kept_headers;
use super::redact::{is_secret_name, percent_decoded};
use crate::terminal::printable;

/// The largest body that is read.
const MOST_BODY: usize = 8 << 20;
/// Bodies up to this size are searched for secrets, those of other hosts too.
const MOST_SEARCHED: usize = 1 << 16;
/// The longest path.
const MOST_PATH: usize = 500;
/// The most exchanges that are taken.
const MOST_EXCHANGES: usize = 1000;
/// The most secrets that are remembered.
const MOST_SECRETS: usize = 20_000;

/// What a recording holds of the API.
#[derive(Default)]
pub(crate) struct Recording {
    pub exchanges: Vec<Exchange>,
    /// When the first of them was sent.
    pub start: Option<Timestamp>,
    /// The first host of the API that was asked.
    pub host: Option<String>,
    pub entries: u64,
    /// Entries of other hosts, and of other paths of the API's hosts.
    pub other_hosts: u64,
    pub other_paths: u64,
    /// Exchanges beyond the most that are taken.
    pub beyond: u64,
    pub secrets: BTreeSet<String>,
}

/// What is taken from a recording.
pub(crate) struct Wanted<'m> {
    pub model: &'m Model,
    /// The hosts of the API, with port if it is not the scheme's own, and the path before that of endpoints.
    pub bases: Vec<(String, String)>,
}

impl<'m> Wanted<'m> {
    /// Of the hosts of the model, and of a URL.
    pub(crate) fn new(model: &'m Model, url: Option<&str>) -> Self {
        let urls = model.api.hosts.values().map(|host| host.url.as_str()).chain(url);
        let base = |url: &str| {
            let url = Url::parse(url).ok()?;
            Some((host_of(&url)?, url.path().trim_end_matches('/').to_owned()))
        };
        Self { model, bases: urls.filter_map(base).collect() }
    }
}

fn host_of(url: &Url) -> Option<String> {
    let host = url.host_str()?;
    Some(url.port().map_or_else(|| host.to_owned(), |port| format!("{host}:{port}")))
}

/// Reads a file.
pub(crate) fn read(path: &Path, wanted: &Wanted<'_>) -> Result<Recording, Failure> {
    let shown = printable(&path.display().to_string());
    let file = File::open(path).map_err(|error| Failure::CannotRun(format!("cannot read `{shown}`: {error}")))?;
    read_from(BufReader::with_capacity(1 << 20, file), wanted).map_err(|problem| {
        Failure::CannotRun(format!("`{shown}` cannot be read as a HAR recording: {problem}. Nothing was written"))
    })
}

fn read_from(mut reader: impl BufRead, wanted: &Wanted<'_>) -> Result<Recording, String> {
    let mut recording = Recording::default();
    // Some browsers write a byte order mark.
    if reader.fill_buf().is_ok_and(|start| start.starts_with(&[0xef, 0xbb, 0xbf])) {
        reader.consume(3);
    }
    let mut json = serde_json::Deserializer::from_reader(reader);
    let read = Seed(&mut recording, wanted, Level::Top).deserialize(&mut json).and_then(|found| json.end().map(|()| found));
    let entries = recording.entries;
    match read {
        Ok(true) => Ok(recording),
        Ok(false) => Err("it has no `log.entries`".into()),
        // Messages of the parser quote values, which may be secret.
        Err(error) if error.is_eof() => Err(format!("it ends in the middle, after {entries} whole entries")),
        Err(error) if error.is_io() => Err(format!("reading stopped after {entries} entries")),
        Err(error) => {
            let what = if error.is_syntax() { "it is no JSON" } else { "it is not laid out as HAR is" };
            Err(format!("{what} at line {}, column {}, after {entries} whole entries", error.line(), error.column()))
        }
    }
}

/// Where in the file the reader is.
#[derive(Clone, Copy)]
enum Level {
    Top,
    Log,
    Entries,
}

/// Reads one level; says whether there were entries.
struct Seed<'r, 'w, 'm>(&'r mut Recording, &'w Wanted<'m>, Level);

impl<'de> DeserializeSeed<'de> for Seed<'_, '_, '_> {
    type Value = bool;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<bool, D::Error> {
        match self.2 {
            Level::Entries => deserializer.deserialize_seq(self),
            Level::Top | Level::Log => deserializer.deserialize_map(self),
        }
    }
}

impl<'de> Visitor<'de> for Seed<'_, '_, '_> {
    type Value = bool;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a HAR recording")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<bool, A::Error> {
        let mut found = false;
        while let Some(key) = map.next_key::<String>()? {
            let next = match (self.2, key.as_str()) {
                (Level::Top, "log") => Some(Level::Log),
                (Level::Log, "entries") => Some(Level::Entries),
                _ => None,
            };
            match next {
                Some(level) if !found => found = map.next_value_seed(Seed(self.0, self.1, level))?,
                Some(_) => return Err(A::Error::custom("a key is there twice")),
                None => drop(map.next_value::<IgnoredAny>()?),
            }
        }
        Ok(found)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut entries: A) -> Result<bool, A::Error> {
        while let Some(entry) = entries.next_element::<Entry>()? {
            self.0.entries += 1;
            self.0.add(self.1, entry);
        }
        Ok(true)
    }
}

#[derive(Deserialize)]
struct Entry {
    request: Request,
    response: Response,
    #[serde(default, rename = "startedDateTime")]
    started: Option<String>,
    #[serde(default)]
    time: Option<f64>,
}

#[derive(Deserialize)]
struct Request {
    method: String,
    url: String,
    #[serde(default)]
    headers: Option<Vec<Pair>>,
    #[serde(default)]
    cookies: Option<Vec<Pair>>,
    #[serde(default, rename = "queryString")]
    query: Option<Vec<Pair>>,
    #[serde(default, rename = "postData")]
    post: Option<Body>,
}

#[derive(Deserialize)]
struct Response {
    status: f64,
    #[serde(default)]
    headers: Option<Vec<Pair>>,
    #[serde(default)]
    cookies: Option<Vec<Pair>>,
    #[serde(default)]
    content: Option<Body>,
    #[serde(default, rename = "redirectURL")]
    redirect: Option<String>,
}

#[derive(Deserialize)]
struct Pair {
    #[serde(default)]
    name: String,
    #[serde(default)]
    value: Option<String>,
}

#[derive(Deserialize)]
struct Body {
    #[serde(default)]
    text: Option<String>,
    #[serde(default)]
    encoding: Option<String>,
    #[serde(default)]
    params: Option<Vec<Pair>>,
}

impl Body {
    /// The body as JSON, if it is not too large.
    fn json(&self) -> Option<Value> {
        let text = self.text.as_deref().filter(|text| text.len() <= MOST_BODY)?;
        match self.encoding.as_deref() {
            Some(encoding) if encoding.eq_ignore_ascii_case("base64") => {
                let packed: String = text.chars().filter(|c| !c.is_whitespace()).collect();
                serde_json::from_slice(&STANDARD.decode(packed).ok()?).ok()
            }
            _ => serde_json::from_str(text).ok(),
        }
    }
}

impl Recording {
    fn add(&mut self, wanted: &Wanted<'_>, entry: Entry) {
        self.remember_secrets(wanted.model, &entry);
        let Ok(url) = Url::parse(&entry.request.url) else {
            self.other_hosts += 1;
            return;
        };
        let host = host_of(&url);
        let bases: Vec<&(String, String)> = wanted.bases.iter().filter(|(base, _)| Some(base) == host.as_ref()).collect();
        if bases.is_empty() {
            self.other_hosts += 1;
            return;
        }
        let paths = bases.iter().filter_map(|(_, prefix)| url.path().strip_prefix(prefix.as_str()));
        let path = paths.into_iter().find(|path| path.starts_with('/') && path.len() <= MOST_PATH);
        let Some(exchange) = path.and_then(|path| self.exchange(wanted.model, &entry, path)) else {
            self.other_paths += 1;
            return;
        };
        if self.exchanges.len() >= MOST_EXCHANGES {
            self.beyond += 1;
            return;
        }
        self.host = self.host.take().or(host);
        self.exchanges.push(exchange);
    }

    /// The exchange, if it is one with an endpoint of the model, or names a report.
    fn exchange(&mut self, model: &Model, entry: &Entry, path: &str) -> Option<Exchange> {
        let Entry { request, response, .. } = entry;
        let method = request.method.to_ascii_uppercase();
        let body = match &request.post {
            Some(body) if method != "GET" => body.json(),
            _ => Some(Value::Object(parameters(request.query.as_deref().unwrap_or_default()))),
        };
        let known = model.endpoints.iter().any(|endpoint| endpoint.path.value.as_deref() == Some(path));
        let names_report = body
            .as_ref()
            .and_then(Value::as_object)
            .is_some_and(|body| body.values().filter_map(Value::as_str).any(|name| model.report(name).is_some()));
        let is_method = !method.is_empty() && method.len() <= 10 && method.bytes().all(|byte| byte.is_ascii_uppercase());
        if !((known || names_report) && is_method && (100.0..1000.0).contains(&response.status)) {
            return None;
        }
        let started: Option<Timestamp> = entry.started.as_deref().and_then(|text| text.parse().ok());
        self.start = self.start.or(started);
        let at = started.zip(self.start).and_then(|(at, start)| u64::try_from(at.as_millisecond() - start.as_millisecond()).ok());
        let headers = &model.api.headers;
        let kept = [&headers.customer.name, &headers.loyalty_club_slug.name].map(|name| name.to_ascii_lowercase());
        let pick = |pairs: &Option<Vec<Pair>>, names: &[String]| {
            let pairs =
                pairs.iter().flatten().map(|pair| (pair.name.to_ascii_lowercase(), pair.value.clone().unwrap_or_default()));
            pairs.filter(|(name, value)| names.contains(name) && value.len() <= 1000).collect()
        };
        let reply = response.content.as_ref().and_then(Body::json);
        for json in [&body, &reply].into_iter().flatten() {
            self.remember_named(json);
        }
        Some(Exchange {
            method,
            path: path.to_owned(),
            headers: pick(&request.headers, &kept),
            body,
            status: response.status as u16,
            reply_headers: pick(&response.headers, &kept_headers(model)),
            reply,
            cut: false,
            at,
            took: entry.time.filter(|time| *time >= 0.0).map(|time| time as u64),
        })
    }

    /// Remembers the values of headers, cookies and parameters that are secret.
    fn remember_secrets(&mut self, model: &Model, entry: &Entry) {
        let Entry { request, response, .. } = entry;
        let tokens = [&model.api.headers.token.name, &model.api.headers.user_token.name];
        let is_token = |name: &str| is_secret_name(name) || tokens.iter().any(|token| token.eq_ignore_ascii_case(name));
        let named =
            [&request.headers, &response.headers, &request.query, request.post.as_ref().map_or(&None, |post| &post.params)];
        for pair in named.into_iter().flatten().flatten().filter(|pair| is_token(&pair.name)) {
            self.remember(pair.value.as_deref().unwrap_or_default());
        }
        for cookie in [&request.cookies, &response.cookies].into_iter().flatten().flatten() {
            self.remember(cookie.value.as_deref().unwrap_or_default());
        }
        self.remember_url(&request.url);
        self.remember_url(response.redirect.as_deref().unwrap_or_default());
        // A login of another host returns the token that requests to the API carry.
        for body in [&request.post, &response.content].into_iter().flatten() {
            if body.text.as_ref().is_some_and(|text| text.len() <= MOST_SEARCHED) {
                match body.json() {
                    Some(json) => self.remember_named(&json),
                    None => self.remember_form(body.text.as_deref().unwrap_or_default()),
                }
            }
        }
    }

    /// Remembers user, password and secret parameters of a URL.
    fn remember_url(&mut self, text: &str) {
        let Ok(url) = Url::parse(text) else { return };
        for text in [url.username(), url.password().unwrap_or_default()] {
            self.remember(text);
            self.remember(&percent_decoded(text));
        }
        self.remember_form(url.query().unwrap_or_default());
        self.remember_form(url.fragment().unwrap_or_default());
    }

    /// Remembers secret parameters of a form: `a=x&b=y`.
    fn remember_form(&mut self, text: &str) {
        // Any base will do: `Url` is what decodes parameters.
        let Ok(mut url) = Url::parse("http://form.invalid/") else { return };
        url.set_query(Some(text).filter(|text| text.len() <= MOST_SEARCHED));
        let pairs: Vec<String> =
            url.query_pairs().filter(|(name, _)| is_secret_name(name)).map(|(_, value)| value.into_owned()).collect();
        pairs.iter().for_each(|value| self.remember(value));
    }

    /// Remembers the values in a body whose names say that they are secret.
    fn remember_named(&mut self, json: &Value) {
        match json {
            Value::Object(map) => {
                for (key, value) in map {
                    match value {
                        Value::String(text) if is_secret_name(key) => self.remember(text),
                        Value::Number(number) if is_secret_name(key) => self.remember(&number.to_string()),
                        other => self.remember_named(other),
                    }
                }
            }
            Value::Array(items) => items.iter().for_each(|item| self.remember_named(item)),
            _ => {}
        }
    }

    fn remember(&mut self, secret: &str) {
        if secret.len() >= 4 && secret.len() <= 16_384 && self.secrets.len() < MOST_SECRETS {
            self.secrets.insert(secret.to_owned());
        }
    }
}

fn parameters(pairs: &[Pair]) -> Map<String, Value> {
    pairs.iter().map(|pair| (pair.name.clone(), Value::from(pair.value.clone().unwrap_or_default()))).collect()
}
