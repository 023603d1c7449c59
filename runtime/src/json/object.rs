//! Objects: rows, labels and nested values. [`object!`](crate::object) lists the keys of a struct; the reading and writing is here.

use std::{borrow::Cow, fmt};

use serde::{Deserializer, Serializer};
use serde_json::{Value as Json, value::RawValue};

use super::{context::DecodeContext, exact, key::Key, mismatch::Mismatch, scan::Scanner, value::Value, value_ref::ValueRef};
use crate::facts::report::TypeWord;

/// A struct read from a JSON object: a row, a label or a nested value. [`object!`](crate::object) implements it.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be read from a JSON object",
    label = "not a row type",
    note = "row types come from the generated client, or from `object!` for a struct of your own"
)]
pub trait FromObject: Sized + Send + 'static {
    /// The name of the struct.
    const NAME: &'static str;
    /// Its keys, in order.
    const KEYS: &'static [Key];
    /// Reads its fields, in the order of the keys.
    fn read(object: &mut ObjectReader<'_, '_>) -> Result<Self, Mismatch>;
    /// Writes its fields, in the order of the keys.
    fn write<'a>(&'a self, object: &mut ObjectWriter<'a>);

    /// Its keys and values, in order.
    fn entries(&self) -> Vec<(&str, ValueRef<'_>)> {
        let mut object = ObjectWriter::new(Self::KEYS);
        self.write(&mut object);
        object.finish()
    }
}

/// Unknown keys, as they were sent.
///
/// Whole numbers are exact; one of more than 64 bits is an error that names the key. Numbers with a fraction or an exponent become
/// 64-bit floating point and lose further digits. If a nested object repeats a key, the last value is kept.
pub type Other = serde_json::Map<String, Json>;

/// A row without a struct: a JSON object. Its values are kept like those of [`Other`].
pub type JsonRow = serde_json::Map<String, Json>;

/// Keys and values of one object. A value is taken once.
pub(crate) type Entries<'a> = Vec<(Cow<'a, str>, Option<&'a str>)>;

/// Hands out the values of an object in the order of its keys.
#[derive(Debug)]
pub struct ObjectReader<'r, 'a> {
    entries: &'r mut Entries<'a>,
    all: &'static [Key],
    keys: std::slice::Iter<'static, Key>,
    next: usize,
    context: &'r mut DecodeContext,
}

impl<'r, 'a> ObjectReader<'r, 'a> {
    /// Splits an object into entries. A page reuses the buffer for each row.
    pub(crate) fn new(
        json: &'a str,
        entries: &'r mut Entries<'a>,
        keys: &'static [Key],
        context: &'r mut DecodeContext,
    ) -> Result<Self, Mismatch> {
        entries.clear();
        let mut scan = Scanner::new(json);
        if !scan.enter(b'{') {
            return Err(Mismatch::new("an object", json));
        }
        while let Some(key) = scan.key()? {
            entries.push((key, Some(scan.value())));
        }
        Ok(Self { entries, all: keys, keys: keys.iter(), next: 0, context })
    }

    /// Reads the value of the next key.
    pub fn take<T: Value>(&mut self) -> Result<T, Mismatch> {
        let Some(key) = self.keys.next() else { return Err(Mismatch::new("fewer fields than keys", "")) };
        let Some(json) = self.find(key.name) else {
            return T::absent().ok_or_else(|| Mismatch::missing(key.name));
        };
        let value = self.context.within(key.name, |context| T::read(json, context));
        value.map_err(|error| error.at(key.name))
    }

    /// Takes every remaining entry.
    pub fn rest(&mut self) -> Result<Other, Mismatch> {
        let mut rest = Other::new();
        for (key, json) in self.entries.iter() {
            if let Some(json) = json {
                let json = exact::json(json).map_err(|error| error.at(key))?;
                if rest.insert(key.clone().into_owned(), json).is_some() {
                    return Err(Mismatch::twice(key));
                }
            }
        }
        Ok(rest)
    }

