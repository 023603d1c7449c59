//! Secrets. In comes a token; out goes a header value marked sensitive, and nothing else: no text form shows it, and replies are
//! searched for it before they reach an error.

use std::{borrow::Cow, fmt};

use reqwest::header::HeaderValue;
use serde_json::Value as Json;

use crate::{
    Error,
    text::{Beginning, floor, snippet},
};

/// A token. Its text shows nowhere, not in `Debug` either.
#[derive(Clone)]
pub struct Token(Box<str>);

impl Token {
    /// Wraps the token's text.
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into().into_boxed_str())
    }

    /// The value of the header that carries it, behind the given prefix.
    pub(crate) fn header(&self, what: &'static str, prefix: Option<&str>) -> Result<HeaderValue, Error> {
        if self.0.is_empty() {
            return Err(Error::configuration(what, "it is empty"));
        }
        if self.0.trim() != &*self.0 {
            return Err(Error::configuration(what, "it begins or ends with white space; trim it where it is read"));
        }
        let text = format!("{}{}", prefix.unwrap_or_default(), self.0);
        let value = HeaderValue::from_str(&text).ok().filter(|_| text.is_ascii());
        let mut value = value
            .ok_or_else(|| Error::configuration(what, "it has a character that no header can carry, such as a line break"))?;
        value.set_sensitive(true);
        Ok(value)
    }
}

impl fmt::Debug for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Token(hidden)")
    }
}

impl From<&str> for Token {
    fn from(text: &str) -> Self {
        Self::new(text)
    }
}

impl From<String> for Token {
    fn from(text: String) -> Self {
        Self::new(text)
    }
}

/// The text with every secret in it replaced: a server's debug page may repeat the request's headers, in the escapes of its own format.
pub(crate) fn hide<'a>(text: &'a str, secrets: &[Token]) -> Cow<'a, str> {
    replace(text, secrets, |written, secret| written == secret)
}

/// The same whatever the case, for texts that a parser may have lowercased.
pub(crate) fn hide_any_case<'a>(text: &'a str, secrets: &[Token]) -> Cow<'a, str> {
    replace(text, secrets, |written, secret| written.eq_ignore_ascii_case(&secret))
}

/// What is shown of a text: its beginning without any secret, not even a part of one that was cut with the text.
pub(crate) fn show(beginning: &Beginning, secrets: &[Token]) -> String {
    let hidden = hide(&beginning.text, secrets);
    let mut shown = hidden.len();
    if beginning.cut {
        let longest = secrets.iter().map(|secret| secret.0.len()).max().unwrap_or(0);
        shown = floor(&hidden, shown.saturating_sub(longest.saturating_mul(LONGEST_ESCAPE)));
    }
    snippet(hidden.get(..shown).unwrap_or_default())
}

/// The same JSON without any secret in its keys and texts.
pub(crate) fn hide_json(json: Json, secrets: &[Token]) -> Json {
    match json {
        Json::String(text) => Json::String(hide(&text, secrets).into_owned()),
        Json::Array(items) => items.into_iter().map(|item| hide_json(item, secrets)).collect(),
        Json::Object(entries) => {
            let hidden = entries.into_iter().map(|(key, json)| (hide(&key, secrets).into_owned(), hide_json(json, secrets)));
            Json::Object(hidden.collect())
        }
        other => other,
    }
}

/// Replaces secrets, the longest first: a shorter one may be a part of it.
fn replace<'a>(text: &'a str, secrets: &[Token], same: impl Fn(u8, u8) -> bool) -> Cow<'a, str> {
    let mut longest_first: Vec<&[u8]> =
        secrets.iter().map(|secret| secret.0.as_bytes()).filter(|secret| !secret.is_empty()).collect();
    longest_first.sort_by_key(|secret| std::cmp::Reverse(secret.len()));
    let mut text = Cow::Borrowed(text);
    for secret in longest_first {
        if let Some(replaced) = replace_one(&text, secret, &same) {
            text = Cow::Owned(replaced);
        }
    }
    text
}

/// The text without one secret; none if it does not hold it.
fn replace_one(text: &str, secret: &[u8], same: &impl Fn(u8, u8) -> bool) -> Option<String> {
    let (mut out, mut done, mut at) = (String::new(), 0, 0);
    while at < text.len() {
        let rest = text.as_bytes().get(at..).unwrap_or_default();
        // Only what is ASCII can be a token, so a match begins and ends between characters.
        match length_of(rest, secret, same).and_then(|length| Some((length, text.get(done..at)?))) {
            Some((length, before)) => {
                out.push_str(before);
                out.push_str("(hidden)");
                at += length;
                done = at;
            }
            None => at += 1,
        }
    }
    if done == 0 {
        return None;
    }
    out.push_str(text.get(done..)?);
    Some(out)
}

