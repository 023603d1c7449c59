//! The fast way through JSON: values are read where they stand, and keys are expected in the order of their struct.
//!
//! Whatever is not as expected reads as none, with no word about why: the caller then reads the same text the slow way, which is exact about
//! everything. So nothing here needs to know an error, only to accept no text that the slow way refuses.

use std::borrow::Cow;

use serde_json::value::RawValue;

/// A position in text that need not be JSON.
#[derive(Debug)]
pub struct Reader<'a> {
    text: &'a str,
    at: usize,
}

impl<'a> Reader<'a> {
    pub(crate) fn new(text: &'a str) -> Self {
        Self { text, at: 0 }
    }

    pub(crate) fn at(&self) -> usize {
        self.at
    }

    /// How many bytes follow.
    pub(crate) fn remaining(&self) -> usize {
        self.text.len().saturating_sub(self.at)
    }

    pub(crate) fn go_to(&mut self, at: usize) {
        self.at = at;
    }

    fn rest(&self) -> &'a [u8] {
        self.text.as_bytes().get(self.at..).unwrap_or_default()
    }

    pub(crate) fn peek(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    pub(crate) fn space(&mut self) {
        while let Some(b' ' | b'\n' | b'\r' | b'\t') = self.peek() {
            self.at += 1;
        }
    }

    /// Steps over a byte and the space around it, if it is the next.
    pub(crate) fn eat(&mut self, byte: u8) -> bool {
        self.space();
        let found = self.peek() == Some(byte);
        if found {
            self.at += 1;
            self.space();
        }
        found
    }

    /// Steps over a word without space around it, such as `null`.
    pub(crate) fn word(&mut self, word: &str) -> bool {
        let found = self.rest().starts_with(word.as_bytes());
        self.at += if found { word.len() } else { 0 };
        found
    }

    /// Steps over the next key of an object if it is this one, which has no escapes. `first` tells that no comma precedes it.
    pub(crate) fn key(&mut self, name: &str, first: bool) -> bool {
        let start = self.at;
        if (first || self.eat(b',')) && self.quoted(name) && self.eat(b':') {
            return true;
        }
        self.at = start;
        false
    }

    /// Steps over a text that is written without escapes.
    fn quoted(&mut self, name: &str) -> bool {
        let found = self.rest().strip_prefix(b"\"").and_then(|rest| rest.strip_prefix(name.as_bytes()));
        let found = found.is_some_and(|rest| rest.first() == Some(&b'"'));
        self.at += if found { name.len() + 2 } else { 0 };
        found
    }

    /// The next key of an object, whichever it is.
    pub(crate) fn any_key(&mut self, first: bool) -> Option<Cow<'a, str>> {
        if !(first || self.eat(b',')) {
            return None;
        }
        let key = self.string()?;
        self.eat(b':').then_some(key)
    }

    /// The text of a string.
    pub(crate) fn string(&mut self) -> Option<Cow<'a, str>> {
        let rest = self.rest().strip_prefix(b"\"")?;
        let start = self.at + 1;
        let plain = plain_length(rest);
        match rest.get(plain)? {
            b'"' => {
                self.at = start + plain + 1;
                self.text.get(start..start + plain).map(Cow::Borrowed)
            }
            b'\\' => serde_json::from_str(self.raw()?).ok().map(Cow::Owned),
            _ => None,
        }
    }

    /// A whole number of at most 18 digits.
    pub(crate) fn integer(&mut self) -> Option<i64> {
        let rest = self.rest();
        let (negative, digits) = rest.strip_prefix(b"-").map_or((false, rest), |digits| (true, digits));
        let (mut number, mut count) = (0_i64, 0);
        while let Some(digit @ b'0'..=b'9') = digits.get(count) {
            if count == 18 {
                return None;
            }
            number = number * 10 + i64::from(digit - b'0');
            count += 1;
        }
        // A fraction, an exponent and leading zeros are for the slow way.
        let other = matches!(digits.get(count), Some(b'.' | b'e' | b'E'));
        if count == 0 || other || (count > 1 && digits.first() == Some(&b'0')) {
            return None;
        }
        self.at += count + usize::from(negative);
        Some(if negative { -number } else { number })
    }

    /// The text of a number.
    pub(crate) fn number(&mut self) -> Option<&'a str> {
        let (rest, mut at) = (self.rest(), 0);
        let digits = |at: &mut usize| {
            let count = rest.get(*at..).unwrap_or_default().iter().take_while(|byte| byte.is_ascii_digit()).count();
            *at += count;
            count
        };
        at += usize::from(rest.first() == Some(&b'-'));
        let zero = rest.get(at) == Some(&b'0');
        let whole = digits(&mut at);
        if whole == 0 || (zero && whole > 1) {
            return None;
        }
        if rest.get(at) == Some(&b'.') {
            at += 1;
            if digits(&mut at) == 0 {
                return None;
            }
        }
        if let Some(b'e' | b'E') = rest.get(at) {
            at += 1;
            at += usize::from(matches!(rest.get(at), Some(b'+' | b'-')));
            if digits(&mut at) == 0 {
                return None;
            }
        }
        let start = self.at;
        self.at += at;
        self.text.get(start..self.at)
    }

    /// The text of a value of any kind.
    pub(crate) fn raw(&mut self) -> Option<&'a str> {
        let rest = self.text.get(self.at..)?;
        let mut values = serde_json::Deserializer::from_str(rest).into_iter::<&RawValue>();
        let value = values.next()?.ok()?.get();
        self.at += values.byte_offset();
        Some(value)
    }
}

