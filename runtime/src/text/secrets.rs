//! Hides secrets in text from a server: an error page may repeat the request's headers, in the escapes of its own format.

use std::borrow::Cow;
use std::sync::{PoisonError, RwLock};

use serde_json::Value as Json;

use super::excerpt::{Excerpt, snippet};

/// Secrets shorter than this are hidden only where they stand on their own. Anywhere else they are a part of a word.
const SHORT: usize = 8;

/// The texts that no message may show.
#[derive(Default)]
pub(crate) struct Secrets {
    /// Those that the client was built with: it sends them with every request.
    fixed: Vec<Box<str>>,
    /// Those of a token source, the one in use last.
    added: RwLock<Vec<Box<str>>>,
}

/// The most tokens of a source that are kept. A token that was replaced so many times ago is in no response any more.
const MOST: usize = 16;

impl Secrets {
    pub(crate) fn new<'a>(texts: impl Iterator<Item = &'a str>) -> Self {
        let texts: Vec<Box<str>> = texts.filter(|text| !text.is_empty()).map(Box::from).collect();
        Self { fixed: texts, added: RwLock::default() }
    }

    /// The same secrets and another one that a client sends with every request.
    pub(crate) fn with(&self, text: &str) -> Self {
        let fixed = self.fixed.iter().map(|text| &**text).chain([text]);
        let added = self.added.read().unwrap_or_else(PoisonError::into_inner).clone();
        Self { added: RwLock::new(added), ..Self::new(fixed) }
    }

    /// Adds a secret that was not known when the client was built.
    pub(crate) fn add(&self, text: &str) {
        if text.is_empty() {
            return;
        }
        let mut texts = self.added.write().unwrap_or_else(PoisonError::into_inner);
        texts.retain(|known| **known != *text);
        if texts.len() >= MOST {
            texts.remove(0);
        }
        texts.push(text.into());
    }

    /// All, the longest first, because a shorter secret may be a part of a longer one.
    fn longest_first(&self) -> Vec<Box<str>> {
        let mut texts = self.fixed.clone();
        texts.extend(self.added.read().unwrap_or_else(PoisonError::into_inner).iter().cloned());
        texts.sort_by_key(|text| std::cmp::Reverse(text.len()));
        texts
    }

    /// The text with every secret replaced.
    pub(crate) fn hide<'a>(&self, text: &'a str) -> Cow<'a, str> {
        self.replace(text, |written, secret| written == secret)
    }

    /// The same in any case, for text that a parser may have lowercased.
    pub(crate) fn hide_any_case<'a>(&self, text: &'a str) -> Cow<'a, str> {
        self.replace(text, |written, secret| written.eq_ignore_ascii_case(&secret))
    }

    /// A snippet of the excerpt. Where the excerpt was cut, its end is dropped too, because it may be the start of a secret.
    pub(crate) fn show(&self, excerpt: &Excerpt) -> String {
        let text = &*excerpt.text;
        let end = if excerpt.cut { self.start_of_cut_secret(text) } else { text.len() };
        snippet(&self.hide(text.get(..end).unwrap_or_default()))
    }

    /// The JSON with every secret in its keys and strings replaced.
    pub(crate) fn hide_json(&self, json: Json) -> Json {
        match json {
            Json::String(text) => Json::String(self.hide(&text).into_owned()),
            Json::Array(items) => items.into_iter().map(|item| self.hide_json(item)).collect(),
            Json::Object(entries) => Json::Object(
                entries.into_iter().map(|(key, json)| (self.hide(&key).into_owned(), self.hide_json(json))).collect(),
            ),
            other => other,
        }
    }

    /// Where a secret may start that the end of the text cuts off; otherwise the end.
    fn start_of_cut_secret(&self, text: &str) -> usize {
        let same = |written: u8, secret: u8| written == secret;
        let secrets = self.longest_first();
        let cut = |at: &usize| {
            let rest = text.as_bytes().get(*at..).unwrap_or_default();
            text.is_char_boundary(*at) && secrets.iter().any(|secret| find(rest, secret.as_bytes(), &same) == Found::Start)
        };
        // A secret is no longer than this in any escape, except in text made to be slow to read.
        let longest = secrets.first().map_or(0, |secret| secret.len()).saturating_mul(LONGEST_WRITTEN);
        (text.len().saturating_sub(longest)..text.len()).find(cut).unwrap_or(text.len())
    }

    fn replace<'a>(&self, text: &'a str, same: impl Fn(u8, u8) -> bool) -> Cow<'a, str> {
        let mut text = Cow::Borrowed(text);
        for secret in &self.longest_first() {
            if let Some(replaced) = replace_one(&text, secret.as_bytes(), &same) {
                text = Cow::Owned(replaced);
            }
        }
        text
    }
}

