//! Walks JSON text in place. The text is valid JSON (`serde_json` has checked it); other text ends the walk early, without a panic.

use std::borrow::Cow;

use super::mismatch::Mismatch;

/// A position in JSON text.
#[derive(Clone)]
pub(crate) struct Scanner<'a> {
    text: &'a str,
    at: usize,
}

impl<'a> Scanner<'a> {
    pub(crate) fn new(text: &'a str) -> Self {
        Self { text, at: 0 }
    }

    /// Steps into an object or array that starts here; returns whether there is one.
    pub(crate) fn enter(&mut self, open: u8) -> bool {
        self.space();
        let found = self.peek() == Some(open);
        self.at += usize::from(found);
        found
    }

    /// The next key of the current object; none at its end. A JSON key may be invalid text, such as half of a surrogate pair.
    pub(crate) fn key(&mut self) -> Result<Option<Cow<'a, str>>, Mismatch> {
        if !self.more(b'}') {
            return Ok(None);
        }
        let written = self.value();
        let key = string(written).ok_or_else(|| Mismatch::new("a key that is valid text", written))?;
        self.space();
        self.at += 1; // the colon
        Ok(Some(key))
    }

    /// Whether the current array has another item. Steps over its end.
    pub(crate) fn item(&mut self) -> bool {
        self.more(b']')
    }

    /// The text of the value that starts here. Steps over it.
    pub(crate) fn value(&mut self) -> &'a str {
        self.space();
        let start = self.at;
        match self.peek() {
            Some(b'"') => self.skip_string(),
            Some(b'{' | b'[') => self.skip_nested(),
            _ => {
                while self.peek().is_some_and(|byte| !matches!(byte, b',' | b'}' | b']' | b' ' | b'\n' | b'\r' | b'\t')) {
                    self.at += 1;
                }
            }
        }
        self.text.get(start..self.at).unwrap_or_default()
    }

    fn more(&mut self, close: u8) -> bool {
        self.space();
        if self.peek() == Some(b',') {
            self.at += 1;
            self.space();
        }
        match self.peek() {
            None => false,
            Some(byte) if byte == close => {
                self.at += 1;
                false
            }
            Some(_) => true,
        }
    }

    fn peek(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    fn space(&mut self) {
        while matches!(self.peek(), Some(b' ' | b'\n' | b'\r' | b'\t')) {
            self.at += 1;
        }
    }

    fn skip_string(&mut self) {
        self.at = string_end(self.text.as_bytes(), self.at + 1);
    }

    fn skip_nested(&mut self) {
        let bytes = self.text.as_bytes();
        let (mut at, mut depth) = (self.at, 0_usize);
        while let Some(byte) = bytes.get(at) {
            at += 1;
            match byte {
                b'"' => at = string_end(bytes, at),
                b'{' | b'[' => depth += 1,
                b'}' | b']' => depth = depth.saturating_sub(1),
                _ => continue,
            }
            if depth == 0 {
                break;
            }
        }
        self.at = at;
    }
}

/// Where the string ends whose text starts here.
fn string_end(bytes: &[u8], mut at: usize) -> usize {
    while let Some(found) = bytes.get(at..).and_then(|rest| memchr::memchr2(b'"', b'\\', rest)) {
        at += found + 1;
        if bytes.get(at - 1) == Some(&b'"') {
            return at;
        }
        at += 1;
    }
    bytes.len()
}

/// The text of a JSON string; none if it is something else.
pub(crate) fn string(json: &str) -> Option<Cow<'_, str>> {
    let inner = json.strip_prefix('"')?.strip_suffix('"')?;
    if memchr::memchr(b'\\', inner.as_bytes()).is_some() {
        serde_json::from_str(json).ok().map(Cow::Owned)
    } else {
        Some(Cow::Borrowed(inner))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use serde_json::{Value, json};

    /// Rebuilds a value by scanning, to compare it with that of `serde_json`.
    fn rebuild(text: &str) -> Value {
        let mut scan = Scanner::new(text);
        if scan.enter(b'{') {
            let mut map = serde_json::Map::new();
            while let Some(key) = scan.key().unwrap() {
                map.insert(key.into_owned(), rebuild(scan.value()));
            }
            return Value::Object(map);
        }
        if scan.enter(b'[') {
            let mut items = Vec::new();
            while scan.item() {
                items.push(rebuild(scan.value()));
            }
            return Value::Array(items);
        }
        serde_json::from_str(scan.value()).unwrap()
    }

    fn any_json() -> impl Strategy<Value = Value> {
        let leaf = prop_oneof![
            Just(Value::Null),
            any::<bool>().prop_map(Value::from),
            any::<i64>().prop_map(Value::from),
            "(\\PC|[\"\\\\{}\\[\\],:\n\u{1}])*".prop_map(Value::from)
        ];
        leaf.prop_recursive(4, 40, 6, |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..6).prop_map(Value::from),
                prop::collection::btree_map("(\\PC|[\"\\\\])*", inner, 0..6)
                    .prop_map(|map| Value::Object(map.into_iter().collect()))
            ]
        })
    }

    #[test]
    fn walks_spaced_text() {
        let text = " { \"a\" : [ 1 , [ ] , { } ] ,\n\"b\\n\" : null } ";
        assert_eq!(rebuild(text), json!({"a": [1, [], {}], "b\n": null}));
    }

    proptest! {
        #[test]
        fn agrees_with_serde_json(value in any_json(), pretty in any::<bool>()) {
            let text = if pretty { serde_json::to_string_pretty(&value) } else { serde_json::to_string(&value) }.unwrap();
            prop_assert_eq!(rebuild(&text), value);
        }

        #[test]
        fn ends_on_any_text(text in "[\\[\\]{}\",:\\\\ a1é]{0,40}") {
            let mut scan = Scanner::new(&text);
            if scan.enter(b'{') {
                // Broken text loops at most once per character.
                for _ in 0..=text.len() {
                    if !matches!(scan.key(), Ok(Some(_))) { break }
                    scan.value();
                }
            }
        }
    }
}
