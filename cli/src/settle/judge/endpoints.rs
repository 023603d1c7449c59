//! What requests to endpoints carry: the keys of report and field, and whether a body is a query.
//!
//! The layout of their replies is not known. A key is read if a value that fits is accepted where one that does not fit is refused by name.

use placewise_model::{Endpoint, Format, RequestKey};
use serde_json::Value;

use super::keys::{NONSENSE, NONSENSE_KEY, Votes, shape};
use crate::settle::finding::Finding;
use crate::settle::view::{Asked, Target, View};

fn requests<'v, 'a>(view: &'v View<'a>, endpoint: &'v Endpoint) -> impl Iterator<Item = &'v Asked<'a>> {
    view.all().filter(|one| matches!(one.target, Target::Endpoint(at) if at.name == endpoint.name))
}

pub(crate) fn report_key(view: &View<'_>, endpoint: &Endpoint) -> Option<Finding> {
    let assumed = &endpoint.carries.report.as_ref()?.value;
    let fits = |value: &Value, _: &Asked<'_>| match value.as_str()? {
        NONSENSE => Some(false),
        name => view.model.report(name).map(|_| true),
    };
    key(view, endpoint, assumed, "report", &fits)
}

pub(crate) fn field_key(view: &View<'_>, endpoint: &Endpoint) -> Option<Finding> {
    let assumed = &endpoint.carries.field.as_ref()?.value;
    let fits = |value: &Value, one: &Asked<'_>| match value.as_str()? {
        NONSENSE => Some(false),
        name => one.report?.1.field(name).map(|_| true),
    };
    key(view, endpoint, assumed, "field", &fits)
}

type Fits<'f> = &'f dyn Fn(&Value, &Asked<'_>) -> Option<bool>;

fn key(view: &View<'_>, endpoint: &Endpoint, assumed: &str, what: &str, fits: Fits<'_>) -> Option<Finding> {
    let votes = votes(view, endpoint, assumed, fits);
    match votes.decided() {
        Some(true) => {
            return Some(Finding::holds(
                format!("`{assumed}` is the key of the {what}: the server checks its value."),
                votes.yes,
            ));
        }
        None if !votes.yes.is_empty() => {
            return Some(Finding::cannot_tell(format!("`{assumed}` is read in one request and not in another."), votes.no));
        }
        _ => {}
    }
    let sent: std::collections::BTreeSet<&String> =
        requests(view, endpoint).filter_map(|one| one.body).flat_map(|body| body.keys()).collect();
    let working: Vec<(&String, Votes)> = sent
        .into_iter()
        .filter(|other| *other != assumed && *other != NONSENSE_KEY)
        .map(|other| (other, self::votes(view, endpoint, other, fits)))
        .filter(|(_, votes)| votes.decided() == Some(true))
        .collect();
    match &*working {
        [(other, found)] => {
            let by = format!("`{other}` is the key of the {what}: the server checks its value.");
            Some(Finding::refuted(Some(other.as_str().into()), by, found.yes.iter().chain(&votes.no).copied()))
        }
        _ if votes.decided() == Some(false) => {
            Some(Finding::refuted(None, format!("the server does not take `{assumed}` as the key of the {what}."), votes.no))
        }
        _ => None,
    }
}

fn votes(view: &View<'_>, endpoint: &Endpoint, key: &str, fits: Fits<'_>) -> Votes {
    let mut votes = Votes::default();
    let of_key = || requests(view, endpoint).filter_map(move |one| Some((one, one.body?.get(key)?)));
    let unknown = requests(view, endpoint).find_map(|one| view.named(one, NONSENSE_KEY));
    let like_unknown = |leaf: &Value| unknown.is_some_and(|unknown| shape(view, unknown) == shape(view, leaf));
    let refuses_value = |one: &Asked<'_>| view.named(one, key).is_some_and(|leaf| !like_unknown(leaf));
    for (good, value) in of_key().filter(|(one, value)| fits(value, one) == Some(true)) {
        let _ = value;
        match view.named(good, key) {
            Some(leaf) if like_unknown(leaf) => votes.add(Some(false), [good.index; 2]),
            Some(_) => {}
            None => {
                let bad = of_key().find(|(one, value)| fits(value, one) == Some(false) && refuses_value(one));
                if let Some((bad, _)) = bad {
                    votes.add(Some(true), [good.index, bad.index]);
                }
            }
        }
    }
    votes
}

/// Whether the body is that of a query: the server accepts one, or refuses each of its keys.
pub(crate) fn query_body(view: &View<'_>, endpoint: &Endpoint) -> Option<Finding> {
    let whole = endpoint.carries.query.as_ref()?.value;
    let format = endpoint.carries.query_format.unwrap_or(Format::Records);
    let key = view.key(format, RequestKey::Report)?;
    let mut votes = Votes::default();
    for one in requests(view, endpoint) {
        let Some(body) = one.body.filter(|body| body.contains_key(key)) else { continue };
        let refused = view.details(one).is_some_and(|details| body.keys().all(|key| details.contains_key(key)));
        // Only a server that refuses what it does not know shows that it knows a query.
        let strict = requests(view, endpoint).any(|other| view.named(other, NONSENSE_KEY).is_some());
        votes.add(if refused { Some(false) } else { (one.is_ok() && strict).then_some(true) }, [one.index; 2]);
    }
    let found = votes.decided()?;
    let by = if found { "the endpoint accepts a query as its body." } else { "the endpoint refuses each key of a query." };
    let exchanges = votes.yes.iter().chain(&votes.no).copied();
    Some(if found == whole { Finding::holds(by, exchanges) } else { Finding::refuted(Some(found.into()), by, exchanges) })
}
