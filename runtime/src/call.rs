//! Calls of endpoints beside the queries: metadata, exports, places. In come an endpoint's constants and what a caller has to say; out
//! goes one request, whose unknown parts are assumptions or JSON of the caller's own. The reply comes as it is.

use std::{borrow::Cow, fmt, marker::PhantomData};

use serde_json::{Map, Value as Json};

use crate::{
    Api, Coverage, Error, Field, Query, Record, Report, Response, Setting, Value,
    client::{
        response,
        transport::{Core, Received},
    },
    draft::{Draft, Request},
    query::{Ask, Asked, Kind, sealed::Asks},
    settings::{Settings, has_dots},
};

/// An endpoint of an API. Implemented by one marker type of generated code per endpoint.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not an endpoint",
    label = "not an endpoint",
    note = "endpoints are the unit structs in the generated client's module `endpoints`"
)]
pub trait Endpoint: Copy + Send + Sync + 'static {
    /// The API it belongs to.
    type Api: Api;
    /// What its reply can be read as.
    type Reply: Record;
    /// What is known of it.
    const INFO: &'static EndpointInfo;
}

/// What is known of an endpoint.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct EndpointInfo {
    /// Its name.
    pub name: &'static str,
    /// Its title on the documentation's site.
    pub title: &'static str,
    /// Its HTTP method.
    pub method: &'static str,
    /// Its path; none where not known. A name in braces stands for a value of the request.
    pub path: Setting<Option<&'static str>>,
    /// Tokens that a call takes; none where not known, or where it is the report that decides.
    pub cost: Option<u32>,
    /// How much of it is known.
    pub coverage: Coverage,
}

/// A call of the endpoint `E`.
///
/// With `GET`, the keys go into the address: those in braces into the path, the others behind it. Otherwise they are the JSON body.
pub struct Call<E> {
    ask: Ask,
    marker: PhantomData<fn() -> E>,
}

/// A call, without types.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Calling {
    pub(crate) info: &'static EndpointInfo,
    /// Key and value of the report's name.
    report: Option<(Setting<&'static str>, &'static str)>,
    /// Key and value of a field's name.
    field: Option<(Setting<&'static str>, &'static str)>,
    /// A query, and whether its body is the whole body.
    query: Option<(Ask, Setting<bool>)>,
    /// What is sent before all that.
    body: Option<Json>,
}

impl<E: Endpoint> Call<E> {
    /// Calls the endpoint, saying nothing yet.
    pub fn new(_: E) -> Self {
        let calling = Calling { info: E::INFO, report: None, field: None, query: None, body: None };
        let asked = Asked { report: "", endpoint: Some(E::INFO.name) };
        let kind = Kind::Call(Box::new(calling));
        Self {
            ask: Ask { asked, format: None, cost: E::INFO.cost, aggregation: None, filter: None, with: Vec::new(), kind },
            marker: PhantomData,
        }
    }

    fn change(mut self, report: Option<&'static str>, change: impl FnOnce(&mut Calling)) -> Self {
        if let Some(report) = report {
            self.ask.asked.report = report;
        }
        if let Kind::Call(calling) = &mut self.ask.kind {
            change(calling);
        }
        self
    }

    /// Asks about a report, whose name stands under that key.
    #[must_use]
    pub fn report<R: Report<Api = E::Api>>(self, _: R, key: Setting<&'static str>) -> Self {
        self.change(Some(R::INFO.name), |calling| calling.report = Some((key, R::INFO.name)))
    }

    /// Asks about a field of a report; their names stand under those keys.
    #[must_use]
    pub fn field<R, T, A>(
        self,
        field: Field<R, T, A>,
        report_key: Setting<&'static str>,
        field_key: Setting<&'static str>,
    ) -> Self
    where
        R: Report<Api = E::Api>,
    {
        self.change(Some(R::INFO.name), |calling| {
            calling.report = Some((report_key, R::INFO.name));
            calling.field = Some((field_key, field.name()));
        })
    }