/// The text without one secret; none if it does not hold it.
fn replace_one(text: &str, secret: &[u8], same: &impl Fn(u8, u8) -> bool) -> Option<String> {
    let (mut out, mut done, mut at) = (String::new(), 0, 0);
    while at < text.len() {
        let rest = text.as_bytes().get(at..).unwrap_or_default();
        let found = match find(rest, secret, same) {
            Found::Whole(length) => Some(length),
            Found::Start | Found::Nothing => None,
        };
        let found = found.filter(|length| secret.len() >= SHORT || stands_alone(text, at, at + length));
        // A token is ASCII, so a match begins and ends between characters.
        match found.and_then(|length| Some((length, text.get(done..at)?))) {
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

/// Whether the range is no part of a longer word. An escape before it, like the `\n` in `\nabc`, is no part of a word.
fn stands_alone(text: &str, start: usize, end: usize) -> bool {
    let (Some(before), Some(found), Some(after)) = (text.get(..start), text.get(start..end), text.get(end..)) else {
        return true;
    };
    let word = |character: Option<char>| character.is_some_and(|character| character.is_alphanumeric() || character == '_');
    let escaped = (2..=LONGEST_ESCAPE).any(|length| {
        let tail = start.checked_sub(length).and_then(|from| before.as_bytes().get(from..));
        tail.is_some_and(|tail| escape(tail).is_some_and(|(_, whole)| whole == length))
    });
    let joined_before = word(before.chars().next_back()) && word(found.chars().next()) && !escaped;
    let joined_after = word(found.chars().next_back()) && word(after.chars().next());
    !joined_before && !joined_after
}

/// What a text begins with.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Found {
    Nothing,
    /// The start of the secret, or of an escape in it, up to the end of the text.
    Start,
    /// The secret, written in so many bytes.
    Whole(usize),
}

/// Looks for the secret at the start of the text, with or without escaped characters.
///
/// The secret may itself hold what looks like an escape, so the text is read with every number of layers, down to none.
fn find(text: &[u8], secret: &[u8], same: &impl Fn(u8, u8) -> bool) -> Found {
    let (Some(written), Some(first)) = (text.first(), secret.first()) else { return Found::Nothing };
    if !begins_escape(*written) && !same(*written, *first) {
        return Found::Nothing;
    }
    (0..=NESTED).map(|layers| find_within(text, secret, layers, same)).max().unwrap_or(Found::Nothing)
}

/// The same in a text with at most so many layers of escapes.
fn find_within(text: &[u8], secret: &[u8], layers: u32, same: &impl Fn(u8, u8) -> bool) -> Found {
    let mut length = 0;
    for byte in secret {
        let rest = text.get(length..).unwrap_or_default();
        if rest.is_empty() {
            return if length == 0 { Found::Nothing } else { Found::Start };
        }
        // The bare character is the reading without an escape.
        match (0..=layers).rev().find_map(|depth| read(rest, depth).filter(|(written, _)| same(*written, *byte))) {
            Some((_, read)) => length += read,
            None if is_cut_escape(rest) => return Found::Start,
            None => return Found::Nothing,
        }
    }
    Found::Whole(length)
}

/// How often escapes may be escaped again: JSON inside JSON inside a URL.
const NESTED: u32 = 4;

/// The longest escape of one character: `&#x0000;` and the like.
const LONGEST_ESCAPE: usize = 8;

/// The longest that one character of a secret is written in practice: `&amp;amp;#x2F;` and `\\\\\\\\u002F`.
const LONGEST_WRITTEN: usize = 2 * LONGEST_ESCAPE;

const fn begins_escape(byte: u8) -> bool {
    matches!(byte, b'\\' | b'%' | b'&')
}

/// Whether the text may be the start of an escape that goes on after it.
fn is_cut_escape(text: &[u8]) -> bool {
    text.len() < LONGEST_WRITTEN && text.first().is_some_and(|first| begins_escape(*first))
}

/// The character at the start of the text, after removing that many layers of escapes, and how many bytes it is written in.
fn read(text: &[u8], depth: u32) -> Option<(u8, usize)> {
    let first = *text.first()?;
    if depth == 0 || !begins_escape(first) {
        return Some((first, 1));
    }
    // The characters that the layer below reads, at most as many as an escape has.
    let (mut inner, mut lengths) = ([0; LONGEST_ESCAPE], [0; LONGEST_ESCAPE]);
    let (mut count, mut at) = (0, 0);
    while count < wanted(inner.get(..count)?)
        && let Some((byte, length)) = text.get(at..).and_then(|rest| read(rest, depth - 1))
    {
        at += length;
        (*inner.get_mut(count)?, *lengths.get_mut(count)?) = (byte, at);
        count += 1;
    }
    let (written, used) = escape(inner.get(..count)?)?;
    Some((written, *lengths.get(used.checked_sub(1)?)?))
}

/// How many characters the escape that begins so may have. Asking for no more keeps nested escapes cheap to read.
fn wanted(start: &[u8]) -> usize {
    match start {
        [] => 1,
        [b'\\'] => 2,
        [b'\\', b'u', ..] => 6,
        [b'%', digit, ..] if !digit.is_ascii_hexdigit() => start.len(),
        [b'%', ..] => 3,
        [b'&', rest @ ..] if !rest.contains(&b';') => LONGEST_ESCAPE,
        _ => start.len(),
    }
}

/// The character that an escape of JSON, URLs or HTML stands for, and the length of the escape.
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

    fn secrets<const N: usize>(texts: [&str; N]) -> Secrets {
        Secrets::new(texts.into_iter())
    }

    #[test]
    fn escapes_do_not_uncover() {
        let secrets = secrets(["s3c/r&t\\x"]);
        let forms = [
            r"s3c/r&t\x",
            r"s3c\/r&t\\x",
            r"\u00733c\u002Fr\u0026t\u005cx",
            "s3c%2Fr%26t%5cx",
            r"s3c&#x2F;r&amp;t\x",
            "s3c&#47;r&#38;t&#92;x",
            // JSON in JSON, a URL in a URL, a URL in JSON, and HTML in HTML in JSON.
            r"s3c\\/r&t\\\\x",
            r"\\u00733c\\\\u002Fr\\u0026t\\u005cx",
            "s3c%252Fr%2526t%25255cx",
            r"s3c\u00252Fr\u00252526t\\x",
            r"s3c\u0026amp;#x2F;r&amp;amp;t\x",
        ];
        for form in forms {
            assert_eq!(secrets.hide(&format!("é{form}{form}é")), "é(hidden)(hidden)é", "{form}");
        }
        for other in ["s3c/r&t", "", "s", "%", "\\u", "&#", "&#x;", "%+1", "ü&amp;"] {
            assert_eq!(secrets.hide(other), other);
        }
        assert_eq!(secrets.hide_any_case("S3C/R&T\\X"), "(hidden)");
        let json = serde_json::json!({"a s3c/r&t\\x": ["s3c/r&t\\x", 1], "b": {"c": "s3c/r&t\\x"}});
        assert_eq!(secrets.hide_json(json), serde_json::json!({"a (hidden)": ["(hidden)", 1], "b": {"c": "(hidden)"}}));
    }

    #[test]
    fn what_looks_like_an_escape_in_a_secret_uncovers_nothing() {
        for secret in ["abc%25def-long", r"abc\\def-long", "abc&amp;def-long", r"abc\u0025def", "ends-with-%", r"ends-with-\"] {
            let secrets = secrets([secret]);
            let json = secret.replace('\\', r"\\");
            let url = secret.replace('%', "%25").replace('\\', "%5C").replace('&', "%26");
            let html = secret.replace('&', "&amp;");
            for form in [secret, &json, &url, &html] {
                assert_eq!(secrets.hide(&format!("a {form} b")), "a (hidden) b", "{secret} {form}");
            }
            for end in 1..secret.len() {
                let shown = secrets.show(&Excerpt { text: format!("a {}", &secret[..end]), cut: true });
                assert_eq!(shown.trim(), "a", "{secret} {end}");
            }
        }
    }

    #[test]
    fn new_tokens_drop_only_the_oldest_of_their_kind() {
        let secrets = secrets(["fixed-token"]);
        secrets.add("first-token");
        for at in 0..2 * MOST {
            secrets.add(&format!("other-token-{at}"));
            secrets.add("first-token");
        }
        assert_eq!(secrets.hide("fixed-token first-token other-token-31"), "(hidden) (hidden) (hidden)");
        assert_eq!(secrets.hide("other-token-0"), "other-token-0");
    }

    #[test]
    fn the_longest_goes_first() {
        assert_eq!(secrets(["abc", "abc-long-token"]).hide("abc-long-token abc"), "(hidden) (hidden)");
    }

    #[test]
    fn short_secrets_hide_no_part_of_a_word() {
        let short = secrets(["t", "amet"]);
        assert_eq!(short.hide("Invalid parameters: atom"), "Invalid parameters: atom");
        for alone in ["amet", "Bearer amet", "\"amet\"", "token=amet&x", r"a\namet", "a%20amet%20b", "&quot;amet&quot;", "(amet)"]
        {
            assert!(!short.hide(alone).contains("amet"), "{alone}");
        }
        assert_eq!(short.hide("é\u{e9}t t_t"), "é\u{e9}t t_t");
        assert_eq!(secrets(["parameters"]).hide("xparametersx"), "x(hidden)x");
    }

    #[test]
    fn no_part_shows_where_a_text_is_cut() {
        let secrets = secrets(["s3cret-token"]);
        let text = format!("{}\\u00733cret-token", "x".repeat(110));
        for end in 100..=text.len() {
            let shown = secrets.show(&Excerpt { text: text[..end].to_owned(), cut: true });
            assert!(!shown.is_empty() && shown.replace("(hidden)", "").chars().all(|shown| shown == 'x'), "{shown}");
        }
        let long = Excerpt::of(&format!("{}s3cret-token", "x".repeat(115)));
        assert!(secrets.show(&long).ends_with("x(hidd…"));
    }
}
