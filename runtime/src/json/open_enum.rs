//! Enums that stay open: a value that the spec does not list is data, not an error.

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

/// Makes an enum open: `open_enum! { Channel: Sms = "sms", Email = "email" }`. Its last variant is `Unlisted(Box<str>)`.
///
/// Values are compared, ordered and hashed by their text. The enum itself derives `Clone`.
///
/// `open_enum! { Language }` is for an enum without known values; it also converts from text.
#[doc(hidden)]
#[macro_export]
macro_rules! open_enum {
    ($name:ident) => {
        $crate::open_enum! { $name: }
        impl ::core::convert::From<&str> for $name {
            #[inline]
            fn from(text: &str) -> Self {
                Self::Unlisted(text.into())
            }
        }
        impl ::core::convert::From<::std::string::String> for $name {
            #[inline]
            fn from(text: ::std::string::String) -> Self {
                Self::Unlisted(text.into())
            }
        }
    };
    ($name:ident : $( $variant:ident = $wire:literal ),* $(,)?) => {
        impl $name {
            /// The value on the wire.
            #[inline]
            pub fn as_str(&self) -> &str {
                match self {
                    $( Self::$variant => $wire, )*
                    Self::Unlisted(text) => text,
                }
            }
            /// The value of a text; an unlisted one is kept.
            #[inline]
            pub fn from_wire(text: &str) -> Self {
                match text {
                    $( $wire => Self::$variant, )*
                    text => Self::Unlisted(text.into()),
                }
            }
        }
        impl $crate::machinery::OpenEnum for $name {
            const VALUES: &'static [&'static str] = &[$( $wire ),*];
            #[inline]
            fn from_wire(text: &str) -> Self {
                Self::from_wire(text)
            }
            #[inline]
            fn as_str(&self) -> &str {
                self.as_str()
            }
        }
        impl ::core::fmt::Debug for $name {
            #[inline]
            fn fmt(&self, f: &mut ::core::fmt::Formatter<'_>) -> ::core::fmt::Result {
                f.debug_tuple(::core::stringify!($name)).field(&self.as_str()).finish()
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
