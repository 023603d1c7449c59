//! The part of a query that a path in a server's error leads to, in the query's own words.
//!
//! What the server names decides what is shown, as often as it likes, so each text is bounded while it is written.

use std::io;

use serde_json::Value as Json;

use super::builder::Request;
use super::comparison::Comparison;
use crate::facts::{api::FilterLanguage, formats::Part};
use crate::text::excerpt::{Excerpt, floor};

/// The most bytes of a value that are written.
const MOST_BYTES: usize = 1024;

/// The most values of a list.
const MOST_VALUES: usize = 8;

impl Request {
    /// Name and value of the part of the query at a path. No value if the query does not set the part.
    pub(crate) fn part(&self, keys: &FilterLanguage, path: &[String]) -> Option<(&'static str, Option<Excerpt>)> {
        let (key, rest) = path.split_first()?;
        let sent = self.values().and_then(|values| values.get(key)).filter(|value| !value.is_null());
        let part = self.parts.iter().find(|(name, _)| name == key).map(|(_, part)| *part);
        match (part, sent) {
            (Some(Part::Filter), Some(filter)) => Some((Part::Filter.method(), Some(node(keys, filter, rest)))),
            (Some(part), sent) => Some((part.method(), sent.map(value))),
            (None, Some(sent)) => Some(("with", Some(value(sent)))),
            (None, None) => None,
        }
    }

    /// The values by key.
    fn values(&self) -> Option<&serde_json::Map<String, Json>> {
        self.values
            .get_or_init(|| self.body.as_deref().and_then(|body| serde_json::from_str(body).ok()).unwrap_or_default())
            .as_object()
    }
}

/// The filter at a path below another one.
fn node(keys: &FilterLanguage, mut node: &Json, mut path: &[String]) -> Excerpt {
    let inner = |node| Json::get(node, keys.operations_key).and_then(Json::as_array);
    while let [key, index, rest @ ..] = path
        && key == keys.operations_key
        && let Some(next) = inner(node).and_then(|inner: &Vec<Json>| inner.get(index.parse::<usize>().ok()?))
    {
        (node, path) = (next, rest);
    }
    let text = |key| node.get(key).and_then(Json::as_str);
    match (text(keys.type_key), inner(node), text(keys.field_key), node.get(keys.value_key)) {
        (Some(name), Some(inner), ..) if name == keys.and.name || name == keys.or.name => {
            let which = if name == keys.and.name { "all" } else { "any" };
            Excerpt { text: format!("{which} of {} filters", inner.len()), cut: false }
        }
        (Some(name), _, Some(field), Some(compared)) => {
            let how = Comparison::ALL.iter().find(|how| how.operator(keys).name == name).map_or(name, |how| how.symbol());
            let at = path.get(1).filter(|_| path.first().is_some_and(|key| key == keys.value_key));
            let compared = element(compared, at).unwrap_or_else(|| value(compared));
            let (field, how) = (start(field), start(how));
            Excerpt { text: format!("{field} {how} {}", compared.text), ..compared }
        }
        _ => value(node),
    }
}

/// The value of a list at an index.
fn element(list: &Json, index: Option<&String>) -> Option<Excerpt> {
    let found = value(list.as_array()?.get(index?.parse::<usize>().ok()?)?);
    let after = if found.cut { "" } else { ", …]" };
    Some(Excerpt { text: format!("[…, {}{after}", found.text), ..found })
}

/// A value as JSON.
fn value(json: &Json) -> Excerpt {
    let mut out = Start(Vec::new());
    // A list is cut after a few values, whatever their size.
    let whole = match json
        .as_array()
        .and_then(|values| values.get(..MOST_VALUES))
        .filter(|few| Some(few.len()) != json.as_array().map(Vec::len))
    {
        Some(few) => serde_json::to_writer(&mut out, few).map(|()| {
            out.0.pop();
            out.0.extend_from_slice(", …]".as_bytes());
        }),
        None => serde_json::to_writer(&mut out, json),
    };
    let mut text = String::from_utf8_lossy(&out.0).into_owned();
    // The end of what was cut may be a part of a character.
    if whole.is_err() && text.ends_with('\u{fffd}') {
        text.pop();
    }
    Excerpt { text, cut: whole.is_err() }
}

fn start(text: &str) -> &str {
    text.get(..floor(text, MOST_BYTES)).unwrap_or_default()
}

/// Keeps the start of what is written, and then fails.
struct Start(Vec<u8>);

impl io::Write for Start {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let room = MOST_BYTES.saturating_sub(self.0.len());
        if room == 0 {
            return Err(io::ErrorKind::WriteZero.into());
        }
        let taken = bytes.get(..room).unwrap_or(bytes);
        self.0.extend_from_slice(taken);
        Ok(taken.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