/// How much of the text is the secret, if it begins with it: as it is, or with any of its characters escaped.
fn length_of(text: &[u8], secret: &[u8], same: &impl Fn(u8, u8) -> bool) -> Option<usize> {
    let bare = text.get(..secret.len()).is_some_and(|text| text.iter().zip(secret).all(|(a, b)| same(*a, *b)));
    if bare {
        return Some(secret.len());
    }
    let mut length = 0;
    for byte in secret {
        let rest = text.get(length..)?;
        let escaped = escape(rest).filter(|(written, _)| same(*written, *byte)).map(|(_, length)| length);
        let bare = || rest.first().is_some_and(|written| same(*written, *byte)).then_some(1);
        length += escaped.or_else(bare)?;
    }
    Some(length)
}

/// The most that one character of a secret is written with: `&#x0000;` and the like.
const LONGEST_ESCAPE: usize = 8;

/// The character that an escape of JSON, of addresses or of HTML means, and how long the escape is.
fn escape(text: &[u8]) -> Option<(u8, usize)> {
    let number = |from: usize, to: usize, radix| {
        let digits = std::str::from_utf8(text.get(from..to)?).ok().filter(|digits| !digits.starts_with('+'))?;
        u8::from_str_radix(digits, radix).ok()
    };
    match text {
        [b'\\', b'u', ..] => Some((number(2, 6, 16)?, 6)),
        [b'\\', written, ..] => Some((*written, 2)),
        [b'%', ..] => Some((number(1, 3, 16)?, 3)),
        [b'&', ..] => {
            let end = text.iter().take(LONGEST_ESCAPE).position(|byte| *byte == b';')?;
            let written = match text.get(1..end)? {
                b"amp" => b'&',
                b"lt" => b'<',
                b"gt" => b'>',
                b"quot" => b'"',
                b"apos" => b'\'',
                [b'#', b'x' | b'X', ..] => number(3, end, 16)?,
                [b'#', ..] => number(2, end, 10)?,
                _ => return None,
            };
            Some((written, end + 1))
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shows_nowhere() {
        let token = Token::new("s3cret");
        assert_eq!(format!("{token:?} {:?}", token.header("token", Some("Bearer ")).unwrap()), "Token(hidden) Sensitive");
        for bad in ["s3cret\r\nX-Other: 1", "", " s3cret", "s3cret\n", "s3cret\u{e9}"] {
            let error = Token::new(bad).header("token", None).unwrap_err();
            assert!(!format!("{error} {error:?}").contains("s3cret"));
        }
        assert_eq!(hide("a s3cret b", &[token]), "a (hidden) b");
    }

    #[test]
    fn escapes_do_not_uncover() {
        let token = [Token::new("s3c/r&t\\x")];
        let forms = [
            r"s3c/r&t\x",
            r"s3c\/r&t\\x",
            r"\u00733c\u002Fr\u0026t\u005cx",
            "s3c%2Fr%26t%5cx",
            r"s3c&#x2F;r&amp;t\x",
            "s3c&#47;r&#38;t&#92;x",
        ];
        for form in forms {
            assert_eq!(hide(&format!("é{form}{form}é"), &token), "é(hidden)(hidden)é", "{form}");
        }
        for other in ["s3c/r&t", "", "s", "%", "\\u", "&#", "&#x;", "%+1", "ü&amp;"] {
            assert_eq!(hide(other, &token), other);
        }
        assert_eq!(hide_any_case("S3C/R&T\\X", &token), "(hidden)");
        let json = serde_json::json!({"a s3c/r&t\\x": ["s3c/r&t\\x", 1], "b": {"c": "s3c/r&t\\x"}});
        assert_eq!(hide_json(json, &token), serde_json::json!({"a (hidden)": ["(hidden)", 1], "b": {"c": "(hidden)"}}));
    }

    #[test]
    fn the_longest_goes_first() {
        assert_eq!(hide("abc-long-token abc", &[Token::new("abc"), Token::new("abc-long-token")]), "(hidden) (hidden)");
    }

    #[test]
    fn no_part_shows_where_a_text_is_cut() {
        let token = [Token::new("s3cret")];
        let text = format!("{}\\u00733cret", "x".repeat(60));
        for end in 50..=text.len() {
            let shown = show(&Beginning { text: text[..end].to_owned(), cut: true }, &token);
            assert!(!shown.is_empty() && shown.chars().all(|shown| shown == 'x'), "{shown}");
        }
        let long = Beginning::of(&format!("{}s3cret", "x".repeat(115)));
        assert!(show(&long, &token).ends_with("x(hidd…"));
    }
}
