//! Checks the headers of a request and reads token and customers.
//!
//! A request is checked in this order, which is the simulator's choice: path, method, required headers, token, media type, customers,
//! body, permits, parameters.

use placewise_model::{ErrorName, Header, Model, Tristate};

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

/// Refuses a request without a required header; the message names all of them, and the token's. Only a request with a body needs a media
/// type. Of the two headers that name customers, one is enough, and so is one of the two with a token.
fn check_present(model: &Model, request: &Request, has_body: bool, needs_customers: bool) -> Result<(), Refusal> {
    let named = &model.api.headers;
    let mut missing = Vec::new();
    let mut result = Ok(());
    for (_, wanted) in named.all() {
        let is = |other: &Header| wanted.name == other.name;
        let required = if is(&named.content_type) {
            has_body && (wanted.required == Tristate::Yes || wanted.value.is_some())
        } else {
            wanted.required == Tristate::Yes && !is(&named.customer) && !is(&named.loyalty_club_slug)
        };
        match header(request, &wanted.name) {
            Ok(None) if required => missing.push(format!("`{}`", wanted.name)),
            Err(refusal) if required => result = result.and(Err(refusal)),
            _ => {}
        }
    }
    let (customer, slug) = (&named.customer.name, &named.loyalty_club_slug.name);
    if needs_customers && [customer, slug].iter().all(|name| matches!(header(request, name), Ok(None))) {
        missing.push(format!("`{customer}` or `{slug}`"));
    }
    let (token, user_token) = (&named.token, &named.user_token);
    // If nothing else is missing, a missing token is told with a status of its own.
    if !missing.is_empty()
        && token.required != Tristate::Yes
        && [token, user_token].iter().all(|token| matches!(header(request, &token.name), Ok(None)))
    {
        missing.push(format!("`{}`", token.name));
    }
    match &missing[..] {
        [] => result,
        [one] => Err(Refusal::Error(ErrorName::HeaderMissing, format!("The header {one} is missing."))),
        all => Err(Refusal::Error(ErrorName::HeaderMissing, format!("These headers are missing: {}.", all.join(", ")))),
    }
}

/// Checks the required headers and returns the permits of the token.
pub(crate) fn check_headers(
    model: &Model,
    tokens: &Tokens,
    request: &Request,
    has_body: bool,
    needs_customers: bool,
) -> Result<Permits, Refusal> {
    let named = &model.api.headers;
    check_present(model, request, has_body, needs_customers)?;
    // Either authorization is enough; the client's token comes first.
    let (mut token, mut sent) = (None, false);
    for wanted in [&named.token, &named.user_token] {
        let prefix = wanted.value.as_deref().unwrap_or_default();
        let value = header(request, &wanted.name)?;
        sent |= value.is_some();
        token = token.or(value.and_then(|value| value.strip_prefix(prefix)));
    }
    let Some(permits) = token.and_then(|token| tokens.permits(token)) else {
        let name = &named.token.name;
        let message = if sent { format!("The token in `{name}` is invalid.") } else { format!("Send a token in `{name}`.") };
        return Err(Refusal::Error(ErrorName::Unauthorized, message));
    };
    // The status for a wrong media type is undocumented.
    if let Some(wanted) = named.content_type.value.as_ref().filter(|_| has_body) {
        let name = &named.content_type.name;
        let media_type = header(request, name)?.unwrap_or_default().split(';').next().unwrap_or_default().trim();
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
