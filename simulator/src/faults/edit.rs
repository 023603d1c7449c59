//! Changes of a body: its JSON, its encoding and its length.

use serde_json::Value;

use crate::faults::plan::Encoding;

/// Sets a value, or removes it if there is no other; `Err` says why nothing changed.
pub(crate) fn edit_json(body: &mut Vec<u8>, pointer: &str, to: Option<&Value>) -> Result<(), String> {
    let mut json: Value = serde_json::from_slice(body).map_err(|_| "the body is not JSON")?;
    let keys: Vec<String> = pointer.split('/').skip(1).map(|key| key.replace("~1", "/").replace("~0", "~")).collect();
    if edit(&mut json, &keys, to) == 0 {
        return Err(format!("the body has no `{pointer}`"));
    }
    *body = json.to_string().into_bytes();
    Ok(())
}

/// Edits every place; returns their number.
fn edit(json: &mut Value, keys: &[String], to: Option<&Value>) -> usize {
    match (keys, to, json) {
        ([], Some(to), place) => {
            *place = to.clone();
            1
        }
        ([key], Some(to), Value::Object(object)) if key != "*" => {
            object.insert(key.clone(), to.clone());
            1
        }
        ([key], None, Value::Object(object)) if key != "*" => usize::from(object.remove(key).is_some()),
        ([key], None, json) => {
            let Value::Array(items) = json else { return 0 };
            let before = items.len();
            let mut index = 0..;
            items.retain(|_| key != "*" && index.next().map(|index: usize| index.to_string()).as_ref() != Some(key));
            before - items.len()
        }
        ([key, rest @ ..], to, json) => inner(json, key).into_iter().map(|inner| edit(inner, rest, to)).sum(),
        ([], None, _) => 0,
    }
}

/// The values under a key, or under every key.
fn inner<'a>(json: &'a mut Value, key: &str) -> Vec<&'a mut Value> {
    match (json, key) {
        (Value::Object(object), "*") => object.values_mut().collect(),
        (Value::Array(items), "*") => items.iter_mut().collect(),
        (Value::Object(object), key) => object.get_mut(key).into_iter().collect(),
        (Value::Array(items), key) => key.parse::<usize>().ok().and_then(|index| items.get_mut(index)).into_iter().collect(),
        _ => Vec::new(),
    }
}

/// Encodes a text in another way.
pub(crate) fn encode(body: &mut Vec<u8>, encoding: Encoding) -> Result<(), String> {
    let text = std::str::from_utf8(body).map_err(|_| "the body is no text")?;
    let marked = || ['\u{feff}'].into_iter().chain(text.chars()).collect::<String>();
    *body = match encoding {
        Encoding::Utf8Bom => marked().into_bytes(),
        Encoding::Utf16Le => marked().encode_utf16().flat_map(u16::to_le_bytes).collect(),
        Encoding::Utf16Be => marked().encode_utf16().flat_map(u16::to_be_bytes).collect(),
    };
    Ok(())
}

/// Ends a body early.
pub(crate) fn truncate(body: &mut Vec<u8>, at: u64) -> Result<(), String> {
    let length = body.len();
    match usize::try_from(at) {
        Ok(at) if at < length => {
            body.truncate(at);
            Ok(())
        }
        _ => Err(format!("the body has only {length} bytes")),
    }
}