/// How many bytes precede the first that is a quote, a backslash or a control character.
fn plain_length(bytes: &[u8]) -> usize {
    const ONES: u64 = u64::from_ne_bytes([1; 8]);
    const HIGHS: u64 = u64::from_ne_bytes([0x80; 8]);
    let (chunks, rest) = bytes.as_chunks::<8>();
    let zero = |word: u64| word.wrapping_sub(ONES) & !word & HIGHS;
    for (index, chunk) in chunks.iter().enumerate() {
        let word = u64::from_le_bytes(*chunk);
        let control = word.wrapping_sub(ONES * 0x20) & !word & HIGHS;
        let found = zero(word ^ (ONES * u64::from(b'"'))) | zero(word ^ (ONES * u64::from(b'\\'))) | control;
        if found != 0 {
            // A borrow can only mark bytes after the first.
            return index * 8 + found.trailing_zeros() as usize / 8;
        }
    }
    let special = |byte: &u8| matches!(byte, b'"' | b'\\' | 0..0x20);
    chunks.len() * 8 + rest.iter().position(special).unwrap_or(rest.len())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn strings_and_integers_are_those_of_serde_json(text in "\\PC{0,20}|[\"\\\\a-z\u{0}-\u{1f}é€ ]{0,30}", number in any::<i64>(), more in "[0-9.eE-]{0,3}") {
            let quoted = format!("\"{text}\",");
            let mut reader = Reader::new(&quoted);
            let read = reader.string();
            let theirs = serde_json::Deserializer::from_str(&quoted).into_iter::<String>().next().unwrap().ok();
            prop_assert_eq!(read.as_deref(), theirs.as_deref());
            let digits = format!("{number}{more}");
            let mut reader = Reader::new(&digits);
            if let Some(read) = reader.integer() {
                let theirs = serde_json::from_str::<i64>(digits.get(..reader.at()).unwrap()).ok();
                prop_assert_eq!(Some(read), theirs);
            }
            let mut reader = Reader::new(&digits);
            let theirs = serde_json::Deserializer::from_str(&digits).into_iter::<serde_json::Value>().next().unwrap().is_ok();
            // Where serde_json reads a number, it may still refuse what follows.
            prop_assert!(reader.number().is_some() || !theirs);
        }
    }
}
