//! Enumerations that stay open: a value the spec does not list is data, not an error. In comes text; out comes a variant, and the same
//! text again. The macro [`open_enum!`](crate::open_enum) only lists the values.

/// Text out of an open set of values. Implemented by [`open_enum!`](crate::open_enum).
// Blanket implementations lead here from `ListComparable` too, so the words have to suit a field that cannot be looked up in a list.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is neither a single value nor a list of single values",
    label = "cannot be compared with single values",
    note = "maps and objects can only be tested with `is_null` and `is_not_null`"
)]
pub trait OpenEnum: Clone + Send + Sync + 'static {
    /// The values that the spec lists.
    const VALUES: &'static [&'static str];
    /// The value that the text means; one that is not listed is kept as it is.
    fn from_wire(text: &str) -> Self;
    /// The text of the value.
    fn as_str(&self) -> &str;
}

/// Makes an enumeration open: `open_enum! { Channel: Sms = "sms", Email = "email" }`. The last variant is `Unlisted(Box<str>)`.
///
/// Values are equal, ordered and hashed by their text; the enumeration derives `Clone` itself.
///
/// `open_enum! { Language }` is for one of which no value is known; it can be made from text.
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
            /// The text of the value on the wire.
            #[inline]
            pub fn as_str(&self) -> &str {
                match self {
                    $( Self::$variant => $wire, )*
                    Self::Unlisted(text) => text,
                }
            }
            /// The value that the text means; one that is not listed is kept as it is.
            #[inline]
            pub fn from_wire(text: &str) -> Self {
                match text {
                    $( $wire => Self::$variant, )*
                    text => Self::Unlisted(text.into()),
                }
            }
        }
        impl $crate::OpenEnum for $name {
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
        impl $crate::__private::Serialize for $name {
            #[inline]
            fn serialize<S: $crate::__private::Serializer>(&self, to: S) -> ::core::result::Result<S::Ok, S::Error> {
                to.serialize_str(self.as_str())
            }
        }
        impl<'de> $crate::__private::Deserialize<'de> for $name {
            #[inline]
            fn deserialize<D: $crate::__private::Deserializer<'de>>(from: D) -> ::core::result::Result<Self, D::Error> {
                $crate::__private::open_enum(from)
            }
        }
    };
}

/// Serde's side of open enumerations.
pub fn deserialize<'de, E: OpenEnum, D: serde::Deserializer<'de>>(deserializer: D) -> Result<E, D::Error> {
    let text = <String as serde::Deserialize>::deserialize(deserializer)?;
    Ok(E::from_wire(&text))
}
