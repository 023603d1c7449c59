//! What pages show: their sizes, and what marks the last one.

use placewise_model::{Format, RequestKey};
use serde_json::Value;

use super::keys::{Votes, votes};
use crate::settle::finding::Finding;
use crate::settle::view::{Asked, Next, View};

/// The key of a part of records requests, if a page states it or exchanges show that it works.
pub(crate) fn proven<'a>(view: &View<'a>, role: RequestKey) -> Option<&'a str> {
    let (_, key) = view.model.request_keys(Format::Records).into_iter().find(|(of, _)| *of == role)?;
    let works = || votes(view, Format::Records, role, &key.value).decided() == Some(true);
    (key.assumption.is_none() || works()).then_some(key.value.as_str())
}

/// Pages that were requested with a size, and that size.
fn sized<'v, 'a>(view: &'v View<'a>, key: &'v str) -> impl Iterator<Item = (&'v Asked<'a>, usize)> {
    view.queries(Format::Records).filter_map(move |one| Some((one, usize::try_from(one.body?.get(key)?.as_u64()?).ok()?)))
}

/// Pages that end a result for sure: they have no cursor that leads on, and fewer rows than requested, or none.
fn last_pages<'v, 'a>(view: &'v View<'a>) -> Vec<(&'v Asked<'a>, Next<'a>)> {
    let size = proven(view, RequestKey::PageSize);
    let requested = |one: &Asked<'_>| usize::try_from(one.body?.get(size?)?.as_u64()?).ok();
    let is_short = |one: &&Asked<'_>| {
        view.rows(one).is_some_and(|rows| rows.is_empty() || requested(one).is_some_and(|size| rows.len() < size))
    };
    let with_next = view.queries(Format::Records).filter(is_short).filter_map(|one| Some((one, view.next(one)?)));
    with_next.filter(|(_, next)| !matches!(next, Next::Text(_))).collect()
}

/// Pages of this kind that are surely not the last.
fn followed<'v, 'a>(view: &'v View<'a>, next: Next<'static>) -> Vec<&'v Asked<'a>> {
    view.queries(Format::Records).filter(|one| view.next(one) == Some(next) && view.is_followed(one)).collect()
}

/// Whether a null cursor marks the last page.
pub(crate) fn null_cursor(view: &View<'_>) -> Option<Finding> {
    let mut votes = Votes::default();
    for (one, next) in last_pages(view) {
        votes.add(Some(next == Next::Null).filter(|_| next != Next::Empty), [one.index; 2]);
    }
    followed(view, Next::Null).into_iter().for_each(|one| votes.add(Some(false), [one.index; 2]));
    if !followed(view, Next::Null).is_empty() && votes.decided() == Some(false) {
        return boolean(view.model.records.null_cursor_ends.value, &votes, "", "a page with a null cursor is not the last.");
    }
    boolean(
        view.model.records.null_cursor_ends.value,
        &votes,
        "the last page has a null cursor.",
        "the last page has no cursor at all.",
    )
}

/// Whether a cursor without text marks the last page: one that is sent back must not lead to another page.
pub(crate) fn empty_cursor(view: &View<'_>) -> Option<Finding> {
    let mut votes = Votes::default();
    let followed = followed(view, Next::Empty);
    if !followed.is_empty() {
        followed.iter().for_each(|one| votes.add(Some(false), [one.index; 2]));
        let by = "a page with a cursor without text is not the last.";
        return boolean(view.model.records.empty_cursor_ends.value, &votes, "", by);
    }
    let key = proven(view, RequestKey::Cursor)?;
    for (first, with, value) in view.with_key(key) {
        let next = view.next(first);
        if value.as_str() != Some("") || !matches!(next, Some(Next::Text(_) | Next::Empty)) {
            continue;
        }
        let works = match (view.rows(first), view.rows(with)) {
            // If the first page has no other cursor, it may be the last one.
            (Some(first), Some(rows)) if rows == first || rows.is_empty() => (next != Some(Next::Empty)).then_some(true),
            (Some(first), Some(rows)) => rows.iter().all(|row| !first.contains(row)).then_some(false),
            _ if view.named(with, key).is_some() => Some(true),
            _ => None,
        };
        votes.add(works, [first.index, with.index]);
    }
    let at_end = last_pages(view).into_iter().filter(|(_, next)| *next == Next::Empty);
    at_end.for_each(|(one, _)| votes.add(Some(true), [one.index; 2]));
    boolean(
        view.model.records.empty_cursor_ends.value,
        &votes,
        "a cursor without text leads to no further page.",
        "a cursor without text leads to the second page.",
    )
}