    /// Sends the body of a query, if that is what the endpoint takes.
    #[must_use]
    pub fn query<Q: Query<E::Api>>(self, query: &Q, whole: Setting<bool>) -> Self {
        let ask = query.ask().clone();
        self.change(Some(ask.asked.report), |calling| calling.query = Some((ask, whole)))
    }

    /// Sends this in place of all that was said so far: JSON, or the endpoint's own request struct. What is said afterwards is sent along.
    #[must_use]
    pub fn body(mut self, request: impl Value) -> Self {
        let json = serde_json::to_value(request.cell()).unwrap_or_default();
        self.ask.with.clear();
        self.change(None, |calling| {
            *calling = Calling { info: calling.info, report: None, field: None, query: None, body: Some(json) };
        })
    }

    /// Sends another key along.
    #[must_use]
    pub fn with(mut self, key: impl Into<Cow<'static, str>>, value: impl Into<Json>) -> Self {
        self.ask.with.push((key.into(), value.into()));
        self
    }

    /// What is known of the endpoint.
    pub fn endpoint(&self) -> &'static EndpointInfo {
        E::INFO
    }
}

impl Calling {
    /// Puts the keys of the request.
    pub(crate) fn draft(&self, draft: &mut Draft<'_>) {
        if let Some(body) = &self.body {
            draft.body.extend(body.as_object().cloned().unwrap_or_default());
        }
        if let Some((ask, whole)) = self.query.as_ref().filter(|(_, whole)| draft.settings.get(*whole)) {
            let inner = ask.draft(draft.settings, ask.cursor());
            let keys: Vec<&str> = inner.body.keys().map(String::as_str).collect();
            draft.rests_on(whole.assumption, &keys);
            draft.body.extend(inner.body);
            // It is this endpoint's path that is asked, not the one of the query's format.
            let other = ask.path(draft.settings.spec).assumption;
            draft.used.extend(inner.used.into_iter().filter(|used| Some(used.id) != other));
        }
        for (key, name) in self.report.iter().chain(&self.field) {
            draft.put(*key, Some(*name));
            draft.report_at(self.info.path, *key);
        }
    }

    /// A body that is no object, to which no key can be added.
    pub(crate) fn bare_body(&self) -> Option<&Json> {
        self.body.as_ref().filter(|body| !body.is_object())
    }

    pub(crate) fn check(&self, ask: &Ask, settings: &Settings) -> Result<(), Error> {
        let refuse = |problem: &str| Err(Error::configuration("call", format!("{}: {problem}", ask.asked)));
        let more = !ask.with.is_empty() || self.report.is_some() || self.query.is_some();
        if self.bare_body().is_some() && (more || self.in_address()) {
            return refuse("only an object has keys; hand `body` an object");
        }
        if let (Some((report, _)), Some((field, _))) = (self.report, self.field) {
            let (report_key, field_key) = (settings.get(report), settings.get(field));
            if report_key == field_key {
                let name = |key: Setting<&str>| key.assumption.map_or(String::new(), |id| format!(" (assumption `{id}`)"));
                let (report, field) = (name(report), name(field));
                return refuse(&format!(
                    "the names of the report{report} and of the field{field} would both be sent as `{report_key}`"
                ));
            }
        }
        let Some((query, whole)) = &self.query else { return Ok(()) };
        if !settings.get(*whole) && ask.with.is_empty() {
            return refuse("the client was told that the body is not that of a query; give it by `body` or `with`");
        }
        query.filter.as_ref().map_or(Ok(()), |filter| filter.check())?;
        query.check_format()?;
        match query.kind {
            // Whether an export has the limits of a query is not known; only what makes no sense anywhere is refused.
            Kind::Timeseries { range, .. } => crate::timeseries::judge_order(query.asked.report, range),
            _ => Ok(()),
        }
    }

