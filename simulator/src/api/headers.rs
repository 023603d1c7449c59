//! Checks the headers of a request and reads token and customers.
//!
//! A request is checked in this order, which is the simulator's choice: path, method, required headers, token, media type, customers,
//! body, permits, parameters.

use placewise_model::{ErrorName, Model, Tristate};

use crate::api::request::{Request, header_text};
use crate::limits::permits::{Permits, Tokens};
use crate::query::customer_scope::{self, CustomerAttribute, CustomerScope};
use crate::query::refusal::Refusal;

/// The value of a header; `None` if it is absent or empty.
fn header<'a>(request: &'a Request, name: &str) -> Result<Option<&'a str>, Refusal> {
    let Some(value) = request.header_value(name) else { return Ok(None) };
    let text = header_text(value).ok_or_else(|| incorrect(format!("The header `{name}` is not ASCII text.")))?.trim();
    Ok(Some(text).filter(|text| !text.is_empty()))
}

fn incorrect(message: String) -> Refusal {
    Refusal::Error(ErrorName::HeaderIncorrect, message)
}

fn missing(name: &str) -> Refusal {
    Refusal::Error(ErrorName::HeaderMissing, format!("The header `{name}` is missing."))
}

/// Checks the required headers and returns the permits of the token. Only a request with a body needs a media type.
pub(crate) fn check_headers(model: &Model, tokens: &Tokens, request: &Request, has_body: bool) -> Result<Permits, Refusal> {
    let named = &model.api.headers;
    // `customers` checks the two customer headers, of which one is enough.
    let mut optional = vec![&named.customer.name, &named.loyalty_club_slug.name];
    if !has_body {
        optional.push(&named.content_type.name);
    }
    for (_, wanted) in named.all() {
        let required = wanted.required == Tristate::Yes && !optional.contains(&&wanted.name);
        if required && header(request, &wanted.name)?.is_none() {
            return Err(missing(&wanted.name));
        }
    }
    // Either authorization is enough; the client's token comes first.
    let mut token = None;
    for wanted in [&named.token, &named.user_token] {
        let prefix = wanted.value.as_deref().unwrap_or_default();
        token = token.or(header(request, &wanted.name)?.and_then(|value| value.strip_prefix(prefix)));
    }
    let Some(permits) = token.and_then(|token| tokens.permits(token)) else {
        return Err(Refusal::Error(ErrorName::Unauthorized, format!("The token in `{}` is invalid.", named.token.name)));
    };
    // The status for a wrong media type is undocumented.
    if let Some(wanted) = named.content_type.value.as_ref().filter(|_| has_body) {
        let name = &named.content_type.name;
        let media_type = header(request, name)?.ok_or_else(|| missing(name))?.split(';').next().unwrap_or_default().trim();
        if !media_type.eq_ignore_ascii_case(wanted) {
            return Err(incorrect(format!("The header `{name}` is `{media_type}`; use `{wanted}`.")));
        }
    }
    Ok(permits)
}

/// The customers of a request; `None` if no header names any. If both customer headers are present, the one that can name several decides;
/// what the server does is undocumented.
pub(crate) fn customers(
    model: &Model,
    known: &[i64],
    slugs: &[(String, i64)],
    attributes: &[CustomerAttribute],
    request: &Request,
) -> Result<Option<CustomerScope>, Refusal> {
    let named = &model.api.headers;
    if let Some(value) = header(request, &named.customer.name)? {
        let wrong = |problem| incorrect(format!("The header `{}` is invalid: {problem}.", named.customer.name));
        let scope = customer_scope::read(value, &model.api.customers, attributes).map_err(wrong)?;
        if let CustomerScope::Only(ids) = &scope
            && let Some(unknown) = ids.iter().find(|id| !known.contains(id))
        {
            // Undocumented; an empty response would hide the mistake.
            return Err(Refusal::Error(ErrorName::NotFound, format!("No customer {unknown}. Known customers: {known:?}.")));
        }
        return Ok(Some(scope));
    }
    let Some(slug) = header(request, &named.loyalty_club_slug.name)? else { return Ok(None) };
    match slugs.iter().find(|(known, _)| known == slug) {
        Some((_, id)) => Ok(Some(CustomerScope::Only(vec![*id]))),
        None => Err(Refusal::Error(ErrorName::NotFound, format!("No loyalty club with the slug `{slug}`."))),
    }
}

/// The refusal of a request that must name customers and names none.
pub(crate) fn no_customers(model: &Model) -> Refusal {
    let named = &model.api.headers;
    let message = format!("Send one of the headers `{}` and `{}`.", named.customer.name, named.loyalty_club_slug.name);
    Refusal::Error(ErrorName::HeaderMissing, message)
}
