//! Text that stands in its value if it is short: most texts of rows are, and each would be an allocation of its own.

use std::{borrow::Borrow, cmp::Ordering, fmt, hash::Hash, hash::Hasher};

/// How many bytes stand inline, so that the whole takes three words.
const INLINE: usize = 22;

/// Text that does not grow.
#[derive(Clone)]
pub(crate) enum ShortText {
    Inline(u8, [u8; INLINE]),
    Heap(Box<str>),
}

impl ShortText {
    pub(crate) fn as_str(&self) -> &str {
        match self {
            // It was made from text, so this always is text; checking so few bytes costs less than `unsafe` would.
            Self::Inline(length, bytes) => {
                bytes.get(..usize::from(*length)).and_then(|bytes| std::str::from_utf8(bytes).ok()).unwrap_or_default()
            }
            Self::Heap(text) => text,
        }
    }
}

impl From<&str> for ShortText {
    fn from(text: &str) -> Self {
        let mut bytes = [0; INLINE];
        match bytes.get_mut(..text.len()) {
            Some(place) => {
                place.copy_from_slice(text.as_bytes());
                Self::Inline(text.len() as u8, bytes)
            }
            None => Self::Heap(text.into()),
        }
    }
}

impl From<String> for ShortText {
    fn from(text: String) -> Self {
        if text.len() <= INLINE { Self::from(&*text) } else { Self::Heap(text.into()) }
    }
}

impl From<ShortText> for String {
    fn from(text: ShortText) -> Self {
        match text {
            ShortText::Heap(text) => text.into(),
            inline @ ShortText::Inline(..) => inline.as_str().to_owned(),
        }
    }
}

impl Default for ShortText {
    fn default() -> Self {
        Self::Inline(0, [0; INLINE])
    }
}

impl PartialEq for ShortText {
    fn eq(&self, other: &Self) -> bool {
        self.as_str() == other.as_str()
    }
}

impl Eq for ShortText {}

impl PartialOrd for ShortText {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for ShortText {
    fn cmp(&self, other: &Self) -> Ordering {
        self.as_str().cmp(other.as_str())
    }
}

/// As `str` hashes, because it is borrowed as one.
impl Hash for ShortText {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.as_str().hash(state);
    }
}

impl Borrow<str> for ShortText {
    fn borrow(&self) -> &str {
        self.as_str()
    }
}

impl fmt::Debug for ShortText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(self.as_str(), f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_of_any_length_is_kept() {
        assert_eq!(size_of::<Option<ShortText>>(), 24);
        for text in ["", "å", "twenty-two bytes long!", "twenty-three bytes long", "æøå æøå æøå æøå æøå"] {
            let short = ShortText::from(text);
            assert_eq!((short.as_str(), String::from(short.clone())), (text, text.to_owned()));
            assert_eq!(short, ShortText::from(text.to_owned()));
        }
    }
}