    /// Tries the entry after the last one first, because servers send keys in a fixed order.
    fn find(&mut self, name: &str) -> Option<&'a str> {
        let expected = self.entries.get(self.next).is_some_and(|(key, json)| json.is_some() && key == name);
        let index =
            if expected { self.next } else { self.entries.iter().position(|(key, json)| json.is_some() && key == name)? };
        self.next = index + 1;
        self.entries.get_mut(index)?.1.take()
    }

    /// Counts the remaining keys. A known key among them is a duplicate.
    pub(crate) fn finish(self) -> Result<(), Mismatch> {
        for (key, json) in self.entries.iter() {
            if json.is_some() {
                if self.all.iter().any(|known| known.name == key) {
                    return Err(Mismatch::twice(key));
                }
                self.context.count(key);
            }
        }
        Ok(())
    }
}

/// Takes the fields of an object in the order of its keys.
#[derive(Debug)]
pub struct ObjectWriter<'a> {
    keys: std::slice::Iter<'static, Key>,
    entries: Vec<(&'a str, ValueRef<'a>)>,
}

impl<'a> ObjectWriter<'a> {
    pub(crate) fn new(keys: &'static [Key]) -> Self {
        Self { keys: keys.iter(), entries: Vec::with_capacity(keys.len()) }
    }

    /// Writes the value of the next key. An optional key is omitted if its value is null.
    pub fn put(&mut self, value: &'a impl Value) {
        self.push(value.value_ref());
    }

    /// Writes unknown keys.
    pub fn put_rest(&mut self, rest: &'a Other) {
        self.entries.extend(rest.iter().map(|(key, json)| (key.as_str(), ValueRef::Json(json))));
    }

    fn push(&mut self, value: ValueRef<'a>) {
        if let Some(key) = self.keys.next()
            && !(key.optional && value.is_null())
        {
            self.entries.push((key.name, value));
        }
    }

    pub(crate) fn finish(self) -> Vec<(&'a str, ValueRef<'a>)> {
        self.entries
    }
}

/// Reads a struct from the text of one object.
pub fn read_object<T: FromObject>(json: &str, context: &mut DecodeContext) -> Result<T, Mismatch> {
    let mut entries = Vec::with_capacity(T::KEYS.len());
    read_with(json, &mut entries, context)
}

/// The same with a buffer to reuse.
pub(crate) fn read_with<'a, T: FromObject>(
    json: &'a str,
    entries: &mut Entries<'a>,
    context: &mut DecodeContext,
) -> Result<T, Mismatch> {
    let mut object = ObjectReader::new(json, entries, T::KEYS, context)?;
    let value = T::read(&mut object)?;
    object.finish()?;
    Ok(value)
}

/// Formats a struct with its wire names.
pub fn debug<T: FromObject>(object: &T, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    let mut out = f.debug_struct(T::NAME);
    for (key, value) in object.entries() {
        out.field(key, &value);
    }
    out.finish()
}

/// Serializes a struct with serde.
pub fn serialize<T: FromObject, S: Serializer>(object: &T, serializer: S) -> Result<S::Ok, S::Error> {
    serde::Serialize::serialize(&ValueRef::Object(object.entries()), serializer)
}

/// Deserializes a struct with serde. Works with the deserializers of `serde_json`.
pub fn deserialize<'de, T: FromObject, D: Deserializer<'de>>(deserializer: D) -> Result<T, D::Error> {
    let raw = <Box<RawValue> as serde::Deserialize>::deserialize(deserializer)?;
    read_object(raw.get(), &mut DecodeContext::default())
        .map_err(|error| serde::de::Error::custom(format_args!("{}: {error}", T::NAME)))
}

impl Value for JsonRow {
    const TYPE: TypeWord = TypeWord::Plain("object");

    fn read(json: &str, context: &mut DecodeContext) -> Result<Self, Mismatch> {
        read_object(json, context)
    }