    /// Whether keys go into the address, because the method has no body.
    fn in_address(&self) -> bool {
        matches!(self.info.method, "GET" | "HEAD")
    }

    pub(crate) fn request(&self, ask: &Ask, settings: &Settings) -> Result<Request, Error> {
        let path = self.info.path;
        let target = settings.get(path).ok_or_else(|| ask.no_path(path, settings))?;
        let draft = ask.draft(settings, None);
        let (mut keys, used) = (draft.body, draft.used);
        let sent = keys.keys().cloned().collect();
        let mut target = fill(&target, &mut keys, ask)?;
        let body = if self.in_address() {
            // In the order of their names: which order a JSON object has depends on how its library was built.
            let mut given: Vec<(&String, &Json)> = keys.iter().filter(|(_, json)| !json.is_null()).collect();
            given.sort_by_key(|(key, _)| *key);
            for (key, json) in given {
                // The path may have keys of its own.
                match target.contains('?') {
                    false => target.push('?'),
                    true if target.ends_with(['?', '&']) => {}
                    true => target.push('&'),
                }
                target.push_str(&encode(key));
                target.push('=');
                target.push_str(&encode(&plain(json)));
            }
            None
        } else {
            Some(self.bare_body().map_or_else(|| Json::Object(keys).to_string(), Json::to_string))
        };
        Ok(Request { method: self.info.method, path: target, body, path_id: path.assumption, keys: sent, used })
    }
}

/// Puts values in the place of names in braces, and takes their keys away.
fn fill(path: &str, keys: &mut Map<String, Json>, ask: &Ask) -> Result<String, Error> {
    let (mut filled, mut rest, mut used) = (String::new(), path, Vec::new());
    while let Some((before, name, after)) = rest.split_once('{').and_then(|(before, inner)| {
        let (name, after) = inner.split_once('}')?;
        Some((before, name, after))
    }) {
        filled.push_str(before);
        let value = keys.get(name).filter(|json| !json.is_null()).map(plain).filter(|text| !text.is_empty());
        let value = value.ok_or_else(|| {
            let problem =
                format!("{}: the path `{path}` needs a value for `{name}`; give it by `.with(\"{name}\", …)`", ask.asked);
            Error::configuration("call", problem)
        })?;
        filled.push_str(&encode(&value));
        used.push(name);
        rest = after;
    }
    filled.push_str(rest);
    // Encoded or not, such a step changes the path.
    if has_dots(&filled) {
        let problem = format!("{}: filled in as `{filled}`, the path `{path}` would lead to another path", ask.asked);
        return Err(Error::configuration("call", problem));
    }
    // A name may stand in the path more than once, so its key goes only now.
    for name in used {
        keys.remove(name);
    }
    Ok(filled)
}

/// A value as it stands in an address: text bare, all else as JSON.
fn plain(json: &Json) -> String {
    json.as_str().map_or_else(|| json.to_string(), str::to_owned)
}

/// Percent-encodes all but the characters that mean nothing in an address.
fn encode(text: &str) -> String {
    let mut encoded = String::new();
    for byte in text.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => encoded.push(char::from(byte)),
            _ => encoded.push_str(&format!("%{byte:02X}")),
        }
    }
    encoded
}

impl<E> Clone for Call<E> {
    fn clone(&self) -> Self {
        Self { ask: self.ask.clone(), marker: PhantomData }
    }
}

impl<E> PartialEq for Call<E> {
    fn eq(&self, other: &Self) -> bool {
        self.ask == other.ask
    }
}

impl<E> fmt::Debug for Call<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Call").field(&self.ask).finish()
    }
}

impl<E> Asks for Call<E> {
    fn ask(&self) -> &Ask {
        &self.ask
    }
}

impl<E: Endpoint> Query<E::Api> for Call<E> {
    type Answer = Response<E::Reply>;

    fn read(core: &Core, ask: &Ask, received: Received) -> Result<Response<E::Reply>, Error> {
        Ok(response::read(core, ask, received))
    }
}