fn boolean(assumed: bool, votes: &Votes, yes: &str, no: &str) -> Option<Finding> {
    let found = votes.decided()?;
    let by = if found { yes } else { no };
    let exchanges = votes.yes.iter().chain(&votes.no).copied();
    Some(if found == assumed { Finding::holds(by, exchanges) } else { Finding::refuted(Some(found.into()), by, exchanges) })
}

/// The size of pages that are requested without one.
pub(crate) fn default_size(view: &View<'_>, assumed: &Value) -> Option<Finding> {
    let key = view.key(Format::Records, RequestKey::PageSize)?;
    let filter = view.key(Format::Records, RequestKey::Filter)?;
    let mut seen = Vec::new();
    for one in view.queries(Format::Records) {
        let other_keys = |body: &serde_json::Map<String, Value>| {
            let known: Vec<&str> =
                view.model.request_keys(Format::Records).into_iter().map(|(_, key)| key.value.as_str()).collect();
            body.keys().any(|name| !known.contains(&name.as_str()))
        };
        // A key that is not known may be that of the page size.
        let without = one
            .body
            .is_some_and(|body| !body.contains_key(key) && body.get(filter).is_none_or(Value::is_null) && !other_keys(body));
        if without && let (Some(rows), Some(Next::Text(_))) = (view.rows(one), view.next(one)) {
            seen.push((Value::from(rows.len()), one.index));
        }
    }
    Finding::measured(assumed, &seen, "The number of rows on a page that is not the last, without a page size,")
}

/// The largest page.
pub(crate) fn most_size(view: &View<'_>) -> Option<Finding> {
    let key = proven(view, RequestKey::PageSize)?;
    let assumed = view.model.records.most_page_size.value as usize;
    let (mut stated, mut clamped, mut accepted, mut refused) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
    for (one, size) in sized(view, key) {
        if let Some(leaf) = view.named(one, key) {
            let options = leaf.as_array().into_iter().flatten().filter_map(|leaf| leaf.get(&view.model.api.error_body.options));
            let numbers: Vec<u64> =
                options.filter_map(Value::as_object).flat_map(|options| options.values()).filter_map(Value::as_u64).collect();
            match &*numbers {
                [most] if (*most as usize) < size && *most > 0 => stated.push((Value::from(*most), one.index)),
                _ => refused.push((size, one.index)),
            }
        } else if let Some(rows) = view.rows(one) {
            if rows.len() < size && matches!(view.next(one), Some(Next::Text(_))) {
                clamped.push((Value::from(rows.len()), one.index));
            }
            accepted.push((rows.len(), size, one.index));
        }
    }
    let assumed_value = Value::from(assumed);
    if let Some(found) = Finding::measured(&assumed_value, &stated, "The largest page size that a refusal names") {
        return Some(found);
    }
    if let Some(found) = Finding::measured(&assumed_value, &clamped, "The number of rows on a page that was cut") {
        return Some(found);
    }
    if let Some((rows, _, index)) = accepted.iter().find(|(rows, ..)| *rows > assumed) {
        return Some(Finding::refuted(None, format!("a page had {rows} rows."), [*index]));
    }
    let beyond = refused.iter().find(|(size, _)| *size == assumed + 1);
    let within = accepted.iter().find(|(_, size, _)| *size == assumed);
    match (beyond, within, refused.iter().find(|(size, _)| *size <= assumed)) {
        (Some((_, one)), Some((_, _, other)), None) => {
            Some(Finding::holds(format!("pages of {assumed} rows can be requested, and larger ones cannot."), [*one, *other]))
        }
        (_, _, Some((size, index))) => Some(Finding::refuted(None, format!("a page of {size} rows is refused."), [*index])),
        _ => None,
    }
}