    fn value_ref(&self) -> ValueRef<'_> {
        ValueRef::Object(self.iter().map(|(key, json)| (key.as_str(), ValueRef::Json(json))).collect())
    }
}

impl FromObject for JsonRow {
    const NAME: &'static str = "JsonRow";
    const KEYS: &'static [Key] = &[];

    fn read(object: &mut ObjectReader<'_, '_>) -> Result<Self, Mismatch> {
        let all = object.rest()?;
        // A JSON object has no unknown keys.
        object.entries.clear();
        Ok(all)
    }

    fn write<'a>(&'a self, object: &mut ObjectWriter<'a>) {
        object.put_rest(self);
    }
}

/// Makes a struct readable and writable: `object! { Row: id, kind = "type", clicked?, ..other }`.
///
/// `kind = "type"` sets a wire name, `clicked?` omits the key if the value is `None`, and `..other` keeps unknown keys. An absent key
/// reads as `None` for an `Option`; otherwise it is an error. Fields are written in the listed order.
///
/// The struct also gets `Debug`, `PartialEq` and serde's traits; it derives `Clone` itself. The expansion is inlined, so only crates that
/// use a row compile its code.
#[macro_export]
macro_rules! object {
    ($name:ident : $( $field:ident $( ? $( @ $never:tt )? )? $( = $wire:literal )? ),* $(,)? $( .. $rest:ident $(,)? )?) => {
        impl $crate::machinery::FromObject for $name {
            const NAME: &'static str = ::core::stringify!($name);
            const KEYS: &'static [$crate::machinery::Key] = &[$(
                $crate::machinery::Key::of(::core::stringify!($field)) $( .named($wire) )? $( .optional() $( $never )? )?
            ),*];
            #[inline]
            fn read(object: &mut $crate::machinery::ObjectReader<'_, '_>) -> ::core::result::Result<Self, $crate::machinery::Mismatch> {
                ::core::result::Result::Ok(Self {
                    $( $field: match object.take() {
                        ::core::result::Result::Ok(value) => value,
                        ::core::result::Result::Err(mismatch) => return ::core::result::Result::Err(mismatch),
                    }, )*
                    $( $rest: object.rest()?, )?
                })
            }
            #[inline]
            fn write<'a>(&'a self, object: &mut $crate::machinery::ObjectWriter<'a>) {
                $( object.put(&self.$field); )*
                $( object.put_rest(&self.$rest); )?
            }
        }
        impl $crate::machinery::Value for $name {
            const TYPE: $crate::machinery::TypeWord = $crate::machinery::TypeWord::Plain("object");
            #[inline]
            fn read(json: &str, context: &mut $crate::machinery::DecodeContext) -> ::core::result::Result<Self, $crate::machinery::Mismatch> {
                $crate::machinery::read_object(json, context)
            }
            #[inline]
            fn value_ref(&self) -> $crate::machinery::ValueRef<'_> {
                $crate::machinery::ValueRef::Object($crate::machinery::FromObject::entries(self))
            }
        }
        impl ::core::fmt::Debug for $name {
            #[inline]
            fn fmt(&self, f: &mut ::core::fmt::Formatter<'_>) -> ::core::fmt::Result {
                $crate::machinery::debug(self, f)
            }
        }
        impl ::core::cmp::PartialEq for $name {
            #[inline]
            fn eq(&self, other: &Self) -> bool {
                $crate::machinery::FromObject::entries(self) == $crate::machinery::FromObject::entries(other)
            }
        }
        impl $crate::machinery::Serialize for $name {
            #[inline]
            fn serialize<S: $crate::machinery::Serializer>(&self, to: S) -> ::core::result::Result<S::Ok, S::Error> {
                $crate::machinery::serialize(self, to)
            }
        }
        impl<'de> $crate::machinery::Deserialize<'de> for $name {
            #[inline]
            fn deserialize<D: $crate::machinery::Deserializer<'de>>(from: D) -> ::core::result::Result<Self, D::Error> {
                $crate::machinery::deserialize(from)
            }
        }
    };
}
