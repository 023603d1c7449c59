//! Enums that stay open: a value that the spec does not list is data, not an error.

use std::fmt;

use super::short_text::ShortText;

/// An enum of text values that may grow. [`open_enum!`](crate::open_enum) implements it.
// The compiler also shows this message for `ListComparable`, which has a blanket implementation over this trait.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is neither a single value nor a list of single values",
    label = "cannot be compared with single values",
    note = "maps and objects can only be tested with `is_null` and `is_not_null`"
)]
pub trait OpenEnum: Clone + Send + Sync + 'static {
    /// The values that the spec lists.
    const VALUES: &'static [&'static str];
    /// The value of a text; an unlisted one is kept.
    fn from_wire(text: &str) -> Self;
    /// The value on the wire.
    fn as_str(&self) -> &str;
}

/// A value that the spec does not list.
///
/// It shows no text, so that no code can match a value by its text here and miss it once the spec lists it. The enum's `as_str` has the text.
#[derive(Clone)]
pub struct UnlistedValue(ShortText);

impl UnlistedValue {
    /// Keeps the text of a value.
    #[doc(hidden)]
    pub fn __new(text: &str) -> Self {
        Self(text.into())
    }

    /// The text, for the enum.
    #[doc(hidden)]
    pub fn __text(&self) -> &str {
        self.0.as_str()
    }
}

impl fmt::Debug for UnlistedValue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("UnlistedValue(..)")
    }
}

/// Defines an open enum: `open_enum! { /** Values of … */ pub enum Channel { /** Text. */ Sms = "sms" } }`. It gets a last variant, `Unlisted`.
///
/// Values are compared, ordered and hashed by their text.
#[doc(hidden)]
#[macro_export]
macro_rules! open_enum {
    ($( #[$meta:meta] )* pub enum $name:ident { $( $( #[$about:meta] )* $variant:ident = $wire:literal ),* $(,)? }) => {
        $( #[$meta] )*
        ///
        /// The server may send other values, and a later version of this crate may list them. A value that is not listed arrives as
        /// [`Unlisted`](Self::Unlisted); [`as_str`](Self::as_str) has its text. Do not tell unlisted values apart inside a `match`: compare
        /// with `==`, as in `value == "new".into()`, which stays true when the value gets a variant of its own.
        #[derive(Clone)]
        #[non_exhaustive]
        pub enum $name {
            $( $( #[$about] )* $variant, )*
            /// A value that this version does not list.
            Unlisted($crate::machinery::UnlistedValue),
        }
        impl $name {
            /// The value on the wire.
            #[inline]
            pub fn as_str(&self) -> &str {
                match self {
                    $( Self::$variant => $wire, )*
                    Self::Unlisted(value) => value.__text(),
                }
            }
        }
        impl $crate::machinery::OpenEnum for $name {
            const VALUES: &'static [&'static str] = &[$( $wire ),*];
            #[inline]
            fn from_wire(text: &str) -> Self {
                match text {
                    $( $wire => Self::$variant, )*
                    text => Self::Unlisted($crate::machinery::UnlistedValue::__new(text)),
                }
            }
            #[inline]
            fn as_str(&self) -> &str {
                self.as_str()
            }
        }
        impl ::core::convert::From<&str> for $name {
            #[inline]
            fn from(text: &str) -> Self {
                $crate::machinery::OpenEnum::from_wire(text)
            }
        }
        impl ::core::str::FromStr for $name {
            type Err = ::core::convert::Infallible;
            #[inline]
            fn from_str(text: &str) -> ::core::result::Result<Self, Self::Err> {
                ::core::result::Result::Ok(text.into())
            }
        }
        impl ::core::convert::AsRef<str> for $name {
            #[inline]
            fn as_ref(&self) -> &str {
                self.as_str()
            }
        }
        impl ::core::fmt::Debug for $name {
            #[inline]
            fn fmt(&self, f: &mut ::core::fmt::Formatter<'_>) -> ::core::fmt::Result {
                match self {
                    $( Self::$variant => f.write_str(::core::stringify!($variant)), )*
                    Self::Unlisted(value) => f.debug_tuple("Unlisted").field(&value.__text()).finish(),
                }
            }
        }
        impl ::core::cmp::PartialEq for $name {
            #[inline]
            fn eq(&self, other: &Self) -> bool {
                self.as_str() == other.as_str()
            }
        }
        impl ::core::cmp::Eq for $name {}
        impl ::core::cmp::PartialOrd for $name {
            #[inline]
            fn partial_cmp(&self, other: &Self) -> ::core::option::Option<::core::cmp::Ordering> {
                ::core::option::Option::Some(self.cmp(other))
            }
        }
        impl ::core::cmp::Ord for $name {
            #[inline]
            fn cmp(&self, other: &Self) -> ::core::cmp::Ordering {
                self.as_str().cmp(other.as_str())
            }
        }
        impl ::core::hash::Hash for $name {
            #[inline]
            fn hash<H: ::core::hash::Hasher>(&self, state: &mut H) {
                self.as_str().hash(state);
            }
        }
        impl ::core::fmt::Display for $name {
            #[inline]
            fn fmt(&self, f: &mut ::core::fmt::Formatter<'_>) -> ::core::fmt::Result {
                f.pad(self.as_str())
            }
        }
        impl $crate::machinery::Serialize for $name {
            #[inline]
            fn serialize<S: $crate::machinery::Serializer>(&self, to: S) -> ::core::result::Result<S::Ok, S::Error> {
                to.serialize_str(self.as_str())
            }
        }
        impl<'de> $crate::machinery::Deserialize<'de> for $name {
            #[inline]
            fn deserialize<D: $crate::machinery::Deserializer<'de>>(from: D) -> ::core::result::Result<Self, D::Error> {
                $crate::machinery::deserialize_enum(from)
            }
        }
    };
}

/// Deserializes an open enum with serde.
pub fn deserialize<'de, E: OpenEnum, D: serde::Deserializer<'de>>(deserializer: D) -> Result<E, D::Error> {
    let text = <String as serde::Deserialize>::deserialize(deserializer)?;
    Ok(E::from_wire(&text))
}
