//! Reading headers. In come the headers of a request; out come the permits of its token and whom it is about, or the first reason why
//! not. Checked are, in this order: path, method, required headers, token, media type, customers, body, permits, parameters. The
//! order is the simulator's; the documentation tells only what each status means.

use axum::http::HeaderMap;
use placewise_model::{ErrorName, Model, Tristate};

use crate::access::{Permits, Tokens};
use crate::customers::{self, Described, Scope};
use crate::reply::Refusal;

/// The value of a header: none where it is missing or empty. One that is not text is incorrect.
pub(crate) fn header<'a>(headers: &'a HeaderMap, name: &str) -> Result<Option<&'a str>, Refusal> {
    let Some(value) = headers.get(name) else { return Ok(None) };
    let text = value.to_str().map_err(|_| incorrect(format!("{name} is not plain text")))?.trim();
    Ok(Some(text).filter(|text| !text.is_empty()))
}

fn incorrect(message: String) -> Refusal {
    Refusal::Error(ErrorName::HeaderIncorrect, message)
}

fn missing(message: String) -> Refusal {
    Refusal::Error(ErrorName::HeaderMissing, message)
}

/// Checks the headers that every request needs; out come the permits of its token. The media type is that of a body: a request that
/// has none needs none.
pub(crate) fn check_headers(model: &Model, tokens: &Tokens, headers: &HeaderMap, has_body: bool) -> Result<Permits, Refusal> {
    let named = &model.api.headers;
    for (key, wanted) in named.all() {
        // Customers are chosen by either of two headers; `scope` sees to them.
        let elsewhere = matches!(key, "customer" | "loyalty_club_slug") || (key == "content_type" && !has_body);
        if wanted.required == Tristate::Yes && !elsewhere && header(headers, &wanted.name)?.is_none() {
            return Err(missing(format!("the header {} is missing", wanted.name)));
        }
    }
    // Either authorization will do: where the client's token is not there, the user's is read.
    let mut token = None;
    for wanted in [&named.token, &named.user_token] {
        let prefix = wanted.value.as_deref().unwrap_or_default();
        token = token.or(header(headers, &wanted.name)?.and_then(|value| value.strip_prefix(prefix)));
    }
    let Some(permits) = token.and_then(|token| tokens.permits(token)) else {
        return Err(Refusal::Error(ErrorName::Unauthorized, format!("the token in {} is not accepted", named.token.name)));
    };
    // Which status a wrong media type gets, or none, is not documented; it is a header that is wrong or missing.
    if let Some(wanted) = named.content_type.value.as_ref().filter(|_| has_body) {
        let name = &named.content_type.name;
        let given = header(headers, name)?.ok_or_else(|| missing(format!("the header {name} is missing")))?;
        let media_type = given.split(';').next().unwrap_or_default().trim();
        if !media_type.eq_ignore_ascii_case(wanted) {
            return Err(incorrect(format!("{name} must be {wanted}")));
        }
    }
    Ok(permits)
}

/// Finds out which customers a request is about; none where no header says. Where both headers are there, the one that can name several
/// decides: what the server does then is not documented.
pub(crate) fn scope(
    model: &Model,
    clubs: &[i64],
    slugs: &[(String, i64)],
    described: &[Described],
    headers: &HeaderMap,
) -> Result<Option<Scope>, Refusal> {
    let named = &model.api.headers;
    if let Some(value) = header(headers, &named.customer.name)? {
        let wrong = |message| incorrect(format!("{}: {message}", named.customer.name));
        let scope = customers::read(value, &model.api.customers, described).map_err(wrong)?;
        if let Scope::Clubs(ids) = &scope
            && let Some(unknown) = ids.iter().find(|id| !clubs.contains(id))
        {
            // Not documented; an empty answer would hide the mistake.
            return Err(Refusal::Error(ErrorName::NotFound, format!("there is no customer {unknown}; known: {clubs:?}")));
        }
        return Ok(Some(scope));
    }
    let Some(slug) = header(headers, &named.loyalty_club_slug.name)? else { return Ok(None) };
    match slugs.iter().find(|(known, _)| known == slug) {
        Some((_, id)) => Ok(Some(Scope::Clubs(vec![*id]))),
        None => Err(Refusal::Error(ErrorName::NotFound, format!("no loyalty club has the slug {slug}"))),
    }
}

/// The refusal of a request that is about customers and names none.
pub(crate) fn no_customer(model: &Model) -> Refusal {
    let named = &model.api.headers;
    missing(format!("one of the headers {} and {} is needed", named.customer.name, named.loyalty_club_slug.name))
}
