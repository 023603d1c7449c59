//! Text in rows. A type of this crate, so that how it is stored can change without a signature changing.

use std::{borrow::Borrow, borrow::Cow, fmt, ops::Deref};

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::{
    context::DecodeContext, mismatch::Mismatch, reader::Reader, short_text::ShortText, value::Value, value::text,
    value_ref::ValueRef,
};

/// Text of a row. It dereferences to `str`, compares with `str`, and converts from and into `String`.
///
/// ```
/// use harbour_api::Text;
///
/// let name = Text::from("North quay");
/// assert_eq!(name, "North quay");
/// assert!(name.starts_with("North"));
/// ```
#[derive(Clone, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Text(ShortText);

impl Text {
    /// The text.
    pub fn as_str(&self) -> &str {
        self.0.as_str()
    }
}

impl Deref for Text {
    type Target = str;

    fn deref(&self) -> &str {
        self.as_str()
    }
}

impl AsRef<str> for Text {
    fn as_ref(&self) -> &str {
        self
    }
}

impl Borrow<str> for Text {
    fn borrow(&self) -> &str {
        self
    }
}

impl From<&str> for Text {
    fn from(text: &str) -> Self {
        Self(text.into())
    }
}

impl From<String> for Text {
    fn from(text: String) -> Self {
        Self(text.into())
    }
}

impl From<Text> for String {
    fn from(text: Text) -> Self {
        text.0.into()
    }
}

impl PartialEq<str> for Text {
    fn eq(&self, other: &str) -> bool {
        **self == *other
    }
}

impl PartialEq<&str> for Text {
    fn eq(&self, other: &&str) -> bool {
        **self == **other
    }
}

impl fmt::Display for Text {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self)
    }
}

impl fmt::Debug for Text {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&**self, f)
    }
}

impl Serialize for Text {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self)
    }
}

impl<'de> Deserialize<'de> for Text {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer).map(Self::from)
    }
}

impl Value for Text {
    fn read(json: &str, _: &mut DecodeContext) -> Result<Self, Mismatch> {
        Ok(Self(ShortText::from(&*text(json, "text")?)))
    }

    fn read_at(reader: &mut Reader<'_>, _: &mut DecodeContext) -> Option<Self> {
        reader.string().map(|text| Self(ShortText::from(&*text)))
    }

    fn made_up() -> Self {
        "example".into()
    }

    fn value_ref(&self) -> ValueRef<'_> {
        ValueRef::Text(Cow::Borrowed(self))
    }
}
